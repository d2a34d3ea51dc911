"""Where the collected tables are and how their columns are named."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from hepatica.protocol.base import Column, Frozen, Text


class ColumnSource(Frozen):
    """A column of the collected table, and what it holds.

    Attributes
    ----------
    name : str
        Its name in the file.
    type : {"text", "number", "date", "row"}
        What it holds. ``row`` needs no column: it is the number of the row in the file, for a
        sheet without a number of the patient.
    """

    name: str = ""
    type: Literal["text", "number", "date", "row"] = "text"


def _column_source(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class TableSource(Frozen):
    """One file.

    Attributes
    ----------
    file : str
        File name below the data folder; its ending says the format.
    sheet : str, optional
        Sheet of a workbook; the first when not given.
    comment : str, optional
        Lines that start with this sign are skipped.
    missing : tuple of str
        Words that mean a missing value, besides an empty cell.
    columns : dict
        Our name to the column of the file. In the table PATIENTS only the columns named here are
        kept; elsewhere other columns keep their names.
    """

    file: Text
    sheet: str | None = None
    delimiter: Literal["comma", "semicolon", "tab"] | None = None
    encoding: Literal["utf-8", "latin-1", "gb18030"] = "utf-8"
    comment: str | None = None
    missing: tuple[str, ...] = ()
    columns: dict[Column, Annotated[ColumnSource, BeforeValidator(_column_source)]] = Field(
        default_factory=dict
    )


class FolderFromEnvironment(Frozen):
    """A folder outside the study, named by an environment variable."""

    environment: Text
    default: str | None = None
    below: str = ""


#: Tables that a study can bring: ready analysis datasets, one sheet with a row per patient, or
#: SDTM-style domains as collected (BM holds biomarker results).
TableName = Literal[
    "ADSL", "ADTTE", "ADRS", "ADAE", "PATIENTS", "DM", "DS", "EX", "TU", "TR", "RS", "AE",
    "LB", "VS", "MH", "CM", "PR", "IE", "DV", "SS", "SV", "BM",
]  # fmt: skip


class Accepted(Frozen):
    """A broken rule that is accepted, because nobody can correct the data any more.

    Attributes
    ----------
    table, rule : str
        As ``hepatica check`` tells them.
    reason : str
        Why; it is printed in the report.
    """

    table: TableName
    rule: Text
    reason: Text


class DataSource(Frozen):
    """The collected tables: a folder, one file for each table, and what is accepted in them."""

    folder: Text | FolderFromEnvironment = "data"
    tables: dict[TableName, TableSource] = Field(min_length=1)
    accepted: tuple[Accepted, ...] = ()
