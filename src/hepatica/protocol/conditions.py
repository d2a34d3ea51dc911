"""Conditions on recorded values, as data. Nothing is ever evaluated as code.

In ``study.yaml`` a condition is a mapping of column to a value, a list of values, or bounds, and
conditions are joined by ``all``, ``any`` and ``not``::

    {SAFFL: Y}
    {AGE: {ge: 18, lt: 75}}
    {any: [{STAGE: [B, C]}, {not: {AFP: null}}]}

``null`` means a missing value. A comparison with a missing value is unknown, and an unknown
condition is no match.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator

from hepatica.protocol.base import Literal_, is_day

Operator = Literal["ge", "gt", "le", "lt"]
_OPERATORS = ("ge", "gt", "le", "lt")


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column holds one of the values; ``None`` among them matches a missing value."""

    column: str
    values: tuple[Literal_, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """The column compares with a number, or with a date written as ISO 8601."""

    column: str
    operator: Operator
    value: float | int | str


@dataclass(frozen=True, slots=True)
class All:
    """Every part matches."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part matches."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is known and does not match."""

    part: Condition


Condition = OneOf | Bound | All | AnyOf | Not


class ConditionError(ValueError):
    """A mapping is not a condition; ``faults`` holds each place within it and what is allowed."""

    def __init__(self, faults: Sequence[tuple[tuple[str | int, ...], str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(message for _, message in self.faults))


def parse_condition(value: Any) -> Condition:
    """Return the condition that a mapping of ``study.yaml`` stands for.

    Parameters
    ----------
    value : mapping or Condition
        As described at the top of this module.

    Returns
    -------
    Condition
        A frozen tree.

    Raises
    ------
    ConditionError
        If it is not such a mapping; the message says what is allowed.

    Examples
    --------
    >>> parse_condition({"AGE": {"ge": 18}})
    Bound(column='AGE', operator='ge', value=18)
    """
    if isinstance(value, OneOf | Bound | All | AnyOf | Not):
        return value
    faults = tuple(_faults(value, ()))
    if faults:
        raise ConditionError(faults)
    return _parsed(value)


def _parsed(value: Mapping[str, Any]) -> Condition:
    parts = tuple(_parsed_entry(str(key), entry) for key, entry in value.items())
    return parts[0] if len(parts) == 1 else All(parts)


def _parsed_entry(key: str, entry: Any) -> Condition:
    if key in ("all", "any"):
        parts = tuple(_parsed(part) for part in entry)
        return All(parts) if key == "all" else AnyOf(parts)
    if key == "not":
        return Not(_parsed(entry))
    if isinstance(entry, Mapping):
        bounds = tuple(Bound(key, operator, bound) for operator, bound in entry.items())
        return bounds[0] if len(bounds) == 1 else All(bounds)
    return OneOf(key, tuple(entry) if isinstance(entry, list | tuple) else (entry,))


_Fault = tuple[tuple[str | int, ...], str]


def _faults(value: Any, steps: tuple[str | int, ...]) -> Iterator[_Fault]:
    if not isinstance(value, Mapping) or not value:
        yield steps, "A condition is a mapping of column to a value, a list, or {ge, gt, le, lt}."
        return
    for name, entry in value.items():
        key = str(name)
        if key in ("all", "any"):
            yield from _joined_faults(key, entry, (*steps, key))
        elif key == "not":
            yield from _faults(entry, (*steps, key))
        elif isinstance(entry, Mapping):
            yield from _bound_faults(key, entry, (*steps, key))
        else:
            yield from _value_faults(key, entry, (*steps, key))


def _joined_faults(key: str, entry: Any, steps: tuple[str | int, ...]) -> Iterator[_Fault]:
    if not isinstance(entry, list | tuple) or not entry:
        yield (
            steps,
            f"'{key}' takes a list of conditions, such as [{{SEX: F}}, {{AGE: {{ge: 65}}}}].",
        )
        return
    for position, part in enumerate(entry):
        yield from _faults(part, (*steps, position))


def _value_faults(column: str, entry: Any, steps: tuple[str | int, ...]) -> Iterator[_Fault]:
    values = entry if isinstance(entry, list | tuple) else (entry,)
    if not column.strip():
        yield steps, "The name of the column is missing."
    elif not values:
        yield steps, f"{column}: the list is empty; at least one value is needed."
    elif not all(one is None or isinstance(one, str | bool | int | float) for one in values):
        yield steps, f"{column}: the values of a condition are words, numbers or null."


def _bound_faults(
    column: str, bounds: Mapping[str, Any], steps: tuple[str | int, ...]
) -> Iterator[_Fault]:
    if not bounds:
        yield steps, f"{column}: bounds are ge, gt, le and lt; none is given."
    for name, bound in bounds.items():
        if name not in _OPERATORS:
            yield (*steps, str(name)), f"{column}: bounds are ge, gt, le and lt, not {name}."
        elif not _is_bound(bound):
            message = f"{column}: a bound is a number, or a date such as 2019-12-18."
            yield (*steps, str(name)), message


def _is_bound(bound: Any) -> bool:
    if isinstance(bound, bool):
        return False
    if isinstance(bound, int | float):
        return math.isfinite(bound)
    return isinstance(bound, str) and is_day(bound)


def condition_columns(condition: Condition) -> tuple[str, ...]:
    """Return the columns that a condition reads, each once, in order.

    Examples
    --------
    >>> condition_columns(parse_condition({"any": [{"A": 1}, {"not": {"B": None}}]}))
    ('A', 'B')
    """
    match condition:
        case OneOf(column=column) | Bound(column=column):
            return (column,)
        case All(parts=parts) | AnyOf(parts=parts):
            return tuple(dict.fromkeys(name for part in parts for name in condition_columns(part)))
        case Not(part=part):
            return condition_columns(part)


def condition_mapping(condition: Condition) -> dict[str, Any]:
    """Return the mapping that `parse_condition` reads back to the same condition.

    Examples
    --------
    >>> condition_mapping(parse_condition({"AGE": {"ge": 18}, "SEX": "M"}))
    {'all': [{'AGE': {'ge': 18}}, {'SEX': 'M'}]}
    """
    match condition:
        case OneOf(column=column, values=values):
            return {column: values[0] if len(values) == 1 else list(values)}
        case Bound(column=column, operator=operator, value=value):
            return {column: {operator: value}}
        case All(parts=parts):
            return {"all": [condition_mapping(part) for part in parts]}
        case AnyOf(parts=parts):
            return {"any": [condition_mapping(part) for part in parts]}
        case Not(part=part):
            return {"not": condition_mapping(part)}


#: A condition as a field of the protocol.
Where = Annotated[
    Condition,
    PlainValidator(parse_condition),
    PlainSerializer(condition_mapping, return_type=dict),
]
