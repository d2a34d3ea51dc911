"""Patterns of missing values: a row for each set of values that are missing together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.furniture import (
    LEADING,
    MARGIN,
    Plate,
    draw_footnotes,
    draw_status,
    draw_title,
    finish,
    outline,
)
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.format import format_count_percent, format_row
from hepatica.present.theme import LINE, MM_PER_PT, TYPE
from hepatica.results import ResultRow

#: Most patterns that are drawn; the others are counted below.
MOST_PATTERNS = 20

_PITCH = 4.7
_CELL = 3.2
_GAP = 2.0
_LINE = TYPE.text * MM_PER_PT * LEADING
#: Columns of variables are no wider than this, so that the eye can follow a row.
_WIDEST = 11.0
_LEAST_BAR = 14.0


@dataclass(frozen=True, slots=True)
class MissingVariable:
    """A column: name, and the row that counts its missing values."""

    id: str
    label: str
    missing: ResultRow


@dataclass(frozen=True, slots=True)
class MissingPattern:
    """A row: the ids that are missing together, and the rows with number and share of patients."""

    missing: frozenset[str]
    n: ResultRow
    percent: ResultRow


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPatternsSpec:
    """What a figure of missing values shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    total : ResultRow
        Number of patients.
    variables : tuple of MissingVariable
        Columns in the order of the protocol; those that nobody lacks are named below.
    complete : MissingPattern
        Patients who lack nothing.
    patterns : tuple of MissingPattern
        The others, the most frequent first.
    """

    plate: Plate
    total: ResultRow
    variables: tuple[MissingVariable, ...]
    complete: MissingPattern
    patterns: tuple[MissingPattern, ...]


def figure_missing_patterns(
    spec: MissingPatternsSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw which values are missing together, and in how many patients.

    Parameters
    ----------
    spec : MissingPatternsSpec
        Variables and patterns.
    width_mm : {180, 85}
        Double or single column.

    Raises
    ------
    AnalysisError
        If nobody lacks a value.
    """
    columns = tuple(one for one in spec.variables if one.missing.value)
    if not columns or not spec.patterns:
        raise AnalysisError("No value is missing, so that there is no pattern to be drawn.")
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    title = "Values missing together, and patients who lack them"
    base = draw_title(canvas, title, canvas.width - 2 * MARGIN)
    drawn = (spec.complete, *spec.patterns[:MOST_PATTERNS])
    grid = _grid(canvas, len(columns), drawn)
    top = _heads(canvas, columns, grid, base + 5.2)
    bottom = _rows(canvas, columns, drawn, grid, top)
    bottom = _key(canvas, bottom + 4.0)
    draw_footnotes(canvas, _footnotes(spec, columns), bottom)
    ids = [spec.total.id, *(one.missing.id for one in columns)]
    ids += [row.id for one in drawn for row in (one.n, one.percent)]
    return finish(canvas, spec.plate, alternative_text(spec, columns), ids)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where columns and bars stand.

    Attributes
    ----------
    step : float
        Distance of columns, which begin at the margin.
    bars, scale : float
        Left end of the bars, and mm per patient.
    """

    step: float
    bars: float
    scale: float

    def middle(self, column: int) -> float:
        return MARGIN + (column + 0.5) * self.step


def _count(pattern: MissingPattern) -> str:
    return " ".join(format_count_percent(pattern.n, pattern.percent))


def _grid(canvas: Canvas, columns: int, drawn: tuple[MissingPattern, ...]) -> _Grid:
    counts = max(text_width(_count(one), TYPE.text) for one in drawn)
    most = max(one.n.value or 0.0 for one in drawn)
    room = canvas.width - 2 * MARGIN - counts - 1.2 - _GAP - _LEAST_BAR
    step = min(room / columns, _WIDEST)
    bars = MARGIN + step * columns + _GAP
    scale = (canvas.width - MARGIN - counts - 1.2 - bars) / max(most, 1.0)
    return _Grid(step, bars, scale)


def _heads(canvas: Canvas, columns: tuple[MissingVariable, ...], grid: _Grid, base: float) -> float:
    """Write names and numbers missing above the columns; return where the rows begin.

    Names go down in steps, each from its column to the right, so that none is in the way of
    another.
    """
    pitch = _LINE + 0.9
    numbers = base + len(columns) * pitch + 0.6
    for place, one in enumerate(columns):
        x, y = grid.middle(place), base + place * pitch
        name = shorten(one.label, TYPE.text, canvas.width - MARGIN - x - 0.9)
        canvas.text((x + 0.9, y), name)
        canvas.line([((x, y - 1.9), (x, numbers - _LINE + 0.2))], "hair", LINE.axis)
        number = format_row(one.missing)
        canvas.text((x, numbers), number, bold=True, anchor="middle", row=one.missing.id)
    rule = numbers + 1.6
    canvas.line([((MARGIN, rule), (canvas.width - MARGIN, rule))], "ink", LINE.rule)
    canvas.text((grid.bars, numbers), "Patients, n (%)", bold=True)
    return rule + 1.0


def _rows(
    canvas: Canvas,
    columns: tuple[MissingVariable, ...],
    drawn: tuple[MissingPattern, ...],
    grid: _Grid,
    top: float,
) -> float:
    half = min(grid.step / 2 - 0.4, 5.0)
    for line, pattern in enumerate(drawn):
        middle = top + (line + 0.5) * _PITCH
        for place, one in enumerate(columns):
            x = grid.middle(place)
            box = Box(x - half, middle - _CELL / 2, x + half, middle + _CELL / 2)
            _mark(canvas, box, missing=one.id in pattern.missing)
        end = grid.bars + grid.scale * (pattern.n.value or 0.0)
        canvas.rectangle(Box(grid.bars, middle - _CELL / 2, end, middle + _CELL / 2), "rule")
        canvas.text((end + 1.2, middle + 0.9), _count(pattern), row=pattern.n.id)
    bottom = top + len(drawn) * _PITCH
    canvas.line([((grid.bars, top), (grid.bars, bottom))], "ink", LINE.axis, id="axis")
    return bottom


def _mark(canvas: Canvas, box: Box, *, missing: bool) -> None:
    if missing:
        canvas.rectangle(box, "ink2")
    else:
        outline(canvas, box, "hair")


def _key(canvas: Canvas, middle: float) -> float:
    x = MARGIN
    for label, missing in (("Missing", True), ("Known", False)):
        box = Box(x, middle - 1.15, x + 4.0, middle + 1.15)
        _mark(canvas, box, missing=missing)
        canvas.text((x + 5.4, middle + 0.9), label)
        x += 5.4 + text_width(label, TYPE.text) + 6.0
    return middle + 1.4


def _footnotes(spec: MissingPatternsSpec, columns: tuple[MissingVariable, ...]) -> tuple[str, ...]:
    known = [one.label for one in spec.variables if one not in columns]
    others = spec.patterns[MOST_PATTERNS:]
    patients = sum(int(one.n.value or 0) for one in others)
    rarer = "1 rarer pattern" if len(others) == 1 else f"{len(others)} rarer patterns"
    whom = "1 patient" if patients == 1 else f"together {patients} patients"
    return (
        "First row: patients who lack none of these values. Above each column: patients without "
        f"the value, of {format_row(spec.total)}.",
        f"Known in all patients: {'; '.join(known)}." if known else "",
        f"Not drawn: {rarer}, {whom}." if others else "",
        *spec.plate.footnotes,
    )


def alternative_text(spec: MissingPatternsSpec, columns: tuple[MissingVariable, ...]) -> str:
    """Return what the figure shows: how many are complete, and the most frequent patterns."""
    labels = {one.id: one.label for one in columns}
    first = (
        f"Patterns of missing baseline values of {format_row(spec.total)} patients. "
        f"{format_row(spec.complete.n)} lack none."
    )
    told = [
        f"{format_row(one.n)} lack "
        f"{' and '.join(label for name, label in labels.items() if name in one.missing)}"
        for one in spec.patterns[:3]
    ]
    return f"{first} Most frequent: {'; '.join(told)}."
