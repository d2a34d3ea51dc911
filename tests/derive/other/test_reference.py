"""Against the reference datasets of the shared data, record by record.

What disagrees is named in ``validation/cdisc/other.md``, with the counts that stand here.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tables import ENGINES, derived, parsed, protocol

from hepatica.derive.adae import derive_adae
from hepatica.derive.adex import derive_adex
from hepatica.derive.adlb import derive_adlb

pytestmark = pytest.mark.shared


def collected(shared: Path, name: str) -> pl.DataFrame:
    """Return a domain as `records` gives it: empty text is missing, sequences are whole."""
    frame = pl.read_parquet(shared / "data" / "cdisc" / "sdtm" / f"{name}.parquet")
    text = pl.col(pl.String)
    frame = frame.with_columns(
        pl.when(text.str.strip_chars() == "").then(None).otherwise(text).name.keep()
    )
    return parsed(frame.with_columns(pl.col(f"{name.upper()}SEQ").cast(pl.Int64)))


def reference(shared: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(shared / "data" / "cdisc" / "adam" / f"{name}.parquet")


def treated(shared: Path) -> pl.DataFrame:
    days = pl.col("TRTSDT", "TRTEDT").str.to_date()
    return reference(shared, "adsl").select("USUBJID", days, "RFXSTDTC", "TRT01A", "TRTDURD")


def differing(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the records whose value is not that of the reference (column with ``_REF``)."""
    ours, theirs = pl.col(name), pl.col(f"{name}_REF")
    if frame.schema[name].is_float():
        near = (ours - theirs).abs() <= 1e-9 * theirs.abs().clip(lower_bound=1e-3)
        same = near.fill_null(value=False) | (ours.is_null() & theirs.is_null())
        return frame.filter(~same)
    return frame.filter(ours.ne_missing(theirs))


@ENGINES
def test_adverse_events_are_those_of_the_reference(shared: Path, engine: str) -> None:
    plan = protocol(dates={"start": "first", "end": "last"})
    adae = derived(derive_adae, engine, collected(shared, "ae"), treated(shared), plan=plan)
    theirs = reference(shared, "adae").select(
        "USUBJID",
        pl.col("AESEQ").cast(pl.Int64),
        pl.col("ASTDT").str.to_date().alias("ASTDT_REF"),
        pl.col("ASTDTF").alias("ASTDTF_REF"),
        pl.col("AENDT").str.to_date().alias("AENDT_REF"),
        pl.col("AENDTF").cast(pl.String).alias("AENDTF_REF"),
        pl.col("TRTEMFL").alias("TRTEMFL_REF"),
        pl.col("AOCCIFL").alias("AOCCFL_REF"),
        pl.col("ASEVN").cast(pl.Int64).alias("ASEVN_REF"),
    )
    both = adae.join(theirs, on=["USUBJID", "AESEQ"], how="inner")
    assert both.height == adae.height == theirs.height == 1191
    for name in ("ASTDT", "ASTDTF", "AENDT", "AENDTF", "TRTEMFL", "AOCCFL", "ASEVN"):
        assert differing(both, name).height == 0, name
    assert both["ASTDTF"].drop_nulls().len() == 26
    assert both.filter(pl.col("ATOXGR") == 5).height == both.filter(AEOUT="FATAL").height == 3


@ENGINES
def test_laboratory_results_are_those_of_the_reference(shared: Path, engine: str) -> None:
    adlb = derived(derive_adlb, engine, collected(shared, "lb"), treated(shared))
    values = ("AVAL", "BASE", "CHG", "PCHG", "ABLFL", "ANRIND", "ANRLO", "ANRHI")
    theirs = (
        reference(shared, "adlb")
        .filter(pl.col("DTYPE").is_null())
        .select(
            "USUBJID",
            pl.col("LBSEQ").cast(pl.Int64),
            pl.col("ADT").str.to_date().alias("ADT_REF"),
            *(pl.col(name).alias(f"{name}_REF") for name in values),
        )
    )
    both = adlb.join(theirs, on=["USUBJID", "LBSEQ"], how="inner").join(
        treated(shared).select("USUBJID", "TRTSDT"), on="USUBJID"
    )
    assert both.height == adlb.height == theirs.height == 59_580
    for name in ("AVAL", "ADT", "ABLFL", "ANRIND", "ANRLO", "ANRHI"):
        assert differing(both, name).height == 0, name

    # The reference compares with a baseline that it calculated from another test.
    base = differing(both, "BASE")
    assert base.height == 56
    assert base["BASE"].null_count() == 56
    calculated = reference(shared, "adlb").filter(DTYPE="CALCULATION")
    assert set(base["USUBJID"]) <= set(calculated["USUBJID"])

    # The reference gives a change to unscheduled results before the first dose.
    change = differing(both, "CHG").join(
        base.select("USUBJID", "LBSEQ"), on=["USUBJID", "LBSEQ"], how="anti"
    )
    assert change.height == 983
    assert change["CHG"].null_count() == 983
    assert (change["ADT"] < change["TRTSDT"]).all()
    assert change["VISIT"].str.starts_with("UNSCHEDULED").all()
    percent = differing(both, "PCHG").select("USUBJID", "LBSEQ")
    named = pl.concat([base, change], how="diagonal").filter(pl.col("PCHG_REF").is_not_null())
    assert percent.height == 56 + 927
    assert percent.join(named, on=["USUBJID", "LBSEQ"], how="anti").height == 0
    assert change.filter(pl.col("PCHG_REF").is_null())["BASE"].unique().to_list() == [0]


def test_the_collected_baseline_flag_is_not_that_of_the_reference(shared: Path) -> None:
    adlb = derived(
        lambda *one: derive_adlb(*one, recorded_baseline=True),
        "polars",
        collected(shared, "lb"),
        treated(shared),
    )
    theirs = (
        reference(shared, "adlb")
        .filter(pl.col("DTYPE").is_null())
        .select("USUBJID", pl.col("LBSEQ").cast(pl.Int64), pl.col("ABLFL").alias("ABLFL_REF"))
    )
    both = adlb.join(theirs, on=["USUBJID", "LBSEQ"], how="inner")
    assert differing(both, "ABLFL").height == 1340


@ENGINES
def test_duration_of_treatment_is_that_of_the_reference(shared: Path, engine: str) -> None:
    """An interval without an end counts its first day; the reference stops before it."""
    adsl = treated(shared)
    ex = collected(shared, "ex")
    adex = derived(derive_adex, engine, ex, adsl).filter(PARAMCD="DURD")
    both = adex.join(adsl, on="USUBJID").with_columns(TRTDURD_REF=pl.col("TRTDURD"))
    both = both.with_columns(pl.col("AVAL").alias("TRTDURD"))
    assert both.height == 254
    open_ended = set(ex.filter(pl.col("EXENDTC").is_null())["USUBJID"])
    assert set(differing(both, "TRTDURD")["USUBJID"]) == open_ended
    assert len(open_ended) == 6


def test_total_dose_is_the_sum_of_the_days(shared: Path) -> None:
    adsl, ex = treated(shared), collected(shared, "ex")
    closed = ex.filter(pl.col("EXENDT").is_not_null().all().over("USUBJID"))
    days = (pl.col("EXENDT") - pl.col("EXSTDT")).dt.total_days() + 1
    by_hand = closed.group_by("USUBJID").agg((pl.col("EXDOSE") * days).sum().alias("AVAL_REF"))
    adex = derived(derive_adex, "polars", closed, adsl).filter(PARAMCD="TDOSE")
    both = adex.join(by_hand, on="USUBJID")
    assert both.height == 248
    assert differing(both, "AVAL").height == 0
