"""Words about time, made regular before they are read: figures, tolerances, cycles."""

from __future__ import annotations

import re

from hepatica.protocol.base import DAYS_PER_MONTH

DAYS_IN = {
    "minute": 1 / 1440,
    "min": 1 / 1440,
    "hour": 1 / 24,
    "hr": 1 / 24,
    "h": 1 / 24,
    "day": 1.0,
    "d": 1.0,
    "week": 7.0,
    "wk": 7.0,
    "w": 7.0,
    "month": DAYS_PER_MONTH,
    "mo": DAYS_PER_MONTH,
    "year": 365.25,
    "yr": 365.25,
    "y": 365.25,
}
#: How often, in one word; words with two meanings (biweekly, biannual) are left unread.
DAYS_BETWEEN = {
    "daily": 1.0,
    "weekly": 7.0,
    "fortnightly": 14.0,
    "monthly": DAYS_PER_MONTH,
    "quarterly": 3 * DAYS_PER_MONTH,
    "half-yearly": 6 * DAYS_PER_MONTH,
    "semi-annually": 6 * DAYS_PER_MONTH,
    "semiannually": 6 * DAYS_PER_MONTH,
    "annually": 365.25,
    "yearly": 365.25,
}
UNIT = r"(minute|min|hour|hr|h|day|d|week|wk|w|month|mo|year|yr|y)s?\b"
#: A number that is no part of a word, of 1e5 or of another number.
NUMBER = r"(?<![\w.])(\d+(?:\.\d+)?)"
LENGTH = rf"{NUMBER}[\s-]*{UNIT}"

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: at for at, word in enumerate(_ONES)} | {
    word: 10 * at for at, word in enumerate(_TENS, start=2)
}
_WORD = re.compile(
    rf"\b(?:({'|'.join(_TENS)})[- ]({'|'.join(_ONES[1:10])})|({'|'.join((*_ONES, *_TENS))}))\b"
)
_PLUS_MINUS = r"(?:±|\+/-|\+-|\+/\u2212)"
_AMOUNT = rf"{_PLUS_MINUS}\s*\d+(?:\.\d+)?"
_TOLERANCE_IN = re.compile(
    rf"(?:\b(day|week|month|year)s?\s*)?\b(\d+(?:\.\d+)?)\s*"
    rf"(?:\(\s*{_AMOUNT}\s*\)|{_AMOUNT})(?=[\s-]*{UNIT})"
)
_TOLERANCE = re.compile(rf"\(?\s*{_AMOUNT}[\s-]*(?:{UNIT})?\s*\)?")
_CYCLE_LENGTH = re.compile(
    rf"\(?\s*{LENGTH}[\s-]*(?:treatment\s+)?cycles?\b\s*\)?"
    rf"|\bcycles?\s+of\s+{LENGTH}"
    rf"|\(?\s*(?:(?:each|every|1|a|one)\s+)?cycles?\s*(?:length|duration)?\s*"
    rf"(?:is|are|=|:|lasts?|equals)\s*{LENGTH}\s*\)?"
)
_FIRST_CYCLE = re.compile(rf"\bcycle\s+1\s*\(\s*{LENGTH}\s*\)")


def regular(text: str) -> str:
    """Return words in lower case with figures, one kind of dash, and without tolerances.

    Examples
    --------
    >>> regular("Twenty-four months (± 7 days)"), regular("6 ± 1 weeks"), regular("1,000 days")
    ('24 months', '6 weeks', '1000 days')
    """
    words = " ".join(re.sub(r"[\u2010-\u2014\u2212]", "-", text.lower()).split())
    words = re.sub(r"\b1 and (?:a|1) half\b|\bone and (?:a|one) half\b", "1.5", words)
    words = re.sub(r"\bhalf an? (?=year|month|week|day|hour)", "0.5 ", words)
    words = _WORD.sub(_figures, words)
    words = re.sub(r"(?<![\d,])(\d{1,3}),(\d{3})(?![\d,])", r"\1\2", words)
    words = re.sub(r"\bfirst (?=(?:year|month|week)\b(?! of\b))", "first 1 ", words)
    # In "day 14 ± 3 days" the unit after the tolerance belongs to the tolerance alone.
    words = _TOLERANCE_IN.sub(lambda at: at[0] if at[1] else at[2], words)
    return _TOLERANCE.sub("", words).strip()


def with_days_for_cycles(words: str) -> str:
    """Return words in which cycles are days, where their length is told once.

    Examples
    --------
    >>> with_days_for_cycles("every 2 cycles (each cycle is 21 days)")
    'every 42 days'
    >>> with_days_for_cycles("c1d1, c2d8 (21-day cycles)")
    'day 1, day 29'
    """
    lengths: list[float] = []

    def taken(found: re.Match[str]) -> str:
        number, unit = (part for part in found.groups() if part is not None)
        lengths.append(float(number) * DAYS_IN[unit])
        return {"cycle 1": "cycle 1 "}.get(found[0][:7], " cycle ")

    told = _FIRST_CYCLE.sub(taken, words)
    told = _CYCLE_LENGTH.sub(taken, told)
    if len(set(lengths)) != 1 or not lengths[0]:
        return words
    days = lengths[0]
    told = re.sub(
        r"\b(?:cycle\s*|c)(\d+)\s*,?\s*(?:day\s*|d)(\d+)\b",
        lambda at: f"day {(int(at[1]) - 1) * days + int(at[2]):g}",
        told,
    )
    told = re.sub(
        r"\b(?:(during|end of|through|until|up to(?: the end of)?|within|first)\s+(?:the\s+)?)"
        r"cycle\s*(\d+)|^\s*()cycle\s*(\d+)\s*$",
        lambda at: f"up to {int(at[2] or at[4]) * days:g} days",
        told,
    )
    told = re.sub(r"(?<![\w.])(\d+)\s+cycles\b", lambda at: f"{int(at[1]) * days:g} days", told)
    told = re.sub(r"\b(of\s+)?(?:each|every)\s+cycle\b", f"every {days:g} days", told)
    told = re.sub(r"\b(?:during|in)\s+(?:the\s+)?first\s+cycle\b", f"up to {days:g} days", told)
    return re.sub(r"\bcycle\b(?!\s*\d)", "", told).strip()


def _figures(found: re.Match[str]) -> str:
    if found[1]:
        return str(_VALUES[found[1]] + _VALUES[found[2]])
    return str(_VALUES[found[3]])
