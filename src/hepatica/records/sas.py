"""Reading SAS data: transport files (XPT, version 5 and 8) and sas7bdat."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pyreadstat

from hepatica.errors import counted
from hepatica.records.findings import ROW, Place, Rule
from hepatica.records.grid import Grid, check_names, refuse, tidy_name, wrong_encoding
from hepatica.records.transport import is_transport, is_whole_transport, tables_in_transport

_SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160")
_DATETIME = re.compile(r"^(DATETIME|E8601DT|B8601DT|DATEAMPM|NLDATM|MDYAMPM)")
_DATE = re.compile(
    r"^(DATE|YYMMDD|MMDDYY|DDMMYY|E8601DA|B8601DA|WORDDAT|WEEKDAT|JULIAN|NLDATE|MONYY)"
)
_EPOCH = pl.date(1960, 1, 1)


def read_transport(data: bytes, path: Path, encoding: str, place: Place) -> Grid:
    """Read a SAS transport file.

    Parameters
    ----------
    data : bytes
        The file.
    path : Path
        The same file, for the reader.
    encoding : str
        Encoding of text, as in the protocol.
    place : Place
        For messages.

    Raises
    ------
    Unreadable
        If the file is of another kind, or is cut off.
    """
    if not is_transport(data):
        rule = Rule(
            "The file is a SAS transport file, as its ending says.",
            "Export the table as XPT version 5 or 8, or give the file the ending of its kind.",
        )
        raise refuse(place, rule, "another kind of file")
    if not is_whole_transport(data):
        raise refuse(place, _WHOLE, "the last record is cut off")
    if tables_in_transport(data) > 1:
        rule = Rule(
            "The transport file holds one table.", "Export each table as a file of its own."
        )
        raise refuse(place, rule, counted(tables_in_transport(data), "table"))
    return _read(pyreadstat.read_xport, path, encoding, place)


def read_sas7bdat(data: bytes, path: Path, encoding: str, place: Place) -> Grid:
    """Read a SAS data set.

    Parameters
    ----------
    data : bytes
        The file.
    path : Path
        The same file, for the reader.
    encoding : str
        Encoding of text where it is not that of the file, as in the protocol.
    place : Place
        For messages.

    Raises
    ------
    Unreadable
        If the file is of another kind, or is cut off.
    """
    if not data.startswith(_SAS7BDAT):
        rule = Rule(
            "The file is a SAS data set, as its ending says.",
            "Export the table again, or give the file the ending of its kind.",
        )
        raise refuse(place, rule, "another kind of file")
    return _read(pyreadstat.read_sas7bdat, path, encoding, place)


_WHOLE = Rule("The file is whole.", "Copy or export the file again; its end is missing.")


_ENCODINGS = {"latin-1": "LATIN1", "gb18030": "GB18030"}


def _read(reader: object, path: Path, encoding: str, place: Place) -> Grid:
    # The library raises its own errors as well as Python's, and their text may quote values.
    try:
        columns, metadata = reader(  # type: ignore[operator]
            str(path),
            output_format="dict",
            disable_datetime_conversion=True,
            encoding=_ENCODINGS.get(encoding),
        )
    except UnicodeDecodeError:
        raise refuse(place, wrong_encoding(encoding, place), "another encoding") from None
    except Exception:  # noqa: BLE001
        raise refuse(place, _WHOLE, "reading stopped before the end of the file") from None
    names = [tidy_name(name) for name in columns]
    check_names(names, place)
    series = [
        _typed(pl.Series(name, values, strict=False), metadata.original_variable_types[given])
        for name, (given, values) in zip(names, columns.items(), strict=True)
    ]
    frame = pl.DataFrame(series).with_row_index(ROW, offset=1)
    promised = metadata.number_rows
    if promised is not None and frame.height < promised:
        raise refuse(place, _WHOLE, "fewer records than the file promises")
    return Grid(frame, (None, None), sas_numbers=True)


def _typed(series: pl.Series, sas_format: str | None) -> pl.Series:
    """Give a column with a date format its dates; SAS counts days or seconds from 1960."""
    if not series.dtype.is_numeric() or sas_format is None:
        return series
    name = series.name
    if _DATETIME.match(sas_format):
        return sas_dates(series, in_seconds=True).alias(name)
    if _DATE.match(sas_format):
        return sas_dates(series, in_seconds=False).alias(name)
    return series


def sas_dates(series: pl.Series, *, in_seconds: bool) -> pl.Series:
    """Return calendar dates for SAS date numbers (days) or datetime numbers (seconds).

    Examples
    --------
    >>> sas_dates(pl.Series([21916.0]), in_seconds=False).item()
    datetime.date(2020, 1, 2)
    """
    days = series.cast(pl.Float64).fill_nan(None)
    days = (days / 86_400 if in_seconds else days).floor()
    kept = days.is_between(-138_000, 2_936_000)
    whole = days.set(~kept.fill_null(value=False), None).cast(pl.Int32) - 3_653
    return whole.cast(pl.Date)
