"""Certainty in rows and in the summary of findings, from a table on disk."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hepatica.errors import InputError
from hepatica.present.spans import plain_text
from hepatica.present.table import Table
from hepatica.present.tables.summary_of_findings import certainty_signs, table_summary_of_findings
from hepatica.results import Results
from hepatica.single.pool import plan_of, pool_evidence
from hepatica.stats.meta.absolute_risk import risk_under_treatment

PLAN = """
review: {id: R-1, title: A review}
files: [{file: extracted.csv}]
dialect: stata
model: {effects: common}
outcomes:
  - id: x
    label: Death
    measure: hazard_ratio
    better: lower
    certainty:
      start: high
      down: {imprecision: {steps: 2, reason: Few events.}}
      baseline_risk: 0.5
      baseline_source: Half by the median
      event: deaths
"""
RATIOS = """study,outcome,estimate,lower,upper
A,x,0.5,0.25,1
B,x,2,1,4
C,x,1,0.5,2
"""


def summary(folder: Path, plan: str = PLAN) -> tuple[Results, Table]:
    (folder / "review.yaml").write_text(plan, encoding="utf-8")
    (folder / "extracted.csv").write_text(RATIOS, encoding="utf-8")
    pooled = pool_evidence(plan_of(folder))
    return pooled.results, table_summary_of_findings(pooled.results, pooled.review)


@pytest.mark.parametrize(
    ("measure", "effect", "risk"),
    [
        ("risk_ratio", 0.5, 0.1),
        ("odds_ratio", 4.0, 0.5),
        ("hazard_ratio", 2.0, 0.36),
        ("risk_difference", -0.05, 0.15),
    ],
)
def test_a_risk_of_20_percent_by_hand(measure: str, effect: float, risk: float) -> None:
    assert risk_under_treatment(0.2, effect, measure=measure) == pytest.approx(risk, rel=1e-12)


def test_no_effect_leaves_the_risk_and_nonsense_is_refused() -> None:
    for measure, risk in itertools.product(
        ("risk_ratio", "odds_ratio", "hazard_ratio"), (0.001, 0.3, 0.99)
    ):
        assert risk_under_treatment(risk, 1.0, measure=measure) == pytest.approx(risk, rel=1e-12)
    with pytest.raises(InputError, match="between 0 and 1"):
        risk_under_treatment(1.0, 0.5, measure="risk_ratio")
    with pytest.raises(InputError, match="hazard ratio"):
        risk_under_treatment(0.5, 0.5, measure="median")


def test_signs_and_word() -> None:
    assert [certainty_signs(one) for one in ("very low", "high")] == ["⊕◯◯◯ Very low", "⊕⊕⊕⊕ High"]


def test_absolute_effects_follow_from_the_relative_ones(tmp_path: Path) -> None:
    results, _ = summary(tmp_path)
    # The pooled ratio is 1 with limits 1/c and c: 1 - 0.5^c of 1000 patients.
    upper = results.one(
        analysis="x", variable="pooled", statistic="estimate_upper", subgroup=""
    ).value
    assert upper is not None
    change = results.one(analysis="x", variable="absolute", statistic="risk_change")
    assert change.value == pytest.approx(0.0, abs=1e-9)
    most = results.one(analysis="x", variable="absolute", statistic="risk_change_upper")
    assert most.value == pytest.approx(1000.0 * (0.5 - 0.5**upper))
    assert results.one(analysis="x", variable="certainty", statistic="certainty").text == "low"


def test_hints_are_named_as_hints(tmp_path: Path) -> None:
    results, table = summary(tmp_path)
    hints = {
        row.statistic: row.variable_level for row in results.where(analysis="x", variable="hint")
    }
    assert hints == {
        "hint_i2": "inconsistency",
        "hint_interval": "imprecision",
        "hint_few": "publication_bias",
    }
    told = [row.label + plain_text(row.note) for row in table.rows if row.kind == "message"]
    assert told[1] == "Starts high; imprecision −2 (Few events)."
    assert told[2].startswith("Hints from the numbers, no judgements: I² is 50 % or more")


def test_the_table_shows_each_number_from_its_row(tmp_path: Path) -> None:
    _, table = summary(tmp_path)
    head = table.rows[0]
    assert head.cells["certainty"].text == "⊕⊕◯◯ Low"
    assert head.cells["control"].text == "500"
    assert head.cells["relative"].text.startswith("HR 1.00 (")
    assert "R-1/published/x/hazard_ratio/absolute/control_risk" in table.row_ids


def test_outcomes_without_judgements_make_no_rows(tmp_path: Path) -> None:
    results, table = summary(tmp_path, PLAN.partition("    certainty:")[0])
    assert table.rows == ()
    assert not results.where(analysis="x", variable="absolute")
    assert not results.where(analysis="x", variable="hint")
