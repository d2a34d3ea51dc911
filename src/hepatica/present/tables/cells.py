"""Cells and heads that all tables share."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.format import (
    NOT_APPLICABLE,
    format_count_percent,
)
from hepatica.present.lookup import Group
from hepatica.present.spans import Span, interval, join, number
from hepatica.present.table import Cell, Column
from hepatica.results import ResultRow

#: A place where no number could stand.
NONE = Cell((Span(NOT_APPLICABLE),), format="none")


def columns(groups: Iterable[Group], prefix: str = "") -> tuple[Column, ...]:
    """Return a column for each group, its n on the second line of the head."""
    return tuple(
        Column(
            prefix + group.column,
            group.label,
            join("n = ", number(group.n)) if group.n is not None else (),
            group.slot,
        )
        for group in groups
    )


def single(row: ResultRow | None) -> Cell:
    """Return a number alone."""
    return NONE if row is None else Cell((number(row),), format=row.format)


def count_percent(
    count: ResultRow | None, percent: ResultRow | None, *, bare_zero: bool = False
) -> Cell:
    """Return a count with its percentage in brackets; a bare zero stands alone."""
    if count is None:
        return NONE
    if percent is None or (bare_zero and count.value == 0):
        return single(count)
    _, bracket = format_count_percent(count, percent)
    extra = join("(", number(percent, bracket.strip("()")), ")")
    return Cell((number(count),), extra, "integer")


def estimate(value: ResultRow | None, lower: ResultRow | None, upper: ResultRow | None) -> Cell:
    """Return an estimate with its limits in brackets."""
    if value is None:
        return NONE
    if lower is None or upper is None or not any(_known(row) for row in (value, lower, upper)):
        return single(value)
    return Cell((number(value),), join("(", interval(lower, upper), ")"), value.format)


def _known(row: ResultRow) -> bool:
    return row.status == "ok"
