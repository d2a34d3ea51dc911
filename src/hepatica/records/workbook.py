"""Reading a sheet of a workbook (XLSX). Formulas are never computed: their stored values are read.

The reader of cell values does not tell a formula without a stored value, or an error, from an
empty cell, so the sheet's XML is searched for both. It is searched as bytes and never parsed as
XML: nothing in it is expanded or fetched.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from difflib import get_close_matches

import fastexcel
import polars as pl

from hepatica.errors import counted
from hepatica.protocol.data import TableSource
from hepatica.records.findings import (
    ROW,
    Outcome,
    Place,
    Rule,
    about_file,
    broken_rows,
    listed,
)
from hepatica.records.grid import Grid, check_names, drop_unnamed, refuse, tidy_name

_ZIP = b"PK\x03\x04"
#: What reading a broken archive raises: each layer has errors of its own.
_BROKEN = (
    *(fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error),
    *(KeyError, ValueError, IndexError, NotImplementedError, OSError, RuntimeError),
)
_CELL = re.compile(rb"<c\s([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_FORMULA = re.compile(rb"<f[\s/>]")
_STORED = re.compile(rb"<v>[^<]|<is>")
_PLACE = re.compile(rb'\br="[A-Z]+(\d+)"')
_ERROR = re.compile(rb'\bt="e"')


def read_workbook(data: bytes, source: TableSource, place: Place) -> Grid:
    """Read one sheet; every value is read as text and cast later by us.

    Raises
    ------
    Unreadable
        If the file is no workbook, is cut off, or has no such sheet.
    """
    if not data.startswith(_ZIP):
        rule = Rule(
            "The file is a workbook (XLSX), as its ending says.",
            "Save the table as XLSX or CSV, or give the file the ending of its kind.",
        )
        raise refuse(place, rule, "another kind of file")
    try:
        book = fastexcel.read_excel(data)
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN:
        raise refuse(place, _WHOLE, "reading stopped before the end of the file") from None
    if not book.sheet_names:
        raise refuse(place, _WHOLE, "0 sheets")
    sheet = _sheet(book.sheet_names, source.sheet, place)
    try:
        cells = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
        xml = archive.read(_part(archive, sheet))
    except _BROKEN:
        raise refuse(place, _WHOLE, "the sheet cannot be read") from None
    return _grid(cells, xml, place)


_WHOLE = Rule("The workbook is whole.", "Save the workbook again; a part of it is missing.")


def _sheet(names: list[str], wanted: str | None, place: Place) -> str:
    if wanted is None:
        return names[0]
    if wanted in names:
        return wanted
    close = get_close_matches(wanted, names, n=1, cutoff=0.5)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    rule = Rule(
        f"The workbook has the sheet '{wanted}'.",
        f"The workbook holds {listed(names, 'and')}. Name a sheet of it under "
        f"{place.at('sheet')}.{hint}",
    )
    raise refuse(place, rule, f"not among {counted(len(names), 'sheet')}")


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the XML part that holds a sheet."""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    relation = ""
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        if html.unescape(_attribute(tag, "name")) == sheet:
            relation = _attribute(tag, "r:id")
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links):
        if relation and _attribute(tag, "Id") == relation:
            target = _attribute(tag, "Target")
            return target[1:] if target.startswith("/") else f"xl/{target}"
    raise KeyError(sheet)


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{re.escape(name)}="([^"]*)"', tag)
    return match[1] if match else ""


def _grid(cells: pl.DataFrame, xml: bytes, place: Place) -> Grid:
    frame = cells.with_row_index(ROW, offset=1)
    filled = pl.any_horizontal(pl.all().exclude(ROW).str.strip_chars() != "")
    frame = frame.filter(filled) if frame.width > 1 else frame.clear()
    if frame.is_empty():
        rule = Rule(
            "The sheet holds a table: a row of column names, then one row for each record.",
            "Save the table again, or name another sheet; this one is empty.",
        )
        raise refuse(place, rule, "0 rows")
    header = frame.row(0)[1:]
    names = [tidy_name(name or "") for name in header]
    check_names(names, place)
    unnamed = [f"__unnamed_{i}__" for i, name in enumerate(names) if not name]
    blanks = iter(unnamed)
    frame = frame.slice(1)
    frame.columns = [ROW, *(name or next(blanks) for name in names)]
    grid = drop_unnamed(frame, unnamed, place)
    found = (*grid.outcomes, *_formulas(grid.frame, xml, place))
    return Grid(grid.frame, found)


def _formulas(frame: pl.DataFrame, xml: bytes, place: Place) -> list[Outcome]:
    """Report formulas without a stored value, cells in error, and text that is a formula."""
    unsaved: list[int] = []
    errors: list[int] = []
    if _FORMULA.search(xml) or _ERROR.search(xml):
        for cell in _CELL.finditer(xml):
            attributes, content = cell[1], cell[2] or b""
            row = _PLACE.search(attributes)
            if row and _ERROR.search(attributes):
                errors.append(int(row[1]))
            elif row and _FORMULA.search(content) and not _STORED.search(content):
                unsaved.append(int(row[1]))
    return [
        _cells(place, _UNSAVED, unsaved),
        _cells(place, _IN_ERROR, errors),
        broken_rows(
            place,
            Rule(
                "No cell holds a formula written as text.",
                "Replace the text that begins with an equals sign by its value.",
            ),
            frame,
            pl.any_horizontal(pl.all().exclude(ROW).str.starts_with("=")),
        ),
    ]


def _cells(place: Place, rule: Rule, rows: list[int]) -> Outcome:
    return about_file(place, rule, counted(len(rows), "cell"), rows) if rows else None


_UNSAVED = Rule(
    "Each formula is saved together with its value.",
    "Open the workbook in a spreadsheet program and save it, or replace formulas by values.",
)
_IN_ERROR = Rule(
    "No cell holds a spreadsheet error.",
    "Correct the formula, or empty the cell when the value is missing.",
)
