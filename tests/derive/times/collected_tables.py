"""Collected tables as `records` hands them on, written short or read from the shared data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl

ENGINES = ("polars", "duckdb")


def dated(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the first day allowed and the precision beside each date as written."""
    for column in [one for one in frame.columns if one.endswith("DTC")]:
        text = pl.col(column).cast(pl.String).str.slice(0, 10)
        length = text.str.len_chars()
        whole = (
            pl.when(length == 10)
            .then(text)
            .when(length == 7)
            .then(text + "-01")
            .when(length == 4)
            .then(text + "-01-01")
        )
        exact = (
            pl.when(length == 10)
            .then(pl.lit("D"))
            .when(length == 7)
            .then(pl.lit("M"))
            .when(length == 4)
            .then(pl.lit("Y"))
        )
        stem = column.removesuffix("C")
        frame = frame.with_columns(
            whole.str.to_date("%Y-%m-%d").alias(stem), exact.alias(f"{stem}P")
        )
    return frame


def table(rows: list[dict[str, Any]], *columns: str) -> pl.DataFrame:
    """Return rows as a frame of text, with dates; ``columns`` for those that no row names."""
    names = list(dict.fromkeys([*(name for row in rows for name in row), *columns]))
    numbers = ("SEQ", "DOSE")
    schema = {n: pl.Float64 if n.endswith(numbers) else pl.String for n in names}
    return dated(pl.DataFrame(rows, schema=schema))


def sdtm(shared: Path, *names: str) -> dict[str, pl.DataFrame]:
    """Read domains of the CDISC pilot."""
    return {
        name.split("_")[0].upper(): dated(
            pl.read_parquet(shared / "data" / "cdisc" / "sdtm" / f"{name}.parquet")
        )
        for name in names
    }


def adam(shared: Path, name: str) -> pl.DataFrame:
    """Read a reference analysis dataset, its dates as dates."""
    frame = pl.read_parquet(shared / "data" / "cdisc" / "adam" / f"{name}.parquet")
    text = [one for one in frame.columns if one.endswith("DT") and frame[one].dtype == pl.String]
    return frame.with_columns(pl.col(one).str.to_date("%Y-%m-%d", strict=False) for one in text)


def on_engine(tables: Mapping[str, pl.DataFrame], engine: str) -> dict[str, nw.LazyFrame[Any]]:
    """Return the tables as frames of an engine."""
    if engine == "polars":
        return {name: nw.from_native(one.lazy()) for name, one in tables.items()}
    return {
        name: nw.from_native(duckdb.from_arrow(one.to_arrow())).lazy()
        for name, one in tables.items()
    }


def collected(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return a derived frame in memory."""
    return pl.from_arrow(frame.collect("pyarrow").to_native())
