"""Early response of a marker from its landmark, by hand in thirteen patients and at the edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.analyse.early_groups import is_at_most
from hepatica.derive import derive_datasets
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results
from hepatica.stats.survival import cox_firth, logrank

#: Baseline, later value, its day, days without progression, progression, response after week 6.
PATIENTS: list[tuple[Any, ...]] = [
    (100, 75, 28, 100, 1, "SD"),  # exactly 25%
    (11.6, 8.7, 28, 142, 1, "PD"),  # exactly 25% as decimals
    (100, 75.01, 28, 62, 1, "PD"),
    (100, 60, 50, 200, 1, "SD"),  # measured too late
    (None, 60, 28, 200, 1, "SD"),
    (100, 60, 28, 42, 1, None),  # progressed on the landmark
    (100, 120, 28, 30, 0, None),  # follow-up ended before it
    (100, None, None, 20, 1, None),  # progressed before it was measured
    (100, 90, 30, 82, 1, "SD"),
    (100, 10, 14, 242, 0, None),  # not judged
    (4, 3, 28, 150, 1, "SD"),  # both below the limit of 5
    (4, 9, 28, 92, 1, "PD"),  # below the limit, then certainly no decline
    (10, 2, 28, 202, 1, "PR"),  # certainly a decline
]
PLAN: dict[str, Any] = {
    "id": "early",
    "kind": "early_response",
    "set": "full",
    "marker": "afp",
    "value": {"column": "AFPWK4", "day": "AFPWK4DY"},
    "at": "4 weeks",
    "window": "2 weeks",
    "floors": [20],
    "response": "dcr",
    "judged": "BORAFTER",
    "endpoints": ["pfs"],
}


def carried_out(patients: list[tuple[Any, ...]] = PATIENTS, **change: Any) -> Results:
    plan = Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T"},
            "data": {"tables": {"ADSL": {"file": "a.csv"}, "ADTTE": {"file": "t.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "biomarkers": [
                {
                    "id": "afp",
                    "label": "Alpha-fetoprotein",
                    "column": "AFPBL",
                    "unit": "ng/mL",
                    "lower_limit_of_detection": 5,
                    "cut_points": [
                        {"id": "half", "at": 50, "below": "Low", "at_or_above": "High",
                         "source": "Fixed"}
                    ],
                }
            ],
            "endpoints": [
                {
                    "id": "pfs",
                    "kind": "time_to_event",
                    "label": "Progression-free survival",
                    "parameter": "PFS",
                    "origin": {"label": "first dose", "variable": "TRTSDT"},
                    "events": [{"id": "pd", "sentence": "Progression.", "description": "PD"}],
                },
                {"id": "dcr", "kind": "response", "label": "Disease control", "parameter": "BOR",
                 "counted": ["CR", "PR", "SD"]},
            ],
            "analyses": [PLAN | change],
        }
    )  # fmt: skip
    names = [f"{n:02d}" for n in range(len(patients))]
    columns = list(zip(*patients, strict=True))
    adsl = pl.DataFrame(
        {
            "USUBJID": names,
            "FASFL": ["Y"] * len(names),
            "AFPBL": pl.Series(columns[0], dtype=pl.Float64, strict=False),
            "AFPWK4": pl.Series(columns[1], dtype=pl.Float64, strict=False),
            "AFPWK4DY": pl.Series(columns[2], dtype=pl.Float64, strict=False),
            "BORAFTER": pl.Series(columns[5], dtype=pl.String),
        }
    )
    adtte = pl.DataFrame(
        {
            "USUBJID": names,
            "PARAMCD": ["PFS"] * len(names),
            "AVAL": [float(one) for one in columns[3]],
            "CNSR": [1 - one for one in columns[4]],
        }
    )
    return analyse(plan, derive_datasets(plan, {"ADSL": adsl, "ADTTE": adtte}))


@pytest.fixture(scope="module")
def rows() -> Results:
    return carried_out()


YES, NO = "AFP response", "No AFP response"


def value(rows: Results, statistic: str, **columns: Any) -> float:
    return one(rows, statistic, **columns).value  # type: ignore[return-value]


def one(rows: Results, statistic: str, **columns: Any) -> ResultRow:
    wanted = {"subgroup": "", "variable": "", "variable_level": "", **columns}
    return rows.one(analysis="early", statistic=statistic, **wanted)


def test_everybody_stands_in_one_place(rows: Results) -> None:
    found = {
        row.variable_level: row.value
        for row in rows.where(
            analysis="early", variable="early_response", statistic="n", subgroup=""
        )
    }
    assert found == {
        "response": 5,
        "no_response": 4,
        "no_baseline": 1,
        "no_value": 1,
        "ended": 1,
        "below_limit": 1,
    }


def test_the_landmark_leaves_out_who_did_not_reach_it(rows: Results) -> None:
    for level, wanted in ((YES, (4, 1, 0)), (NO, (3, 0, 1))):
        names = ("followed", "event_before", "censored_before")
        where = {"parameter": "PFS", "level": level, "variable": "landmark"}
        assert tuple(value(rows, "n", variable_level=name, **where) for name in names) == wanted
    assert one(rows, "median", level=YES).time_origin == "6 weeks after first dose"


def test_times_are_counted_from_the_landmark(rows: Results) -> None:
    assert value(rows, "median", level=NO) == 40
    assert value(rows, "median", level=YES) == 130
    time, event = [58, 100, 200, 160, 20, 40, 50], [1, 1, 0, 1, 1, 1, 1]
    group = [0, 0, 0, 0, 1, 1, 1]
    assert value(rows, "p_value", variable="logrank") == pytest.approx(
        logrank(time, event, group).p_value, rel=1e-12
    )


def test_where_no_ratio_is_finite_the_penalised_one_stands_beside_why(rows: Results) -> None:
    plain = one(rows, "hazard_ratio", variable="cox", level=YES, reference=NO)
    assert plain.status == "not_estimable"
    assert "penalised estimate is given beside it" in plain.message
    fit = cox_firth([58, 100, 200, 160, 20, 40, 50], [1, 1, 0, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0])
    for name, wanted in (("", fit.hazard_ratio), ("_lower", fit.lower), ("_upper", fit.upper)):
        found = value(rows, f"hazard_ratio{name}", variable="cox_firth", level=YES)
        assert found == pytest.approx(wanted.item(), rel=1e-9)


def test_disease_control_is_judged_after_the_landmark_only(rows: Results) -> None:
    where = {"parameter": "BOR", "variable": "landmark"}
    assert value(rows, "n", level=YES, variable_level="not_judged", **where) == 1
    assert value(rows, "n", level=YES, variable_level="followed", **where) == 3
    assert value(rows, "n", level=NO, variable_level="followed", **where) == 3
    assert value(rows, "n", level=YES, variable="response") == 2
    assert value(rows, "percent", level=NO, variable="response") == pytest.approx(100 / 3)
    assert value(rows, "odds_ratio", level=YES, variable="logistic") == pytest.approx(4)
    limit = math.exp(math.log(4) - 1.959963984540054 * math.sqrt(0.5 + 1 + 1 + 0.5))
    assert value(rows, "odds_ratio_lower", level=YES, variable="logistic") == pytest.approx(limit)
    test = one(rows, "p_value", variable="association")
    assert (test.value, test.method) == (pytest.approx(1.0), "Fisher's exact test")


def test_a_floor_is_a_sensitivity_of_its_own(rows: Results) -> None:
    named = {"subgroup": "floor", "subgroup_level": "Baseline at or above 20 ng/mL"}
    where = {"variable": "early_response", "variable_level": "response", **named}
    assert value(rows, "n", **where) == 3
    assert one(rows, "n", **where).denominator == 8


def test_without_the_landmark_the_ratio_is_called_biased(rows: Results) -> None:
    naive = one(rows, "hazard_ratio", variable="naive", level=YES, reference=NO)
    assert naive.time_origin == "first dose"
    assert naive.message.startswith("Biased, shown as a caution")


def test_strata_have_rows_and_an_interaction() -> None:
    rows = carried_out(strata="half", floors=[])
    levels = {row.subgroup_level for row in rows if row.subgroup == "half"}
    assert levels == {"Low", "High"}
    row = one(rows, "p_value", variable="interaction", variable_level="half", parameter="PFS")
    assert row.status == "not_estimable"
    assert row.message


def test_without_a_value_in_time_nobody_is_grouped() -> None:
    rows = carried_out([(100, None, None, 100, 1, "SD")] * 3)
    row = rows.one(analysis="early", statistic="median", level=YES, subgroup="")
    assert row.status == "not_estimable"
    assert {row.status for row in rows if row.statistic == "hazard_ratio"} == {"not_estimable"}


def test_a_missing_column_is_told() -> None:
    failed = carried_out(value={"column": "AFPWK8"}).one(analysis="early", statistic="analysis")
    assert failed.message.startswith("ADSL has no column AFPWK8 for the later value of Alpha")


def test_the_landmark_is_the_end_of_the_window_unless_it_is_later() -> None:
    later = carried_out(landmark="8 weeks")
    assert one(later, "median", level=YES).time_origin == "8 weeks after first dose"
    bare = carried_out(window=None, value={"column": "AFPWK4"})
    assert one(bare, "median", level=YES).time_origin == "4 weeks after first dose"


def test_whole_shares_are_compared_as_decimals() -> None:
    tenths = np.arange(1, 2000) / 10
    for percent in (10.0, 25.0, 30.0, 50.0):
        start = np.round(tenths * 100 / (100 - percent), 10)
        whole = np.array([round(one * 1000) == round(one * 1000, 6) for one in start])
        exact = [
            round(one * 10**6) * 100 <= round(two * 10**6) * (100 - percent)
            for one, two in zip(tenths, start, strict=True)
        ]
        found = is_at_most(tenths, start, percent)
        assert found[whole].tolist() == np.array(exact)[whole].tolist()


def test_more_than_the_share_never_counts() -> None:
    assert not is_at_most(np.array([75.0000001]), np.array([100.0]), 25.0).any()
    assert is_at_most(np.array([74.9999999]), np.array([100.0]), 25.0).all()
