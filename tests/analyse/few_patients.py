"""Patients few enough to count by hand, and their rows as text that stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from hepatica.analyse import analyse
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

ALL = ""


def plan(analysis: Mapping[str, Any], *tables: str, **parts: Any) -> Protocol:
    """Return a protocol of two arms with one analysis, ``one``, of the patients in the set."""
    base: dict[str, Any] = {
        "study": {"id": "HAND", "title": "By hand"},
        "data": {"tables": {name: {"file": f"{name.lower()}.csv"} for name in tables}},
        "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
        "analysis_sets": [{"id": "full", "label": "Full analysis set", "flag": "FASFL"}],
        "analyses": [{"id": "one", "set": "full", **analysis}],
    }
    return Protocol.model_validate(base | parts)


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def frame(columns: str, *rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return a dataset from its columns and records; a column that ends in DT holds dates."""
    names = columns.split()
    kinds: dict[str, Any] = {name: pl.Date for name in names if name.endswith("DT")}
    texts: dict[str, Any] = {
        name: pl.String
        for at, name in enumerate(names)
        if name not in kinds and all(row[at] is None or isinstance(row[at], str) for row in rows)
    }
    records = [
        tuple(
            day(value) if name in kinds else value for name, value in zip(names, row, strict=True)
        )
        for row in rows
    ]
    return pl.DataFrame(records, schema=names, orient="row", schema_overrides=kinds | texts)


def carried_out(protocol: Protocol, **datasets: pl.DataFrame) -> Results:
    """Return the rows of the analysis; those it needs enrolled get their flag."""
    adsl = datasets["ADSL"]
    if "ENRLFL" not in adsl.columns:
        adsl = adsl.with_columns(pl.lit("Y").alias("ENRLFL"))
    return analyse(protocol, datasets | {"ADSL": adsl})


def failure(rows: Results) -> str:
    (row,) = rows.where(analysis="one", statistic="analysis")
    assert row.status == "failed"
    return row.message


def counts(rows: Results, variable: str, parameter: str = "") -> dict[str, list[str]]:
    """Return each level with ``n/denominator percent`` in A, B and all patients."""
    found = rows.where(analysis="one", variable=variable, parameter=parameter)
    levels = dict.fromkeys(
        one.variable_level for one in found if one.statistic == "n" and one.denominator is not None
    )
    return {level: [_text(found, level, group) for group in ("A", "B", ALL)] for level in levels}


def _text(rows: list[ResultRow], level: str, group: str) -> str:
    mine = [one for one in rows if (one.variable_level, one.level) == (level, group)]
    (n,) = [one for one in mine if one.statistic == "n"]
    (percent,) = [one for one in mine if one.statistic == "percent"]
    assert n.denominator == percent.denominator
    assert n.group == ("arm" if group else "")
    share = "NE" if percent.value is None else f"{percent.value:g}"
    assert (percent.status == "ok") == (percent.value is not None)
    return f"{n.value:g}/{n.denominator} {share}"
