"""Criteria of eligibility: what each asks for, what it reads, and who did not meet it."""

from __future__ import annotations

from hepatica.present.spans import Span
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.notes import add_notes
from hepatica.protocol.eligibility import INCLUDED, Criterion
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

#: Id of the table.
ELIGIBILITY = "eligibility"
_COLUMNS = (
    Column("reads", "Needs", words=True),
    Column("n_unmet", "Not met"),
    Column("n_unknown", "Not known"),
)
_ENROLLED = Column("n_enrolled_unmet", "Enrolled all the same")
_HEADS = {"inclusion": "Inclusion", "exclusion": "Exclusion"}
_COUNTED = (
    "Every criterion is counted in everybody screened, so that a patient can stand in several "
    "lines; the participant flow counts the first in the order of the protocol."
)
_MET = "An exclusion criterion is not met by patients whom it excludes."
_BY_HAND = "Without numbers: not screened automatically."
_ENROLLED_NOTE = (
    "Enrolled all the same: randomised or treated although the criterion was not met or not known."
)


def table_eligibility(results: Results, protocol: Protocol) -> Table | None:
    """Return the table of criteria; ``None`` where the protocol has none.

    Parameters
    ----------
    results : Results
        Rows of ``sets``.
    protocol : Protocol
        The criteria, in the order in which reasons are counted.

    Returns
    -------
    Table or None
        A line for each criterion with what it needs, and how many patients do not meet it or
        cannot be judged. A criterion without a condition has no numbers.
    """
    if not protocol.eligibility:
        return None
    enrolled = results.where(analysis="sets", variable=ELIGIBILITY, statistic=_ENROLLED.id)
    heads = (*_COLUMNS, *((_ENROLLED,) if enrolled else ()))
    rows = []
    for number, one in enumerate(protocol.eligibility, start=1):
        label = f"{number}. {_HEADS[one.kind]}: {one.text}"
        rows.append(Row("plain", label, _cells(results, protocol, one, heads)))
    title = "Criteria of eligibility, all patients screened"
    table = Table(ELIGIBILITY, title, "Eligibility", columns=heads, rows=tuple(rows))
    notes = (
        _COUNTED,
        _MET if any(one.kind == "exclusion" for one in protocol.eligibility) else "",
        *_unknown(protocol),
        _BY_HAND if any(one.where is None for one in protocol.eligibility) else "",
        _ENROLLED_NOTE if enrolled else "",
    )
    return add_notes(table, protocol, notes)


def _cells(
    results: Results, protocol: Protocol, criterion: Criterion, heads: tuple[Column, ...]
) -> dict[str, Cell]:
    cells = {
        head.id: single(_count(results, criterion, head.id)) if criterion.columns else NONE
        for head in heads[1:]
    }
    needed = ", ".join(dict.fromkeys(_named(protocol, name) for name in criterion.columns))
    # Words of the protocol: a digit among them is no number of the results.
    reads = Cell((Span(needed, quoted=True),), format="text") if needed else NONE
    return {"reads": reads, **cells}


def _count(results: Results, criterion: Criterion, statistic: str) -> ResultRow | None:
    found = results.where(
        analysis="sets",
        variable=ELIGIBILITY,
        variable_level=criterion.id,
        statistic=statistic,
    )
    return found[0] if found else None


def _named(protocol: Protocol, column: str) -> str:
    """Return the label of the variable that a column holds, else its name."""
    known = {one.column: one.label for one in protocol.biomarkers}
    known |= {one.column: one.label for one in protocol.variables}
    return known.get(column, column)


def _unknown(protocol: Protocol) -> tuple[str, ...]:
    """Return what a missing value means, where criteria are screened."""
    screened = [one for one in protocol.eligibility if one.where is not None]
    kept = [n for n, one in enumerate(protocol.eligibility, 1) if one.unknown == INCLUDED]
    if not screened or len(kept) == len(screened):
        return ("Patients of whom a criterion is not known are included.",) if kept else ()
    if not kept:
        return ("Patients of whom a criterion is not known are not enrolled.",)
    listed = ", ".join(str(n) for n in kept)
    return (
        "Patients of whom a criterion is not known are not enrolled, except by those that include "
        f"them (line {listed}).",
    )
