"""Conditions and words of the protocol as truth values over the rows of a table."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.errors import AnalysisError
from hepatica.protocol.conditions import Condition
from hepatica.protocol.model import Protocol
from hepatica.records.conditions import is_match
from hepatica.records.eligibility import is_ineligible, screened_criteria


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
    """Return which subjects were screened but not enrolled.

    Collected domains tell who was randomised or treated, and so enrolled although a criterion is
    not met; there, criteria make no failure.
    """
    failed = nowhere(frame)
    if "DM" not in protocol.data.tables:
        failed = failed | ineligible(protocol, frame)
    if protocol.screening is not None:
        recorded = matching(frame, protocol.screening.failure)
        failed = failed if recorded is None else failed | recorded
    return failed


def ineligible(protocol: Protocol, frame: pl.DataFrame) -> pl.Series:
    """Return which subjects fail a criterion whose columns are there and can be compared."""
    framed = nw.from_native(frame, eager_only=True)
    failed = nowhere(frame)
    for criterion in screened_criteria(protocol.eligibility, framed.schema):
        try:
            expression = is_ineligible([criterion], framed.schema)
        except AnalysisError:
            continue
        failed = failed | framed.select(failed=expression).get_column("failed").to_native()
    return failed
