"""Outcomes as a registry's CSV export writes them: several in a cell, parts between commas."""

from __future__ import annotations

import re

from hepatica.protocol.registry.record import Outcome, OutcomeRole
from hepatica.protocol.registry.time_frame import parse_time_frame

_STARTS = re.compile(
    r"^(?:up to|until|within|through|throughout|from|at (?!which)|each|every|over|after|before|"
    r"during|baseline|day|week|month|year|visit|cycle|approximately|about|an average|assessed|"
    r"and\b|or\b|\d)",
    re.IGNORECASE,
)
_MOST_WORDS_BEFORE = 12


def outcomes_of_cell(cell: str, role: OutcomeRole) -> tuple[Outcome, ...]:
    """Return the outcomes of a cell: ``measure, description, time frame|measure, ...``.

    Parameters
    ----------
    cell : str
        The cell. Parts hold commas themselves: the time frame is the end of the part from the
        last comma after which words about time follow, the measure what stands before the first.
    role : {"primary", "secondary", "other"}
        Role of all of them.

    Examples
    --------
    >>> one, = outcomes_of_cell("LDL, Change, in percent, 4, 8, and 12 weeks", "primary")
    >>> one.measure, one.description, one.time_frame.text
    ('LDL', 'Change, in percent', '4, 8, and 12 weeks')
    """
    return tuple(_outcome(part, role) for part in cell.split("|") if part.strip(" ,"))


def _outcome(part: str, role: OutcomeRole) -> Outcome:
    pieces = re.split(r",\s+", part.strip(" ,"))
    at = _time_frame_from(pieces)
    frame = ", ".join(pieces[at:])
    rest = pieces[1:at]
    return Outcome(
        role=role,
        measure=pieces[0],
        description=", ".join(rest),
        time_frame=parse_time_frame(frame),
    )


def _time_frame_from(pieces: list[str]) -> int:
    """Return the first piece of the time frame; the number of pieces where there is none."""
    if len(pieces) == 1:
        return 1
    last = len(pieces) - 1
    if not _is_about_time(pieces[last]):
        return last + 1 if not _STARTS.match(pieces[last]) else last
    while last > 1 and _STARTS.match(pieces[last - 1]) and _is_short(pieces[last - 1]):
        last -= 1
    return last


def _is_about_time(piece: str) -> bool:
    return parse_time_frame(piece).understood


def _is_short(piece: str) -> bool:
    """Return whether a piece may belong to the time frame after it: it ends no sentence."""
    return len(piece.split()) <= _MOST_WORDS_BEFORE and not piece.endswith(".")
