"""What is wrong in a synthesis, through the command line: one kind message, never a traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hepatica.cli import app as commands

PLAN = """review: {id: R, title: T}
files: [{file: extracted.csv}]
outcomes: [{id: x, label: Outcome, measure: %s}]
"""
COUNTS = "study,outcome,events,total\n"
ESTIMATES = "study,outcome,estimate,lower,upper\n"
GOOD = f"{COUNTS}A,x,5,10\nB,x,6,11\n"
OWN = "studies: [{folder: ../nowhere, label: Ours, outcomes: {x: {analysis: response}}}]\n"

REFUSED = {
    "zero variance": (
        "generic",
        "study,outcome,estimate,std_error\nA,x,5,0\nB,x,4,1\n",
        "A standard error is above 0. who A extracted.csv, line 2",
    ),
    "no width": (
        "hazard_ratio",
        f"{ESTIMATES}A,x,0.5,0.5,0.5\nB,x,0.6,0.5,0.72\n",
        "The limits of an estimate differ. who A typed three times",
    ),
    "limits reversed": (
        "hazard_ratio",
        f"{ESTIMATES}A,x,0.5,0.7,0.4\nB,x,0.6,0.5,0.72\n",
        "Limits lie on both sides who A lower and upper may be exchanged",
    ),
    "percent for a share": (
        "proportion",
        f"{ESTIMATES}A,x,33.8,26.8,40.7\nB,x,0.6,0.5,0.7\n",
        "extracted.estimate who A It looks like a percentage: write % in the column unit.",
    ),
    "percent for events": (
        "proportion",
        f"{COUNTS}A,x,33.8,80\nB,x,6,11\n",
        "extracted.events who A a printed percentage belongs in estimate",
    ),
    "the same study twice": (
        "proportion",
        f"{GOOD}A,x,5,10\n",
        "A study gives one result who A lines 2 and 4 Keep one",
    ),
    "semicolons": (
        "proportion",
        "study;outcome;events;total\nA;x;5;10\nB;x;6;10\n",
        "divided by semicolons delimiter: semicolon files[0]",
    ),
    "decimal commas": (
        "hazard_ratio",
        f'{ESTIMATES}A,x,"0,5","0,4","0,6"\nB,x,"0,6","0,5","0,7"\n',
        "extracted.estimate written with a decimal point Replace the decimal comma",
    ),
}


def pool(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *words: str,
) -> tuple[int, str]:
    """Run the command in this process; return its exit code and what it told, on one line."""
    monkeypatch.setattr(sys, "argv", ["hepatica", "pool", str(folder), *words])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    told = " ".join(capsys.readouterr().out.split())
    assert "Traceback" not in told
    assert "fault of Hepatica" not in told
    return int(ended.value.code or 0), told


def write(folder: Path, measure: str, table: str, plan: str = PLAN) -> Path:
    (folder / "review.yaml").write_text(plan % measure, encoding="utf-8")
    (folder / "extracted.csv").write_text(table, encoding="utf-8")
    return folder


def has_all(told: str, expected: str) -> None:
    """Check that the words stand there, in any number of lines and with other words between."""
    at = 0
    for word in expected.split():
        found = told.find(word, at)
        assert found >= 0, f"{word} is not in: {told[at:]}"
        at = found + len(word)


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_table_is_refused_with_its_study_and_the_likely_cause(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    measure, table, expected = REFUSED[name]
    code, told = pool(write(tmp_path, measure, table), monkeypatch, capsys)
    assert code == 1
    has_all(told, expected)
    assert "Nothing was written" in told
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(
    ("measure", "table", "expected"),
    [
        ("proportion", f"{COUNTS}A,x,5,10\n", "Pooling needs at least 2 studies there is 1."),
        (
            "hazard_ratio",
            f"{ESTIMATES}A,x,0.69,0.55,0.97\nB,x,0.6,0.5,0.72\n",
            "centred on it in logarithms who A a digit may be wrong",
        ),
        (
            "proportion",
            f"{COUNTS}A,orr,5,10\nB,orr,6,10\n",
            "The outcome is one of the plan's. The plan names x; there are none",
        ),
        (
            "risk_ratio",
            f"{COUNTS}A,x,5,10\nB,x,6,11\n",
            "not pooled (2): Events of both arms are not told.",
        ),
    ],
)
def test_what_does_not_stop_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    measure: str,
    table: str,
    expected: str,
) -> None:
    code, told = pool(write(tmp_path, measure, table), monkeypatch, capsys)
    assert code == 0
    has_all(told, expected)


@pytest.mark.parametrize(
    ("plan", "code", "expected"),
    [
        (PLAN.replace("extracted.csv", "missing.csv"), 1, "no such file missing.csv"),
        (PLAN + OWN, 2, "There are no results in ../nowhere. Run 'hepatica run ../nowhere' first."),
        (PLAN.replace("title: T}", "title: T"), 2, "The bracket opened on this line"),
        (PLAN.replace("label", "lable"), 2, "Unknown key. Did you mean 'label'?"),
        (
            PLAN + "groupings: [{id: design, label: Design}]\n",
            1,
            "The table has the column design. files[0].columns",
        ),
        (PLAN.replace("%s}", "%s, scale: probit}"), 2, "outcomes[0].scale"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    plan: str,
    code: int,
    expected: str,
) -> None:
    found, told = pool(write(tmp_path, "proportion", GOOD, plan), monkeypatch, capsys)
    assert found == code
    has_all(told, expected)


def test_a_path_that_does_not_exist_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = pool(tmp_path / "nowhere", monkeypatch, capsys)
    assert code == 2
    assert "There is no file or folder nowhere." in told
