"""Where the lines of a forest plot stand, and on which page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hepatica.present.figures.forest_columns import Columns, indent_of
from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.furniture import MARGIN
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.theme import MM_PER_PT, TYPE

#: Space above the first line of a page and below its last, in mm.
ABOVE, UNDER = 1.6, 1.2
_OPENING = 0.4
_NOTE = 0.78
_LEADING = 1.12


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of a page.

    Attributes
    ----------
    line : ForestLine
        What it shows.
    at : int
        Its place among all lines of the figure.
    middle : float
        Height of its middle, in mm.
    height : float
        Its own height, in mm.
    labels : tuple of str
        Its label, broken into lines.
    """

    line: ForestLine
    at: int
    middle: float
    height: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    line: ForestLine
    at: int
    before: float
    height: float
    labels: tuple[str, ...]


def rows_of(
    lines: Sequence[ForestLine], columns: Columns, size: float, pitch: float, most: int
) -> list[_Row]:
    """Return the heights of all lines.

    Parameters
    ----------
    lines : sequence of ForestLine
        All lines.
    columns : Columns
        Where columns stand.
    size : float
        Size of text in pt.
    pitch : float
        Height of a line in mm.
    most : int
        Most lines of a label.
    """
    rows = []
    for at, line in enumerate(lines):
        labels = _labels(line, columns, size, most)
        height = pitch * (_NOTE if line.kind == "note" else 1.0)
        height += (len(labels) - 1) * size * MM_PER_PT * _LEADING
        before = pitch * _OPENING if at and _opens(lines, at) else 0.0
        rows.append(_Row(line, at, before, height, labels))
    return rows


def height_of(rows: Sequence[_Row]) -> float:
    """Return the height of lines in mm, with the space above and below them."""
    return (
        ABOVE + UNDER + sum(row.height + (row.before if at else 0.0) for at, row in enumerate(rows))
    )


def place_rows(rows: Sequence[_Row], top: float) -> list[Placed]:
    """Return where lines stand below ``top``."""
    placed = []
    y = top + ABOVE
    for at, row in enumerate(rows):
        y += row.before if at else 0.0
        placed.append(Placed(row.line, row.at, y + row.height / 2, row.height, row.labels))
        y += row.height
    return placed


def pages_of(rows: Sequence[_Row], room: float) -> list[list[_Row]]:
    """Return the lines of each page, about the same height on each.

    A page does not end with the head of a group, and a subtotal stays with its studies. A group
    that goes on is named again.

    Parameters
    ----------
    rows : sequence of rows
        From `rows_of`.
    room : float
        Height that the lines of a page may take, in mm.
    """
    target = height_of(rows) / math.ceil(height_of(rows) / room)
    pages: list[list[_Row]] = [[]]
    for block in _blocks(rows):
        page = pages[-1]
        full = page and height_of([*page, *block]) > room
        enough = page and height_of(page) + height_of(block[:1]) / 2 > target
        if full or (enough and len(pages) < math.ceil(height_of(rows) / room)):
            pages.append(_continued(page, block[0]))
        pages[-1].extend(block)
    return pages


def _blocks(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Yield lines that stay on one page."""
    block: list[_Row] = []
    for row in rows:
        starts = row.line.kind in ("head", "study", "reference") or (
            row.line.kind == "total" and not any(one.line.kind == "total" for one in block)
        )
        alone = block and block[-1].line.kind == "head"
        if block and starts and not alone:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _continued(page: Sequence[_Row], row: _Row) -> list[_Row]:
    """Return the head that names the group again, where a page breaks it."""
    head = next((one for one in reversed(page) if one.line.kind == "head"), None)
    if head is None or row.line.kind not in ("study", "reference"):
        return []
    line = replace(head.line, label=f"{head.line.label}, continued", row_ids=())
    return [_Row(line, head.at, 0.0, head.height, (line.label,))]


def _opens(lines: Sequence[ForestLine], at: int) -> bool:
    line, before = lines[at], lines[at - 1]
    return line.kind == "head" or starts_total(line, before)


def starts_total(line: ForestLine, before: ForestLine | None) -> bool:
    """Return whether a line is the first of those that sum up the studies."""
    kinds = ("total", "prediction")
    return line.kind == "total" and before is not None and before.kind not in kinds


def _labels(line: ForestLine, columns: Columns, size: float, most: int) -> tuple[str, ...]:
    start = MARGIN + indent_of(line)
    if line.kind == "note":
        room = columns.one("plot").left - start - 1.0
        return (shorten(line.label, TYPE.note, room),)
    bold = line.kind in ("head", "subtotal", "total")
    room = (columns.one("label").right if line.kind != "head" else 150.0) - start
    return wrap_label(line.label, size, room, most, bold=bold)


def wrap_label(
    text: str, size: float, width: float, most: int, *, bold: bool = False
) -> tuple[str, ...]:
    """Break a label into at most ``most`` lines; the last is cut with an ellipsis.

    It breaks at spaces, and between signs where a word alone is wider than a line, as in Chinese.

    Examples
    --------
    >>> wrap_label("HIMALAYA 2022, durvalumab", 7.5, 22.0, 2)
    ('HIMALAYA 2022,', 'durvalumab')
    """
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most - 1 and text_width(rest, size, bold) > width:
        end = _fitting(rest, size, width, bold)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return (*lines, shorten(rest, size, width, bold))


def _fitting(text: str, size: float, width: float, bold: bool) -> int:
    """Return how many signs stand on a line: up to a space, or as many as fit."""
    fits = max(
        (
            end
            for end in range(1, len(text) + 1)
            if text_width(text[:end].rstrip(), size, bold) <= width
        ),
        default=1,
    )
    space = text.rfind(" ", 0, fits + 1)
    return space if space > fits // 3 else fits
