"""What is asked of a table: columns, groups, methods, engine."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from hepatica.analyse.selection import Grouping
from hepatica.analyse.standing import SurvivalColumns
from hepatica.analyse.survival_counts import CountedSurvival
from hepatica.analyse.table_survival import TableAnalysis
from hepatica.dialect import ConfType, Ties, trial_dialect
from hepatica.errors import CommandError
from hepatica.protocol.comparison_text import condition_from_text
from hepatica.protocol.conditions import Condition, ConditionError
from hepatica.results import ResultRow

#: Id of the analysis in the rows.
ANALYSIS = "survival"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalRequest:
    """What is asked of a table.

    Attributes
    ----------
    table : str
        CSV file, Parquet file, folder of Parquet files, or with Spark the name of a table.
    time, event : str
        Column of the days, and the condition of an event such as ``CNSR==0``.
    where : str
        Condition of the records that are taken, such as ``PARAMCD==PFS``; all when empty.
    by : str
        Column of the groups; empty for all together.
    strata, adjust : tuple of str
        Columns that stratify the comparison, and covariates of the hazard ratios.
    entry : str
        Column of the day of delayed entry; empty when all are followed from day 0.
    at : tuple of float
        Days at which survival is given.
    tau : float or None
        Day up to which the restricted mean is taken.
    reference : str
        Group that others are compared with; the first when empty.
    conf_type, ties, conf_level
        Methods.
    engine, master : str
        Where the rows are counted.
    """

    table: str
    time: str
    event: str
    where: str = ""
    by: str = ""
    strata: tuple[str, ...] = ()
    adjust: tuple[str, ...] = ()
    entry: str = ""
    at: tuple[float, ...] = ()
    tau: float | None = None
    reference: str = ""
    conf_type: ConfType = "log-log"
    ties: Ties = "efron"
    conf_level: float = 0.95
    engine: str = "polars"
    master: str = ""

    @property
    def study(self) -> str:
        """Name of the table in the rows."""
        return Path(self.table).stem or self.table


def columns_of(asked: SurvivalRequest) -> SurvivalColumns:
    """Return what the columns mean; refuse a request that contradicts itself."""
    event = _condition("--event", asked.event)
    if asked.reference and not asked.by:
        raise CommandError("--reference names a group: add --by with the column of the groups.")
    if not all(0.0 <= day < math.inf for day in (*asked.at, asked.tau or 0.0)):
        raise CommandError("--at and --tau are days from the origin: 0 or more.")
    if asked.tau == 0.0:
        raise CommandError("--tau is a day after the origin: a mean up to day 0 is 0.")
    if not 0.0 < asked.conf_level < 1.0:
        raise CommandError("--conf-level lies between 0 and 1, such as 0.95.")
    if not asked.time.strip():
        raise CommandError("--time names the column of the days, such as AVAL.")
    if asked.by and asked.by in asked.strata:
        raise CommandError(
            f"--strata names {asked.by}, which is the groups already: within a stratum of one "
            f"group nothing can be compared."
        )
    twice = [one for one in asked.adjust if one in (asked.by, asked.time, *asked.strata)]
    if twice:
        raise CommandError(
            f"--adjust names {twice[0]}, which is the time, the groups or a stratum already."
        )
    return SurvivalColumns(
        time=asked.time, event=event, group=asked.by, strata=asked.strata, entry=asked.entry
    )


def where_of(asked: SurvivalRequest) -> Condition | None:
    """Return the condition of the records that are taken."""
    return _condition("--where", asked.where) if asked.where else None


def _condition(option: str, text: str) -> Condition:
    try:
        return condition_from_text(text)
    except ConditionError as error:
        raise CommandError(f"{option}: {error}") from None


def analysis_of(asked: SurvivalRequest, found: CountedSurvival) -> TableAnalysis:
    """Return what is estimated, with the names of the methods."""
    dialect = replace(trial_dialect("hepatica"), conf_type=asked.conf_type, ties=asked.ties)
    return TableAnalysis(
        parameter=asked.time,
        strata=asked.strata,
        at=tuple(dict.fromkeys(asked.at)),
        tau=asked.tau,
        dialect=dialect,
        conf_level=asked.conf_level,
        reference=(asked.reference or found.groups[0]) if asked.by else "",
    )


def grouping_of(asked: SurvivalRequest, found: CountedSurvival) -> Grouping:
    """Return what makes the rows."""
    base = ResultRow(
        study=asked.study,
        analysis=ANALYSIS,
        statistic="",
        subgroup="where" if asked.where else "",
        subgroup_level=asked.where,
    )
    return Grouping(asked.by, found.groups if asked.by else (), base)
