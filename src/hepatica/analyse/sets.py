"""How many patients each analysis set holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import count_by
from hepatica.analyse.selection import origin_of, set_members
from hepatica.analyse.shares import filled
from hepatica.derive import Datasets
from hepatica.protocol.model import Protocol
from hepatica.records.eligibility import criterion_met, is_ineligible, screened_criteria
from hepatica.results import ResultRow


def analyse_sets(protocol: Protocol, datasets: Datasets) -> list[ResultRow]:
    """Count the patients of each analysis set by arm, those enrolled, and screening failures.

    Parameters
    ----------
    protocol : Protocol
        Arms and analysis sets.
    datasets : mapping
        ADSL is read.

    Returns
    -------
    list of ResultRow
        Analysis ``sets``: statistic ``n`` with the flag as population; without population the
        patients enrolled; ``screened`` and ``screening_failures`` where the protocol defines them
        or there are some, and the reasons of failures; for each criterion of eligibility that is
        screened, how many meet it (``n_met``), do not (``n_unmet``), and of how many it is not
        known (``n_unknown``), and who is enrolled although it excludes them
        (``n_enrolled_unmet``).
    """
    adsl = nw.from_native(datasets["ADSL"], eager_only=True)

    def row(statistic: str, value: int, population: str = "", level: str = "") -> ResultRow:
        return ResultRow(
            study=protocol.study.id,
            origin=origin_of(protocol),
            analysis="sets",
            dataset="ADSL",
            population=population,
            group="arm" if level else "",
            level=level,
            statistic=statistic,
            value=float(value),
            format="integer",
        )

    enrolled = int((adsl["ENRLFL"] == "Y").sum())
    rows = [row("n", enrolled)]
    if protocol.screening is not None or protocol.eligibility or enrolled < len(adsl):
        rows.append(row("screened", len(adsl)))
        rows.append(row("screening_failures", len(adsl) - enrolled))
        for reason, n in _reasons(adsl):
            failed = row("n", n)
            rows.append(replace(failed, variable="screening_failure", variable_level=reason))
        for criterion, counted in _criteria(protocol, adsl):
            for statistic, n in counted.items():
                found = replace(row(statistic, n), denominator=len(adsl))
                rows.append(replace(found, variable="eligibility", variable_level=criterion))
    for analysis_set in protocol.analysis_sets:
        members = set_members(protocol, analysis_set, adsl)
        for arm in protocol.arms:
            size = int((members["__arm__"] == arm.label).sum())
            rows.append(row("n", size, analysis_set.flag, arm.label))
        rows.append(row("n", len(members), analysis_set.flag))
    return rows


def _criteria(protocol: Protocol, adsl: nw.DataFrame[Any]) -> Iterator[tuple[str, dict[str, int]]]:
    """Give the id of each criterion that is screened, with its counts."""
    kinds = dict(adsl.schema)
    for one in screened_criteria(protocol.eligibility, kinds):
        found = adsl.select(
            met=criterion_met(one, kinds),
            enrolled_unmet=is_ineligible([one], kinds) & (nw.col("ENRLFL") == "Y"),
        )
        met, unknown = int(found["met"].sum()), int(found["met"].is_null().sum())
        counted = {"n_met": met, "n_unmet": len(adsl) - met - unknown, "n_unknown": unknown}
        enrolled = int(found["enrolled_unmet"].sum())
        yield one.id, counted | ({"n_enrolled_unmet": enrolled} if enrolled else {})


def _reasons(adsl: nw.DataFrame[Any]) -> list[tuple[str, int]]:
    """Return why screening failed, by name, with the number of subjects."""
    failed = adsl.filter(nw.col("ENRLFL") != "Y")
    if "SCRFREAS" not in adsl.columns:
        failed = failed.with_columns(nw.lit(None, dtype=nw.String).alias("SCRFREAS"))
    counted = count_by(failed.with_columns(filled("SCRFREAS").alias("_REASON")), ["_REASON"])
    return [(reason, int(n)) for reason, n in counted.iter_rows()]
