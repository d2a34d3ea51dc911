"""Rows of a collected domain in order: by subject and start, numbered, with dates as text."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from hepatica.simulate.draw import iso, numbered
from hepatica.simulate.rebuild.time_line import TimeLine

Row = dict[str, object]


def numbered_rows(
    rows: Sequence[Row], every: Sequence[TimeLine], domain: str, columns: Sequence[str]
) -> pl.DataFrame:
    """Return rows sorted by subject and day, with --SEQ and dates as ISO 8601 text.

    Parameters
    ----------
    rows : sequence of dict
        With USUBJID, and day numbers under ``start`` and, where there is one, ``end``.
    every : sequence of TimeLine
        Patients in the order of the table.
    domain : str
        Two letters; dates become ``--STDTC`` and ``--ENDTC``.
    columns : sequence of str
        Columns of the table without USUBJID, --SEQ and dates.
    """
    place = {one.name: at for at, one in enumerate(every)}
    ordered = sorted(rows, key=lambda row: (place[str(row["USUBJID"])], int(str(row["start"]))))
    owner = pl.Series([place[str(row["USUBJID"])] for row in ordered], dtype=pl.Int64)
    table = {
        "USUBJID": pl.Series([row["USUBJID"] for row in ordered], dtype=pl.String),
        f"{domain}SEQ": pl.Series(numbered(owner.to_numpy()), dtype=pl.Int64),
    }
    for name in columns:
        table[name] = pl.Series([row.get(name) for row in ordered], dtype=pl.String)
    for key, name in (("start", "STDTC"), ("end", "ENDTC")):
        if all(key in row for row in ordered):
            days = pl.Series([row[key] for row in ordered], dtype=pl.Int64)
            table[domain + name] = iso(days.to_numpy())
    return pl.DataFrame({name: column.alias(name) for name, column in table.items()})
