"""``hepatica registry``: from a record to a report, and what changed on the way."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hepatica.cli.app import app
from hepatica.errors import CommandError
from hepatica.single.registry import begin_study, compare_accounts, write_registration
from hepatica.single.registry_fetch import fetch_record
from hepatica.study.run import run_study
from hepatica.study.simulate import simulate_collected_study

EXTRACT = """\
Anlotinib after lenvatinib
A single arm, open-label trial that plans to recruit 28 patients.
Hepatocellular carcinoma
DRUG: Anlotinib
Progression free survival (PFS), To progression or death., each 42 days up to 24 months
Overall survival, To death., up to 24 months|Objective response rate, each 42 days
Why it matters.
"""


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    file = tmp_path / "record.txt"
    file.write_text(EXTRACT)
    return file


def test_from_a_record_to_a_report_and_back(extract: Path, tmp_path: Path) -> None:
    study, simulated = tmp_path / "study", tmp_path / "simulated"
    begin_study(extract, study)
    simulate_collected_study(study, 28, simulated)
    run_study(simulated, None)
    found = compare_accounts(extract, simulated / "output")
    verdicts = {(one.what, one.name): one.verdict for one in found}
    assert verdicts["outcome", "Overall survival"] == "same"
    assert verdicts["size", ""] == "same"
    assert verdicts["outcome", "Adverse events"] == "added"

    report = json.loads((simulated / "output" / "results.json").read_text())
    report["rows"] = [row for row in report["rows"] if row["analysis"] != "time-to-event-os"]
    (simulated / "output" / "results.json").write_text(json.dumps(report))
    again = compare_accounts(extract, simulated / "output")
    assert ("outcome", "Overall survival", "dropped") in {
        (one.what, one.name, one.verdict) for one in again
    }


def test_registration_is_written_whole(extract: Path, tmp_path: Path) -> None:
    begin_study(extract, tmp_path / "study")
    items = write_registration(tmp_path / "study", tmp_path / "out")
    with (tmp_path / "out" / "who_items.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows] == [one.value for one in items]
    assert all(
        one.verdict == "same"
        for one in compare_accounts(tmp_path / "out" / "registry.json", tmp_path / "study")
    )


def test_a_folder_with_files_is_left_alone(extract: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not empty"):
        begin_study(extract, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["record.txt"]


def test_the_commands_answer(extract: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    study = str(tmp_path / "study")
    read = run(app, ["registry", "read", str(extract), "--out", study])
    assert read.exit_code == 0
    assert "28 participants" in read.output
    same = run(app, ["registry", "compare", str(extract), study, "--format", "json"])
    assert same.exit_code == 1, "adverse events were added"
    assert {one["verdict"] for one in json.loads(same.output)} == {"same", "added"}
    assert run(app, ["registry", "write", study, "--out", str(tmp_path / "o")]).exit_code == 0


def test_the_network_is_not_used_unless_it_is_allowed(tmp_path: Path) -> None:
    answer = CliRunner().invoke(
        app, ["registry", "fetch", "NCT02809534", "--out", str(tmp_path / "x.json")]
    )
    assert isinstance(answer.exception, CommandError)
    assert "--online" in str(answer.exception)
    assert not list(tmp_path.iterdir())


def test_a_record_is_fetched_whole_or_not_at_all(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    study = {"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}
    (source / "NCT00000001").write_text(json.dumps(study))
    (source / "NCT00000002").write_text("<html>")
    address = f"{source.as_uri()}/"
    fetch_record("NCT00000001", tmp_path / "one.json", address=address)
    assert json.loads((tmp_path / "one.json").read_text()) == study
    with pytest.raises(CommandError):
        fetch_record("NCT00000002", tmp_path / "two.json", address=address)
    with pytest.raises(CommandError, match="cannot be reached"):
        fetch_record("NCT00000003", tmp_path / "three.json", address=address)
    with pytest.raises(CommandError, match="no number"):
        fetch_record("NCT1; rm", tmp_path / "four.json", address=address)
    with pytest.raises(CommandError, match="exists already"):
        fetch_record("NCT00000001", tmp_path / "one.json", address=address)
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["one.json"]
