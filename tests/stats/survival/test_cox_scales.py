"""Estimates depend neither on the unit of a covariate nor on an offset that a stratum shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hepatica.errors import InputError
from hepatica.stats.survival import cox, cox_batch, cox_firth, fine_gray, martingale_residuals

RNG = np.random.default_rng(11)
N = 90
TIME = RNG.integers(1, 40, N).astype(float)
EVENT = RNG.integers(0, 2, N)
X = np.column_stack([RNG.normal(size=N), RNG.integers(0, 2, N)])
STRATUM = RNG.integers(0, 3, N)
ENTRY = np.floor(TIME * RNG.random(N) * 0.9)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
@pytest.mark.parametrize("unit", [1e-8, 1e-3, 1e3, 1e8])
def test_the_unit_of_one_or_all_columns_changes_nothing(ties: str, unit: float) -> None:
    plain = cox(TIME, EVENT, X, ties=ties)
    for units in (np.array([unit, unit]), np.array([unit, 1.0])):
        scaled = cox(TIME, EVENT, X * units, ties=ties)
        assert scaled.converged
        np.testing.assert_allclose(scaled.coef * units, plain.coef, rtol=1e-11)
        np.testing.assert_allclose(scaled.z, plain.z, rtol=1e-11)


@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_the_unit_changes_no_batch_penalised_or_competing_estimate(unit: float) -> None:
    cause = EVENT * (1 + STRATUM % 2)

    def all_of(x: npt.NDArray[np.float64]) -> list[npt.NDArray[np.float64]]:
        return [
            cox_batch(TIME[None], EVENT[None], x[None]).coef[0],
            cox_firth(TIME, EVENT, x).coef,
            fine_gray(TIME, cause, x).coef,
        ]

    for plain, scaled in zip(all_of(X), all_of(X * unit), strict=True):
        np.testing.assert_allclose(scaled * unit, plain, rtol=1e-9)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
@pytest.mark.parametrize("late", [False, True])
def test_an_offset_that_a_stratum_shares_changes_nothing(ties: str, late: bool) -> None:
    entry = ENTRY if late else None
    plain = cox(TIME, EVENT, X, ties=ties, strata=STRATUM, entry=entry)
    for offset in (np.full(N, 1e3), np.full(N, -1e6), 1e3 * STRATUM):
        found = cox(TIME, EVENT, X, ties=ties, strata=STRATUM, entry=entry, offset=offset)
        np.testing.assert_allclose(found.coef, plain.coef, rtol=1e-8)
        assert found.loglik == pytest.approx(plain.loglik, rel=1e-9)


def test_many_rows_with_an_offset_of_a_stratum() -> None:
    # Rows in their own order are taken another way when there are very many.
    n = 60_000
    time, event = RNG.integers(1, 300, n), RNG.integers(0, 2, n)
    x, stratum = RNG.normal(size=n), RNG.integers(0, 2, n)
    plain = cox(time, event, x, strata=stratum)
    found = cox(time, event, x, strata=stratum, offset=1e3 * stratum)
    np.testing.assert_allclose(found.coef, plain.coef, rtol=1e-8)


def test_residuals_with_an_offset_of_a_stratum() -> None:
    plain = martingale_residuals(cox(TIME, EVENT, X, strata=STRATUM))
    fit = cox(TIME, EVENT, X, strata=STRATUM, offset=300.0 * STRATUM)
    np.testing.assert_allclose(martingale_residuals(fit), plain, atol=1e-11)


def test_offsets_that_are_no_logarithms_of_hazard_ratios_are_refused() -> None:
    with pytest.raises(InputError, match="offset must not spread over more than 500"):
        cox(TIME, EVENT, X, offset=TIME * 1e3)
