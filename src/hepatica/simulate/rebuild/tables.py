"""The collected tables of constructed patients with printed margins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.simulate.clinical_tables import dose_table
from hepatica.simulate.draw import NEVER, Whole, iso, tally, words
from hepatica.simulate.rebuild.biomarkers import biomarker_table
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.deviations import deviations_table
from hepatica.simulate.rebuild.drop_outs import local_therapies
from hepatica.simulate.rebuild.events import event_table
from hepatica.simulate.rebuild.history import history_table, procedure_table
from hepatica.simulate.rebuild.margins import baseline_columns, dealt_columns
from hepatica.simulate.rebuild.screening import criteria_table, screening_subjects
from hepatica.simulate.rebuild.telling import tell_courses
from hepatica.simulate.rebuild.therapies import therapy_table
from hepatica.simulate.story import Story
from hepatica.simulate.subject_tables import disposition_table, survival_table
from hepatica.simulate.tumour_tables import lesion_table, measurement_table
from hepatica.simulate.visits import visit_table

#: Column of the baseline that says whether there is disease outside the liver.
OUTSIDE = "EHSFL"
_ENROLLED = "ENROLLED"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What `rebuild_tables` gives.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        SDTM-style domains as ``docs/datasets.md`` names them; dates are ISO 8601 text.
    truth : DataFrame
        The courses, with what was drawn for each; no analysis reads it.
    """

    tables: Mapping[str, pl.DataFrame]
    truth: pl.DataFrame


def rebuild_tables(rebuild: Rebuild) -> Rebuilt:
    """Construct the collected tables in which every patient has the given course.

    Parameters
    ----------
    rebuild : Rebuild
        Protocol, printed numbers, what was chosen, and the courses.

    Returns
    -------
    Rebuilt
        The same for the same files and seed.

    Raises
    ------
    CommandError
        If the protocol lacks what the tables need, or no lesions give a course.
    """
    failures = screening_subjects(rebuild)
    story = tell_courses(rebuild, failures=failures, outside_liver=_outside_liver(rebuild))
    tables = {"DM": _subjects(rebuild, story, failures), "DS": _dispositions(rebuild, story)}
    writers: dict[str, Callable[[Story], pl.DataFrame]] = {
        "SV": visit_table,
        "EX": dose_table,
        "TU": lesion_table,
        "TR": measurement_table,
        "SS": survival_table,
    }
    tables |= {name: write(story) for name, write in writers.items()}
    procedures = pl.concat([procedure_table(rebuild), local_therapies(rebuild)], how="diagonal")
    tables |= {
        "AE": event_table(rebuild, story),
        "CM": therapy_table(rebuild),
        "DV": deviations_table(rebuild, story),
        "IE": criteria_table(rebuild),
        "MH": history_table(rebuild),
        "PR": _in_order(procedures, "PR"),
    }
    if any(one.kind == "biomarker_change" for one in rebuild.protocol.analyses):
        tables["BM"] = biomarker_table(rebuild)
    kept = {name: table for name, table in sorted(tables.items()) if not table.is_empty()}
    return Rebuilt(kept, _truth(rebuild, story))


def _outside_liver(rebuild: Rebuild) -> list[bool | None]:
    """Return whether the dealt baseline says that there is disease outside the liver."""
    baseline = dealt_columns(rebuild)
    if OUTSIDE not in baseline.columns:
        return [None] * len(baseline)
    return [one == "Y" for one in baseline[OUTSIDE].to_list()]


def _subjects(rebuild: Rebuild, story: Story, failures: pl.DataFrame) -> pl.DataFrame:
    """Construct DM, with the baseline characteristics of the enrolled."""
    people, course, site = story.people, story.course, rebuild.construction.site
    n = people.n
    last = np.full(n, -1)
    np.maximum.at(last, story.doses.owner, story.doses.end)
    first, ended = iso(people.first_dose), iso(np.where(last < 0, NEVER, last))
    labels = [str(arm.recorded) for arm in rebuild.protocol.arms]
    arm = words(labels, np.where(people.enrolled, people.arm, -1))
    columns: dict[str, pl.Series] = {
        "STUDYID": pl.repeat(rebuild.protocol.study.id, n, eager=True),
        "USUBJID": people.names,
        "SITEID": pl.repeat(site.id, n, eager=True),
        "COUNTRY": pl.repeat(site.country, n, eager=True),
        "RFICDTC": iso(people.consent),
        "RFSTDTC": first,
        "RFENDTC": ended,
        "RFXSTDTC": first,
        "RFXENDTC": ended,
        "RFPENDTC": iso(course.last_contact),
        "DTHDTC": iso(course.death),
        "DTHFL": words(("Y",), np.where(course.death < NEVER, 0, -1)),
        "RACE": pl.repeat(site.race, n, eager=True),
        "ARM": arm,
        "ACTARM": arm,
        "ARMNRS": words(("SCREEN FAILURE",), np.where(people.enrolled, -1, 0)),
    }
    frame = pl.DataFrame({name: column.alias(name) for name, column in columns.items()})
    baseline = pl.concat([baseline_columns(rebuild), failures.drop("RFICDTC")], how="diagonal")
    return frame.join(baseline, on="USUBJID", how="left", maintain_order="left")


def _dispositions(rebuild: Rebuild, story: Story) -> pl.DataFrame:
    """Construct DS: consent, enrolment, ends of treatment and study, with the cause of death."""
    people, course = story.people, story.course
    enrolled = np.flatnonzero(people.enrolled)
    milestone = pl.DataFrame(
        {
            "USUBJID": people.names.gather(enrolled),
            "DSTERM": pl.repeat(_ENROLLED, len(enrolled), eager=True),
            "DSDECOD": pl.repeat(_ENROLLED, len(enrolled), eager=True),
            "DSCAT": pl.repeat("PROTOCOL MILESTONE", len(enrolled), eager=True),
            "DSSTDTC": iso(people.first_dose[enrolled] - 1),
        }
    )
    causes = rebuild.construction.deaths
    progressed = pl.DataFrame({"USUBJID": people.names, "_PD": course.progression < NEVER})
    cause = pl.when("_PD").then(pl.lit(causes.progressed)).otherwise(pl.lit(causes.otherwise))
    told = (pl.col("DSDECOD") == "DEATH") & (pl.col("DSSCAT") == "STUDY PARTICIPATION")
    frame = pl.concat([disposition_table(story), milestone], how="diagonal")
    frame = frame.join(progressed, on="USUBJID", maintain_order="left").with_columns(
        DSTERM=pl.when(told)
        .then(pl.concat_str(pl.lit("DEATH DUE TO "), cause.str.to_uppercase()))
        .otherwise("DSTERM")
    )
    frame = frame.drop("_PD").sort("USUBJID", "DSSTDTC", maintain_order=True)
    return frame.with_columns(DSSEQ=pl.int_range(1, pl.len() + 1).over("USUBJID"))


def _in_order(rows: pl.DataFrame, domain: str) -> pl.DataFrame:
    """Return the rows by subject and day, numbered."""
    start, number = f"{domain}STDTC", f"{domain}SEQ"
    rows = rows.drop(number, strict=False).sort("USUBJID", start, maintain_order=True)
    numbered = rows.with_columns(pl.int_range(1, pl.len() + 1).over("USUBJID").alias(number))
    return numbered.select("USUBJID", number, *(pl.exclude("USUBJID", number),))


def _truth(rebuild: Rebuild, story: Story) -> pl.DataFrame:
    """Return the courses with the number of scans and the day of the first lower dose."""
    drawn = pl.DataFrame(dict(_drawn(story)))
    return rebuild.courses.join(drawn, on="USUBJID", how="left", maintain_order="left")


def _drawn(story: Story) -> Iterator[tuple[str, pl.Series]]:
    people, doses = story.people, story.doses
    yield "USUBJID", people.names
    if story.scans is not None:
        yield "scans", pl.Series(tally(story.scans.owner, people.n))
    falls: Whole = np.full(people.n, NEVER)
    falls[doses.owner[doses.reduced]] = doses.start[doses.reduced]
    yield "first_lower_dose", iso(falls)
