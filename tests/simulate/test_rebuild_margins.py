"""Baseline characteristics have the printed counts, medians and ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from printed_patients import ARMS, baseline, reprinted, reseeded, study, with_arm

from hepatica.errors import InputError
from hepatica.simulate.rebuild.dealing import deal, without_impossible
from hepatica.simulate.rebuild.group_values import PrintedRange, find_values
from hepatica.simulate.rebuild.margins import baseline_columns
from hepatica.stats.quantiles import quantile


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def test_every_count_is_dealt() -> None:
    dealt = deal({"5": 2, "6": 3, "7": 0}, 5, rng())
    assert sorted(dealt) == ["5", "5", "6", "6", "6"]


def test_counts_that_are_not_the_group_are_refused() -> None:
    with pytest.raises(InputError, match="sum to 4; the group has 5"):
        deal({"Y": 2, "N": 2}, 5, rng())


def test_impossible_patients_are_swapped_away_and_counts_kept() -> None:
    columns = {"STAGE": ["B", "B", "C", "C"], "ECOG": ["1", "1", "0", "0"]}
    found = without_impossible(columns, [{"STAGE": "B", "ECOG": "1"}], rng())
    assert sorted(zip(found["STAGE"], found["ECOG"], strict=True)) == [
        ("B", "0"), ("B", "0"), ("C", "1"), ("C", "1"),
    ]  # fmt: skip


def test_counts_that_force_an_impossible_patient_are_refused() -> None:
    columns = {"STAGE": ["B", "B"], "ECOG": ["1", "0"]}
    with pytest.raises(InputError, match="without an impossible patient"):
        without_impossible(columns, [{"STAGE": "B", "ECOG": "1"}], rng())


def test_values_give_medians_ranges_and_counts_of_groups_and_all() -> None:
    groups = {
        "odd": PrintedRange(5, 40.0, 10.0, 90.0, ((60.0, 1),)),
        "even": PrintedRange(6, 55.0, 20.0, 80.0, ((60.0, 3),)),
    }
    found = find_values(groups, 45.0, 0, rng())
    for name, printed in groups.items():
        values = found[name]
        assert len(values) == printed.n
        assert (values.min(), values.max()) == (printed.low, printed.high)
        assert quantile(values, 0.5) == printed.median
        assert (values >= 60).sum() == printed.at_or_above[0][1]
    assert quantile(np.concatenate(list(found.values())), 0.5) == 45.0


def test_medians_that_cannot_hold_together_are_refused() -> None:
    # The median of all lies between those of the groups.
    groups = {"A": PrintedRange(4, 3.0, 1.0, 9.0), "B": PrintedRange(4, 5.0, 2.0, 8.0)}
    with pytest.raises(InputError, match="No values were found"):
        find_values(groups, 6.0, 0, rng())


def counted(frame: pl.DataFrame, column: str, value: str, arm: str) -> int:
    return frame.filter((pl.col("ARM") == arm) & (pl.col(column) == value)).height


@pytest.mark.parametrize("seed", [802, 1])
def test_table_1_is_met(seed: int) -> None:
    rebuild = reseeded(study(), seed)
    frame = with_arm(baseline_columns(rebuild))
    checked = 0
    for variable in rebuild.protocol.variables:
        for level in variable.levels:
            for arm in ARMS:
                printed = rebuild.published.get(
                    analysis="baseline", variable=variable.id, level=arm,
                    variable_level=level.label, statistic="n",
                )  # fmt: skip
                if printed is None or variable.column not in frame.columns:
                    continue
                found = counted(frame, variable.column, str(level.recorded), arm)
                assert found == printed.value, (variable.id, level.label, arm)
                checked += 1
    assert checked >= 38


@pytest.mark.parametrize(("column", "variable"), [("AGE", "age"), ("AFPBL", "afp")])
def test_medians_and_ranges_of_table_1_are_met(column: str, variable: str) -> None:
    frame = with_arm(baseline())
    for level in ("", *ARMS):
        values = frame.filter(pl.col("ARM").is_in([level] if level else ARMS))[column].to_numpy()
        found = {"median": quantile(values, 0.5), "min": values.min(), "max": values.max()}
        for statistic, value in found.items():
            printed = study().published.value(
                analysis="baseline", variable=variable, level=level, statistic=statistic
            )
            assert value == printed, (level, statistic)


def test_the_medians_of_afp_leave_a_gap_in_cohort_2() -> None:
    # 189.0 in all and in cohort 1, and 998.8 in cohort 2, need it.
    frame = with_arm(baseline())
    values = np.sort(frame.filter(ARM="Cohort 2")["AFPBL"].to_numpy())
    assert values[11] <= 189.0
    assert values[12] >= 1808.6
    assert [(frame.filter(ARM=arm)["AFPBL"] >= 400).sum() for arm in ARMS] == [12, 12]


def test_stage_b_has_neither_symptoms_nor_spread() -> None:
    frame = baseline()
    quiet = (pl.col("ECOGBL") == "0") & (pl.col("MVIFL") == "N") & (pl.col("EHSFL") == "N")
    assert frame.filter(pl.col("BCLCBL") == "B").select(quiet.all()).item()
    assert not frame.filter(pl.col("BCLCBL") == "C").select(quiet.any()).item()


def test_another_print_gives_other_patients() -> None:
    rebuild = reprinted(17.0, variable="hcv", level="Cohort 2", variable_level="Positive")
    with pytest.raises(InputError, match="sum to 36; the group has 24"):
        baseline_columns(rebuild)
    numbers = [
        one for one in rebuild.published.numbers if one.column("variable_level") != "Negative"
    ]
    rebuild = replace(rebuild, published=replace(rebuild.published, numbers=tuple(numbers)))
    frame = with_arm(baseline_columns(rebuild))
    assert counted(frame, "HCVFL", "Y", "Cohort 2") == 17
    assert counted(frame, "HCVFL", "Y", "Cohort 1") == 5


def test_the_same_seed_gives_the_same_patients() -> None:
    assert baseline().equals(baseline_columns(study()))
    assert not baseline().equals(baseline_columns(reseeded(study(), 3)))
