"""Anlotinib against sorafenib by line: the committed sheet, and what is printed and claimed."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.published.compare import Compared, compare
from hepatica.published.read import read_published
from hepatica.results import ResultRow, Results
from hepatica.simulate.rebuild.line_search_plan import (
    CENTRES,
    CUT_OFF,
    ENROLMENT,
    FIRST,
    SECOND,
    Line,
    progression_bounds,
    survival_bounds,
)
from hepatica.stats.design import logrank_events
from hepatica.stats.survival import kaplan_meier
from hepatica.study.check import check_study
from hepatica.study.rebuild import RECORD_FILE, TRUTH_FILE, read_sheet_rebuild, rebuild_study
from hepatica.study.run import run_study

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "anlotinib-vs-sorafenib"
COLUMNS = {"ecog": "ECOG", "hbv": "HBV", "vascular": "VASCULAR", "spread": "EHS"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written, subjects = rebuild_study(STUDY, tmp_path_factory.mktemp("sheet") / "made")
    assert subjects == 191
    return written


@pytest.fixture(scope="module")
def courses() -> pl.DataFrame:
    return read_sheet_rebuild(STUDY).courses


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("study")
    shutil.copytree(STUDY, folder / "s", ignore=shutil.ignore_patterns("output", "simulated"))
    finished = run_study(folder / "s", folder / "out")
    assert finished.failures == ()
    return finished.results


@pytest.fixture(scope="module")
def compared(results: Results) -> tuple[Compared, ...]:
    protocol = check_study(STUDY).protocol
    return compare(read_published(STUDY / "published.yaml", protocol), results)


def only(results: Results, **columns: Any) -> ResultRow:
    (row,) = results.where(**columns)
    return row


def value(results: Results, **columns: Any) -> float:
    found = only(results, **columns).value
    assert found is not None
    return found


def test_the_committed_files_are_what_the_command_gives(made: Path) -> None:
    kept = [path.name for path in sorted((STUDY / "data").iterdir())]
    assert kept == [path.name for path in sorted((made / "data").iterdir())]
    for name in (*(f"data/{one}" for one in kept), TRUTH_FILE, RECORD_FILE):
        assert (STUDY / name).read_bytes() == (made / name).read_bytes(), name


@pytest.mark.parametrize("line", [FIRST, SECOND], ids=lambda one: one.name)
def test_counts_of_the_courses_are_the_chosen_ones(line: Line, courses: pl.DataFrame) -> None:
    treated = courses.filter(pl.col("LINE") == line.name)
    for at, arm in enumerate(("Anlotinib", "Sorafenib")):
        own = treated.filter(pl.col("ARM") == arm)
        assert own.height == line.patients[at]
        assert (own["OS_STATUS"] == "Alive").sum() == line.alive[at]
        assert (own["PFS_DAYS"] <= 42).sum() == line.ended[at]
        assert own["RECIST"].is_in(["CR", "PR", "SD"]).sum() == line.controlled[at]
        assert own["RECIST"].is_in(["CR", "PR"]).sum() == line.responses[at]
        assert own["MRECIST"].is_in(["CR", "PR"]).sum() == line.modified[at]
        for flag, column in COLUMNS.items():
            assert own[column].is_in(["Yes", "1-2"]).sum() == line.flags[flag][at]
    alone = courses.group_by("CENTRE", "ARM").len().rows()
    assert {(one, arm): n for one, arm, n in alone} == {
        (one, arm): n
        for one, counts in CENTRES.items()
        for arm, n in zip(("Anlotinib", "Sorafenib"), counts, strict=True)
    }


def test_courses_are_such_as_patients_have(courses: pl.DataFrame) -> None:
    died, last = pl.col("OS_STATUS") == "Dead", pl.col("OS_DAYS")
    status, day, again = pl.col("PFS_STATUS"), pl.col("PFS_DAYS"), pl.col("NEXTDY")
    measured = pl.col("AFPSHARE")
    holds = {
        "no longer without progression than alive": day <= last,
        "a death without progression is the death": (status != "Death") | (died & (day == last)),
        "progression comes before death": (status != "Progression") | ~died | (day < last),
        "treated again after progression, alive": again.is_null()
        | ((status == "Progression") & (again > day) & (again < last)),
        "AFP is measured while without progression": measured.is_null()
        | ((pl.col("AFPWK4DY") <= day) & pl.col("AFP400").is_not_null()),
        "response after the landmark only where it was reached": pl.col("BORAFTER").is_null()
        | ((day > 42) & (pl.col("BORAFTER") == pl.col("RECIST"))),
        "progressive disease ends in progression": (pl.col("RECIST") != "PD")
        | (status == "Progression"),
        "no value is near the threshold": measured.is_null() | ~measured.is_between(72, 78),
    }
    for what, rule in holds.items():
        assert courses.select(rule.all()).item(), what
    first = courses["INDEXDT"].str.to_date()
    assert first.is_between(*ENROLMENT).all()
    ends = courses.select(pl.lit(first) + pl.duration(days=last - 1)).to_series()
    assert ends.max() is not None
    assert ends.max() <= CUT_OFF  # type: ignore[operator]


def test_times_lie_within_what_was_searched(courses: pl.DataFrame) -> None:
    died = (courses["OS_STATUS"] == "Dead").to_numpy()
    last, day = courses["OS_DAYS"].to_numpy(), courses["PFS_DAYS"].to_numpy()
    for time, dead, one in zip(last, died, survival_bounds(died), strict=True):
        assert (int(time), int(dead)) in one.choices
    ended = (courses["PFS_STATUS"] != "Censored").to_numpy()
    # Who is free of progression depends on the order of the search, which the sheet does not keep.
    for time, end, dead, one in zip(day, ended, died, progression_bounds(last, died), strict=True):
        if dead:
            assert (int(time), int(end)) in one.choices
    assert Counter(courses["PFS_STATUS"])["Censored"] >= 5


def test_all_printed_numbers_are_equal(compared: tuple[Compared, ...]) -> None:
    assert [one.number.printed for one in compared] == [
        "158", "54", "104", "13.0", "11.0", "0.010",
    ]  # fmt: skip
    assert [one.verdict for one in compared] == ["equal"] * 6


def test_the_printed_p_value_is_met_to_half_a_thousandth(results: Results) -> None:
    found = value(
        results, analysis="os-second-line", variable="logrank_unstratified", statistic="p_value"
    )
    assert abs(found - 0.010) < 0.0005


def test_the_deaths_that_proportional_hazards_would_need() -> None:
    needed = logrank_events(11 / 13, alpha=0.010, power=0.5, allocation=54 / 104)
    assert needed.events == 1057
    assert needed.events > 6 * 158
    findings = read_published(STUDY / "published.yaml", check_study(STUDY).protocol).findings
    assert any("1,057 deaths" in one for one in findings)


def test_the_curves_of_the_second_line_part_after_the_medians(courses: pl.DataFrame) -> None:
    second = courses.filter(pl.col("LINE") == "Second")

    def alive(arm: str, months: float) -> float:
        own = second.filter(pl.col("ARM") == arm)
        dead = (own["OS_STATUS"] == "Dead").to_numpy()
        curve = kaplan_meier(own["OS_DAYS"].to_numpy(), dead)
        return float(curve.survival[curve.time <= months * 30.4375][-1])

    def between(months: float) -> float:
        return alive("Anlotinib", months) - alive("Sorafenib", months)

    assert all(abs(between(months)) < 0.07 for months in (3, 6, 7, 8, 9, 13))
    assert all(between(months) > 0.15 for months in (18, 24, 30))


def test_other_differences_are_not_significant(results: Results) -> None:
    for analysis in ("os-first-line", "pfs-first-line", "pfs-second-line", "pfs-all"):
        for variable in ("logrank", "logrank_unstratified", "cox", "cox_unstratified"):
            found = value(results, analysis=analysis, variable=variable, statistic="p_value")
            assert found > 0.05, (analysis, variable)
    for analysis, names in (
        ("response", ("orr", "dcr")),
        ("response-mrecist", ("orr-mrecist", "dcr-mrecist")),
    ):
        for name in names:
            rows = results.where(analysis=analysis, variable_level=name, statistic="p_value")
            assert rows
            assert all(one.value is not None and one.value > 0.05 for one in rows)


@pytest.mark.parametrize("analysis", ["os-subgroups", "os-subgroups-second-line"])
def test_the_benefit_is_larger_with_high_afp_and_with_hepatitis_b(
    analysis: str, results: Results
) -> None:
    def ratio(subgroup: str, level: str) -> float:
        place = {"subgroup": subgroup, "subgroup_level": level, "statistic": "hazard_ratio"}
        return value(results, analysis=analysis, **place)

    assert ratio("afp-400", "400 ng/mL or more") < ratio("afp-400", "Below 400 ng/mL")
    assert ratio("hbv", "Yes") < ratio("hbv", "No")


def test_afp_response_predicts_disease_control_in_both_strata(results: Results) -> None:
    def found(level: str, variable: str, statistic: str = "p_value") -> ResultRow:
        place = {"variable": variable, "statistic": statistic, "subgroup_level": level}
        return only(results, analysis="afp-response", **place)

    for level in ("", "Below 400 ng/mL", "400 ng/mL or more"):
        told = found(level, "association").value
        assert told is not None
        assert told < 0.05
    adjusted = found("", "logistic_adjusted").value
    assert adjusted is not None
    assert adjusted < 0.05
    # All with a response and low values had disease control, so that Firth's penalty is needed.
    assert found("Below 400 ng/mL", "logistic", "odds_ratio").status == "not_estimable"
    assert found("Below 400 ng/mL", "logistic_firth", "odds_ratio").status == "ok"
    assert found("400 ng/mL or more", "logistic", "odds_ratio").status == "ok"


def test_patients_without_a_later_value_are_counted(results: Results) -> None:
    def count(level: str) -> float:
        place = {"variable": "early_response", "variable_level": level, "subgroup": ""}
        return value(results, analysis="afp-response", statistic="n", **place)

    standings = ("response", "no_response", "no_baseline", "no_value", "ended")
    assert sum(count(one) for one in standings) == 158
    assert count("no_baseline") == 4
    assert count("no_value") == 10
    assert count("ended") > 0


def test_the_construction_calls_everything_else_invented() -> None:
    rebuild = read_sheet_rebuild(STUDY)
    told = {name: one.origin for one in rebuild.construction.found for name in one.columns}
    assert set(told) == set(rebuild.courses.columns) - {"USUBJID"}
    assert {name for name, origin in told.items() if origin == "printed"} == {
        "ARM", "OS_DAYS", "OS_STATUS",
    }  # fmt: skip
    construction = rebuild.construction
    made: tuple[Any, ...] = (
        *construction.measured, *construction.shares, *construction.dealt, *construction.days,
        *construction.screened_out, *construction.events,
    )  # fmt: skip
    assert {one.origin for one in made} == {"invented"}
    assert all(one.source for one in (*made, *construction.found))


def test_the_flow_of_patients_is_that_of_the_criteria(results: Results) -> None:
    reasons = results.where(analysis="sets", group="", variable="screening_failure", statistic="n")
    assert {one.variable_level: one.value for one in reasons if one.variable_level} == {
        "Combined with another systemic drug": 14,
        "Line of treatment not documented": 6,
        "Child–Pugh class C": 4,
        "Lost to follow-up": 9,
    }
