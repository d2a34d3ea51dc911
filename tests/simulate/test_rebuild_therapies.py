"""Therapies, history, screening failures and deviations agree with courses and print."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from printed_patients import ARMS, story, study, with_arm

from hepatica.derive.adcm import derive_adcm
from hepatica.derive.disposition import derive_screen_failures
from hepatica.errors import CommandError, InputError
from hepatica.simulate.rebuild.biomarkers import matched_patients
from hepatica.simulate.rebuild.construction import Construction, Therapies
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.deviations import deviations_table
from hepatica.simulate.rebuild.history import history_table, procedure_table
from hepatica.simulate.rebuild.margins import dealt_columns
from hepatica.simulate.rebuild.screening import criteria_table, screening_subjects
from hepatica.simulate.rebuild.therapies import therapy_table


def chosen(**update: object) -> Rebuild:
    construction: Construction = study().construction.model_copy(update=update)
    return replace(study(), construction=construction)


@pytest.fixture(scope="module")
def therapies() -> pl.DataFrame:
    return therapy_table(study())


@pytest.fixture(scope="module")
def derived(therapies: pl.DataFrame) -> pl.DataFrame:
    """ADCM with the arm, as the pipeline derives it from CM and PR."""
    adsl = study().courses.select(
        "USUBJID",
        TRTSDT="first_dose",
        TRTEDT=pl.col("first_dose") + pl.duration(days=pl.col("treatment_days") - 1),
    )
    frames = [
        typed(frame, domain)
        for frame, domain in ((therapies, "CM"), (procedure_table(study()), "PR"))
    ]
    adcm = derive_adcm(study().protocol, *frames, nw.from_native(adsl))
    return with_arm(adcm.collect().to_polars())


def typed(frame: pl.DataFrame, domain: str) -> nw.DataFrame:
    dates = {f"{domain}{name}": pl.col(f"{domain}{name}C") for name in ("STDT", "ENDT")}
    known = {
        f"{name}P": pl.when(text.is_not_null()).then(pl.lit("D")) for name, text in dates.items()
    }
    days = {name: text.str.to_date() for name, text in dates.items()}
    return nw.from_native(frame.with_columns(**days, **known))


@pytest.mark.parametrize(
    ("kind", "numbers"), [("Targeted therapy", (10, 8)), ("Checkpoint inhibitor", (5, 4))]
)
def test_later_therapies_are_as_many_as_printed(
    derived: pl.DataFrame, kind: str, numbers: tuple[int, int]
) -> None:
    later = derived.filter((pl.col("NEWTHFL") == "Y") & (pl.col("CMSCAT") == kind))
    found = [later.filter(ARM=arm)["USUBJID"].n_unique() for arm in ARMS]
    printed = [
        study().published.value(analysis="subsequent-therapy", variable_level=kind, level=arm)
        for arm in ARMS
    ]
    assert found == printed == list(numbers)


def test_the_first_later_therapy_starts_on_its_day_and_is_another_drug(
    therapies: pl.DataFrame,
) -> None:
    courses = {row["USUBJID"]: row for row in study().courses.to_dicts()}
    later = therapies.filter(pl.col("CMCAT").str.starts_with("SUBSEQUENT"))
    before = therapies.filter(pl.col("CMCAT").str.starts_with("PRIOR"))
    had = dict(before.select("USUBJID", "CMTRT").rows())
    for (subject,), rows in later.group_by("USUBJID"):
        course = courses[str(subject)]
        first = date.fromisoformat(rows["CMSTDTC"].min())
        assert (first - course["first_dose"]).days + 1 == course["later_day"]
        assert had.get(str(subject)) not in rows["CMTRT"].to_list()
    assert later["USUBJID"].n_unique() == study().courses["later_day"].count()


def test_first_line_drugs_are_as_many_as_printed(derived: pl.DataFrame) -> None:
    prior = derived.filter(pl.col("CMCAT") == "PRIOR CANCER THERAPY")
    assert set(prior["ARM"]) == {"Cohort 2"}
    assert (prior["PREFL"] == "Y").all()
    assert prior["NEWTHFL"].null_count() == prior.height
    found = dict(prior.group_by("CMDECOD").len().rows())
    assert found == {"SORAFENIB": 22, "DONAFENIB": 1, "APATINIB": 1}
    started = prior.join(study().courses, on="USUBJID").select(
        (pl.col("first_dose") - pl.col("ASTDT")).dt.total_days() == pl.col("first_line_days"),
        ended=pl.col("AENDT") < pl.col("first_dose"),
    )
    assert all(started[name].all() for name in started.columns)


def test_numbers_of_first_line_drugs_that_are_not_the_patients_are_refused() -> None:
    drugs = study().construction.therapies.first_line[1:]
    with pytest.raises(InputError, match="DONAFENIB, APATINIB sum to 2"):
        therapy_table(chosen(therapies=Therapies(first_line=drugs)))


def test_a_therapy_without_names_is_told() -> None:
    with pytest.raises(CommandError, match="under therapies"):
        therapy_table(chosen(therapies=Therapies()))


def test_concomitant_drugs_go_to_those_who_may_have_them(therapies: pl.DataFrame) -> None:
    positive = set(dealt_columns(study()).filter(HBVFL="Y")["USUBJID"])
    given = therapies.filter(CMTRT="ENTECAVIR")
    assert given.height > 5
    assert set(given["USUBJID"]) <= positive


def test_prior_surgery_and_hepatitis_are_recorded_of_who_had_them(derived: pl.DataFrame) -> None:
    baseline = dealt_columns(study())
    surgery = derived.filter(SRCDOM="PR")
    assert sorted(surgery["USUBJID"]) == sorted(baseline.filter(PRSURGFL="Y")["USUBJID"])
    assert (surgery["PREFL"] == "Y").all()
    history = history_table(study())
    for column, term in (("HBVFL", "CHRONIC HEPATITIS B"), ("HCVFL", "CHRONIC HEPATITIS C")):
        found = history.filter(MHTERM=term)["USUBJID"]
        assert sorted(found) == sorted(baseline.filter(pl.col(column) == "Y")["USUBJID"])


def test_screening_failures_are_those_not_enrolled() -> None:
    subjects = screening_subjects(study())
    numbers = study().published.numbers
    (printed,) = {one.value for one in numbers if one.label == "Patients screened"}
    assert subjects.height == printed - study().courses.height == 30
    assert not set(subjects["USUBJID"]) & set(study().courses["USUBJID"])
    window = study().construction.enrolment
    days = subjects["RFICDTC"].str.to_date()
    assert days.is_between(window.first, window.last).all()
    assert days.is_sorted()


def test_each_screening_failure_has_its_reason() -> None:
    found = derive_screen_failures({"IE": nw.from_native(criteria_table(study()))})
    assert found is not None
    reasons = found.collect().to_polars()
    assert sorted(reasons["USUBJID"]) == sorted(screening_subjects(study())["USUBJID"])
    counts = dict(reasons.group_by("SCRFREAS").len().rows())
    failures = study().construction.screening_failures
    before = {"INCLUSION": "Not met: ", "EXCLUSION": ""}
    assert counts == {before[one.category] + one.criterion: one.subjects for one in failures}


@pytest.fixture(scope="module")
def deviations() -> pl.DataFrame:
    return deviations_table(study(), story())


def test_deviations_are_as_many_as_chosen(deviations: pl.DataFrame) -> None:
    frame = with_arm(deviations)
    for one in study().construction.deviations:
        for arm, wanted in one.subjects.items():
            label = {arm.id: arm.label for arm in study().protocol.arms}[arm]
            found = frame.filter(DVDECOD=one.term, ARM=label)
            assert found["USUBJID"].n_unique() == found.height == wanted


def test_deviations_agree_with_scans_and_samples(deviations: pl.DataFrame) -> None:
    told, plan = story(), study().protocol.assessments
    assert told.scans is not None
    assert plan is not None
    names = told.people.names.to_list()
    late = deviations.filter(DVDECOD="ASSESSMENT OUT OF WINDOW")
    for subject, day in late.select("USUBJID", "DVSTDTC").rows():
        owner = names.index(subject)
        number = (date.fromisoformat(day) - date(1970, 1, 1)).days
        (place,) = np.flatnonzero((told.scans.owner == owner) & (told.scans.day == number))
        due = told.scans.planned[place] // 2 * plan.every_days
        assert abs(number - told.people.first_dose[owner] - due) > plan.window_days
    untaken = deviations.filter(DVDECOD="SAMPLE NOT TAKEN")["USUBJID"]
    assert not set(untaken) & matched_patients(study())


def test_more_deviations_than_the_records_allow_are_refused() -> None:
    sample = next(one for one in study().construction.deviations if one.about == "sample")
    many = sample.model_copy(update={"subjects": {"cohort-1": 20}})
    with pytest.raises(CommandError, match="of 20 patients of cohort-1"):
        deviations_table(chosen(deviations=(many,)), story())


def test_the_same_seed_gives_the_same_tables(therapies: pl.DataFrame) -> None:
    assert therapies.equals(therapy_table(study()))
    assert criteria_table(study()).equals(criteria_table(study()))
    assert screening_subjects(study()).equals(screening_subjects(study()))
