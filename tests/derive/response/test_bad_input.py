"""Bad records of one subject: what follows for that subject, and that all others are derived."""

from __future__ import annotations

from collections.abc import Callable

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from response_scenarios import CODED, LESIONS, Scenario
from response_tables import coded_tables, lesion_tables, on_engine, protocol

from hepatica.derive.adrs import derive_adrs

Tables = dict[str, pl.DataFrame]
BAD = Scenario("bad", "", "T1 T2", ((0, "T1=30 T2=20"), (42, "T1=20 T2=10"), (84, "T1=18 T2=10")))
MINE = pl.col("USUBJID") == "bad"


def _set(tables: Tables, column: str, value: object, lesion: str, visit: float) -> Tables:
    at = MINE & (pl.col("TRLNKID") == lesion) & (pl.col("VISITNUM") == visit)
    changed = pl.when(at).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    return tables | {"TR": tables["TR"].with_columns(changed)}


def without_baseline(tables: Tables) -> Tables:
    gone = MINE & (pl.col("TRLNKID") == "T2") & (pl.col("VISITNUM") == 0)
    return tables | {"TR": tables["TR"].filter(~gone)}


def negative(tables: Tables) -> Tables:
    return _set(tables, "TRSTRESN", -10.0, "T2", 42.0)


def negative_twice(tables: Tables) -> Tables:
    return _set(negative(tables), "TRSTRESN", -20.0, "T1", 42.0)


def nadir_at_zero(tables: Tables) -> Tables:
    for lesion in ("T1", "T2"):
        tables = _set(tables, "TRSTRESN", 0.0, lesion, 42.0)
    return tables


def baseline_of_zero(tables: Tables) -> Tables:
    for lesion in ("T1", "T2"):
        tables = _set(tables, "TRSTRESN", 0.0, lesion, 0.0)
    return tables


def out_of_order(tables: Tables) -> Tables:
    """The visit of day 84 has a number below that of day 42."""
    number = pl.when(MINE & (pl.col("VISITNUM") == 84)).then(20.0).otherwise("VISITNUM")
    return tables | {"TR": tables["TR"].with_columns(number.alias("VISITNUM"))}


def two_sums_on_a_day(tables: Tables) -> Tables:
    """The visit of day 84 is dated on day 42, and shows more."""
    tr = tables["TR"]
    day_42 = tr.filter(MINE & (pl.col("VISITNUM") == 42))["TRDT"][0]
    late = MINE & (pl.col("VISITNUM") == 84)
    day = pl.when(late).then(pl.lit(day_42)).otherwise(pl.col("TRDT")).alias("TRDT")
    return tables | {"TR": tr.with_columns(day)}


CASES: list[tuple[Callable[[Tables], Tables], list[tuple[str, str]], str]] = [
    (without_baseline, [("NE", "trg-no-baseline"), ("NE", "trg-no-baseline")], "NE"),
    (negative, [("NE", "trg-missing"), ("PR", "trg-pr")], "PR"),
    (negative_twice, [("NE", "trg-not-assessed"), ("PR", "trg-pr")], "PR"),
    (nadir_at_zero, [("CR", "trg-cr"), ("PD", "trg-after-cr")], "CR"),
    (baseline_of_zero, [("NE", "trg-no-baseline"), ("NE", "trg-no-baseline")], "NE"),
    (out_of_order, [("PR", "trg-pr"), ("PR", "trg-pr")], "PR"),
    (two_sums_on_a_day, [("PR", "trg-pr"), ("PR", "trg-pr")], "PR"),
]


def _adrs(tables: Tables, engine: str) -> pl.DataFrame:
    frames = {name: on_engine(frame, engine) for name, frame in tables.items()}
    adrs = derive_adrs(protocol(), frames["ADSL"], tu=frames["TU"], tr=frames["TR"])
    found = adrs.collect("polars").to_native()
    return found.sort("USUBJID", "PARAMCD", "ADT", "AVISITN", nulls_last=True)


@pytest.fixture(scope="module")
def good() -> Tables:
    return lesion_tables((BAD, *LESIONS))


@pytest.fixture(scope="module")
def wanted(good: Tables) -> pl.DataFrame:
    return _adrs(good, "polars")


@pytest.mark.parametrize(
    ("spoil", "visits", "best"), CASES, ids=[spoil.__name__ for spoil, _, _ in CASES]
)
def test_the_others_are_derived_all_the_same(
    spoil: Callable[[Tables], Tables],
    visits: list[tuple[str, str]],
    best: str,
    good: Tables,
    wanted: pl.DataFrame,
) -> None:
    found = _adrs(spoil(good), "polars")
    assert found.filter(~MINE).equals(wanted.filter(~MINE))
    targets = found.filter(MINE, PARAMCD="TRG").sort("ADT", "AVISITN")
    assert targets.select("AVALC", "RULEID").rows() == visits
    assert found.filter(MINE, PARAMCD="BOR")["AVALC"].to_list() == [best]


def test_the_bad_records_are_the_same_on_duckdb(good: Tables) -> None:
    spoiled = negative(good)
    assert _adrs(spoiled, "duckdb").equals(_adrs(spoiled, "polars"))


def test_an_unknown_word_is_no_response() -> None:
    tables = coded_tables()
    known = pl.col("USUBJID") != "cr-confirmed-on-28"
    word = pl.when(known).then("RSSTRESC").otherwise(pl.lit("PARTIAL")).alias("RSSTRESC")

    def best(rs: pl.DataFrame) -> dict[str, str]:
        frames = {name: nw.from_native(frame) for name, frame in (tables | {"RS": rs}).items()}
        adrs = derive_adrs(
            protocol("coded"), frames["ADSL"], rs=frames["RS"], adcm=frames["ADCM"]
        ).collect()
        rows = adrs.to_native().filter(PARAMCD="CBOR")
        return dict(rows.select("USUBJID", "AVALC").rows())

    spoiled, whole = best(tables["RS"].with_columns(word)), best(tables["RS"])
    assert len(whole) == len(CODED)
    assert {name for name in whole if whole[name] != spoiled[name]} == {"cr-confirmed-on-28"}
    assert spoiled["cr-confirmed-on-28"] in ("NE", "MISSING")
