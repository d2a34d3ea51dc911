"""Proportional hazards from sums per day: the same answer as from rows."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import cox
from hepatica.stats.survival._tied_sums import tied_sums
from hepatica.stats.survival.cox import NoFiniteEstimateError
from hepatica.stats.survival.cox_sums import CoxCells, CoxSumsFit, cox_from_sums


def fitted(time, event, X, stratum=None, ties="efron") -> CoxSumsFit:
    """Fit with one cell a row."""
    X = np.asarray(X, dtype=float).reshape(len(time), -1)
    centre, scale = X.mean(axis=0), X.std(axis=0)
    Z = (X - centre) / scale
    first, second = np.triu_indices(X.shape[1])
    stratum = np.zeros(len(time), int) if stratum is None else stratum
    cells = CoxCells(stratum, np.asarray(time), np.asarray(event), np.ones(len(time), int))

    def sums_at(coef):
        eta = Z @ coef
        w = np.exp(eta - eta.max())[:, None]
        return np.concatenate([w, w * Z, w * Z[:, first] * Z[:, second]], axis=1), eta.max()

    return cox_from_sums(cells, sums_at, scale, ties=ties)


@given(
    at_risk=st.fractions(Fraction(1), Fraction(10**6), max_denominator=1000),
    tied=st.fractions(Fraction(1, 100), Fraction(1), max_denominator=1000),
    deaths=st.integers(1, 200),
)
def test_closed_sums_over_ties_equal_the_sums_of_fractions(at_risk, tied, deaths):
    found = tied_sums(
        np.array([float(at_risk)]), np.array([float(tied * at_risk)]), np.array([deaths])
    )
    terms = [at_risk - Fraction(j, deaths) * tied * at_risk for j in range(deaths)]
    inverse = math.fsum(float(1 / one) for one in terms)
    square = math.fsum(float(1 / one**2) for one in terms)
    log = math.fsum(math.log(one) for one in terms)
    assert found.inverse.item() == pytest.approx(inverse, rel=1e-12)
    assert found.inverse_square.item() == pytest.approx(square, rel=1e-11)
    assert found.log.item() == pytest.approx(log, rel=1e-12, abs=1e-11)


def test_by_hand_the_score_is_zero_at_one_over_the_square_root_of_two():
    found = fitted([1, 2, 3], [1, 1, 1], [1, 0, 1])
    assert found.hazard_ratio.item() == pytest.approx(1 / math.sqrt(2), rel=1e-12)
    assert (found.n, found.n_events) == (3, 3)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(("n", "p", "strata"), [(80, 2, 1), (2_000, 4, 3)])
def test_the_same_as_from_rows(ties, n, p, strata):
    draw = np.random.default_rng(n + p)
    X = draw.normal(size=(n, p))
    time = np.minimum(np.ceil(draw.exponential(20 * np.exp(X[:, 0] / 2))).astype(int), 60)
    event = (draw.random(n) < 0.7).astype(int)
    stratum = draw.integers(0, strata, n)
    found, rows = fitted(time, event, X, stratum, ties), cox(
        time, event, X, strata=stratum, ties=ties
    )  # fmt: skip
    for name in ("coef", "std_error", "lower", "upper", "z"):
        np.testing.assert_allclose(getattr(found, name), getattr(rows, name), rtol=1e-9)
    spread = np.outer(rows.std_error, rows.std_error)
    np.testing.assert_allclose(found.vcov / spread, rows.vcov / spread, atol=1e-9)
    for name in ("loglik", "loglik_null"):
        assert getattr(found, name) == pytest.approx(getattr(rows, name), rel=1e-12)
    for name in ("score_test", "wald_test", "lr_test"):
        one, other = getattr(found, name), getattr(rows, name)
        assert one.statistic == pytest.approx(other.statistic, rel=1e-9)
        assert one.df == other.df


def test_bad_input_is_named():
    with pytest.raises(InputError, match="at least one event"):
        fitted([1, 2, 3], [0, 0, 0], [1, 0, 1])
    with pytest.raises(InputError, match="Column 1 of X follows from the columns before it"):
        fitted([1, 2, 3, 4], [1, 1, 1, 1], [[1, 2], [0, 0], [2, 4], [0, 0]])
    with pytest.raises(NoFiniteEstimateError, match="column 0"):
        fitted([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0])
