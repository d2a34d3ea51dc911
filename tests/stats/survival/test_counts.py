"""Counts by stratum, group and day: by hand, merging, and the same curves as from subjects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import (
    KaplanMeier,
    SurvivalCounts,
    count_survival,
    counts_from_cells,
    kaplan_meier,
    kaplan_meier_from_counts,
    logrank,
    logrank_from_counts,
)

# Time, event, group, stratum, and the share of the time before entry in twelfths.
row = st.tuples(
    st.integers(1, 25), st.booleans(), st.integers(0, 2), st.integers(0, 1), st.integers(0, 11)
)
late = st.lists(row, min_size=1, max_size=40).map(lambda rows: np.array(rows, dtype=np.int64))


def entry_of(rows: np.ndarray) -> np.ndarray:
    return rows[:, 0] * rows[:, 4] // 12


def counted(rows: np.ndarray) -> SurvivalCounts:
    return count_survival(
        *rows.T[:3], entry=entry_of(rows), strata=rows[:, 3], n_groups=3, n_strata=2
    )


def equal(one: object, other: object, cls: type) -> None:
    for name in cls.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_entries_by_hand() -> None:
    # Day 2: two of the first stratum at risk, one leaves; who enters on day 2 is at risk on day 3.
    counts = count_survival([2, 3, 3], [1, 1, 0], entry=[0, 1, 2], strata=[0, 0, 1])
    assert counts.events.tolist() == [[[0, 0, 1, 1]], [[0, 0, 0, 0]]]
    assert counts.censored.tolist() == [[[0, 0, 0, 0]], [[0, 0, 0, 1]]]
    assert counts.entered.tolist() == [[[1, 1, 0, 0]], [[0, 0, 1, 0]]]
    assert counts.at_risk.tolist() == [[[1, 1, 2, 1]], [[0, 0, 0, 1]]]
    assert counts.n.tolist() == [3]
    assert counts.delayed


def test_without_entry_all_are_at_risk_on_day_0() -> None:
    counts = count_survival([0, 1, 1], [1, 1, 0])
    assert counts.entered.tolist() == [[[3, 0]]]
    assert counts.at_risk.tolist() == [[[3, 2]]]
    assert not counts.delayed


def test_codes_may_lack_a_group_and_a_stratum() -> None:
    counts = count_survival([1], [1], [1], strata=[0], n_groups=3, n_strata=2)
    assert counts.events.shape == (2, 3, 2)
    assert counts.n.tolist() == [0, 1, 0]


@given(late)
def test_at_risk_by_definition(rows: np.ndarray) -> None:
    counts, entry = counted(rows), entry_of(rows)
    day = np.arange(counts.events.shape[2])
    followed = (entry[:, None] < day) | ((entry[:, None] == 0) & (day == 0))
    there = followed & (day <= rows[:, 0][:, None])
    for stratum in range(2):
        for group in range(3):
            chosen = (rows[:, 2] == group) & (rows[:, 3] == stratum)
            wanted = there[chosen].sum(axis=0)
            np.testing.assert_array_equal(counts.at_risk[stratum, group], wanted)


@given(st.lists(late, min_size=2, max_size=4))
def test_counts_merged_are_the_counts_of_the_merge(parts: list[np.ndarray]) -> None:
    whole = counted(np.concatenate(parts))
    first, *others = (counted(part) for part in parts)
    equal(first.merge(*others), whole, SurvivalCounts)
    equal(others[-1].merge(*others[:-1], first), whole, SurvivalCounts)


@given(late)
def test_curves_from_counts_are_those_of_the_subjects(rows: np.ndarray) -> None:
    counts, entry = counted(rows), entry_of(rows)
    equal(
        kaplan_meier_from_counts(counts),
        kaplan_meier(rows[:, 0], rows[:, 1], entry=entry if entry.any() else None),
        KaplanMeier,
    )


@given(late)
def test_cells_give_the_same_counts(rows: np.ndarray) -> None:
    time, event, group, stratum, _ = rows.T
    ends = np.column_stack([stratum, group, time, event, 1 - event, np.zeros_like(time)])
    starts = np.column_stack([stratum, group, entry_of(rows), *[np.zeros_like(time)] * 2])
    starts = np.column_stack([starts, np.ones_like(time)])
    cells = np.concatenate([ends, starts]).T
    made = counts_from_cells(*cells[1:5], entered=cells[5], strata=cells[0], n_groups=3, n_strata=2)
    equal(made, counted(rows), SurvivalCounts)


@given(late)
def test_strata_of_the_logrank_test(rows: np.ndarray) -> None:
    time, event, group, stratum, _ = rows.T
    counts = count_survival(time, event, group, strata=stratum, n_groups=3, n_strata=2)
    try:
        from_subjects = logrank(time, event, group, strata=stratum)
    except InputError as refused:
        with pytest.raises(InputError, match=str(refused)[:20]):
            logrank_from_counts(counts)
        return
    assert logrank_from_counts(counts).statistic == pytest.approx(
        from_subjects.statistic, rel=1e-9, abs=1e-12
    )
