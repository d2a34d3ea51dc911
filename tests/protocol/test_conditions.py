"""Conditions as data: what is written is what is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepatica.protocol.conditions import (
    All,
    AnyOf,
    Bound,
    Condition,
    ConditionError,
    Not,
    OneOf,
    condition_columns,
    condition_mapping,
    parse_condition,
)

COLUMNS = st.sampled_from(["AGE", "SEX", "STAGE", "OS_STATUS", "ge", "NO"])
NUMBERS = st.integers(-1000, 1000) | st.floats(allow_nan=False, allow_infinity=False)
LITERALS = st.none() | st.booleans() | NUMBERS | st.text(max_size=8)
BOUNDS = NUMBERS | st.dates().map(lambda day: day.isoformat())
LEAVES = st.builds(
    OneOf, COLUMNS, st.lists(LITERALS, min_size=1, max_size=4).map(tuple)
) | st.builds(Bound, COLUMNS, st.sampled_from(["ge", "gt", "le", "lt"]), BOUNDS)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(Not, inner)
    ),
    max_leaves=8,
)


@given(CONDITIONS)
def test_a_condition_reads_back_from_its_mapping(condition: Condition) -> None:
    assert parse_condition(condition_mapping(condition)) == condition


@given(CONDITIONS)
def test_each_column_is_named_once(condition: Condition) -> None:
    columns = condition_columns(condition)
    assert len(set(columns)) == len(columns) > 0


def test_what_is_written_beside_each_other_must_all_hold() -> None:
    assert parse_condition({"AGE": {"ge": 18, "lt": 75}, "SEX": "F"}) == All(
        (
            All((Bound("AGE", "ge", 18), Bound("AGE", "lt", 75))),
            OneOf("SEX", ("F",)),
        )
    )


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        "AGE > 3",
        {"AGE": {"ge": float("nan")}},
        {"AGE": {"ge": True}},
        {"AGE": {"ge": None}},
        {"DTHDT": {"le": "2019-02-30"}},
        {"DTHDT": {"le": "2019-02-01\n"}},
        {"AGE": {"between": [1, 2]}},
        {"all": []},
        {"any": {"AGE": 1}},
        {"not": [{"AGE": 1}]},
        {"": 1},
        {"AGE": [[1]]},
        {"AGE": []},
        {"__import__('os')": {"x": "system('true')"}},
    ],
)
def test_what_is_no_condition_is_refused(value: object) -> None:
    with pytest.raises(ConditionError):
        parse_condition(value)
