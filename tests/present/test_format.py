"""Numbers as readers see them, against the table of the style guide and by properties."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.present.format import (
    FORMATS,
    any_negative,
    format_count_percent,
    format_interval,
    format_level,
    format_limits,
    format_p,
    format_percent,
    format_row,
    format_value,
)
from hepatica.results import ResultRow

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def row(
    value: float | None = 1.0, name: str = "integer", statistic: str = "x", **more: object
) -> ResultRow:
    return ResultRow(study="S", analysis="a", statistic=statistic, value=value, format=name, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (26.0, "integer", "26"),
        (9999.0, "integer", "9999"),
        (12480.0, "integer", "12\u2009480"),
        (1234567.0, "integer", "1\u2009234\u2009567"),
        (-12480.0, "integer", "−12\u2009480"),
        (80.75, "percent", "80.8"),
        (0.8075, "fraction", "80.8"),
        (0.2225, "fraction", "22.3"),
        (1.0, "fraction", "100.0"),
        (0.0, "months", "0.0"),
        (30.4375, "months", "1.0"),
        (1.05 * 30.4375, "months", "1.1"),
        (2.675, "decimal2", "2.68"),
        (0.285, "decimal2", "0.29"),
        (-0.004, "decimal2", "0.00"),
        (-0.0, "decimal1", "0.0"),
        (0.5, "decimal0", "1"),
        (-0.5, "decimal0", "−1"),
        (0.05441, "decimal3", "0.054"),
        (0.00005, "decimal4", "0.0001"),
        (9.994, "ratio", "9.99"),
        (9.995, "ratio", "10.0"),
        (100.0, "ratio", "100.0"),
        (100.01, "ratio", "> 100"),
        (0.004, "ratio", "< 0.01"),
        (0.0, "ratio", "0.00"),
        (0.0479, "p_value", "0.048"),
        (0.0996, "p_value", "0.100"),
        (0.1, "p_value", "0.10"),
        (0.001, "p_value", "0.001"),
        (0.00099, "p_value", "< 0.001"),
        (0.99, "p_value", "0.99"),
        (0.9901, "p_value", "> 0.99"),
        (7.875, "statistic", "7.88"),
        (math.nan, "decimal1", "NE"),
        (math.inf, "months", "NE"),
        (1e300, "ratio", "> 100"),
    ],
)
def test_value_is_shown_as_the_style_guide_says(value: float, name: str, text: str) -> None:
    assert format_value(value, name) == text


def test_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="not furlongs"):
        format_value(1.0, "furlongs")


@pytest.mark.parametrize(
    ("given_row", "text"),
    [
        (row(3.0), "3"),
        (row(None, status="not_estimable"), "NE"),
        (row(None, status="failed"), "–"),
        (row(None, text="not_excluded"), "not_excluded"),
        (row(None), "–"),
    ],
)
def test_row_without_a_value_says_why(given_row: ResultRow, text: str) -> None:
    assert format_row(given_row) == text


@pytest.mark.parametrize(
    ("name", "lower", "upper", "texts"),
    [
        ("ratio", 0.2, 0.9962, ("0.20", "0.996")),
        ("ratio", 1.0004, 2.0, ("1.0004", "2.00")),
        ("ratio", 0.2, 1.0, ("0.20", "1.00")),
        ("ratio", 0.2, 1.006, ("0.20", "1.01")),
        ("decimal1", -17.13, -0.04, ("−17.1", "−0.040")),
        ("percent", 0.0, 0.04, ("0.0", "0.0")),
        ("months", 0.1, 400.0, ("0.0", "13.1")),
    ],
)
def test_interval_never_rounds_onto_the_null(
    name: str, lower: float, upper: float, texts: tuple[str, str]
) -> None:
    assert format_limits(row(lower, name), row(upper, name)) == texts


def test_interval_words() -> None:
    assert format_interval("0.20", "0.77") == "0.20–0.77"
    assert format_interval("−17.1", "0.4") == "−17.1 to 0.4"
    assert format_interval("1.0", "2.0", negative=any_negative(["1.0", "−3.0"])) == "1.0 to 2.0"
    assert format_interval("0.20", "> 100") == "0.20 to > 100"
    assert format_interval("< 0.01", "0.77") == "< 0.01 to 0.77"


def test_level_of_an_interval() -> None:
    assert format_level(row(conf_level=0.95)) == "95% CI"
    assert format_level(row(conf_level=0.975)) == "97.5% CI"
    assert format_level(row()) == "CI"


def test_percent_is_whole_below_twenty() -> None:
    assert format_percent(52.6316, 19) == "53"
    assert format_percent(55.0, 20) == "55.0"
    assert format_percent(55.0) == "55.0"
    assert format_percent(0.0, 0) == "NE"
    share = row(53.846, "percent", denominator=13)
    assert format_count_percent(row(7.0), share) == ("7", "(54)")
    none = row(None, "percent", status="not_estimable", denominator=0)
    assert format_count_percent(row(0.0), none) == ("0", "(NE)")


@given(value=FINITE, name=st.sampled_from(sorted(FORMATS)))
def test_no_format_fails_or_writes_ascii_minus(value: float, name: str) -> None:
    text = format_value(value, name)
    assert text
    assert "-" not in text
    assert "," not in text
    assert "E" not in text


@given(value=st.floats(-1e9, 1e9), decimals=st.integers(0, 4))
def test_rounding_moves_a_value_by_half_a_step_at_most(value: float, decimals: int) -> None:
    text = format_value(value, f"decimal{decimals}")
    shown = Decimal(text.replace("−", "-").replace("\u2009", ""))
    exact = Decimal(repr(value))
    assert abs(shown - exact) <= Decimal("0.5").scaleb(-decimals)
    assert text[:1] != "−" or shown < 0


@given(values=st.lists(st.floats(0, 50_000), min_size=2, max_size=2))
def test_months_keep_the_order_of_days(values: list[float]) -> None:
    low, high = sorted(values)
    shown = [float(format_value(v, "months").replace("\u2009", "")) for v in (low, high)]
    assert shown[0] <= shown[1]


@given(p=st.floats(0, 1))
def test_p_is_never_shown_as_zero_or_one(p: float) -> None:
    text = format_p(p)
    assert text.startswith(("P = 0.", "P < 0.001", "P > 0.99"))
    assert text not in {"P = 0.000", "P = 0.00"}


@given(value=st.floats(0.9, 1.1))
def test_a_limit_beside_the_null_is_never_printed_as_the_null(value: float) -> None:
    lower, _ = format_limits(row(value, "ratio"), row(2.0, "ratio"))
    if value == 1:
        assert lower == "1.00"
    elif abs(value - 1) > 1e-6:
        assert Decimal(lower) != 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0496, "0.0496"), (0.04996, "0.0499"), (0.05, "0.050"), (0.0494, "0.049")],
)
def test_a_p_value_stays_on_its_side_of_a_limit(value: float, shown: str) -> None:
    assert format_value(value, "p_value") == shown
