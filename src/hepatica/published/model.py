"""Printed numbers as frozen values: text, value, place, and the row they would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import CommandError

#: How a number came into constructed patients; see ``docs/published.md``.
Made = Literal["fitted", "follows", "emergent", "none"]
#: How the value of a row is turned into the printed number.
Scale = Literal["plain", "percent", "fraction", "months"]
#: Columns of a row: name and value, in the order of the key of result rows.
Key = tuple[tuple[str, str | float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """One number of a publication.

    Attributes
    ----------
    place : str
        Where it is printed, for example ``Table 2``.
    also : tuple of str
        Further places that print the same text.
    head, label : str
        What the print calls a group of rows, and the row; empty when the key says it.
    key : tuple of (str, str or float)
        Columns of the result row with the same number; only those that are given.
    printed : str
        The text as printed, for example ``80.8%``.
    cell : str
        All that stands in the same place, for example ``80.8% (59.8%, 91.5%)``.
    value : float or None
        The printed number itself, not rescaled; ``None`` for a word such as ``NE``.
    decimals : int
        Printed decimals.
    sign : {"", "<", ">"}
        A sign before the number.
    scale : {"plain", "percent", "fraction", "months"}
        How a row's value becomes the printed number: as it is, as it is with a per cent sign,
        a share between 0 and 1 as per cent, days as months.
    made : {"fitted", "follows", "emergent", "none"}
        How the number came into constructed patients.
    misprint : bool
        Whether the print contradicts itself or cannot be.
    possible : str
        The nearest number that can be, or the one printed elsewhere.
    note : str
        Why it is a misprint, or what else a reader should know.
    line : int
        Line of the file.
    """

    place: str
    key: Key
    printed: str
    value: float | None
    decimals: int = 0
    also: tuple[str, ...] = ()
    head: str = ""
    label: str = ""
    cell: str = ""
    sign: str = ""
    scale: Scale = "plain"
    made: Made = "emergent"
    misprint: bool = False
    possible: str = ""
    note: str = ""
    line: int = 0

    def column(self, name: str) -> str | float:
        """Return a column of the key; empty when it is not given."""
        return dict(self.key).get(name, "")

    @property
    def analysis(self) -> str:
        """Id of the analysis."""
        return str(self.column("analysis"))

    @property
    def level(self) -> str:
        """Group; empty for all patients."""
        return str(self.column("level"))

    @property
    def statistic(self) -> str:
        """Name of the statistic."""
        return str(self.column("statistic"))


@dataclass(frozen=True, slots=True)
class Published:
    """The numbers of a publication.

    Attributes
    ----------
    study : str
        Id of the study.
    citation : str
        The publication.
    numbers : tuple of PrintedNumber
        In the order of the file.
    findings : tuple of str
        Sentences about what the print contradicts or does not identify.

    Examples
    --------
    >>> key = (("analysis", "baseline"), ("level", "Cohort 1"), ("statistic", "n"))
    >>> published = Published("S", "", (
    ...     PrintedNumber(place="Table 1", key=key, printed="26", value=26.0),))
    >>> published.count(analysis="baseline", level="Cohort 1", statistic="n")
    26
    """

    study: str
    citation: str
    numbers: tuple[PrintedNumber, ...]
    findings: tuple[str, ...] = ()

    def where(self, *, place: str = "", **columns: str | float) -> Iterator[PrintedNumber]:
        """Yield the numbers whose keys have the given columns, in order.

        A column that is not named may be anything; ``level=""`` asks for all patients together.
        """
        for number in self.numbers:
            if place and number.place != place:
                continue
            key = dict(number.key)
            if all(key.get(name, "") == value for name, value in columns.items()):
                yield number

    def get(self, *, place: str = "", **columns: str | float) -> PrintedNumber | None:
        """Return the first number that `where` yields, or ``None``."""
        return next(self.where(place=place, **columns), None)

    def value(self, *, place: str = "", **columns: str | float) -> float:
        """Return the printed value of the first number that `where` yields.

        Raises
        ------
        CommandError
            If no such number is printed, or it is a word.
        """
        found = self.get(place=place, **columns)
        if found is None or found.value is None:
            asked = ", ".join(f"{name} {value!r}" for name, value in columns.items())
            why = "holds no number with" if found is None else "prints a word, not a number, for"
            raise CommandError(f"published.yaml {why} {asked}. Add it there.")
        return found.value

    def count(self, *, place: str = "", **columns: str | float) -> int:
        """Return the printed value as a whole number, see `value`."""
        return round(self.value(place=place, **columns))
