"""Criteria of eligibility as expressions over the records of subjects, for every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.protocol.eligibility import INCLUDED, Criterion
from hepatica.records.conditions import condition_expr


def screened_criteria(
    criteria: Sequence[Criterion], columns: Mapping[str, Any]
) -> tuple[Criterion, ...]:
    """Return the criteria whose condition reads columns that are all there."""
    return tuple(
        one for one in criteria if one.where is not None and set(one.columns) <= set(columns)
    )


def criterion_met(criterion: Criterion, columns: Mapping[str, Any]) -> nw.Expr:
    """Return whether a criterion is met: true, false, or null where it is not known.

    Parameters
    ----------
    criterion : Criterion
        One that has a condition.
    columns : mapping of str to Narwhals data type
        Schema of the records.

    Raises
    ------
    AnalysisError
        If a column is not there, or cannot be compared with a bound.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"AGE": [17, 64, None]}))
    >>> adult = Criterion(id="a", kind="inclusion", text="Adult", where={"AGE": {"ge": 18}})
    >>> minor = Criterion(id="b", kind="exclusion", text="Minor", where={"AGE": {"lt": 18}})
    >>> frame.select(a=criterion_met(adult, frame.schema))["a"].to_list()
    [False, True, None]
    >>> frame.select(b=criterion_met(minor, frame.schema))["b"].to_list()
    [False, True, None]
    """
    if criterion.where is None:
        return nw.lit(None, dtype=nw.Boolean)
    holds = condition_expr(criterion.where, columns)
    return holds if criterion.kind == "inclusion" else ~holds


def is_ineligible(criteria: Sequence[Criterion], columns: Mapping[str, Any]) -> nw.Expr:
    """Return whether a subject fails any of the criteria, true or false.

    A criterion that is not known is failed unless its ``unknown`` says ``included``.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"AGE": [17, 64, None]}))
    >>> adult = Criterion(id="a", kind="inclusion", text="Adult", where={"AGE": {"ge": 18}})
    >>> frame.select(out=is_ineligible([adult], frame.schema))["out"].to_list()
    [True, False, True]
    """
    failed = [_fails(one, columns) for one in criteria if one.where is not None]
    if not failed:
        return nw.lit(value=False)
    return nw.any_horizontal(*failed, ignore_nulls=False)


def first_reason(criteria: Sequence[Criterion], columns: Mapping[str, Any]) -> nw.Expr:
    """Return the reason of the first criterion that a subject fails, null where all are met.

    Parameters
    ----------
    criteria : sequence of Criterion
        In the order of the protocol; those without a condition fail nobody.
    columns : mapping of str to Narwhals data type
        Schema of the records.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"AGE": [17, 64, None]}))
    >>> adult = Criterion(id="a", kind="inclusion", text="Adult", where={"AGE": {"ge": 18}})
    >>> frame.select(why=first_reason([adult], frame.schema))["why"].to_list()
    ['Not met: Adult', None, 'Not known: Adult']
    """
    reason = nw.lit(None, dtype=nw.String)
    for one in reversed(criteria):
        if one.where is None:
            continue
        met = criterion_met(one, columns)
        if one.unknown != INCLUDED:
            reason = nw.when(met.is_null()).then(nw.lit(one.reason_unknown)).otherwise(reason)
        unmet = ~met.fill_null(value=True)
        reason = nw.when(unmet).then(nw.lit(one.reason_unmet)).otherwise(reason)
    return reason


def _fails(criterion: Criterion, columns: Mapping[str, Any]) -> nw.Expr:
    return ~criterion_met(criterion, columns).fill_null(value=criterion.unknown == INCLUDED)
