"""One kind of row: publications and a run of ours, from the command line to every output."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from hepatica.cli import app as commands

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "alter-0802"
#: What the review takes from the study; its other analyses would only take time here.
ANALYSES = """analyses:
  - {id: overall-survival, kind: time_to_event, set: full, endpoint: os, figure: false}
  - {id: response, kind: response, set: full, endpoints: [orr, dcr]}
  - id: adverse-events
    kind: adverse_events
    set: safety
    severity: {column: ATOXGR, at_least: 3, label: Grade 3 or higher}
"""
TABLE = """study,label,registration,centre,recruited_from,recruited_to,therapy,arm,role,outcome,\
events,total,estimate,lower,upper,unit,use,reason
A,Study A,,Centre 1,2018-01,2019-06,Alone,a,arm,orr,10,40,,,,,,
A,Study A,,Centre 1,2018-01,2019-06,Alone,a,arm,os,,,12.5,9.8,15.2,months,,
A,Study A,,Centre 1,2018-01,2019-06,Alone,a,arm,htn,20,40,,,,,,
A,Study A,,Centre 1,2018-01,2019-06,Alone,a,arm,htn3,4,40,,,,,,
B,Study B,,Centre 1,2019-01,2020-06,With TACE,b,arm,orr,15,50,,,,,,
B,Study B,,Centre 1,2019-01,2020-06,With TACE,b,arm,os,,,14.1,,,months,,
B,Study B,,Centre 1,2019-01,2020-06,With TACE,b,arm,htn,30,50,,,,,,
B,Study B,,Centre 1,2019-01,2020-06,With TACE,b,arm,htn3,8,50,,,,,,
C,Study C,,,,,With TACE,c,arm,htn3,6,45,,,,,,
D,Study D,,,,,Alone,d,arm,htn3,3,30,,,,,,
P,Paper of ALTER,NCT02809534,,,,Alone,Cohort 1,arm,orr,1,26,,,,,,
R,Named reference,,,,,Alone,r,arm,htn3,5,60,,,,,reference,monotherapy
R,Named reference,,,,,Alone,r,arm,one,5,60,,,,,reference,monotherapy
C,Study C,,,,,With TACE,c,arm,one,7,45,,,,,,
"""
PLAN = """
review: {{id: R-MIXED, title: Published and own}}
{files}
{studies}
groupings: [{{id: therapy, label: Therapy}}]
outcomes:
  - {{id: orr, label: Response, measure: proportion, better: higher}}
  - {{id: os, label: Overall survival, measure: median, unit: months}}
  - {{id: htn, label: Hypertension of any grade, measure: proportion}}
  - {{id: htn3, label: Hypertension of grade 3 or higher, measure: proportion}}
  - {{id: one, label: Told by one study, measure: proportion}}
"""
OWN = """studies:
  - folder: own
    label: ALTER-0802
    registration: NCT02809534
    {constructed}
    characteristics: {{therapy: Alone}}
    outcomes:
      orr: {{analysis: response, variable: orr, level: Cohort 1}}
      os: {{analysis: overall-survival, parameter: OS, level: Cohort 1}}
      htn:
        {{analysis: adverse-events, variable: any, variable_level: Hypertension, level: Cohort 1}}
"""
FILES = "files: [{file: extracted.csv}]"


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run a command in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["hepatica", *words])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run ALTER-0802, its patients constructed, with the analyses that the review takes."""
    folder = tmp_path_factory.mktemp("own") / "own"
    shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("output", "published.yaml"))
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    before, rest = text.split("\nanalyses:\n")
    (folder / "study.yaml").write_text(f"{before}\n{ANALYSES}listings: []\n", encoding="utf-8")
    assert "\nlistings:" in rest
    with pytest.MonkeyPatch.context() as patch:
        assert command(patch, "run", str(folder), "--quiet") == 0
    return folder / "output"


def review(folder: Path, own: Path | None, files: str = FILES, constructed: bool = True) -> Path:
    said = "constructed: true" if constructed else ""
    studies = OWN.format(constructed=said) if own else ""
    (folder / "review.yaml").write_text(PLAN.format(files=files, studies=studies), "utf-8")
    (folder / "extracted.csv").write_text(TABLE, encoding="utf-8")
    if own:
        (folder / "own").mkdir()
        shutil.copy(own / "results.parquet", folder / "own" / "results.parquet")
    return folder


def test_constructed_patients_are_refused(
    tmp_path: Path,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = review(tmp_path, own, constructed=False)
    assert command(monkeypatch, "pool", str(folder)) != 0
    told = " ".join(capsys.readouterr().out.split())
    assert "The patients of ALTER-0802 are constructed" in told
    assert "constructed: true" in told
    assert not (folder / "output").exists()


def test_everything_together_is_marked_in_every_output(
    tmp_path: Path,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = review(tmp_path, own)
    assert command(monkeypatch, "pool", str(folder), "--compare") == 0
    printed = capsys.readouterr()
    assert "ALTER-0802 (constructed)" in printed.out
    assert "= random effects, 3 data sets (constructed)" in printed.out
    assert "Studies of one centre recruited at different times." in printed.out + printed.err
    out = folder / "output"
    _marked_rows(pl.read_parquet(out / "results.parquet"))
    assert json.loads((out / "results.json").read_text("utf-8"))["status"] == "Constructed patients"
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "who do not exist" in report
    assert "Response (constructed)" in report
    for table in (out / "tables").glob("*.csv"):
        assert table.read_text("utf-8").rstrip().endswith("Constructed patients"), table.name
    own_figures = ["orr", "os", "htn"]
    for name in own_figures:
        drawn = (out / "figures" / f"forest-{name}.svg").read_text(encoding="utf-8")
        assert "Constructed patients" in drawn
        assert "ALTER-0802 (constructed)" in drawn
    published = (out / "figures" / "forest-htn3.svg").read_text(encoding="utf-8")
    assert "onstructed" not in published


def _marked_rows(rows: pl.DataFrame) -> None:
    def origin(analysis: str, variable: str, level: str = "") -> set[str]:
        found = rows.filter(
            (pl.col("analysis") == analysis)
            & (pl.col("variable") == variable)
            & (pl.col("subgroup") == "")
        )
        if level:
            found = found.filter(pl.col("variable_level").str.contains(level))
        return set(found.get_column("origin"))

    assert origin("orr", "study", "ALTER-0802") == {"simulated"}
    assert origin("orr", "study", "Study A") == {"published"}
    for analysis in ("orr", "os", "htn"):
        assert origin(analysis, "pooled") == {"simulated"}
        assert origin(analysis, "dialect") == {"simulated"}
    assert origin("htn3", "pooled") == {"published"}
    reasons = rows.filter(pl.col("variable") == "not_pooled").select("analysis", "variable_level")
    assert reasons.rows() == [
        ("orr", "The same trial enters with our own results."),
        ("os", "The median is told without limits."),
    ]


def test_grades_are_pooled_by_therapy_beside_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = review(tmp_path, None)
    assert command(monkeypatch, "pool", str(folder), "--quiet") == 0
    out = folder / "output"
    rows = pl.read_parquet(out / "results.parquet")
    assert set(rows.get_column("origin")) == {"published"}
    pooled = rows.filter(
        (pl.col("analysis") == "htn3")
        & (pl.col("variable") == "pooled")
        & (pl.col("variable_level") == "random")
        & (pl.col("statistic") == "data_sets")
        & (pl.col("subgroup") == "therapy")
    )
    levels = dict(pooled.select("subgroup_level", "value").iter_rows())
    assert levels == {"Alone": 2.0, "With TACE": 2.0}
    for name in ("htn3", "one"):
        drawn = (out / "figures" / f"forest-{name}.svg").read_text(encoding="utf-8")
        assert "Named reference" in drawn
        assert "Beside, not pooled" in drawn
    assert "beside: Named reference" in capsys.readouterr().out
    assert "Constructed patients" not in (out / "report.html").read_text(encoding="utf-8")


def test_own_studies_alone_are_pooled(
    tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = OWN.format(constructed="constructed: true").removeprefix("studies:\n")
    second = second.replace("label: ALTER-0802", "label: Cohort two").replace(
        "Cohort 1", "Cohort 2"
    )
    folder = review(tmp_path, own, files="")
    plan = (folder / "review.yaml").read_text(encoding="utf-8")
    both = plan.replace("groupings:", f"{second}groupings:")
    (folder / "review.yaml").write_text(both, encoding="utf-8")
    assert command(monkeypatch, "pool", str(folder), "--quiet") == 0
    rows = pl.read_parquet(folder / "output" / "results.parquet")
    events = rows.filter(
        (pl.col("analysis") == "orr")
        & (pl.col("statistic") == "events")
        & (pl.col("variable") == "study")
    )
    assert events.select("variable_level", "value", "denominator").rows() == [
        ("ALTER-0802", 1.0, 26),
        ("Cohort two", 2.0, 24),
    ]
    found = rows.filter((pl.col("variable") == "pooled") & (pl.col("status") == "ok"))
    assert set(found.get_column("origin")) == {"simulated"}
    none = rows.filter((pl.col("analysis") == "one") & (pl.col("variable") == "pooled"))
    assert none.get_column("message").to_list() == [
        "Pooling needs at least 2 studies with usable numbers; there are none."
    ]


def test_a_table_alone_needs_its_measure_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "rates.csv"
    table.write_text("study,outcome,events,total\nA,orr,3,10\nB,orr,4,10\n", encoding="utf-8")
    assert command(monkeypatch, "pool", str(table), "--measure", "proportion") == 0
    assert re.search(r"= random effects, 2 data sets +20 ", capsys.readouterr().out)
