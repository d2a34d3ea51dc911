"""What is read of each patient: up to when changes count, and what happened on which day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from patient_cases import texts
from rows_report import ONE, TWO, protocol, row

from hepatica.derive import Datasets
from hepatica.present.figures.courses import Course, can_read, read_courses
from hepatica.present.patient_figures import PATIENT_FIGURES
from hepatica.present.study_figures import study_figures
from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.results import Results

START = date(2018, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def subject(name: str, arm: str, **more: Any) -> dict[str, Any]:
    words = {"USUBJID": name, "TRT01P": arm, "TRT01A": arm, "FASFL": "Y", "SAFFL": "Y"}
    dates = {"TRTSDT": START, "TRTEDT": day(100), "LSTALVDT": day(300), "DTHDT": None}
    return {**words, "ENRLFL": "Y", **dates, "EOTSTT": "DISCONTINUED", **more}


def response(
    name: str, parameter: str, value: str, on: int | None = None, visit: float = 0.0
) -> dict[str, Any]:
    when = None if on is None else day(on)
    return {"USUBJID": name, "PARAMCD": parameter, "AVALC": value, "ADT": when, "AVISITN": visit}


def total(name: str, on: int, change: float, visit: float) -> dict[str, Any]:
    where = {"USUBJID": name, "PARAMCD": "SDIAM", "ADT": day(on), "AVISITN": visit}
    return {**where, "PCHG": change}


def datasets() -> Datasets:
    """Return four patients: a response, progression, a new therapy, and nothing after baseline."""
    return {
        "ADSL": pl.DataFrame(
            [
                subject("P1", ONE),
                subject("P2", ONE, DTHDT=day(120)),
                subject("P3", TWO, EOTSTT="ONGOING"),
                subject("P4", TWO, FASFL=None),
            ],
            infer_schema_length=None,
        ),
        "ADRS": pl.DataFrame(
            [
                *(response("P1", "CBOR", "CR", 84), response("P1", "CRSP", "Y", 42)),
                *(response("P1", "BOR", "CR", 84), response("P1", "PD", "N")),
                *(response("P2", "CBOR", "SD", 42), response("P2", "BOR", "PR", 42)),
                *(response("P2", "PD", "Y", 84, 3.0), response("P2", "NEWL", "Y", 84, 3.0)),
            ],
            infer_schema_length=None,
        ),
        "ADTR": pl.DataFrame(
            [
                *(total("P1", 42, -40.0, 2.0), total("P1", 84, -100.0, 3.0)),
                *(total("P2", 42, -35.0, 2.0), total("P2", 86, 10.0, 3.0)),
                total("P2", 126, -90.0, 4.0),
                *(total("P3", 42, -5.0, 2.0), total("P3", 84, -50.0, 3.0)),
            ]
        ),
        "ADEX": pl.DataFrame(
            [
                {"USUBJID": "P1", "EXTRT": "A", "PARAMCD": "DURD", "ADT": None},
                {"USUBJID": "P1", "EXTRT": "A", "PARAMCD": "REDDT", "ADT": day(63)},
                {"USUBJID": "P1", "EXTRT": "B", "PARAMCD": "REDDT", "ADT": day(21)},
            ],
            infer_schema_length=None,
        ),
        "ADCM": pl.DataFrame([{"USUBJID": "P3", "ASTDT": day(60), "NEWTHFL": "Y"}]),
    }


def analysis() -> ResponseAnalysis:
    return next(one for one in protocol().analyses if isinstance(one, ResponseAnalysis))


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    found = read_courses(protocol(), datasets(), analysis(), "CBOR")
    return {one.name: one for one in found}


def test_patients_of_the_analysis_set_are_read_once(courses: dict[str, Course]) -> None:
    assert list(courses) == ["P1", "P2", "P3"]
    assert [one.group for one in courses.values()] == [ONE, ONE, TWO]


def test_sums_count_up_to_the_visit_of_progression(courses: dict[str, Course]) -> None:
    # The sum of visit 3 is dated two days after its progression, and belongs to it.
    assert courses["P2"].changes == ((42, -35.0), (86, 10.0))
    assert courses["P2"].best == -35.0


def test_sums_after_a_new_therapy_do_not_count(courses: dict[str, Course]) -> None:
    assert courses["P3"].changes == ((42, -5.0),)


def test_responses_and_what_was_not_confirmed(courses: dict[str, Course]) -> None:
    assert (courses["P1"].partial, courses["P1"].complete) == (42, 84)
    assert (courses["P2"].partial, courses["P2"].unconfirmed) == (None, True)
    assert courses["P3"].response == "MISSING"


def test_days_count_from_the_first_dose(courses: dict[str, Course]) -> None:
    second = courses["P2"]
    assert (second.treated, second.progressed, second.died, second.followed) == (100, 84, 120, 120)
    assert second.new_lesion
    assert (courses["P3"].ongoing, courses["P3"].followed) == (True, 300)


def test_the_first_lower_dose_of_any_drug_is_read(courses: dict[str, Course]) -> None:
    assert [one.reduced for one in courses.values()] == [21, None, None]
    without = {name: frame for name, frame in datasets().items() if name != "ADEX"}
    assert all(one.reduced is None for one in read_courses(protocol(), without, analysis(), "BOR"))


def test_categories_of_cut_points_are_read_where_adsl_has_them() -> None:
    made = dict(datasets())
    made["ADSL"] = made["ADSL"].with_columns(
        pl.Series("AFP_400_CAT", ["Below 400 ng/mL", None, "400 ng/mL or more", None])
    )
    found = read_courses(protocol(), made, analysis(), "CBOR", ("afp-400",))
    assert [one.categories for one in found] == [
        ("Below 400 ng/mL",), (None,), ("400 ng/mL or more",),
    ]  # fmt: skip
    results = rows({"CR": 1, "PR": 0, "SD": 1, "PD": 0, "MISSING": 1})
    with_marker = study_figures(results, protocol(), made, digest="", version="")
    shown = " ".join(texts(with_marker["response-waterfall"].wide))
    assert "Alpha-fetoprotein: + 400 ng/mL or more, − below 400 ng/mL, ? not measured." in shown


def rows(responses: dict[str, int]) -> Results:
    size = {"denominator": 3}
    found = [
        row("response", "n", n, level=level, population="FASFL", format="integer")
        for level, n in ((ONE, 2), (TWO, 1), ("", 3))
    ]
    for name, n in responses.items():
        where = {"variable": "best_response", "variable_level": name, "parameter": "CBOR", **size}
        found.append(row("response", "n", n, format="integer", **where))
        found.append(row("response", "percent", 100 * n / 3, format="percent", **where))
    return Results(found)


def test_a_study_with_courses_has_figures_of_them_and_one_without_has_none() -> None:
    plan = protocol()
    results = rows({"CR": 1, "PR": 0, "SD": 1, "PD": 0, "MISSING": 1})
    names = {f"response-{kind}" for kind in PATIENT_FIGURES}
    figures = study_figures(results, plan, datasets(), digest="", version="")
    assert set(figures) == names
    assert all(figures[name].narrow is not None for name in names)
    assert "3 of 3 patients." in " ".join(texts(figures["response-waterfall"].wide))
    bare = {name: frame for name, frame in datasets().items() if name != "ADTR"}
    assert not can_read(bare, sums=True)
    assert set(study_figures(results, plan, bare, digest="", version="")) == {"response-swimmer"}
    assert study_figures(results, plan, digest="", version="") == {}
