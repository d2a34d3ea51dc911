"""Time frames of registered outcomes: how often, when, until when, as far as words tell it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hepatica.protocol.base import Frozen
from hepatica.protocol.registry.time_words import (
    DAYS_BETWEEN,
    DAYS_IN,
    LENGTH,
    NUMBER,
    UNIT,
    regular,
    with_days_for_cycles,
)

_SEPARATOR = r"\s*(?:,\s*(?:and\b|or\b|&)?|/|&|\band\b|\bor\b)\s*"
_SMALL = (
    r"(?:(?:an?|the|approximately|about|around|first|period of|maximum of|average of|mean of)\s+)*"
)
_TO = (
    r"(?:up to|upto|through(?:out)?|within|until|till|over|during|maximum(?: of)?|max\.?|for|to|"
    r"no (?:more|longer) than|not? exceeding|at the end of)"
)
_RANGE_START = rf"(?:{NUMBER}\s*(?:-|to)\s*)?"
_END = (
    r"(?:(?:the|study|study's)\s+)*(?:(?:last|final)\s+(?!patient|subject|participant|enrol)|"
    r"end\b|eot\b|discontinu|stopp|cessation|completion of (?:study )?(?:treatment|therapy|drug)|"
    r"treatment (?:end|discontinu|completion|stop))"
)
_AFTER_END = re.compile(
    rf"(?:{_TO}\s+)?{_SMALL}(?:{LENGTH}|\b(day)s?\s*(?:{NUMBER}\s*(?:-|to)\s*)?{NUMBER})\s*"
    rf"(?:after|following|post|past|from|since|beyond)[\s-]+{_END}"
    rf"|(?:{_TO}\s+)?{_SMALL}{LENGTH}\s+safety\s+(?:follow|visit)"
    rf"|safety visit (?:at|on)\s+{LENGTH}"
)
#: Lengths that do not run from the start of observation, or say no end.
_ELSEWHERE = re.compile(
    rf"{LENGTH}\s*(?:after|following|post|from|since)\s+(?:the\s+)?(?:last|final)\s+"
    rf"(?:patient|subject|participant|enrol)\w*"
    rf"|(?:\bat least|\bminimum(?: of)?|(?<!no )\bmore than|\blonger than|≥|>)\s*{_SMALL}{LENGTH}"
    rf"|{LENGTH}\s+(?:before|prior)"
    rf"|(?:\+|\bplus)\s*{_RANGE_START}{LENGTH}"
    rf"|administ\w+\s+(?:on|at)\s+{UNIT}\s*{_RANGE_START}{NUMBER}"
    rf"|(?:\bonce|\btwice|{NUMBER}\s*(?:times|x))\s+(?:per|an?|each|every|in an?)\s+{UNIT}"
    r"|\b(?:bi-?weekly|bi-?monthly|bi-?annual(?:ly)?|biennial(?:ly)?)\b"
)
_EVERY = re.compile(
    rf"\b(?:each|every|once every)\s+(?:other\s+)?(?:{_RANGE_START}{LENGTH}|{UNIT})"
    rf"|\bq\s*(\d+)\s*-?\s*{UNIT}|\b({'|'.join(DAYS_BETWEEN)})\b"
)
_UP_TO = re.compile(rf"\b{_TO}\s+{_SMALL}{_RANGE_START}{LENGTH}")
_UP_TO_NAMED = re.compile(
    rf"(?:\b(?:day|week|month|year)s?\s*-?[01]\s*)?(?:\b{_TO}|(?<=\d)\s*-)\s+"
    rf"(?:(?:the|end of|study|visit at)\s+)*(?:day|week|month|year)s?\s*{NUMBER}\b"
    rf"(?!\s*-?\s*(?:\d|{UNIT}))"
)
_START = re.compile(rf"\bfrom\s+(?:the\s+)?(?:study\s+)?(?:day|week|month)\s*-?{NUMBER}(?!\s*,)")
_LENGTHS = re.compile(rf"(?:\bat\s+)?{LENGTH}(?:{_SEPARATOR}(?:at\s+)?{LENGTH})+")
_LIST = re.compile(rf"{NUMBER}(?:{_SEPARATOR}{NUMBER})+[\s-]*{UNIT}")
_AT = re.compile(
    rf"(?:\bat\s+(?:the\s+)?|\bbaseline\s*(?:,|and|&|/|;)\s*(?:at\s+|after\s+)?){LENGTH}"
)
_NAMED_RANGE = re.compile(
    rf"\b(day|week|month|year)s?\s*-?{NUMBER}\s*(?:to|-|through|until)\s*"
    rf"(?:(?:day|week|month|year)s?\s*)?{NUMBER}"
)
_NAMED_LIST = re.compile(
    rf"\b(day|week|month|year|hour|wk)s?\s*{NUMBER}"
    rf"(?:{_SEPARATOR}{NUMBER}(?![.\d])(?!\s*-?\s*{UNIT}))+"
)
_NAMED = re.compile(rf"\b(day|week|wk|month|year|hour)s?\s*{NUMBER}\b|\b([dwy])(\d+)\b")
_RANGE = re.compile(rf"{NUMBER}\s*(?:-|to)\s*{LENGTH}")
_PLAIN = re.compile(LENGTH)
_LEFT = re.compile(
    r"\bcycles?\s*\d+(?:\s*,?\s*day\s*-?\d+)?|\bc\d+d\d+\b|\d+\s+cycles?\b|\bvisits?\s*\d+"
    r"|\b[mv]\d+\b|\b(?:each|every)\s+(?:visit|cycle)s?\b"
    rf"|\b(?:per|each|every)\s+{UNIT}"
)
_THEN = re.compile(r"\b(?:then|thereafter|afterwards?|subsequently|followed by|after that|later)\b")
_UNTIL = re.compile(
    r"\b(progress(?:ion|ive disease)(?![- ]free)|pd|death|intolera\w+|toxicity|relapse|recurrence|"
    r"end of (?:study|treatment|rehabilitation)|study (?:end|completion)|withdrawal|"
    r"(?:safety )?follow-up visit|discharge)\b"
)
#: No trial lasts longer than this; what is longer is a slip of the pen.
_MOST_DAYS = 100 * 365.25
#: Registries allow some 250 characters; what is longer is another text in the wrong place.
_MOST_CHARACTERS = 2000


class TimeFrame(Frozen):
    """When an outcome is measured.

    Attributes
    ----------
    text : str
        As registered.
    every : float, optional
        Days between two measurements.
    later, changes : tuple of float
        Intervals that follow, as in "every 8 weeks for a year, then every 12 weeks", and the days
        at which one interval gives way to the next, as far as they are told.
    at : tuple of float
        Days at which it is measured, in order; empty when it is measured over a period.
    up_to : float, optional
        Days until which it is measured.
    after_end : float, optional
        Days after the last dose or the end of treatment until which it is measured.
    until : tuple of str
        Events that end it, as the words say them.
    unread : tuple of str
        Words about time that no other field holds, for a reader to judge.
    """

    text: str
    every: float | None = None
    later: tuple[float, ...] = ()
    changes: tuple[float, ...] = ()
    at: tuple[float, ...] = ()
    up_to: float | None = None
    after_end: float | None = None
    until: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether the words told an interval, days or an end."""
        told = (self.every, self.up_to, self.after_end)
        return bool(self.at) or any(one is not None for one in told)


def parse_time_frame(text: str) -> TimeFrame:
    """Read a time frame as registries word it.

    Parameters
    ----------
    text : str
        For example ``each 42 days up to progressive disease or death (up to 24 months)``.

    Returns
    -------
    TimeFrame
        What could be read; `TimeFrame.understood` is false when nothing was, and
        `TimeFrame.unread` names words about time that were not. Minutes and hours are fractions of
        a day; a month has 30.4375 days.

    Examples
    --------
    >>> frame = parse_time_frame("each 42 days up to PD or death (up to 24 months)")
    >>> frame.every, frame.up_to, frame.until
    (42.0, 730.5, ('progression', 'death'))
    >>> parse_time_frame("4, 8, and 12 weeks after administration").at
    (28.0, 56.0, 84.0)
    >>> parse_time_frame("On admission").understood
    False
    """
    if len(text) > _MOST_CHARACTERS:
        return TimeFrame(text=text.strip(), unread=(f"more than {_MOST_CHARACTERS} characters",))
    words = _Words(with_days_for_cycles(regular(text)))
    left = words.taken(_ELSEWHERE, lambda found: found[0])
    after = words.taken(_AFTER_END, _days)
    every, later, changes = _intervals(words, left)
    named_bounds = words.taken(_UP_TO_NAMED, _days_of_named)
    words.taken(_START, lambda _: None)
    bounds = words.taken(_UP_TO, _days) + named_bounds
    at = [day for days in words.taken(_LENGTHS, _all_lengths) for day in days]
    at += [day for days in words.taken(_LIST, _several) for day in days]
    ranges = words.taken(_NAMED_RANGE, lambda found: (float(found[3]) * DAYS_IN[found[1]], found))
    at += [day for days in words.taken(_NAMED_LIST, _several_named) for day in days]
    at += words.taken(_NAMED, _days_of_named) + words.taken(_AT, _days)
    plain = words.taken(_RANGE, lambda found: (_days(found), found))
    plain += words.taken(_PLAIN, lambda found: (_days(found), found))
    left += words.taken(_LEFT, lambda found: found[0])
    ends = list(bounds)
    by_visits = any(one.startswith("visit") for one in left)
    for day, found in (*ranges, *plain):
        # Without an end told outright a bare length is the end; beside one it is an explanation.
        if day in (every, *bounds, *after, *at):
            continue
        if by_visits or bounds or (at and found not in [one for _, one in ranges]):
            left.append(found[0])
        else:
            ends.append(day)
    left += [f"{one:g} days" for one in bounds if one != max(bounds)]
    return _frame(text, (every, later, changes), at, ends, after, left)


def _frame(
    text: str,
    intervals: tuple[float | None, list[float], list[float]],
    at: list[float],
    ends: list[float],
    after: list[float],
    left: list[str],
) -> TimeFrame:
    """Put the parts together; lengths that no trial has are named as unread."""
    every, later, changes = intervals
    odd = [one for one in (*at, *ends, *after) if one > _MOST_DAYS]
    if every is not None and not 0.0 < every <= _MOST_DAYS:
        odd, every = [*odd, every], None
    up_to = [one for one in ends if one <= _MOST_DAYS]
    after_end = [one for one in after if one <= _MOST_DAYS]
    unread = [*left, *(f"{one:g} days" for one in odd)]
    events = ("progression" if one == "pd" else one for one in _UNTIL.findall(text.lower()))
    return TimeFrame(
        text=text.strip(),
        every=every,
        later=tuple(later),
        changes=tuple(changes),
        at=tuple(sorted({one for one in at if one <= _MOST_DAYS})),
        up_to=max(up_to) if up_to else None,
        after_end=max(after_end) if after_end else None,
        until=tuple(dict.fromkeys(events)),
        unread=tuple(dict.fromkeys(one.strip() for one in unread)),
    )


def _intervals(words: _Words, left: list[str]) -> tuple[float | None, list[float], list[float]]:
    """Return the first interval, those that follow it, and the days on which they change."""
    found = list(_EVERY.finditer(words.text))
    if not found:
        return None, [], []
    first = _interval(found[0])
    later: list[float] = []
    changes: list[float] = []
    spent = [found[0].span()]
    for before, one in pairwise(found):
        spent.append(one.span())
        between = (before.end(), one.start())
        told = words.text[slice(*between)]
        days = _interval(one)
        if not (_THEN.search(told) or _THEN.match(words.text[one.end() :].lstrip(" ,("))):
            left += [one[0]] if days != first else []
            continue
        later.append(days)
        lengths = [*_UP_TO_NAMED.finditer(told)] or [*_PLAIN.finditer(told)]
        if len(lengths) == 1:
            length = lengths[0]
            named = length.re is _UP_TO_NAMED
            changes.append(_days_of_named(length) if named else _days(length))
            spent.append(between)
    words.without(spent)
    return first, later, changes


class _Words:
    """Words from which each pattern takes its own, so that nothing is read twice."""

    def __init__(self, text: str) -> None:
        self.text = text

    def taken(self, pattern: re.Pattern[str], value: Callable[[re.Match[str]], Any]) -> list[Any]:
        """Return the values that a pattern tells, and go on without its words."""
        found = [value(one) for one in pattern.finditer(self.text)]
        self.text = pattern.sub(" ; ", self.text)
        return found

    def without(self, spans: list[tuple[int, int]]) -> None:
        """Go on without the words at these places."""
        for start, end in sorted(spans, reverse=True):
            self.text = f"{self.text[:start]} ; {self.text[end:]}"


def _days(found: re.Match[str]) -> float:
    """Return the days of the last number and the unit of a match."""
    parts = [one for one in found.groups() if one is not None]
    number = [one for one in parts if one[0].isdigit()][-1]
    return float(number) * DAYS_IN[next(one for one in parts if one in DAYS_IN)]


def _days_of_named(found: re.Match[str]) -> float:
    """Return the days of ``week 12``: the last name of a unit, the last number."""
    unit = re.findall(r"(day|week|wk|month|year|hour|d|w|y)s?\s*-?\d", found[0])[-1]
    return float(re.findall(r"\d+(?:\.\d+)?", found[0])[-1]) * DAYS_IN[unit]


def _interval(found: re.Match[str]) -> float:
    """Return the days between two measurements; the shorter of "every 6 to 8 weeks"."""
    parts = [one for one in found.groups() if one is not None]
    if parts[0] in DAYS_BETWEEN:
        return DAYS_BETWEEN[parts[0]]
    if len(parts) == 1:
        return DAYS_IN[parts[0]] * (2 if " other " in found[0] else 1)
    return float(parts[0]) * DAYS_IN[parts[-1]]


def _several(found: re.Match[str]) -> tuple[float, ...]:
    unit = DAYS_IN[found[found.lastindex or 0]]
    return tuple(float(one) * unit for one in re.findall(r"\d+(?:\.\d+)?", found[0]))


def _several_named(found: re.Match[str]) -> tuple[float, ...]:
    unit = DAYS_IN[found[1]]
    return tuple(float(one) * unit for one in re.findall(r"\d+(?:\.\d+)?", found[0]))


def _all_lengths(found: re.Match[str]) -> tuple[float, ...]:
    return tuple(_days(one) for one in _PLAIN.finditer(found[0]))
