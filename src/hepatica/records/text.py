"""Reading delimited text: CSV, TSV and TXT. Every value is read as text and cast later by us."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import polars as pl

from hepatica.errors import counted
from hepatica.protocol.data import TableSource
from hepatica.records.findings import ROW, Outcome, Place, Rule, about_file
from hepatica.records.grid import Grid, check_names, drop_unnamed, refuse, tidy_name, wrong_encoding

_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_PLURAL = {"comma": "commas", "semicolon": "semicolons", "tab": "tabs"}
_DEFAULT = {".csv": "comma", ".tsv": "tab", ".txt": "tab"}
#: A workbook, Parquet, and a SAS transport file.
_OTHER_KINDS = (b"PK\x03\x04", b"PAR1", b"HEADER RECORD*******")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_text(data: bytes, ending: str, source: TableSource, place: Place) -> Grid:
    """Read delimited text.

    Parameters
    ----------
    data : bytes
        The file.
    ending : str
        ``.csv``, ``.tsv`` or ``.txt``: the delimiter when the protocol names none.
    source : TableSource
        Delimiter, encoding and comment sign.
    place : Place
        For messages.

    Returns
    -------
    Grid
        All columns as text.

    Raises
    ------
    Unreadable
        If encoding, delimiter, header or quotation marks do not allow a table to be read.
    """
    text = _decode(data, source.encoding, place)
    lines = list(io.StringIO(text, newline=""))
    numbers = list(range(1, len(lines) + 1))
    if source.comment:
        kept = [i for i, line in enumerate(lines) if not line.startswith(source.comment)]
        lines, numbers = [lines[i] for i in kept], [numbers[i] for i in kept]
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise refuse(place, _NOT_EMPTY, "0 lines")
    lines, numbers = lines[start:], numbers[start:]
    sign = _delimiter(lines[0], ending, source, place)
    if '"' not in text:
        header, cells = _plain(lines, sign)
        if cells is not None:
            names = _names(header, place)
            return _grid(names, cells, numbers[1:], [None], place)
    rows, numbers = _split(lines, numbers, sign, place)
    names = _names(rows[0], place)
    rows, numbers, outcomes = _even(len(names), rows[1:], numbers[1:], place)
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    cells = pl.DataFrame([pl.Series(str(n), one, pl.String) for n, one in enumerate(columns)])
    return _grid(names, cells, numbers, outcomes, place)


_NOT_EMPTY = Rule(
    "The file holds a table: a line of column names, then one line for each record.",
    "Export the table again; this file is empty.",
)


def _decode(data: bytes, encoding: str, place: Place) -> str:
    if data.startswith(_OTHER_KINDS):
        rule = Rule(
            "The file is text, as its ending says.",
            "Export the table as CSV, or give the file the ending of its kind.",
        )
        raise refuse(place, rule, "another kind of file")
    if data.startswith(_BYTE_ORDER_MARK):
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    raise refuse(place, wrong_encoding(encoding, place), "the first character that differs", [line])


def _delimiter(header: str, ending: str, source: TableSource, place: Place) -> str:
    expected = source.delimiter or _DEFAULT[ending]
    other = max(_SIGNS, key=lambda name: header.count(_SIGNS[name]))
    ours, theirs = header.count(_SIGNS[expected]), header.count(_SIGNS[other])
    if theirs <= ours or (source.delimiter and ours):
        return _SIGNS[expected]
    rule = Rule(
        f"The columns are divided by {_PLURAL[expected]}.",
        f"The columns are divided by {_PLURAL[other]}; write delimiter: {other} under "
        f"{place.at()}.",
    )
    raise refuse(place, rule, f"{_PLURAL[other]} in the line of column names")


def _names(header: Sequence[str], place: Place) -> list[str]:
    names = [tidy_name(name) for name in header]
    check_names(names, place)
    return names


def _plain(lines: Sequence[str], sign: str) -> tuple[list[str], pl.DataFrame | None]:
    """Return header and cells of text without quotation marks; None where lines are uneven.

    This is ten times faster than reading field by field, which uneven lines need to be told.
    """
    header = lines[0].rstrip("\r\n").split(sign)
    if {line.count(sign) for line in lines} != {len(header) - 1} or len(header) == 1:
        return header, None
    fields = pl.Series(lines[1:], dtype=pl.String).str.strip_chars_end("\r\n")
    names = [str(n) for n in range(len(header))]
    split = fields.str.split_exact(sign, len(header) - 1).struct.rename_fields(names)
    return header, split.struct.unnest()


def _split(
    lines: Sequence[str], numbers: Sequence[int], sign: str, place: Place
) -> tuple[list[list[str]], list[int]]:
    """Return the fields of each record and the line on which it begins."""
    reader = csv.reader(lines, delimiter=sign, strict=True)
    begins: list[int] = []
    rows: list[list[str]] = []
    ended = 0
    try:
        rows = list(reader)
        if len(rows) == len(lines):
            begins = list(numbers)
        else:
            reader = csv.reader(lines, delimiter=sign, strict=True)
            for _ in reader:
                begins.append(numbers[ended])
                ended = reader.line_num
    except csv.Error:
        failed = numbers[min(reader.line_num, len(numbers)) - 1]
        rule = Rule(
            "Text in quotation marks is closed, and is followed by a delimiter.",
            "Close the quotation mark, or write a quotation mark inside text twice.",
        )
        raise refuse(place, rule, "reading ended before the end of the file", [failed]) from None
    kept = [i for i, row in enumerate(rows) if row]
    return [rows[i] for i in kept], [begins[i] for i in kept]


def _grid(
    names: Sequence[str],
    cells: pl.DataFrame,
    numbers: Sequence[int],
    outcomes: Sequence[Outcome],
    place: Place,
) -> Grid:
    unnamed = [f"__unnamed_{i}__" for i, name in enumerate(names) if not name]
    blanks = iter(unnamed)
    cells.columns = [name or next(blanks) for name in names]
    frame = cells.insert_column(0, pl.Series(ROW, numbers, pl.UInt32))
    if unnamed:
        frame = frame.with_columns(
            pl.when(pl.col(unnamed).str.strip_chars() != "").then(pl.col(unnamed)).name.keep()
        )
    grid = drop_unnamed(frame, unnamed, place)
    return Grid(grid.frame, (*outcomes, *grid.outcomes), complete=not any(outcomes))


def _even(
    width: int, rows: list[list[str]], numbers: list[int], place: Place
) -> tuple[list[list[str]], list[int], list[Outcome]]:
    """Keep the rows that have a field for each column; report the others."""
    if set(map(len, rows)) <= {width}:
        return rows, numbers, [None]
    rows = [row[:width] if len(row) > width and not any(row[width:]) else row for row in rows]
    uneven = [i for i, row in enumerate(rows) if len(row) != width]
    if not uneven:
        return rows, numbers, [None]
    few = sum(len(rows[i]) < width for i in uneven)
    parts = [f"{few} with too few"] * (few > 0)
    parts += [f"{len(uneven) - few} with too many"] * (len(uneven) > few)
    rule = Rule(
        f"Each line has as many fields as the line of column names: {width}.",
        "Add or remove delimiters, and put text that holds a delimiter in quotation marks.",
    )
    found = f"{len(uneven)} of {counted(len(rows), 'line')}: {', '.join(parts)}"
    problem = about_file(place, rule, found, [numbers[i] for i in uneven])
    left = set(uneven)
    kept = [i for i in range(len(rows)) if i not in left]
    return [rows[i] for i in kept], [numbers[i] for i in kept], [problem]
