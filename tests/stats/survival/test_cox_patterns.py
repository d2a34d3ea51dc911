"""Proportional hazards from counted patterns: the same answer as from rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import cox
from hepatica.stats.survival.cox_patterns import PatternCells, cox_from_patterns
from hepatica.stats.survival.cox_sums import ENTRY, CoxSumsFit


def counted(time, event, X, stratum=None, entry=None, ties="efron") -> CoxSumsFit:
    """Fit after counting rows that are alike."""
    X = np.asarray(X, dtype=float).reshape(len(time), -1)
    patterns, pattern = np.unique(X, axis=0, return_inverse=True)
    stratum = np.zeros(len(time), int) if stratum is None else np.asarray(stratum)
    keys = np.stack([stratum, time, event, pattern.ravel()], axis=1)
    if entry is not None:
        entered = np.stack([stratum, entry, np.full(len(time), ENTRY), pattern.ravel()], axis=1)
        keys = np.concatenate([keys, entered])
    cells, n = np.unique(keys, axis=0, return_counts=True)
    return cox_from_patterns(
        PatternCells(cells[:, 0], cells[:, 1], cells[:, 2], n, cells[:, 3]), patterns, ties=ties
    )


@given(
    rows=st.lists(
        st.tuples(st.integers(1, 6), st.booleans(), st.integers(0, 2), st.integers(0, 1)),
        min_size=6,
        max_size=40,
    ),
    ties=st.sampled_from(["efron", "breslow"]),
)
def test_counting_alike_rows_changes_nothing(rows, ties):
    time, event, x, stratum = (np.array(one, dtype=int) for one in zip(*rows, strict=True))
    try:
        expected = cox(time, event, x, strata=stratum, ties=ties)
    except InputError:
        with pytest.raises(InputError):
            counted(time, event, x, stratum, ties=ties)
        return
    found = counted(time, event, x, stratum, ties=ties)
    np.testing.assert_allclose(found.coef, expected.coef, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.std_error, expected.std_error, rtol=1e-8)
    assert (found.n, found.n_events) == (len(rows), event.sum())


def test_by_hand_with_delayed_entry():
    # At risk at 2 (B): B, x 0, and C, x 1, so 1 / (1 + r) with r the hazard ratio of x = 1.
    # At risk at 3 (A, x 1, entered at 2): A, C and D (x 0, entered at 2), so r / (2 r + 1).
    time, event = np.array([3, 2, 4, 4]), np.array([1, 1, 0, 0])
    x, entry = np.array([1, 0, 1, 0]), np.array([2, 0, 0, 2])
    # log L = -log(1 + r) + log r - log(2 r + 1); derivative zero at 2 r^2 = 1.
    found = counted(time, event, x, entry=entry)
    assert found.hazard_ratio.item() == pytest.approx(1 / np.sqrt(2), rel=1e-12)


def test_a_column_without_variation_is_named():
    with pytest.raises(InputError, match="Column 1 of X is the same for all subjects"):
        counted(np.array([1, 2, 3]), np.array([1, 1, 1]), [[0, 4], [1, 4], [0, 4]])
