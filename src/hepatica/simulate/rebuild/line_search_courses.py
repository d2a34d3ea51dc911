"""Courses of the patients on anlotinib or sorafenib, found by search in each line of treatment.

Times are drawn under chosen effects; the search then moves them until the goals hold: overall
survival first, then, with overall survival held, survival without progression. What the search does
not determine is drawn after it: centres, responses, alpha-fetoprotein at week 4, later therapy and
days of the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.simulate.rebuild.line_search_plan import (
    FIRST,
    SECOND,
    Line,
    first_times,
    flags_of,
    progression_bounds,
    progression_goals,
    survival_bounds,
    survival_goals,
)
from hepatica.simulate.rebuild.line_search_table import courses_table
from hepatica.simulate.rebuild.search_statistics import Flags, Whole
from hepatica.simulate.rebuild.sheet_search import Cooling, Sheet, Stage, search_sheet

_SEEDS = {FIRST.name: (1, 1), SECOND.name: (1, 2)}
_DRAWN = (1, 9)
_SURVIVAL = Cooling(sets=64, steps=3000, rounds=3, warm=0.5)
_PROGRESSION = Cooling(sets=64, steps=2500, rounds=3, warm=0.5)


@dataclass(frozen=True, slots=True, eq=False)
class FoundLine:
    """What the search found of a line.

    Attributes
    ----------
    line : Line
        What was asked for.
    survival, progression : Sheet
        Overall survival, and survival without progression; their loss is 0 where all goals hold.
    """

    line: Line
    survival: Sheet
    progression: Sheet


def find_line(line: Line, seed: tuple[int, ...]) -> FoundLine:
    """Find the times of the patients of a line; takes about a minute.

    Parameters
    ----------
    line : Line
        Patients, characteristics and counts.
    seed : tuple of int
        Seed of all that is drawn.
    """
    rng = np.random.default_rng(seed)
    flags = flags_of(line, rng)
    time = first_times(line, flags, rng)
    died = _died(line, flags["arm"], time)
    survival = search_sheet(
        Stage(bounds=survival_bounds(died), flags=flags, swapped={}, goals=survival_goals(line)),
        (*seed, 1),
        _SURVIVAL,
        time.astype(np.int64),
    )
    return FoundLine(line, survival, _progression(line, survival, flags, (*seed, 2)))


def _died(line: Line, arm: Whole, time: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Flags:
    """Let those with the longest times of each arm be alive."""
    died = np.ones(len(arm), dtype=np.bool_)
    for value, alive in zip((1, 0), line.alive, strict=True):
        at = np.flatnonzero(arm == value)
        died[at[np.argsort(-time[at], kind="stable")][:alive]] = False
    return died


def _progression(
    line: Line, survival: Sheet, flags: Mapping[str, Whole], seed: tuple[int, ...]
) -> Sheet:
    rng = np.random.default_rng((*seed, 1))
    share = np.clip(np.exp(rng.normal(-0.85, 0.45, len(survival.time))), 0.05, 1.0)
    return search_sheet(
        Stage(
            bounds=progression_bounds(survival.time, survival.event),
            flags=flags,
            swapped={},
            goals=progression_goals(line),
            other=(survival.time, survival.event),
        ),
        (*seed, 2),
        _PROGRESSION,
        (survival.time * share).astype(np.int64),
    )


def find_line_courses() -> tuple[pl.DataFrame, tuple[FoundLine, ...]]:
    """Find the courses of the 158 patients; takes some minutes.

    Returns
    -------
    courses : DataFrame
        One row for each patient in the order of first doses, as ``docs/construction.md`` describes.
    found : tuple of FoundLine
        Both lines.
    """
    found = tuple(find_line(line, _SEEDS[line.name]) for line in (FIRST, SECOND))
    parts = [(one.line, one.survival, one.progression) for one in found]
    return courses_table(parts, np.random.default_rng(_DRAWN)), found
