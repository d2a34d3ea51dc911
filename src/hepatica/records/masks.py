"""Conditions and words of the protocol as truth values over the rows of a table."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.errors import AnalysisError
from hepatica.protocol.conditions import Condition
from hepatica.protocol.model import Protocol
from hepatica.records.conditions import is_match


def matching(frame: pl.DataFrame, condition: Condition) -> pl.Series | None:
    """Return which rows match; None when a column is missing, which is told elsewhere."""
    framed = nw.from_native(frame, eager_only=True)
    try:
        expression = is_match(condition, framed.schema)
    except AnalysisError:
        return None
    match: pl.Series = framed.select(match=expression).get_column("match").to_native()
    return match


def nowhere(frame: pl.DataFrame) -> pl.Series:
    """Return False for each row."""
    return pl.Series([False]).new_from_index(0, frame.height)


def screening_failures(protocol: Protocol, frame: pl.DataFrame) -> pl.Series:
    """Return which subjects were screened but not enrolled."""
    if protocol.screening is None:
        return nowhere(frame)
    failed = matching(frame, protocol.screening.failure)
    return nowhere(frame) if failed is None else failed
