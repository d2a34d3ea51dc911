"""Swimmer plot: time on treatment and in follow-up, and what happened when, a row per patient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.axis import month_label, named_every, tick_days
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
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
from hepatica.present.figures.markers import EVENTS, HALF, Event, draw_event
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.format import format_row
from hepatica.present.theme import LINE, TYPE
from hepatica.results import ResultRow

#: Most patients that one page holds, those of a page where several are needed, and most pages.
MOST_ROWS, PAGE_ROWS, MOST_PAGES = 130, 90, 6

_ROW, _LEAST, _DENSE = 3.9, 1.3, 60
_BAR = 2.3 / 3.9
_HEAD = 5.4
_PAGE = 232.0
_NAME = 22.0
#: Lowest row in mm that holds the name of a patient.
_NAMED = 2.8
_KEY = 4.6
#: Words of the key where the longer ones do not fit on one line.
_SHORT = {"partial": "Partial response", "complete": "Complete response", "ongoing": "Ongoing"}
#: Size of marks that stand above each other, and their distance from the middle of the row.
_CROWDED, _LIFT = 0.72, 0.23


@dataclass(frozen=True, slots=True, kw_only=True)
class SwimmerSpec:
    """What a swimmer plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    groups : tuple of CurveGroup
        Arms in the order of the protocol.
    sizes : tuple of ResultRow or None
        Number of patients of each arm.
    """

    plate: Plate
    groups: tuple[CurveGroup, ...]
    sizes: tuple[ResultRow | None, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """The patients of an arm that stand on a page."""

    group: CurveGroup
    size: ResultRow | None
    rows: tuple[Course, ...]
    continued: bool


@dataclass(frozen=True, slots=True)
class _Plot:
    """Left and right edge in mm, the last day of the axis, and the height of a row in mm."""

    x0: float
    x1: float
    last: float
    row: float

    def x(self, day: float) -> float:
        return self.x0 + (self.x1 - self.x0) * day / self.last

    @property
    def half(self) -> float:
        return min(HALF, 0.42 * self.row)


def swimmer_pages(courses: Sequence[Course], spec: SwimmerSpec) -> int:
    """Return how many pages the patients need; 0 when nobody was treated or they are too many."""
    rows = sum(len(_ordered(courses, group)) for group in spec.groups)
    pages = math.ceil(rows / PAGE_ROWS) if rows > MOST_ROWS else min(rows, 1)
    return pages if pages <= MOST_PAGES else 0


def figure_swimmer(
    courses: Sequence[Course],
    spec: SwimmerSpec,
    *,
    width_mm: Literal[85, 180] = 180,
    page: int = 1,
) -> Drawing:
    """Draw the course of each patient who was treated, by arm, the longest treatment first.

    Parameters
    ----------
    courses : sequence of Course
        All patients.
    spec : SwimmerSpec
        Arms and wording.
    width_mm : {180, 85}
        Double or single column; names of patients stand in the double column only.
    page : int
        Which page, where there are more patients than one holds (`swimmer_pages`). All pages have
        the same time axis and rows of the same height.

    Returns
    -------
    Drawing
        The same bytes for the same patients and specification.

    Raises
    ------
    AnalysisError
        If nobody was treated, or the pages cannot hold a row for each patient.
    """
    everybody = [one for group in spec.groups for one in _ordered(courses, group)]
    pages = swimmer_pages(courses, spec)
    if not 1 <= page <= pages:
        most = PAGE_ROWS * MOST_PAGES
        raise AnalysisError(f"A swimmer plot shows 1 to {most} patients, not {len(everybody)}.")
    blocks = _blocks(courses, spec, (page, pages))
    drawn = [one for block in blocks for one in block.rows]
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    heading = "Course of each patient, longest treatment first"
    heading += f", page {page} of {pages}" if pages > 1 else ""
    base = draw_title(canvas, heading, canvas.width - 4.0)
    top = _draw_key(canvas, spec.groups, everybody, base + 5.4) + 3.6
    arms = len({one.group for one in everybody})
    plot = _plot(canvas, everybody, (math.ceil(len(everybody) / pages), arms), top)
    days = tick_days(max(_end(one) for one in everybody))
    marks = len(canvas.marks)
    y = top
    rows_between = []
    for block in blocks:
        start, y = y + _HEAD - 1.3, _draw_block(canvas, plot, block, y)
        rows_between.append((start, y - 0.6))
    _draw_grid(canvas, plot, days, rows_between, marks)
    _draw_axis(canvas, plot, days, y + 0.8)
    middle = (plot.x0 + plot.x1) / 2
    text = {"size": TYPE.title, "bold": True}
    canvas.text((middle, y + 10.2), "Months since first dose", anchor="middle", **text)  # type: ignore[arg-type]
    draw_footnotes(canvas, _footnotes(courses, everybody, spec), y + 11.2)
    ids = [block.size.id for block in blocks if block.size is not None]
    return finish(canvas, spec.plate, alternative_text(drawn, blocks, days[-1]), ids)


def _blocks(courses: Sequence[Course], spec: SwimmerSpec, page: tuple[int, int]) -> list[_Block]:
    """Return the arms of a page with their rows; pages are of one length but for the last."""
    listed = [
        (place, one) for place, group in enumerate(spec.groups) for one in _ordered(courses, group)
    ]
    length = math.ceil(len(listed) / page[1])
    own = listed[(page[0] - 1) * length : page[0] * length]
    before = {place for place, _ in listed[: (page[0] - 1) * length]}
    return [
        _Block(group, spec.sizes[place], rows, continued=place in before)
        for place, group in enumerate(spec.groups)
        if (rows := tuple(one for at, one in own if at == place))
    ]


def _ordered(courses: Sequence[Course], group: CurveGroup) -> list[Course]:
    treated = [one for one in courses if one.group == group.level and one.treated is not None]
    return sorted(treated, key=lambda one: (-(one.treated or 0), -(one.followed or 0), one.name))


def _end(course: Course) -> int:
    return max(course.treated or 0, course.followed or 0)


def _plot(canvas: Canvas, drawn: Sequence[Course], page: tuple[int, int], top: float) -> _Plot:
    """Return the measures of a page of so many rows in so many arms."""
    room = (_PAGE - top - _HEAD * page[1] - 30.0) / page[0]
    wished = _ROW if len(drawn) <= _DENSE else 2.0
    row = max(_LEAST, min(wished, room))
    x0 = MARGIN + 1.0
    if canvas.width > WIDE and row >= _NAMED:
        x0 = MARGIN + 3.0 + max(text_width(_name(one), TYPE.note) for one in drawn)
    days = tick_days(max(_end(one) for one in drawn))
    x1 = canvas.width - MARGIN - text_width(month_label(days[-1]), TYPE.text) / 2 - 1.5
    return _Plot(x0, x1, days[-1], row)


def _name(course: Course) -> str:
    return shorten(course.name, TYPE.note, _NAME)


def _draw_key(
    canvas: Canvas, groups: Sequence[CurveGroup], drawn: Sequence[Course], middle: float
) -> float:
    """Draw what bars, lines and marks mean, in one row where it fits; return its last middle."""
    x = MARGIN
    entries: list[tuple[Event | str, str]] = [("bar", "On treatment"), ("line", "In follow-up")]
    entries += [(event, words) for event, words in EVENTS if _happened(drawn, event)]
    swatches = {"bar": max(6.0, 3.0 * len(groups)), "line": 6.0}

    def measured() -> list[float]:
        return [
            swatches.get(kind, 2.4) + 1.4 + text_width(text, TYPE.text) for kind, text in entries
        ]

    widths = measured()
    if sum(widths) + 2.2 * (len(widths) - 1) > canvas.width - 2 * MARGIN:
        entries = [(kind, _SHORT.get(kind, words)) for kind, words in entries]
        widths = measured()
    # One row where it fits, if need be with less between its entries.
    spare = (canvas.width - 2 * MARGIN - sum(widths)) / max(1, len(entries) - 1)
    gap = min(4.4, spare) if spare >= 2.2 else 3.6
    for (kind, words), width in zip(entries, widths, strict=True):
        swatch = swatches.get(kind, 2.4)
        if x > MARGIN and x + width > canvas.width - MARGIN + 0.01:
            x, middle = MARGIN, middle + _KEY
        if kind == "bar":
            each = swatch / len(groups)
            for place, group in enumerate(groups):
                left = x + place * each
                box = Box(left, middle - 1.15, left + each, middle + 1.15)
                canvas.rectangle(box, f"arm-{group.slot}-bar")
        elif kind == "line":
            canvas.line([((x, middle), (x + swatch, middle))], "rule", LINE.rule)
        else:
            _draw_key_mark(canvas, kind, x, middle)
        canvas.text((x + swatch + 1.4, middle + 0.9), words)
        x += width + gap
    return middle


def _draw_key_mark(canvas: Canvas, kind: str, x: float, middle: float) -> None:
    for event, _ in EVENTS:
        if event == kind:
            left = x + 0.3 if event == "ongoing" else x + 1.2
            draw_event(canvas, event, (left, middle), "ink2" if event == "ongoing" else "")


def _happened(drawn: Sequence[Course], event: Event) -> bool:
    return any(_day(one, event) is not None for one in drawn)


def _day(course: Course, event: Event) -> int | None:
    if event == "ongoing":
        return course.treated if course.ongoing else None
    days = {
        "partial": course.partial,
        "complete": course.complete,
        "progressed": course.progressed,
        "reduced": course.reduced,
        "died": course.died,
    }
    return days[event]


def _draw_block(
    canvas: Canvas,
    plot: _Plot,
    block: _Block,
    top: float,
) -> float:
    group, size = block.group, block.size
    count = f" (n = {format_row(size)})" if size is not None else ""
    count += ", continued" if block.continued else ""
    room = canvas.width - 2 * MARGIN - text_width(count, TYPE.title, True)
    canvas.text(
        (MARGIN, top + 2.8),
        shorten(group.shown, TYPE.title, room, True) + count,
        size=TYPE.title,
        colour=f"arm-{group.slot}-text",
        bold=True,
        row=size.id if size is not None else "",
    )
    middle = top + _HEAD - 1.0 + plot.row / 2
    for course in block.rows:
        _draw_row(canvas, plot, group, course, middle)
        middle += plot.row
    return middle - plot.row / 2 + 1.0


def _draw_row(
    canvas: Canvas, plot: _Plot, group: CurveGroup, course: Course, middle: float
) -> None:
    treated = plot.x(course.treated or 0)
    half = _BAR * plot.row / 2
    if canvas.width > WIDE and plot.row >= _NAMED:
        at = (MARGIN, middle + 0.8)
        canvas.text(at, _name(course), size=TYPE.note, colour="ink2")
    # Who is still treated is followed: the arrow says so.
    ongoing = course.ongoing and course.died is None
    if course.followed is not None and plot.x(course.followed) > treated and not ongoing:
        line = ((treated, middle), (plot.x(course.followed), middle))
        canvas.line([line], "rule", LINE.rule)
    # Who was treated on one day has a bar of half a millimetre.
    end = max(treated, plot.x0 + 0.5)
    canvas.rectangle(Box(plot.x0, middle - half, end, middle + half), f"arm-{group.slot}-bar")
    for event, x, up in _placed(plot, course):
        colour = f"arm-{group.slot}" if event == "ongoing" else ""
        half = plot.half if not up else _CROWDED * plot.half
        draw_event(canvas, event, (x, middle - up * plot.row), colour, half)


def _placed(plot: _Plot, course: Course) -> list[tuple[Event, float, float]]:
    """Return the marks of a patient in mm, and how far each is lifted as a share of the row.

    Marks of events on nearby days would hide each other: they are lifted and lowered in turn, the
    first one up, and are smaller; each keeps its day.
    """
    found = [(event, day) for event, _ in EVENTS if (day := _day(course, event)) is not None]
    placed = [(event, plot.x(max(day, 0)), 0.0) for event, day in sorted(found, key=_by_day)]
    for place in range(1, len(placed)):
        before, this = placed[place - 1], placed[place]
        if this[1] - before[1] < 1.9 * plot.half:
            up = before[2] or _LIFT
            placed[place - 1] = (before[0], before[1], up)
            placed[place] = (this[0], this[1], -up)
    return placed


def _by_day(found: tuple[Event, int]) -> int:
    return found[1]


def _draw_grid(
    canvas: Canvas,
    plot: _Plot,
    days: Sequence[float],
    spans: Sequence[tuple[float, float]],
    below: int,
) -> None:
    """Draw the lines of the time axis over the rows of each arm, under all marks from a place."""
    under = Canvas(canvas.width)
    lines = [((plot.x(day), top), (plot.x(day), bottom)) for top, bottom in spans for day in days]
    under.line(lines, "hair", LINE.hair, id="grid")
    canvas.marks[below:below] = under.marks


def _draw_axis(canvas: Canvas, plot: _Plot, days: Sequence[float], bottom: float) -> None:
    canvas.line([((plot.x0, bottom), (plot.x1, bottom))], "rule", LINE.axis)
    ticks = [((plot.x(day), bottom), (plot.x(day), bottom + 1.06)) for day in days]
    canvas.line(ticks, "rule", LINE.axis)
    widest = max(text_width(month_label(day), TYPE.text) for day in days) + 2.0
    every = named_every(days, widest, plot.x1 - plot.x0)
    for day in days[::every]:
        at = (plot.x(day), bottom + 4.2)
        canvas.text(at, month_label(day), colour="ink2", anchor="middle")


def _footnotes(
    courses: Sequence[Course], drawn: Sequence[Course], spec: SwimmerSpec
) -> tuple[str, ...]:
    left_out = len(courses) - len(drawn)
    return (
        "One row per patient. A line without a mark at its end: alive at last contact.",
        f"{left_out} without a first dose or an arm not drawn." if left_out else "",
        *spec.plate.footnotes,
    )


def alternative_text(
    drawn: Sequence[Course],
    blocks: Sequence[_Block],
    last: float,
) -> str:
    """Return what the figure shows: kind, and how many patients had each event."""
    sizes = " and ".join(f"{len(one.rows)} in {one.group.shown}" for one in blocks)
    first = f"Swimmer plot of {len(drawn)} patients over {month_label(last)} months: {sizes}."
    counts = [
        f"{words.lower()} {sum(_day(one, event) is not None for one in drawn)}"
        for event, words in EVENTS
    ]
    return f"{first} Patients with {', '.join(counts)}."
