"""A registered trial before its first patient: protocol, design, plan, simulated report."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.protocol.read import read_protocol
from hepatica.single.design_study import simulate_design
from hepatica.single.registry import compare_accounts
from hepatica.study.run import run_study
from hepatica.study.simulate import simulate_collected_study

STUDY = Path(__file__).parents[2] / "studies" / "anlotinib-after-lenvatinib"


@pytest.mark.shared
def test_the_study_plans_what_is_registered(shared: Path) -> None:
    (record,) = (shared / "seeds").glob("003_*.txt")
    found = compare_accounts(record, STUDY)
    assert len(found) == 13
    assert {one.verdict for one in found} == {"same"}


def test_the_plan_runs_on_constructed_patients(tmp_path: Path) -> None:
    simulate_collected_study(STUDY, 28, tmp_path / "tried")
    finished = run_study(tmp_path / "tried", None)
    assert not finished.failures
    found = compare_accounts(STUDY, finished.out)
    assert {one.verdict for one in found} == {"same"}


def test_scans_that_see_late_raise_the_first_error(tmp_path: Path) -> None:
    found = {
        (one.scenario, one.quantity): one.estimate
        for one in simulate_design(STUDY, 5000, tmp_path / "out")
    }
    test = "rejects: one-sample log-rank test"
    assert found["No effect", test] == pytest.approx(0.092, abs=0.015)
    assert found["Four months, as hoped for", test] > found["Three months", test] > 0.6
    assert read_protocol(STUDY / "study.yaml").arms[0].planned == 28
    assert (tmp_path / "out" / "operating_characteristics.html").is_file()
