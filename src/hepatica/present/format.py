"""Numbers as readers see them: rounded once, half up, on display.

A number is rounded from the decimal digits that Python prints for it, so 0.285 becomes 0.29 and
not 0.28. All functions return text; none of them changes a row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

from hepatica.results import ResultRow

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
THIN_SPACE = "\N{THIN SPACE}"
NOT_ESTIMABLE = "NE"
NOT_APPLICABLE = EN_DASH

#: Days of one month, everywhere in Hepatica.
DAYS_PER_MONTH = Decimal("30.4375")

#: Room for every digit of every float, so that no value is too large to be rounded.
_WIDE = Context(prec=400)

#: Formats whose null value is not zero.
_NULL = {"ratio": 1.0}

_DECIMALS = {
    "integer": 0,
    "percent": 1,
    "fraction": 1,
    "months": 1,
    "decimal0": 0,
    "decimal1": 1,
    "decimal2": 2,
    "decimal3": 3,
    "decimal4": 4,
    "statistic": 2,
}


def format_value(value: float, format_name: str) -> str:
    """Return a value as text, without its unit.

    Parameters
    ----------
    value : float
        Full precision: days for ``months``, a share between 0 and 1 for ``fraction``.
    format_name : str
        A format of ``docs/results.md``.

    Returns
    -------
    str
        Text with a true minus sign and a thin space from 10 000 on; ``NE`` when the value is not
        finite.

    Raises
    ------
    ValueError
        If the format is unknown.

    Examples
    --------
    >>> format_value(0.285, "decimal2"), format_value(-8.55, "decimal1")
    ('0.29', '−8.6')
    >>> format_value(389.6, "months"), format_value(0.8077, "fraction")
    ('12.8', '80.8')
    >>> format_value(0.394, "ratio"), format_value(12.36, "ratio"), format_value(340.0, "ratio")
    ('0.39', '12.4', '> 100')
    """
    if format_name not in FORMATS:
        raise ValueError(f"The format is one of {', '.join(sorted(FORMATS))}, not {format_name}.")
    if not math.isfinite(value):
        return NOT_ESTIMABLE
    number = Decimal(repr(float(value)))
    if format_name == "ratio":
        return _ratio(number)
    if format_name == "p_value":
        return _p_value(number)
    if format_name == "fraction":
        number *= 100
    elif format_name == "months":
        number /= DAYS_PER_MONTH
    return _rounded(number, _DECIMALS[format_name])


#: Names of all formats.
FORMATS = frozenset(_DECIMALS) | {"ratio", "p_value"}


def format_row(row: ResultRow) -> str:
    """Return the value of a row as text: ``NE`` when not estimable, an en dash when it failed.

    Examples
    --------
    >>> row = ResultRow(study="S", analysis="a", statistic="median", value=389.6, format="months")
    >>> format_row(row)
    '12.8'
    >>> format_row(ResultRow(study="S", analysis="a", statistic="median", status="not_estimable"))
    'NE'
    """
    if row.status == "not_estimable":
        return NOT_ESTIMABLE
    if row.status == "failed":
        return NOT_APPLICABLE
    if row.text:
        return row.text
    return NOT_APPLICABLE if row.value is None else format_value(row.value, row.format)


def format_limits(lower: ResultRow, upper: ResultRow) -> tuple[str, str]:
    """Return both limits of an interval as text.

    A limit that would round onto the null value although it lies on one side of it is shown with
    three decimals (more where three still hide it). The null value is 1 for ``ratio`` and 0 for
    the ``decimal`` formats.

    Examples
    --------
    >>> def limit(name: str, value: float) -> ResultRow:
    ...     return ResultRow(study="S", analysis="a", statistic=name, value=value, format="ratio")
    >>> format_limits(limit("hazard_ratio_lower", 0.2), limit("hazard_ratio_upper", 0.9962))
    ('0.20', '0.996')
    """
    return _limit(lower), _limit(upper)


def format_interval(lower_text: str, upper_text: str, negative: bool = False) -> str:
    """Join two limits: an en dash, or "to" when a limit in the same column is negative.

    Where neither limit is known, ``NE`` stands once.

    Parameters
    ----------
    lower_text, upper_text : str
        Limits from `format_limits` or `format_value`.
    negative : bool
        Whether a limit anywhere in the column is negative, see `any_negative`.

    Examples
    --------
    >>> format_interval("7.9", "NE"), format_interval("−17.1", "0.4", negative=True)
    ('7.9–NE', '−17.1 to 0.4')
    >>> format_interval("NE", "NE")
    'NE'
    """
    if lower_text == upper_text == NOT_ESTIMABLE:
        return NOT_ESTIMABLE
    spelled = negative or any_negative((lower_text, upper_text))
    spelled = spelled or lower_text.startswith("<") or upper_text.startswith(">")
    return f"{lower_text} to {upper_text}" if spelled else f"{lower_text}{EN_DASH}{upper_text}"


def any_negative(texts: Iterable[str]) -> bool:
    """Return whether any of the limits begins with a minus.

    Examples
    --------
    >>> any_negative(["0.4", "−17.1"]), any_negative(["0.4", "NE"])
    (True, False)
    """
    return any(text.startswith(MINUS) for text in texts)


def format_level(row: ResultRow) -> str:
    """Return the name of an interval, such as ``95% CI``, from the level of a row.

    Examples
    --------
    >>> format_level(ResultRow(study="S", analysis="a", statistic="x_lower", conf_level=0.9))
    '90% CI'
    """
    if row.conf_level is None:
        return "CI"
    percent = (Decimal(repr(row.conf_level)) * 100).normalize()
    return f"{percent:f}% CI"


def format_p(value: float) -> str:
    """Return a P value with its sign, as it stands in a sentence.

    Examples
    --------
    >>> format_p(0.012), format_p(0.00004), format_p(0.997), format_p(0.34)
    ('P = 0.012', 'P < 0.001', 'P > 0.99', 'P = 0.34')
    """
    text = format_value(value, "p_value")
    return f"P {text}" if text.startswith(("<", ">")) else f"P = {text}"


def format_percent(value: float, denominator: int | None = None) -> str:
    """Return a percentage: one decimal, or a whole number when fewer than 20 are counted.

    Parameters
    ----------
    value : float
        Between 0 and 100.
    denominator : int, optional
        Patients the value is a share of; the percentage of none is ``NE``.

    Examples
    --------
    >>> format_percent(53.846, 26), format_percent(53.846, 13)
    ('53.8', '54')
    """
    if denominator == 0 or not math.isfinite(value):
        return NOT_ESTIMABLE
    whole = denominator is not None and denominator < 20
    return _rounded(Decimal(repr(float(value))), 0 if whole else 1)


def format_count_percent(count: ResultRow, percent: ResultRow) -> tuple[str, str]:
    """Return a count and its percentage in brackets, apart, so that a column can align both.

    Examples
    --------
    >>> n = ResultRow(study="S", analysis="a", statistic="n", value=14.0, format="integer")
    >>> share = ResultRow(study="S", analysis="a", statistic="percent", value=53.846,
    ...                   denominator=26, format="percent")
    >>> format_count_percent(n, share)
    ('14', '(53.8)')
    """
    if percent.status != "ok" or percent.value is None:
        return format_row(count), f"({format_row(percent)})"
    return format_row(count), f"({format_percent(percent.value, percent.denominator)})"


def _rounded(number: Decimal, decimals: int) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
    text = f"{abs(rounded):,.{decimals}f}"
    if abs(rounded) < 10_000:
        text = text.replace(",", "")
    return (MINUS if rounded < 0 else "") + text.replace(",", THIN_SPACE)


def _ratio(number: Decimal) -> str:
    if number > 100:
        return "> 100"
    if 0 < number < Decimal("0.005"):
        return "< 0.01"
    two = number.quantize(Decimal("0.01"), ROUND_HALF_UP, _WIDE)
    return _rounded(number, 2 if two < 10 else 1)


def _p_value(number: Decimal) -> str:
    if number < Decimal("0.001"):
        return "< 0.001"
    if number > Decimal("0.99"):
        return "> 0.99"
    if Decimal("0.0495") <= number < Decimal("0.05"):
        # Three decimals would print the usual limit itself, on the wrong side.
        return _rounded(min(number, Decimal("0.0499")), 4)
    return _rounded(number, 3 if number < Decimal("0.1") else 2)


def _limit(row: ResultRow) -> str:
    text = format_row(row)
    if row.value is None or row.status != "ok":
        return text
    null = _NULL.get(row.format, 0.0 if row.format.startswith("decimal") else None)
    if null is None or row.value == null or text != format_value(null, row.format):
        return text
    for decimals in (3, 4, 5, 6):
        text = _rounded(Decimal(repr(float(row.value))), decimals)
        if Decimal(text.replace(MINUS, "-")) != Decimal(repr(null)):
            return text
    return text
