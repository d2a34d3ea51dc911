"""Tables and figures of comparisons and subgroups: what they show, and what they say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hepatica.present.content import Figure
from hepatica.present.format import format_row
from hepatica.present.key_results import key_results
from hepatica.present.report import numbers_traced, report_content
from hepatica.present.spans import plain_text
from hepatica.present.study_figures import study_figures
from hepatica.present.table import Table
from hepatica.present.tables import table_endpoints, table_response, table_subgroups
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def _patients() -> ModuleType:
    place = Path(__file__).parents[1] / "analyse" / "compared_groups.py"
    spec = importlib.util.spec_from_file_location("compared_groups_shown", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PATIENTS = _patients()
COMPARE = {
    "reference": "A",
    "strata": ["level"],
    "stratified": "both",
    "weighted": [{"rho": 0, "gamma": 1}],
    "max_combo": True,
    "restricted_mean": "6 months",
    "proportionality": True,
    "cluster": "centre",
    "frailty": "centre",
}


@pytest.fixture(scope="module")
def shown() -> tuple[Results, Protocol]:
    protocol = PATIENTS.study(
        {"kind": "time_to_event", "endpoint": "os", "compare": COMPARE},
        {"kind": "subgroups", "endpoint": "os", "reference": "A", "subgroups": ["level", "sex"]},
        {
            "kind": "response",
            "endpoints": ["orr"],
            "compare": {"reference": "A", "strata": ["level"], "odds_ratio": "woolf"},
        },
    )
    people = PATIENTS.cohort("several")
    for number, one in enumerate(people):
        one["sex"] = None if number < 3 else "Female" if number < 7 else "Male"
        one["response"] = "PR" if one["arm"] == "B" and number % 4 == 0 else "PD"
    return PATIENTS.carried_out(protocol, people), protocol


@pytest.fixture(scope="module")
def figures(shown: tuple[Results, Protocol]) -> dict[str, Figure]:
    return study_figures(*shown, digest="d", version="0")


def cells(table: Table, label: str) -> list[str]:
    rows = [one for one in table.rows if one.kind != "message"]
    (row,) = [one for one in rows if one.label.startswith(label)]
    return [row.cells[one.id].text if one.id in row.cells else "" for one in table.columns]


def test_the_table_of_endpoints_names_each_model(shown: tuple[Results, Protocol]) -> None:
    results, protocol = shown
    table = table_endpoints(results, protocol, (protocol.analyses[0],))  # type: ignore[arg-type]
    labels = [row.label for row in table.rows if row.label.startswith("Hazard ratio")]
    assert labels == [
        "Hazard ratio against A, stratified (95% CI, Wald)",
        "Hazard ratio against A, unstratified (95% CI, Wald)",
        "Hazard ratio against A, clusters (95% CI, robust)",
        "Hazard ratio against A, shared frailty (95% CI, Wald)",
    ]
    ratio = results.one(analysis="one", statistic="hazard_ratio", variable="cox_frailty", level="B")
    shared = cells(table, "Hazard ratio against A, shared")
    assert shared[0] == "reference"
    assert shared[1].startswith(format_row(ratio))
    notes = " ".join(table.footnotes)
    for method in (
        "robust Wald interval by centre",
        "gamma frailty shared within centre",
        "max-combo",
        "Fleming–Harrington",
        "restricted mean to 6 months",
        "scaled Schoenfeld residuals",
        "The groups were not randomised.",
    ):
        assert method in notes
    said = [plain_text(row.note) for row in table.rows if row.kind == "message"]
    assert any("proportional hazards" in one and "P " in one for one in said)


def test_the_table_of_response_names_the_test(shown: tuple[Results, Protocol]) -> None:
    results, protocol = shown
    table = table_response(results, protocol, protocol.analyses[2])  # type: ignore[arg-type]
    p_value = results.one(analysis="three", variable="comparison", statistic="p_value", level="B")
    assert cells(table, "P, two-sided")[1] == f"{format_row(p_value)} (Pearson)"
    assert cells(table, "Odds ratio against A, strat")[1] == "NE"
    told = [plain_text(row.note) for row in table.rows if row.kind == "message"]
    assert any("Choose exact limits" in one for one in told)
    notes = " ".join(table.footnotes)
    assert "chosen because no expected count is below 5" in notes
    assert "Newcombe hybrid score limits" in notes
    assert "Cochran–Mantel–Haenszel" in notes


def test_the_table_of_subgroups(shown: tuple[Results, Protocol]) -> None:
    results, protocol = shown
    table = table_subgroups(results, protocol, protocol.analyses[1])  # type: ignore[arg-type]
    heads = [row.label for row in table.rows if row.kind == "head"]
    assert heads == ["Level", "Sex"]
    interaction = results.one(
        analysis="two", statistic="interaction_p_value", subgroup="level", variable="subgroups"
    )
    assert cells(table, "Level")[-1] == format_row(interaction)
    told = [plain_text(row.note) or row.label for row in table.rows if row.kind == "message"]
    assert any(one.startswith("Female: Too few events") for one in told)
    assert "not adjusted for multiplicity (2 tests)" in " ".join(table.footnotes)


def test_subgroups_of_a_restricted_analysis_are_found() -> None:
    plan = {"kind": "subgroups", "endpoint": "os", "reference": "A", "subgroups": ["level"]}
    everybody = {"where": {"not": {"USUBJID": "nobody"}}, "where_label": "Second line"}
    protocol = PATIENTS.study(plan, plan | everybody)
    results = PATIENTS.carried_out(protocol, PATIENTS.cohort("several"))
    whole, restricted = (
        table_subgroups(results, protocol, one)  # type: ignore[arg-type]
        for one in protocol.analyses
    )
    assert cells(restricted, "All patients") == cells(whole, "All patients")
    assert cells(restricted, "Level")[-1] == cells(whole, "Level")[-1] != ""
    assert restricted.short == "Overall survival in subgroups, second line"


def test_figures_of_both_widths(figures: dict[str, Figure]) -> None:
    assert {"one", "one-proportionality", "two"} <= set(figures)
    for name in ("one-proportionality", "two"):
        assert (figures[name].wide.width_mm, figures[name].narrow.width_mm) == (180.0, 85.0)
        assert figures[name].narrow.id == f"{name}-85mm"


def test_the_forest_shows_what_the_rows_hold(
    shown: tuple[Results, Protocol], figures: dict[str, Figure]
) -> None:
    results, _ = shown
    forest = figures["two"].wide
    ratios = [
        row
        for row in results.where(analysis="two", statistic="hazard_ratio", variable="subgroups")
        if row.status == "ok"
    ]
    assert len(ratios) == 5  # all, three levels, men
    for row in ratios:
        assert row.id in forest.row_ids
        assert format_row(row) in forest.svg
    assert "too few" in forest.svg
    assert "not adjusted for 2 subgroups tested" in forest.svg.replace("\n", " ")
    assert "not randomised" in forest.svg
    assert "Patients without a known level: Sex (3)" in forest.svg
    assert forest.alt.startswith("Forest plot of the hazard ratio of B against A in 5 levels")


def test_the_residuals_show_the_test(
    shown: tuple[Results, Protocol], figures: dict[str, Figure]
) -> None:
    results, _ = shown
    drawn = figures["one-proportionality"].wide
    test = results.one(analysis="one", variable="proportionality", level="B", statistic="p_value")
    assert test.id in drawn.row_ids
    assert "Test of proportional hazards" in drawn.svg
    points = results.where(analysis="one", variable="schoenfeld")
    assert {row.id for row in points} <= set(drawn.row_ids)


def test_the_same_rows_give_the_same_bytes(
    shown: tuple[Results, Protocol], figures: dict[str, Figure]
) -> None:
    again = study_figures(*shown, digest="d", version="0")
    for name in ("one-proportionality", "two"):
        assert again[name].wide.svg == figures[name].wide.svg
        assert again[name].narrow.png == figures[name].narrow.png


def test_every_number_of_the_report_leads_to_a_row(
    shown: tuple[Results, Protocol], figures: dict[str, Figure]
) -> None:
    content = report_content(shown[1], shown[0], figures)
    traced, printed = numbers_traced(content)
    assert traced == printed
    efficacy = next(one for one in content.sections if one.id == "efficacy")
    assert figures["two"] in efficacy.blocks
    assert figures["one-proportionality"] in efficacy.blocks


def crossing() -> list[dict[str, Any]]:
    early = [{"arm": "A", "time": 1 + n, "event": 1} for n in range(40)]
    early += [{"arm": "A", "time": 400 + 20 * n, "event": 1} for n in range(20)]
    return [*early, *({"arm": "B", "time": 60 + 3 * n, "event": 1} for n in range(60))]


@pytest.mark.parametrize("asked", [True, False])
def test_key_results_warn_where_hazards_cross(asked: bool) -> None:
    compare = {"reference": "A", "proportionality": asked}
    protocol = PATIENTS.study({"kind": "time_to_event", "endpoint": "os", "compare": compare})
    results = PATIENTS.carried_out(protocol, crossing())
    said = " ".join(plain_text(one) for one in key_results(results, protocol).sentences)
    assert "the hazard ratio of overall survival was" in said
    assert "The groups were not randomised." in said
    assert ("The hazards are not proportional" in said) is asked
