"""Printed numbers beside computed rows: the same number, or why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.published.cells import UnreadableCellError, pieces
from hepatica.published.model import PrintedNumber, Published
from hepatica.results import ResultRow, Results

Verdict = Literal["equal", "misprint", "different", "no_row", "not_in_data"]

#: Columns that are empty in the row unless the printed number gives them.
_EMPTY_UNLESS_GIVEN = ("level", "reference", "variable", "variable_level", "time")

#: Room for every digit of every float.
_WIDE = Context(prec=400)
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A printed number and the computed one.

    Attributes
    ----------
    number : PrintedNumber
        What is printed.
    row : ResultRow or None
        The computed row; ``None`` when no analysis gives it.
    shown : str
        The computed value at the printed decimals, rounded half up; empty without a row.
    verdict : {"equal", "misprint", "different", "no_row", "not_in_data"}
        ``misprint``: it differs from the print, and equals what the print could only be.
        ``not_in_data``: the number is marked as one that no row gives.
    """

    number: PrintedNumber
    row: ResultRow | None
    shown: str
    verdict: Verdict


def compare(published: Published, results: Results) -> tuple[Compared, ...]:
    """Set each printed number beside the row with its key.

    Parameters
    ----------
    published : Published
        The printed numbers.
    results : Results
        Computed rows, none of which was made from the printed numbers.

    Returns
    -------
    tuple of Compared
        One for each printed number, in order. A number agrees when the computed value, rounded
        half up to the printed decimals, is the printed one.

    Examples
    --------
    >>> number = PrintedNumber(place="Table 2", printed="3.9%", value=3.9, decimals=1,
    ...     key=(("analysis", "response"), ("statistic", "percent")), scale="percent",
    ...     misprint=True, possible="3.8%")
    >>> row = ResultRow(study="S", analysis="response", statistic="percent", value=100 / 26,
    ...     format="percent")
    >>> found = compare(Published("S", "", (number,)), Results([row]))[0]
    >>> found.shown, found.verdict
    ('3.8%', 'misprint')
    """
    return tuple(_compared(number, _row(number, results)) for number in published.numbers)


def counts(compared: Iterable[Compared], *verdicts: Verdict) -> int:
    """Return how many of the numbers have one of the verdicts."""
    return sum(one.verdict in verdicts for one in compared)


def _row(number: PrintedNumber, results: Results) -> ResultRow | None:
    """Return the row with the key of a number; ``None`` when there is none, or not one alone."""
    columns: dict[str, str | float | None] = {
        name: None if name == "time" else "" for name in _EMPTY_UNLESS_GIVEN
    }
    columns |= {name: value for name, value in number.key if name != "analysis"}
    found = results.where(analysis=number.analysis, **columns)
    return found[0] if len(found) == 1 else None


def _compared(number: PrintedNumber, row: ResultRow | None) -> Compared:
    if row is None or row.status == "failed":
        return Compared(number, None, "", "not_in_data" if number.made == "none" else "no_row")
    if row.value is None:
        equal = row.status == "not_estimable" and number.value is None
        return Compared(number, row, "NE", "equal" if equal else "different")
    computed = _scaled(row.value, number, row)
    rounded = computed.quantize(Decimal(1).scaleb(-number.decimals), ROUND_HALF_UP, _WIDE)
    shown = _shown(rounded, number)
    if _agrees(computed, rounded, number):
        return Compared(number, row, shown, "equal")
    explained = number.misprint and rounded == _possible(number)
    return Compared(number, row, shown, "misprint" if explained else "different")


def _scaled(value: float, number: PrintedNumber, row: ResultRow) -> Decimal:
    exact = Decimal(repr(float(value)))
    if number.scale in ("percent", "fraction"):
        # Both are printed alike; the row knows whether it holds a share or per cent.
        return exact * 100 if row.format == "fraction" else exact
    return exact / Decimal(repr(DAYS_PER_MONTH)) if number.scale == "months" else exact


def _agrees(computed: Decimal, rounded: Decimal, number: PrintedNumber) -> bool:
    if number.value is None:
        return False
    printed = Decimal(repr(number.value))
    match number.sign:
        case "<":
            return computed < printed
        case ">":
            return computed > printed
        case _:
            return rounded == printed


def _possible(number: PrintedNumber) -> Decimal | None:
    try:
        found = pieces(number.possible)
    except UnreadableCellError:
        return None
    value = found[0].value if len(found) == 1 else None
    return None if value is None else Decimal(repr(value))


def _shown(rounded: Decimal, number: PrintedNumber) -> str:
    """Return a number as the print writes it: its decimals, per cent sign and commas."""
    grouped = "," if "," in number.printed else ""
    digits = f"{abs(rounded):{grouped}.{number.decimals}f}"
    unit = "%" if number.printed.endswith("%") else ""
    return (_MINUS if rounded < 0 else "") + digits + unit
