"""Time frames of registered outcomes: how often, when, until when, as far as words tell it."""

from __future__ import annotations

import re
from typing import Any

from hepatica.protocol.base import DAYS_PER_MONTH, Frozen

_DAYS_IN = {
    "minute": 1 / 1440,
    "min": 1 / 1440,
    "hour": 1 / 24,
    "hr": 1 / 24,
    "h": 1 / 24,
    "day": 1.0,
    "d": 1.0,
    "week": 7.0,
    "wk": 7.0,
    "month": DAYS_PER_MONTH,
    "mo": DAYS_PER_MONTH,
    "year": 365.25,
    "yr": 365.25,
    "y": 365.25,
}
_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "twelve": "12",
}  # fmt: skip
_UNIT = r"(minute|min|hour|hr|h|day|d|week|wk|month|mo|year|yr|y)s?\b"
_NUMBER = r"(\d+(?:\.\d+)?)"
_TOLERANCE = r"(?:\s*\(?\s*(?:±|\+/-)\s*\d+(?:\.\d+)?\s*\)?)?"
_LENGTH = rf"{_NUMBER}{_TOLERANCE}[\s-]*{_UNIT}"
_LIST = re.compile(
    rf"((?:{_NUMBER}\s*,\s*)+(?:and\s+|or\s+)?|{_NUMBER}\s+(?:and|or)\s+){_NUMBER}[\s-]*{_UNIT}"
)
_RANGE_START = rf"(?:{_NUMBER}\s*(?:-|–|to)\s*)?"
_EVERY = re.compile(rf"\b(?:each|every|per)\s+(?:other\s+)?(?:{_RANGE_START}{_LENGTH}|{_UNIT})")
_UP_TO = re.compile(
    r"\b(?:up to|upto|through(?:out)?|within|until|over|maximum(?: of)?|max\.?|to)\s+"
    rf"(?:(?:a|an|the|approximately|about|first|period of|maximum of|average of)\s+)*{_LENGTH}"
)
_NAMED = re.compile(rf"\b{_UNIT.removesuffix(chr(92) + 'b')}\s*{_NUMBER}\b")
_NAMED_RANGE = re.compile(
    rf"\b(day|week|month|year)s?\s*{_NUMBER}\s*(?:to|-|–|through)\s*"
    rf"(?:(?:day|week|month|year)s?\s*)?{_NUMBER}"
)
_PLAIN = re.compile(_LENGTH)
_UNTIL = re.compile(
    r"\b(progress(?:ion|ive disease)|death|intolera\w+|toxicity|relapse|recurrence|"
    r"end of (?:study|treatment|rehabilitation)|study (?:end|completion)|withdrawal|"
    r"(?:safety )?follow-up visit|discharge)\b"
)


class TimeFrame(Frozen):
    """When an outcome is measured.

    Attributes
    ----------
    text : str
        As registered.
    every : float, optional
        Days between two measurements.
    at : tuple of float
        Days at which it is measured, in order; empty when it is measured over a period.
    up_to : float, optional
        Days until which it is measured.
    until : tuple of str
        Events that end it, as the words say them.
    """

    text: str
    every: float | None = None
    at: tuple[float, ...] = ()
    up_to: float | None = None
    until: tuple[str, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether the words told an interval, days or an end."""
        return self.every is not None or self.up_to is not None or bool(self.at)


def parse_time_frame(text: str) -> TimeFrame:
    """Read a time frame as registries word it.

    Parameters
    ----------
    text : str
        For example ``each 42 days up to progressive disease or death (up to 24 months)``.

    Returns
    -------
    TimeFrame
        What could be read; `TimeFrame.understood` is false when nothing was. Minutes and hours
        are fractions of a day; a month has 30.4375 days.

    Examples
    --------
    >>> frame = parse_time_frame("each 42 days up to PD or death (up to 24 months)")
    >>> frame.every, frame.up_to, frame.until
    (42.0, 730.5, ('death',))
    >>> parse_time_frame("4, 8, and 12 weeks after administration").at
    (28.0, 56.0, 84.0)
    >>> parse_time_frame("On admission").understood
    False
    """
    words = _with_figures(text.lower())
    words, every = _taken(_EVERY, words, _interval)
    words, bounds = _taken(_UP_TO, words, _length)
    words, listed = _taken(_LIST, words, _several)
    words, ranges = _taken(_NAMED_RANGE, words, _range_end)
    words, named = _taken(_NAMED, words, lambda found: float(found[2]) * _DAYS_IN[found[1]])
    _, plain = _taken(_PLAIN, words, _length)
    at = {day for days in listed for day in days} | set(named)
    # Where an end is told outright, other lengths are tolerances or explanations of days.
    ends = bounds or ranges or (plain if not at else [])
    return TimeFrame(
        text=text.strip(),
        every=every[0] if every else None,
        at=tuple(sorted(at)),
        up_to=max(ends) if ends else None,
        until=tuple(dict.fromkeys(_UNTIL.findall(text.lower()))),
    )


def _with_figures(words: str) -> str:
    return re.sub(
        r"\b(" + "|".join(_NUMBER_WORDS) + r")\b(?=\s*-?\s*(?:day|week|month|year|hour))",
        lambda found: _NUMBER_WORDS[found[1]],
        words,
    )


def _taken(pattern: re.Pattern[str], words: str, value: Any) -> tuple[str, list[Any]]:
    """Return the words without what the pattern found, and the values it told."""
    found = [value(one) for one in pattern.finditer(words)]
    return pattern.sub(" ; ", words), found


def _length(found: re.Match[str]) -> float:
    return float(found[1]) * _DAYS_IN[found[2]]


def _interval(found: re.Match[str]) -> float:
    """Return the days between two measurements; the shorter of "every 6 to 8 weeks"."""
    if found[2] is None:
        return _DAYS_IN[found[4]] * (2 if " other " in found[0] else 1)
    return float(found[1] or found[2]) * _DAYS_IN[found[3]]


def _several(found: re.Match[str]) -> tuple[float, ...]:
    unit = _DAYS_IN[found[found.lastindex or 0]]
    return tuple(float(one) * unit for one in re.findall(r"\d+(?:\.\d+)?", found[0]))


def _range_end(found: re.Match[str]) -> float:
    return float(found[3]) * _DAYS_IN[found[1]]
