"""What rules across tables ask about a subject: consent, first dose, death."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from hepatica.protocol.model import Protocol
from hepatica.records.domains import DOMAINS, latest_day
from hepatica.records.findings import SUBJECT, Outcome
from hepatica.records.loaded import Loaded

#: The outcome of a rule, and the table it is told of.
Told = tuple[str, Outcome]
_DAYS = ("CONSENT", "CONSENT_LATEST", "FIRST", "FIRST_LATEST", "DEATH", "DEATH_LATEST")


@dataclass(frozen=True, slots=True)
class Study:
    """The tables of a study while rules across them are run.

    Attributes
    ----------
    protocol : Protocol
        The study.
    tables : mapping of str to Loaded
        Checked tables by name.
    base : str
        Name of the table with one row for each subject.
    subjects : polars.DataFrame
        USUBJID, and the earliest and the latest day that the recorded dates allow for informed
        consent (CONSENT), first dose (FIRST) and death (DEATH); DIED is true for a recorded death.
    scans : polars.DataFrame or None
        Sums of the target lesions, as `target_sums` gives them.
    """

    protocol: Protocol
    tables: Mapping[str, Loaded]
    base: str
    subjects: pl.DataFrame
    scans: pl.DataFrame | None = None

    def domain(self, name: str) -> Loaded | None:
        """Return a collected domain that could be read and names its subjects, else None."""
        table = self.tables.get(name)
        if name not in DOMAINS or table is None or not table.frame.width:
            return None
        return None if SUBJECT in table.spoiled else table

    def with_subjects(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a table with what is known of their subjects."""
        known = self.subjects.drop(set(frame.columns) & (set(self.subjects.columns) - {SUBJECT}))
        return frame.join(known, on=SUBJECT, how="left", maintain_order="left")


#: A group of rules across tables.
Check = Callable[[Study], Iterator[Told]]


def study_facts(protocol: Protocol, tables: Mapping[str, Loaded], base: Loaded) -> Study:
    """Return the tables with what is known of each subject.

    Parameters
    ----------
    protocol : Protocol
        The study.
    tables : mapping of str to Loaded
        Checked tables by name.
    base : Loaded
        The table with one row for each subject.
    """
    subjects = _of_base(base).unique(SUBJECT, keep="first", maintain_order=True)
    exposure = tables.get("EX")
    if exposure is not None and exposure.has(SUBJECT, "EXSTDT"):
        doses = exposure.frame.filter(is_dose(exposure.frame)).with_columns(
            latest_day("EXST").alias("LATEST")
        )
        first = doses.group_by(SUBJECT).agg(
            pl.col("EXSTDT").min().alias("FIRST"), pl.col("LATEST").min().alias("FIRST_LATEST")
        )
        subjects = subjects.drop("FIRST", "FIRST_LATEST").join(
            first, on=SUBJECT, how="left", maintain_order="left"
        )
    return Study(protocol, tables, base.place.table, subjects)


def is_dose(frame: pl.DataFrame) -> pl.Expr:
    """Return which rows of EX are doses: more than nothing, or nothing of a placebo."""
    if "EXDOSE" not in frame.columns:
        return pl.lit(value=True)
    placebo = pl.col("EXTRT").str.to_uppercase().str.contains("PLACEBO", literal=True)
    return ((pl.col("EXDOSE") > 0) | ((pl.col("EXDOSE") == 0) & placebo)).fill_null(value=False)


def _of_base(base: Loaded) -> pl.DataFrame:
    if base.place.table == "DM":
        parts = [("RFIC", "CONSENT"), ("RFXST", "FIRST"), ("DTH", "DEATH")]
        days = [
            one
            for name, ours in parts
            for one in (
                pl.col(f"{name}DT").alias(ours),
                latest_day(name).alias(f"{ours}_LATEST"),
            )
        ]
        died = pl.col("DTHFL").eq_missing("Y") | pl.col("DTHDTC").is_not_null()
        return base.frame.select(SUBJECT, *days, died.alias("DIED"))
    given = {"FIRST": "TRTSDT", "DEATH": "DTHDT"}
    schema = base.frame.schema
    days = []
    for name in _DAYS:
        column = given.get(name.removesuffix("_LATEST"), "")
        known = schema.get(column) == pl.Date
        days.append((pl.col(column) if known else pl.lit(None, pl.Date)).alias(name))
    flagged = pl.col("DTHFL").eq_missing("Y") if "DTHFL" in schema else pl.lit(value=False)
    dated = pl.col("DTHDT").is_not_null() if "DTHDT" in schema else pl.lit(value=False)
    return base.frame.select(SUBJECT, *days, (flagged | dated).alias("DIED"))
