"""Sheets of constructed patients: counts, ranges, days and events hold; faults are named."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from hepatica.errors import CommandError, DataError, InputError, ProtocolError
from hepatica.protocol.model import Protocol
from hepatica.simulate.rebuild.construction_file import parse_construction_as
from hepatica.simulate.rebuild.sheet_construction import SheetConstruction
from hepatica.simulate.rebuild.sheet_courses import check_sheet_courses
from hepatica.simulate.rebuild.sheet_dealing import SheetRebuild, deal_columns
from hepatica.simulate.rebuild.sheet_tables import rebuild_sheet

PROTOCOL: dict[str, Any] = {
    "study": {"id": "S-1", "title": "Two drugs"},
    "data": {"tables": {"PATIENTS": {"file": "patients.csv", "columns": {"USUBJID": "USUBJID"}}}},
    "arms": [
        {"id": "a", "label": "Drug A", "value": "A"},
        {"id": "b", "label": "Drug B", "value": "B"},
    ],
    "analysis_sets": [{"id": "full", "label": "All", "flag": "FASFL"}],
    "endpoints": [
        {
            "kind": "time_to_event",
            "id": name, "label": name, "parameter": name.upper(),
            "origin": {"label": "first dose", "variable": "TRTSDT"},
            "events": [
                {"id": one, "sentence": "It happened.", "description": one} for one in events
            ],
            "sheet": {
                "time": f"{name.upper()}_DAYS", "unit": "days",
                "events": {one: {f"{name.upper()}_STATUS": one} for one in events},
                "censored": {f"{name.upper()}_STATUS": "alive"},
            },
        }
        for name, events in (("os", ["death"]), ("pfs", ["progression", "death"]))
    ],
    "analyses": [{"id": "os", "kind": "time_to_event", "set": "full", "endpoint": "os"}],
    "seed": 5,
}  # fmt: skip
PRINTED = {"origin": "printed", "source": "Table 1"}
CONSTRUCTION: dict[str, Any] = {
    "columns": ["USUBJID", "ARM", "AGE", "SEX", "STAGE", "SPREAD", "DOSE", "NEXT", "LOCALDY",
                "PFS_DAYS", "OS_DAYS", "OS_STATUS"],
    "measured": [
        {"column": "AGE", "by": "ARM", **PRINTED,
         "ranges": {"A": {"median": 50, "low": 30, "high": 70},
                    "B": {"median": 60, "low": 41, "high": 79}}},
    ],
    "dealt": [
        {"column": "SEX", "counts": {"Male": 18, "Female": 2}, **PRINTED},
        {"column": "STAGE", "by": "ARM", **PRINTED,
         "groups": {"A": {"B": 4, "C": 8}, "B": {"B": 3, "C": 5}}},
        {"column": "SPREAD", "by": "ARM", **PRINTED,
         "groups": {"A": {"Yes": 6, "No": 6}, "B": {"Yes": 4, "No": 4}}},
        {"column": "NEXT", "where": {"not": {"NEXTDY": None}}, "counts": {"X": 2, "Y": 3},
         "otherwise": "None", **PRINTED},
    ],
    "derived": [
        {"column": "DOSE", "where": {"ARM": "A"}, **PRINTED,
         "cases": [{"where": {"AGE": {"lt": 50}}, "value": "8 mg"},
                   {"where": {"AGE": {"ge": 50}}, "value": "12 mg"}]},
    ],
    "days": [{"column": "LOCALDY", "where": {"SPREAD": "Yes"}, "between": [1, 60],
              "until": "PFS_DAYS", "origin": "invented", "source": "Not printed"}],
    "impossible": [{"STAGE": "B", "SPREAD": "Yes"}],
    "outcomes": ["PFS_DAYS", "OS_DAYS", "OS_STATUS"],
    "screened_out": [
        {"reason": "Incomplete", "arms": {"a": 2, "b": 1}, "some_empty": ["SEX", "STAGE"],
         **PRINTED},
    ],
    "exposure": "PFS_DAYS",
    "events": [{"event": "Rash", "patients": {"a": 5, "b": 2}, "severe": {"a": 1}, **PRINTED}],
}  # fmt: skip


def courses(**changed: list[Any]) -> pl.DataFrame:
    n = 20
    columns: dict[str, list[Any]] = {
        "USUBJID": [f"S-{number:02d}" for number in range(1, n + 1)],
        "ARM": ["A"] * 12 + ["B"] * 8,
        "PFS_DAYS": [30 + 5 * number for number in range(n)],
        "PFS_STATUS": ["progression"] * n,
        "OS_DAYS": [100 + 10 * number for number in range(n)],
        "OS_STATUS": ["death"] * n,
        "NEXTDY": [90 + number if number < 5 else None for number in range(n)],
    }
    return pl.DataFrame(columns | changed)


def rebuild(found: pl.DataFrame | None = None, **changed: Any) -> SheetRebuild:
    plan = Protocol.model_validate(PROTOCOL)
    construction = SheetConstruction.model_validate(CONSTRUCTION | changed)
    return SheetRebuild(plan, construction, courses() if found is None else found)


def counts(frame: pl.DataFrame, *columns: str) -> dict[Any, int]:
    counted = frame.group_by(columns).len().rows()
    return {row[0] if len(columns) == 1 else row[:-1]: row[-1] for row in counted}


def test_counts_and_ranges_hold() -> None:
    sheet = deal_columns(rebuild())
    assert counts(sheet, "SEX") == {"Male": 18, "Female": 2}
    assert counts(sheet, "ARM", "STAGE") == {
        ("A", "B"): 4, ("A", "C"): 8, ("B", "B"): 3, ("B", "C"): 5,
    }  # fmt: skip
    assert counts(sheet, "ARM", "SPREAD")[("A", "Yes")] == 6
    for arm, middle, low, high in (("A", 50, 30, 70), ("B", 60, 41, 79)):
        ages = sheet.filter(pl.col("ARM") == arm)["AGE"]
        assert (ages.median(), ages.min(), ages.max()) == (middle, low, high)


def test_nobody_is_impossible_and_others_have_what_is_said() -> None:
    sheet = deal_columns(rebuild())
    assert sheet.filter((pl.col("STAGE") == "B") & (pl.col("SPREAD") == "Yes")).is_empty()
    assert counts(sheet, "NEXT") == {"X": 2, "Y": 3, "None": 15}
    assert sheet.filter(pl.col("NEXTDY").is_null())["NEXT"].unique().to_list() == ["None"]
    doses = sheet.filter(pl.col("ARM") == "A")
    assert (doses["DOSE"] == "12 mg").to_list() == (doses["AGE"] >= 50).to_list()
    assert sheet.filter(pl.col("ARM") == "B")["DOSE"].null_count() == 8


def test_days_lie_before_the_end() -> None:
    sheet = deal_columns(rebuild())
    given = sheet.filter(pl.col("LOCALDY").is_not_null())
    assert given["SPREAD"].unique().to_list() == ["Yes"]
    assert given.height == 10
    assert given.select((pl.col("LOCALDY") < pl.col("PFS_DAYS")).all()).item()
    assert given["LOCALDY"].is_between(1, 60).all()


def test_the_sheet_has_those_who_were_screened_out_without_outcome() -> None:
    made = rebuild_sheet(rebuild())
    sheet = made.tables["PATIENTS"]
    assert sheet.columns == CONSTRUCTION["columns"]
    assert sheet["USUBJID"].to_list()[20:] == ["S-21", "S-22", "S-23"]
    out = sheet[20:]
    assert counts(out, "ARM") == {"A": 2, "B": 1}
    assert out.select(pl.col("OS_DAYS", "PFS_DAYS", "OS_STATUS").null_count()).row(0) == (3, 3, 3)
    assert out.select((pl.col("SEX").is_null() | pl.col("STAGE").is_null()).all()).item()
    assert made.truth.height == 20


def test_events_have_their_patients_and_grades() -> None:
    events = rebuild_sheet(rebuild()).tables["ADAE"]
    arms = courses().select("USUBJID", "ARM")
    found = events.join(arms, on="USUBJID")
    assert counts(found, "ARM") == {"A": 5, "B": 2}
    assert found.filter(pl.col("ATOXGR") >= 3)["ARM"].to_list() == ["A"]


def test_the_same_seed_gives_the_same_and_a_column_more_changes_no_other() -> None:
    one, again = deal_columns(rebuild()), deal_columns(rebuild())
    assert one.equals(again)
    more = [*CONSTRUCTION["dealt"], {"column": "EYES", "counts": {"Blue": 20}, **PRINTED}]
    wider = deal_columns(rebuild(dealt=more))
    assert wider.drop("EYES").select(one.columns).equals(one)


SEX = {"column": "SEX", **PRINTED}
AGE = {"column": "AGE", "by": "ARM", **PRINTED}
FEW = {"A": {"median": 5, "low": 1, "high": 9}}
LATER = {"column": "LOCALDY", "between": [1, 2], "until": "NOWHERE", **PRINTED}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"dealt": [SEX | {"counts": {"Male": 3}}]}, "3 patients; the group has 20"),
        ({"dealt": [SEX | {"where": {"NO": 1}, "counts": {"M": 3}}]}, "a column that is not there"),
        ({"dealt": [SEX | {"by": "NO", "groups": {"A": {"M": 3}}}]}, "groups SEX by NO"),
        ({"measured": [AGE | {"ranges": FEW}]}, "the courses have A, B"),
        ({"days": [LATER]}, "not a column of the courses"),
    ],
)
def test_what_cannot_be_made_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        deal_columns(rebuild(impossible=[], **changed))


def test_counts_that_leave_only_impossible_patients_are_refused() -> None:
    with pytest.raises(InputError, match="impossible patient"):
        deal_columns(rebuild(impossible=[{"SEX": "Male"}]))


def test_more_events_than_patients_are_refused() -> None:
    events = [{"event": "Rash", "patients": {"b": 9}, **PRINTED}]
    with pytest.raises(CommandError, match="gives Rash to more patients"):
        rebuild_sheet(rebuild(events=events))


def check(found: pl.DataFrame, **changed: Any) -> None:
    made = rebuild(found, **changed)
    check_sheet_courses(found, made.protocol, made.construction)


def test_courses_that_can_be_are_taken() -> None:
    check(courses())


@pytest.mark.parametrize(
    ("column", "values", "rule"),
    [
        ("USUBJID", ["S-01"] * 20, "one course"),
        ("ARM", ["A"] * 19 + ["C"], "arm is one"),
        ("OS_DAYS", [20] + [500] * 19, "not shorter"),
        ("PFS_STATUS", ["death"] + ["progression"] * 19, "is the death of overall survival"),
    ],
)
def test_courses_that_nobody_could_have_are_refused(
    column: str, values: list[Any], rule: str
) -> None:
    with pytest.raises(DataError) as refused:
        check(courses(**{column: values}))
    assert any(rule in one.rule for one in refused.value.problems)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"columns": ["USUBJID", "SAX"]}, "names SAX"),
        ({"dealt": [{"column": "ARM", "counts": {"A": 20}, **PRINTED}]}, "makes ARM"),
        ({"events": [{"event": "Rash", "patients": {"c": 1}, **PRINTED}]}, "names the arm 'c'"),
    ],
)  # fmt: skip
def test_names_that_are_not_there_are_told(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        check(courses(), **changed)


def test_the_file_tells_its_faults() -> None:
    text = "columns: [USUBJID]\ndealt:\n  - {column: SEX, origin: told, source: x, count: {}}\n"
    with pytest.raises(ProtocolError) as refused:
        parse_construction_as(SheetConstruction, text)
    told = str(refused.value)
    assert "Unknown key" in told
    assert "counts" in told


def test_a_later_value_is_its_share_of_the_earlier_one() -> None:
    later = {"column": "AGELATER", "of": "AGE", "percent": "PERCENT", "decimals": 1, **PRINTED}
    percent = [50, None, *[120] * 18]
    found = courses(PERCENT=percent)
    frame = deal_columns(rebuild(found, shares=[later]))
    age = frame["AGE"].to_list()
    assert frame["AGELATER"].to_list() == [
        None if one is None else round(value * one / 100, 1)
        for value, one in zip(age, percent, strict=True)
    ]
    with pytest.raises(CommandError, match="AGELATER from WEIGHT"):
        deal_columns(rebuild(found, shares=[later | {"of": "WEIGHT"}]))


def test_who_was_screened_out_has_what_the_reason_asks() -> None:
    (group,) = CONSTRUCTION["screened_out"]
    group = {key: value for key, value in group.items() if key != "some_empty"}
    changed = rebuild(screened_out=[group | {"values": {"STAGE": "D"}}])
    sheet = rebuild_sheet(changed).tables["PATIENTS"]
    assert sheet["STAGE"].to_list()[20:] == ["D"] * 3
    assert "D" not in sheet["STAGE"].to_list()[:20]
