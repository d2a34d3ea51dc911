"""Spoiled studies at the command line: a named problem, an exit code, and nothing written."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from hepatica.cli import main

Spoil = Callable[[Path], None]
MARK = "ZQXMARKER77"


def replaced(file: str, old: str, new: str, count: int = 1) -> Spoil:
    def spoil(study: Path) -> None:
        path = study / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, count), encoding="utf-8")

    return spoil


def rewritten(file: str, content: bytes) -> Spoil:
    def spoil(study: Path) -> None:
        (study / file).write_bytes(content)

    return spoil


def both(*spoils: Spoil) -> Spoil:
    def spoil(study: Path) -> None:
        for one in spoils:
            one(study)

    return spoil


def semicolons(study: Path) -> None:
    path = study / "data/adsl.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")


def latin(study: Path) -> None:
    path = study / "data/adsl.csv"
    path.write_bytes(
        path.read_text(encoding="utf-8").replace("Cohort", "Köhort", 1).encode("latin-1")
    )


def repeated_subject(study: Path) -> None:
    path = study / "data/adsl.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")


def inverted(study: Path) -> None:
    path = study / "data/adtte.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("CNSR")
    for n, line in enumerate(lines[1:], start=1):
        cells = line.split(",")
        cells[place] = str(1 - int(cells[place]))
        lines[n] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def formula(study: Path) -> None:
    book = openpyxl.Workbook()
    for line in (study / "data/adrs.csv").read_text(encoding="utf-8").splitlines():
        book.active.append(line.split(","))
    book.active["E2"] = '=IF(1>0,"PR","SD")'
    book.save(study / "data/adrs.xlsx")
    replaced("study.yaml", "file: adrs.csv", "file: adrs.xlsx")(study)


DATA: dict[str, Spoil] = {
    "missing column": replaced("data/adtte.csv", "CNSR", "CENSOR"),
    "wrong type": replaced("data/adsl.csv", ",M,", f",{MARK},"),
    "impossible date": replaced("data/adtte.csv", "2018-11-06", "2018-11-36"),
    "unknown arm": replaced("data/adsl.csv", "Cohort 1,Cohort 1", "Cohort 3,Cohort 1"),
    "empty file": rewritten("data/adae.csv", b""),
    "wrong encoding": latin,
    "semicolons": semicolons,
    "repeated subject": repeated_subject,
    "event flag inverted": inverted,
    "truncated parquet": both(
        rewritten("data/adsl.parquet", b"PAR1 cut"),
        replaced("study.yaml", "file: adsl.csv", "file: adsl.parquet"),
    ),
    "truncated transport file": both(
        rewritten("data/adsl.xpt", b"HEADER RECORD*******LIBRARY HEADER"),
        replaced("study.yaml", "file: adsl.csv", "file: adsl.xpt"),
    ),
    "formula in a workbook": formula,
    "missing file": lambda study: (study / "data/adrs.csv").unlink(),
    "value outside the levels": replaced("data/adsl.csv", ",C,", f",{MARK},"),
    "subject not in ADSL": replaced("data/adrs.csv", "S1-01", "S9-99"),
    "grade 7": replaced("data/adae.csv", "disorders,1,", "disorders,7,"),
}
PROTOCOL: dict[str, Spoil] = {
    "repeated key": replaced("study.yaml", "seed: 802", "seed: 802\nseed: 803"),
    "unknown key": replaced("study.yaml", "seed: 802", "seeds: 802"),
    "unknown preset": replaced("study.yaml", "like: pfs", "like: pfz"),
    "not YAML": rewritten("study.yaml", b"study: [\n"),
    "no protocol": lambda study: (study / "study.yaml").unlink(),
    "unknown endpoint": replaced("study.yaml", "endpoint: os", "endpoint: oss"),
    "evaluated condition": replaced(
        "study.yaml", "set: safety", "set: safety\n    where: __import__('os')"
    ),
}


@pytest.fixture
def study(root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    source = root / "tests" / "ready"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("output"))
    return folder


def hepatica(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hepatica", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("name", [*DATA, *PROTOCOL])
def test_a_spoiled_study_ends_in_a_named_problem(
    study: Path,
    name: str,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (DATA | PROTOCOL)[name](study)
    before = sorted(str(path) for path in study.rglob("*"))
    code = hepatica(monkeypatch, command, str(study))
    said = "".join(capsys.readouterr())
    assert code == (1 if name in DATA else 2)
    assert MARK not in said
    assert "Traceback" not in said
    if name in DATA:
        assert all(word in said for word in ("✗ problem", "  do  "))
    assert sorted(str(path) for path in study.rglob("*")) == before


def test_a_script_in_a_text_field_is_escaped(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "<script>alert(1)</script>"
    replaced("data/adae.csv", "Hypertension", script, count=-1)(study)
    replaced("study.yaml", "title: Anlotinib", f"title: {script} Anlotinib")(study)
    assert hepatica(monkeypatch, "run", str(study)) == 0
    page = (study / "output" / "report.html").read_text(encoding="utf-8")
    assert script not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
