"""What a publication printed beside what was computed: the last section before the methods.

This is the only module of the floor that sees printed numbers, and it sees them beside their rows
only, when all rows have been made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hepatica.errors import counted
from hepatica.present.content import Block, Points, Section
from hepatica.present.format import NOT_APPLICABLE
from hepatica.present.spans import Span, Spans
from hepatica.present.table import Cell, Column, Row, RowKind, Spanner, Table
from hepatica.present.tables.printed_words import row_words
from hepatica.present.wording import listed, status_label
from hepatica.protocol.model import Protocol
from hepatica.published.cells import between, is_dash
from hepatica.published.compare import Compared, Verdict, counts
from hepatica.published.model import Published

_TABLE = re.compile(r"^(?:Supplementary )?(?:Table|Figure) ")
_TEXT = "the text"

#: Verdicts in words, the gravest first.
_WORDS: dict[Verdict, str] = {
    "different": "different",
    "no_row": "no row",
    "misprint": "misprint",
    "not_in_data": "no row planned",
    "equal": "equal",
}
_GENERAL = (
    "Printed: as the publication has it. Computed: the value of the result row, rounded half up to "
    "the printed decimals. "
)
_MADE = (
    "Fitted: the construction took the printed number as its input. Follows: arithmetic on fitted "
    "numbers. Emergent: neither. "
)
_DASHES = "A dash in the print is read as no patient."

#: Characters that stand on one line of a cell.
_LONGEST = 15


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
        blocks.append(_exceptions(unequal, protocol))
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
    return (
        f"Equal are {listed(parts)}. Patients were constructed: where a number is fitted or "
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
    for (over, label), numbers in _grouped(place, protocol, by_group=by_group):
        if over != last and over:
            yield Row("head", over)
        last = over
        kind: RowKind = "level" if over else "plain"
        cells = _group_cells(numbers, columns) if by_group else _listed_cells(numbers)
        cells |= {
            "made": _word(_made(numbers)),
            "verdict": _word(_verdict(numbers)),
        }
        shown = {name: cell for name, cell in cells.items() if name in columns}
        yield Row(kind, label, shown, indent=1 if over else 0)


def _made(numbers: Sequence[Compared]) -> str:
    found = {one.number.made for one in numbers}
    words = {"fitted": "fitted", "follows": "follows", "emergent": "emergent", "none": "–"}
    return ", ".join(word for made, word in words.items() if made in found)


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


def _group_cells(numbers: Sequence[Compared], columns: set[str]) -> dict[str, Cell]:
    """Return both cells of each group; where the print has none, that is said."""
    cells = {name: _word("blank") for name in columns if name.endswith("-printed")}
    cells |= {name: _word(NOT_APPLICABLE) for name in columns if name.endswith("-computed")}
    for level, found in groupby(numbers, lambda one: one.number.level):
        own = list(found)
        name = level or "all"
        cells[f"{name}-printed"], cells[f"{name}-computed"] = _pair(own)
    return cells


def _listed_cells(numbers: Sequence[Compared]) -> dict[str, Cell]:
    printed, computed = _pair(numbers)
    group = numbers[0].number.level
    return {"group": _words(group or "All"), "printed": printed, "computed": computed}


def _pair(numbers: Sequence[Compared]) -> tuple[Cell, Cell]:
    """Return what is printed, and the computed values in the same shape."""
    text = numbers[0].number.cell
    printed = _shaped([Span(text, quoted=True)])
    if all(one.row is None for one in numbers):
        return printed, Cell((Span(NOT_APPLICABLE),), format="number")
    gaps = between(text)
    if len(gaps) != len(numbers) + 1:
        gaps = ("", *[", "] * (len(numbers) - 1), "")
    spans = [Span(gaps[0])]
    for one, gap in zip(numbers, gaps[1:], strict=True):
        spans += [_computed(one), Span(gap)]
    return printed, _shaped(spans)


def _shaped(spans: Sequence[Span]) -> Cell:
    """Return a cell with the part from its first bracket on in a box; a long one wraps there."""
    value: list[Span] = []
    extra: list[Span] = []
    for span in spans:
        bracket = None if extra else re.search(r"\s*[(\[]", span.text)
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


def _computed(one: Compared) -> Span:
    if one.row is None:
        return Span(NOT_APPLICABLE)
    return Span(one.shown, one.row.id, strong=one.verdict != "equal")


def _verdict(numbers: Sequence[Compared]) -> str:
    parts = []
    for verdict, word in _WORDS.items():
        n = counts(numbers, verdict)
        if n == len(numbers):
            return word
        if n and verdict != "equal":
            parts.append(f"{n} of {len(numbers)} {word}")
    return ", ".join(parts)


def _exceptions(unequal: Sequence[Compared], protocol: Protocol) -> Table:
    """Return the numbers that are not equal, each with the reason; those without a row counted."""
    shown = [one for one in unequal if one.verdict != "no_row"]
    missing = [one for one in unequal if one.verdict == "no_row"]
    rows: list[Row] = []
    for verdict, found in groupby(sorted(shown, key=_gravity), lambda one: one.verdict):
        rows.append(Row("head", _HEADS[verdict]))
        rows += [_exception(one, protocol) for one in found]
    if missing:
        rows.append(Row("head", _HEADS["no_row"]))
        rows += _missing(missing)
    return Table(
        "printed-exceptions",
        "Printed numbers that are not equal to the computed ones",
        "Not equal",
        columns=(
            *(Column("place", "Place", words=True), Column("group", "Group", words=True)),
            *(Column("printed", "Printed"), Column("computed", "Computed")),
            Column("why", "Why", words=True),
        ),
        rows=tuple(rows),
    )


def _missing(missing: Sequence[Compared]) -> Iterator[Row]:
    """Yield a row for each place and analysis that lacks rows, with how many numbers it prints."""
    places = Counter((one.number.place, one.number.analysis) for one in missing)
    for (place, analysis), n in places.items():
        cells = {
            "place": _word(place),
            "group": _word(NOT_APPLICABLE),
            "printed": Cell((Span(counted(n, "number"), quoted=True),), format="number"),
            "computed": Cell((Span(NOT_APPLICABLE),), format="number"),
            "why": _prose("No row of this analysis has these columns."),
        }
        yield Row("level", analysis, cells, indent=1)


def _gravity(one: Compared) -> int:
    return list(_WORDS).index(one.verdict)


_HEADS: dict[Verdict, str] = {
    "different": "Different",
    "no_row": "A row is missing",
    "misprint": "Misprints: the computed number is the one that can be, or that stands elsewhere",
    "not_in_data": "No row of the plan gives it",
    "equal": "",
}

_LIMITS = {"_lower": "lower limit", "_upper": "upper limit", "q1": "quartile 1", "q3": "quartile 3"}

#: Why a number differs where nothing is known of a misprint.
_UNEXPLAINED = {
    "fitted": "The construction aimed at it and did not reach it.",
    "follows": "It follows from fitted numbers that differ.",
    "emergent": "The data do not give it.",
    "none": "The data do not give it.",
}


def _exception(one: Compared, protocol: Protocol) -> Row:
    number = one.number
    head, label = row_words(protocol, dict(number.key), number.head, number.label)
    why = number.note or (_UNEXPLAINED[number.made] if one.row is not None else "")
    if one.row is None and number.possible:
        why = f"{why} Possible: {number.possible}."
    cells = {
        "place": _word(number.place),
        "group": _words(number.level or "All"),
        "printed": Cell((Span(number.printed, quoted=True),), format="number"),
        "computed": Cell((_computed(one),), format="number"),
        "why": _prose(why or NOT_APPLICABLE),
    }
    name = f"{head}: {label}" if head else label
    limit = next((w for end, w in _LIMITS.items() if number.statistic.endswith(end)), "")
    return Row("level", f"{name}, {limit}" if limit else name, cells, indent=1)


def _words(text: str) -> Cell:
    """Return words that wrap."""
    return Cell((Span(text, quoted=True),), format="text")


def _prose(text: str) -> Cell:
    """Return a sentence."""
    return Cell((Span(text, quoted=True),), format="prose")


def _word(text: str) -> Cell:
    """Return a few words that stand on one line."""
    return Cell((Span(text, quoted=True),), format="word")
