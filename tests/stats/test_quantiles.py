from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.quantiles import DEFINITIONS, quantile


@pytest.mark.parametrize(
    ("definition", "q1", "q3"), [("average", 3, 8), ("linear", 3.25, 7.75), ("weibull", 2.75, 8.25)]
)
def test_quartiles_by_definition(definition: str, q1: float, q3: float) -> None:
    values = [*range(1, 10), 20]
    assert quantile(values, 0.25, definition=definition) == pytest.approx(q1)
    assert quantile(values, 0.75, definition=definition) == pytest.approx(q3)


def test_a_position_that_misses_a_whole_number_by_rounding() -> None:
    # 10 x 0.7 is 7.000000000000001 for some roundings; the average of the 7th and 8th is meant.
    assert quantile(range(1, 11), 1 - 0.3) == 7.5
    assert quantile(range(1, 11), 0.1 + 0.2) == 3.5


@pytest.mark.parametrize(
    ("values", "p", "options", "message"),
    [
        ([], 0.5, {}, "must not be empty"),
        ([1, float("nan")], 0.5, {}, "must be finite"),
        ([1, 2], 1.5, {}, "p must lie"),
        ([1, 2], 0.5, {"definition": "type7"}, "average, linear, weibull"),
    ],
)
def test_refused(values: list[float], p: float, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        quantile(values, p, **options)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(DEFINITIONS),
)
def test_quantiles_are_ordered_and_inside(
    values: list[float], p: float, q: float, definition: str
) -> None:
    low, high = (quantile(values, share, definition=definition) for share in sorted((p, q)))
    assert min(values) <= low <= high + 1e-9
    assert high <= max(values)
