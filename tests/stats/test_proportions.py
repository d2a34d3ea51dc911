from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.proportions import binomial_test, proportion_ci

METHODS = ("clopper-pearson", "wilson", "jeffreys", "agresti-coull", "wald")


def test_clopper_pearson_with_no_event_is_a_root() -> None:
    found = proportion_ci(0, 24)
    assert (found.estimate, found.lower) == (0.0, 0.0)
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 24), rel=1e-12)
    assert proportion_ci(24, 24).lower == pytest.approx(0.025 ** (1 / 24), rel=1e-12)


def test_wald_by_hand() -> None:
    found = proportion_ci(50, 100, method="wald")
    assert (found.lower, found.upper) == pytest.approx((0.5 - 0.0979982, 0.5 + 0.0979982), abs=1e-7)


@pytest.mark.parametrize("events", [0, 24])
def test_wald_is_refused_at_the_ends(events: int) -> None:
    with pytest.raises(InputError, match="choose another method"):
        proportion_ci(events, 24, method="wald")


@pytest.mark.parametrize(
    ("method", "upper"), [("clopper-pearson", 14.2), ("wilson", 13.8), ("jeffreys", 9.8)]
)
def test_upper_limits_of_none_of_24(method: str, upper: float) -> None:
    assert round(100 * proportion_ci(0, 24, method=method).upper, 1) == upper


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: proportion_ci(5, 4), "between 0 and n"),
        (lambda: proportion_ci(-1, 4), "between 0 and n"),
        (lambda: proportion_ci(0, 0), "n be positive"),
        (lambda: proportion_ci(1.5, 4), "whole numbers"),
        (lambda: proportion_ci(float("nan"), 4), "whole numbers"),
        (lambda: proportion_ci(1, 4, method="exact"), "clopper-pearson, wilson"),
        (lambda: proportion_ci(1, 4, conf_level=0), "conf_level"),
        (lambda: binomial_test(1, 4, 0.0), "null"),
        (lambda: binomial_test(1, 4, 0.5, sides=0), "sides"),
    ],
)
def test_refused(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]


def test_binomial_by_hand() -> None:
    # 3 of 3 with one half: 1/8, and 2/8 with the other end.
    assert binomial_test(3, 3, 0.5).p_value == pytest.approx(0.25)
    assert binomial_test(3, 3, 0.5, sides=1).p_value == pytest.approx(0.125)
    # Unequal tails: 0 of 3 with 1/3 has 8/27; 3 of 3 (1/27) and 2 of 3 (6/27) are less probable.
    assert binomial_test(0, 3, 1 / 3).p_value == pytest.approx(15 / 27)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_limits_bracket_and_mirror(counts: tuple[int, int]) -> None:
    x, n = counts
    for method in METHODS:
        if method == "wald" and x in (0, n):
            continue
        found, mirror = proportion_ci(x, n, method=method), proportion_ci(n - x, n, method=method)
        assert 0 <= found.lower <= found.estimate <= found.upper <= 1
        assert found.lower == pytest.approx(1 - mirror.upper, abs=1e-9)
        wider = proportion_ci(x, n, method=method, conf_level=0.99)
        assert wider.lower <= found.lower
        assert found.upper <= wider.upper


@given(
    st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0.02, 0.98),
)
def test_p_values_are_probabilities_and_mirror(counts: tuple[int, int], null: float) -> None:
    x, n = counts
    p = binomial_test(x, n, null).p_value
    assert 0 < p <= 1
    assert binomial_test(n - x, n, 1 - null).p_value == pytest.approx(p, rel=1e-6)
    one = binomial_test(x, n, null, sides=1).p_value
    other = 0.0 if x == n else binomial_test(x + 1, n, null, sides=1).p_value
    assert other <= one <= 1
