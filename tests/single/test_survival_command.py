"""`hepatica survival` as a user meets it: by hand, on each engine, with tables that are wrong."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hepatica.cli import app as commands
from hepatica.errors import CommandError, DataError, HepaticaError
from hepatica.present.survival_text import survival_lines
from hepatica.results import Results
from hepatica.single.survival import survival
from hepatica.single.survival_request import SurvivalRequest
from hepatica.stats.survival import cox, kaplan_meier, logrank

# Two arms of three. A: event at 10, censored at 20, event at 30. B: events at 5, 10 and 15.
BY_HAND = "USUBJID,AVAL,CNSR,ARM\n1,10,0,A\n2,20,1,A\n3,30,0,A\n4,5,0,B\n5,10,0,B\n6,15,0,B\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "adtte.csv"
    path.write_text(BY_HAND)
    return path


def asked(table: Path | str, **more: object) -> SurvivalRequest:
    given: dict[str, object] = {"time": "AVAL", "event": "CNSR==0", "by": "ARM"} | more
    return SurvivalRequest(table=str(table), **given)


def rows(table: Path, **more: object) -> Results:
    return survival(asked(table, **more)).results


def value(found: Results, statistic: str, **columns: object) -> float | None:
    return found.one(analysis="survival", statistic=statistic, **columns).value  # type: ignore[arg-type]


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run the command in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["hepatica", *words])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    return int(ended.value.code or 0)


def test_by_hand(table: Path) -> None:
    found = rows(table, at=(10.0,), tau=15.0)
    assert value(found, "events", level="A", variable="") == 2
    assert value(found, "censored", level="A", variable="") == 1
    assert value(found, "survival", level="A", variable="", time=10.0) == pytest.approx(2 / 3)
    assert value(found, "survival", level="B", variable="", time=10.0) == pytest.approx(1 / 3)
    assert value(found, "median", level="B") == 10
    # Area up to 15: 10 + 5 x 2/3; and 5 + 5 x 2/3 + 5 x 1/3.
    assert value(found, "restricted_mean", level="A") == pytest.approx(40 / 3)
    assert value(found, "restricted_mean", level="B") == pytest.approx(10)
    assert value(found, "restricted_mean_difference", level="B") == pytest.approx(-10 / 3)
    # Expected in A: 3/6 at 5, 2 x 3/5 at 10, 2/3 at 15, 1 at 30; observed 2.
    # Variance: 1/4 + 2 x 3/5 x 2/5 x 3/4 + 2/9.
    expected, variance = 0.5 + 1.2 + 2 / 3 + 1, 0.25 + 0.36 + 2 / 9
    statistic = (2 - expected) ** 2 / variance
    assert value(found, "test_statistic", variable="logrank") == pytest.approx(statistic)
    assert value(found, "hazard_ratio", variable="cox", level="B") > 1
    assert {row.origin for row in found} == {"collected"}
    assert found.one(analysis="survival", statistic="median", level="A").id == (
        "adtte/collected/survival/AVAL/ARM/A/median"
    )


def test_the_same_rows_from_every_file_and_engine(table: Path, tmp_path: Path) -> None:
    frame = pl.read_csv(table)
    folder = tmp_path / "adtte"
    folder.mkdir()
    for part in range(2):
        frame[part * 3 : part * 3 + 3].write_parquet(folder / f"part{part}.parquet")
    frame.write_parquet(tmp_path / "adtte.parquet")
    first = rows(table, at=(10.0,), tau=15.0).to_polars()
    for path in (table, folder, tmp_path / "adtte.parquet"):
        for engine in ("polars", "duckdb"):
            other = rows(path, at=(10.0,), tau=15.0, engine=engine).to_polars()
            assert other.equals(first), (path.name, engine)


def test_quoted_text_with_commas_and_semicolons_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "adtte.csv"
    path.write_text('ARM,AVAL,CNSR\n"A; 8 mg, daily",3,0\n"A; 8 mg, daily",5,1\n"B",4,0\n')
    first = rows(path).to_polars()
    assert "A; 8 mg, daily" in first["level"].to_list()
    assert rows(path, engine="duckdb").to_polars().equals(first)


def test_times_in_months_give_the_rows_of_the_array_path(table: Path, tmp_path: Path) -> None:
    months = tmp_path / "adtte.parquet"
    pl.read_csv(table).with_columns(pl.col("AVAL") / 30.4375).write_parquet(months)
    days, found = rows(table), rows(months)
    for name, columns in (
        ("p_value", {"variable": "logrank"}),
        ("hazard_ratio", {"variable": "cox"}),
        ("events", {"level": "A", "variable": ""}),
    ):
        assert value(found, name, **columns) == pytest.approx(value(days, name, **columns))
    median = value(days, "median", level="B")
    assert value(found, "median", level="B") == pytest.approx(median / 30.4375)


def test_terminal_json_and_csv(
    table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["survival", str(table), "--time", "AVAL", "--event", "CNSR==0", "--by", "ARM"]
    assert command(monkeypatch, *words, "--at", "10", "--quiet") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "adtte  6 records, AVAL to CNSR==0, by ARM"
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("  Hazard ratio, B against A") for line in lines)
    assert command(monkeypatch, *words, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert command(monkeypatch, *words, "--format", "csv") == 0
    listed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["id"] for row in told] == [row["id"] for row in listed]


def test_long_names_fit_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "adtte.csv"
    long = {"A": "Anlotinib hydrochloride 12 mg daily", "B": "Placebo capsules, once daily"}
    text = BY_HAND
    for arm, name in long.items():
        text = text.replace(f",{arm}\n", f',"{name}"\n')
    path.write_text(text)
    found = rows(path, at=(10.0,), tau=15.0)
    lines = list(survival_lines(found, analysis="survival", event="CNSR==0"))
    assert max(map(len, lines)) <= 80
    words = " ".join(" ".join(lines).split())
    assert f"Hazard ratio, {long['B']} against {long['A']}" in words


def test_outputs_are_whole_and_the_same_every_time(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    survival(asked(table), out)
    first = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert set(first) == {
        "results.json", "results.parquet", "results.csv", "run.json", "survival.svg"
    }  # fmt: skip
    survival(asked(table), out)
    again = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert again == first
    (out / "notes.txt").write_text("mine")
    with pytest.raises(HepaticaError, match=r"notes\.txt"):
        survival(asked(table), out)


def test_a_table_of_many_parameters(tmp_path: Path) -> None:
    path = tmp_path / "adtte.csv"
    path.write_text("PARAMCD,AVAL,CNSR\nOS,9,0\nPFS,4,0\nPFS,6,1\n")
    for engine in ("polars", "duckdb"):
        found = rows(path, by="", where="PARAMCD==PFS", engine=engine)
        assert value(found, "n", variable="") == 2
        assert found.one(analysis="survival", statistic="median").subgroup_level == "PARAMCD==PFS"
    with pytest.raises(DataError, match="The table has the column PARAM"):
        rows(path, by="", where="PARAM==PFS")


def test_delayed_entry_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_text(
        "AVAL,CNSR,ENTRY\n4,0,0\n6,0,4\n8,1,5\n3,0,\n2,0,2\n"  # the last two are set aside
    )
    found = survival(asked(path, by="", entry="ENTRY"))
    # At 4 one is at risk (the second enters at 4), at 6 two.
    assert value(found.results, "survival", variable="curve", time=4.0) == 0
    assert value(found.results, "at_risk", variable="curve", time=6.0) == 2
    counts = {
        row.variable_level: row.value
        for row in found.results
        if row.variable == "entry"
    }  # fmt: skip
    assert counts == {"followed": 3, "unknown": 1, "not_after": 1}
    assert [note.found for note in found.notes] == ["not so in 1 of 5 records"] * 2


@pytest.mark.parametrize("unit", [1.0, 30.4375])
def test_late_entry_compares_as_the_arrays_do(tmp_path: Path, unit: float) -> None:
    draw = np.random.default_rng(2)
    n = 300
    time = draw.integers(2, 200, n)
    event, group, stratum = (draw.integers(0, 2, n) for _ in range(3))
    entry = np.minimum(draw.integers(0, 40, n), time - 1)
    path = tmp_path / "late.parquet"
    columns = {"AVAL": time / unit, "CNSR": 1 - event, "ENTRY": entry / unit}
    labels = {"ARM": np.where(group, "B", "A"), "REGION": np.where(stratum, "E", "W")}
    pl.DataFrame(columns | labels).write_parquet(path)
    found = rows(path, strata=("REGION",), entry="ENTRY")
    test = logrank(time, event, group, strata=stratum, entry=entry)
    fit = cox(time, event, group.astype(float), strata=stratum, entry=entry)
    curve = kaplan_meier(time[group == 1], event[group == 1], entry=entry[group == 1])
    for name, variable, expected in (
        ("test_statistic", "logrank", test.statistic),
        ("coef", "cox", fit.coef.item()),
        ("std_error", "cox", fit.std_error.item()),
    ):
        assert value(found, name, variable=variable) == pytest.approx(expected, rel=1e-9), name
    median = value(found, "median", level="B", variable="")
    assert median == pytest.approx(curve.median.estimate / unit)


WRONG = [
    ("AVAL,CNSR,ARM\n-4,0,A\n5,1,B\n", {}, "AVAL is not negative.", "1 of 2 records"),
    ("AVAL,CNSR,ARM\nNaN,0,A\n5,1,B\n", {}, "AVAL is a finite number of days.", "1 of 2 records"),
    ("AVAL,CNSR,ARM\nsoon,0,A\n5,1,B\n", {}, "AVAL is a number of days.", "1 of 2 records"),
    ("AVAL,CNSR,ARM\n5,yes,A\n5,1,B\n", {}, "CNSR is a number", "1 of 2 records"),
    ("AVAL,CNSR,ARM\n9999999,0,A\n", {}, "AVAL is at most 1,000,000 days.", "1 of 1 record"),
    ("AVAL,CNSR,ARM\n,0,A\n", {}, "At least one record has a time", "0 of 1 record"),
    (BY_HAND, {"time": "AVL"}, "The table has the column AVL.", ""),
    (BY_HAND, {"adjust": ("AGE",)}, "The table has the column AGE.", ""),
]


@pytest.mark.parametrize(("text", "more", "rule", "counted"), WRONG)
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_broken_rule_is_told_with_column_and_count(
    tmp_path: Path, text: str, more: dict[str, object], rule: str, counted: str, engine: str
) -> None:
    path = tmp_path / "adtte.csv"
    path.write_text(text)
    with pytest.raises(DataError) as told:
        survival(asked(path, engine=engine, **more))
    (problem,) = told.value.problems
    assert problem.rule.startswith(rule)
    assert problem.found == counted
    assert problem.do
    assert problem.column
    assert problem.where == str(path)


def test_an_event_that_never_is_and_a_single_group_are_named_rows(tmp_path: Path) -> None:
    path = tmp_path / "adtte.csv"
    path.write_text("AVAL,CNSR,ARM\n4,0,A\n5,1,A\n")
    never = survival(asked(path, event="CNSR==7"))
    assert [note.rule for note in never.notes] == ["Some record ends with the event: CNSR==7."]
    test = never.results.one(analysis="survival", variable="logrank", statistic="p_value")
    assert test.status == "not_estimable"
    single = survival(asked(path)).results
    test = single.one(analysis="survival", variable="logrank", statistic="p_value")
    assert (test.status, "at least two groups" in test.message) == ("not_estimable", True)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"engine": "abacus"}, "The engine is polars, duckdb or spark"),
        ({"master": "spark://here:1"}, "add --engine spark"),
        ({"event": "CNSR"}, "COLUMN OP LITERAL"),
        ({"event": "__import__('os')"}, "COLUMN OP LITERAL"),
        ({"reference": "C"}, "The reference C is not a group; groups are A, B."),
        ({"table": "nowhere.csv"}, "There is no file or folder nowhere.csv."),
        ({"adjust": ("ARM",)}, "--adjust names ARM"),
        ({"at": (-1.0,)}, "0 or more"),
    ],
)
def test_a_wrong_request_is_refused(table: Path, more: dict[str, object], message: str) -> None:
    given = {"table": str(table), "time": "AVAL", "event": "CNSR==0", "by": "ARM"} | more
    with pytest.raises(CommandError) as told:
        survival(SurvivalRequest(**given))
    assert message in str(told.value)


def test_an_identifier_is_not_a_group(tmp_path: Path) -> None:
    path = tmp_path / "adtte.parquet"
    names = [f"S{n}" for n in range(60)]
    pl.DataFrame({"AVAL": range(1, 61), "CNSR": 0, "ID": names}).write_parquet(path)
    with pytest.raises(DataError, match="ID has at most 50 different values"):
        rows(path, by="ID")


def test_times_that_are_no_whole_days_are_refused_above_a_size(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hepatica.single.survival_checks.ARRAY_ROWS", 5)
    months = tmp_path / "adtte.parquet"
    pl.read_csv(table).with_columns(pl.col("AVAL") / 30.4375).write_parquet(months)
    with pytest.raises(DataError) as told:
        rows(months)
    (problem,) = told.value.problems
    assert problem.rule.startswith("Times are whole days, or the table has at most")
    assert problem.found == "6 of 6 records are not whole days"
    assert rows(table)  # whole days have no such limit


@pytest.mark.parametrize(("engine", "module"), [("duckdb", "duckdb"), ("spark", "pyspark.sql")])
def test_an_engine_that_is_not_installed_is_named(
    table: Path, engine: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CommandError, match=rf"hepatica\[{engine}\]"):
        rows(table, engine=engine)


def test_no_message_holds_a_recorded_value(tmp_path: Path) -> None:
    planted = "PLANTED-7391"
    path = tmp_path / "adtte.csv"
    path.write_text(f"AVAL,CNSR,ARM\n{planted},{planted},A\n4,{planted},B\n")
    for engine in ("polars", "duckdb"):
        with pytest.raises(DataError) as told:
            rows(path, engine=engine)
        assert len(told.value.problems) == 2
        assert planted not in str(told.value) + repr(told.value.problems)


def test_a_file_that_is_no_parquet_is_told_in_our_words(tmp_path: Path) -> None:
    path = tmp_path / "adtte.parquet"
    path.write_text(BY_HAND)
    for engine in ("polars", "duckdb"):
        with pytest.raises(DataError, match="The engine can read the whole table"):
            rows(path, engine=engine)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['hepatica', 'survival', '--help']\n"
        "from hepatica.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "--adjust" in done.stdout
    assert {"polars", "numpy", "scipy"} & set(done.stdout.splitlines()[-1].split()) == set()
