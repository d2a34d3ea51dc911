"""Designs through the command line: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from hepatica.cli.app import main
from hepatica.single.design import ErrorRates
from hepatica.single.design_proportions import one_proportion

ALTER = ("--accrual", "12", "--follow-up", "18")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["hepatica", "design", *words])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out + err

    return call


def _json(run: Any, *words: str) -> dict[str, Any]:
    code, text = run(*words, "--format", "json")
    assert code == 0, text
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize(
    ("null", "alternative", "at", "n"),
    [
        # Twelve weeks read as three months give what ALTER-0802 planned, 84 days one fewer.
        ("0.65", "0.80", "3", 24),
        ("0.50", "0.70", "3", 22),
        ("0.65", "0.80", "2.76", 23),
        ("0.50", "0.70", "2.76", 22),
    ],
)
def test_one_sample_logrank_of_alter_0802(
    run: Any, null: str, alternative: str, at: str, n: int
) -> None:
    rates = ("--null", null, "--alternative", alternative)
    found = _json(run, "one-sample-logrank", *rates, "--at", at, *ALTER)
    assert found["found"]["n"] == n
    assert found["found"]["power"] >= 0.8
    assert found["asked"]["sides"] == 2


@pytest.mark.parametrize(
    ("patients", "rounding", "n"),
    [("24", "nearest", 27), ("22", "nearest", 24), ("24", "up", 27), ("22", "up", 25)],
)
def test_dropout_of_alter_0802(run: Any, patients: str, rounding: str, n: int) -> None:
    words = ("dropout", "--patients", patients, "--dropout", "0.1", "--rounding", rounding)
    found = _json(run, *words)
    assert found["found"]["n"] == n
    assert bool(found["notes"]) == (found["found"]["expected_evaluable"] < int(patients))


@pytest.mark.parametrize(
    ("null", "alternative", "n", "lasting", "planned"),
    [
        ("0.65", "0.80", 73, 79, {24: 0.26, 26: 0.38}),
        ("0.50", "0.70", 49, 54, {22: 0.31, 24: 0.39}),
    ],
)
def test_the_rate_itself_of_alter_0802(
    run: Any, tmp_path: Path, null: str, alternative: str, n: int, lasting: int,
    planned: dict[int, float],
) -> None:  # fmt: skip
    rates = ("--null", null, "--alternative", alternative)
    two_sided = _json(run, "one-proportion", *rates)["found"]
    assert two_sided["n"] == n
    assert two_sided["n_from_which_power_lasts"] == lasting
    one_sided = _json(run, "one-proportion", *rates, "--alpha", "0.025", "--sides", "1")["found"]
    assert one_sided["n"] == n
    figure = one_proportion(float(null), float(alternative), ErrorRates(0.025, 0.8, 1)).power
    assert figure is not None
    drawn = dict(zip(figure.curves[0].n, figure.curves[0].power, strict=True))
    assert {size: round(drawn[size], 2) for size in planned} == planned


COMMANDS = {
    "one-proportion": "--null .1 --alternative .3 --sides 1 --also .35",
    "simon": "--null .1 --alternative .3",
    "two-proportions": "--control .3 --treatment .5 --also .55",
    "noninferiority": "--control .65 --treatment .65 --margin .15",
    "precision": "--rate .3 --half-width .1",
    "dropout": "--patients 24 --dropout .1",
    "one-sample-logrank": "--null .65 --alternative .8 --at 3 --accrual 12 --follow-up 18",
    "landmark": "--null .65 --alternative .8 --at 3 --accrual 12 --follow-up 18 --scale plain",
    "two-arm": "--hazard-ratio .7 --median 6 --accrual 12 --follow-up 12",
    "unequal-hazards": "--control .1 --treatment 0:.1,3:.05 --accrual 12 --follow-up 12 "
    "--weights 0,1",
    "group-sequential": "--looks 3 --sides 1 --alpha .025 --futility pocock --fixed 300",
    "monitoring": "--null .2 --alternative .4 --looks 10,20,30,40",
    "bop2": "--null .2 --alternative .4 --looks 10,20,30,40",
    "boin": "--target .3",
    "crm": "--target .25 --rates .05,.12,.25,.4 --prior-dose 3 --trials 200",
    "three-plus-three": "--rates .05,.12,.25",
}
DRAWN = {
    "one-proportion", "two-proportions", "noninferiority", "one-sample-logrank", "landmark",
    "two-arm",
    "unequal-hazards", "group-sequential", "monitoring", "bop2",
}  # fmt: skip
FOUND = {
    "one-proportion": ("n", 25),
    "two-proportions": ("n", 186),
    "noninferiority": ("n", 314),
    "precision": ("n", 78),
    "dropout": ("n", 27),
    "one-sample-logrank": ("n", 24),
    "landmark": ("n", 72),
    "two-arm": ("n", 306),
    "unequal-hazards": ("n", 156),
    "group-sequential": ("largest_size", 373),
    "bop2": ("events", 13),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_and_writes(run: Any, tmp_path: Path, name: str) -> None:
    words = (name, *COMMANDS[name].split())
    code, table = run(*words)
    assert code == 0, table
    assert "Assumed" in table
    found = _json(run, *words, "--out", str(tmp_path / "out"))
    if name in FOUND:
        key, value = FOUND[name]
        assert found["found"][key] == value
    else:
        assert found["rows"]
    assert len(found["sources"]) or name == "dropout"
    code, text = run(*words, "--format", "csv")
    assert code == 0
    assert len(list(csv.DictReader(io.StringIO(text)))) == max(1, len(found["rows"]))
    written = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert json.loads((tmp_path / "out" / "design.json").read_text()) == found
    page = (tmp_path / "out" / "design.html").read_text()
    assert found["title"].split(":")[0].replace("'", "&#39;") in page
    assert "None" not in page
    pictures = {one for one in written if one.endswith((".svg", ".png"))}
    assert len(pictures) == (4 if name in DRAWN else 0)
    assert ("<svg" in page and "Figure 1." in page) == (name in DRAWN)


def test_the_same_design_has_the_same_bytes(run: Any, tmp_path: Path) -> None:
    words = ("group-sequential", "--looks", "3", "--out")
    for name in ("a", "b"):
        assert run(*words, str(tmp_path / name))[0] == 0
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file():
            other = tmp_path / "b" / path.relative_to(tmp_path / "a")
            assert path.read_bytes() == other.read_bytes()


def test_a_folder_with_other_files_is_left_alone(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    code, text = run("precision", "--rate", ".3", "--half-width", ".1", "--out", str(tmp_path))
    assert code == 2
    assert "mine.txt" in text
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("one-proportion --null .8 --alternative .65", "must be higher than null"),
        ("one-proportion --null .65 --alternative .8 --power 1.2", "power must lie strictly"),
        ("one-proportion --null .65 --alternative .8 --sides 3", "sides must be 1 or 2"),
        ("one-proportion --null .1 --alternative .3 --also x", "--also takes numbers"),
        ("one-proportion --null .1 --alternative .3 --also .4,.5,.6,.7,.8,.9", "at most 5"),
        ("simon --null .3 --alternative .3", "must be higher than null"),
        ("two-proportions --control .3 --treatment .3", "must differ"),
        ("noninferiority --control .65 --treatment .4 --margin .15", "larger margin"),
        ("dropout --patients 24 --dropout 1", "dropout"),
        ("one-sample-logrank --null .8 --alternative .65 --at 3 --accrual 12 --follow-up 18",
         "better than under the null"),
        ("one-sample-logrank --null .6 --alternative .8 --at 3 --accrual -1 --follow-up 18",
         "0 or more"),
        ("one-sample-logrank --null .6 --alternative .8 --at 3 --accrual 0 --follow-up 0",
         "nobody would be watched"),
        ("one-sample-logrank --null .6 --alternative .8 --at 3 --accrual 9 --follow-up 9 "
         "--ramp 0:1,9:2", "before the end of accrual"),
        ("landmark --null .65 --alternative .8 --at 40 --accrual 12 --follow-up 18",
         "Nobody is watched"),
        ("two-arm --hazard-ratio 1 --median 6 --accrual 12 --follow-up 12", "differ from 1"),
        ("unequal-hazards --control x --treatment .1 --accrual 12 --follow-up 12",
         "--control takes a start and a value"),
        ("unequal-hazards --control .1 --treatment 3:.1,1:.05 --accrual 12 --follow-up 12",
         "--treatment must begin with 0 and rise"),
        ("unequal-hazards --control .05 --treatment .1 --accrual 12 --follow-up 12",
         "no advantage of treatment"),
        ("unequal-hazards --control .1 --treatment .05 --accrual 12 --follow-up 12 --weights 1",
         "--weights takes two numbers"),
        ("group-sequential --looks .5,.4,1", "rise, and end with 1"),
        ("group-sequential --looks 3 --futility pocock", "one-sided"),
        ("group-sequential --looks 3 --fixed=-1", "--fixed must be above 0"),
        ("monitoring --null .2 --alternative .4 --looks 10.5", "--looks takes whole numbers"),
        ("bop2 --null .2 --alternative .4 --looks 20,10", "looks"),
        ("boin --target .3 --rates .5,.1", "must not fall"),
        ("crm --target .25 --rates .05,.1 --prior-dose 9", "--prior-dose counts from 1"),
        ("three-plus-three --rates=", "rates"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_ends_in_one_sentence(run: Any, words: str, said: str) -> None:
    code, text = run(*words.split())
    assert code == 2, text
    assert said in " ".join(text.split())
    assert "Traceback" not in text
