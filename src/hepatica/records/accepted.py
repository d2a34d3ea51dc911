"""Problems that the protocol accepts with a reason: nobody can correct these data any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hepatica.errors import Problem
from hepatica.protocol.model import Protocol


def accept(protocol: Protocol, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Turn each problem that the protocol accepts into a note that gives the reason.

    Parameters
    ----------
    protocol : Protocol
        ``data.accepted`` names table, rule and reason.
    problems : tuple of Problem
        Broken rules. Only those that name subjects can be accepted: a file that cannot be read,
        or a column that is missing, stays a problem.

    Returns
    -------
    tuple of Problem
        Problems first, then notes; an entry of the protocol that no problem meets is a note.
    """
    reasons: dict[tuple[str, str], str] = {
        (one.table, one.rule): one.reason for one in protocol.data.accepted
    }
    told = [_accepted(problem, reasons) for problem in problems]
    told += _idle(protocol, problems)
    return tuple(sorted(told, key=lambda one: one.severity == "note"))


def _accepted(problem: Problem, reasons: dict[tuple[str, str], str]) -> Problem:
    reason = reasons.get((problem.table, problem.rule))
    if reason is None or not problem.subjects or problem.severity == "note":
        return problem
    return replace(problem, severity="note", do=f"Accepted by the protocol: {reason}")


def _idle(protocol: Protocol, problems: tuple[Problem, ...]) -> Iterator[Problem]:
    met = {(problem.table, problem.rule) for problem in problems}
    for one in protocol.data.accepted:
        if (one.table, one.rule) not in met:
            yield Problem(
                table=one.table,
                rule=one.rule,
                do="Remove it from data.accepted of study.yaml: nothing breaks this rule.",
                found="accepted, but no row breaks it",
                where="study.yaml",
                severity="note",
            )
