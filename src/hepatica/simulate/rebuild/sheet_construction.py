"""What had to be chosen for a constructed sheet: how each column comes about, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from hepatica.protocol.base import Column, Frozen, Id, Text
from hepatica.protocol.conditions import Where
from hepatica.simulate.rebuild.construction import DayRange

#: Whether the numbers are printed, follow from printed ones, or are nobody's but ours.
Origin = Literal["printed", "computed", "invented"]
#: Category to a number of patients.
Counts = dict[Text, int]


class Found(Frozen):
    """Where the numbers of columns of the courses come from."""

    columns: tuple[Column, ...] = Field(min_length=1)
    origin: Origin
    source: Text


class _Made(Frozen):
    """A column that the construction adds to the courses.

    Attributes
    ----------
    column : str
        Its name in the file.
    where : Condition, optional
        Only these patients have a value; all when not given.
    origin : {"printed", "computed", "invented"}
        Where its numbers come from.
    source : str
        The place of the print, or why it was chosen so.
    """

    column: Column
    where: Where | None = None
    origin: Origin
    source: Text


class Dealt(_Made):
    """A category dealt to patients so that its counts hold.

    Attributes
    ----------
    counts : dict
        Category to patients, among all who have a value.
    by : str, optional
        A column in whose groups the counts hold, with `groups` in place of `counts`.
    groups : dict
        Value of that column to counts.
    otherwise : str
        What the others have; nothing when empty.
    """

    counts: Counts = Field(default_factory=dict)
    by: Column | None = None
    groups: dict[Text, Counts] = Field(default_factory=dict)
    otherwise: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.counts) == bool(self.groups) or bool(self.groups) != (self.by is not None):
            message = "Write either counts, or by and groups."
            raise ValueError(message)
        return self


class Range(Frozen):
    """Median, smallest and largest value of a group."""

    median: float
    low: float
    high: float


class Measured(_Made):
    """A measured value with the median and range of each group.

    Attributes
    ----------
    by : str, optional
        The column that makes the groups; one group of all when not given.
    ranges : dict
        Value of that column to median and range; of all patients under ``all``.
    median : float, optional
        Median of all groups together.
    decimals : int
        Decimals of a value.
    """

    by: Column | None = None
    ranges: dict[Text, Range] = Field(min_length=1)
    median: float | None = None
    decimals: int = Field(default=0, ge=0, le=3)

    @model_validator(mode="after")
    def _groups(self) -> Self:
        if self.by is None and set(self.ranges) != {"all"}:
            message = "Without 'by' there is one range, named all."
            raise ValueError(message)
        return self


class Share(_Made):
    """A later value: so many percent of another column.

    Attributes
    ----------
    of, percent : str
        Columns with the earlier value and with the percent; who lacks one of them has no value.
    decimals : int
        Decimals of a value.
    """

    of: Column
    percent: Column
    decimals: int = Field(default=0, ge=0, le=3)


class Case(Frozen):
    """Patients, and the value they have."""

    where: Where
    value: Text


class Derived(_Made):
    """A value that follows from other columns: that of the first case which holds."""

    cases: tuple[Case, ...] = Field(min_length=1)


class DayWithin(_Made):
    """A study day drawn between two bounds, and not after the days in other columns.

    Attributes
    ----------
    between : tuple of int
        Least and most day.
    until : str, optional
        A column with a day that it lies before.
    """

    between: DayRange
    until: Column | None = None


class ScreenedOut(Frozen):
    """Subjects of the sheet who do not take part in the study.

    Their characteristics are those of enrolled patients drawn at random; they have no outcome.

    Attributes
    ----------
    arms : dict
        Id of the arm to subjects.
    empty : tuple of str
        Columns that are empty in all of them.
    some_empty : tuple of str
        Columns of which one or two are empty in each of them.
    values : dict
        Column to what all of them have, as the reason asks.
    """

    reason: Text
    arms: dict[Id, int] = Field(min_length=1)
    empty: tuple[Column, ...] = ()
    some_empty: tuple[Column, ...] = ()
    values: dict[Column, Text] = Field(default_factory=dict)
    origin: Origin
    source: Text


class SheetEvent(Frozen):
    """An adverse event: by arm its patients, and those at grade 3 or above."""

    event: Text
    patients: dict[Id, int] = Field(min_length=1)
    severe: dict[Id, int] = Field(default_factory=dict)
    origin: Origin
    source: Text


class SheetConstruction(Frozen):
    """All that ``construction.yaml`` says of a study from one sheet.

    Attributes
    ----------
    courses : str
        File with the courses, below the study folder; its columns become columns of the sheet.
    arm_column : str
        Column of the courses with what the arms of the protocol are recorded as.
    found : tuple of Found
        Where columns of the courses come from.
    columns : tuple of str
        Columns of the sheet in order; those of the courses that are not named stay out of it.
    dealt, measured, shares, derived, days : tuple
        How the other columns come about, made in the order measured, shares, dealt, derived, days.
    impossible : tuple of dict
        Columns with values that no patient has together.
    screened_out : tuple of ScreenedOut
        Subjects who do not take part.
    outcomes : tuple of str
        Columns that nobody who was screened out has.
    events : tuple of SheetEvent
        Adverse events.
    exposure : str, optional
        Column with days: the longer, the more events a patient has.
    """

    courses: Text = "courses.csv"
    arm_column: Column = "ARM"
    found: tuple[Found, ...] = ()
    columns: tuple[Column, ...] = Field(min_length=1)
    dealt: tuple[Dealt, ...] = ()
    measured: tuple[Measured, ...] = ()
    shares: tuple[Share, ...] = ()
    derived: tuple[Derived, ...] = ()
    days: tuple[DayWithin, ...] = ()
    impossible: tuple[dict[Text, Text], ...] = ()
    screened_out: tuple[ScreenedOut, ...] = ()
    outcomes: tuple[Column, ...] = ()
    events: tuple[SheetEvent, ...] = ()
    exposure: Column | None = None

    def arms_named(self) -> Mapping[str, str]:
        """Return each id of an arm that is named, with the place."""
        named = {arm: "screened_out" for one in self.screened_out for arm in one.arms}
        for one in self.events:
            named |= dict.fromkeys((*one.patients, *one.severe), f"events, {one.event}")
        return named
