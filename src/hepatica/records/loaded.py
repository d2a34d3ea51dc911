"""A table while it is being read and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from hepatica.records.findings import Outcome, Place


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table while it is being checked.

    Attributes
    ----------
    place : Place
        Table and file, for messages.
    path : Path
        The file.
    frame : polars.DataFrame
        Typed, with `ROW`.
    rows : int
        Rows of the file.
    digest : str
        SHA-256 of the file.
    outcomes : tuple
        One for each rule that ran.
    complete : bool
        Whether every row of the file is in the frame.
    spoiled : frozenset of str
        Columns with values that did not fit their type, or that are missing.
    """

    place: Place
    path: Path
    frame: pl.DataFrame
    rows: int = 0
    digest: str = ""
    outcomes: tuple[Outcome, ...] = ()
    complete: bool = True
    spoiled: frozenset[str] = frozenset()

    def has(self, *columns: str) -> bool:
        """Return whether the frame holds all these columns."""
        return all(one in self.frame.columns for one in columns)

    def plus(self, *outcomes: Outcome) -> Loaded:
        """Return the table with further outcomes."""
        return replace(self, outcomes=(*self.outcomes, *outcomes))
