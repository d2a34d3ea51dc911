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
#: Length of an arrow head in mm.
_NECK = 1.3


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
        _arrows(canvas, line, axis, middle, look.prediction, half=1.4)
    elif line.estimate is None:
        return
    elif line.kind in ("subtotal", "total"):
        colour = look.total if line.kind == "total" else look.subtotal
        _draw_diamond(canvas, line, axis, middle, side, colour)
    else:
        canvas.line([((left, middle), (right, middle))], "ink", LINE.tick_mark)
        _arrows(canvas, line, axis, middle, "ink")
        if axis.inside(line.estimate):
            at, half = axis.x(line.estimate), side / 2
            box = Box(at - half, middle - half, at + half, middle + half)
            canvas.rectangle(box, look.square if line.kind == "study" else "ink2")


def _draw_diamond(
    canvas: Canvas, line: ForestLine, axis: ForestAxis, middle: float, side: float, colour: str
) -> None:
    """Draw a diamond; an end beyond the axis is cut off and goes over into an arrow head."""
    if line.lower is None or line.upper is None or line.estimate is None:
        return
    half, at = side / 2, axis.clipped(line.estimate)
    ends: list[list[Point]] = []
    for value, edge, way in ((line.lower, axis.left, -1.0), (line.upper, axis.right, 1.0)):
        if axis.inside(value):
            ends.append([(axis.x(value), middle)])
            continue
        neck = edge - way * _NECK
        tip = axis.x(value) if axis.drawable(value) else edge
        share = (neck - tip) / (at - tip) if at != tip else 1.0
        reach = half * min(1.0, max(0.0, share))
        ends.append([(neck, middle + way * -reach), (neck, middle + way * reach)])
        head = max(0.8, reach + 0.5)
        canvas.area(
            [(edge + way * 0.3, middle), (neck, middle - head), (neck, middle + head)], colour
        )
    before, after = ends
    canvas.area([*before, (at, middle - half), *after, (at, middle + half)], colour)


def _arrows(
    canvas: Canvas,
    line: ForestLine,
    axis: ForestAxis,
    middle: float,
    colour: str,
    half: float = 0.8,
) -> None:
    """Draw an arrow where a limit lies beyond the axis."""
    for value, end, way in ((line.lower, axis.left, -1.0), (line.upper, axis.right, 1.0)):
        if value is not None and not axis.inside(value):
            tip = (end + way * 0.3, middle)
            back = end - way * 1.3
            canvas.area([tip, (back, middle - half), (back, middle + half)], colour)
