"""DM, DS, IE and SS: who the subjects are, and what became of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from hepatica.protocol.conditions import (
    All,
    AnyOf,
    Bound,
    Condition,
    OneOf,
    condition_columns,
)
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.variables import Variable
from hepatica.simulate.biomarkers import baseline_value
from hepatica.simulate.draw import NEVER, Truth, Whole, chance, expand, iso, numbered, words
from hepatica.simulate.people import STOP_REASONS
from hepatica.simulate.story import END_REASONS, Story
from hepatica.stats.random_streams import stream

_SITES = 12
_CONTACT_DAYS = 84
#: Variables of ADSL that follow from the collected tables and are never drawn.
_DERIVED = ("TRT01P", "TRT01A", "TRTSDT", "TRTEDT", "RANDDT", "RSPDT", "DTHDT", "ENRLFL")
_CRITERIA = (
    ("INCL04", "Child-Pugh score of at most 7", "INCLUSION"),
    ("INCL06", "At least one measurable lesion", "INCLUSION"),
    ("EXCL02", "Variceal bleeding within six months", "EXCLUSION"),
    ("EXCL05", "Uncontrolled hypertension", "EXCLUSION"),
)
_MIDDLE = {"WEIGHT": 65.0, "BMI": 23.0, "HEIGHT": 167.0, "PLAT": 150.0, "ALB": 40.0, "BILI": 14.0}


def subject_table(story: Story) -> pl.DataFrame:
    """Construct DM, with the baseline variables that the protocol names."""
    protocol, people, course = story.protocol, story.people, story.course
    rng = stream(story.seed, "DM variables")
    doses = story.doses
    last = np.full(people.n, -1)
    np.maximum.at(last, doses.owner, doses.end)
    first, last = people.first_dose, np.where(last < 0, NEVER, last)
    arm = _arms(story)
    columns: dict[str, pl.Series] = {
        "STUDYID": pl.repeat(protocol.study.id, people.n, eager=True),
        "USUBJID": people.names,
        "SITEID": words(
            [f"{site:02d}" for site in range(1, _SITES + 1)], rng.integers(0, _SITES, people.n)
        ),
        "RFICDTC": iso(people.consent),
        "RFSTDTC": iso(first),
        "RFENDTC": iso(last),
        "RFXSTDTC": iso(first),
        "RFXENDTC": iso(last),
        "RFPENDTC": iso(course.last_contact),
        "DTHDTC": iso(course.death),
        "DTHFL": words(("Y",), np.where(course.death < NEVER, 0, -1)),
        "AGE": pl.Series(np.clip(np.rint(rng.normal(57, 10.5, people.n)), 18, 88).astype(np.int64)),
        "AGEU": pl.repeat("YEARS", people.n, eager=True),
        "SEX": words(("M", "F"), chance((0.82, 0.18), people.n, rng)),
        "RACE": words(("ASIAN", "WHITE"), chance((0.8, 0.2), people.n, rng)),
        "ARM": arm,
        "ACTARM": arm,
        "ARMNRS": words(("SCREEN FAILURE",), np.where(people.enrolled, -1, 0)),
    }
    columns |= _baseline(story, rng, columns)
    return pl.DataFrame({name: column.alias(name) for name, column in columns.items()})


def _arms(story: Story) -> pl.Series:
    labels = [str(arm.recorded) for arm in story.protocol.arms]
    return words(labels, np.where(story.people.enrolled, story.people.arm, -1))


def _baseline(
    story: Story, rng: np.random.Generator, known: dict[str, pl.Series]
) -> dict[str, pl.Series]:
    """Return the further columns that variables, sets, origins and biomarkers of ADSL name."""
    protocol, people = story.protocol, story.people
    columns = _of_variables(story, rng, known)
    for one in protocol.analysis_sets:
        if one.arm_variable not in _DERIVED:
            columns[one.arm_variable] = known["ARM"]
    for endpoint in protocol.endpoints:
        origin = endpoint.origin.variable if isinstance(endpoint, TimeToEvent) else _DERIVED[0]
        if origin not in _DERIVED and origin not in columns:
            before = people.consent - rng.integers(1, 61, size=people.n)
            columns[origin] = iso(before)
    for biomarker in protocol.biomarkers:
        if biomarker.parameter is None:  # else BM alone brings it
            columns[biomarker.column] = pl.Series(baseline_value(story, biomarker))
    if protocol.screening is not None:
        columns |= _failure(protocol.screening.failure, story, {**known, **columns})
    return columns


def _of_variables(
    story: Story, rng: np.random.Generator, known: dict[str, pl.Series]
) -> dict[str, pl.Series]:
    """Return the columns of variables, and what their levels read besides."""
    columns: dict[str, pl.Series] = {}
    beside: dict[str, pl.Series] = {}
    for variable in story.protocol.variables:
        values = _values(variable, story.people.n, rng)
        if variable.occurs is not None:
            continue
        beside = values | beside
        if variable.column != "AGE":
            columns[variable.column] = values[variable.column]
    return columns | {
        name: one for name, one in beside.items() if name not in known and name not in columns
    }


def _failure(
    condition: Condition, story: Story, known: dict[str, pl.Series]
) -> dict[str, pl.Series]:
    """Return the column by which the protocol tells screening failures.

    Only a condition on one column of text can be met; another is left to ARMNRS, DS and IE.
    """
    if not isinstance(condition, OneOf) or condition.values[0] is None:
        return {}
    name, failed = condition.column, pl.Series(~story.people.enrolled)
    if name.startswith("TRT01"):
        kept = known["ARM"]
    else:
        kept = known.get(name, pl.repeat(None, story.people.n, dtype=pl.String, eager=True))
    if kept.dtype != pl.String:
        return {}
    value = pl.Series([str(condition.values[0])])
    return {name: kept.zip_with(~failed, value)}


def _values(variable: Variable, n: int, rng: np.random.Generator) -> dict[str, pl.Series]:
    """Return the column of a variable, and further columns that its levels read."""
    if variable.kind == "measured":
        known = (value for stem, value in _MIDDLE.items() if stem in variable.column.upper())
        middle = next(known, 58.0)
        drawn = np.exp(rng.normal(np.log(middle), 0.16, size=n))
        return {variable.column: pl.Series(np.round(drawn, variable.decimals))}
    drawn_levels = rng.integers(0, len(variable.levels), size=n)
    conditions = [level.where for level in variable.levels]
    labels = [
        (None if level.where is None else _within(level.where, variable.column))
        or str(level.recorded)
        for level in variable.levels
    ]
    found = {variable.column: words(labels, drawn_levels)}
    read = [name for one in conditions if one is not None for name in condition_columns(one)]
    for name in dict.fromkeys(read):
        if name != variable.column:
            texts = [None if one is None else _within(one, name) for one in conditions]
            codes = np.array([at if text is not None else -1 for at, text in enumerate(texts)])
            found[name] = words([text or "" for text in texts], codes[drawn_levels])
    return found


def _within(condition: Condition, column: str) -> str | None:
    """Return a value that meets a condition on one column: a word, a number or a day."""
    if isinstance(condition, All | AnyOf):
        found = (_within(part, column) for part in condition.parts)
        return next((one for one in found if one is not None), None)
    if isinstance(condition, OneOf) and condition.column == column:
        return next((str(one) for one in condition.values if one is not None), None)
    if not isinstance(condition, Bound) or condition.column != column:
        return None
    step = {"gt": 1, "lt": -1}.get(condition.operator, 0)
    if isinstance(condition.value, str):
        return (date.fromisoformat(condition.value) + timedelta(days=step)).isoformat()
    return f"{condition.value + step:g}"


def disposition_table(story: Story) -> pl.DataFrame:
    """Construct DS: milestones, the end of treatment and the end of participation."""
    protocol, people, course = story.protocol, story.people, story.course
    everybody, failed = np.arange(people.n), np.flatnonzero(~people.enrolled)
    ended = np.flatnonzero(course.ended)
    over = np.flatnonzero((course.death < NEVER) | course.left)
    enrolled = np.flatnonzero(people.enrolled) if protocol.study.randomised else failed[:0]
    terms = (
        *("INFORMED CONSENT OBTAINED", "RANDOMIZED", "SCREEN FAILURE"),
        *(*END_REASONS, "WITHDRAWAL BY SUBJECT", "LOST TO FOLLOW-UP", "DEATH"),
    )
    base = 3 + len(END_REASONS)
    withdrew = (course.reason == STOP_REASONS.index("WITHDRAWAL BY SUBJECT"))[over]
    final = np.where(course.death[over] < NEVER, 2, np.where(withdrew, 0, 1))
    ended_on = np.where(course.reason == END_REASONS.index("DEATH"), course.death, course.end)
    parts = (
        (everybody, np.zeros(people.n, dtype=np.int64), people.consent, 0),
        (enrolled, np.ones(len(enrolled), dtype=np.int64), people.first_dose[enrolled] - 1, 0),
        (failed, np.full(len(failed), 2), people.consent[failed] + 2, 1),
        (ended, 3 + course.reason[ended], ended_on[ended], 2),
        (over, base + final, course.last_contact[over], 3),
    )
    owner, term, day = (np.concatenate([part[at] for part in parts]) for at in range(3))
    scope = np.repeat([part[3] for part in parts], [len(part[0]) for part in parts])
    order = np.lexsort((scope, day, owner))
    owner, term, scope = owner[order], term[order], scope[order]
    decoded = words(terms, term)
    reported = (*terms[:3], *(f"TREATMENT ENDED: {one}" for one in terms[3:base]), *terms[base:])
    return pl.DataFrame(
        {
            "USUBJID": people.names.gather(owner),
            "DSSEQ": numbered(owner),
            "DSTERM": words(reported, term),
            "DSDECOD": decoded,
            "DSCAT": words(("PROTOCOL MILESTONE", "DISPOSITION EVENT"), np.minimum(scope, 1)),
            "DSSCAT": words(("STUDY TREATMENT", "STUDY PARTICIPATION"), _scopes(scope)),
            "DSSTDTC": iso(day[order]),
        }
    )


def _scopes(scope: Whole) -> Whole:
    code: Whole = np.select([scope == 2, scope == 0], [0, -1], 1)
    return code


def criteria_table(story: Story) -> pl.DataFrame:
    """Construct IE: the criterion that each screening failure did not meet."""
    rng = stream(story.seed, "IE")
    failed = np.flatnonzero(~story.people.enrolled)
    which = rng.integers(0, len(_CRITERIA), size=len(failed))
    codes, texts, kinds = zip(*_CRITERIA, strict=True)
    return pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(failed),
            "IESEQ": np.ones(len(failed), dtype=np.int64),
            "IETESTCD": words(codes, which),
            "IETEST": words(texts, which),
            "IECAT": words(kinds, which),
            "IEORRES": words(("N", "Y"), (which >= 2).astype(np.int64)),
        }
    )


def survival_table(story: Story) -> pl.DataFrame:
    """Construct SS: contacts every twelve weeks after treatment, the last one, and known deaths."""
    rng = stream(story.seed, "SS")
    people, course = story.people, story.course
    dead = course.death < NEVER
    until = np.where(dead, course.death - 1, course.last_contact)
    days = np.where(course.ended, until - course.end, 0)
    owner, number = expand(np.maximum(days, 0) // _CONTACT_DAYS)
    early = rng.integers(0, 15, size=len(owner))
    contact = course.end[owner] + _CONTACT_DAYS * (number + 1) - early
    # Who is alive when the tables close, or leaves, is asked a last time on that day.
    last = np.flatnonzero(people.enrolled & ~dead)
    died = np.flatnonzero(dead)
    owners = np.concatenate([owner, last, died])
    day = np.concatenate([contact, course.last_contact[last], course.death[died]])
    status = np.repeat([0, 1], [len(owner) + len(last), len(died)])
    kept = _first_of_day(owners, day)
    owners, day, status = owners[kept], day[kept], status[kept]
    return pl.DataFrame(
        {
            "USUBJID": people.names.gather(owners),
            "SSSEQ": numbered(owners),
            "SSTESTCD": pl.repeat("SURVSTAT", len(owners), eager=True),
            "SSSTRESC": words(("ALIVE", "DEAD"), status),
            "SSDTC": iso(day),
        }
    )


def _first_of_day(owner: Whole, day: Whole) -> Whole:
    """Return the order by patient and day, with one record of each day."""
    order = np.lexsort((day, owner))
    same: Truth = (np.diff(owner[order], prepend=-1) == 0) & (np.diff(day[order], prepend=-1) == 0)
    return order[~same]
