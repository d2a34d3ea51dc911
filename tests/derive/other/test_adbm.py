"""ADBM: one subject per rule, the expected record by hand beside it.

The first dose was on 10 March 2020; progression, where there is one, on 10 June 2020; the window
of an assessment is 7 days.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest
from tables import ENGINES, on_both, protocol, subjects, table

from hepatica.derive.adbm import derive_adbm

#: Name, results (number, text, limit, date, visit); expected AVAL, BLOQFL, ABLFL, CHG, PAIRFL of
#: each record.
CASES: dict[str, tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]] = {
    "measured": (
        [(400.0, "400", None, "2020-03-01", "SCR"), (100.0, "100", None, "2020-04-01", "C2")],
        [(400, None, "Y", None, None), (100, None, None, -300, None)],
    ),
    "written below the limit": (
        [(400.0, "400", None, "2020-03-01", "SCR"), (None, "<2.0", None, "2020-04-01", "C2")],
        [(400, None, "Y", None, None), (None, "Y", None, None, None)],
    ),
    "number beside the sign is not taken": (
        [(2.0, "< 2.0", None, "2020-03-01", "SCR")],
        [(None, "Y", "Y", None, None)],
    ),
    "at the recorded limit": (
        [(5.0, "5", 5.0, "2020-03-01", "SCR")],
        [(5, None, "Y", None, None)],
    ),
    "below the recorded limit": (
        [(4.9, "4.9", 5.0, "2020-03-01", "SCR")],
        [(None, "Y", "Y", None, None)],
    ),
    "below the limit of the protocol": (
        [(1.9, "1.9", None, "2020-03-01", "SCR")],
        [(None, "Y", "Y", None, None)],
    ),
    "at the limit of the protocol": (
        [(2.0, "2", None, "2020-03-01", "SCR")],
        [(2, None, "Y", None, None)],
    ),
    # The last result is the baseline although nothing could be measured.
    "baseline below the limit": (
        [
            (400.0, "400", None, "2020-02-01", "SCR"),
            (None, "<2.0", None, "2020-03-09", "C1"),
            (3.0, "3", None, "2020-04-01", "C2"),
        ],
        [
            (400, None, None, None, None),
            (None, "Y", "Y", None, None),
            (3, None, None, None, None),
        ],
    ),
    "visit at progression": (
        [
            (400.0, "400", None, "2020-03-01", "SCR"),
            (500.0, "500", None, "2020-06-10", "C4"),
            (600.0, "600", None, "2020-07-30", "Disease progression"),
        ],
        [
            (400, None, "Y", None, None),
            (500, None, None, 100, None),
            (600, None, None, 200, "Y"),
        ],
    ),
    "nearest to progression": (
        [
            (400.0, "400", None, "2020-03-01", "SCR"),
            (500.0, "500", None, "2020-06-03", "C4"),
            (550.0, "550", None, "2020-06-13", "C5"),
            (600.0, "600", None, "2020-06-18", "C6"),
        ],
        [
            (400, None, "Y", None, None),
            (500, None, None, 100, None),
            (550, None, None, 150, "Y"),
            (600, None, None, 200, None),
        ],
    ),
    "equally near, the earlier": (
        [
            (400.0, "400", None, "2020-03-01", "SCR"),
            (500.0, "500", None, "2020-06-07", "C4"),
            (600.0, "600", None, "2020-06-13", "C5"),
        ],
        [
            (400, None, "Y", None, None),
            (500, None, None, 100, "Y"),
            (600, None, None, 200, None),
        ],
    ),
    "last day of the window": (
        [(400.0, "400", None, "2020-03-01", "SCR"), (500.0, "500", None, "2020-06-17", "C4")],
        [(400, None, "Y", None, None), (500, None, None, 100, "Y")],
    ),
    "a day after the window": (
        [(400.0, "400", None, "2020-03-01", "SCR"), (500.0, "500", None, "2020-06-18", "C4")],
        [(400, None, "Y", None, None), (500, None, None, 100, None)],
    ),
    "no baseline, no pair": (
        [(500.0, "500", None, "2020-06-10", "C4")],
        [(500, None, None, None, None)],
    ),
    "below the limit at progression": (
        [(400.0, "400", None, "2020-03-01", "SCR"), (None, "<2", None, "2020-06-10", "C4")],
        [(400, None, "Y", None, None), (None, "Y", None, None, "Y")],
    ),
}
WITHOUT_PROGRESSION = {"measured", "written below the limit", "baseline below the limit"}
PLAN: dict[str, Any] = {
    "assessments": {"every_days": 42, "window_days": 7, "criteria": "RECIST 1.1"},
    "biomarkers": [
        {
            "id": "afp",
            "label": "AFP",
            "column": "AFPBL",
            "unit": "ng/mL",
            "lower_limit_of_detection": 2,
        }
    ],
}
COLUMNS = "USUBJID BMTESTCD BMTEST BMSTRESN BMSTRESC BMSTRESU BMLLOQ BMDTC VISIT BMSEQ"


@cache
def markers(engine: str) -> pl.DataFrame:
    rows = [
        (name, "AFP", "AFP", *one[:2], "ng/mL", *one[2:], number)
        for name, (results, _) in CASES.items()
        for number, one in enumerate(results, start=1)
    ]
    progressed = [name for name in CASES if name not in WITHOUT_PROGRESSION]
    days = pl.DataFrame(
        {
            "USUBJID": progressed + progressed,
            "ADT": [date(2020, 6, 10)] * len(progressed) + [date(2020, 9, 1)] * len(progressed),
        }
    )
    bm, adsl, progression = on_both(
        [table(COLUMNS, rows), subjects(*((name, "2020-03-10", None) for name in CASES)), days],
        engine,
    )
    result = derive_adbm(protocol(**PLAN), bm, adsl, progression)
    return result.collect(backend="polars").to_native()


@ENGINES
@pytest.mark.parametrize("name", CASES)
def test_result_of_one_subject(name: str, engine: str) -> None:
    rows = markers(engine).filter(pl.col("USUBJID") == name).sort("BMSEQ")
    assert rows.select("AVAL", "BLOQFL", "ABLFL", "CHG", "PAIRFL").rows() == CASES[name][1]
    assert rows["AVALC"].to_list() == [one[1] for one in CASES[name][0]]


def test_engines_agree() -> None:
    assert markers("polars").equals(markers("duckdb"))


@ENGINES
def test_baseline_below_the_limit_is_told_in_words(engine: str) -> None:
    rows = markers(engine).filter(pl.col("USUBJID") == "baseline below the limit")
    assert rows.select("BASE", "BASEC").rows() == [(None, "<2.0")] * 3


@ENGINES
def test_without_days_of_progression_the_visit_name_tells(engine: str) -> None:
    bm = table(
        "USUBJID BMTESTCD BMTEST BMSTRESN BMDTC VISIT",
        [
            ("1", "AFP", "AFP", 4.0, "2020-03-01", "SCR"),
            ("1", "AFP", "AFP", 8.0, "2020-06-01", "PROGRESSION"),
        ],
    )
    frames = on_both([bm, subjects(("1", "2020-03-10", None))], engine)
    result = derive_adbm(protocol(), *frames).collect(backend="polars").to_native()
    assert result.select("PARAM", "CHG", "PCHG", "PAIRFL").rows() == [
        ("AFP", None, None, None),
        ("AFP", 4, 100, "Y"),
    ]
