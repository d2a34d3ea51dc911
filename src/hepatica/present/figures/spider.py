"""Spider plot: change of the sum of target lesions over time, a line for each patient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hepatica.analyse.spider_deciles import LEAST
from hepatica.errors import AnalysisError
from hepatica.present.figures.axis import month_label, named_every, tick_days
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing, Point
from hepatica.present.figures.courses import Course
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import (
    MARGIN,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    draw_title,
    finish,
)
from hepatica.present.figures.response_table import (
    ResponseCount,
    code_words,
    response_code,
    response_colour,
    response_words,
)
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.figures.waterfall import GUIDES, signed
from hepatica.present.format import format_count_percent
from hepatica.present.theme import LINE, TYPE
from hepatica.results import ResultRow

#: More patients than this stand in one plot for each arm.
ONE_PLOT = 40

_HEIGHT, _LOWEST, _HIGHEST = 58.0, -100.0, 150.0
_LINE = 0.7
_DOT = 0.6
_BETWEEN = 6.5
_PANEL_HEAD = 5.0
_PANEL_FOOT = 7.4


@dataclass(frozen=True, slots=True, kw_only=True)
class SpiderSpec:
    """What a spider plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    groups : tuple of CurveGroup
        Arms in the order of the protocol.
    counts : tuple of ResponseCount
        Best overall response of all patients.
    confirmed : bool
        Whether responses had to be confirmed.
    deciles : tuple of ResultRow
        Rows of the change deciles of the analysis; where there are some, they are drawn in place
        of lines.
    """

    plate: Plate
    groups: tuple[CurveGroup, ...]
    counts: tuple[ResponseCount, ...]
    confirmed: bool = False
    deciles: tuple[ResultRow, ...] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    """One plot in mm, with the last day and the highest change in % of its axes."""

    box: Box
    last: float
    high: float

    def at(self, day: float, change: float) -> Point:
        box = self.box
        share = (min(change, self.high) - _LOWEST) / (self.high - _LOWEST)
        return box.x0 + box.width * day / self.last, box.y1 - box.height * share


def figure_spider(
    courses: Sequence[Course], spec: SpiderSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the change of each patient over time; of many patients the deciles.

    Parameters
    ----------
    courses : sequence of Course
        All patients; those without a measurement after baseline are counted and not drawn.
    spec : SpiderSpec
        Arms, counts of responses and wording.
    width_mm : {180, 85}
        Double or single column.

    Returns
    -------
    Drawing
        The same bytes for the same patients and specification. No mark names a patient.

    Raises
    ------
    AnalysisError
        If nobody has a measurement after baseline.
    """
    drawn = [one for one in courses if one.changes]
    if not drawn:
        raise AnalysisError("No patient has a sum of diameters after baseline.")
    panels = _panels(drawn, spec.groups)
    deciles = bool(spec.deciles)
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    base = draw_title(
        canvas, "Change in sum of target lesions from baseline (%)", canvas.width - 2 * MARGIN
    )
    top = base + 2.4
    if not deciles:
        top = _draw_key(canvas, spec, base + 5.2) + 3.6
    used: list[str] = []
    frames = _frames(canvas, _reach(drawn, spec), len(panels), top)
    for (group, members), frame in zip(panels, frames, strict=True):
        _draw_frame(canvas, frame, group, len(members))
        if deciles:
            shown = _deciles(spec, group)
            used += [row.id for one in shown for row in one[1]]
            _draw_deciles(canvas, frame, shown, group)
        else:
            for course in sorted(members, key=_depth):
                _draw_course(canvas, frame, course)
    foot = max(frame.box.y1 for frame in frames) + 10.2
    middle = (min(f.box.x0 for f in frames) + max(f.box.x1 for f in frames)) / 2
    title = {"size": TYPE.title, "bold": True}
    canvas.text((middle, foot), "Months since first dose", anchor="middle", **title)  # type: ignore[arg-type]
    draw_footnotes(canvas, _footnotes(courses, drawn, spec), foot + 1.0)
    rows = [row for count in spec.counts for row in (count.n.id, count.percent.id)]
    return finish(canvas, spec.plate, alternative_text(courses, drawn, spec), rows + used)


def _draw_key(canvas: Canvas, spec: SpiderSpec, middle: float) -> float:
    """Draw the counts of responses as a row of lines in their colours; return its last middle."""
    head = "Best overall response" + (", confirmed" if spec.confirmed else "") + ", n (%)"
    canvas.text((MARGIN, middle + 0.9), head, size=TYPE.minor, colour="ink2")
    x = MARGIN + text_width(head, TYPE.minor) + 4.4
    for count in spec.counts:
        code = response_code(count.response)
        number = " ".join(format_count_percent(count.n, count.percent))
        swatch = 0.0 if count.response == "MISSING" else 5.0
        words = swatch + text_width(code, TYPE.text, True) + 1.0
        width = words + text_width(number, TYPE.text)
        if x > MARGIN and x + width > canvas.width - MARGIN:
            x, middle = MARGIN, middle + 4.4
        if swatch:
            dash = _dash(count.response)
            stroke = ((x, middle), (x + 3.8, middle))
            canvas.line([stroke], _colour(count.response), LINE.curve, dash=dash)
        canvas.text((x + swatch, middle + 0.9), code, bold=True)
        canvas.text((x + words, middle + 0.9), number, row=count.n.id)
        x += width + 4.4
    return middle


def _colour(response: str) -> str:
    """Return the colour of a line: stable disease in the grey of rules, which thin lines need."""
    colour = response_colour(response)
    return "rule" if colour == "response-sd" else colour


def _dash(response: str) -> tuple[float, ...]:
    """Return the dash of a line: grey that cannot be evaluated is told from stable disease."""
    return (2.0, 1.5) if response_colour(response) == "rule" else ()


def _depth(course: Course) -> int:
    """Draw stable disease first, so that responses and progression lie above it."""
    order = {"SD": 0, "NON-CR/NON-PD": 0, "PD": 2, "PR": 3, "CR": 4}
    return order.get(course.response, 1)


def _panels(
    drawn: Sequence[Course], groups: Sequence[CurveGroup]
) -> list[tuple[CurveGroup | None, list[Course]]]:
    """Return one plot of all patients, or one for each arm when there are many."""
    if len(drawn) <= ONE_PLOT or len(groups) < 2:
        return [(None, list(drawn))]
    blocks: list[tuple[CurveGroup | None, list[Course]]] = [
        (group, [one for one in drawn if one.group == group.level]) for group in groups
    ]
    return [block for block in blocks if block[1]] or [(None, list(drawn))]


def _reach(drawn: Sequence[Course], spec: SpiderSpec) -> tuple[float, float]:
    """Return the last day and the highest change that are drawn."""
    if spec.deciles:
        values = [row.value for row in spec.deciles if row.statistic == "p90"]
        last = max(row.time or 0.0 for row in spec.deciles)
        return last, max(value for value in values if value is not None)
    highest = max(change for one in drawn for _, change in one.changes)
    return float(max(one.changes[-1][0] for one in drawn)), highest


def _frames(canvas: Canvas, reach: tuple[float, float], number: int, top: float) -> list[_Frame]:
    """Return the plots: up to three in a row of a double column, else one below another."""
    days = tick_days(reach[0])
    highest = reach[1]
    high = min(_HIGHEST, 50 * math.ceil(max(highest, 50.0) / 50 - 1e-9))
    across = min(number, 3) if canvas.width > WIDE else 1
    down = math.ceil(number / across)
    left = MARGIN + 3.6 + text_width(signed(_LOWEST), TYPE.text)
    right = canvas.width - MARGIN - text_width("+20%", TYPE.text) - 1.8
    width = (right - left - _BETWEEN * (across - 1)) / across
    head = _PANEL_HEAD if number > 1 else 2.0
    room = (195.0 - top) / down - head - _PANEL_FOOT
    height = min(_HEIGHT, room)
    frames = []
    for place in range(number):
        column, line = place % across, place // across
        x0 = left + column * (width + _BETWEEN)
        y0 = top + head + line * (height + head + _PANEL_FOOT)
        frames.append(_Frame(Box(x0, y0, x0 + width, y0 + height), days[-1], high))
    return frames


def _draw_frame(canvas: Canvas, frame: _Frame, group: CurveGroup | None, number: int) -> None:
    box = frame.box
    own = f"-{group.slot}" if group is not None else ""
    first = box.x0 < 20.0
    last = box.x1 > canvas.width - 14.0
    if group is not None:
        count = f" ({number} drawn)"
        room = box.width - text_width(count, TYPE.title, True)
        name = shorten(group.shown, TYPE.title, room, True) + count
        at = (box.x0, box.y0 - 2.2)
        canvas.text(at, name, size=TYPE.title, colour=f"arm-{group.slot}-text", bold=True)
    ticks = [float(tick) for tick in range(int(_LOWEST), int(frame.high) + 1, 50)]
    x = box.x0 - 1.2
    canvas.line([((x, box.y0), (x, box.y1))], "rule", LINE.axis, id=f"axes{own}")
    marks = [((x - 1.06, frame.at(0, t)[1]), (x, frame.at(0, t)[1])) for t in ticks]
    canvas.line(marks, "rule", LINE.axis)
    for tick in ticks if first else ():
        at = (x - 1.9, frame.at(0, tick)[1] + 0.9)
        canvas.text(at, signed(tick), colour="ink2", anchor="end")
    _draw_days(canvas, frame)
    canvas.line([(frame.at(0, 0), frame.at(frame.last, 0))], "ink", LINE.rule, id=f"zero{own}")
    for guide in GUIDES:
        ends = (frame.at(0, guide), frame.at(frame.last, guide))
        canvas.line([ends], "ink2", LINE.axis, dash=(3, 2), id=f"guide{own}-{abs(guide):g}")
        if last:
            canvas.text((box.x1 + 1.6, ends[1][1] + 0.9), f"{signed(guide)}%", colour="ink2")


def _draw_days(canvas: Canvas, frame: _Frame) -> None:
    days = tick_days(frame.last)
    y = frame.box.y1 + 0.9
    canvas.line([((frame.box.x0, y), (frame.box.x1, y))], "rule", LINE.axis)
    ticks = [((frame.at(d, 0)[0], y), (frame.at(d, 0)[0], y + 1.06)) for d in days]
    canvas.line(ticks, "rule", LINE.axis)
    widest = max(text_width(month_label(day), TYPE.text) for day in days) + 2.0
    every = named_every(days, widest, frame.box.width)
    for day in days[::every]:
        at = (frame.at(day, 0)[0], y + 4.2)
        canvas.text(at, month_label(day), colour="ink2", anchor="middle")


def _draw_course(canvas: Canvas, frame: _Frame, course: Course) -> None:
    colour = _colour(course.response)
    points, over = _run(frame, course)
    canvas.line([points], colour, _LINE, dash=_dash(course.response))
    x, y = points[-1]
    if over:
        canvas.area(((x - 0.9, y + 0.4), (x + 0.9, y + 0.4), (x, y - 1.4)), colour)
        return
    if course.new_lesion:
        _circle(canvas, (x, y), _DOT + 0.45, colour)
        _circle(canvas, (x, y), _DOT + 0.05, "bg")
    else:
        _circle(canvas, (x, y), _DOT, colour)


def _run(frame: _Frame, course: Course) -> tuple[list[Point], bool]:
    """Return the line of a patient up to where it leaves the axis, and whether it does."""
    points = [frame.at(0, 0.0)]
    before: tuple[float, float] = (0.0, 0.0)
    for day, change in course.changes:
        if day <= 0:
            continue
        if change > frame.high:
            share = (frame.high - before[1]) / (change - before[1])
            points.append(frame.at(before[0] + share * (day - before[0]), frame.high))
            return points, True
        points.append(frame.at(day, change))
        before = (day, change)
    return points, False


def _circle(canvas: Canvas, at: Point, radius: float, colour: str) -> None:
    turns = np.arange(16) * (np.pi / 8)
    points = [
        (at[0] + radius * float(c), at[1] + radius * float(s))
        for c, s in zip(np.cos(turns), np.sin(turns), strict=True)
    ]
    canvas.area(points, colour)


def _deciles(
    spec: SpiderSpec, group: CurveGroup | None
) -> list[tuple[float, tuple[ResultRow, ...]]]:
    """Return the deciles of a plot by day; those of a single arm stand for all patients."""
    levels = {row.level for row in spec.deciles}
    level = group.level if group is not None else "" if "" in levels else min(levels)
    by_day: dict[float, dict[str, ResultRow]] = {}
    for row in spec.deciles:
        if row.level == level and row.time is not None and row.value is not None:
            by_day.setdefault(row.time, {})[row.statistic] = row
    wanted = [f"p{share}" for share in range(10, 100, 10)]
    return [
        (day, tuple(found[name] for name in wanted))
        for day, found in sorted(by_day.items())
        if all(name in found for name in wanted)
    ]


def _draw_deciles(
    canvas: Canvas,
    frame: _Frame,
    deciles: Sequence[tuple[float, tuple[ResultRow, ...]]],
    group: CurveGroup | None,
) -> None:
    """Draw the deciles as lines from the baseline, the median bold."""
    if not deciles:
        return
    colour = f"arm-{group.slot}" if group is not None else "ink"
    own = f"-{group.slot}" if group is not None else ""
    for decile in range(9):
        ends = [frame.at(0, 0.0)]
        ends += [frame.at(min(day, frame.last), rows[decile].value or 0.0) for day, rows in deciles]
        canvas.line(
            [ends], colour, LINE.curve if decile == 4 else _LINE, id=f"decile{own}-{decile}"
        )


def _footnotes(
    courses: Sequence[Course], drawn: Sequence[Course], spec: SpiderSpec
) -> tuple[str, ...]:
    left_out = len(courses) - len(drawn)
    without = f"; {left_out} without a measurement after baseline not drawn" if left_out else ""
    sentences = [f"{len(drawn)} of {len(courses)} patients{without}."]
    if spec.deciles:
        sentences.append(
            "Deciles of the changes measured about every six weeks, the median bold, while "
            f"{LEAST} or more were measured."
        )
    else:
        sentences.append("Lines in the colour of the best overall response. Dot: last sum.")
        if any(one.new_lesion for one in drawn):
            sentences.append("Ring: progression with a new lesion.")
        if any(change > _HIGHEST for one in drawn for _, change in one.changes):
            sentences.append(f"Arrow heads: above {signed(_HIGHEST)}%, not followed further.")
        sentences.append(f"{code_words(spec.counts)}.")
    sentences.append("Sums up to progression or new anticancer therapy.")
    return (*sentences, *spec.plate.footnotes)


def alternative_text(courses: Sequence[Course], drawn: Sequence[Course], spec: SpiderSpec) -> str:
    """Return what the figure shows: kind, and the numbers of patients by response."""
    months = max(1, round(max(one.changes[-1][0] for one in drawn) / 30.4375))
    over = f"{months} {'month' if months == 1 else 'months'}"
    first = (
        "Spider plot of the change in the sum of target lesions from baseline over "
        f"{over}, {len(drawn)} of {len(courses)} patients."
    )
    kind = "Confirmed best" if spec.confirmed else "Best"
    return f"{first} {kind} overall response: {response_words(spec.counts)}."
