"""EX, VS, LB and CM: doses, vital signs, laboratory values, and other therapies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.protocol.variables import Biomarker
from hepatica.simulate.biomarkers import values_at
from hepatica.simulate.draw import NEVER, Real, Whole, chance, iso, numbered, partly, words
from hepatica.simulate.story import Story
from hepatica.simulate.visits import clinic_days, cycle_visits
from hepatica.stats.random_streams import stream

_FREQUENCIES = {1: "QD", 2: "BID", 3: "TID", 4: "QID"}


@dataclass(frozen=True, slots=True)
class _Test:
    """A laboratory test: log-normal values around a middle, and the limits of normal."""

    code: str
    name: str
    unit: str
    middle: float
    spread: float
    low: float
    high: float
    decimals: int


_TESTS = (
    _Test("ALT", "Alanine Aminotransferase", "U/L", 38.0, 0.45, 7.0, 40.0, 0),
    _Test("AST", "Aspartate Aminotransferase", "U/L", 44.0, 0.45, 13.0, 35.0, 0),
    _Test("BILI", "Bilirubin", "umol/L", 14.0, 0.4, 3.4, 20.5, 1),
    _Test("ALB", "Albumin", "g/L", 39.0, 0.1, 35.0, 52.0, 1),
    _Test("PLAT", "Platelets", "10^9/L", 140.0, 0.4, 125.0, 350.0, 0),
)
_ALPHA_FETOPROTEIN = _Test("AFP", "Alpha Fetoprotein", "ng/mL", 150.0, 1.8, 0.0, 7.0, 1)
_PRIOR = ("TRANSARTERIAL CHEMOEMBOLISATION", "SORAFENIB", "OXALIPLATIN", "LENVATINIB")
_SUBSEQUENT = ("REGORAFENIB", "CAMRELIZUMAB", "LENVATINIB", "SORAFENIB", "APATINIB")
_CONCOMITANT = ("ENTECAVIR", "AMLODIPINE", "OMEPRAZOLE", "LOPERAMIDE")
_CATEGORIES = (
    "PRIOR ANTICANCER THERAPY",
    "SUBSEQUENT ANTICANCER THERAPY",
    "CONCOMITANT MEDICATION",
)


def dose_table(story: Story) -> pl.DataFrame:
    """Construct EX: one row for each drug and cycle."""
    doses = story.doses
    names = [drug.drug.upper() for drug in doses.drugs]
    units = [_unit(story, position) for position in range(len(names))]
    often = [_FREQUENCIES.get(drug.schedule.per_day, "") for drug in doses.drugs]
    routes = [drug.route.upper() for drug in doses.drugs]
    unit = np.where(np.isnan(doses.amount), -1, doses.drug)
    visit, number = cycle_visits(doses.cycle)
    changes = ("ADVERSE EVENT", "DELAYED FOR RECOVERY")
    adjusted = np.select([doses.reduced, doses.delayed], [0, 1], -1)
    return pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(doses.owner),
            "EXSEQ": numbered(doses.owner),
            "EXTRT": words(names, doses.drug),
            "EXDOSE": pl.Series(doses.amount).fill_nan(None),
            "EXDOSU": words(units, unit),
            "EXDOSFRQ": words(often, doses.drug),
            "EXROUTE": words(routes, doses.drug),
            "EXADJ": words(changes, adjusted),
            "VISIT": visit,
            "VISITNUM": number,
            "EXSTDTC": iso(doses.start),
            "EXENDTC": iso(doses.end),
        }
    )


def _unit(story: Story, drug: int) -> str:
    given = story.doses.drugs[drug]
    if given.dose is not None:
        return given.dose.unit
    return given.dose_by_weight[0].dose.unit if given.dose_by_weight else ""


def vital_sign_table(story: Story) -> pl.DataFrame:
    """Construct VS: weight and blood pressure at screening and every second cycle."""
    rng = stream(story.seed, "VS")
    owner, cycle, day = clinic_days(story)
    size = len(owner)
    loss = 1 - 0.004 * cycle * rng.random(size)
    weight = np.round(story.people.weight[owner] * np.where(cycle == 0, 1.0, loss), 1)
    systolic = np.rint(rng.normal(126, 13, size) + np.where(cycle > 0, 7, 0))
    values = (weight, np.clip(systolic, 85, 220), np.rint(np.clip(systolic * 0.62, 45, 130)))
    return _results(
        story,
        "VS",
        (
            ("WEIGHT", "Weight", "kg"),
            ("SYSBP", "Systolic Blood Pressure", "mmHg"),
            ("DIABP", "Diastolic Blood Pressure", "mmHg"),
        ),
        values,
        (owner, cycle, day),
    )


def laboratory_table(story: Story) -> pl.DataFrame:
    """Construct LB: liver tests, platelets and alpha-fetoprotein."""
    rng = stream(story.seed, "LB")
    visits = clinic_days(story)
    owner, cycle, _ = visits
    values = [_laboratory(story, test, owner, cycle, rng) for test in _TESTS]
    marker = next((one for one in story.protocol.biomarkers if "afp" in one.id.lower()), None)
    tests = [*_TESTS, _ALPHA_FETOPROTEIN]
    names = [(one.code, one.name, one.unit) for one in tests]
    names[-1] = (names[-1][0], names[-1][1], marker.unit if marker else names[-1][2])
    values.append(_alpha_fetoprotein(story, marker, visits, rng))
    frame = _results(story, "LB", names, values, visits)
    limits = pl.DataFrame(
        {
            "LBTESTCD": [one.code for one in tests],
            "LBSTNRLO": [one.low for one in tests],
            "LBSTNRHI": [one.high for one in tests],
        }
    )
    return frame.join(limits, on="LBTESTCD", how="left", maintain_order="left")


def _laboratory(
    story: Story, test: _Test, owner: Whole, cycle: Whole, rng: np.random.Generator
) -> Real:
    own = rng.normal(np.log(test.middle), test.spread, story.people.n)
    noise = rng.normal(0.0, test.spread / 3, len(owner))
    drift = 0.01 * np.minimum(cycle, 20) * (1 if test.code in ("AST", "BILI") else -0.5)
    value: Real = np.exp(own[owner] + noise + drift)
    return np.round(value, test.decimals)


def _alpha_fetoprotein(
    story: Story,
    marker: Biomarker | None,
    visits: tuple[Whole, Whole, Whole],
    rng: np.random.Generator,
) -> Real:
    if marker is not None:
        return values_at(story, marker, *visits)
    owner, _, day = visits
    own = np.exp(rng.normal(np.log(_ALPHA_FETOPROTEIN.middle), 1.8, story.people.n))
    value: Real = np.maximum(own[owner] * story.people.burden(owner, day) ** 1.2, 0.5)
    return np.round(value, 1)


def _results(
    story: Story,
    domain: str,
    tests: list[tuple[str, str, str]] | tuple[tuple[str, str, str], ...],
    values: list[Real] | tuple[Real, ...],
    visits: tuple[Whole, Whole, Whole],
) -> pl.DataFrame:
    """Return one row for each visit and test, in that order."""
    owner, cycle, day = (np.repeat(column, len(tests)) for column in visits)
    test = np.tile(np.arange(len(tests)), len(visits[0]))
    value = pl.Series(np.stack(values, axis=1).ravel())
    visit, number = cycle_visits(cycle)
    codes, names, units = zip(*tests, strict=True)
    return pl.DataFrame(
        {
            "USUBJID": story.people.names.gather(owner),
            f"{domain}SEQ": numbered(owner),
            f"{domain}TESTCD": words(codes, test),
            f"{domain}TEST": words(names, test),
            f"{domain}STRESN": value,
            f"{domain}STRESC": value.cast(pl.String).str.strip_suffix(".0"),
            f"{domain}STRESU": words(units, test),
            "VISIT": visit,
            "VISITNUM": number,
            f"{domain}DTC": iso(day),
        }
    )


def therapy_table(story: Story) -> pl.DataFrame:
    """Construct CM: earlier and later anticancer therapies, and other drugs."""
    rng = stream(story.seed, "CM")
    people, course = story.people, story.course
    before = np.flatnonzero(rng.random(people.n) < 0.7)
    after = np.flatnonzero(course.new_therapy < NEVER)
    beside = np.flatnonzero(people.enrolled & (rng.random(people.n) < 0.5))
    began = people.consent[before] - rng.integers(60, 900, size=len(before))
    stopped = began + rng.integers(1, 40, size=len(before))
    length = rng.integers(21, 160, size=len(after))
    later = course.new_therapy[after] + length
    known = course.last_contact[after]
    given = people.first_dose[beside] + rng.integers(0, 30, size=len(beside))
    given = np.minimum(given, course.end[beside])
    parts = (
        (before, began, stopped, chance((0.5, 0.25, 0.15, 0.1), len(before), rng)),
        (
            after,
            course.new_therapy[after],
            np.where(later <= known, later, NEVER),
            len(_PRIOR) + rng.integers(0, len(_SUBSEQUENT), size=len(after)),
        ),
        (
            beside,
            given,
            np.full(len(beside), NEVER),
            len(_PRIOR) + len(_SUBSEQUENT) + rng.integers(0, len(_CONCOMITANT), size=len(beside)),
        ),
    )
    owner, start, end, drug = (np.concatenate([part[at] for part in parts]) for at in range(4))
    category = np.repeat(np.arange(3), [len(part[0]) for part in parts])
    order = np.lexsort((category, start, owner))
    name = words((*_PRIOR, *_SUBSEQUENT, *_CONCOMITANT), drug[order])
    share = story.options.partial_dates
    return pl.DataFrame(
        {
            "USUBJID": people.names.gather(owner[order]),
            "CMSEQ": numbered(owner[order]),
            "CMTRT": name,
            "CMDECOD": name,
            "CMCAT": words(_CATEGORIES, category[order]),
            "CMSTDTC": partly(iso(start[order]), share, rng),
            "CMENDTC": partly(iso(end[order]), share, rng),
        }
    )
