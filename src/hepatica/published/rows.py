"""Printed numbers as result rows of origin ``published``, apart from computed rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.published.compare import Compared
from hepatica.published.model import PrintedNumber, Published
from hepatica.results import ResultRow

_UNITS = {"percent": "%", "months": "days"}


def published_row(number: PrintedNumber, study: str) -> ResultRow:
    """Return a printed number as a row, in the units of computed rows.

    Examples
    --------
    >>> number = PrintedNumber(place="Table 2", printed="80.8%", value=80.8, decimals=1,
    ...     key=(("analysis", "pfs"), ("statistic", "survival")), scale="fraction")
    >>> row = published_row(number, "S")
    >>> row.id, row.value, row.format
    ('S/published/pfs/survival', 0.808, 'fraction')
    """
    columns: dict[str, Any] = dict(number.key)
    plain = "integer" if number.decimals == 0 else f"decimal{min(number.decimals, 4)}"
    return ResultRow(
        study=study,
        origin="published",
        value=_value(number),
        text="" if number.value is not None else number.printed,
        unit=_UNITS.get(number.scale, ""),
        format=plain if number.scale == "plain" else number.scale,
        status="ok" if number.value is not None else "not_estimable",
        message=number.note,
        **columns,
    )


def _value(number: PrintedNumber) -> float | None:
    if number.value is None:
        return None
    exact = Decimal(repr(number.value))
    if number.scale == "fraction":
        return float(exact / 100)
    if number.scale == "months":
        return float(exact * Decimal(repr(DAYS_PER_MONTH)))
    return number.value


def published_record(published: Published, compared: Iterable[Compared]) -> dict[str, Any]:
    """Return all printed numbers, each with its row, its place and what was computed."""
    return {
        "study": published.study,
        "citation": published.citation,
        "numbers": [_entry(one, published.study) for one in compared],
        "findings": list(published.findings),
    }


def _entry(one: Compared, study: str) -> dict[str, Any]:
    number = one.number
    row = published_row(number, study)
    return {
        "id": row.id,
        "place": number.place,
        "also": list(number.also),
        "printed": number.printed,
        "made": number.made,
        "misprint": number.misprint,
        "possible": number.possible,
        "computed_id": one.row.id if one.row is not None else "",
        "computed": one.shown,
        "verdict": one.verdict,
        "row": asdict(row),
    }
