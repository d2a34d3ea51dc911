"""Reading Parquet."""

from __future__ import annotations

import io

import polars as pl

from hepatica.records.findings import ROW, Place, Rule
from hepatica.records.grid import Grid, check_names, refuse, tidy_name

_MAGIC = b"PAR1"


def read_parquet(data: bytes, place: Place) -> Grid:
    """Read a Parquet file.

    Raises
    ------
    Unreadable
        If the file is of another kind, or is cut off.
    """
    if not data.startswith(_MAGIC):
        rule = Rule(
            "The file is a Parquet file, as its ending says.",
            "Write the table as Parquet, or give the file the ending of its kind.",
        )
        raise refuse(place, rule, "another kind of file")
    whole = Rule("The file is whole.", "Copy or export the file again; its end is missing.")
    if not data.endswith(_MAGIC):
        raise refuse(place, whole, "the end of the file is missing")
    # The engine's own errors include a panic, and their text may quote values.
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (Exception, pl.exceptions.PanicException):  # noqa: BLE001
        raise refuse(place, whole, "reading stopped before the end of the file") from None
    names = [tidy_name(name) for name in frame.columns]
    check_names(names, place)
    frame.columns = names
    return Grid(frame.with_row_index(ROW, offset=1), (None, None))
