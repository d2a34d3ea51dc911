"""The ground of plots of studies: a plot with two axes on which points of studies stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hepatica.present.figures.boxes import Box, Obstacles
from hepatica.present.figures.canvas import Canvas, Drawing, Point
from hepatica.present.figures.furniture import (
    MARGIN,
    TITLE,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.scale import Scale, linear_scale, tick_texts
from hepatica.present.figures.text import ASCENT, DESCENT, shorten, text_width
from hepatica.present.format import MINUS
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

WIDTH = 180.0
_TOP = 14.0
_OFFSET = 2.5 * MM_PER_PT
_TICK = 3.0 * MM_PER_PT
_CORNERS = 32
_LEAST_TICKS = 4
#: Free space beyond the outermost values, as a share of their range.
_PAD = 0.04
_RATIO_TICKS = (
    (
        0.1,
        0.15,
        0.2,
        0.3,
        0.4,
        0.5,
        0.6,
        0.8,
        1.0,
        1.25,
        1.5,
        2.0,
        2.5,
        3.0,
        4.0,
        5.0,
        6.0,
        8.0,
        10.0,
    ),
    (
        0.3,
        0.35,
        0.4,
        0.45,
        0.5,
        0.55,
        0.6,
        0.65,
        0.7,
        0.75,
        0.8,
        0.85,
        0.9,
        0.95,
        1.0,
        1.05,
        1.1,
        1.2,
    ),
    (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5),
    (0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0),
    (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0),
    (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
    (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0),
    (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0),
    (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0),
    (1e-6, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e6),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale with the names of its ticks and its title.

    Attributes
    ----------
    scale : Scale
        Values are on the scale of pooling: of ratios the logarithm.
    names : tuple of str
        Names of the ticks.
    title : str
        What is measured.
    turned : bool
        Whether the values run the other way.
    """

    scale: Scale
    names: tuple[str, ...]
    title: str
    turned: bool = False

    def share(self, value: float) -> float:
        """Return the place of a value from 0 to 1."""
        share = self.scale.share(value)
        return 1.0 - share if self.turned else share


@dataclass(frozen=True, slots=True)
class Ground:
    """A plot in mm with its axes."""

    box: Box
    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> Point:
        """Return the place of a point."""
        box = self.box
        return box.x0 + self.x.share(x) * box.width, box.y1 - self.y.share(y) * box.height

    def clipped(self, x: float, y: float) -> Point:
        """Return the place of a point, moved to the edge of the plot where it lies beyond."""
        place_x, place_y = self.at(x, y)
        box = self.box
        return min(max(place_x, box.x0), box.x1), min(max(place_y, box.y0), box.y1)


def effect_axis(
    values: Sequence[float], title: str, *, ratio: bool, hold: Sequence[float] = ()
) -> Axis:
    """Return the axis of effects: logarithms of ratios are named by the ratios.

    Parameters
    ----------
    values : sequence of float
        Effects on the scale of pooling.
    title : str
        What is measured.
    ratio : bool
        Whether effects are logarithms of ratios.
    hold : sequence of float
        Further values that the axis holds.
    """
    pad = _PAD * (max(values) - min(values))
    low, high = min((*values, *hold)) - pad, max((*values, *hold)) + pad
    if not ratio:
        return plain_axis(low, high, title)
    held = [ticks for ticks in (_held(one, low, high) for one in _RATIO_TICKS) if ticks]
    # The shortest axis, but one with few names only where there is no other.
    order = sorted(held, key=lambda one: (len(one) < _LEAST_TICKS, one[-1] / one[0]))
    ticks = next(iter(order), ())
    if not ticks:
        return plain_axis(low, high, f"Logarithm of {title[:1].lower()}{title[1:]}")
    logs = tuple(math.log(one) for one in ticks)
    return Axis(Scale(logs[0], logs[-1], logs), tuple(f"{one:g}" for one in ticks), title)


def plain_axis(low: float, high: float, title: str, *, turned: bool = False) -> Axis:
    """Return a linear axis from tick to tick."""
    scale = linear_scale(low, high)
    names = tuple(name.replace("-", MINUS) for name in tick_texts(scale.ticks))
    return Axis(scale, names, title, turned)


def _held(ticks: Sequence[float], low: float, high: float) -> tuple[float, ...]:
    logs = [math.log(one) for one in ticks]
    if low < logs[0] - 1e-9 or high > logs[-1] + 1e-9:
        return ()
    first = max(at for at, one in enumerate(logs) if one <= low + 1e-9)
    last = min(at for at, one in enumerate(logs) if one >= high - 1e-9)
    kept = tuple(ticks[min(first, max(last - 1, 0)) : max(last, first + 1) + 1])
    return kept if 2 <= len(kept) <= 9 else ()


def open_plot(
    plate: Plate, x: Axis, y: Axis, height: float = 84.0, *, square: bool = False
) -> tuple[Canvas, Ground]:
    """Begin a figure: status, axes and their titles.

    Parameters
    ----------
    plate : Plate
        Title, study and status.
    x, y : Axis
        The axes; the title of y stands above it, that of x below it.
    height : float
        Height of the plot in mm.
    square : bool
        Whether the plot is as wide as it is high.
    """
    canvas = Canvas(WIDTH)
    draw_status(canvas, plate.status)
    left = MARGIN + max(text_width(name, TYPE.text) for name in y.names) + 1.0 + _TICK + _OFFSET
    right = left + height if square else WIDTH - MARGIN - 6.0
    return canvas, Ground(Box(left, _TOP, right, _TOP + height), x, y)


def draw_axes(canvas: Canvas, ground: Ground) -> float:
    """Draw both axes over the ground and return the base line of the title below.

    Names of ticks of the x axis stand where there is room, from the left.
    """
    box = ground.box
    foot, side = box.y1 + _OFFSET, box.x0 - _OFFSET
    xs = [(ground.at(tick, ground.y.scale.low)[0], name) for tick, name in _ticks(ground.x)]
    ys = [(ground.at(ground.x.scale.low, tick)[1], name) for tick, name in _ticks(ground.y)]
    strokes = [((box.x0, foot), (box.x1, foot)), ((side, box.y0), (side, box.y1))]
    strokes += [((x, foot), (x, foot + _TICK)) for x, _ in xs]
    strokes += [((side - _TICK, y), (side, y)) for y, _ in ys]
    canvas.line(strokes, "rule", LINE.axis, id="axes")
    names = foot + _TICK + 3.4
    end = -math.inf
    for x, name in xs:
        half = text_width(name, TYPE.text) / 2
        if x - half > end + 1.0:
            canvas.text((x, names), name, colour="ink2", anchor="middle")
            end = x + half
    rise = 0.34 * TYPE.text * MM_PER_PT
    for y, name in ys:
        canvas.text((side - _TICK - 1.0, y + rise), name, colour="ink2", anchor="end")
    canvas.text((MARGIN, TITLE), ground.y.title, size=TYPE.title, bold=True)
    title = shorten(ground.x.title, TYPE.title, box.width, True)
    middle, base = (box.x0 + box.x1) / 2, names + 4.4
    canvas.text((middle, base), title, size=TYPE.title, bold=True, anchor="middle")
    return base


def _ticks(axis: Axis) -> list[tuple[float, str]]:
    return list(zip(axis.scale.ticks, axis.names, strict=True))


def close_plot(canvas: Canvas, plate: Plate, y: float, alt: str, row_ids: Sequence[str]) -> Drawing:
    """End a figure with its footnotes."""
    draw_footnotes(canvas, plate.footnotes, y + 0.6)
    return finish(canvas, plate, alt, row_ids)


def circle(at: Point, radius: float) -> tuple[Point, ...]:
    """Return the outline of a circle in mm."""
    x, y = at
    return tuple(
        (
            x + radius * math.cos(2 * math.pi * n / _CORNERS),
            y + radius * math.sin(2 * math.pi * n / _CORNERS),
        )
        for n in range(_CORNERS)
    )


def draw_dot(canvas: Canvas, at: Point, radius: float = 1.0, *, hollow: bool = False) -> None:
    """Draw the point of a study with a ring of background; an imputed one is open."""
    canvas.area(circle(at, radius + 0.3), "bg")
    canvas.area(circle(at, radius), "arm-1")
    if hollow:
        canvas.area(circle(at, radius - 0.3), "bg")


def draw_bubble(canvas: Canvas, at: Point, radius: float) -> None:
    """Draw a study whose area is its weight: a tint with a solid outline."""
    ring = circle(at, radius)
    canvas.area(ring, "arm-1-bar")
    canvas.line([(*ring, *ring[:2])], "arm-1", LINE.axis)


def bubble_radii(weights: Sequence[float], largest: float = 3.2) -> list[float]:
    """Return radii in mm whose areas are the weights."""
    most = max(weights)
    return [largest * math.sqrt(max(one, 0.0) / most) for one in weights]


def name_points(
    canvas: Canvas,
    ground: Ground,
    points: Sequence[Point],
    names: Sequence[str],
    radii: Sequence[float],
    *,
    taken: Sequence[Box] = (),
    lines: Sequence[Box] = (),
) -> int:
    """Write names beside points where they touch nothing; return how many found no place.

    A name crosses a line only where it finds no other place.

    Parameters
    ----------
    canvas : Canvas
        The drawing.
    ground : Ground
        The plot, which names do not leave.
    points, names, radii
        Places in mm, names in the order in which they get a place, and half heights of points.
    taken : sequence of Box
        What no name may touch, besides the points.
    lines : sequence of Box
        What a name touches only where it must.
    """
    size = TYPE.minor
    obstacles = Obstacles(
        [
            *taken,
            *(Box(x - r, y - r, x + r, y + r) for (x, y), r in zip(points, radii, strict=True)),
        ]
    )
    uncrossed = Obstacles(lines)
    room = Box(ground.box.x0, ground.box.y0, WIDTH - MARGIN, ground.box.y1)
    lost = 0
    for (x, y), name, radius in zip(points, names, radii, strict=True):
        text = shorten(name, size, 46.0)
        width, height = text_width(text, size), size * MM_PER_PT
        gap = radius + 0.9
        places = [
            (x + gap, y),
            (x - gap - width, y),
            (x - width / 2, y - gap - 0.5 * height),
            (x - width / 2, y + gap + 0.5 * height),
            (x + 0.7 * gap, y - 0.7 * gap - 0.3 * height),
            (x - 0.7 * gap - width, y - 0.7 * gap - 0.3 * height),
            (x + 0.7 * gap, y + 0.7 * gap + 0.3 * height),
            (x - 0.7 * gap - width, y + 0.7 * gap + 0.3 * height),
        ]
        boxes = []
        for left, middle in places:
            base = middle + 0.34 * height
            boxes.append(Box(left, base - ASCENT * height, left + width, base + DESCENT * height))
        free = [one for one in boxes if one.within(room) and obstacles.free(one.grown(0.25))]
        box = next((one for one in free if uncrossed.free(one)), next(iter(free), None))
        if box is None:
            lost += 1
            continue
        canvas.text((box.x0, box.y0 + ASCENT * height), text, size=size)
        obstacles.add(box)
    return lost


def boxes_along(strokes: Sequence[Sequence[Point]], half: float = 0.4) -> list[Box]:
    """Return small boxes along strokes, so that names keep away from them."""
    found = []
    for stroke in strokes:
        for (x0, y0), (x1, y1) in pairwise(stroke):
            steps = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0)))
            for n in range(steps + 1):
                x, y = x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps
                found.append(Box(x - half, y - half, x + half, y + half))
    return found


def corner_text(canvas: Canvas, sentences: Sequence[str], right: float, y: float) -> float:
    """Write sentences that end at ``right`` below each other; return the last base line."""
    for sentence in sentences:
        shown = shorten(sentence, TYPE.minor, right - MARGIN)
        canvas.text((right, y), shown, size=TYPE.minor, colour="ink2", anchor="end")
        y += 3.5
    return y - 3.5
