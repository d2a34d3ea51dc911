"""``hepatica design study``: scenarios and sizes, here and on Spark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hepatica.cli.app import app
from hepatica.errors import CommandError, ProtocolError
from hepatica.single.design_pieces import run_on_spark
from hepatica.single.design_study import simulate_design

STUDY = Path(__file__).parents[2] / "studies" / "anlotinib-after-lenvatinib"
TWO_ARMS = """
study: {id: TWO, title: Two arms, randomised: true}
data: {tables: {DM: {file: dm.csv}, EX: {file: ex.csv}, RS: {file: rs.csv}}}
arms:
  - {id: new, label: New, planned: 60}
  - {id: old, label: Old, planned: 60}
analysis_sets: [{like: full, id: full}]
assessments: {like: recist-1.1, every_days: 42, window_days: 7, response_from: coded}
endpoints: [{like: pfs, id: pfs}]
variables: [{id: age, label: Age, column: AGE, kind: measured}]
analyses: [{id: baseline, kind: baseline, set: full, variables: [age]}]
seed: 5
design:
  accrual: 12 months
  follow_up: 18 months
  compare: [new, old]
  scenarios:
    - id: same
      label: No difference
      arms:
        new: {pfs: {median: 5 months}, os: {median: 12 months}}
        old: {pfs: {median: 5 months}, os: {median: 12 months}}
    - id: better
      label: Late difference
      arms:
        new:
          pfs: {hazards: [{start: 0, monthly: 0.14}, {start: 2, monthly: 0.03}]}
          os: {median: 20 months}
        old: {pfs: {median: 5 months}, os: {median: 12 months}}
"""


@pytest.fixture
def two_arms(tmp_path: Path) -> Path:
    (tmp_path / "study.yaml").write_text(TWO_ARMS)
    return tmp_path


def test_two_arms_keep_their_level_and_gain_power(two_arms: Path) -> None:
    found = {(one.scenario, one.quantity): one for one in simulate_design(two_arms, 4000)}
    for endpoint in ("PFS", "OS"):
        null = [
            found["No difference", f"{endpoint}: log-rank {side}"].estimate
            for side in ("in favour", "against")
        ]
        assert sum(filter(None, null)) == pytest.approx(0.05, abs=0.012)
        ratio = found["No difference", f"{endpoint}: hazard ratio"].estimate
        assert ratio == pytest.approx(1.02, abs=0.03)
    assert found["Late difference", "PFS: log-rank in favour"].estimate > 0.4
    assert found["Late difference", "OS: hazard ratio"].estimate < 0.75


def test_a_grid_of_sizes_has_each_scenario_at_each_size() -> None:
    found = simulate_design(STUDY, 400, sizes=(14, 28, 56))
    power = [
        one.estimate
        for one in found
        if one.scenario == "Three months" and one.quantity.startswith("rejects: one-sample")
    ]
    assert len(power) == 3
    assert power == sorted(power)
    assert {one.n for one in found} == {14, 28, 56}


def test_the_command_prints_what_it_writes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = CliRunner().invoke(
        app,
        [
            *("design", "study", str(STUDY), "--trials", "200", "--sizes", "20,28"),
            *("--out", str(out), "--format", "json"),
        ],
    )
    assert answer.exit_code == 0, answer.output
    written = json.loads((out / "operating_characteristics.json").read_text())
    assert json.loads(answer.stdout) == written["rows"]
    page = (out / "operating_characteristics.html").read_text()
    assert "No effect, 20 patients in each arm" in page


def test_wrong_words_are_told(tmp_path: Path, two_arms: Path) -> None:
    answer = CliRunner().invoke(app, ["design", "study", str(STUDY), "--sizes", "20,x"])
    assert isinstance(answer.exception, CommandError)
    text = (two_arms / "study.yaml").read_text()
    (two_arms / "study.yaml").write_text(text.replace("compare: [new, old]", "compare: [new, new]"))
    with pytest.raises(ProtocolError, match="cannot be compared with itself"):
        simulate_design(two_arms, 10)
    (two_arms / "study.yaml").write_text(text.replace("{median: 20 months}", "{rate: 0.5}"))
    with pytest.raises(ProtocolError, match="Say survival in one way"):
        simulate_design(two_arms, 10)
    (two_arms / "study.yaml").write_text(text.split("design:")[0])
    with pytest.raises(CommandError, match="has no block 'design'"):
        simulate_design(two_arms, 10)


@pytest.mark.spark
@pytest.mark.filterwarnings("default")
def test_spark_gives_the_same_numbers() -> None:
    here = simulate_design(STUDY, 5200, sizes=(28,))
    there = simulate_design(STUDY, 5200, sizes=(28,), run=run_on_spark())
    assert here == there
