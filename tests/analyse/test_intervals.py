"""Progression known to an interval only: six patients, every number by hand."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import polars as pl
import pytest
from few_patients import carried_out, failure, frame, plan

from hepatica.errors import HepaticaError
from hepatica.protocol import parse_protocol
from hepatica.results import Results
from hepatica.stats.survival import turnbull_bootstrap

RULES = [
    {
        "id": "progression",
        "sentence": "Progression.",
        "description": "Disease progression",
        "dataset": "ADRS",
        "where": {"PARAMCD": "OVR", "AVALC": ["PD", "iUPD", "iCPD"]},
        "date": "ADT",
    },
    {
        "id": "death",
        "sentence": "Death.",
        "description": "Death",
        "dataset": "ADSL",
        "where": {"DTHFL": "Y"},
        "date": "DTHDT",
    },
]
ENDPOINT = {
    "kind": "time_to_event",
    "id": "pfs",
    "label": "Progression-free survival",
    "parameter": "PFS",
    "origin": {"label": "first dose", "variable": "TRTSDT"},
    "time_points": ["4 days", "7 days", "40 days"],
    "events": RULES,
}
TABLES = ("ADSL", "ADTTE", "ADRS")
SUBJECTS = frame("USUBJID FASFL TRT01P", *((str(n), "Y", "A") for n in range(1, 7)))
START = "2020-01-01"


def on(day: int) -> str:
    return f"2020-01-{day:02d}"


# Subject, day, censored, reason: 1 and 2 progress, 3 without any assessment before, 4 dies.
ADTTE = frame(
    "USUBJID PARAMCD STARTDT ADT AVAL CNSR EVNTDESC CNSDTDSC",
    ("1", "PFS", START, on(10), 10.0, 0, "Disease progression", None),
    ("2", "PFS", START, on(10), 10.0, 0, "Disease progression", None),
    ("3", "PFS", START, on(5), 5.0, 0, "Disease progression", None),
    ("4", "PFS", START, on(6), 6.0, 0, "Death", None),
    ("5", "PFS", START, on(20), 20.0, 1, None, "End"),
    ("6", "PFS", START, on(20), 20.0, 1, None, "End"),
)
ADRS = frame(
    "USUBJID PARAMCD AVALC ADT",
    ("1", "OVR", "SD", on(5)),
    ("1", "OVR", "NE", on(8)),  # could not be evaluated: the interval begins on day 5
    ("1", "OVR", "PD", on(10)),
    ("2", "OVR", "iUPD", on(5)),  # dropped by the visit after it, but an adequate assessment
    ("2", "OVR", "iSD", on(7)),
    ("2", "OVR", "iCPD", on(10)),
    ("3", "OVR", "SD", "2019-12-30"),  # before the origin
    ("3", "OVR", "PD", on(5)),
    ("4", "OVR", "PR", on(5)),  # death is known to the day
    ("5", "OVR", "SD", on(20)),
    ("2", "TRG", "SD", on(9)),  # a part of a visit is no assessment
)
ANALYSIS = {"kind": "sensitivity", "endpoints": ["pfs"], "interval_censored": True}


def rows(adtte: pl.DataFrame = ADTTE, seed: int = 1) -> Results:
    protocol = plan(ANALYSIS, *TABLES, endpoints=[ENDPOINT], seed=seed)
    return carried_out(protocol, ADSL=SUBJECTS, ADTTE=adtte, ADRS=ADRS)


@pytest.fixture(scope="module")
def found() -> Results:
    return rows()


def value(found: Results, statistic: str, variable: str, time: float | None) -> float | None:
    return found.one(
        analysis="one", statistic=statistic, level="A", variable=variable, time=time
    ).value


def test_each_time_has_its_interval(found: Results) -> None:
    """(5, 10], (7, 10], (0, 5], 6, and two beyond 20; innermost (0, 5], 6, (7, 10], (20, ...).

    1 / 6 by day 5 and 2 / 6 beyond 20. Day 6 (x) and (7, 10] (y) share 3 / 6 with the likelihood
    x y (x + y), which is greatest at x = y = 1 / 4.
    """
    assert value(found, "n", "interval_censored", None) == 3
    for name in ("survival", "least", "most"):
        wanted = pytest.approx(1 - 1 / 6 - 1 / 4)
        assert value(found, name, "interval_censored", 7.0) == wanted


def test_within_an_innermost_interval_the_bounds_are_told(found: Results) -> None:
    row = found.one(
        analysis="one", statistic="survival", level="A", variable="interval_censored", time=4.0
    )
    assert (row.status, row.value) == ("not_estimable", None)
    assert "Not identified" in row.message
    assert value(found, "least", "interval_censored", 4.0) == pytest.approx(5 / 6)
    assert value(found, "most", "interval_censored", 4.0) == pytest.approx(1)
    assert value(found, "least", "interval_censored", 40.0) == pytest.approx(0)
    assert value(found, "most", "interval_censored", 40.0) == pytest.approx(2 / 6)


def test_limits_are_there_and_hold_the_bounds(found: Results) -> None:
    for time in (4.0, 7.0, 40.0):
        lower, upper, least, most = (
            value(found, name, "interval_censored", time) or 0.0
            for name in ("survival_lower", "survival_upper", "least", "most")
        )
        assert 0 <= lower <= least <= most <= upper <= 1
    row = found.one(
        analysis="one", statistic="survival", level="A", variable="interval_censored", time=7.0
    )
    assert "bootstrap percentile interval (1000 resamples" in row.method
    assert row.conf_level == 0.95


def test_the_middle_of_the_interval_stands_beside(found: Results) -> None:
    """Progression on 7.5, 8.5 and 2.5, death on 6: 1 of 6 by day 4, 2 of 6 by day 7."""
    assert value(found, "survival", "midpoint", 4.0) == pytest.approx(5 / 6)
    assert value(found, "survival", "midpoint", 7.0) == pytest.approx(4 / 6)
    late = found.one(
        analysis="one", statistic="survival", level="A", variable="midpoint", time=40.0
    )
    assert late.status == "not_estimable"


def test_the_seed_of_the_study_decides_the_draws() -> None:
    sequence = np.random.SeedSequence(9, spawn_key=(crc32(b"one"),))
    wanted = turnbull_bootstrap(
        [5, 7, 0, 6, 20, 20],
        [10, 10, 5, 6, np.inf, np.inf],
        [4, 7, 40],
        np.random.default_rng(sequence),
    )
    found = rows(seed=9)
    for name, limits in (("survival_lower", wanted.lower), ("survival_upper", wanted.upper)):
        for place, time in enumerate((4.0, 7.0, 40.0)):
            assert value(found, name, "interval_censored", time) == round(limits[place], 6)


def test_an_event_that_no_rule_names_is_refused() -> None:
    other = ADTTE.with_columns(pl.col("EVNTDESC").replace("Death", "DEATH"))
    message = failure(rows(adtte=other))
    assert "1 events of PFS" in message
    assert "DEATH" not in message


def test_dates_and_responses_are_needed() -> None:
    assert "ADTTE has no STARTDT" in failure(rows(adtte=ADTTE.drop("STARTDT")))
    protocol = plan(ANALYSIS, *TABLES, endpoints=[ENDPOINT])
    assert "There is no ADRS" in failure(carried_out(protocol, ADSL=SUBJECTS, ADTTE=ADTTE))


TEXT = """
study: {id: S-1, title: A study}
data: {tables: {ADSL: {file: adsl.csv}, ADTTE: {file: adtte.csv}, ADRS: {file: adrs.csv}}}
arms: [{id: one, label: One}]
analysis_sets: [{like: full}]
endpoints: [{like: pfs, time_points: [12 weeks]}, {like: os}, {like: pfs-fda-table-b}]
assessments: {like: recist-1.1, every_days: 42, window_days: 7}
analyses: [{id: s, kind: sensitivity, set: full, endpoints: [pfs], interval_censored: true}]
"""


def test_a_plan_of_intervals_is_accepted() -> None:
    assert parse_protocol(TEXT).analyses[0].kind == "sensitivity"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", interval_censored: true", "", "two endpoints or more"),
        ("[pfs], i", "[os], i", "No event rule of 'os' reads ADRS"),
        (", time_points: [12 weeks]", "", "the endpoint 'pfs' has none"),
        ("[pfs], i", "[pfs-fda-table-b], i", "counts at the next visit"),
        (", ADRS: {file: adrs.csv}", "", "Intervals need the table ADRS"),
        (
            "[12 weeks]}",
            "[12 weeks], entry: {label: consent, variable: RFICDT}}",
            "intervals have no entry",
        ),
    ],
)
def test_what_has_no_intervals_is_told_beforehand(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(HepaticaError, match=said):
        parse_protocol(TEXT.replace(old, new, 1))
