"""A condition written in one line, as a command takes it: ``COLUMN OP LITERAL``.

The text becomes the same value that a mapping of ``study.yaml`` becomes. Nothing is evaluated.
"""

from __future__ import annotations

import re

from hepatica.protocol.conditions import Condition, ConditionError, parse_condition

_FORM = re.compile(r"(?P<column>[^=!<>]+?)\s*(?P<op>==|!=|>=|<=|=|>|<)\s*(?P<literal>[^=!<>]+)")
_BOUNDS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_TAUGHT = (
    "A condition is written COLUMN OP LITERAL, such as CNSR==0 or STATUS=='DEAD'; OP is ==, !=, "
    ">=, <=, > or <."
)


def condition_from_text(text: str) -> Condition:
    """Return the condition that one comparison stands for.

    Parameters
    ----------
    text : str
        Column, operator and literal: a number, a word (in quotation marks where it could be taken
        for a number), a date such as 2019-12-18, ``true``, ``false`` or ``null``.

    Raises
    ------
    ConditionError
        If it is anything else.

    Examples
    --------
    >>> condition_from_text("CNSR==0")
    OneOf(column='CNSR', values=(0,))
    >>> condition_from_text("AGE >= 18")
    Bound(column='AGE', operator='ge', value=18)
    >>> condition_from_text("STATUS != 'ALIVE'")
    Not(part=OneOf(column='STATUS', values=('ALIVE',)))
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ConditionError([((), _TAUGHT)])
    column, operator = found["column"].strip(), found["op"]
    literal = _literal(found["literal"].strip())
    if operator in _BOUNDS:
        return parse_condition({column: {_BOUNDS[operator]: literal}})
    equal = {column: literal}
    return parse_condition({"not": equal} if operator == "!=" else equal)


def _literal(text: str) -> str | int | float | bool | None:
    for sign in ("'", '"'):
        if len(text) > 1 and text.startswith(sign) and text.endswith(sign):
            return text[1:-1]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
