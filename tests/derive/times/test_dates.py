"""Partial dates: every rule on every precision, the bounds, and the count."""

from __future__ import annotations

from datetime import date

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from collected_tables import ENGINES, collected, on_engine, table

from hepatica.derive.dates import ImputedCount, imputation_counts, impute

# As written, and the date and flag that each rule gives.
WRITTEN = {
    "2019-04-17": {
        "none": ("2019-04-17", None), "first": ("2019-04-17", None),
        "mid": ("2019-04-17", None), "last": ("2019-04-17", None),
    },
    "2019-04": {
        "none": (None, None), "first": ("2019-04-01", "D"),
        "mid": ("2019-04-15", "D"), "last": ("2019-04-30", "D"),
    },
    "2020-02": {
        "none": (None, None), "first": ("2020-02-01", "D"),
        "mid": ("2020-02-15", "D"), "last": ("2020-02-29", "D"),
    },
    "2019-12": {
        "none": (None, None), "first": ("2019-12-01", "D"),
        "mid": ("2019-12-15", "D"), "last": ("2019-12-31", "D"),
    },
    "2019": {
        "none": (None, None), "first": ("2019-01-01", "M"),
        "mid": ("2019-06-30", "M"), "last": ("2019-12-31", "M"),
    },
    None: dict.fromkeys(("none", "first", "mid", "last"), (None, None)),
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("how", ["none", "first", "mid", "last"])
def test_each_rule_on_each_precision(engine: str, how: str) -> None:
    rows = [{"USUBJID": str(place), "ADTC": text} for place, text in enumerate(WRITTEN)]
    frame = on_engine({"T": table(rows)}, engine)["T"]
    day, flag = impute(nw.col("ADT"), nw.col("ADTP"), how)  # type: ignore[arg-type]
    found = collected(frame.select("USUBJID", day.alias("D"), flag.alias("F"))).sort("USUBJID")
    told = [(day and day.isoformat(), flag) for day, flag in found.select("D", "F").rows()]
    assert told == [rules[how] for rules in WRITTEN.values()]


# Written, rule, bound, expected: a bound moves a date only to a day that the record allows.
NOT_BEFORE = [
    ("2019-04", "first", "2019-04-10", "2019-04-10"),
    ("2019-04", "first", "2019-04-30", "2019-04-30"),
    ("2019-04", "first", "2019-05-01", "2019-04-01"),
    ("2019-04", "first", "2019-03-31", "2019-04-01"),
    ("2019-04", "mid", "2019-04-10", "2019-04-15"),
    ("2019-04-05", "first", "2019-04-10", "2019-04-05"),
    ("2019", "first", "2019-12-31", "2019-12-31"),
    ("2019", "first", "2020-01-01", "2019-01-01"),
    ("2019-04", "first", None, "2019-04-01"),
]
NOT_AFTER = [
    ("2019-04", "last", "2019-04-10", "2019-04-10"),
    ("2019-04", "last", "2019-04-01", "2019-04-01"),
    ("2019-04", "last", "2019-03-31", "2019-04-30"),
    ("2019-04", "last", None, "2019-04-30"),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("side", ["not_before", "not_after"])
def test_a_bound_moves_what_was_imputed(engine: str, side: str) -> None:
    for written, how, bound, expected in NOT_BEFORE if side == "not_before" else NOT_AFTER:
        frame = on_engine({"T": table([{"ADTC": written, "BDTC": bound}])}, engine)["T"]
        day, _ = impute(
            nw.col("ADT"),
            nw.col("ADTP"),
            how,
            **{side: nw.col("BDT")},  # type: ignore[arg-type]
        )
        found = collected(frame.select(day.alias("D")))["D"].item()
        assert found == date.fromisoformat(expected), (written, how, bound)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_imputed_is_counted(engine: str) -> None:
    adae = pl.DataFrame({"ASTDTF": ["D", "M", None, "D"], "AENDTF": [None, None, None, "D"]})
    adsl = pl.DataFrame({"DTHDTF": [None]}, schema={"DTHDTF": pl.String})
    assert imputation_counts(on_engine({"ADAE": adae, "ADSL": adsl}, engine)) == (
        ImputedCount("ADAE", "ASTDTF", "D", 2),
        ImputedCount("ADAE", "ASTDTF", "M", 1),
        ImputedCount("ADAE", "AENDTF", "D", 1),
    )
