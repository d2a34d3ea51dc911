"""The plot of a Kaplan-Meier figure: curves, bands, ticks, median lines, and what they cover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.present.figures.axis import Frame, month_label
from hepatica.present.figures.boxes import Box, Obstacles, stroke_boxes
from hepatica.present.figures.canvas import Anchor, Canvas, Point, Text
from hepatica.present.figures.curves import Curve
from hepatica.present.figures.placing import Trace
from hepatica.present.figures.text import ASCENT, DESCENT, text_width
from hepatica.present.format import format_row
from hepatica.present.theme import ARMS, LINE, MM_PER_PT, TYPE

#: Heights tried for a median above the foot of its line.
_LEVELS = 10
#: Free space kept between a label and a line, in mm.
CLEAR = 0.5
OFFSET = 2.5 * MM_PER_PT
TICK = 3.0 * MM_PER_PT
#: Height of a censoring tick as a share of the axis.
CENSOR_SHARE = 0.04
HALF_DASH = (1.4, 1.6)
DROP_DASH = (2.2, 1.8)
#: Up to this many ticks are always drawn; more only where fewer than this fill the axis.
MOST_TICKS = 80
FINEST = 300
#: From this many groups on, curves differ by dash as well.
DASHED_FROM = 4


@dataclass(frozen=True, slots=True)
class MedianLabel:
    """A drop line, and the median at its foot; ``None`` where no free place was found."""

    text: Text | None
    line: tuple[Point, Point]


def curve_points(curve: Curve, frame: Frame) -> list[Point]:
    """Return the right-continuous step curve as points in mm, from 100% at day 0."""
    if not len(curve.days):
        return []
    points: list[Point] = [(frame.x(0.0), frame.y(1.0))]
    level = 1.0
    for day, survival in zip(curve.days, curve.survival, strict=True):
        if survival != level:
            points += [(frame.x(day), frame.y(level)), (frame.x(day), frame.y(survival))]
            level = float(survival)
    end = (frame.x(float(curve.days[-1])), frame.y(level))
    if points[-1] != end:
        points.append(end)
    return points


def trace(curve: Curve, frame: Frame) -> Trace:
    """Return where the curve runs, for placing its name."""
    if not len(curve.days):
        return Trace(np.empty(0), np.empty(0), frame.x0)
    x = np.array([frame.x0, *(frame.x(day) for day in curve.days)])
    y = np.array([frame.y(1.0), *(frame.y(float(share)) for share in curve.survival)])
    return Trace(x, y, frame.x(float(curve.days[-1])))


def band_steps(curve: Curve, frame: Frame) -> list[list[Box]]:
    """Return the band as runs of neighbouring rectangles, one rectangle per step."""
    runs: list[list[Box]] = []
    shown = curve.banded()
    for step in range(len(curve.days) - 1):
        if not shown[step] or curve.survival[step] >= 1:
            continue
        box = Box(
            frame.x(float(curve.days[step])),
            frame.y(min(1.0, float(curve.upper[step]))),
            frame.x(float(curve.days[step + 1])),
            frame.y(max(0.0, float(curve.lower[step]))),
        )
        if runs and runs[-1][-1].x1 == box.x0:
            runs[-1].append(box)
        else:
            runs.append([box])
    return runs


def censor_ticks(curve: Curve, frame: Frame) -> list[tuple[Point, Point]]:
    """Return the ticks at times with censored patients, 4 percentage points tall.

    Where they would stand so close that they hide the steps of the curve there are none.
    """
    if not ticks_apart(curve, frame.last_day):
        return []
    half = CENSOR_SHARE / 2 * (frame.bottom - frame.top)
    ticks = []
    for day, survival, censored in zip(curve.days, curve.survival, curve.censored, strict=True):
        if censored > 0:
            x, y = frame.x(float(day)), frame.y(float(survival))
            ticks.append(((x, y - half), (x, y + half)))
    return ticks


def ticks_apart(curve: Curve, last_day: float) -> bool:
    """Return whether censoring ticks can be told apart on an axis that ends at a day."""
    days = curve.days[curve.censored > 0]
    return len(days) < MOST_TICKS or float(days[-1] - days[0]) > len(days) * last_day / FINEST


def line_obstacles(curves: tuple[Curve, ...], frame: Frame) -> Obstacles:
    """Return what labels must keep clear of: curves, censoring ticks and the 50% line."""
    stroke = LINE.curve * MM_PER_PT + 2 * CLEAR
    boxes = [Box(frame.x0, frame.y(0.5) - CLEAR, frame.x1, frame.y(0.5) + CLEAR)]
    for curve in curves:
        boxes += stroke_boxes(curve_points(curve, frame), stroke)
        for tick in censor_ticks(curve, frame):
            boxes += [box.grown(CLEAR) for box in stroke_boxes(tick, LINE.tick_mark * MM_PER_PT)]
    return Obstacles(boxes)


def place_medians(
    curves: tuple[Curve, ...], frame: Frame, obstacles: Obstacles
) -> list[tuple[Curve, MedianLabel]]:
    """Return the medians with free places at the foot of their lines, and book those places."""
    lines: dict[int, tuple[Point, Point]] = {}
    for curve in curves:
        x = _median_x(curve, frame)
        if x is not None:
            lines[curve.group.slot] = ((x, frame.y(0.5)), (x, frame.bottom))
    for line in lines.values():
        obstacles.add(*(box.grown(0.25) for box in stroke_boxes(line, 0.3)))
    placed = []
    for curve in sorted(curves, key=lambda curve: curve.median_days or 0.0):
        drop = lines.get(curve.group.slot)
        if drop is None:
            continue
        text = _free_foot(curve, drop[0][0], frame, obstacles)
        if text is not None:
            obstacles.add(text.box)
        placed.append((curve, MedianLabel(text, drop)))
    return placed


def _median_x(curve: Curve, frame: Frame) -> float | None:
    days = curve.median_days
    return None if days is None or days > frame.last_day else frame.x(days)


def _free_foot(curve: Curve, x: float, frame: Frame, obstacles: Obstacles) -> Text | None:
    """Try right of the line, left of it, then higher and higher until nothing is touched."""
    row = curve.median
    shown = "" if row is None else format_row(row)
    colour = f"arm-{curve.group.slot}-text"
    row_id = "" if row is None else row.id
    height = TYPE.text * MM_PER_PT * (ASCENT + DESCENT)
    sides: tuple[tuple[float, Anchor], ...] = ((0.9, "start"), (-0.9, "end"))
    labels = [
        Text(x + away, frame.bottom - 1.0 - level * height, shown, TYPE.text, colour, True, *more)
        for level in range(_LEVELS)
        for away, anchor in sides
        for more in ((anchor, row_id),)
    ]
    for label in labels:
        box = label.box
        inside = box.x0 >= frame.x0 + 0.3 and box.x1 <= frame.x1 + 4 and box.y0 > frame.y(0.5)
        if inside and obstacles.free(box):
            return label
    # The table, or the footnote of the single column, gives every median in any case.
    return None


def draw_curves(
    canvas: Canvas, curves: tuple[Curve, ...], frame: Frame, *, panel: str = ""
) -> None:
    """Draw bands, the 50% line, curves and censoring ticks, in this order.

    ``panel`` ends the ids of lines that stand in every panel of a figure.
    """
    for curve in curves:
        for number, run in enumerate(band_steps(curve, frame), start=1):
            upper = [point for box in run for point in ((box.x0, box.y0), (box.x1, box.y0))]
            lower = [point for box in run for point in ((box.x0, box.y1), (box.x1, box.y1))]
            name = f"band-{curve.group.slot}-{number}"
            colour = f"arm-{curve.group.slot}"
            canvas.area([*upper, *reversed(lower)], colour, band=True, id=name)
    half = [(frame.x0, frame.y(0.5)), (frame.x1, frame.y(0.5))]
    canvas.line([half], "rule", LINE.axis, dash=HALF_DASH, id=f"half{panel}")
    dashed = len(curves) >= DASHED_FROM
    for curve in curves:
        slot = curve.group.slot
        dash = ARMS[slot - 1].dash if dashed else ()
        points = curve_points(curve, frame)
        canvas.line([points], f"arm-{slot}", LINE.curve, dash=dash, id=f"curve-{slot}")
    for curve in curves:
        ticks = censor_ticks(curve, frame)
        slot = curve.group.slot
        canvas.line(ticks, f"arm-{slot}", LINE.tick_mark, id=f"censored-{slot}")


def draw_medians(canvas: Canvas, medians: list[tuple[Curve, MedianLabel]]) -> None:
    """Draw the drop lines and write the medians at their feet."""
    for curve, median in medians:
        slot = curve.group.slot
        canvas.line(
            [median.line], f"arm-{slot}", LINE.tick_mark, dash=DROP_DASH, id=f"median-{slot}"
        )
        if median.text is not None:
            canvas.marks.append(median.text)


def draw_axes(
    canvas: Canvas,
    frame: Frame,
    days: tuple[float, ...],
    every: int,
    *,
    percents: bool = True,
    panel: str = "",
) -> None:
    """Draw both axis lines with ticks and tick names; ticks between named ones are short.

    ``percents`` names the ticks of the upright axis; ``panel`` ends the id of the axes.
    """
    left, below = frame.x0 - OFFSET, frame.bottom + OFFSET
    strokes: list[tuple[Point, ...]] = [
        ((left, frame.bottom), (left, frame.top)),
        ((frame.x0, below), (frame.x(days[-1]), below)),
    ]
    rise = 0.34 * TYPE.text * MM_PER_PT
    for percent in (0, 25, 50, 75, 100):
        y = frame.y(percent / 100)
        strokes.append(((left - TICK, y), (left, y)))
        if percents:
            at = (left - TICK - 1.1, y + rise)
            canvas.text(at, str(percent), colour="ink2", anchor="end")
    for number, day in enumerate(days):
        named = number % every == 0
        x = frame.x(day)
        strokes.append(((x, below), (x, below + TICK * (1.0 if named else 0.55))))
        if named:
            at = (x, frame.bottom + 4.9)
            canvas.text(at, month_label(day), colour="ink2", anchor="middle")
    canvas.line(strokes, "rule", LINE.axis, id=f"axes{panel}")


def axis_gutter() -> float:
    """Width in mm that tick names and the offset take left of the plot."""
    return OFFSET + TICK + 1.1 + text_width("100", TYPE.text)
