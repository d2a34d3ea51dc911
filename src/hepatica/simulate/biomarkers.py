"""BM: markers of the protocol over time, which follow the size of the tumour."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from hepatica.protocol.variables import Biomarker
from hepatica.simulate.draw import Real, Whole, iso, numbered, words
from hepatica.simulate.story import Story
from hepatica.simulate.visits import clinic_days, cycle_visits
from hepatica.stats.random_streams import stream

_NOT_IN_CODES = re.compile(r"[^A-Z0-9]")


def marker_code(biomarker: Biomarker) -> str:
    """Return the test code of a marker in BM: that of the protocol, or made from its id."""
    return biomarker.parameter or _NOT_IN_CODES.sub("", biomarker.id.upper())[:8]


def baseline_value(story: Story, biomarker: Biomarker) -> Real:
    """Return the value of a marker at screening, in the unit and decimals of the protocol."""
    rng = stream(story.seed, f"BM {biomarker.id}")
    fixed = [cut.at for cut in biomarker.cut_points if cut.at is not None]
    middle = np.median(fixed) if fixed else 150.0
    drawn: Real = np.exp(
        rng.normal(np.log(max(float(middle), 1e-6) * 0.6), 1.8, size=story.people.n)
    )
    return np.round(drawn, biomarker.decimals)


def values_at(story: Story, biomarker: Biomarker, owner: Whole, cycle: Whole, day: Whole) -> Real:
    """Return a marker at visits: the baseline value at screening, then with the tumour's size."""
    rng = stream(story.seed, f"BM {biomarker.id} visits")
    base = baseline_value(story, biomarker)[owner]
    change = story.people.burden(owner, day) ** 1.2 * np.exp(rng.normal(0, 0.15, len(owner)))
    later = np.round(np.maximum(base, 10.0**-biomarker.decimals) * change, biomarker.decimals)
    return np.where(cycle == 0, base, later)


def biomarker_table(story: Story) -> pl.DataFrame:
    """Construct BM: each marker of the protocol at screening and every second cycle.

    A value below the limit of detection is recorded as ``<limit`` without a number.
    """
    owner, cycle, day = clinic_days(story)
    markers = story.protocol.biomarkers
    place = _places(owner, len(markers))
    value = np.empty(place.size)
    for position, marker in enumerate(markers):
        value[place[position]] = values_at(story, marker, owner, cycle, day)
    # Rows are put in order as numbers; words come last, because they take most of the memory.
    marked, visited = np.empty((2, place.size), dtype=np.int64)
    marked[place] = np.arange(len(markers))[:, None]
    visited[place] = np.arange(len(owner))[None, :]
    owners = owner[visited]
    limits = [one.lower_limit_of_detection for one in markers]
    limit = pl.Series("BMLLOQ", limits, dtype=pl.Float64)
    least = limit.fill_null(-np.inf).to_numpy()[marked]
    seen = pl.Series(value >= least)
    result = pl.Series("BMSTRESN", value).zip_with(seen, pl.Series([None], dtype=pl.Float64))
    below = words(["" if one is None else f"<{one:g}" for one in limits], marked)
    visit, number = cycle_visits(cycle)
    return pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(owners),
            "BMSEQ": pl.Series(numbered(owners)),
            "BMTESTCD": words([marker_code(one) for one in markers], marked),
            "BMTEST": words([one.label for one in markers], marked),
            "BMSTRESN": result,
            "BMSTRESC": result.cast(pl.String).fill_null(below).replace("", None),
            "BMSTRESU": words([one.unit for one in markers], marked),
            "BMLLOQ": limit.gather(marked),
            "BMDTC": iso(day).gather(visited),
            "VISIT": visit.gather(visited),
            "VISITNUM": number.gather(visited),
        }
    )


def _places(owner: Whole, markers: int) -> Whole:
    """Return the row of each marker (first axis) and visit, by patient, marker and visit."""
    counts = np.bincount(owner)[owner]
    within = numbered(owner) - 1
    first = np.arange(len(owner)) - within
    place: Whole = markers * first + within + np.arange(markers)[:, None] * counts
    return place
