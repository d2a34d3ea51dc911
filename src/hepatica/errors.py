"""The exception tree, and the value in which a broken rule of the data is told.

::

    HepaticaError
    ├── CommandError      the command line was wrong                      exit 2
    ├── ProtocolError     study.yaml breaks rules (all of them at once)   exit 2
    ├── DataError         the collected tables break rules (all at once)  exit 1
    ├── OutputError       the results could not be written                exit 2
    ├── InputError        an estimator was given arrays it cannot use     a row
    └── AnalysisError     an analysis of the plan cannot be carried out   a row

`InputError` and `AnalysisError` end as a result row with ``status = "failed"``; the others end
the command. No message holds a recorded value of a patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule of a collected table, or a note about it.

    Attributes
    ----------
    table : str
        Name of the table, for example ``ADSL``.
    rule : str
        The rule as a sentence that is true of good data.
    do : str
        What the reader should do, as an order that can be followed.
    found : str
        How many of how many, for example ``3 of 50 rows``; never a recorded value.
    subjects : tuple of str
        Subjects concerned, in the order of the file; empty when the rule is about a file.
    where : str
        File, and lines where they are known.
    column : str
        Column concerned, empty when the rule is about several.
    severity : {"problem", "note"}
        A problem stops the run; a note does not.
    values : tuple of str
        Recorded values of the first failing rows. Shown only to a reader who asks for them, and
        no part of ``repr`` or of a message.
    """

    table: str
    rule: str
    do: str
    found: str = ""
    subjects: tuple[str, ...] = ()
    where: str = ""
    column: str = ""
    severity: Literal["problem", "note"] = "problem"
    values: tuple[str, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ProtocolProblem:
    """One fault of ``study.yaml``.

    Attributes
    ----------
    path : str
        Place in the protocol, for example ``arms[1].treatments[0].dose.unit``.
    message : str
        What is wrong and what is allowed.
    line : int or None
        Line of the file, counted from 1.
    """

    path: str
    message: str
    line: int | None = None


class HepaticaError(Exception):
    """Root of every error that Hepatica raises on purpose."""


class CommandError(HepaticaError):
    """The command cannot be carried out as it was written."""


class ProtocolError(HepaticaError):
    """The protocol breaks rules; ``problems`` holds all of them.

    Examples
    --------
    >>> str(ProtocolError("study.yaml", [ProtocolProblem("study.id", "Missing.", 3)]))
    'study.yaml: 1 problem: study.id (line 3): Missing.'
    """

    def __init__(self, file: str, problems: Iterable[ProtocolProblem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        listed = "; ".join(
            f"{problem.path}{f' (line {problem.line})' if problem.line else ''}: {problem.message}"
            for problem in self.problems
        )
        super().__init__(f"{file}: {counted(len(self.problems), 'problem')}: {listed}")


class DataError(HepaticaError):
    """The collected tables break rules; ``problems`` holds all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        listed = "; ".join(f"{problem.table}: {problem.rule}" for problem in self.problems)
        super().__init__(f"{counted(len(self.problems), 'problem')} in the data: {listed}")


class OutputError(HepaticaError):
    """The results could not be written; nothing was changed."""


class InputError(HepaticaError, ValueError):
    """An estimator was given arrays or options that it cannot use."""


class AnalysisError(HepaticaError):
    """An analysis of the plan cannot be carried out on these data."""


def counted(n: int, noun: str) -> str:
    """Return ``n`` with its noun in the right number.

    Examples
    --------
    >>> counted(1, "problem"), counted(3, "row")
    ('1 problem', '3 rows')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
