"""Numbers of data sets from printed I2 and P, and proportions that were exponentiated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats.consistency import data_sets, exponentiated_proportion

SEED = {
    (0.467, 0.081): [7],
    (0.494, 0.139): [3],
    (0.673, 0.005): [7],
    (0.713, 0.001): [8, 9],
    (0.121, 0.000): [],
    (0.086, 0.296): [2],
    (0.086, 0.269): [],
    (0.0, 0.364): [2],
}


@pytest.mark.parametrize(("printed", "k"), SEED.items())
def test_the_printed_review(printed: tuple[float, float], k: list[int]) -> None:
    assert data_sets(*printed, most=15).k.tolist() == k


def test_many_data_sets_make_any_spread_improbable() -> None:
    assert data_sets(0.121, 0.0).k.tolist() == []
    assert data_sets(0.121, 0.0, most=2000).k[0] > 500


def test_two_data_sets_by_hand() -> None:
    # Q = 1 / (1 - .086) = 1.0941, P = erfc(sqrt(Q / 2)) = .2956
    q = 1.0 / (1.0 - 0.086)
    assert round(math.erfc(math.sqrt(q / 2.0)), 3) == 0.296
    found = data_sets(0.086, 0.296)
    assert found.fits(2)
    assert not found.fits(3)
    assert found.q_lower[0] < q < found.q_upper[0]
    assert found.p_lower[0] < math.erfc(math.sqrt(q / 2.0)) < found.p_upper[0]


@given(st.integers(2, 60), st.floats(0.01, 200.0))
def test_the_true_number_is_always_among_those_found(k: int, q: float) -> None:
    i2 = max(0.0, (q - (k - 1)) / q)
    p = float(chdtrc(k - 1, q))
    if round(i2, 3) >= 1.0:
        return
    assert data_sets(round(i2, 3), round(p, 3)).fits(k)
    assert data_sets(round(i2, 4), round(p, 2), i2_step=1e-4, p_step=0.01).fits(k)


@given(st.floats(0.0, 0.99), st.floats(0.0, 1.0), st.integers(2, 50))
def test_finer_print_never_allows_more(i2: float, p: float, most: int) -> None:
    coarse = data_sets(i2, p, i2_step=0.01, p_step=0.01, most=most).k
    fine = data_sets(i2, p, i2_step=0.001, p_step=0.001, most=most).k
    if i2 >= 0.005 or i2 < 0.0005:  # between them one print says 0 and the other does not
        assert set(fine.tolist()) <= set(coarse.tolist())


def test_less_than_is_a_range() -> None:
    below = data_sets(0.844, 0.001, p_below=True, most=20).k
    assert below.tolist() == data_sets(0.844, 0.0005, p_step=0.001, most=20).k.tolist()
    assert below[0] == 4


def test_the_exponentiated_response_rate() -> None:
    found = exponentiated_proportion(1.33, 1.26, 1.41)
    assert found.possible
    assert found.symmetric
    assert [round(100 * one, 1) for one in (found.estimate, found.lower, found.upper)] == [
        28.5, 23.1, 34.4,
    ]  # fmt: skip
    assert found.estimate_lower < math.log(1.33) < found.estimate_upper


@given(st.floats(0.05, 0.9), st.floats(0.001, 0.04))
def test_an_exponentiated_proportion_is_recovered(share: float, half: float) -> None:
    printed = [round(math.exp(share + shift), 2) for shift in (0.0, -half, half)]
    found = exponentiated_proportion(*printed)
    assert found.possible
    assert found.symmetric
    assert found.estimate_lower <= share <= found.estimate_upper


@pytest.mark.parametrize("numbers", [(0.338, 0.268, 0.407), (33.8, 26.8, 40.7), (1.2, 0.9, 1.6)])
def test_what_cannot_be_an_exponentiated_proportion(numbers: tuple[float, float, float]) -> None:
    found = exponentiated_proportion(*numbers)
    assert not found.possible
    assert np.isnan(found.estimate)


@pytest.mark.parametrize(("i2", "p"), [(46.7, 0.081), (-0.1, 0.5), (1.0, 0.5), (0.5, 5.0)])
def test_numbers_that_are_no_fractions_are_refused(i2: float, p: float) -> None:
    with pytest.raises(InputError):
        data_sets(i2, p)


def test_swapped_limits_are_refused() -> None:
    with pytest.raises(InputError, match="swapped"):
        exponentiated_proportion(1.33, 1.41, 1.26)
