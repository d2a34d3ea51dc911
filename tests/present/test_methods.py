"""The methods section names everything that was done, and only that."""

from __future__ import annotations

from rows_report import protocol, results

from hepatica.present.methods import methods_paragraphs
from hepatica.present.patients import patients_paragraph
from hepatica.present.spans import plain_text
from hepatica.protocol import Protocol
from hepatica.results import ResultRow, Results


def written(plan: Protocol | None = None) -> dict[str, str]:
    """Return the paragraphs by their subject."""
    found = {}
    for paragraph in methods_paragraphs(results(), plan or protocol()):
        head, *rest = paragraph
        found[head.text.strip()] = plain_text(rest)
    return found


def test_design_names_dose_schedule_reductions_and_assessments() -> None:
    text = written()["Design and treatment."]
    assert (
        "Anlotinib (oral) was given at 12 mg once daily on days 1 to 14 of 21-day cycles; "
        "reductions to 10 mg and 8 mg were permitted for grade 3 non-haematological toxicity or "
        "grade 4 haematological toxicity."
    ) in text
    assert "every 42 days (window 7 days) by RECIST 1.1" in text
    assert "CTCAE 4.0 and count until 30 days after the last dose" in text
    assert "The data cut-off is 18 December 2019" in text
    assert "Patients were not randomised." in text


def test_every_method_of_a_row_is_named() -> None:
    text = " ".join(written().values())
    methods = {row.method for row in results() if row.method}
    assert methods
    assert [method for method in methods if method not in text] == []


def test_statistics_name_level_sides_and_dialect() -> None:
    text = written()["Statistical methods."]
    assert "Confidence intervals have the level 95%." in text
    assert "Tests are two-sided." in text
    assert "the methods of SAS are used" in text
    assert "P values are not adjusted for multiplicity." in text


def test_numbers_months_ne_and_nr_are_fixed_once() -> None:
    text = written()["How numbers are shown."]
    for word in ("30.4375", "NE means", "(NR)", "Missing", "half up"):
        assert word in text


def test_the_primary_objective_names_rates_targets_test_and_source() -> None:
    text = written()["Primary objective."]
    assert "the historical rate of 65% in Cohort 1 and 50% in Cohort 2" in text
    assert "the rate aimed at is 80% in Cohort 1 and 70% in Cohort 2" in text
    assert "two-sided Wald test of the Kaplan–Meier estimate on the log-log scale" in text


def test_every_rule_of_an_analysed_endpoint_is_written_out() -> None:
    text = " ".join(written().values())
    analysed = {getattr(one, "endpoint", "") for one in protocol().analyses}
    endpoints = [one for one in protocol().endpoints if one.id in analysed]
    assert len(endpoints) == 3
    for endpoint in endpoints:
        for rule in (*getattr(endpoint, "events", ()), *getattr(endpoint, "censoring", ())):
            assert rule.sentence.strip() in text


def test_sets_say_what_they_are_used_for() -> None:
    assert written()["Analysis sets."] == (
        "The full analysis set (FASFL) is used for baseline, progression-free survival, time to "
        "progression, overall survival and response. The safety analysis set (SAFFL) is used for "
        "adverse events."
    )


def test_post_hoc_analyses_are_named_and_otherwise_nothing_is_said() -> None:
    assert "Not planned beforehand." not in written()
    plan = protocol()
    late = tuple(
        one.model_copy(update={"post_hoc": True}) if one.id == "response" else one
        for one in plan.analyses
    )
    found = written(plan.model_copy(update={"analyses": late}))
    assert found["Not planned beforehand."] == "Post hoc: response."


def test_a_cut_point_names_its_source() -> None:
    assert written()["Cut-points."].startswith("Alpha-fetoprotein is divided at 400 ng/mL")


def test_the_patients_sentence_sums() -> None:
    assert plain_text(patients_paragraph(results(), protocol())) == (
        "50 patients were enrolled: 26 in Cohort 1 and 24 in Cohort 2. All of them belong to the "
        "full analysis set and the safety analysis set. "
    )


def test_one_patient_is_no_plural() -> None:
    row = ResultRow(study="S", analysis="sets", statistic="n", value=1.0, format="integer")
    assert plain_text(patients_paragraph(Results([row]), protocol())) == "1 patient was enrolled. "
