"""The command line as a user meets it: exit codes, formats, help, messages without tracebacks."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hepatica.cli import app, terminal

HEAVY = {"polars", "numpy", "scipy", "matplotlib", "dataframely", "pydantic", "narwhals"}


def hepatica(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hepatica", *words]
    environment = os.environ | {"NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=cwd, env=environment
    )


@pytest.fixture
def study(root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    source = root / "tests" / "ready"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("output"))
    return folder


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['hepatica', '--help']\n"
        "from hepatica.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.strip().splitlines()[-1].split())
    assert "check" in done.stdout
    assert loaded & HEAVY == set()


def test_the_package_itself_imports_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import hepatica; print(set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "{'hepatica'}"


def test_check_of_good_data_is_exit_0(study: Path) -> None:
    done = hepatica("check", str(study))
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert "No problems" in done.stdout
    assert f"hepatica run {study}" in " ".join(done.stdout.split())


def test_check_of_broken_data_is_exit_1_and_tells_all(study: Path) -> None:
    table = study / "data" / "adsl.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    spoiled = [lines[0], lines[1].replace("Cohort 1", "Cohort 9"), *lines[2:], lines[2]]
    table.write_text("\n".join(spoiled) + "\n", encoding="utf-8")
    done = hepatica("check", str(study))
    assert done.returncode == 1
    for word in ("S1-01", "S1-02", "data/adsl.csv", "found", "do"):
        assert word in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    told = json.loads(hepatica("check", str(study), "--format", "json").stdout)
    assert {problem["table"] for problem in told} == {"ADSL"}
    rows = list(
        csv.DictReader(io.StringIO(hepatica("check", str(study), "--format", "csv").stdout))
    )
    assert len(rows) == len(told) >= 2


def test_run_of_broken_data_writes_nothing(study: Path) -> None:
    (study / "data" / "adtte.csv").write_text("", encoding="utf-8")
    before = sorted(path.name for path in study.rglob("*"))
    done = hepatica("run", str(study))
    assert done.returncode == 1
    assert "Nothing was written" in done.stdout
    assert sorted(path.name for path in study.rglob("*")) == before


def test_a_wrong_protocol_is_exit_2_with_path_and_line(study: Path) -> None:
    plan = study / "study.yaml"
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("dialect: sas", "dialekt: sas"), encoding="utf-8"
    )
    done = hepatica("run", str(study))
    assert done.returncode == 2
    assert "dialekt" in done.stdout
    assert "line 20" in done.stdout
    assert "Nothing was read and nothing was written" in done.stdout


@pytest.mark.parametrize(
    "words", [("run",), ("run", "no-such-folder"), ("nonsense",), ("check", ".", "--format", "xml")]
)
def test_a_wrong_command_is_exit_2(words: tuple[str, ...], tmp_path: Path) -> None:
    done = hepatica(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr


def test_run_prints_rows_as_json_and_csv(study: Path) -> None:
    told = json.loads(hepatica("run", str(study), "--format", "json").stdout)
    assert {row["origin"] for row in told} == {"simulated"}
    rows = list(csv.DictReader(io.StringIO(hepatica("run", str(study), "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == [row["id"] for row in told]


def test_quiet_prints_the_path_alone(study: Path) -> None:
    done = hepatica("run", str(study), "--quiet", "--out", str(study / "there"))
    assert done.stdout.strip() == str(study / "there" / "report.html")
    assert done.stderr == ""


def test_new_writes_a_study_that_runs(tmp_path: Path) -> None:
    assert hepatica("new", "mine", cwd=tmp_path).returncode == 0
    done = hepatica("run", "mine", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "mine" / "output" / "report.html").is_file()
    again = hepatica("new", "mine", cwd=tmp_path)
    assert (again.returncode, "not empty" in again.stdout) == (2, True)


def test_simulate_writes_a_study_that_runs(study: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    done = hepatica("simulate", str(study), "--patients", "200", "--out", str(made))
    assert (done.returncode, "200 constructed patients" in done.stdout) == (0, True)
    assert hepatica("check", str(made)).returncode == 0
    assert hepatica("run", str(made)).returncode == 0


def test_signs_are_plain_where_the_encoding_has_none(study: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "hepatica", "check", str(study)],
        check=False,
        capture_output=True,
        env=environment,
    )
    assert done.returncode == 0
    assert done.stdout.decode("ascii").splitlines()[3].startswith("ok")


def test_the_version_is_the_installed_one() -> None:
    assert hepatica("--version").stdout.startswith("hepatica 0.")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stream_that_cannot_show_every_sign(study: Path, encoding: str) -> None:
    """Rows are UTF-8 all the same; sentences show what the stream has."""
    plan = study / "study.yaml"
    text = plan.read_text(encoding="utf-8").replace("id: ALTER-0802", "id: 肝癌-1")
    plan.write_text(text, encoding="utf-8")
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "hepatica"]

    def done(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*command, *words, str(study)], check=False, capture_output=True, env=environment
        )

    rows = done("run", "--format", "csv")
    assert rows.returncode == 0
    assert "肝癌-1" in rows.stdout.decode("utf-8")
    shown = done("check")
    assert shown.returncode == 0
    assert b"No problems" in shown.stdout


@pytest.mark.parametrize("option", [("--format", "json"), ("--format=csv",)])
def test_errors_do_not_stand_among_rows(study: Path, option: tuple[str, ...]) -> None:
    (study / "data" / "adtte.csv").write_text("", encoding="utf-8")
    done = hepatica("run", str(study), *option)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ADTTE" in done.stderr


def test_an_unforeseen_error_shows_no_engine_text(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_folder: Path) -> None:
        raise ValueError("could not convert 'PATIENT 7'")

    monkeypatch.setattr("hepatica.study.check.check_study", fails)
    monkeypatch.setattr(sys, "argv", ["hepatica", "check", str(study)])
    with pytest.raises(SystemExit) as stopped:
        app.main()
    shown = capsys.readouterr()
    assert stopped.value.code == 3
    assert "PATIENT 7" not in shown.out + shown.err
    assert "fault of Hepatica (ValueError)" in shown.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_output_that_cannot_be_written_is_exit_2(study: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "hepatica", "check", str(study)],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", [r"C:\data\study", r"a\[b]", "[bold]x[/bold]", "[/]", "[red]"])
def test_text_is_shown_as_it_is(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.Terminal().refused(text)
    assert capsys.readouterr().out.endswith(f"{text}\n")
