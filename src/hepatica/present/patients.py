"""The sentence that says who was enrolled and analysed."""

from __future__ import annotations

from hepatica.present.spans import Spans, join
from hepatica.present.tables.sets import set_size
from hepatica.present.wording import listed, lower_first
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results


def patients_paragraph(results: Results, protocol: Protocol) -> Spans:
    """Return who was screened, enrolled and belongs to which analysis set; empty if uncounted.

    Parameters
    ----------
    results : Results
        Rows of all analyses; those of ``sets`` are read.
    protocol : Protocol
        Arms and analysis sets.
    """
    enrolled = set_size(results, "")
    if enrolled is None:
        return ()
    were = "patient was" if enrolled.value == 1 else "patients were"
    parts: list[str | Spans] = [join(enrolled), f" {were} enrolled"]
    parts += [_arms(results, protocol), ". ", _sets(results, protocol, enrolled)]
    failures = set_size(results, "", statistic="screening_failures")
    if failures is not None and failures.value:
        parts += [join(failures), " more were screened and not enrolled. "]
    return join(*parts)


def _arms(results: Results, protocol: Protocol) -> Spans:
    """Return the size of each arm, where one analysis set holds everybody enrolled."""
    enrolled = set_size(results, "")
    for one in protocol.analysis_sets:
        total = set_size(results, one.flag)
        sizes = [(set_size(results, one.flag, arm.label), arm.label) for arm in protocol.arms]
        known = [(row, label) for row, label in sizes if row is not None]
        if (
            len(known) < 2
            or total is None
            or enrolled is None
            or total.value != enrolled.value
            or sum(row.value or 0 for row, _ in known) != total.value
        ):
            continue
        parts: list[Spans] = []
        for position, (row, label) in enumerate(known):
            before = ": " if not position else " and " if position == len(known) - 1 else ", "
            parts.append(join(before, row, f" in {label}"))
        return join(*parts)
    return ()


def _sets(results: Results, protocol: Protocol, enrolled: ResultRow) -> Spans:
    everybody: list[str] = []
    others: list[Spans] = []
    for one in protocol.analysis_sets:
        row = set_size(results, one.flag)
        if row is None:
            continue
        if row.value == enrolled.value and one.label.endswith("set"):
            everybody.append(f"the {lower_first(one.label)}")
        else:
            others.append(join(f"{one.label}: ", row, ". "))
    first = join("All of them belong to ", listed(everybody), ". ") if everybody else ()
    return join(first, *others)
