"""Marks of a forest plot: squares, intervals, diamonds, the prediction interval."""

from __future__ import annotations

import math
from collections.abc import Iterable

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Point
from hepatica.present.figures.forest_axis import ForestAxis
from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.forest_spec import Look
from hepatica.present.theme import LINE

_LARGEST = 3.3
_SMALLEST = 0.5
#: Side of a square that has no weight.
_PLAIN = 1.8


def square_sides(lines: Iterable[ForestLine], pitch: float) -> dict[int, float]:
    """Return the side of the square of each study in mm, by place: its area is the weight.

    One weight has one area on all pages, because the largest weight sets the scale.

    Parameters
    ----------
    lines : iterable of ForestLine
        All lines of the figure.
    pitch : float
        Height of a line in mm.
    """
    kept = list(lines)
    weights = [line.weight or 0.0 for line in kept if line.kind == "study"]
    largest, most = max(weights, default=0.0), min(_LARGEST, pitch * 0.72)
    return {
        at: max(_SMALLEST, most * math.sqrt(line.weight / largest))
        if line.weight and largest
        else min(_PLAIN, most)
        for at, line in enumerate(kept)
        if line.kind in ("study", "reference")
    }


def draw_mark(
    canvas: Canvas, line: ForestLine, axis: ForestAxis, middle: float, look: Look, side: float
) -> None:
    """Draw what a line shows in the plot; a limit beyond the axis ends in an arrow.

    Parameters
    ----------
    canvas : Canvas
        The drawing.
    line : ForestLine
        The line.
    axis : ForestAxis
        Its axis.
    middle : float
        Height of the line in mm.
    look : Look
        Colours.
    side : float
        Side of the square, or height of the diamond, in mm.
    """
    if line.lower is None or line.upper is None:
        return
    left, right = axis.clipped(line.lower), axis.clipped(line.upper)
    if line.kind == "prediction":
        if right > left:
            canvas.rectangle(Box(left, middle - 0.75, right, middle + 0.75), look.prediction)
        _arrows(canvas, line, axis, middle, look.prediction)
    elif line.estimate is None:
        return
    elif line.kind in ("subtotal", "total"):
        colour = look.total if line.kind == "total" else look.subtotal
        canvas.area(_diamond(line, axis, middle, side / 2), colour)
        _arrows(canvas, line, axis, middle, colour)
    else:
        canvas.line([((left, middle), (right, middle))], "ink", LINE.tick_mark)
        _arrows(canvas, line, axis, middle, "ink")
        if axis.inside(line.estimate):
            at, half = axis.x(line.estimate), side / 2
            box = Box(at - half, middle - half, at + half, middle + half)
            canvas.rectangle(box, look.square if line.kind == "study" else "ink2")


def _diamond(line: ForestLine, axis: ForestAxis, middle: float, half: float) -> list[Point]:
    """Return the outline of a diamond, cut off flat where it goes beyond the axis."""
    lower, estimate, upper = (
        axis.x(value) if value is not None and axis.drawable(value) else None
        for value in (line.lower, line.estimate, line.upper)
    )
    at = min(max(estimate if estimate is not None else axis.left, axis.left), axis.right)
    sides: list[list[Point]] = []
    for end, edge in ((lower, axis.left), (upper, axis.right)):
        beyond = end is None or (end < edge if edge == axis.left else end > edge)
        if not beyond and end is not None:
            sides.append([(end, middle)])
            continue
        share = 1.0 if end is None or end == at else (edge - end) / (at - end)
        reach = half * max(0.0, min(1.0, share))
        sides.append([(edge, middle + reach), (edge, middle - reach)])
    (*before,), (*after,) = sides
    return [*before, (at, middle - half), *reversed(after), (at, middle + half)]


def _arrows(canvas: Canvas, line: ForestLine, axis: ForestAxis, middle: float, colour: str) -> None:
    """Draw an arrow where a limit lies beyond the axis."""
    for value, end, way in ((line.lower, axis.left, -1.0), (line.upper, axis.right, 1.0)):
        if value is not None and not axis.inside(value):
            tip = (end + way * 0.3, middle)
            back = end - way * 1.3
            canvas.area([tip, (back, middle - 0.8), (back, middle + 0.8)], colour)
