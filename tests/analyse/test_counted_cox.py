"""Models of many patients who share few patterns of covariates are those of the rows."""

import numpy as np
import pytest

from hepatica.analyse.counted_cox import MANY, count_patterns, cox_by_pattern, in_whole_days
from hepatica.stats.survival import NoFiniteEstimateError, cox

PATTERNS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def patients(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    pattern = rng.integers(0, 4, n)
    time = np.rint(rng.exponential(300.0 / (1.0 + PATTERNS[pattern, 0]))).astype(np.int64) + 1
    return time, rng.integers(0, 2, n), pattern


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_counted_patients_have_the_estimates_of_the_rows(ties: str) -> None:
    time, event, pattern = patients(MANY)
    assert count_patterns(time, event, pattern, 4) is not None
    counted = cox_by_pattern(time, event, pattern, PATTERNS, ties=ties)
    rows = cox(time, event, PATTERNS[pattern], ties=ties)
    np.testing.assert_allclose(counted.coef, rows.coef, rtol=1e-10)
    np.testing.assert_allclose(counted.std_error, rows.std_error, rtol=1e-10)
    assert counted.loglik == pytest.approx(rows.loglik, rel=1e-13)


def test_cells_hold_every_patient_once() -> None:
    time, event, pattern = patients(MANY)
    cells = count_patterns(time, event, pattern, 4)
    assert cells is not None
    assert cells.n.sum() == MANY
    assert cells.n[cells.kind == 1].sum() == event.sum()
    assert cells.n @ cells.day == time.sum()


def test_few_patients_long_times_and_parts_of_days_are_fitted_by_rows() -> None:
    time, event, pattern = patients(MANY)
    assert count_patterns(time[1:], event[1:], pattern[1:], 4) is None
    assert count_patterns(time * 10_000, event, pattern, 4) is None
    parts = in_whole_days(time + 0.5)
    assert parts.dtype.kind == "f"
    found = cox_by_pattern(parts, event, pattern, PATTERNS, ties="efron")
    np.testing.assert_allclose(
        found.coef, cox(time, event, PATTERNS[pattern]).coef, rtol=1e-10
    )  # half a day later for all changes no order


def test_a_pattern_without_events_has_no_finite_estimate() -> None:
    time, event, pattern = patients(MANY)
    with pytest.raises(NoFiniteEstimateError):
        cox_by_pattern(
            time, event * (pattern % 2 == 0), pattern % 2, PATTERNS[:2, :1], ties="efron"
        )
