"""Delayed entry in ADTTE: one patient for each place of the day of entry, on each engine."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from collected_tables import ENGINES, collected, on_engine
from test_adtte_rules import protocol

from hepatica.derive.adtte_rules import derive_adtte
from hepatica.derive.time_rules import LeftOut, left_out_rules

ORIGIN = date(2019, 12, 30)
RULES = {
    "origin": {"label": "first-line therapy", "variable": "FLDT"},
    "events": [
        {
            "id": "death",
            "sentence": "Died.",
            "description": "Death",
            "dataset": "ADSL",
            "date": "DTHDT",
        }
    ],
}
LATE = {
    "kind": "time_to_event",
    "id": "late",
    "label": "Survival",
    "parameter": "LATE",
    "entry": {"label": "first dose", "variable": "TRTSDT"},
    **RULES,
}
PLAIN = {"kind": "time_to_event", "id": "plain", "label": "Survival", "parameter": "OS", **RULES}
#: Days from the origin to entry, and AENTRY; every patient dies 40 days after the origin.
ENTRIES = {
    "same day": (0, 0),
    "a year's end between": (3, 3),
    "before": (-9, 0),
    "none": (None,) * 2,
}


def datasets() -> dict[str, pl.DataFrame]:
    days = [None if n is None else ORIGIN + timedelta(n) for n, _ in ENTRIES.values()]
    return {
        "ADSL": pl.DataFrame(
            {
                "USUBJID": list(ENTRIES),
                "FLDT": [ORIGIN] * len(days),
                "TRTSDT": days,
                "DTHDT": [ORIGIN + timedelta(40)] * len(days),
            }
        )
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_days_to_entry(engine: str) -> None:
    derived = derive_adtte(protocol([LATE, PLAIN]), on_engine(datasets(), engine))
    assert derived is not None
    frame = collected(derived)
    late = frame.filter(PARAMCD="LATE").select("USUBJID", "AENTRY", "AVAL").rows()
    assert {name: days for name, days, _ in late} == {n: days for n, (_, days) in ENTRIES.items()}
    assert {days for _, _, days in late} == {41.0}
    entries = dict(frame.filter(PARAMCD="LATE").select("USUBJID", "ENTRYDT").rows())
    assert entries["a year's end between"] == date(2020, 1, 2)
    assert frame.filter(PARAMCD="OS").select("ENTRYDT", "AENTRY").null_count().row(0) == (4, 4)


def test_without_delayed_entry_there_are_no_such_columns() -> None:
    derived = derive_adtte(protocol([PLAIN]), on_engine(datasets(), "polars"))
    assert derived is not None
    assert not {"ENTRYDT", "AENTRY"} & set(derived.collect_schema().names())


def test_an_endpoint_without_its_day_of_entry_is_left_out() -> None:
    frames = on_engine({"ADSL": datasets()["ADSL"].drop("TRTSDT")}, "polars")
    assert left_out_rules(protocol([LATE]), frames) == (LeftOut("late", "", "ADSL.TRTSDT"),)
