"""The grammar of flow charts: boxes with counts at their right edge, arrows, and stage bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas
from hepatica.present.figures.furniture import MARGIN, outline
from hepatica.present.figures.text import text_width, wrap
from hepatica.present.format import format_row
from hepatica.present.theme import LINE, TYPE
from hepatica.results import ResultRow

#: Space between the outline of a box and its text, and of one line from the next, in mm.
PAD = 2.2
PITCH = 3.75
STAGE = 5.2
_INDENT, _HANG = 3.2, 2.0
_GAP = 2.4


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a box: its label in lines, its count, and the row that it comes from.

    ``head`` is bold; other lines are smaller and stand in.
    """

    lines: tuple[str, ...]
    count: str
    row: str
    head: bool


def entry(label: str, row: ResultRow, width: float, *, head: bool = False) -> Entry:
    """Return a line with its count for a box of a width in mm; long labels are broken."""
    count = format_row(row)
    size = TYPE.text if head else TYPE.minor
    room = width - 2 * PAD - text_width(count, size, head) - _GAP
    room -= 0.0 if head else _INDENT
    return Entry(wrap(label, size, room, head), count, row.id, head)


def remark(text: str, width: float) -> Entry:
    """Return words without a count, in up to three lines."""
    room = width - 2 * PAD - _INDENT
    return Entry(wrap(text, TYPE.minor, room, lines=3), "", "", False)


def height_of(entries: Sequence[Entry]) -> float:
    """Return the height of a box with these lines in mm."""
    return 2 * PAD + PITCH * sum(len(one.lines) for one in entries) - 0.6


def draw_box(
    canvas: Canvas,
    corner: tuple[float, float],
    width: float,
    entries: Sequence[Entry],
    tall: float | None = None,
) -> Box:
    """Draw a box from its upper left corner: labels at the left, counts at its right edge."""
    left, top = corner
    box = Box(left, top, left + width, top + (tall or height_of(entries)))
    canvas.rectangle(box, "bg")
    outline(canvas, box, "ink2", 0.7)
    base = box.y0 + PAD + 2.3
    for one in entries:
        indent = 0.0 if one.head else _INDENT
        colour, size = ("ink", TYPE.text) if one.head else ("ink2", TYPE.minor)
        look = {"size": size, "colour": colour, "bold": one.head}
        if one.count:
            at = (box.x1 - PAD, base)
            canvas.text(at, one.count, anchor="end", row=one.row, **look)  # type: ignore[arg-type]
        for line in one.lines:
            canvas.text((box.x0 + PAD + indent, base), line, **look)  # type: ignore[arg-type]
            base += PITCH
            # Further lines of a reason stand in, so that the next reason is seen to begin.
            indent = _INDENT + _HANG if one.count and not one.head else indent
    return box


def draw_down(canvas: Canvas, x: float, start: float, end: float) -> None:
    """Draw an arrow straight down."""
    canvas.line([((x, start), (x, end - 1.6))], "ink2", LINE.rule)
    canvas.area(((x - 0.95, end - 1.9), (x + 0.95, end - 1.9), (x, end)), "ink2")


def draw_right(canvas: Canvas, start: float, end: float, y: float) -> None:
    """Draw an arrow to the right."""
    canvas.line([((start, y), (end - 1.6, y))], "ink2", LINE.rule)
    canvas.area(((end - 1.9, y - 0.95), (end, y), (end - 1.9, y + 0.95)), "ink2")


def draw_stage(canvas: Canvas, name: str, top: float, bottom: float) -> float:
    """Draw the bar of a stage at the left edge, its name read upwards; return where it ends."""
    bottom = max(bottom, top + text_width(name, TYPE.minor, True) + 2.0)
    canvas.rectangle(Box(MARGIN, top, MARGIN + STAGE, bottom), "band")
    at = (MARGIN + STAGE / 2 + 0.85, (top + bottom) / 2)
    canvas.text(at, name, size=TYPE.minor, colour="ink2", bold=True, anchor="middle", turned=True)
    return bottom
