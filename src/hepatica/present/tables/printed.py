"""What a publication printed beside what was computed: the last section before the methods.

This module, with its cells and exceptions, is all of the floor that sees printed numbers, and it
sees them beside their rows only, when all rows have been made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hepatica.present.content import Block, Points, Section
from hepatica.present.spans import Span, Spans
from hepatica.present.table import Column, Row, RowKind, Spanner, Table
from hepatica.present.tables.printed_cells import (
    fits_boxes,
    group_cells,
    listed_cells,
    made_words,
    verdict_words,
    word,
)
from hepatica.present.tables.printed_exceptions import table_exceptions
from hepatica.present.tables.printed_words import row_words
from hepatica.present.wording import listed, status_label
from hepatica.protocol.model import Protocol
from hepatica.published.cells import is_dash
from hepatica.published.compare import Compared, counts
from hepatica.published.model import Published

_TABLE = re.compile(r"^(?:Supplementary )?(?:Table|Figure) ")
_TEXT = "the text"

_GENERAL = (
    "Printed: as the publication has it. Computed: the value of the result row, rounded half up to "
    "the printed decimals. "
)
_MADE = (
    "Fitted: the construction took the printed number as its input. Follows: arithmetic on fitted "
    "numbers. Emergent: neither. "
)
_DASHES = "A dash in the print is read as no patient."


@dataclass(frozen=True, slots=True)
class _Place:
    """The numbers of one table of the publication, or of its text."""

    name: str
    numbers: tuple[Compared, ...]

    @property
    def agreement(self) -> str:
        """How many are equal, and what the others are."""
        equal = counts(self.numbers, "equal")
        rest = _rest(self.numbers)
        return f"{equal} of {len(self.numbers)} numbers equal" + (f"; {rest}" if rest else "")


def printed_section(
    published: Published, compared: Sequence[Compared], protocol: Protocol
) -> Section:
    """Return the section that sets printed numbers against computed ones.

    Parameters
    ----------
    published : Published
        The publication and the findings about it.
    compared : sequence of Compared
        Its numbers with their rows.
    protocol : Protocol
        Labels, groups and the status of the data.

    Returns
    -------
    Section
        A sentence, the numbers that are not equal, a table for each place, and the findings.
    """
    blocks: list[Block] = [_summary(published, compared, protocol)]
    unequal = [one for one in compared if one.verdict != "equal"]
    if unequal:
        blocks.append(table_exceptions(unequal, protocol))
    blocks += [_place_table(place, protocol) for place in _places(compared)]
    if published.findings:
        title = "What the print contradicts, and what it does not identify"
        blocks.append(Points(title, published.findings))
    return Section("printed", "Printed against computed", tuple(blocks))


def _summary(published: Published, compared: Sequence[Compared], protocol: Protocol) -> Spans:
    equal = counts(compared, "equal")
    rest = _rest(compared)
    text = f"{equal} of the {len(compared)} numbers of the publication ({published.citation}) "
    text += "equal the computed ones at the printed decimals"
    text += f"; of the others, {rest}. " if rest else ". "
    if status_label(protocol):
        text += _by_made(compared)
    return (Span(text.strip(), quoted=True),)


def _by_made(compared: Sequence[Compared]) -> str:
    """Return how many agree among those fitted, following and emergent, and what that means."""
    parts = []
    for made, words in (
        ("fitted", "fitted"),
        ("follows", "that follow from fitted ones"),
        ("emergent", "emergent"),
    ):
        own = [one for one in compared if one.number.made == made]
        if own:
            parts.append(f"{counts(own, 'equal')} of {len(own)} {words}")
    none = "" if any(one.number.made == "emergent" for one in compared) else " None is emergent."
    return (
        f"Equal are {listed(parts)}.{none} Patients were constructed: where a number is fitted or "
        "follows, agreement is by construction, and says that the pipeline finds again what was "
        "put in."
    )


def _rest(compared: Sequence[Compared]) -> str:
    words = {
        "different": "{} differ",
        "no_row": "{} have no row",
        "misprint": "{} are misprints",
        "not_in_data": "{} have none by plan",
    }
    one = {
        "different": "1 differs",
        "no_row": "1 has no row",
        "misprint": "1 is a misprint",
        "not_in_data": "1 has none by plan",
    }
    found = {name: sum(c.verdict == name for c in compared) for name in words}
    return listed(one[name] if n == 1 else words[name].format(n) for name, n in found.items() if n)


def _places(compared: Sequence[Compared]) -> Iterator[_Place]:
    """Yield tables in the order of the file, then the text with all that it repeats."""
    names = dict.fromkeys(
        place for one in compared for place in (one.number.place, *one.number.also)
    )
    for name in names:
        if _TABLE.match(name):
            own = tuple(one for one in compared if one.number.place == name)
            if own:
                yield _Place(name, own)
    text = tuple(
        replace(one, number=replace(one.number, place=name))
        for name in sorted((n for n in names if not _TABLE.match(n)), key=_page)
        for one in compared
        if name in (one.number.place, *one.number.also)
    )
    if text:
        yield _Place(_TEXT, text)


def _page(name: str) -> int:
    """Return the page of a place; one without a page, such as the abstract, comes first."""
    page = re.search(r"p\. ?(\d+)", name)
    return int(page[1]) if page else 0


def _place_table(place: _Place, protocol: Protocol) -> Table:
    arms = ("", *(arm.label for arm in protocol.arms))
    by_group = place.name != _TEXT and all(one.number.level in arms for one in place.numbers)
    columns, spanners = _by_group(place, arms) if by_group else (_LISTED, ())
    if _shows_made(place.numbers, protocol):
        columns = (*columns, Column("made", "Made", words=True))
    shown = "Text" if place.name == _TEXT else place.name
    note = _GENERAL + (_MADE if any(c.id == "made" for c in columns) else "")
    if any(is_dash(one.number.printed) for one in place.numbers):
        note += _DASHES
    return Table(
        f"printed-{re.sub(r'[^a-z0-9]+', '-', shown.lower()).strip('-')}",
        f"Printed against computed, {place.name} of the publication",
        f"{shown} of the print",
        columns=columns,
        spanners=spanners,
        rows=tuple(_rows(place, protocol, {column.id for column in columns}, by_group=by_group)),
        footnotes=(note.strip(),),
        folded=f"{shown} of the publication: {place.agreement}",
    )


_VERDICT = Column("verdict", "Agreement", words=True)
_LISTED = (
    Column("group", "Group", words=True),
    *(Column("printed", "Printed"), Column("computed", "Computed")),
    _VERDICT,
)


def _by_group(
    place: _Place, arms: tuple[str, ...]
) -> tuple[tuple[Column, ...], tuple[Spanner, ...]]:
    """Return two columns for each group, printed and computed, below its name."""
    seen = [arm for arm in arms if any(one.number.level == arm for one in place.numbers)]
    seen = [*(arm for arm in seen if arm), *(arm for arm in seen if not arm)]
    columns: list[Column] = []
    spanners: list[Spanner] = []
    for level in seen:
        slot = arms.index(level)
        names = (f"{level or 'all'}-printed", f"{level or 'all'}-computed")
        columns += [Column(names[0], "Printed", slot=slot), Column(names[1], "Computed", slot=slot)]
        spanners.append(Spanner(level or "All", names))
    return (_VERDICT, *columns), tuple(spanners)


def _shows_made(compared: Iterable[Compared], protocol: Protocol) -> bool:
    return bool(status_label(protocol)) or any(one.number.made != "emergent" for one in compared)


def _rows(place: _Place, protocol: Protocol, columns: set[str], *, by_group: bool) -> Iterator[Row]:
    last = ""
    boxed = fits_boxes(place.numbers)
    for (over, label), numbers in _grouped(place, protocol, by_group=by_group):
        if over != last and over:
            yield Row("head", over)
        last = over
        kind: RowKind = "level" if over else "plain"
        cells = (
            group_cells(numbers, columns, boxed=boxed)
            if by_group
            else listed_cells(numbers, boxed=boxed)
        )
        cells |= {
            "made": word(made_words(numbers)),
            "verdict": word(verdict_words(numbers)),
        }
        shown = {name: cell for name, cell in cells.items() if name in columns}
        yield Row(kind, label, shown, indent=1 if over else 0)


def _grouped(
    place: _Place, protocol: Protocol, *, by_group: bool
) -> Iterator[tuple[tuple[str, str], list[Compared]]]:
    """Yield head, name and numbers of each row: a cell for each group, or one cell alone."""

    def name(one: Compared) -> tuple[object, ...]:
        number = one.number
        rest = tuple(c for c in number.key if c[0] not in ("level", "statistic"))
        cell = () if by_group else (number.line, number.level, number.cell)
        return (number.place, rest, number.head, number.label, *cell)

    for _, found in groupby(place.numbers, name):
        numbers = list(found)
        number = numbers[0].number
        head, label = row_words(protocol, dict(number.key), number.head, number.label)
        if by_group:
            yield (head, label), numbers
        else:
            # In the text the place is the head, and the row says the rest.
            yield (number.place, f"{head}: {label}" if head else label), numbers
