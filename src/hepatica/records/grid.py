"""What every reader gives: a frame with the number of the row each value was read from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hepatica.errors import counted
from hepatica.records.findings import (
    ROW,
    Outcome,
    Place,
    Rule,
    Unreadable,
    about_file,
    broken_rows,
    listed,
)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it was read.

    Attributes
    ----------
    frame : polars.DataFrame
        Columns under the names of the file, and `ROW`.
    outcomes : tuple
        One for each rule of the file that ran.
    complete : bool
        Whether every row of the file is in the frame.
    sas_numbers : bool
        Whether a number in a date column counts days (or seconds) from 1960-01-01.
    """

    frame: pl.DataFrame
    outcomes: tuple[Outcome, ...] = ()
    complete: bool = True
    sas_numbers: bool = False


def refuse(place: Place, rule: Rule, found: str = "", rows: Sequence[int] = ()) -> Unreadable:
    """Return the exception that ends the reading of a file."""
    return Unreadable(about_file(place, rule, found, rows))


def wrong_encoding(encoding: str, place: Place) -> Rule:
    """Return the rule that text is encoded as the protocol says."""
    named = "UTF-8" if encoding.startswith("utf-8") else encoding
    return Rule(
        f"The text of the file is encoded as {named}.",
        "Save the file as UTF-8, or write encoding: latin-1 or encoding: gb18030 under "
        f"{place.at()}.",
    )


def tidy_name(name: str) -> str:
    """Return a column name without surrounding white space, byte order mark and fixed spaces."""
    return name.replace("\u00a0", " ").strip().strip("\ufeff")


def check_names(names: Sequence[str], place: Place) -> None:
    """Refuse a header that names a column twice, or as a column of our own is named.

    The columns are told by position: in a file without a header the names are recorded values.
    """
    times = Counter(names)
    twice = [str(n) for n, name in enumerate(names, 1) if name and times[name] > 1]
    if twice:
        rule = Rule(
            "Each column has a name of its own.",
            f"Rename or remove one of the columns {listed(twice, 'and')}, counted from the left.",
        )
        found = f"{len(twice)} of {counted(len(names), 'column')} share a name with another"
        raise refuse(place, rule, found)
    if ROW in names:
        rule = Rule(f"No column is named {ROW}.", "Rename or remove the column.")
        raise refuse(place, rule, "1 column")


def drop_unnamed(frame: pl.DataFrame, unnamed: Sequence[str], place: Place) -> Grid:
    """Leave out columns without a name, with a note when they hold something."""
    rule = Rule(
        "Each column that holds values has a name.",
        "Kept out. Name the column in the first line of the table if it is needed.",
        severity="note",
    )
    if not unnamed:
        return Grid(frame, (None,))
    filled = pl.any_horizontal(pl.col(list(unnamed)).is_not_null())
    outcome = broken_rows(place, rule, frame.drop("USUBJID", strict=False), filled)
    return Grid(frame.drop(unnamed), (outcome,))


def drop_empty_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows in which every cell is empty, as exports of workbooks end with."""
    values = pl.all().exclude(ROW)
    return frame.filter(pl.any_horizontal(values.is_not_null())) if frame.width > 1 else frame


def clean_text(frame: pl.DataFrame, missing: Sequence[str]) -> pl.DataFrame:
    """Strip text of white space and turn empty cells and missing words into null."""
    words = ["", *missing]
    cleaned = pl.col(pl.String).str.replace_all("\u00a0", " ", literal=True).str.strip_chars()
    frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    frame = frame.with_columns(cleaned)
    emptied = pl.when(pl.col(pl.String).is_in(words)).then(None).otherwise(pl.col(pl.String))
    return frame.with_columns(emptied.name.keep())
