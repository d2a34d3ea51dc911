"""What every part of the protocol shares: frozen, no unknown keys, times in days."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

#: Days in a month, for display only: 365.25 / 12.
DAYS_PER_MONTH = 30.4375

#: What a short name looks like.
ID_PATTERN = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")

_DAYS_IN = {"day": 1.0, "week": 7.0, "month": DAYS_PER_MONTH, "year": 365.25}
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}\Z")
_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s+(day|week|month|year)s?\s*$")


class Frozen(BaseModel):
    """A part of the protocol: frozen, and refusing keys it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False
    )


#: Short name of a part of the protocol, unique among its kind.
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN.pattern)]
#: Name of a column of a dataset.
Column = Annotated[str, StringConstraints(min_length=1)]
#: One line of text.
Text = Annotated[str, StringConstraints(min_length=1)]
#: A literal that a recorded value is compared with.
Literal_ = str | bool | int | float | None


class TimePoint(Frozen):
    """A length of time as the protocol words it, and in days.

    Examples
    --------
    >>> TimePoint.model_validate(TimePoint.parse("12 weeks")).days
    84.0
    """

    text: Text
    days: float

    @staticmethod
    def parse(value: Any) -> Any:
        """Turn ``12 weeks`` into text and days; anything else is left to the model."""
        if not isinstance(value, str):
            return value
        match = _SPAN.match(value)
        if match is not None and float(match[1]) == 0:
            raise ValueError("It has to be longer than 0, for example 1 day.")
        if match is None:
            message = "Write a number and a unit: 84 days, 12 weeks, 6 months or 2 years."
            raise ValueError(message)
        return {"text": value.strip(), "days": float(match[1]) * _DAYS_IN[match[2]]}


def _span(value: object) -> object:
    if isinstance(value, TimePoint):
        return value
    return TimePoint.parse(value if isinstance(value, str) else "")


def _written(span: TimePoint) -> str:
    return span.text


#: A time point written as text in the protocol.
Span = Annotated[TimePoint, BeforeValidator(_span), PlainSerializer(_written, return_type=str)]


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar written as year-month-day.

    Examples
    --------
    >>> is_day("2020-02-29"), is_day("2019-02-29"), is_day("1/2/2019")
    (True, False, False)
    """
    if not _DAY.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _date(value: object) -> object:
    """Take a date as year-month-day only: a number or a time of day is never read as a date."""
    if value is None or type(value) is date:
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        message = "Write a date as year-month-day, for example 2019-12-18."
        raise ValueError(message)
    if not is_day(value):
        message = f"There is no day {value} in the calendar."
        raise ValueError(message)
    return date.fromisoformat(value)


#: A calendar date, written as ISO 8601.
Day = Annotated[date, BeforeValidator(_date)]
