"""Constructed patients as collected tables, and the truth they were constructed from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl

from hepatica.protocol.model import Protocol
from hepatica.simulate.biomarkers import biomarker_table
from hepatica.simulate.clinical_tables import (
    dose_table,
    laboratory_table,
    therapy_table,
    vital_sign_table,
)
from hepatica.simulate.deviations import deviation_table, has_deviations
from hepatica.simulate.draw import NEVER, Whole, tally, words
from hepatica.simulate.events import adverse_event_table
from hepatica.simulate.plan import Collected
from hepatica.simulate.scans import RESPONSES
from hepatica.simulate.story import Story, tell_story
from hepatica.simulate.subject_tables import (
    criteria_table,
    disposition_table,
    subject_table,
    survival_table,
)
from hepatica.simulate.tumour_tables import (
    best_response,
    lesion_table,
    measurement_table,
    response_table,
)
from hepatica.simulate.visits import visit_table

_TABLES: dict[str, Callable[[Story], pl.DataFrame]] = {
    "DM": subject_table,
    "DS": disposition_table,
    "IE": criteria_table,
    "SV": visit_table,
    "EX": dose_table,
    "TU": lesion_table,
    "TR": measurement_table,
    "RS": response_table,
    "AE": adverse_event_table,
    "LB": laboratory_table,
    "VS": vital_sign_table,
    "CM": therapy_table,
    "DV": deviation_table,
    "SS": survival_table,
    "BM": biomarker_table,
}


class CollectedTables(Mapping[str, pl.DataFrame]):
    """The collected tables of a story; each is made when it is asked for, and not kept.

    Parameters
    ----------
    story : Story
        What the tables tell.
    """

    def __init__(self, story: Story) -> None:
        self.story = story
        self._names = tuple(_names(story))

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        return _TABLES[name](self.story)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _names(story: Story) -> Iterator[str]:
    """Give the tables that the protocol gives cause for and that have records."""
    people = story.people
    absent = set()
    if not people.enrolled.any():
        absent |= {"EX", "AE", "TU", "TR", "RS", "SS"}
    if story.scans is None:
        absent |= {"TU", "TR", "RS"}
    elif not len(story.scans.owner):
        absent.add("RS")
    if people.enrolled.all():
        absent.add("IE")
    if not story.protocol.biomarkers:
        absent.add("BM")
    if not has_deviations(story.protocol):
        absent.add("DV")
    yield from (name for name in _TABLES if name not in absent)


def simulate_collected(
    protocol: Protocol, patients: int, options: Collected | None = None
) -> dict[str, pl.DataFrame]:
    """Construct subjects of a protocol as the tables a trial collects.

    Responses and progressions arise from lesions that shrink and grow; treatment ends at
    progression, for toxicity, with death, or is cut off. No drug has an effect. Every draw comes
    from the protocol's seed, each table from a stream of its own.

    Parameters
    ----------
    protocol : Protocol
        Names arms, drugs, schedules, assessments, variables, biomarkers and the cut-off.
    patients : int
        Number of subjects, at least 1.
    options : Collected, optional
        Partial dates, records after the cut-off, screening failures.

    Returns
    -------
    dict of str to DataFrame
        SDTM-style domains as ``docs/datasets.md`` names them, sorted by subject and day; dates are
        ISO 8601 text.
    """
    return dict(CollectedTables(tell_story(protocol, patients, options or Collected())))


def simulate_truth(story: Story) -> pl.DataFrame:
    """Return what is true of each constructed subject, to compare derived records with.

    Parameters
    ----------
    story : Story
        Of `tell_story`.

    Returns
    -------
    DataFrame
        One row for each subject: USUBJID, ARM, TRTSDT; PDDT, the day of the first scan on which
        the lesions show progression; DTHDT, a death that became known; LTHDT, the drawn day of
        death whether known or not; FUENDDT, the death, leaving or the last day of records;
        NEWTHDT, another therapy; BOVR, the best visit response at scan times; SCANS, the number
        of scans after baseline.
    """
    people, course, fate = story.people, story.course, story.fate
    best, known = best_response(story)
    scanned = story.scans.owner if story.scans is not None else np.zeros(0, dtype=np.int64)
    arms = [str(arm.recorded) for arm in story.protocol.arms]
    return pl.DataFrame(
        {
            "USUBJID": people.names,
            "ARM": words(arms, np.where(people.enrolled, people.arm, -1)),
            "TRTSDT": _date(people.first_dose),
            "PDDT": _date(course.progression),
            "DTHDT": _date(course.death),
            "LTHDT": _date(fate.death),
            "FUENDDT": _date(course.last_contact),
            "NEWTHDT": _date(course.new_therapy),
            "BOVR": words(RESPONSES, np.where(known, best, -1)),
            "SCANS": tally(scanned, people.n),
        }
    )


def _date(days: Whole) -> pl.Series:
    known = pl.Series(days < NEVER)
    dates = pl.Series(days.astype(np.int32)).cast(pl.Date)
    return dates.zip_with(known, pl.Series([None], dtype=pl.Date))
