"""Restricted cubic splines: straight outside the knots, smooth at them."""

from __future__ import annotations

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.splines import harrell_knots, restricted_cubic_spline

KNOTS = np.array([1.0, 2.5, 4.0, 7.0])


def test_the_columns_are_straight_beyond_the_outer_knots() -> None:
    below = restricted_cubic_spline(np.linspace(-5.0, 1.0, 7), KNOTS)
    np.testing.assert_array_equal(below, 0.0)
    above = restricted_cubic_spline(np.linspace(7.0, 50.0, 9), KNOTS)
    np.testing.assert_allclose(np.diff(above, n=2, axis=0), 0.0, atol=1e-9)
    inside = restricted_cubic_spline(np.linspace(1.0, 7.0, 9), KNOTS)
    assert (np.abs(np.diff(inside, n=2, axis=0)).max(axis=0) > 1e-3).all()


@pytest.mark.parametrize("knot", KNOTS.tolist())
def test_first_and_second_derivatives_are_continuous_at_a_knot(knot: float) -> None:
    step = 1e-4
    left, middle, right = (
        restricted_cubic_spline(knot + np.array([at - step, at, at + step]), KNOTS)
        for at in (-2 * step, 0.0, 2 * step)
    )
    slopes = [(one[2] - one[0]) / (2 * step) for one in (left, middle, right)]
    np.testing.assert_allclose(slopes[0], slopes[2], atol=1e-2)
    bends = [(one[2] - 2 * one[1] + one[0]) / step**2 for one in (left, right)]
    np.testing.assert_allclose(bends[0], bends[1], atol=1e-2)


def test_few_values_have_their_fifth_as_outer_knots() -> None:
    assert harrell_knots(np.arange(1.0, 21.0), 3).tolist() == [5.0, 10.5, 16.0]


@pytest.mark.parametrize(
    ("values", "n", "message"),
    [
        (np.arange(9.0), 3, "at least 10 values"),
        (np.repeat([1.0, 2.0], 60), 4, "knots coincide"),
        (np.arange(50.0), 6, "must be 3, 4 or 5"),
    ],
)
def test_knots_that_cannot_be_had_are_refused(values: np.ndarray, n: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        harrell_knots(values, n)


def test_knots_have_to_rise() -> None:
    with pytest.raises(InputError, match="rising"):
        restricted_cubic_spline([1.0], [1.0, 1.0, 2.0])
