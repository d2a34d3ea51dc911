"""Conditions of the protocol as Narwhals expressions, for every engine.

Logic is Kleene's: a comparison with a missing value is unknown, ``not`` of unknown is unknown,
``all`` is false when one part is false, ``any`` is true when one part is true.

Comparisons are tolerant where what was meant is beyond doubt: a number matches text that spells
it, text that spells a number matches the number, and a date is written as ISO 8601.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.errors import AnalysisError
from hepatica.protocol.conditions import All, AnyOf, Bound, Condition, Not, OneOf

_TRUE = ("true", "True", "TRUE", "Y", "1")
_FALSE = ("false", "False", "FALSE", "N", "0")


def condition_expr(condition: Condition, columns: Mapping[str, Any]) -> nw.Expr:
    """Return a condition as an expression that is true, false or null (unknown).

    Parameters
    ----------
    condition : Condition
        A condition of the protocol.
    columns : mapping of str to Narwhals data type
        Schema of the frame, for example ``frame.collect_schema()``.

    Returns
    -------
    narwhals.Expr
        Boolean, one value for each row.

    Raises
    ------
    AnalysisError
        If a column is not in the frame, or cannot be compared with the literal.

    Examples
    --------
    >>> import polars as pl
    >>> from hepatica.protocol.conditions import parse_condition
    >>> frame = nw.from_native(pl.DataFrame({"AGE": [17, 64, None]}))
    >>> adult = condition_expr(parse_condition({"AGE": {"ge": 18}}), frame.schema)
    >>> frame.select(adult.alias("adult"))["adult"].to_list()
    [False, True, None]
    """
    match condition:
        case OneOf(column=column, values=values):
            return _one_of(column, _dtype(column, columns), values)
        case Bound(column=column, operator=operator, value=value):
            return _bound(column, _dtype(column, columns), operator, value)
        case All(parts=parts):
            each = [condition_expr(part, columns) for part in parts]
            return nw.all_horizontal(*each, ignore_nulls=False)
        case AnyOf(parts=parts):
            each = [condition_expr(part, columns) for part in parts]
            return nw.any_horizontal(*each, ignore_nulls=False)
        case Not(part=part):
            return ~condition_expr(part, columns)


def is_match(condition: Condition, columns: Mapping[str, Any]) -> nw.Expr:
    """Return a condition as an expression that is true or false: unknown is no match.

    Examples
    --------
    >>> import polars as pl
    >>> from hepatica.protocol.conditions import parse_condition
    >>> frame = nw.from_native(pl.DataFrame({"SEX": ["F", None, "M"]}))
    >>> frame.filter(is_match(parse_condition({"SEX": "F"}), frame.schema)).shape
    (1, 1)
    """
    return condition_expr(condition, columns).fill_null(value=False)


def _dtype(column: str, columns: Mapping[str, Any]) -> Any:
    if column not in columns:
        message = f"The column {column} that a condition reads is not in the data."
        raise AnalysisError(message)
    return columns[column]


def _one_of(column: str, dtype: Any, values: tuple[Any, ...]) -> nw.Expr:
    wanted = _literals(dtype, [value for value in values if value is not None])
    empty = nw.col(column).is_null()
    known = nw.when(~empty)
    equal = known.then(nw.col(column).is_in(wanted)) if wanted else known.then(nw.lit(value=False))
    if None not in values:
        return equal
    return empty | equal.fill_null(value=False)


def _literals(dtype: Any, values: list[Any]) -> list[Any]:
    """Return the values in the type of the column; those that it cannot hold are left out."""
    if dtype == nw.String or isinstance(dtype, nw.Categorical | nw.Enum):
        return list(dict.fromkeys(text for value in values for text in _spellings(value)))
    if dtype == nw.Boolean:
        return [flag for value in values if (flag := _flag(value)) is not None]
    if dtype.is_numeric():
        numbers = [float(value) for value in values if _is_number(value)]
        return [int(one) for one in numbers if one.is_integer()] if dtype.is_integer() else numbers
    if dtype == nw.Date:
        return [day for value in values if (day := _day(value)) is not None]
    return []


def _spellings(value: Any) -> list[str]:
    if isinstance(value, bool):
        return list(_TRUE[:3] if value else _FALSE[:3])
    if isinstance(value, int | float) and float(value).is_integer():
        return [str(int(value)), f"{int(value)}.0"]
    return [str(value)]


def _flag(value: Any) -> bool | None:
    if str(value) in _TRUE or value == 1:
        return True
    return False if str(value) in _FALSE or value == 0 else None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _bound(column: str, dtype: Any, operator: str, value: Any) -> nw.Expr:
    limit = _limit(column, dtype, value)
    field = nw.col(column)
    compared: dict[str, nw.Expr] = {
        "ge": field >= limit,
        "gt": field > limit,
        "le": field <= limit,
        "lt": field < limit,
    }
    return compared[operator]


def _limit(column: str, dtype: Any, value: Any) -> Any:
    """Return a bound in the type of the column."""
    day = _day(value) if isinstance(value, str) else None
    if dtype.is_numeric() and _is_number(value):
        return float(value)
    if dtype == nw.Date and day is not None:
        return day
    if isinstance(dtype, nw.Datetime) and day is not None:
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - site-local, as recorded
    if dtype == nw.String and day is not None:
        return day.isoformat()
    message = f"The column {column} cannot be compared with the bound of a condition."
    raise AnalysisError(message)
