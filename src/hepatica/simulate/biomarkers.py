"""BM: markers of the protocol over time, which follow the size of the tumour."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from hepatica.protocol.variables import Biomarker
from hepatica.simulate.draw import Real, Whole, iso, numbered, stream
from hepatica.simulate.story import Story
from hepatica.simulate.visits import clinic_days, cycle_visits

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
    parts = []
    for position, marker in enumerate(markers):
        value = values_at(story, marker, owner, cycle, day)
        limit = marker.lower_limit_of_detection
        below = value < (limit if limit is not None else -np.inf)
        visit, number = cycle_visits(cycle)
        result = pl.Series("BMSTRESN", value).zip_with(
            pl.Series(~below), pl.Series([None], dtype=pl.Float64)
        )
        parts.append(
            pl.DataFrame(
                {
                    "USUBJID": story.people.names.gather(owner),
                    "BMTESTCD": pl.repeat(marker_code(marker), len(owner), eager=True),
                    "BMTEST": pl.repeat(marker.label, len(owner), eager=True),
                    "BMSTRESN": result,
                    "BMSTRESC": result.cast(pl.String).fill_null(f"<{limit:g}" if limit else ""),
                    "BMSTRESU": pl.repeat(marker.unit, len(owner), eager=True),
                    "BMLLOQ": pl.repeat(limit, len(owner), dtype=pl.Float64, eager=True),
                    "BMDTC": iso(day),
                    "VISIT": visit,
                    "VISITNUM": number,
                }
            ).with_columns(owner=owner, marker=pl.lit(position))
        )
    frame = pl.concat(parts).sort("owner", "marker", "VISITNUM")
    sequence = pl.Series("BMSEQ", numbered(frame.get_column("owner").to_numpy()))
    return (
        frame.drop("owner", "marker")
        .insert_column(1, sequence)
        .with_columns(pl.col("BMSTRESC").replace("", None))
    )
