"""The smooth of scaled Schoenfeld residuals: a line by hand, the spline, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.splines import harrell_knots, restricted_cubic_spline
from hepatica.stats.survival import cox, proportionality_test, smooth_coefficient


def fitted(n: int) -> tuple[np.ndarray, ...]:
    draw = np.random.default_rng(n)
    x = draw.integers(0, 2, n).astype(float)
    return np.ceil(100 * draw.exponential(1 / np.exp(0.5 * x))), x


def test_few_events_give_the_line_of_least_squares() -> None:
    fit = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0], [1, 0, 1, 1, 0, 0])
    test = proportionality_test(fit)
    smooth = smooth_coefficient(fit, test, 0)
    slope, level = np.polyfit(test.transformed, test.scaled[:, 0], 1)
    assert smooth.knots == 0
    assert smooth.coef.tolist() == pytest.approx((level + slope * test.transformed).tolist())
    # Variance of a fitted line: events times the variance of the estimate, by its leverage.
    g = test.transformed
    leverage = 1 / 5 + (g - g.mean()) ** 2 / ((g - g.mean()) ** 2).sum()
    half = 1.959963984540054 * np.sqrt(5 * fit.vcov[0, 0] * leverage)
    assert (smooth.upper - smooth.coef).tolist() == pytest.approx(half.tolist())
    assert (smooth.coef - smooth.lower).tolist() == pytest.approx(half.tolist())


@pytest.mark.parametrize(("n", "knots"), [(20, 3), (120, 4)])
def test_more_events_give_a_spline(n: int, knots: int) -> None:
    time, x = fitted(n)
    fit = cox(time, np.ones(n), x)
    test = proportionality_test(fit)
    smooth = smooth_coefficient(fit, test, 0, most=10_000)
    g = test.transformed
    places = harrell_knots(g, knots)
    design = np.column_stack([np.ones(n), g, restricted_cubic_spline(g, places)])
    expected = design @ np.linalg.lstsq(design, test.scaled[:, 0], rcond=None)[0]
    at = dict(zip(test.time.tolist(), expected.tolist(), strict=True))
    assert smooth.knots == knots
    assert smooth.time.tolist() == sorted(at)
    assert smooth.coef.tolist() == pytest.approx([at[t] for t in sorted(at)], rel=1e-8)


def test_no_more_times_than_asked() -> None:
    time, x = fitted(200)
    fit = cox(time, np.ones(200), x)
    smooth = smooth_coefficient(fit, proportionality_test(fit), 0, most=30)
    assert len(smooth.time) == 30
    assert (smooth.time[0], smooth.time[-1]) == (time.min(), time.max())


def test_refusals() -> None:
    fit = cox([1, 1, 2, 2, 3], [1, 1, 1, 1, 0], [1, 0, 0, 1, 1])
    test = proportionality_test(fit)
    with pytest.raises(InputError, match="three or more times"):
        smooth_coefficient(fit, test, 0)
    with pytest.raises(InputError, match="one of the 1 covariates"):
        smooth_coefficient(fit, test, 1)
