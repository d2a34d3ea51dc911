"""Requests that read well and mean something else, and tables that are exported another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.errors import CommandError, DataError
from hepatica.single.survival import SurvivalFound, survival
from hepatica.single.survival_request import SurvivalRequest

BY_HAND = "AVAL,CNSR,ARM,AGE\n10,0,A,64\n20,1,A,65\n30,0,A,\n5,0,B,70\n10,0,B,9\n15,0,B,n/a\n"


def found(path: Path, text: str = BY_HAND, **more: object) -> SurvivalFound:
    path.write_text(text)
    given: dict[str, object] = {"time": "AVAL", "event": "CNSR==0", "by": "ARM"} | more
    return survival(SurvivalRequest(table=str(path), **given))  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_text_is_compared_with_a_bound_as_the_number_it_spells(tmp_path: Path, engine: str) -> None:
    # As text, 9 would come after 65; what spells no number is no match.
    rows = found(tmp_path / "t.csv", by="", where="AGE>=65", engine=engine).results
    assert rows.one(analysis="survival", statistic="n", variable="").value == 2
    adjusted = found(tmp_path / "t.csv", by="", where="AGE<66", adjust=("AGE",), engine=engine)
    assert adjusted.results.one(analysis="survival", statistic="n", variable="").value == 3


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"time": " "}, "--time names the column of the days"),
        ({"strata": ("ARM",)}, "--strata names ARM, which is the groups already"),
        ({"tau": float("nan")}, "--at and --tau are days from the origin"),
        ({"tau": float("inf")}, "--at and --tau are days from the origin"),
        ({"tau": 0.0}, "--tau is a day after the origin"),
        ({"at": (float("nan"),)}, "--at and --tau are days from the origin"),
    ],
)
def test_a_request_that_means_nothing_is_refused(
    tmp_path: Path, more: dict[str, object], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        found(tmp_path / "t.csv", **more)


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ("CNSR==1", True),
        ("CNSR!=0", True),
        ("CNSR>0", True),
        ("CNSR==0", False),
        ("CNSR=='0'", False),
        ("CNSR!=1", False),
        ("CNSR<1", False),
    ],
)
def test_censored_times_taken_as_events_are_named(tmp_path: Path, event: str, named: bool) -> None:
    told = [note.rule for note in found(tmp_path / "t.csv", event=event).notes]
    assert told == (["CNSR is 0 for an event, and 1 or higher for a censored time."] * named)


def test_a_status_of_another_name_is_taken_as_it_is(tmp_path: Path) -> None:
    status = BY_HAND.replace("CNSR", "STATUS")
    assert not found(tmp_path / "t.csv", status, event="STATUS==1").notes


@pytest.mark.parametrize(("sign", "told"), [("\t", "tabs"), (";", "semicolons")])
def test_a_file_parted_otherwise_says_how_to_export_it(
    tmp_path: Path, sign: str, told: str
) -> None:
    with pytest.raises(DataError) as caught:
        found(tmp_path / "t.csv", BY_HAND.replace(",", sign))
    assert {one.do for one in caught.value.problems} == {
        f"Its columns are parted by {told}: export it again, parted by commas."
    }


def test_a_condition_that_leaves_nobody_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        found(tmp_path / "t.csv", where="ARM==C")
    (problem,) = caught.value.problems
    assert problem.do == "Look at the columns named with --time, --where, --by and --event."
