"""A condition in one line: the same value as a mapping, and nothing evaluated."""

from __future__ import annotations

import pytest

from hepatica.protocol.comparison_text import condition_from_text
from hepatica.protocol.conditions import ConditionError, parse_condition


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("CNSR==0", {"CNSR": 0}),
        (" CNSR = 0 ", {"CNSR": 0}),
        ("CNSR!=1", {"not": {"CNSR": 1}}),
        ("AGE>=18", {"AGE": {"ge": 18}}),
        ("AGE<18.5", {"AGE": {"lt": 18.5}}),
        ("DTHDT<=2019-12-18", {"DTHDT": {"le": "2019-12-18"}}),
        ("STATUS=='0'", {"STATUS": "0"}),
        ('STATUS=="DEAD OF DISEASE"', {"STATUS": "DEAD OF DISEASE"}),
        ("STATUS==DEAD", {"STATUS": "DEAD"}),
        ("DEAD==true", {"DEAD": True}),
        ("DTHDT!=null", {"not": {"DTHDT": None}}),
        ("VITAL STATUS==1", {"VITAL STATUS": 1}),
    ],
)
def test_the_same_value_as_a_mapping(text: str, mapping: dict[str, object]) -> None:
    assert condition_from_text(text) == parse_condition(mapping)


@pytest.mark.parametrize(
    "text",
    ["", "CNSR", "==0", "CNSR==", "CNSR==0==1", "CNSR<>0", "AGE>=old", "AGE>=inf", "f(x)"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        condition_from_text(text)
