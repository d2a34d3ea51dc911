"""Adverse events of two groups back to back: names in the middle, bars outward."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import (
    LEADING,
    MARGIN,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    draw_title,
    finish,
)
from hepatica.present.figures.text import shorten, text_width, wrap
from hepatica.present.format import format_row, format_value
from hepatica.present.lookup import RowIndex
from hepatica.present.theme import LINE, MM_PER_PT, TYPE
from hepatica.results import ResultRow, Results

#: Most events that are drawn.
MOST_EVENTS = 25

_PITCH = 4.7
_BAR = 3.0
_LINE = TYPE.text * MM_PER_PT * LEADING
_NAMES_WIDE = (38.0, 58.0)
_NAMES_NARROW = (22.0, 31.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ButterflySpec:
    """What an adverse-event butterfly shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    analysis : str
        Id of the analysis whose rows are drawn.
    groups : tuple of CurveGroup
        The two groups, left and right.
    events : tuple of str
        Events in the order of the table; the first 25 are drawn.
    severe : str
        What the solid inner end shows, for example ``Grade 3 or higher``.
    """

    plate: Plate
    analysis: str
    groups: tuple[CurveGroup, CurveGroup]
    events: tuple[str, ...]
    severe: str


@dataclass(frozen=True, slots=True)
class _Side:
    """One half: where its bars begin, which way they run (-1 left, 1 right), and mm per percent."""

    group: CurveGroup
    n: ResultRow
    axis: float
    way: int
    scale: float

    def x(self, percent: float) -> float:
        return self.axis + self.way * self.scale * percent

    def box(self, percent: float, middle: float) -> Box:
        ends = sorted((self.axis, self.x(percent)))
        return Box(ends[0], middle - _BAR / 2, ends[1], middle + _BAR / 2)


def figure_butterfly(
    results: Results, spec: ButterflySpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw adverse events of any grade and severe ones in two groups.

    Parameters
    ----------
    results : Results
        Rows of the analysis: ``any`` and ``severe``, ``n`` and ``percent``.
    spec : ButterflySpec
        Groups, events and wording.
    width_mm : {180, 85}
        Double or single column.

    Returns
    -------
    Drawing
        The same bytes for the same rows and specification.

    Raises
    ------
    AnalysisError
        If there is no event to draw or a group has no number of patients.
    """
    index = RowIndex(results, spec.analysis)
    events = spec.events[:MOST_EVENTS]
    sizes = [index.get("n", level=group.level) for group in spec.groups]
    if not events or any(row is None or not row.value for row in sizes):
        raise AnalysisError(f"{spec.analysis} has no events in two groups to be drawn.")
    canvas = Canvas(float(width_mm))
    names = _names(events, width_mm)
    ticks = _ticks(index, spec.groups, events)
    left, right = _sides(canvas, spec, [n for n in sizes if n is not None], names, ticks)
    draw_status(canvas, spec.plate.status)
    title = draw_title(canvas, "Patients with the event (%)", canvas.width - 2 * MARGIN)
    top = _heads(canvas, (left, right), title + 5.2)
    bottom = _rows(canvas, index, (left, right), tuple(zip(events, names, strict=True)), top)
    for side in (left, right):
        canvas.line([((side.axis, top), (side.axis, bottom))], "ink", LINE.rule, id="axis")
        for tick in ticks:
            at = (side.x(tick), bottom + 3.6)
            canvas.text(at, f"{tick:g}", colour="ink2", anchor="middle")
    y = _key(canvas, spec, bottom + 8.6)
    draw_footnotes(canvas, _footnotes(spec), y)
    rows = [left.n.id, right.n.id, *(row.id for row in _drawn(index, spec.groups, events))]
    return finish(canvas, spec.plate, alternative_text(index, spec, (left.n, right.n)), rows)


def _names(events: tuple[str, ...], width: float) -> tuple[tuple[str, ...], ...]:
    least, most = _NAMES_WIDE if width > WIDE else _NAMES_NARROW
    widest = max(text_width(event, TYPE.text) for event in events)
    room = min(max(widest, least - 4.0), most - 4.0)
    return tuple(wrap(event, TYPE.text, room, lines=3) for event in events)


def _drawn(
    index: RowIndex, groups: tuple[CurveGroup, ...], events: tuple[str, ...]
) -> Iterator[ResultRow]:
    for event in events:
        for group in groups:
            for variable in ("any", "severe"):
                for statistic in ("n", "percent"):
                    row = index.get(
                        statistic, level=group.level, variable=variable, variable_level=event
                    )
                    if row is not None:
                        yield row


def _percent(index: RowIndex, group: CurveGroup, variable: str, event: str) -> ResultRow | None:
    return index.get("percent", level=group.level, variable=variable, variable_level=event)


def _value(row: ResultRow | None) -> float:
    return row.value if row is not None and row.status == "ok" and row.value is not None else 0.0


def _ticks(
    index: RowIndex, groups: tuple[CurveGroup, ...], events: tuple[str, ...]
) -> tuple[float, ...]:
    """Return 3 to 5 ticks that reach the longest bar."""
    highest = max(_value(_percent(index, g, "any", event)) for g in groups for event in events)
    step = next(s for s in (1, 2, 5, 10, 20, 25) if highest <= 4 * s or s == 25)
    return tuple(float(n * step) for n in range(max(2, math.ceil(highest / step - 1e-9)) + 1))


def _sides(
    canvas: Canvas,
    spec: ButterflySpec,
    sizes: list[ResultRow],
    names: tuple[tuple[str, ...], ...],
    ticks: tuple[float, ...],
) -> tuple[_Side, _Side]:
    middle = canvas.width / 2
    half = max(text_width(line, TYPE.text) for block in names for line in block) / 2 + 2.0
    # The percentage of the longest bar stands beyond its end.
    beyond = 1.2 + text_width("100", TYPE.text)
    scale = (middle - half - MARGIN - beyond) / ticks[-1]
    first, second = spec.groups
    return (
        _Side(first, sizes[0], middle - half, -1, scale),
        _Side(second, sizes[1], middle + half, 1, scale),
    )


def _heads(canvas: Canvas, sides: tuple[_Side, _Side], base: float) -> float:
    """Write the name of each group at its axis and return the top of the axes."""
    blocks: list[tuple[str, ...]] = []
    for side in sides:
        room = abs((MARGIN if side.way < 0 else canvas.width - MARGIN) - side.axis)
        count = f"(n = {format_row(side.n)})"
        whole = f"{side.group.shown} {count}"
        if text_width(whole, TYPE.title, True) <= room:
            blocks.append((whole,))
        else:
            blocks.append((*wrap(side.group.shown, TYPE.title, room, True, 3), count))
    pitch = TYPE.title * MM_PER_PT * LEADING
    last = base + (max(len(block) for block in blocks) - 1) * pitch
    for side, block in zip(sides, blocks, strict=True):
        for number, line in enumerate(reversed(block)):
            canvas.text(
                (side.axis, last - number * pitch),
                line,
                size=TYPE.title,
                colour=f"arm-{side.group.slot}-text",
                bold=True,
                anchor="end" if side.way < 0 else "start",
                row=side.n.id if not number else "",
            )
    return last + 2.6


def _rows(
    canvas: Canvas,
    index: RowIndex,
    sides: tuple[_Side, _Side],
    events: tuple[tuple[str, tuple[str, ...]], ...],
    top: float,
) -> float:
    """Draw one row for each event and return where the last one ends."""
    centre = (sides[0].axis + sides[1].axis) / 2
    y = top + 0.4
    for event, lines in events:
        height = _PITCH + (len(lines) - 1) * _LINE
        middle = y + height / 2
        for number, line in enumerate(lines):
            at = (centre, middle + 0.9 + (number - (len(lines) - 1) / 2) * _LINE)
            canvas.text(at, line, anchor="middle")
        for side in sides:
            _bar(canvas, index, side, event, middle)
        y += height
    return y + 0.4


def _bar(canvas: Canvas, index: RowIndex, side: _Side, event: str, middle: float) -> None:
    shown = _percent(index, side.group, "any", event)
    share = _value(shown)
    severe = _value(_percent(index, side.group, "severe", event))
    if share > 0:
        canvas.rectangle(side.box(share, middle), f"arm-{side.group.slot}-tint")
    if severe > 0:
        canvas.rectangle(side.box(severe, middle), f"arm-{side.group.slot}")
    canvas.text(
        (side.x(share) + side.way * 1.2, middle + 0.9),
        _whole(shown),
        colour="ink2",
        anchor="end" if side.way < 0 else "start",
        row=shown.id if shown is not None else "",
    )


def _whole(row: ResultRow | None) -> str:
    """Return a percentage as a whole number; one that is not zero is not shown as zero."""
    if row is None or row.status != "ok" or row.value is None:
        return "–" if row is None else format_row(row)
    text = format_value(row.value, "decimal0")
    return "<1" if row.value > 0 and text == "0" else text


def _key(canvas: Canvas, spec: ButterflySpec, middle: float) -> float:
    """Draw the key in the colours of both groups, and return where it ends."""
    x = MARGIN
    entries = (("Any grade (whole bar)", "-tint"), (f"{spec.severe} (inner end)", ""))
    for label, tone in entries:
        room = canvas.width - 2 * MARGIN - 8.2
        text = shorten(label, TYPE.text, room)
        if x > MARGIN and x + 8.2 + text_width(text, TYPE.text) > canvas.width - MARGIN:
            x, middle = MARGIN, middle + 4.6
        for group in spec.groups:
            box = Box(x, middle - 1.15, x + 3.2, middle + 1.15)
            canvas.rectangle(box, f"arm-{group.slot}{tone}")
            x += 3.2
        canvas.text((x + 1.8, middle + 0.9), text)
        x += 1.8 + text_width(text, TYPE.text) + 6.0
    return middle + 1.4


def _footnotes(spec: ButterflySpec) -> tuple[str, ...]:
    left_out = len(spec.events) - MOST_EVENTS
    drawn = (
        f"The {MOST_EVENTS} most frequent events of {len(spec.events)} that the table lists."
        if left_out > 0
        else ""
    )
    order = "Ordered by frequency in both groups together."
    return (order, "Each patient counts once for an event.", drawn, *spec.plate.footnotes)


def alternative_text(
    index: RowIndex, spec: ButterflySpec, sizes: tuple[ResultRow, ResultRow]
) -> str:
    """Return what the figure shows: kind, and the numbers of the most frequent events."""
    groups = [
        f"{format_row(n)} patients in {group.shown}"
        for n, group in zip(sizes, spec.groups, strict=True)
    ]
    first = f"Back-to-back bars of adverse events in percent of {' and '.join(groups)}."
    told = []
    for event in spec.events[:3]:
        shares = [
            f"{_whole(_percent(index, group, 'any', event))}% in {group.shown} "
            f"({spec.severe[:1].lower() + spec.severe[1:]} "
            f"{_whole(_percent(index, group, 'severe', event))}%)"
            for group in spec.groups
        ]
        told.append(f"{event} {' and '.join(shares)}")
    return f"{first} Most frequent: {'; '.join(told)}."
