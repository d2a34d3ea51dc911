"""DV: protocol deviations, of patients whose other records agree with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from hepatica.errors import CommandError
from hepatica.simulate.rebuild.biomarkers import matched_patients
from hepatica.simulate.rebuild.construction import Deviation
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.numbered_rows import Row, numbered_rows
from hepatica.simulate.rebuild.time_line import TimeLine, time_lines
from hepatica.simulate.story import Story


def deviations_table(rebuild: Rebuild, story: Story) -> pl.DataFrame:
    """Construct DV.

    Parameters
    ----------
    rebuild : Rebuild
        ``construction.yaml`` says how many patients of each arm have which kind of deviation.
    story : Story
        Scans, to which a deviation about a scan belongs.

    Returns
    -------
    DataFrame
        One record for each deviation, sorted by subject and day.

    Raises
    ------
    CommandError
        If fewer patients than wanted can have a deviation.
    """
    rng = rebuild.rng("DV")
    every = time_lines(rebuild)
    rows = [
        row
        for deviation in rebuild.construction.deviations
        for row in _rows(rebuild, deviation, every, story, rng)
    ]
    return numbered_rows(rows, every, "DV", ("DVTERM", "DVDECOD", "DVCAT"))


def _rows(
    rebuild: Rebuild,
    deviation: Deviation,
    every: Sequence[TimeLine],
    story: Story,
    rng: np.random.Generator,
) -> Iterator[Row]:
    days = _days(rebuild, deviation, every, story, rng)
    for arm, wanted in deviation.subjects.items():
        able = [one.name for one in every if one.arm == arm and one.name in days]
        if len(able) < wanted:
            raise CommandError(
                f"construction.yaml wants the deviation {deviation.term} of {wanted} patients of "
                f"{arm}; the other records allow it of {len(able)}. Lower the number."
            )
        for place in sorted(rng.permutation(len(able))[:wanted].tolist()):
            yield {
                "USUBJID": able[place],
                "DVTERM": deviation.text,
                "DVDECOD": deviation.term,
                "DVCAT": deviation.category,
                "start": days[able[place]],
            }


def _days(
    rebuild: Rebuild,
    deviation: Deviation,
    every: Sequence[TimeLine],
    story: Story,
    rng: np.random.Generator,
) -> dict[str, int]:
    """Return the patients who can have the deviation, with its day."""
    match deviation.about:
        case "scan":
            return _scans_outside(rebuild, story)
        case "sample":
            taken = matched_patients(rebuild)
            return {
                one.name: one.progression
                for one in every
                if one.progression <= one.contact and one.name not in taken
            }
        case _:
            return {
                one.name: int(rng.integers(one.first + 1, one.last))
                for one in every
                if one.last > one.first + 1
            }


def _scans_outside(rebuild: Rebuild, story: Story) -> dict[str, int]:
    """Return the first planned scan of each patient that lies outside its window."""
    plan, scans, people = rebuild.protocol.assessments, story.scans, story.people
    if plan is None or scans is None:
        return {}
    due = people.first_dose[scans.owner] + scans.planned // 2 * plan.every_days
    outside = (np.abs(scans.day - due) > plan.window_days) & (scans.planned % 2 == 0)
    names = people.names.to_list()
    found: dict[str, int] = {}
    for place in np.flatnonzero(outside):
        found.setdefault(names[scans.owner[place]], int(scans.day[place]))
    return found
