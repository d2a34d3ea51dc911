"""Tables of models: univariable beside multivariable, others beside it, and what was refused."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2] / "analyse"))

from model_patients import COVARIATES, PINNED, datasets, study

from hepatica.analyse import analyse
from hepatica.present.model_methods import model_sentences
from hepatica.present.table import Table
from hepatica.present.tables import tables_models
from hepatica.results import Results

PLAN: dict[str, Any] = {
    "kind": "cox",
    "endpoint": "os",
    "covariates": COVARIATES,
    "per": {"age": 10},
    "select": {"p_below": 0.05},
    "alternatives": ["prespecified", "penalised"],
    "interactions": [["arm", "sex"]],
    "centre": {"variable": "centre", "as": ["stratum", "cluster"]},
}


@cache
def shown(separated: bool = False) -> tuple[Results, tuple[Table, ...]]:
    protocol = study(PLAN)
    rows = [dict(one) for one in PINNED["patients"]]
    for one in rows:
        one["event"] = 0 if separated and one["arm"] == "B" else one["event"]
    results = analyse(protocol, datasets(protocol, rows))
    return results, tables_models(results, protocol, protocol.analyses[0])


def text(table: Table) -> list[str]:
    return [
        f"{row.label}: {' | '.join(cell.text for cell in row.cells.values())}" for row in table.rows
    ]


def test_univariable_and_multivariable_estimates_stand_side_by_side() -> None:
    table = shown()[1][0]
    lines = text(table)
    assert "Age, per 10 years: 171 | 163 | 1.09 (0.91–1.29) | 0.35 | – | –" in lines
    assert "A: 77 | 69 | Reference | " in lines
    assert "B: 103 | 101 | 1.42 (1.04–1.94) | 0.026 | 1.39 (1.0001–1.92) | 0.0499" in lines
    assert "ECOG: < 0.001 | < 0.001" in lines
    assert "Patients (events): 174 (165)" in lines
    assert [one.label for one in table.spanners] == ["Univariable", "Multivariable"]
    assert "P values after selection are too small" in table.footnotes[0]


def test_every_number_leads_to_a_row() -> None:
    results, tables = shown()
    known = {row.id for row in results}
    for table in tables:
        assert set(table.row_ids) <= known
        loose = [
            span.text
            for span in table.spans()
            if not span.row_id and any(one.isdigit() for one in span.text)
        ]
        assert loose == []


def test_models_beside_it_and_those_of_the_centre_have_tables_of_their_own() -> None:
    _, beside, centre, checks = shown()[1]
    assert [one.label for one in beside.columns] == ["Selected", "All, prespecified", "All, lasso"]
    assert any("left out" in line for line in text(beside))
    assert [one.label for one in centre.columns] == [
        "Selected",
        "Stratified by centre",
        "Centre as cluster",
    ]
    assert not any(row.label.startswith("Age") for row in centre.rows)
    assert "With 6 clusters the robust variance is too small" in centre.footnotes[0]
    assert text(checks)[0] == "Interaction of Treatment and Sex: 0.069"


def test_a_reason_and_firths_estimate_stand_where_there_is_no_other() -> None:
    lines = text(shown(separated=True)[1][0])
    place = next(at for at, line in enumerate(lines) if line.startswith("B, Firth's penalty"))
    assert lines[place - 1].startswith("B: 103 | 0 | NE | ")
    assert "NE" not in lines[place]
    assert lines[place + 1].startswith("None of the 103 patients with Treatment: B has an event")


def test_methods_say_how_covariates_came_in() -> None:
    sentences = list(model_sentences(study(PLAN)))
    assert sentences[0] == (
        "covariates looked at for overall survival: treatment, age, sex, ECOG and AFP"
    )
    assert any("below 0.05 were in the multivariable model" in one for one in sentences)
    assert any("P values that are too small" in one for one in sentences)
