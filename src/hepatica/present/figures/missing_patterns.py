"""Patterns of missing values: a row for each set of values that are missing together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Anchor, Canvas, Drawing
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

#: Most patterns that are drawn, fewer below many names; the others are counted in the footnote.
MOST_PATTERNS = 20
#: Most variables that somebody lacks; above it the table serves alone.
MOST_VARIABLES = 40

_PITCH = 4.7
_CELL = 3.2
_GAP = 2.0
_LINE = TYPE.text * MM_PER_PT * LEADING
#: Distance of the names, which go down in steps.
_STEP = _LINE + 0.9
#: Height of a page, less all but names and rows.
_ROOM = 190.0
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
        If nobody lacks a value, or more variables are lacked than can be drawn.
    """
    columns = lacked(spec)
    if not columns or not spec.patterns:
        raise AnalysisError("No value is missing, so that there is no pattern to be drawn.")
    if len(columns) > MOST_VARIABLES:
        raise AnalysisError(f"More than {MOST_VARIABLES} variables cannot be drawn side by side.")
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    title = "Values missing together, and patients who lack them"
    base = draw_title(canvas, title, canvas.width - 2 * MARGIN)
    fitting = min(MOST_PATTERNS, int((_ROOM - _STEP * len(columns)) / _PITCH) - 1)
    drawn = (spec.complete, *spec.patterns[:fitting])
    grid = _grid(canvas, columns, drawn)
    top = _heads(canvas, columns, grid, base + 5.2)
    bottom = _rows(canvas, columns, drawn, grid, top)
    bottom = _key(canvas, bottom + 4.0)
    draw_footnotes(canvas, _footnotes(spec, columns, grid, fitting), bottom)
    ids = [spec.total.id, *(one.missing.id for one in columns)]
    ids += [row.id for one in drawn for row in (one.n, one.percent)]
    return finish(canvas, spec.plate, alternative_text(spec, columns), ids)


def lacked(spec: MissingPatternsSpec) -> tuple[MissingVariable, ...]:
    """Return the variables that somebody lacks."""
    return tuple(one for one in spec.variables if one.missing.value)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where columns and bars stand.

    Attributes
    ----------
    step : float
        Distance of columns, which begin at the margin.
    bars, scale : float
        Left end of the bars, and mm per patient.
    beside : bool
        Whether numbers missing stand beside the names, as columns are too narrow for them.
    """

    step: float
    bars: float
    scale: float
    beside: bool

    def middle(self, column: int) -> float:
        return MARGIN + (column + 0.5) * self.step


def _count(pattern: MissingPattern) -> str:
    return " ".join(format_count_percent(pattern.n, pattern.percent))


def _grid(
    canvas: Canvas, columns: tuple[MissingVariable, ...], drawn: tuple[MissingPattern, ...]
) -> _Grid:
    counts = max(text_width(_count(one), TYPE.text) for one in drawn)
    most = max(one.n.value or 0.0 for one in drawn)
    room = canvas.width - 2 * MARGIN - counts - 1.2 - _GAP - _LEAST_BAR
    step = min(room / len(columns), _WIDEST)
    bars = MARGIN + step * len(columns) + _GAP
    scale = (canvas.width - MARGIN - counts - 1.2 - bars) / max(most, 1.0)
    widest = max(text_width(format_row(one.missing), TYPE.text, True) for one in columns)
    return _Grid(step, bars, scale, beside=widest + 0.8 > step)


def _heads(canvas: Canvas, columns: tuple[MissingVariable, ...], grid: _Grid, base: float) -> float:
    """Write names and numbers missing above the columns; return where the rows begin.

    Names go down in steps, each from its column to the right, so that none is in the way of
    another.
    """
    numbers = base + len(columns) * _STEP + 0.6
    for place, one in enumerate(columns):
        x, y = grid.middle(place), base + place * _STEP
        number = format_row(one.missing)
        count = text_width(number, TYPE.text, True) + 1.2 if grid.beside else 0.0
        name = shorten(one.label, TYPE.text, canvas.width - MARGIN - x - 0.9 - count)
        canvas.text((x + 0.9, y), name)
        end = x + 0.9 + text_width(name, TYPE.text) + 1.2
        at = (end, y) if grid.beside else (x, numbers)
        anchor: Anchor = "start" if grid.beside else "middle"
        canvas.text(at, number, bold=True, anchor=anchor, row=one.missing.id)
        canvas.line([((x, y - 1.9), (x, numbers - _LINE + 0.2))], "hair", LINE.axis)
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


def _footnotes(
    spec: MissingPatternsSpec, columns: tuple[MissingVariable, ...], grid: _Grid, fitting: int
) -> tuple[str, ...]:
    known = [one.label for one in spec.variables if one not in columns]
    others = spec.patterns[fitting:]
    where = "Beside each name" if grid.beside else "Above each column"
    patients = sum(int(one.n.value or 0) for one in others)
    rarer = "1 rarer pattern" if len(others) == 1 else f"{len(others)} rarer patterns"
    whom = "1 patient" if patients == 1 else f"together {patients} patients"
    return (
        f"First row: patients who lack none of these values. {where}: patients without the value, "
        f"of {format_row(spec.total)}.",
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
