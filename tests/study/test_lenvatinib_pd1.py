"""Lenvatinib plus PD-1 inhibitors against regorafenib: the committed sheet, and what it prints."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.errors import CommandError, DataError, ProtocolError
from hepatica.published.compare import Compared, compare, counts
from hepatica.published.read import parse_published, read_published
from hepatica.results import Results
from hepatica.simulate.rebuild.sheet_search_plan import CUT_OFF, ENROLMENT
from hepatica.study.check import check_study
from hepatica.study.rebuild import RECORD_FILE, TRUTH_FILE, read_sheet_rebuild, rebuild_study
from hepatica.study.run import run_study

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "lenvatinib-pd1-vs-regorafenib"
INPUTS = ("study.yaml", "published.yaml", "construction.yaml", "courses.csv")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written, subjects = rebuild_study(STUDY, tmp_path_factory.mktemp("sheet") / "made")
    assert subjects == 85
    return written


@pytest.fixture(scope="module")
def courses() -> pl.DataFrame:
    return read_sheet_rebuild(STUDY).courses


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("study")
    shutil.copytree(STUDY, folder / "s", ignore=shutil.ignore_patterns("output", "simulated"))
    finished = run_study(folder / "s", folder / "out")
    assert finished.failures == ()
    return finished.results


@pytest.fixture(scope="module")
def compared(results: Results) -> tuple[Compared, ...]:
    protocol = check_study(STUDY).protocol
    return compare(read_published(STUDY / "published.yaml", protocol), results)


def named(one: Compared) -> str:
    number = one.number
    parts = (number.analysis, number.level, str(number.column("variable")), number.statistic)
    return " ".join(part for part in parts if part)


def test_the_committed_files_are_what_the_command_gives(made: Path) -> None:
    kept = [path.name for path in sorted((STUDY / "data").iterdir())]
    assert kept == [path.name for path in sorted((made / "data").iterdir())]
    for name in (*(f"data/{one}" for one in kept), TRUTH_FILE, RECORD_FILE):
        assert (STUDY / name).read_bytes() == (made / name).read_bytes(), name


def test_the_study_of_the_command_can_be_checked(made: Path) -> None:
    checked = check_study(made)
    assert [one.rule for one in checked.records.problems if one.severity == "problem"] == []
    assert checked.protocol.study.data_status == "constructed"


def test_courses_are_such_as_patients_have(courses: pl.DataFrame) -> None:
    died, last = pl.col("OS_STATUS") == "Dead", pl.col("OS_DAYS")
    status, day = pl.col("PFS_STATUS"), pl.col("PFS_DAYS")
    holds = {
        "no longer without progression than alive": day <= last,
        "a death without progression is the death": (status != "Death") | (died & (day == last)),
        "nobody alive was lost before 15 months": died | (last >= 15 * 30.4375),
        "progression comes before death": (status != "Progression") | (day < last),
        "treated again after progression, alive": pl.col("NEXTDY").is_null()
        | ((status == "Progression") & (pl.col("NEXTDY") > day) & (pl.col("NEXTDY") < last)),
        "the day of progression is that of the end": pl.col("PROGDY").is_null()
        | (pl.col("PROGDY") == day),
        "progressive disease ends in progression": (pl.col("RECIST") != "PD")
        | (status == "Progression"),
        "disease control lasts seven weeks": pl.col("RECIST").is_in(["PD", "NE"]) | (day >= 49),
        "a response by RECIST is one by mRECIST": ~pl.col("RECIST").is_in(["CR", "PR"])
        | pl.col("MRECIST").is_in(["CR", "PR"]),
    }
    for what, rule in holds.items():
        assert courses.select(rule.all()).item(), what
    first = courses["FIRSTDOSE"].str.to_date()
    assert first.is_between(*ENROLMENT).all()
    days = pl.duration(days=pl.col("OS_DAYS") - 1)
    seen = courses.with_columns(end=pl.col("FIRSTDOSE").str.to_date() + days)
    assert seen.filter(~died)["end"].unique().to_list() == [CUT_OFF]
    assert seen["end"].max() == CUT_OFF == date(2023, 1, 1)


def test_counts_of_the_courses_are_the_printed_ones(courses: pl.DataFrame) -> None:
    def of(column: str) -> dict[Any, int]:
        return {tuple(row[:2]): row[2] for row in courses.group_by("ARM", column).len().rows()}

    assert Counter(courses["ARM"]) == {"LP": 41, "R": 27}
    recist = of("RECIST")
    assert [recist.get(("LP", one), 0) for one in ("CR", "PR", "SD")] == [1, 7, 22]
    assert [recist.get(("R", one), 0) for one in ("CR", "PR", "SD")] == [0, 2, 10]
    modified = of("MRECIST")
    assert [modified.get(("LP", one), 0) for one in ("CR", "PR")] == [3, 9]
    assert [modified.get(("R", one), 0) for one in ("CR", "PR")] == [1, 3]
    assert of("CHILDPUGH") == {("LP", "A"): 35, ("LP", "B"): 6, ("R", "A"): 19, ("R", "B"): 8}
    assert of("ECOG")[("R", "2")] == 5
    assert of("HBV")[("R", "Yes")] == 18
    again = courses.filter(pl.col("NEXTDY").is_not_null())
    assert Counter(again["ARM"]) == {"LP": 14, "R": 10}


def test_every_printed_number_has_a_row(compared: tuple[Compared, ...]) -> None:
    assert [named(one) for one in compared if one.row is None] == []


def test_printed_numbers_that_are_not_hazard_ratios_are_equal_or_explained(
    compared: tuple[Compared, ...],
) -> None:
    rest = [one for one in compared if not one.number.analysis.endswith("-factors")]
    differing = [one for one in rest if one.verdict not in ("equal", "misprint")]
    assert [named(one) for one in differing] == ["progression-free-survival logrank p_value"]
    assert differing[0].row is not None
    assert differing[0].row.value == pytest.approx(0.633, abs=0.001)
    assert counts(rest, "misprint") == 6


def test_hazard_ratios_are_near_the_printed_ones(compared: tuple[Compared, ...]) -> None:
    for one in compared:
        if one.number.statistic != "hazard_ratio" or one.row is None:
            continue
        assert one.number.value is not None
        assert one.row.value is not None
        # AFP is printed with the same numbers in two models of progression-free survival.
        copied = named(one) == "pfs-factors multivariable afp-400 hazard_ratio"
        near = 0.04 if copied else 0.01
        assert one.row.value == pytest.approx(one.number.value, rel=near), named(one)


def test_what_differs_says_why(compared: tuple[Compared, ...]) -> None:
    silent = [named(one) for one in compared if one.verdict == "different" and not one.number.note]
    assert silent == []


def test_selected_factors_that_the_print_does_not_name_are_not_significant(
    results: Results,
) -> None:
    for analysis, variable in (("os-factors", "child-pugh"), ("pfs-factors", "hbv")):
        for level, significant in (("univariable", True), ("multivariable", False)):
            row = results.where(
                analysis=analysis, level=level, variable=variable, statistic="p_value"
            )[0]
            assert row.value is not None
            assert (row.value < 0.05) == significant


def test_the_rule_of_selection_takes_what_the_print_takes(results: Results) -> None:
    for analysis, taken in (
        ("os-factors", {"ecog", "child-pugh", "afp-400"}),
        ("pfs-factors", {"ecog", "hbv", "afp-400"}),
    ):
        rows = results.where(analysis=analysis, level="multivariable", statistic="hazard_ratio")
        assert {row.variable for row in rows} == taken


def test_tests_of_response_follow_the_rule_of_expected_counts(results: Results) -> None:
    def row(analysis: str, endpoint: str, statistic: str) -> float | None:
        both = statistic.startswith("fisher")
        return results.where(
            analysis=analysis,
            variable="comparison_tests" if both else "comparison",
            variable_level=endpoint,
            statistic=statistic,
        )[0].value

    assert row("response", "orr", "smallest_expected") == pytest.approx(10 * 27 / 68)
    assert row("response", "orr", "p_value") == row("response", "orr", "fisher_p_value")
    assert row("response", "orr", "p_value") == pytest.approx(0.2943, abs=5e-5)
    assert row("response", "dcr", "smallest_expected") == pytest.approx(26 * 27 / 68)
    assert row("response", "dcr", "p_value") == pytest.approx(0.0171, abs=5e-5)
    assert row("response-mrecist", "orr-mrecist", "p_value") == pytest.approx(0.169, abs=5e-4)
    assert row("response-mrecist", "orr-mrecist", "fisher_p_value") == pytest.approx(
        1 - 0.755, abs=5e-4
    )


def test_the_flow_of_patients_is_the_printed_one(results: Results) -> None:
    def count(**columns: Any) -> float | None:
        return results.where(analysis="sets", group="", **columns)[0].value

    assert count(statistic="screened") == 85
    assert count(statistic="screening_failures") == 17
    for reason, number in (("Incomplete data", 10), ("Lost to follow-up", 7)):
        assert count(statistic="n", variable_level=reason) == number


def test_the_sheet_says_what_is_invented() -> None:
    construction = read_sheet_rebuild(STUDY).construction
    made = (*construction.measured, *construction.dealt, *construction.days)
    invented = {one.column for one in made if one.origin == "invented"}
    assert {"AGE", "WEIGHT", "AFP", "CIRRHOSIS", "PD1", "LOCALDY"} <= invented
    assert all(one.source for one in made)


def test_the_dose_of_lenvatinib_goes_by_body_weight() -> None:
    with (STUDY / "data" / "patients.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 85
    for row in rows:
        wanted = "" if row["ARM"] == "R" else "8 mg" if float(row["WEIGHT"]) < 60 else "12 mg"
        assert row["LENDOSE"] == wanted
        assert bool(row["PD1"]) == (row["ARM"] == "LP")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("levels: [univariable,", "levels: [univariate,", "no group 'univariate'"),
        ('reference: "0-1"', 'reference: "0–1"', "no group '0–1'"),
        ("variable: child-pugh\n            ref", "variable: child\n            ref", "'child'"),
    ],
)
def test_printed_numbers_of_models_name_what_the_plan_has(
    right: str, wrong: str, message: str
) -> None:
    text = (STUDY / "published.yaml").read_text(encoding="utf-8")
    assert right in text
    with pytest.raises(ProtocolError, match=message):
        parse_published(text.replace(right, wrong), check_study(STUDY).protocol)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    for name in INPUTS:
        shutil.copy(STUDY / name, folder / name)
    return folder


def test_a_sheet_is_constructed_without_printed_numbers(inputs: Path) -> None:
    (inputs / "published.yaml").unlink()
    written, _ = rebuild_study(inputs)
    assert (written / "data" / "patients.csv").read_bytes() == (
        STUDY / "data" / "patients.csv"
    ).read_bytes()


def test_a_missing_construction_or_course_is_named(inputs: Path) -> None:
    (inputs / "courses.csv").unlink()
    with pytest.raises(CommandError, match=r"no file .*courses.csv"):
        rebuild_study(inputs)
    (inputs / "construction.yaml").unlink()
    with pytest.raises(CommandError, match=r"no file .*construction.yaml"):
        rebuild_study(inputs)


def test_an_impossible_course_is_refused_before_anything_is_written(inputs: Path) -> None:
    path = inputs / "courses.csv"
    table = pl.read_csv(path, infer_schema=False)
    table = table.with_columns(OS_DAYS=pl.lit("1"))
    path.write_text(table.write_csv(), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        rebuild_study(inputs)
    assert any("not shorter" in one.rule for one in refused.value.problems)
    assert not (inputs / "simulated").exists()
