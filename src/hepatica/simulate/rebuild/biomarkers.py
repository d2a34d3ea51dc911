"""BM: analytes at baseline and progression whose changes are as printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.errors import CommandError, InputError
from hepatica.protocol.variables import Biomarker
from hepatica.published.model import PrintedNumber
from hepatica.simulate.draw import iso, numbered
from hepatica.simulate.rebuild.construction import Analyte
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.paired_values import Differences, PrintedChange, find_differences
from hepatica.simulate.rebuild.printed import analysis_of
from hepatica.simulate.rebuild.sample_values import SampleValues, Split, sample_values
from hepatica.simulate.rebuild.time_line import TimeLine, time_lines

#: Column of the courses that says who has a baseline sample, and on which side of the threshold.
SPLIT_COLUMN = "cxcl1"
BASELINE, PROGRESSION = ("BASELINE", 0.0), ("PROGRESSION", 90.0)
#: Samples are taken up to so many days before the first dose, and after progression was seen.
_BEFORE, _AFTER = 2, 4
_STATISTICS = ("n", "median", "q1", "q3", "p_value")


@dataclass(frozen=True, slots=True)
class _Samples:
    """The patients of an arm with a baseline sample, and which of them have a later one."""

    id: str
    label: str
    patients: list[TimeLine]
    owners: list[int]
    high: tuple[bool, ...]
    matched: tuple[int, ...]
    taken: list[int]
    later: list[int]


def biomarker_table(rebuild: Rebuild) -> pl.DataFrame:
    """Construct BM.

    Parameters
    ----------
    rebuild : Rebuild
        Printed changes of each biomarker, its limit of quantification and level, numbers of
        samples, and the courses.

    Returns
    -------
    DataFrame
        One record for each patient, visit and biomarker, sorted by subject, visit and biomarker.

    Raises
    ------
    CommandError
        If too little is printed or chosen, or the courses have other numbers of samples.
    InputError
        If no values have the printed changes.
    """
    arms = [one for one in _samples(rebuild) if one.patients]
    rows = [row for marker in _markers(rebuild) for row in _marker_rows(rebuild, marker, arms)]
    if not rows:
        raise CommandError("No patient of the courses has a baseline sample. Look at the courses.")
    frame = pl.DataFrame(rows, infer_schema_length=None).sort(
        "owner", "VISITNUM", "order", maintain_order=True
    )
    sequence = pl.Series("BMSEQ", numbered(frame.get_column("owner").to_numpy()))
    taken = iso(frame.get_column("day").to_numpy()).alias("BMDTC")
    frame = frame.drop("owner", "order", "day").insert_column(1, sequence)
    return frame.with_columns(taken)


def matched_patients(rebuild: Rebuild) -> set[str]:
    """Return the patients with samples at baseline and at progression."""
    return {one.patients[place].name for one in _samples(rebuild) for place in one.matched}


def _markers(rebuild: Rebuild) -> list[Biomarker]:
    wanted = [
        identifier
        for analysis in rebuild.protocol.analyses
        if analysis.kind == "biomarker_change"
        for identifier in analysis.biomarkers
    ]
    known = {one.id: one for one in rebuild.protocol.biomarkers}
    return [known[one] for one in dict.fromkeys(wanted)]


def _samples(rebuild: Rebuild) -> Iterator[_Samples]:
    every = time_lines(rebuild)
    sides = rebuild.courses.get_column(SPLIT_COLUMN).to_list()
    chosen = rebuild.construction.samples
    for arm in rebuild.protocol.arms:
        rng = rebuild.rng(f"samples of {arm.id}")
        owners = [
            place
            for place, one in enumerate(every)
            if one.arm == arm.id and sides[place] is not None
        ]
        patients = [every[place] for place in owners]
        able = [place for place, one in enumerate(patients) if one.progression <= one.contact]
        wanted = chosen.matched.get(arm.id, len(able))
        if len(owners) != chosen.baseline.get(arm.id, len(owners)) or wanted > len(able):
            raise CommandError(
                f"Of {arm.label} {len(owners)} patients have a baseline sample and {len(able)} of "
                "them progress; construction.yaml asks for other numbers under samples. Look at "
                "the courses."
            )
        matched = sorted(rng.permutation(able)[:wanted].tolist())
        yield _Samples(
            id=arm.id,
            label=arm.label,
            patients=patients,
            owners=owners,
            high=tuple(sides[place] == "high" for place in owners),
            matched=tuple(matched),
            taken=[one.first - int(rng.integers(0, _BEFORE + 1)) for one in patients],
            later=[_later(one, rng) for one in patients],
        )


def _later(patient: TimeLine, rng: np.random.Generator) -> int:
    alive = min(patient.contact, patient.death - 1)
    return min(patient.progression + int(rng.integers(0, _AFTER)), alive)


def _marker_rows(
    rebuild: Rebuild, marker: Biomarker, arms: list[_Samples]
) -> Iterator[dict[str, object]]:
    analyte = rebuild.construction.analytes.get(marker.id)
    if analyte is None:
        raise CommandError(
            f"construction.yaml says nothing of {marker.id} under analytes. Add limit and level."
        )
    order = [one.id for one in rebuild.protocol.biomarkers].index(marker.id)
    for arm in arms:
        rng = rebuild.rng(f"{marker.id} of {arm.label}")
        values = sample_values(
            analyte,
            _differences(rebuild, marker, arm, rng),
            arm.matched,
            len(arm.patients),
            rng,
            _split(rebuild, marker, arm),
        )
        for row in _rows(arm, values, marker, analyte):
            yield row | {"order": order}


def _differences(
    rebuild: Rebuild, marker: Biomarker, arm: _Samples, rng: np.random.Generator
) -> Differences:
    try:
        return find_differences(_change(rebuild, marker, arm.label), rng)
    except InputError as error:
        raise InputError(f"Change of {marker.label} in {arm.label}: {error}") from None


def _change(rebuild: Rebuild, marker: Biomarker, arm: str) -> PrintedChange:
    analysis = analysis_of(rebuild, "biomarker_change")
    key = {"analysis": analysis, "level": arm, "variable": marker.id}
    found = {name: rebuild.published.value(statistic=name, **key) for name in _STATISTICS}
    shown = {name: _decimals(rebuild.published.get(statistic=name, **key)) for name in found}
    return PrintedChange(
        n=round(found["n"]),
        median=found["median"],
        lower=found["q1"],
        upper=found["q3"],
        p_value=found["p_value"],
        decimals=max(shown[name] for name in ("median", "q1", "q3")),
        p_decimals=shown["p_value"],
    )


def _decimals(number: PrintedNumber | None) -> int:
    return 0 if number is None else number.decimals


def _split(rebuild: Rebuild, marker: Biomarker, arm: _Samples) -> Split | None:
    """Return the threshold of the marker that the courses tell sides of.

    It is printed of one of the marker's cut-points, and divides the patients of every arm; where
    the median of an arm is that cut-point, the values of that arm have this median.
    """
    if marker.id != SPLIT_COLUMN:
        return None
    for cut in marker.cut_points:
        printed = rebuild.published.get(variable=cut.id, statistic="cut_point")
        if printed is not None and printed.value is not None:
            chosen = cut.choose
            is_median = chosen is not None and chosen.by == "median" and chosen.arm == arm.id
            return Split(printed.value, arm.high, is_median)
    raise CommandError(
        f"The courses divide patients by {marker.id}; study.yaml has to name a cut-point of it, "
        "and published.yaml to print its value."
    )


def _rows(
    arm: _Samples, values: SampleValues, marker: Biomarker, analyte: Analyte
) -> Iterator[dict[str, object]]:
    for place, patient in enumerate(arm.patients):
        visits = [(BASELINE, arm.taken[place], values.baseline[place])]
        if place in arm.matched:
            visits.append((PROGRESSION, arm.later[place], values.later[place]))
        for (visit, number), day, value in visits:
            text = f"<{analyte.limit:g}" if value is None else f"{value:.{values.decimals}f}"
            yield {
                "USUBJID": patient.name,
                "BMTESTCD": (marker.parameter or marker.id).upper(),
                "BMTEST": marker.label,
                "BMSTRESN": value,
                "BMSTRESC": text,
                "BMSTRESU": marker.unit,
                "BMLLOQ": analyte.limit,
                "VISIT": visit,
                "VISITNUM": number,
                "owner": arm.owners[place],
                "day": day,
            }
