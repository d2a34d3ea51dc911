"""Delayed entry: a curve of five patients by hand, from frames to rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.protocol.model import Protocol
from hepatica.results import Results

ORIGIN = date(2020, 1, 1)
#: Patient, days from origin to entry, last day (both ends counted), 1 for a death.
PATIENTS = [
    ("enters at the origin", 0, 5, 1),
    ("enters on day 4", 3, 6, 1),
    ("enters on day 5", 4, 8, 0),
    ("enters last", 7, 12, 1),
    ("entered before the origin", -5, 12, 0),
]
SET_ASIDE = [("dies the day before entry", 10, 10, 1), ("entry unknown", None, 9, 1)]


def protocol(entry: dict[str, str] | None, **analysis: Any) -> Protocol:
    endpoint: dict[str, Any] = {
        "kind": "time_to_event",
        "id": "os",
        "label": "Overall survival",
        "parameter": "OS",
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
        "censoring": [
            {
                "id": "alive",
                "sentence": "Alive.",
                "description": "Alive",
                "dataset": "ADSL",
                "date": "LSTALVDT",
            }
        ],
        "time_points": ["7 days"],
    }
    if entry is not None:
        endpoint["entry"] = entry
    plan = {"id": "os", "kind": "time_to_event", "set": "full", "endpoint": "os"} | analysis
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T"},
            "data": {"tables": {"ADSL": {"file": "adsl.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "endpoints": [endpoint],
            "analyses": [plan],
        }
    )


ENTRY = {"label": "first dose", "variable": "TRTSDT"}


def adsl(patients: list[tuple[str, int | None, int, int]]) -> pl.DataFrame:
    def day(number: int | None) -> date | None:
        return None if number is None else ORIGIN + timedelta(number)

    return pl.DataFrame(
        {
            "USUBJID": [name for name, *_ in patients],
            "FLDT": [ORIGIN] * len(patients),
            "TRTSDT": [day(entry) for _, entry, _, _ in patients],
            "DTHDT": [day(last - 1) if died else None for _, _, last, died in patients],
            "LSTALVDT": [day(last - 1) for _, _, last, _ in patients],
        },
        schema_overrides={"TRTSDT": pl.Date, "DTHDT": pl.Date},
    )


def results(plan: Protocol, patients: list[tuple[str, int | None, int, int]]) -> Results:
    return analyse(plan, derive_datasets(plan, {"ADSL": adsl(patients)}))


def curve(rows: Results) -> dict[float, tuple[float, float]]:
    found = {}
    for row in rows.where(analysis="os", variable="curve", statistic="survival"):
        at_risk = rows.one(
            analysis="os", variable="curve", statistic="at_risk", time=row.time
        ).value
        found[row.time] = (at_risk, row.value)
    return found


def test_five_patients_by_hand() -> None:
    # At risk on day 5: all but the one who enters on day 8; on day 6 three; on day 8 three, since
    # one has died and one has entered; on day 12 two.
    rows = results(protocol(ENTRY), PATIENTS + SET_ASIDE)
    assert curve(rows) == {
        5.0: (4, pytest.approx(3 / 4)),
        6.0: (3, pytest.approx(1 / 2)),
        8.0: (3, pytest.approx(1 / 2)),
        12.0: (2, pytest.approx(1 / 4)),
    }
    assert rows.one(analysis="os", statistic="median", level="A").value == 9
    assert "delayed entry" in rows.one(analysis="os", statistic="median", level="A").method
    at_7 = {"statistic": "survival", "variable": "", "time": 7.0}
    assert rows.one(analysis="os", **at_7).value == pytest.approx(1 / 2)


def test_numbers_at_risk_begin_with_those_who_enter_at_the_origin() -> None:
    rows = results(protocol(ENTRY), PATIENTS)
    at_risk = rows.where(analysis="os", variable="risk_table", statistic="at_risk")
    assert (at_risk[0].time, at_risk[0].value) == (0, 2)
    assert at_risk[-1].value == 0


def test_who_was_never_at_risk_is_counted() -> None:
    rows = results(protocol(ENTRY), PATIENTS + SET_ASIDE)
    counts = {row.variable_level: row.value for row in rows.where(analysis="os", variable="entry")}
    assert counts == {"followed": 5, "unknown": 1, "not_after": 1, "fewest_at_risk": 3}
    arm = {"level": "A", "variable": ""}
    assert [
        rows.one(analysis="os", statistic=name, **arm).value for name in ("n", "events", "missing")
    ] == [
        7,
        3,
        2,
    ]


def test_follow_up_is_counted_from_entry() -> None:
    # From entry: 5 died, 3 died, 4 alive, 5 died, 12 alive (who entered before the origin).
    rows = results(protocol(ENTRY), PATIENTS)
    median = rows.one(analysis="os", statistic="follow_up_median", level="A")
    assert (median.value, "from entry" in median.method) == (12, True)
    assert rows.one(analysis="os", statistic="time_max", level="A").value == 12


def test_a_death_on_the_day_of_entry_was_at_risk() -> None:
    rows = results(protocol(ENTRY), [("same day", 3, 4, 1), ("lives on", 0, 9, 0)])
    assert curve(rows)[4.0] == (2, 0.5)


def test_entry_at_the_origin_is_no_delay() -> None:
    patients = [(name, 0, last, died) for name, _, last, died in PATIENTS]
    late, plain = (results(protocol(entry), patients) for entry in (ENTRY, None))
    for variable in ("curve", "risk_table"):
        one, other = (
            [(r.statistic, r.time, r.value) for r in rows.where(analysis="os", variable=variable)]
            for rows in (late, plain)
        )
        assert one == other


def test_nobody_at_risk_is_an_analysis_that_failed_with_a_reason() -> None:
    rows = results(protocol(ENTRY), SET_ASIDE)
    (failed,) = rows.where(analysis="os", statistic="analysis")
    assert "followed after first dose" in failed.message


def test_times_that_lack_the_day_of_entry_say_so() -> None:
    plan = protocol(ENTRY)
    ready = pl.DataFrame(
        {"USUBJID": ["1"], "PARAMCD": ["OS"], "AVAL": [5.0], "CNSR": [0], "EVNTDESC": ["Death"]}
    )
    tables = {"ADSL": pl.DataFrame({"USUBJID": ["1"]}), "ADTTE": ready}
    (failed,) = analyse(plan, derive_datasets(plan, tables)).where(
        analysis="os", statistic="analysis"
    )
    assert "AENTRY" in failed.message


@pytest.mark.parametrize(
    ("plan", "said"), [({"where": {"LATER": "Y"}}, "no LATER"), ({"by": "x"}, "groups of x")]
)
def test_a_column_that_is_not_there_is_named(plan: dict[str, Any], said: str) -> None:
    (failed,) = results(protocol(None, **plan), PATIENTS).where(analysis="os", statistic="analysis")
    assert said in failed.message
