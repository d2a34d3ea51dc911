"""Collected tables as ``docs/datasets.md`` describes them, small enough to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.protocol.model import Protocol

ENGINES = pytest.mark.parametrize("engine", ["polars", "duckdb"])

ANLOTINIB = {
    "id": "anlotinib",
    "drug": "Anlotinib",
    "dose": {"amount": 12, "unit": "mg"},
    "schedule": {"first_day": 1, "last_day": 14, "cycle_days": 21},
}
LENVATINIB = {
    "id": "lenvatinib",
    "drug": "Lenvatinib",
    "dose_by_weight": [
        {"below": 60, "dose": {"amount": 8, "unit": "mg"}},
        {"at_least": 60, "dose": {"amount": 12, "unit": "mg"}},
    ],
    "schedule": {"first_day": 1, "last_day": 28, "cycle_days": 28},
}
SORAFENIB = {
    "id": "sorafenib",
    "drug": "Sorafenib",
    "dose": {"amount": 400, "unit": "mg"},
    "schedule": {"first_day": 1, "last_day": 28, "cycle_days": 28, "per_day": 2},
}


def protocol(**parts: Any) -> Protocol:
    base: dict[str, Any] = {
        "study": {"id": "S", "title": "T"},
        "data": {"tables": {"ADSL": {"file": "adsl.csv"}}},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "variables": [{"id": "age", "label": "Age", "column": "AGE", "kind": "measured"}],
        "treatments": [ANLOTINIB, LENVATINIB, SORAFENIB],
        "adverse_events": {"version": "5.0", "follow_up_days": 30},
        "analyses": [{"kind": "baseline", "id": "b", "set": "full", "variables": ["age"]}],
    }
    return Protocol.model_validate({**base, **parts})


def parsed(frame: pl.DataFrame) -> pl.DataFrame:
    """Put --DT and --DTP beside each --DTC."""
    for name in [one for one in frame.columns if one.endswith("DTC")]:
        text = pl.col(name).cast(pl.String).str.slice(0, 10)
        size = text.str.len_chars()
        first = (
            pl.when(size == 10)
            .then(text)
            .when(size == 7)
            .then(text + "-01")
            .when(size == 4)
            .then(text + "-01-01")
        )
        exact = (
            pl.when(size == 10)
            .then(pl.lit("D"))
            .when(size == 7)
            .then(pl.lit("M"))
            .when(size == 4)
            .then(pl.lit("Y"))
        )
        stem = name.removesuffix("C")
        frame = frame.with_columns(
            first.str.to_date("%Y-%m-%d").alias(stem), exact.alias(f"{stem}P")
        )
    return frame


def table(columns: str, rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Return a collected table from its column names and rows."""
    names = columns.split()
    frame = pl.DataFrame(
        [dict(zip(names, row, strict=True)) for row in rows], infer_schema_length=None
    )
    empty = [name for name, kind in frame.schema.items() if kind == pl.Null]
    return parsed(frame.with_columns(pl.col(name).cast(pl.String) for name in empty))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def subjects(*rows: tuple[Any, ...], extra: str = "") -> pl.DataFrame:
    """Return ADSL from subject, first and last dose, and further columns."""
    names = ["USUBJID", "TRTSDT", "TRTEDT", *extra.split()]
    records = [(one[0], day(one[1]), day(one[2]), *one[3:]) for one in rows]
    dates = {"USUBJID": pl.String, "TRTSDT": pl.Date, "TRTEDT": pl.Date}
    return pl.DataFrame(records, schema=names, orient="row", schema_overrides=dates)


def on_both(frames: Sequence[pl.DataFrame], engine: str) -> list[Any]:
    """Return frames of one connection."""
    if engine == "polars":
        return [nw.from_native(frame.lazy()) for frame in frames]
    connection = duckdb.connect()
    return [nw.from_native(connection.from_arrow(frame.to_arrow())) for frame in frames]


def derived(derive: Callable[..., Any], engine: str, *frames: pl.DataFrame, **more: Any) -> Any:
    """Return what a derivation gives on an engine, as a Polars frame."""
    plan = more.pop("plan", protocol())
    result = derive(plan, *on_both(frames, engine))
    return result.collect(backend="polars").to_native()
