"""All stages of the search on a small arm."""

from datetime import date

import polars as pl
import pytest

from hepatica.dialect import trial_dialect
from hepatica.published.model import PrintedNumber, Published
from hepatica.simulate.rebuild.search_courses import find_courses
from hepatica.simulate.rebuild.search_plan import ArmPlan, CoursesPlan, Kind
from hepatica.stats.survival import kaplan_meier

ARM = ArmPlan(
    arm="A",
    prefix="P",
    kinds=(
        Kind(count=2, best="PD", end="progression", days=((30, 45),)),
        Kind(count=4, best="SD", end="progression", days=((74, 300),), marker="high"),
        Kind(count=1, best="SD", end="death", days=((100, 150),)),
        Kind(count=1, best="PR", end="censored", days=((200, 260),), treated=True),
    ),
    stopped_early=1,
    by_marker="by-marker",
    by_later="by-later",
    first_line=(60, 400),
)
PLAN = CoursesPlan(
    seed=3,
    enrolment=(date(2018, 1, 1), date(2018, 12, 31)),
    cut_off=date(2019, 9, 30),
    arms=(ARM,),
)


def _number(value: float, decimals: int = 0, **key: str | float) -> PrintedNumber:
    months = str(key["statistic"]).startswith("median")
    return PrintedNumber(
        place="Table",
        printed=str(value),
        value=value,
        decimals=decimals,
        scale="months" if months else "plain",
        key=tuple({"level": "A", **key}.items()),
    )


PUBLISHED = Published(
    "S",
    "",
    (
        _number(
            0.75, 2, analysis="progression-free-survival", time=84.0, statistic="survival"
        ),
        _number(4.0, 1, analysis="time-to-progression", statistic="median"),
        _number(9.0, 1, analysis="overall-survival", statistic="median"),
        _number(4.0, 1, analysis="time-on-treatment", statistic="median"),
        _number(20.0, 1, analysis="os-from-first-line", statistic="median"),
        _number(
            2, analysis="subsequent-therapy", variable_level="Targeted therapy", statistic="n"
        ),
        _number(
            1, analysis="subsequent-therapy", variable_level="Checkpoint inhibitor", statistic="n"
        ),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    courses, arms = find_courses(PLAN, PUBLISHED, trial_dialect("sas"))
    assert [one.missed for one in arms] == [()]
    return courses


def _median(time: pl.Series, event: pl.Series) -> str:
    curve = kaplan_meier(time.to_numpy(), event.to_numpy(), median_rule="midpoint_or_missing")
    return f"{curve.median.estimate / 30.4375:.1f}"


def test_all_stages_hold(found: pl.DataFrame) -> None:
    assert _median(found["pfs_days"], found["pfs_end"] == "progression") == "4.0"
    assert _median(found["os_days"], found["os_end"] == "death") == "9.0"
    assert _median(found["treatment_days"], found["on_treatment"] == "N") == "4.0"
    whole = found["first_line_days"] + found["os_days"]
    assert _median(whole, found["os_end"] == "death") == "20.0"


def test_stages_agree_with_one_another(found: pl.DataFrame) -> None:
    assert found["USUBJID"].to_list() == [f"P-{n:02d}" for n in range(1, 9)]
    assert (found["later_targeted"] == "Y").sum() == 2
    assert (found["later_checkpoint"] == "Y").sum() == 1
    later = found.filter(pl.col("later_day").is_not_null())
    assert (later["later_day"] > later["treatment_days"]).all()
    assert (later["later_day"] < later["os_days"]).all()
    died = found.filter(pl.col("pfs_end") == "death")
    assert (died["pfs_days"] == died["os_days"]).all()
    assert (died["treatment_days"] < died["os_days"]).all()


def test_the_calendar_ends_at_the_cut_off(found: pl.DataFrame) -> None:
    end = found.select(pl.col("first_dose") + pl.duration(days=pl.col("os_days") - 1)).to_series()
    assert found["first_dose"].is_between(*PLAN.enrolment).all()
    assert (end <= PLAN.cut_off).all()
    assert (end.filter(found["os_end"] == "censored") == PLAN.cut_off).all()


def test_the_same_seed_finds_the_same_courses(found: pl.DataFrame) -> None:
    again, _ = find_courses(PLAN, PUBLISHED, trial_dialect("sas"))
    assert again.equals(found)
