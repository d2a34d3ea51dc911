"""Change of target lesions up to progression, and its deciles where patients are many."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.analyse.lesion_changes import lesion_changes
from hepatica.analyse.selection import Selection
from hepatica.analyse.spider_deciles import analyse_change_deciles, change_deciles
from hepatica.dialect import trial_dialect
from hepatica.results import ResultRow

START = date(2020, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def sums(*rows: tuple[str, int, float, float | None]) -> pl.DataFrame:
    """Return sums: subject, day, visit, change."""
    return pl.DataFrame(
        [(name, "SDIAM", day(at), visit, change) for name, at, visit, change in rows],
        schema=["USUBJID", "PARAMCD", "ADT", "AVISITN", "PCHG"],
        orient="row",
    )


def members(*names: str, group: str = "A") -> nw.DataFrame[Any]:
    frame = pl.DataFrame({"USUBJID": names}).with_columns(
        pl.lit(START).alias("TRTSDT"), pl.lit(group).alias("__group__")
    )
    return nw.from_native(frame, eager_only=True)


def found(datasets: dict[str, pl.DataFrame], *names: str) -> list[tuple[str, int, float]]:
    frame = lesion_changes(members(*names), datasets)
    return list(frame.select("USUBJID", "DAY", "PCHG").iter_rows())


def test_sums_count_up_to_the_visit_of_progression_and_a_new_therapy() -> None:
    adtr = sums(
        ("1", 40, 2.0, -10.0), ("1", 84, 3.0, 30.0), ("1", 126, 4.0, 60.0),
        ("2", 42, 2.0, -20.0), ("2", 90, 3.0, -40.0), ("2", 130, 4.0, -50.0),
        ("3", 42, 2.0, None), ("3", 42, 2.0, 5.0), ("4", 42, 2.0, 1.0),
    )  # fmt: skip
    # The progression of visit 3 was seen on day 82, its sum is dated by the last scan on day 84.
    adrs = pl.DataFrame(
        {"USUBJID": ["1"], "PARAMCD": ["PD"], "AVALC": ["Y"], "ADT": [day(82)], "AVISITN": [3.0]}
    )
    adcm = pl.DataFrame({"USUBJID": ["2"], "NEWTHFL": ["Y"], "ASTDT": [day(100)]})
    datasets = {"ADTR": adtr, "ADRS": adrs, "ADCM": adcm}
    assert found(datasets, "1", "2", "3") == [
        ("1", 40, -10.0), ("1", 84, 30.0), ("2", 42, -20.0), ("2", 90, -40.0), ("3", 42, 5.0),
    ]  # fmt: skip
    assert found({"ADTR": adtr}, "1")[-1] == ("1", 126, 60.0)


def test_deciles_of_one_to_twenty_by_hand() -> None:
    # By averaging, decile k of 1 to 20 lies between the values 2k and 2k + 1.
    changes = [(42, float(value)) for value in range(20, 0, -1)]
    ((time, n, deciles),) = change_deciles(changes, "average")
    assert (time, n) == (42.0, 20)
    assert deciles == (2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5, 16.5, 18.5)


@pytest.mark.parametrize(("at", "time"), [(1, 42.0), (62, 42.0), (63, 84.0), (104, 84.0)])
def test_a_change_counts_for_the_nearest_six_weeks(at: int, time: float) -> None:
    assert [one[0] for one in change_deciles([(at, 1.0)] * 10, "average")] == [time]


def selection(names: list[str]) -> Selection:
    own = members(*names).with_columns(
        nw.when(nw.col("USUBJID") < "P100")
        .then(nw.lit("A"))
        .otherwise(nw.lit("B"))
        .alias("__group__")
    )
    base = ResultRow(study="S", analysis="response", statistic="")
    return Selection(own, "arm", ("A", "B"), base)


@pytest.mark.parametrize(("number", "rows"), [(150, 0), (151, 3 * 10)])
def test_more_than_150_patients_have_rows_by_group_and_of_all(number: int, rows: int) -> None:
    names = [f"P{place:03d}" for place in range(number)]
    adtr = sums(*((name, 42, 2.0, float(place)) for place, name in enumerate(names)))
    made = analyse_change_deciles(selection(names), {"ADTR": adtr}, trial_dialect("sas"))
    assert len(made) == rows
    values = {(row.level, row.statistic): row.value for row in made}
    if made:
        # 100 values 0 to 99: the fifth decile lies between 49 and 50; of 151 it is the 76th value.
        assert values["A", "p50"] == 49.5
        assert values["", "p50"] == 75.0
        assert (values["A", "n"], values["B", "n"], values["", "n"]) == (100, 51, 151)
        assert len({row.id for row in made}) == rows


def test_without_sums_there_are_no_rows() -> None:
    names = [f"P{place:03d}" for place in range(200)]
    assert analyse_change_deciles(selection(names), {}, trial_dialect("sas")) == []
