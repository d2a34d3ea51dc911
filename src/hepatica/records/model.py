"""What reading the collected tables gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hepatica.errors import DataError, Problem


@dataclass(frozen=True, slots=True)
class RecordTable:
    """One collected table, typed.

    Attributes
    ----------
    name : str
        Name of the table, for example ``ADTTE``.
    path : Path
        The file it was read from.
    frame : polars.DataFrame
        Rows in the order of the file. Columns that the protocol needs have their type: text
        String, numbers Float64, CNSR and grades Int64, dates Date. Other columns are as read.
        No rows and no columns when the file could not be read.
    rows : int
        Rows of the file, those set aside included.
    checks : int
        Number of rules that ran.
    digest : str
        SHA-256 of the bytes of the file, empty when there is no file.
    """

    name: str
    path: Path
    frame: pl.DataFrame
    rows: int
    checks: int
    digest: str


@dataclass(frozen=True, slots=True)
class Records:
    """All collected tables of a study, and every rule they break."""

    tables: Mapping[str, RecordTable]
    problems: tuple[Problem, ...]


def require(records: Records) -> Records:
    """Return the records, or raise when they break a rule that stops a run.

    Raises
    ------
    DataError
        If any problem is more than a note.

    Examples
    --------
    >>> require(Records({}, ())).problems
    ()
    """
    problems = [one for one in records.problems if one.severity == "problem"]
    if problems:
        raise DataError(problems)
    return records
