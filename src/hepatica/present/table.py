"""The table as one frozen value, which every writer shares, and its HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from markupsafe import Markup, escape

from hepatica.present.spans import Span, Spans, plain_text, row_ids, spans_html

RowKind = Literal["head", "level", "plain", "message"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table.

    Attributes
    ----------
    value : tuple of Span
        The number, aligned to the left of the bracketed part.
    extra : tuple of Span
        The bracketed part, which stands in a box of fixed width.
    format : str
        Display format of the number; ``text`` for words, ``prose`` for sentences, ``word`` for
        words on one line.
    """

    value: Spans = ()
    extra: Spans = ()
    format: str = ""

    @property
    def text(self) -> str:
        """Number and bracketed part as plain text."""
        return " ".join(part for part in (plain_text(self.value), plain_text(self.extra)) if part)

    @property
    def row_ids(self) -> tuple[str, ...]:
        """Ids of the result rows behind the cell."""
        return row_ids(chain(self.value, self.extra))


@dataclass(frozen=True, slots=True)
class Column:
    """A column and its head.

    Attributes
    ----------
    id : str
        Name under which rows give their cells.
    label : str
        Head, for example the label of an arm.
    n : tuple of Span
        Second line of the head, for example ``n = 26``.
    slot : int
        Colour slot of the arm, from 1; 0 for ink.
    words : bool
        Whether it holds words, which begin at its left edge.
    """

    id: str
    label: str
    n: Spans = ()
    slot: int = 0
    words: bool = False


@dataclass(frozen=True, slots=True)
class Spanner:
    """A head above neighbouring columns."""

    label: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes
    ----------
    kind : {"head", "level", "plain", "message"}
        Head of a group, a level below a head, a row of its own, or a sentence across the table.
    label : str
        Text of the first column, or the sentence.
    cells : mapping of str to Cell
        Cells by column id; a column without a cell stays empty in heads only.
    indent : int
        Steps of indentation.
    note : tuple of Span
        Pieces that follow the sentence of a message; a number among them leads to its row.
    """

    kind: RowKind
    label: str
    cells: Mapping[str, Cell] = field(default_factory=dict)
    indent: int = 0
    note: Spans = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table without its number, which the document gives it.

    Attributes
    ----------
    id : str
        Name of its file, and of its place in the page.
    title : str
        What is counted, and in whom.
    short : str
        Entry in the contents.
    stub : str
        Head of the first column.
    columns, spanners, rows : tuple
        Head and body.
    footnotes : tuple of str
        General note first, then abbreviations.
    message : str
        Why there are no rows, when the analysis failed.
    folded : str
        What a screen shows until the reader opens the table; print shows it open. Empty when it
        is always open.

    Raises
    ------
    ValueError
        If a row or spanner names a column that the table has not.

    Examples
    --------
    >>> head = Column("a", "Arm A", (Span("n = "), Span("26", "S/n")), slot=1)
    >>> row = Row("plain", "Events", {"a": Cell((Span("21", "S/events"),))})
    >>> Table("endpoints", "Endpoints, full analysis set", columns=(head,), rows=(row,)).row_ids
    ('S/n', 'S/events')
    """

    id: str
    title: str
    short: str = ""
    stub: str = ""
    columns: tuple[Column, ...] = ()
    spanners: tuple[Spanner, ...] = ()
    rows: tuple[Row, ...] = ()
    footnotes: tuple[str, ...] = ()
    message: str = ""
    folded: str = ""

    def __post_init__(self) -> None:
        names = [column.id for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"Columns of table {self.id} have names of their own: {names}.")
        for label, given in chain(
            ((row.label, row.cells) for row in self.rows),
            ((spanner.label, spanner.columns) for spanner in self.spanners),
        ):
            unknown = [name for name in given if name not in names]
            if unknown:
                raise ValueError(
                    f"{label}: table {self.id} has no column {', '.join(unknown)}; "
                    f"it has {', '.join(names)}."
                )

    def spans(self) -> Iterator[Span]:
        """Yield every piece of text of heads and cells, in reading order."""
        for column in self.columns:
            yield from column.n
        for row in self.rows:
            yield from row.note
            for column in self.columns:
                if column.id in row.cells:
                    yield from row.cells[column.id].value
                    yield from row.cells[column.id].extra

    @property
    def row_ids(self) -> tuple[str, ...]:
        """Ids of all result rows behind the table, in reading order, each once."""
        return row_ids(self.spans())


def table_html(table: Table, *, number: str = "") -> Markup:
    """Return a table as HTML.

    Parameters
    ----------
    table : Table
        The table.
    number : str
        What stands in bold before the title, for example ``Table 1.``.

    Returns
    -------
    Markup
        A ``table`` with scoped heads; each number is a ``span`` with its ``data-row``. A table
        with a message is its title and that sentence.

    Examples
    --------
    >>> print(table_html(Table("t", "Endpoints", message="No events."), number="Table 1."))
    <p class="caption" id="t-caption"><b>Table 1.</b> Endpoints</p>
    <p class="failed"><b>Not available.</b> No events.</p>
    """
    title = Markup("<b>{}</b> {}").format(number, table.title) if number else escape(table.title)
    if table.message:
        return Markup(
            '<p class="caption" id="{0}-caption">{1}</p>\n'
            '<p class="failed"><b>Not available.</b> {2}</p>'
        ).format(table.id, title, table.message)
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-labelledby="{0}-caption">\n'
        '<table class="data columns-{1}">\n<caption><span id="{0}-caption">{2}</span></caption>\n'
        "{3}\n{4}\n</table>\n</div>"
    ).format(table.id, len(table.columns), title, _head(table), _body(table))


def _head(table: Table) -> Markup:
    heads = Markup("").join(
        Markup('<th scope="col" class="{}">{}{}</th>').format(
            _slot_class(column.slot, _starts_spanner(table, column), column.words),
            column.label,
            Markup('<span class="n">{}</span>').format(spans_html(column.n)) if column.n else "",
        )
        for column in table.columns
    )
    stub = (
        Markup('<th scope="col" class="stub">{}</th>').format(table.stub)
        if table.stub
        else Markup('<td class="stub"></td>')
    )
    return Markup("<thead>{}<tr>{}{}</tr></thead>").format(_spanners(table), stub, heads)


def _spanners(table: Table) -> Markup:
    if not table.spanners:
        return Markup("")
    cells = [Markup('<td class="stub"></td>')]
    columns = [column.id for column in table.columns]
    while columns:
        spanner = next((s for s in table.spanners if columns[0] in s.columns), None)
        width = len(spanner.columns) if spanner else 1
        text = Markup("<span>{}</span>").format(spanner.label) if spanner else Markup("")
        cells.append(
            Markup('<th scope="colgroup" colspan="{}" class="spanner">{}</th>').format(width, text)
        )
        columns = columns[width:]
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def _starts_spanner(table: Table, column: Column) -> bool:
    return any(spanner.columns[0] == column.id for spanner in table.spanners[1:])


def _slot_class(slot: int, gap: bool = False, words: bool = False) -> str:
    names = (f"arm-{slot}" if slot else "all", "gap" if gap else "", "left" if words else "")
    return " ".join(name for name in names if name)


def _body(table: Table) -> Markup:
    groups = _groups(table.rows)
    shared = max((_shared_width(group) for group in groups), default=0)
    bracketed = {name for row in table.rows for name, cell in row.cells.items() if cell.extra}
    return Markup("\n").join(
        Markup("<tbody>{}</tbody>").format(
            Markup("\n").join(
                _row(table, row, width, bracketed) for row, width in zip(group, widths, strict=True)
            )
        )
        for group in groups
        for widths in (_widths(group, shared),)
    )


def _groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Cut rows before each head, and after the last level that belongs to one."""
    groups: list[list[Row]] = []
    for row in rows:
        continues = row.kind in ("level", "message") or (
            row.kind == "plain" and bool(groups) and groups[-1][0].kind == "plain"
        )
        if groups and continues:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _shared_width(group: list[Row]) -> int:
    """Return the width that the bracketed boxes of a group with a head need, in em."""
    if group[0].kind == "plain":
        return 0
    own = max((_em(cell.extra) for row in group for cell in row.cells.values()), default=0)
    return max(4, own) if own else 0


def _widths(group: list[Row], shared: int) -> list[int]:
    """Return the width of the bracketed box of each row in em.

    Groups with a head share one width, so that their numbers stand under each other. A plain row
    has its own, and a level below it ends where its numbers end.
    """
    if group[0].kind != "plain":
        return [shared] * len(group)
    own = [max((_em(cell.extra) for cell in row.cells.values()), default=0) for row in group]
    for position, row in enumerate(group):
        if row.kind == "level":
            own[position] = own[position - 1]
    return [max(4, width) if width else 0 for width in own]


#: Advance widths of the characters of numbers, in hundredths of an em.
_ADVANCE = {"(": 34, ")": 34, ".": 28, ",": 28, " ": 28, "\N{THIN SPACE}": 20, "\N{MINUS SIGN}": 59}


def _em(spans: Spans) -> int:
    hundredths = sum(_ADVANCE.get(character, 56) for character in plain_text(spans))
    return -(-hundredths // 100)


def _row(table: Table, row: Row, width: int, bracketed: set[str]) -> Markup:
    across = len(table.columns) + 1
    if row.kind == "message":
        text = Markup("{}{}").format(row.label, spans_html(row.note))
        kind = "message told" if row.note else "message"
        return Markup('<tr class="{}"><td colspan="{}">{}</td></tr>').format(kind, across, text)
    indent = f" in-{row.indent}" if row.indent else ""
    label = row.label.replace(" (%)", "\N{NO-BREAK SPACE}(%)")
    if row.kind == "head" and not row.cells:
        return Markup('<tr class="head"><th scope="rowgroup" colspan="{}">{}</th></tr>').format(
            across, label
        )
    cells = Markup("").join(
        # A column that has no brackets at all keeps no room for them.
        _cell(
            row.cells.get(column.id),
            width if column.id in bracketed else 0,
            _starts_spanner(table, column),
            column.words,
        )
        for column in table.columns
    )
    return Markup('<tr class="{}"><th scope="row">{}</th>{}</tr>').format(
        row.kind + indent, label, cells
    )


def _cell(cell: Cell | None, width: int, gap: bool, left: bool) -> Markup:
    form = cell.format if cell is not None else ""
    names = " ".join(
        name
        for name, holds in (
            ("gap", gap),
            ("words", form in ("text", "prose")),
            ("prose", form == "prose"),
            ("left", left),
        )
        if holds
    )
    opening = Markup('<td class="{}">').format(names) if names else Markup("<td>")
    if cell is None:
        return opening + Markup("</td>")
    # A cell without brackets in a row that has them ends where their numbers end.
    box = (
        Markup('<span class="extra w{}{}">{}</span>').format(
            width, " long" if width > 6 else "", spans_html(cell.extra)
        )
        if width and (cell.extra or cell.format not in ("text", "prose", "word"))
        else Markup("")
    )
    return opening + spans_html(cell.value) + box + Markup("</td>")
