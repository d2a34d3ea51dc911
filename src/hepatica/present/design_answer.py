"""What a design command found, as a page and as numbers: one value for all designs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hepatica.present.content import Cover, Figure
from hepatica.present.design_words import words_of
from hepatica.present.figures.design_bounds import BoundsSpec, figure_bounds
from hepatica.present.figures.design_power import PowerSpec, figure_power
from hepatica.present.format import MINUS, THIN_SPACE
from hepatica.present.plan.document import Document, DocumentBlock, DocumentSection
from hepatica.present.spans import Span, join
from hepatica.present.table import Cell, Column, Row, Table

#: A value of a design: a number, words, or nothing where the design has none.
Value = float | int | str | None
#: Values by name.
Record = Mapping[str, Value]
_NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignAnswer:
    """What was asked of a design, and what it is.

    Attributes
    ----------
    id, title : str
        Name of the command, and the design in words.
    asked : mapping
        Every assumption, by name.
    found : mapping
        The design, by name; empty where several designs stand in the rows.
    rows : tuple of mapping
        Designs, looks or doses; all with the same names.
    rows_title : str
        What the rows are.
    notes, sources : tuple of str
        Sentences for the reader; papers the formulas come from.
    power, bounds : optional
        What the figure shows.
    """

    id: str
    title: str
    asked: Record
    found: Record = field(default_factory=dict)
    rows: tuple[Record, ...] = ()
    rows_title: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    power: PowerSpec | None = None
    bounds: BoundsSpec | None = None


def answer_figure(answer: DesignAnswer) -> Figure | None:
    """Draw the figure of a design in double and single column; some designs have none."""
    if answer.power is not None:
        wide, narrow = figure_power(answer.power), figure_power(answer.power, width_mm=85)
    elif answer.bounds is not None:
        wide, narrow = figure_bounds(answer.bounds), figure_bounds(answer.bounds, width_mm=85)
    else:
        return None
    return Figure(wide, narrow, title=wide.title)


def answer_document(answer: DesignAnswer, figure: Figure | None) -> Document:
    """Return the page of a design.

    Parameters
    ----------
    answer : DesignAnswer
        What was asked and found.
    figure : Figure, optional
        What `answer_figure` drew.
    """
    cover = Cover(
        id=answer.id,
        title=answer.title,
        kind="Design of a trial",
        facts=tuple(
            (words_of(name), join(Span(shown(answer.found[name]), quoted=True)))
            for name in ("n", "events", "power", "type_1_error")
            if answer.found.get(name) is not None
        ),
        foot="Made with Hepatica; the same assumptions give the same bytes.",
    )
    design: list[DocumentBlock] = []
    if answer.found:
        design.append(_listed("design", "The design", answer.found, answer.notes))
    if answer.rows:
        notes = () if answer.found else answer.notes
        design.append(_rows(answer, notes))
    if figure is not None:
        design.append(figure)
    sections = [
        DocumentSection("found", "Design", tuple(design)),
        DocumentSection(
            "asked", "Assumptions", (_listed("assumptions", "What was assumed", answer.asked),)
        ),
    ]
    if answer.sources:
        sources = tuple(join(Span(one, quoted=True)) for one in answer.sources)
        sections.append(DocumentSection("sources", "Sources", sources))
    return Document(cover, tuple(sections))


def shown(value: Value) -> str:
    r"""Return a value as it is printed: whole numbers whole, others with four digits.

    Examples
    --------
    >>> shown(12480), shown(0.81234), shown(-2.5), shown(None), shown("exact")
    ('12\u2009480', '0.8123', '−2.5', '–', 'exact')
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or float(value).is_integer():
        whole = f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
        return whole.replace(",", THIN_SPACE).replace("-", MINUS)
    text = f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 1e-3 else f"{value:.3g}"
    return text.replace("-", MINUS)


def _listed(name: str, title: str, record: Record, notes: tuple[str, ...] = ()) -> Table:
    rows = tuple(
        Row("plain", words_of(key), {_NUMBER: _cell(value)}) for key, value in record.items()
    )
    return Table(name, title, columns=(Column(_NUMBER, "Value"),), rows=rows, footnotes=notes)


def _rows(answer: DesignAnswer, notes: tuple[str, ...]) -> Table:
    first, *others = answer.rows[0]
    broken = {
        name
        for name in others
        for row in answer.rows
        if isinstance(value := row[name], float) and not value.is_integer()
    }
    columns = tuple(Column(name, words_of(name)) for name in others)
    rows = tuple(
        Row("plain", shown(row[first]), {name: _cell(row[name], name in broken) for name in others})
        for row in answer.rows
    )
    return Table(
        "rows", answer.rows_title, columns=columns, rows=rows, footnotes=notes,
        stub=words_of(first),
    )  # fmt: skip


def _cell(value: Value, broken: bool = False) -> Cell:
    """Return a cell; in a column of broken numbers all have four decimals."""
    form = "text" if isinstance(value, str) else ""
    if broken and isinstance(value, float):
        return Cell((Span(f"{value:.4f}".replace("-", MINUS), quoted=True),))
    return Cell((Span(shown(value), quoted=True),), format=form)
