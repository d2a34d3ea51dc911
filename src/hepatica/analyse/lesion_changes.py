"""Change of the sum of target lesions of each patient, as waterfall and spider plots count it."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.derive import Datasets
from hepatica.derive.portable import day_number

_NEEDED = frozenset({"USUBJID", "PARAMCD", "ADT", "AVISITN", "PCHG"})


def has_lesion_sums(datasets: Datasets) -> bool:
    """Return whether the datasets hold the sums of target lesions with their changes."""
    return "ADTR" in datasets and set(datasets["ADTR"].columns) >= _NEEDED


def lesion_changes(members: nw.DataFrame[Any], datasets: Datasets) -> nw.DataFrame[Any]:
    """Return the change from baseline at each assessment up to the first progression.

    Parameters
    ----------
    members : DataFrame
        Patients with USUBJID, ``__group__`` and TRTSDT, or RANDDT for those never treated.
    datasets : mapping
        ADTR; ADRS and ADCM where they are there.

    Returns
    -------
    DataFrame
        USUBJID, ``__group__``, ``DAY`` from the first dose (0) and PCHG in %, in this order of
        rows. A sum after the first progression, or after the start of a new anticancer therapy,
        does not count; one of the visit of the progression does.
    """
    start = nw.col("TRTSDT")
    if "RANDDT" in members.columns:
        start = nw.when(start.is_null()).then(nw.col("RANDDT")).otherwise(start)
    patients = members.select("USUBJID", "__group__", start.alias("_START"))
    patients = patients.join(_progressions(datasets), on="USUBJID", how="left")
    patients = patients.join(_therapies(datasets), on="USUBJID", how="left")
    sums = nw.from_native(datasets["ADTR"], eager_only=True)
    sums = sums.filter((nw.col("PARAMCD") == "SDIAM") & ~nw.col("PCHG").is_null())
    sums = sums.select("USUBJID", "ADT", "PCHG", nw.col("AVISITN").cast(nw.Float64))
    frame = sums.join(patients, on="USUBJID", how="inner")
    # A sum is dated by its last scan, and the progression of that visit by its first.
    after = _true(nw.col("ADT") > nw.col("_STOP")) & ~_true(nw.col("AVISITN") == nw.col("_VISIT"))
    treated = _true(nw.col("ADT") > nw.col("_BEGUN"))
    day = day_number(nw.col("ADT")) - day_number(nw.col("_START"))
    frame = frame.filter(~after & ~treated).with_columns(day.alias("DAY"))
    frame = frame.filter(~nw.col("DAY").is_null()).sort("USUBJID", "DAY")
    frame = frame.unique(subset=["USUBJID", "DAY"], keep="last", maintain_order=True)
    return frame.select("USUBJID", "__group__", "DAY", nw.col("PCHG").cast(nw.Float64))


def _true(condition: nw.Expr) -> nw.Expr:
    return condition.fill_null(value=False)


def _progressions(datasets: Datasets) -> nw.DataFrame[Any]:
    """Return the day and the visit of the first progression."""
    records = datasets.get("ADRS", pl.DataFrame(schema={"USUBJID": pl.String}))
    columns = {"PARAMCD": pl.String, "AVALC": pl.String, "ADT": pl.Date, "AVISITN": pl.Float64}
    frame = nw.from_native(_completed(records, columns), eager_only=True)
    frame = frame.filter((nw.col("PARAMCD") == "PD") & (nw.col("AVALC") == "Y"))
    frame = frame.unique(subset=["USUBJID"], keep="first", maintain_order=True)
    visit = nw.col("AVISITN").cast(nw.Float64).alias("_VISIT")
    return frame.select("USUBJID", nw.col("ADT").alias("_STOP"), visit)


def _therapies(datasets: Datasets) -> nw.DataFrame[Any]:
    """Return the day on which the first new anticancer therapy began."""
    records = datasets.get("ADCM", pl.DataFrame(schema={"USUBJID": pl.String}))
    columns = {"NEWTHFL": pl.String, "ASTDT": pl.Date}
    frame = nw.from_native(_completed(records, columns), eager_only=True)
    frame = frame.filter((nw.col("NEWTHFL") == "Y") & ~nw.col("ASTDT").is_null())
    return frame.group_by("USUBJID").agg(nw.col("ASTDT").min().alias("_BEGUN"))


def _completed(frame: pl.DataFrame, columns: dict[str, Any]) -> pl.DataFrame:
    absent = [name for name in columns if name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=columns[name]).alias(name) for name in absent)
