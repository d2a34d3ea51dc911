"""ADAE: one event per rule, the expected record by hand beside it.

Every subject took the first dose on 10 March 2020 and the last on 30 June 2020; events count until
30 days later, 30 July 2020.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest
from tables import ENGINES, day, derived, protocol, subjects, table

from hepatica.derive.adae import derive_adae

FIRST, LAST = "2020-03-10", "2020-06-30"

#: Name, imputation of the start, start, end; expected ASTDT, ASTDTF, TRTEMFL.
DATES: dict[str, tuple[str, str | None, str | None, str | None, str | None, str | None]] = {
    "day before the first dose": ("none", "2020-03-09", None, "2020-03-09", None, None),
    "day of the first dose": ("none", "2020-03-10", None, "2020-03-10", None, "Y"),
    "last day of the window": ("none", "2020-07-30", None, "2020-07-30", None, "Y"),
    "a day after the window": ("none", "2020-07-31", None, "2020-07-31", None, None),
    "missing start": ("none", None, None, None, None, "Y"),
    "missing start, ended on first dose": ("none", None, "2020-03-10", None, None, "Y"),
    "missing start, ended before": ("none", None, "2020-03-09", None, None, None),
    "missing start, ended in an earlier month": ("none", None, "2020-02", None, None, None),
    "missing start, ended in that month": ("none", None, "2020-03", None, None, "Y"),
    "month not imputed, allows it": ("none", "2020-03", None, None, None, "Y"),
    "month not imputed, before": ("none", "2020-02", None, None, None, None),
    "month not imputed, in the window": ("none", "2020-07", None, None, None, "Y"),
    "month not imputed, after": ("none", "2020-08", None, None, None, None),
    # Imputed to the first day: moved to the first dose, which the recorded month allows.
    "month of the first dose": ("first", "2020-03", None, "2020-03-10", "D", "Y"),
    "month before": ("first", "2020-02", None, "2020-02-01", "D", None),
    "month after": ("first", "2020-04", None, "2020-04-01", "D", "Y"),
    "year": ("first", "2020", None, "2020-03-10", "M", "Y"),
    "year before": ("first", "2019", None, "2019-01-01", "M", None),
    # The event had ended before the first dose, so its start is not moved there.
    "month of the first dose, ended before": (
        "first",
        "2020-03",
        "2020-03-05",
        "2020-03-01",
        "D",
        None,
    ),
    "middle of the month": ("mid", "2020-04", None, "2020-04-15", "D", "Y"),
    # Not after its own end.
    "last of the month, ended earlier": (
        "last",
        "2020-04",
        "2020-04-12",
        "2020-04-12",
        "D",
        "Y",
    ),
    "last of the month": ("last", "2020-04", None, "2020-04-30", "D", "Y"),
}


@cache
def dated(engine: str, how: str) -> pl.DataFrame:
    """Return the events of all subjects, derived together."""
    rows = [(name, "a", "A", one[1], one[2], 1) for name, one in DATES.items()]
    ae = table("USUBJID AETERM AEDECOD AESTDTC AEENDTC AESEQ", rows)
    adsl = subjects(*((name, FIRST, LAST) for name in DATES))
    return derived(derive_adae, engine, ae, adsl, plan=protocol(dates={"start": how}))


@ENGINES
@pytest.mark.parametrize("name", DATES)
def test_start_and_emergence(name: str, engine: str) -> None:
    how, _, _, *expected = DATES[name]
    row = dated(engine, how).filter(pl.col("USUBJID") == name).row(0, named=True)
    assert [row["ASTDT"], row["ASTDTF"], row["TRTEMFL"]] == [day(expected[0]), *expected[1:]]


@ENGINES
@pytest.mark.parametrize(
    ("first", "last", "follow_up", "start", "expected"),
    [
        (None, None, 30, "2020-04-01", None),  # never treated
        (FIRST, None, 30, "2024-01-01", "Y"),  # still on treatment: no last day
        (FIRST, LAST, 0, "2020-06-30", "Y"),
        (FIRST, LAST, 0, "2020-07-01", None),
        (FIRST, LAST, None, "2024-01-01", "Y"),  # no follow-up stated
    ],
)
def test_window(
    engine: str,
    first: str | None,
    last: str | None,
    follow_up: int | None,
    start: str,
    expected: str | None,
) -> None:
    ae = table("USUBJID AETERM AESTDTC", [("1", "a", start)])
    stated = {"version": "5.0", "follow_up_days": follow_up} if follow_up is not None else None
    plan = protocol(adverse_events=stated)
    result = derived(derive_adae, engine, ae, subjects(("1", first, last)), plan=plan)
    assert result["TRTEMFL"].to_list() == [expected]


#: Recorded grade, severity, outcome, AESDTH; expected ATOXGR, ASEV, ASEVN.
GRADES: list[tuple[Any, ...]] = [
    ("3", None, "RECOVERED/RESOLVED", "N", 3, None, None),
    ("3.0", None, None, None, 3, None, None),
    ("Grade 4", None, None, None, 4, None, None),
    ("3", None, "FATAL", "N", 5, None, None),
    ("3", None, "Fatal", None, 5, None, None),
    ("3", None, "NOT RECOVERED/NOT RESOLVED", "Y", 5, None, None),
    (None, None, "DEATH", None, 5, None, None),
    ("5", None, None, None, 5, None, None),
    ("0", None, None, None, None, None, None),
    (None, "Mild", None, None, None, "MILD", 1),
    (None, "MODERATE", None, None, None, "MODERATE", 2),
    (None, "SEVERE", "FATAL", None, 5, "SEVERE", 3),
    (None, None, "RECOVERED/RESOLVED", None, None, None, None),
]


@ENGINES
def test_grade_and_severity(engine: str) -> None:
    rows = [(str(n), "a", *one[:4], "2020-04-01") for n, one in enumerate(GRADES, start=100)]
    ae = table("USUBJID AETERM AETOXGR AESEV AEOUT AESDTH AESTDTC", rows)
    adsl = subjects(*((row[0], FIRST, LAST) for row in rows))
    result = derived(derive_adae, engine, ae, adsl)
    assert result.select("ATOXGR", "ASEV", "ASEVN").rows() == [one[4:] for one in GRADES]


@ENGINES
def test_grade_recorded_as_a_number(engine: str) -> None:
    ae = table("USUBJID AETERM AETOXGR AESTDTC", [("1", "a", 2.0, "2020-04-01")])
    result = derived(derive_adae, engine, ae, subjects(("1", FIRST, LAST)))
    assert result["ATOXGR"].to_list() == [2]


@ENGINES
def test_first_worst_events(engine: str) -> None:
    """Worst is grade 3 on 5 April; grade 4 before the first dose does not count."""
    ae = table(
        "USUBJID AEDECOD AETERM AETOXGR AESTDTC AESEQ",
        [
            ("1", "Hypertension", "a", "4", "2020-02-01", 1),
            ("1", "Hypertension", "a", "2", "2020-04-01", 2),
            ("1", "Hypertension", "a", "3", None, 3),
            ("1", "Hypertension", "a", "3", "2020-04-05", 4),
            ("1", "Hypertension", "a", "3", "2020-04-05", 5),
            ("1", "Fatigue", "b", "1", "2020-04-02", 6),
            ("1", "Fatigue", "b", "1", "2020-04-01", 7),
            ("1", "Nausea", "c", None, "2020-04-01", 8),
            ("2", None, "d", None, None, 1),
        ],
    )
    adsl = subjects(("1", FIRST, LAST), ("2", FIRST, LAST))
    result = derived(derive_adae, engine, ae, adsl)

    def flagged(name: str) -> list[tuple[str, int]]:
        return result.filter(pl.col(name) == "Y").select("USUBJID", "AESEQ").sort("AESEQ").rows()

    assert sorted(flagged("AOCCFL")) == [("1", 4), ("2", 1)]
    assert sorted(flagged("AOCCPFL")) == [("1", 4), ("1", 7), ("1", 8), ("2", 1)]


@ENGINES
def test_fatal_event_is_the_worst(engine: str) -> None:
    ae = table(
        "USUBJID AEDECOD AETERM AETOXGR AEOUT AESTDTC AESEQ",
        [
            ("1", "A", "a", "4", None, "2020-04-01", 1),
            ("1", "B", "b", "2", "FATAL", "2020-05-01", 2),
        ],
    )
    result = derived(derive_adae, engine, ae, subjects(("1", FIRST, LAST)))
    assert result["AOCCFL"].to_list() == [None, "Y"]


@ENGINES
def test_end_dates(engine: str) -> None:
    ae = table(
        "USUBJID AETERM AESTDTC AEENDTC AESEQ",
        [("1", "a", "2020-04-03", "2020-05", 1), ("1", "a", "2020-04-10", "2020-04", 2)],
    )
    for how, expected in (
        ("none", [None, None]),
        ("last", ["2020-05-31", "2020-04-30"]),
        ("first", ["2020-05-01", "2020-04-10"]),  # not before the start
    ):
        plan = protocol(dates={"end": how})
        result = derived(derive_adae, engine, ae, subjects(("1", FIRST, LAST)), plan=plan)
        assert result["AENDT"].to_list() == [day(one) for one in expected]


def test_columns_are_those_collected_and_those_derived() -> None:
    ae = table("USUBJID AETERM AESTDTC AEXTRA", [("1", "a", "2020-04-01", "kept")])
    result = derived(derive_adae, "polars", ae, subjects(("1", FIRST, LAST)))
    assert result.columns == [
        *("USUBJID", "AETERM", "AESTDTC", "AEXTRA", "AESTDT", "AESTDTP"),
        *("AENDT", "AENDTF", "ASTDT", "ASTDTF", "ATOXGR", "ASEV", "ASEVN", "TRTEMFL"),
        *("SRCDOM", "SRCVAR", "SRCSEQ", "AOCCFL", "AOCCPFL"),
    ]
    assert result["SRCDOM"].to_list() == ["AE"]


@pytest.mark.parametrize("how", ["none", "first", "mid", "last"])
def test_engines_agree(how: str) -> None:
    assert dated("polars", how).equals(dated("duckdb", how))
