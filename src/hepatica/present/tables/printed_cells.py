"""Cells that hold a printed number beside the computed one, and what is said of both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from hepatica.present.format import NOT_APPLICABLE
from hepatica.present.spans import Span
from hepatica.present.table import Cell
from hepatica.published.cells import between
from hepatica.published.compare import Compared, Verdict, counts

#: Verdicts in words, the gravest first.
VERDICTS: dict[Verdict, str] = {
    "different": "different",
    "no_row": "no row",
    "misprint": "misprint",
    "not_in_data": "no row planned",
    "equal": "equal",
}
#: Characters that stand on one line of a cell.
_LONGEST = 15

#: Characters of a bracket, without its first sign, that stand in a box.
_LONGEST_BOX = 14

_BRACKET = re.compile(r"\s*[(\[]")


def made_words(numbers: Sequence[Compared]) -> str:
    """Return how the numbers of a row were made, in words."""
    found = {one.number.made for one in numbers}
    known = {"fitted": "fitted", "follows": "follows", "emergent": "emergent", "none": "–"}
    return ", ".join(text for made, text in known.items() if made in found)


def group_cells(numbers: Sequence[Compared], columns: set[str], *, boxed: bool) -> dict[str, Cell]:
    """Return both cells of each group; where the print has none, that is said."""
    cells = {name: word("blank") for name in columns if name.endswith("-printed")}
    cells |= {name: word(NOT_APPLICABLE) for name in columns if name.endswith("-computed")}
    for level, found in groupby(numbers, lambda one: one.number.level):
        own = list(found)
        name = level or "all"
        cells[f"{name}-printed"], cells[f"{name}-computed"] = _pair(own, boxed=boxed)
    return cells


def listed_cells(numbers: Sequence[Compared], *, boxed: bool) -> dict[str, Cell]:
    """Return the group in words, what is printed, and what was computed."""
    printed, computed = _pair(numbers, boxed=boxed)
    group = numbers[0].number.level
    return {"group": group_word(group), "printed": printed, "computed": computed}


def group_word(level: str) -> Cell:
    """Return the name of a group; a long one wraps."""
    return word(level or "All") if len(level) <= _LONGEST else words(level)


def _pair(numbers: Sequence[Compared], *, boxed: bool) -> tuple[Cell, Cell]:
    """Return what is printed, and the computed values in the same shape."""
    text = numbers[0].number.cell
    # Typesetting may part a sign from its number; in a narrow column they stay together.
    shown = re.sub(r"(?<![\d%])\N{MINUS SIGN}\s+(?=\d)", "\N{MINUS SIGN}", text)
    printed = _shaped([Span(shown, quoted=True)], boxed=boxed)
    if all(one.row is None for one in numbers):
        return printed, Cell((Span(NOT_APPLICABLE),), format="number")
    gaps = between(text)
    if len(gaps) != len(numbers) + 1:
        gaps = ("", *[", "] * (len(numbers) - 1), "")
    spans = [Span(gaps[0])]
    for one, gap in zip(numbers, gaps[1:], strict=True):
        spans += [computed_span(one), Span(gap)]
    return printed, _shaped(spans, boxed=boxed)


def fits_boxes(numbers: Iterable[Compared]) -> bool:
    """Return whether every bracket of a table is short enough to stand in a box of one width."""
    return all(len(_BRACKET.split(one.number.cell, 1)[-1]) <= _LONGEST_BOX for one in numbers)


def _shaped(spans: Sequence[Span], *, boxed: bool) -> Cell:
    """Return a cell with the part from its first bracket on in a box; a long one wraps there."""
    if not boxed:
        whole = tuple(span for span in spans if span.text)
        length = sum(len(span.text) for span in whole)
        return Cell(whole, format="text" if length > _LONGEST else "number")
    value: list[Span] = []
    extra: list[Span] = []
    for span in spans:
        bracket = None if extra else _BRACKET.search(span.text)
        if extra:
            extra.append(span)
        elif bracket is None:
            value.append(span)
        else:
            value.append(replace(span, text=span.text[: bracket.start()]))
            extra.append(replace(span, text=span.text[bracket.start() :].lstrip()))
    parts = [tuple(span for span in part if span.text) for part in (value, extra)]
    length = sum(len(span.text) for part in parts for span in part)
    return Cell(parts[0], parts[1], "text" if length > _LONGEST else "number")


def computed_span(one: Compared) -> Span:
    """Return the computed number with its row, in bold where it is not equal."""
    if one.row is None:
        return Span(NOT_APPLICABLE)
    return Span(one.shown, one.row.id, strong=one.verdict != "equal")


def verdict_words(numbers: Sequence[Compared]) -> str:
    """Return whether the numbers of a row are equal, and how many are not."""
    parts = []
    for verdict, name in VERDICTS.items():
        n = counts(numbers, verdict)
        if n == len(numbers):
            return name
        if n and verdict != "equal":
            parts.append(f"{n} of {len(numbers)} {name}")
    return ", ".join(parts)


def words(text: str) -> Cell:
    """Return words that wrap."""
    return Cell((Span(text, quoted=True),), format="text")


def prose(text: str) -> Cell:
    """Return a sentence."""
    return Cell((Span(text, quoted=True),), format="prose")


def word(text: str) -> Cell:
    """Return a few words that stand on one line."""
    return Cell((Span(text, quoted=True),), format="word")
