"""CM: therapies before, beside and after the study drug."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from hepatica.errors import CommandError
from hepatica.simulate.draw import NEVER
from hepatica.simulate.rebuild.construction import Drug
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.dealing import deal
from hepatica.simulate.rebuild.drop_outs import CATEGORY as SUBSEQUENT
from hepatica.simulate.rebuild.margins import dealt_columns
from hepatica.simulate.rebuild.numbered_rows import Row, numbered_rows
from hepatica.simulate.rebuild.time_line import TimeLine, time_lines

PRIOR, CONCOMITANT = "PRIOR CANCER THERAPY", "CONCOMITANT MEDICATION"
TARGETED, CHECKPOINT = "Targeted therapy", "Checkpoint inhibitor"
_COLUMNS = ("CMTRT", "CMDECOD", "CMCAT", "CMSCAT")
#: Column of the courses to the kind of therapy and the key of ``construction.yaml``.
_LATER = {"later_targeted": TARGETED, "later_checkpoint": CHECKPOINT}
_SHARE = 0.4
#: Days from the end of first-line therapy to the earliest day of screening.
_WASHOUT = (1, 35)


def therapy_table(rebuild: Rebuild) -> pl.DataFrame:
    """Construct CM.

    Parameters
    ----------
    rebuild : Rebuild
        The courses say who had first-line therapy and which later therapies; the printed numbers,
        or else ``construction.yaml``, say how many had which first-line drug.

    Returns
    -------
    DataFrame
        Sorted by subject and start; CMSCAT tells targeted therapy from checkpoint inhibitors.

    Raises
    ------
    CommandError
        If the courses need a drug and none is named.
    InputError
        If the numbers of first-line drugs are not those of the patients who had one.
    """
    every = time_lines(rebuild)
    before = _first_line(rebuild)
    rows = [
        *_prior_rows(rebuild, every, before),
        *_concomitant_rows(rebuild, every),
        *_later_rows(rebuild, every, before),
    ]
    return numbered_rows(rows, every, "CM", _COLUMNS)


def _row(
    patient: TimeLine, drug: str, category: str, kind: str | None, start: int, end: int
) -> Row:
    names = {"CMTRT": drug, "CMDECOD": drug, "CMCAT": category, "CMSCAT": kind}
    return {"USUBJID": patient.name, **names, "start": start, "end": end}


def _first_line(rebuild: Rebuild) -> dict[str, str]:
    """Deal the first-line drugs; return the drug of each patient who had one."""
    drugs = rebuild.construction.therapies.first_line
    dealt: dict[str, str] = {}
    treated = rebuild.courses.filter(pl.col("first_line_days").is_not_null())
    for arm in rebuild.protocol.arms:
        rows = treated.filter(pl.col("ARM") == str(arm.recorded))
        names = rows.get_column("USUBJID").to_list()
        if not names:
            continue
        if not drugs:
            raise CommandError(
                "The courses have first-line therapy. Name its drugs under therapies.first_line "
                "in construction.yaml."
            )
        counts = {drug.name: _printed(rebuild, drug, arm.id, arm.label) for drug in drugs}
        rng = rebuild.rng(f"first line of {arm.id}")
        dealt |= dict(zip(names, deal(counts, len(names), rng), strict=True))
    return dealt


def _printed(rebuild: Rebuild, drug: Drug, arm: str, label: str) -> int:
    """Return how many patients of an arm had a drug first: as printed, else as chosen."""
    for analysis in rebuild.protocol.analyses:
        if analysis.kind == "therapies" and analysis.when == "prior":
            found = rebuild.published.where(analysis=analysis.id, level=label, statistic="n")
            for number in found:
                named = drug.name in (number.column("variable"), number.column("variable_level"))
                if named and number.value is not None:
                    return round(number.value)
    return drug.subjects.get(arm, 0)


def _prior_rows(
    rebuild: Rebuild, every: Sequence[TimeLine], before: Mapping[str, str]
) -> Iterator[Row]:
    rng = rebuild.rng("CM prior")
    screening = rebuild.construction.enrolment.consent_days[1]
    days = rebuild.courses.get_column("first_line_days").to_list()
    for patient, earlier in zip(every, days, strict=True):
        if earlier is None:
            continue
        gap = min(screening + int(rng.integers(*_WASHOUT)), max(earlier // 2, 1))
        start = patient.first - earlier
        yield _row(patient, before[patient.name], PRIOR, TARGETED, start, patient.first - gap)


def _concomitant_rows(rebuild: Rebuild, every: Sequence[TimeLine]) -> Iterator[Row]:
    rng = rebuild.rng("CM concomitant")
    baseline = dealt_columns(rebuild).to_dicts()
    for drug in rebuild.construction.therapies.concomitant:
        for patient, values in zip(every, baseline, strict=True):
            fits = all(values.get(name) == value for name, value in drug.where.items())
            taken = rng.random() < _SHARE
            start = patient.first + int(rng.integers(-60, patient.last - patient.first + 1))
            end = start + int(rng.integers(14, 200))
            if fits and taken:
                known = end < min(patient.contact, patient.death)
                yield _row(patient, drug.name, CONCOMITANT, None, start, end if known else NEVER)


def _later_rows(
    rebuild: Rebuild, every: Sequence[TimeLine], before: Mapping[str, str]
) -> Iterator[Row]:
    """Give the therapies after progression; the first begins on the day of the course."""
    rng = rebuild.rng("CM later")
    rows = rebuild.courses.iter_rows(named=True)
    for patient, row in zip(every, rows, strict=True):
        begun = False
        for key, kind in _LATER.items():
            if row[key] != "Y":
                continue
            drug = _later_drug(rebuild, key, before.get(patient.name), rng)
            start, end = _later_days(patient, rng, begun=begun)
            begun = True
            yield _row(patient, drug, SUBSEQUENT, kind, start, end)


def _later_drug(rebuild: Rebuild, key: str, had: str | None, rng: np.random.Generator) -> str:
    drugs: tuple[Drug, ...] = getattr(rebuild.construction.therapies, key)
    names = [drug.name for drug in drugs if drug.name != had]
    if not names:
        raise CommandError(
            f"The courses have later therapy. Name its drugs under therapies.{key} in "
            "construction.yaml."
        )
    return names[int(rng.integers(len(names)))]


def _later_days(patient: TimeLine, rng: np.random.Generator, *, begun: bool) -> tuple[int, int]:
    latest = min(patient.contact, patient.death - 1)
    start = min(patient.later + (int(rng.integers(0, 120)) if begun else 0), latest)
    end = start + int(rng.integers(28, 240))
    return start, end if end <= latest else NEVER
