"""The courses of ALTER-0802: possible, and with the printed survival results."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hepatica.dialect import trial_dialect
from hepatica.protocol.read import read_protocol
from hepatica.published.model import Published
from hepatica.published.read import read_published
from hepatica.simulate.rebuild.construction_file import read_construction
from hepatica.simulate.rebuild.courses import check_courses, read_courses
from hepatica.simulate.rebuild.search_calendar import dated
from hepatica.simulate.rebuild.search_courses import MARKS
from hepatica.simulate.rebuild.search_plan import ALTER_0802, ArmPlan
from hepatica.simulate.rebuild.search_targets import (
    DIED,
    PROGRESSED,
    arm_targets,
    comparison_targets,
    possible,
)
from hepatica.simulate.rebuild.targets import Target, value_of

STUDY = Path(__file__).parents[2] / "studies" / "alter-0802"
SAS = trial_dialect("sas")
ARMS = {one.arm: one for one in ALTER_0802.arms}


@pytest.fixture(scope="module")
def courses() -> pl.DataFrame:
    return read_courses(STUDY / "courses.csv")


@pytest.fixture(scope="module")
def published() -> Published:
    return read_published(STUDY / "published.yaml")


def _of(courses: pl.DataFrame, arm: str) -> pl.DataFrame:
    return courses.filter(pl.col("ARM") == arm)


def _marks(table: pl.DataFrame, column: str) -> np.ndarray:
    return np.array([MARKS[end] for end in table[column]])


def _where(table: pl.DataFrame, column: str, value: str) -> list[int]:
    return [at for at, one in enumerate(table[column]) if one == value]


def _missed(
    targets: list[Target], time: np.ndarray, mark: np.ndarray, entry: np.ndarray | None = None
) -> list[str]:
    assert targets
    values = ((one, value_of(one, time, mark, SAS, entry)) for one in targets)
    return [
        f"{one.label}: {one.shown(value)}, printed {one.printed}"
        for one, value in values
        if not one.holds(value)
    ]


def _progression_targets(
    published: Published, arm: ArmPlan, table: pl.DataFrame
) -> Iterator[Target]:
    high, low = (_where(table, "cxcl1", marker) for marker in ("high", "low"))
    patients = range(len(table))
    yield from arm_targets(
        published, "time-to-progression", arm.arm, "median", patients, (PROGRESSED,)
    )
    yield from comparison_targets(published, arm.by_marker, high, low, (PROGRESSED,))


@pytest.mark.parametrize("arm", ARMS)
def test_progression_free_survival_is_as_printed_or_the_nearest_possible(
    courses: pl.DataFrame, published: Published, arm: str
) -> None:
    table = _of(courses, arm)
    targets = arm_targets(
        published, "progression-free-survival", arm, "survival", range(len(table)), (1, 2)
    )
    assert len(targets) == 6
    assert _missed(targets, table["pfs_days"].to_numpy(), _marks(table, "pfs_end")) == []


def test_the_only_number_that_is_not_the_printed_one_is_the_impossible_lower_limit(
    published: Published,
) -> None:
    analyses = {"progression-free-survival", "time-to-progression", "overall-survival",
                "os-from-first-line", "time-on-treatment"}  # fmt: skip
    analyses |= {one.by_marker for one in ALTER_0802.arms}
    analyses |= {one.by_later for one in ALTER_0802.arms}
    changed = [
        (one.level, one.statistic, one.value, possible(one).value)
        for one in published.numbers
        if one.analysis in analyses and possible(one) != one
    ]
    assert changed == [("Cohort 2", "survival_lower", 48.7, 48.6)]


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("lag", [0, 7, 14, 21, 28])
def test_time_to_progression_is_as_printed_wherever_the_last_scan_before_death_lies(
    courses: pl.DataFrame, published: Published, arm: str, lag: int
) -> None:
    table = _of(courses, arm)
    targets = [replace(one, lag=lag) for one in _progression_targets(published, ARMS[arm], table)]
    assert len(targets) == 10
    assert _missed(targets, table["pfs_days"].to_numpy(), _marks(table, "pfs_end")) == []


@pytest.mark.parametrize(("arm", "numbers"), [("Cohort 1", 13), ("Cohort 2", 10)])
def test_overall_survival_is_as_printed_with_and_without_later_targeted_therapy(
    courses: pl.DataFrame, published: Published, arm: str, numbers: int
) -> None:
    table = _of(courses, arm)
    later, others = (_where(table, "later_targeted", value) for value in "YN")
    targets = arm_targets(
        published, "overall-survival", arm, "median", range(len(table)), (DIED,)
    ) + comparison_targets(published, ARMS[arm].by_later, later, others, (DIED,))
    assert len(targets) == numbers
    assert _missed(targets, table["os_days"].to_numpy(), _marks(table, "os_end")) == []


@pytest.mark.parametrize("arm", ARMS)
def test_duration_of_treatment_is_as_printed(
    courses: pl.DataFrame, published: Published, arm: str
) -> None:
    table = _of(courses, arm)
    targets = arm_targets(
        published, "time-on-treatment", arm, "median", range(len(table)), (PROGRESSED,)
    )
    ended = (table["on_treatment"] == "N").cast(pl.Int64).to_numpy()
    assert len(targets) == 3
    assert _missed(targets, table["treatment_days"].to_numpy(), ended) == []


@pytest.mark.parametrize("entry", [True, False])
def test_survival_from_first_line_is_as_printed_with_and_without_delayed_entry(
    courses: pl.DataFrame, published: Published, entry: bool
) -> None:
    table = _of(courses, "Cohort 2")
    targets = arm_targets(
        published, "os-from-first-line", "Cohort 2", "median", range(24), (DIED,), entry=entry
    )
    start = table["first_line_days"].to_numpy()
    assert len(targets) == 3
    assert (
        _missed(targets, start + table["os_days"].to_numpy(), _marks(table, "os_end"), start) == []
    )


@pytest.mark.parametrize("arm", ARMS)
def test_responses_samples_and_therapies_have_the_printed_numbers(
    courses: pl.DataFrame, published: Published, arm: str
) -> None:
    table = _of(courses, arm)
    assert len(table) == published.count(analysis="baseline", level=arm, variable="", statistic="n")
    for best in ("PR", "SD", "PD", "NE"):
        number = published.get(
            analysis="response",
            level=arm,
            variable="best_response",
            variable_level=best,
            statistic="n",
        )
        printed = number.value if number is not None else 0
        assert len(_where(table, "best_response", best)) == printed
    for column, name in (
        ("later_targeted", "Targeted therapy"), ("later_checkpoint", "Checkpoint inhibitor"),
    ):  # fmt: skip
        printed = published.count(
            analysis="subsequent-therapy", level=arm, variable_level=name, statistic="n"
        )
        assert len(_where(table, column, "Y")) == printed
    samples = published.count(analysis="biomarker-change", level=arm, statistic="n_baseline")
    high, low = (len(_where(table, "cxcl1", marker)) for marker in ("high", "low"))
    assert (high, low) == (samples / 2, samples / 2)
    sampled = table.filter(pl.col("cxcl1").is_not_null())
    matched = published.count(analysis="biomarker-change", level=arm, statistic="n_matched")
    assert len(_where(sampled, "pfs_end", "progression")) >= matched
    ongoing = published.count(
        analysis="disposition",
        level=arm,
        variable="treatment",
        variable_level="ONGOING",
        statistic="n",
    )
    assert len(_where(table, "on_treatment", "Y")) == ongoing


def test_courses_are_accepted_by_the_construction(courses: pl.DataFrame) -> None:
    protocol = read_protocol(STUDY / "study.yaml")
    check_courses(courses, protocol, read_construction(STUDY / "construction.yaml"))


def test_no_later_therapy_is_both_and_one_death_comes_without_progression(
    courses: pl.DataFrame,
) -> None:
    both = (pl.col("later_targeted") == "Y") & (pl.col("later_checkpoint") == "Y")
    assert courses.filter(both).is_empty()
    died = courses.filter(pl.col("pfs_end") == "death")
    assert died["ARM"].to_list() == ["Cohort 1"]
    assert (died["os_days"] == died["pfs_days"]).all()
    assert (died["os_end"] == "death").all()


def test_nobody_has_an_impossible_calendar(courses: pl.DataFrame) -> None:
    first, last = ALTER_0802.enrolment
    end = pl.col("first_dose") + pl.duration(days=pl.col("os_days") - 1)
    alive = courses.filter(pl.col("os_end") == "censored")
    assert courses["first_dose"].is_between(first, last).all()
    assert (courses.select(end).to_series() <= ALTER_0802.cut_off).all()
    assert (alive.select(end).to_series() == ALTER_0802.cut_off).all()
    assert (courses["first_dose"].min() - first).days <= 28  # type: ignore[operator]
    assert (last - courses["first_dose"].max()).days <= 28  # type: ignore[operator]
    halves = courses.group_by(pl.col("first_dose").dt.year()).len()
    assert halves["len"].max() <= 30  # type: ignore[operator]


def test_courses_run_in_order(courses: pl.DataFrame) -> None:
    progressed = courses.filter(pl.col("pfs_end") == "progression")
    assert (progressed["os_days"] > progressed["pfs_days"]).all()
    gap = progressed["treatment_days"] - progressed["pfs_days"]
    assert (gap <= 21).all()
    assert (gap < -10).sum() <= sum(one.stopped_early for one in ALTER_0802.arms)
    later = courses.filter(pl.col("later_day").is_not_null())
    assert (later["pfs_end"] == "progression").all()
    assert (later["later_day"] > later["pfs_days"]).all()
    assert (later["later_day"] > later["treatment_days"]).all()
    assert (later["later_day"] < later["os_days"]).all()
    assert len(later) == 15 + 12


def test_who_is_on_treatment_is_seen_close_to_the_cut_off(courses: pl.DataFrame) -> None:
    treated = courses.filter(pl.col("on_treatment") == "Y")
    assert (treated["os_days"] - treated["pfs_days"]).is_between(1, 56).all()
    assert (treated["os_days"] - treated["treatment_days"]).is_between(0, 7).all()
    assert (treated["os_end"] == "censored").all()
    assert (treated["pfs_end"] == "censored").all()


def test_best_responses_have_room_for_their_scans(courses: pl.DataFrame) -> None:
    days = {best: part["pfs_days"] for (best,), part in courses.group_by("best_response")}
    assert days["PD"].max() <= 51  # type: ignore[operator]
    assert days["NE"].max() < 35  # type: ignore[operator]
    assert days["PR"].min() >= 37 + 28  # type: ignore[operator]
    stable = courses.filter(pl.col("best_response") == "SD")
    assert stable["pfs_days"].min() > 35  # type: ignore[operator]
    seen = stable.filter(pl.col("pfs_end") == "progression")["pfs_days"]
    assert seen.min() >= 74  # type: ignore[operator]


def test_every_kind_of_the_plan_is_there(courses: pl.DataFrame) -> None:
    for arm in ALTER_0802.arms:
        planned = sorted((one.best, one.end, one.marker) for one in arm.patients())
        table = _of(courses, arm.arm).with_columns(pl.col("cxcl1").fill_null(""))
        found = sorted(table.select("best_response", "pfs_end", "cxcl1").iter_rows())
        assert found == planned


def test_first_doses_follow_from_follow_up() -> None:
    overall = np.array([300, 100, 900, 50])
    died = np.array([False, True, True, True])
    found = dated(overall, died, ALTER_0802, np.random.default_rng(1))
    assert found == dated(overall, died, ALTER_0802, np.random.default_rng(1))
    assert found[0] == date(2019, 2, 22)
    assert all(
        (ALTER_0802.cut_off - day).days + 1 >= n for day, n in zip(found, overall, strict=True)
    )
    assert (min(found) - ALTER_0802.enrolment[0]).days <= 28
    assert (ALTER_0802.enrolment[1] - max(found)).days <= 28
