"""The forest plot of a synthesis: table and plot on one grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.forest_axis import ForestAxis, axis_of
from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.furniture import (
    MARGIN,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.format import format_value
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

_WIDTH = 180.0
_PLOT = 52.0
_PITCH = 4.7
_DENSE = 3.3
#: Most lines at the full pitch; below that the figure stays within a page of 235 mm.
_ROOMY = 38
_GAP = 5.0
_INDENT = 3.0
_LARGEST = 3.3
_SMALLEST = 0.9
_RISE = 0.34 * TYPE.text * MM_PER_PT


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSpec:
    """What a forest plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    lines : tuple of ForestLine
        From the top, see `forest_lines`.
    measure : str
        Head of the column of estimates, for example ``Hazard ratio``.
    arms : tuple of str
        Heads of the columns of counts.
    scale : {"ratio", "share", "months", "difference"}
        Axis: logarithmic about 1, percent from 0, months from 0, linear about 0.
    favours : tuple of str
        What the left and right side of "no effect" favour; empty for none.
    below : tuple of str
        Sentences at the lower left: heterogeneity, groups, overall effect.
    appraisal : tuple of str
        Heads of the columns of judgements.
    conf_level : float
        Level of the limits.
    """

    plate: Plate
    lines: tuple[ForestLine, ...]
    measure: str
    scale: str
    arms: tuple[str, ...] = ()
    favours: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    appraisal: tuple[str, ...] = ()
    conf_level: float = 0.95


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where columns end (numbers are right-aligned) and where the plot stands, in mm."""

    label: float
    counts: tuple[float, ...]
    plot: Box
    shown: float
    weight: float
    judgements: tuple[float, ...] = field(default=())


def figure_forest(spec: ForestSpec) -> Drawing:
    """Draw a forest plot 180 mm wide.

    Raises
    ------
    AnalysisError
        If there is no study to draw.
    """
    studies = [line for line in spec.lines if line.kind in ("study", "reference")]
    if not studies:
        raise AnalysisError(f"{spec.plate.title} has no study to be drawn.")
    canvas = Canvas(_WIDTH)
    draw_status(canvas, spec.plate.status)
    columns = _columns(spec)
    axis = axis_of(spec.lines, spec.scale, columns.plot.x0, columns.plot.x1)
    top = _heads(canvas, spec, columns)
    pitch = _PITCH if len(spec.lines) <= _ROOMY else max(_DENSE, 185.0 / len(spec.lines))
    bottom = _lines(canvas, spec, columns, axis, top, pitch)
    end = _below(canvas, spec, columns, axis, bottom)
    draw_footnotes(canvas, spec.plate.footnotes, end)
    rows = [name for line in spec.lines for name in line.row_ids]
    return finish(canvas, spec.plate, alternative_text(spec), rows)


def _columns(spec: ForestSpec) -> _Columns:
    size = TYPE.text
    right = _WIDTH - MARGIN
    judgements: list[float] = []
    for name in reversed(spec.appraisal):
        words = [
            line.judgements[spec.appraisal.index(name)] for line in spec.lines if line.judgements
        ]
        judgements.append(right)
        right -= max(text_width(one, size) for one in (name, *words)) + _GAP / 2
    weighted = any(line.weight is not None for line in spec.lines)
    weight = right
    if weighted:
        right -= text_width("Weight", size, True) + _GAP
    shown = right
    widest = max(text_width(line.shown, size, line.kind == "total") for line in spec.lines)
    right -= max(widest, text_width(spec.measure, size, True)) + _GAP
    room = right - MARGIN
    counts_widths = [
        max(
            text_width(head, size, True),
            *(
                text_width(line.counts[at], size, True)
                for line in spec.lines
                if len(line.counts) > at
            ),
            text_width("events/n", size),
        )
        + _GAP
        for at, head in enumerate(spec.arms)
    ]
    plot = max(34.0, min(_PLOT, room - sum(counts_widths) - 34.0))
    plot_box = Box(right - plot, 0.0, right, 0.0)
    place = plot_box.x0 - _GAP
    counts: list[float] = []
    for width in reversed(counts_widths):
        counts.append(place)
        place -= width
    return _Columns(
        label=place,
        counts=tuple(reversed(counts)),
        plot=plot_box,
        shown=shown,
        weight=weight,
        judgements=tuple(reversed(judgements)),
    )


def _heads(canvas: Canvas, spec: ForestSpec, columns: _Columns) -> float:
    first = 8.4
    second = first + 3.6
    size = TYPE.text

    def head(x: float, upper: str, lower: str = "", colour: str = "ink") -> None:
        canvas.text((x, first), upper, size=size, bold=True, anchor="end", colour=colour)
        if lower:
            canvas.text((x, second), lower, size=size, colour="ink2", anchor="end")

    canvas.text((MARGIN, second), "Study", size=size, bold=True)
    for at, (place, name) in enumerate(zip(columns.counts, spec.arms, strict=True)):
        head(place, name, "events/n", "arm-1-text" if not at and len(spec.arms) > 1 else "ink")
    level = format_value(100.0 * spec.conf_level, "decimal0")
    head(columns.shown, spec.measure, f"({level}% CI)")
    if any(line.weight is not None for line in spec.lines):
        head(columns.weight, "Weight", "%")
    for place, name in zip(columns.judgements, spec.appraisal, strict=True):
        head(place, name)
    rule = second + 2.2
    canvas.line([((MARGIN, rule), (canvas.width - MARGIN, rule))], "ink", LINE.rule, id="head")
    return rule


def _lines(
    canvas: Canvas,
    spec: ForestSpec,
    columns: _Columns,
    axis: ForestAxis,
    top: float,
    pitch: float,
) -> float:
    """Draw every line and return where the plot ends."""
    heights = [pitch * (0.78 if line.kind == "note" else 1.0) for line in spec.lines]
    middles: list[float] = []
    y = top + 1.6
    for place, height in enumerate(heights):
        if place and _opens(spec.lines, place):
            y += pitch * 0.4
        middles.append(y + height / 2)
        y += height
    bottom = y + 1.2
    pooled = next((line for line in spec.lines if line.kind == "total"), None)
    if axis.null is not None:
        x = axis.x(axis.null)
        canvas.line([((x, top), (x, bottom))], "ink", LINE.rule, id="null")
    if pooled is not None and pooled.estimate is not None:
        x = axis.x(pooled.estimate)
        last = middles[spec.lines.index(pooled)]
        canvas.line([((x, top), (x, last))], "arm-1", LINE.axis, dash=(1.4, 1.6), id="pooled")
    largest = max((line.weight or 0.0 for line in spec.lines if line.kind == "study"), default=0.0)
    for place, (line, middle) in enumerate(zip(spec.lines, middles, strict=True)):
        if line.kind == "total" and spec.lines[place - 1].kind not in ("total", "prediction"):
            rule = middle - pitch / 2 - pitch * 0.2
            ends = ((MARGIN, rule), (canvas.width - MARGIN, rule))
            canvas.line([ends], "rule", LINE.axis, id="total")
        _words(canvas, line, columns, middle)
        _mark(canvas, line, axis, middle, largest, pitch)
    return bottom


def _opens(lines: Sequence[ForestLine], place: int) -> bool:
    line, before = lines[place], lines[place - 1]
    starts_total = line.kind == "total" and before.kind not in ("total", "prediction")
    return line.kind == "head" or starts_total


def _words(canvas: Canvas, line: ForestLine, columns: _Columns, middle: float) -> None:
    bold = line.kind in ("head", "subtotal", "total")
    base = middle + _RISE
    indented = line.kind in ("study", "reference", "subtotal", "note")
    x = MARGIN + (_INDENT if indented else 0.0)
    if line.kind == "note":
        canvas.text((x, base), line.label, size=TYPE.note, colour="ink2")
        return
    room = (columns.label if line.kind != "head" else columns.plot.x0) - x
    size = TYPE.text
    row = line.row_ids[0] if line.row_ids else ""
    canvas.text((x, base), shorten(line.label, size, room, bold), size=size, bold=bold)
    for place, text in zip(columns.counts, line.counts, strict=False):
        canvas.text((place, base), text, size=size, bold=bold, anchor="end")
    if line.shown:
        canvas.text((columns.shown, base), line.shown, size=size, bold=bold, anchor="end", row=row)
    if line.weight is not None:
        weight = format_value(line.weight, "decimal1")
        canvas.text((columns.weight, base), weight, size=size, bold=bold, anchor="end")
    for place, word in zip(columns.judgements, line.judgements, strict=False):
        canvas.text((place, base), word, size=size, anchor="end")


def _mark(
    canvas: Canvas, line: ForestLine, axis: ForestAxis, middle: float, largest: float, pitch: float
) -> None:
    if line.lower is None or line.upper is None:
        return
    left, right = axis.clipped(line.lower), axis.clipped(line.upper)
    if line.kind == "prediction":
        canvas.rectangle(Box(left, middle - 0.75, right, middle + 0.75), "arm-1-tint")
        _arrows(canvas, line, axis, middle, "arm-1-tint")
        return
    if line.estimate is None:
        return
    at = axis.clipped(line.estimate)
    if line.kind in ("subtotal", "total"):
        half = min(1.9, pitch * 0.42) if line.kind == "total" else min(1.4, pitch * 0.3)
        colour = "arm-1" if line.kind == "total" else "ink2"
        points = [(left, middle), (at, middle - half), (right, middle), (at, middle + half)]
        canvas.area(points, colour)
        return
    canvas.line([((left, middle), (right, middle))], "ink", LINE.tick_mark)
    _arrows(canvas, line, axis, middle, "ink")
    if axis.inside(line.estimate):
        half = _side(line, largest, pitch) / 2
        box = Box(at - half, middle - half, at + half, middle + half)
        canvas.rectangle(box, "arm-1" if line.kind == "study" else "ink2")


def _side(line: ForestLine, largest: float, pitch: float) -> float:
    """Return the side of the square: its area is the weight."""
    if not line.weight or not largest:
        return 1.8
    most = min(_LARGEST, pitch * 0.72)
    return max(_SMALLEST, most * math.sqrt(line.weight / largest))


def _arrows(canvas: Canvas, line: ForestLine, axis: ForestAxis, middle: float, colour: str) -> None:
    """Draw an arrow where a limit lies beyond the axis."""
    for value, end, way in ((line.lower, axis.left, -1.0), (line.upper, axis.right, 1.0)):
        if value is not None and not axis.inside(value):
            tip = (end + way * 0.3, middle)
            back = end - way * 1.3
            canvas.area([tip, (back, middle - 0.8), (back, middle + 0.8)], colour)


def _below(
    canvas: Canvas, spec: ForestSpec, columns: _Columns, axis: ForestAxis, bottom: float
) -> float:
    """Draw the axis, what its sides favour, and the sentences at the left."""
    tick = 3.0 * MM_PER_PT
    strokes = [((axis.left, bottom), (axis.right, bottom))]
    strokes += [((axis.x(one), bottom), (axis.x(one), bottom + tick)) for one in axis.ticks]
    canvas.line(strokes, "rule", LINE.axis, id="axis")
    names = tick + bottom + 3.4
    for value, name in zip(axis.ticks, axis.names, strict=True):
        canvas.text((axis.x(value), names), name, colour="ink2", anchor="middle")
    end = names
    if spec.favours and axis.null is not None:
        end = names + 3.7
        x = axis.x(axis.null)
        left, right = spec.favours
        room = (x - columns.plot.x0 + 3.0, columns.plot.x1 - x + 3.0)
        canvas.text(
            (x - 1.2, end),
            shorten(left, TYPE.minor, room[0]),
            size=TYPE.minor,
            colour="ink2",
            anchor="end",
        )
        canvas.text(
            (x + 1.2, end), shorten(right, TYPE.minor, room[1]), size=TYPE.minor, colour="ink2"
        )
    elif spec.scale in ("share", "months"):
        end = names + 3.7
        word = "%" if spec.scale == "share" else "Months"
        middle = (axis.left + axis.right) / 2
        canvas.text((middle, end), word, size=TYPE.minor, colour="ink2", anchor="middle")
    y = bottom + 2.6
    beside = columns.plot.x0 - MARGIN - 2.0
    for sentence in spec.below:
        canvas.text(
            (MARGIN, y), shorten(sentence, TYPE.note, beside), size=TYPE.note, colour="ink2"
        )
        y += 3.4
    return max(end, y - 3.4) + 0.8


def alternative_text(spec: ForestSpec) -> str:
    """Return what the figure shows: how many studies, and what they give together."""
    studies = sum(line.kind == "study" for line in spec.lines)
    words = [f"Forest plot of {studies} data sets, {spec.measure[:1].lower()}{spec.measure[1:]}."]
    words += [
        f"{line.label}: {line.shown}."
        for line in spec.lines
        if line.kind in ("total", "prediction") and line.shown
    ]
    return " ".join(words)
