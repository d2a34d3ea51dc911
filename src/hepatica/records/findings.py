"""Rules as sentences, and how a broken rule becomes a `Problem`.

Every check gives outcomes: ``None`` for a rule that holds, a `Problem` for one that does not. So
the number of rules that ran is the number of outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from hepatica.errors import Problem, counted

#: Name of the column that holds the line, row or record a value was read from.
ROW = "__row__"
SUBJECT = "USUBJID"
#: The outcome of one rule.
Outcome = Problem | None
_SHOWN = 5
#: Failing rows whose recorded values are kept.
_VALUES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A table of the study, its file as shown to the reader, and what its rows are called.

    ``settings`` is the key of the plan that describes the table, and ``plan`` the plan's file.
    """

    table: str
    file: str
    unit: Literal["line", "row", "record"] = "line"
    settings: str = ""
    plan: str = "study.yaml"

    def at(self, key: str = "") -> str:
        """Return where the plan describes the table, or one of its keys.

        Examples
        --------
        >>> Place("ADSL", "data/adsl.csv").at("columns")
        'data.tables.ADSL.columns in study.yaml'
        >>> Place("extracted", "a.csv", settings="files[0]", plan="review.yaml").at("columns")
        'files[0].columns in review.yaml'
        """
        settings = self.settings or f"data.tables.{self.table}"
        return f"{settings}{f'.{key}' if key else ''} in {self.plan}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence that is true of good data, and what to do where it is not."""

    sentence: str
    do: str
    column: str = ""
    severity: Literal["problem", "note"] = "problem"
    #: Columns besides ``column`` whose recorded values are told on request.
    shown: tuple[str, ...] = ()


class Unreadable(Exception):  # noqa: N818 - it carries a finding, not an error
    """A file cannot be read as a table; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.rule)
        self.problem = problem


def about_file(place: Place, rule: Rule, found: str = "", rows: Sequence[int] = ()) -> Problem:
    """Return the problem of a whole file.

    Examples
    --------
    >>> about_file(Place("ADSL", "data/adsl.csv"), Rule("The file exists.", "Add it.")).where
    'data/adsl.csv'
    """
    return Problem(
        table=place.table,
        rule=rule.sentence,
        do=rule.do,
        found=found,
        where=where(place, rows),
        column=rule.column,
        severity=rule.severity,
    )


def broken_rows(place: Place, rule: Rule, frame: pl.DataFrame, bad: pl.Expr | pl.Series) -> Outcome:
    """Return the problem of the rows for which ``bad`` is true, or None when there are none.

    Parameters
    ----------
    place : Place
        Table and file.
    rule : Rule
        The rule that these rows break.
    frame : polars.DataFrame
        The whole table, with the column `ROW` and, where known, USUBJID.
    bad : polars.Expr or polars.Series
        Truth values, one for each row; unknown is not bad.

    Returns
    -------
    Problem or None
        With count, subjects in the order of the file, and rows; never a recorded value.
    """
    failing = frame.filter(bad)
    return None if failing.is_empty() else problem_of(place, rule, failing, frame.height)


def problem_of(place: Place, rule: Rule, failing: pl.DataFrame, total: int) -> Problem:
    """Return the problem of the rows ``failing`` among ``total`` rows."""
    subjects: tuple[str, ...] = ()
    if SUBJECT in failing.columns:
        known = failing.get_column(SUBJECT).drop_nulls().cast(pl.String)
        subjects = tuple(known.unique(maintain_order=True).to_list())
    return Problem(
        table=place.table,
        rule=rule.sentence,
        do=rule.do,
        found=f"{failing.height} of {counted(total, 'row')}",
        subjects=subjects,
        where=where(place, failing.get_column(ROW).to_list()),
        column=rule.column,
        severity=rule.severity,
        values=recorded_values(place, rule, failing),
    )


def recorded_values(place: Place, rule: Rule, failing: pl.DataFrame) -> tuple[str, ...]:
    """Return what the first failing rows hold, for a reader who asks for it."""
    names = [one for one in (rule.column, *rule.shown) if one in failing.columns]
    if not names:
        return ()
    subject = [SUBJECT] if SUBJECT in failing.columns and SUBJECT not in names else []
    told = failing.select(ROW, *subject, *names).head(_VALUES)
    lines = []
    for row in told.iter_rows(named=True):
        who = f" {row[SUBJECT]}" if subject and row[SUBJECT] is not None else ""
        held = ", ".join(
            f"{name} {'(empty)' if row[name] is None else row[name]}" for name in names
        )
        lines.append(f"{place.unit} {row[ROW]}{who}: {held}")
    return tuple(lines)


def where(place: Place, rows: Sequence[int]) -> str:
    """Return the file and the rows, as a range when there are many.

    Examples
    --------
    >>> where(Place("ADTTE", "data/adtte.csv"), [12, 47])
    'data/adtte.csv, lines 12 and 47'
    >>> where(Place("ADTTE", "data/adtte.xlsx", "row"), range(2, 90))
    'data/adtte.xlsx, rows 2 to 89'
    """
    numbers = sorted(set(rows))
    if not numbers:
        return place.file
    if len(numbers) == 1:
        return f"{place.file}, {place.unit} {numbers[0]}"
    if len(numbers) > _SHOWN:
        return f"{place.file}, {place.unit}s {numbers[0]} to {numbers[-1]}"
    return f"{place.file}, {place.unit}s {listed([str(one) for one in numbers], 'and')}"


def listed(words: Sequence[str], joint: Literal["and", "or"]) -> str:
    """Return words as an enumeration.

    Examples
    --------
    >>> listed(["comma", "semicolon", "tab"], "or")
    'comma, semicolon or tab'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"
