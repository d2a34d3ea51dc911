"""What a review printed beside what its evidence gives here, and what the print implies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hepatica.present.content import Section
from hepatica.present.format import EN_DASH, format_row
from hepatica.present.spans import Span, Spans, interval, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE
from hepatica.protocol.review import Review
from hepatica.published.review_compare import Again, ComparedPool, implied_numbers

_COLUMNS = (
    Column("printed", "Printed", words=True),
    Column("i2", "I², P", words=True),
    Column("implied", "Implied data sets", words=True),
    Column("partial", "Partial pool", words=True),
    Column("again", "Printed parts together", words=True),
    Column("verdict", "Verdict", words=True),
)
_NOTES = (
    "Printed: estimate with limits, as the publication has it. Partial pool: the evidence at hand, "
    "with its data sets; it is no test of the print. Printed parts together: the printed results "
    "of groups pooled again; equal to the print where they differ by no more than its rounding and "
    "theirs.",
    "Implied numbers of data sets: from Q = (k − 1)/(1 − I²) and P, within the rounding of both. "
    "Outcomes with the same total pool the same studies; where groups do not add up, results with "
    "an exact P are heard and those with P .000 have to fit.",
)


def printed_review_section(compared: Sequence[ComparedPool], review: Review) -> tuple[Section, ...]:
    """Return the section on printed results, or nothing where none are known.

    Parameters
    ----------
    compared : sequence of ComparedPool
        Printed results beside computed rows.
    review : Review
        The plan.
    """
    if not compared:
        return ()
    rows: list[Row] = []
    for outcome in review.outcomes:
        own = [one for one in compared if one.printed.outcome == outcome.id]
        if own:
            rows.append(Row("head", outcome.label))
            rows += [row for one in own for row in _rows(one)]
    table = Table(
        "printed",
        "Printed pooled results beside computed ones, and what the print implies",
        short="Printed against computed",
        stub="Outcome, studies",
        columns=_COLUMNS,
        rows=tuple(rows),
        footnotes=_NOTES,
    )
    return (Section("printed", "Printed against computed", (table,)),)


def _rows(one: ComparedPool) -> Iterator[Row]:
    printed = one.printed
    unit = {"%": "%", "months": " months", "": ""}[printed.unit]
    told = f"{printed.estimate}{unit} ({printed.lower}{EN_DASH}{printed.upper})"
    if printed.kind == "trim_and_fill" and printed.data_sets is not None:
        told += f", {printed.data_sets} data sets"
    spread = ", ".join(
        part
        for part in (
            printed.i2 and f"{printed.i2}%",
            printed.p and f"P\N{NO-BREAK SPACE}{printed.p}",
        )
        if part
    )
    implied = implied_numbers(one.implied)
    label = "Trim and fill" if printed.kind == "trim_and_fill" else printed.level or "All studies"
    cells = {
        "printed": _quoted(told),
        "i2": _quoted(spread) if spread else NONE,
        "implied": _quoted(implied) if implied else NONE,
        "partial": _computed(one.partial) if one.partial is not None else NONE,
        "again": _together(one.again),
        "verdict": Cell((Span(one.verdict.capitalize()),), format="text"),
    }
    yield Row("level", label, cells, indent=1)
    if one.words:
        yield Row("message", " ".join(one.words), indent=2)


def _quoted(text: str) -> Cell:
    return Cell((Span(text, quoted=True),), format="text")


def _computed(found: Again) -> Cell:
    estimate, lower, upper = found.rows
    spans = join(number(estimate), " (", interval(lower, upper), ")")
    if found.sets is not None:
        sets = format_row(found.sets)
        word = " data set" if sets == "1" else " data sets"
        spans = join(spans, ", ", number(found.sets), word)
    return Cell(spans, format="text")


def _together(again: Sequence[Again]) -> Cell:
    if not again:
        return NONE
    spans: Spans = ()
    for at, found in enumerate(again):
        estimate, lower, upper = found.rows
        spans = join(spans, "; " if at else "", number(estimate), " (", interval(lower, upper), ")")
    return Cell(spans, format="text")
