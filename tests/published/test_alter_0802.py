"""The printed numbers of ALTER-0802: complete, and contradicted only where they say so."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from hepatica.protocol.read import read_protocol
from hepatica.published.model import PrintedNumber, Published
from hepatica.published.read import read_published

FILE = Path(__file__).resolve().parents[2] / "studies" / "alter-0802" / "published.yaml"
SIZES = {"": 50, "Cohort 1": 26, "Cohort 2": 24}

Cells = dict[tuple[object, ...], dict[str, PrintedNumber]]


@pytest.fixture(scope="module")
def published() -> Published:
    return read_published(FILE, read_protocol(FILE.with_name("study.yaml")))


@pytest.fixture(scope="module")
def cells(published: Published) -> Cells:
    """Numbers of each cell by statistic."""
    found: Cells = defaultdict(dict)
    for one in published.numbers:
        rest = tuple(column for column in one.key if column[0] != "statistic")
        found[(one.place, rest)][one.statistic] = one
    return found


def test_percentages_that_are_not_those_of_their_counts_are_called_misprints(cells: Cells) -> None:
    shares = [cell for cell in cells.values() if {"n", "percent"} <= set(cell)]
    assert len(shares) > 200
    for cell in shares:
        n, percent = cell["n"], cell["percent"]
        assert n.value is not None
        step = Decimal(1).scaleb(-percent.decimals)
        exact = (Decimal(n.value) * 100 / SIZES[n.level]).quantize(step, ROUND_HALF_UP)
        agrees = exact == Decimal(str(percent.value))
        if n.misprint:
            continue  # a share of a wrong count is tested with the totals
        assert agrees is not percent.misprint, f"{n.key}: {n.printed} {percent.printed} {exact}"
        if percent.misprint:
            assert percent.possible == f"{exact}%"


def test_cohorts_make_the_total_but_for_one_misprint(cells: Cells) -> None:
    totals: dict[tuple[object, ...], dict[str, PrintedNumber]] = defaultdict(dict)
    for (place, rest), cell in cells.items():
        if "n" in cell and isinstance(rest, tuple):
            name = (place, tuple(column for column in rest if column[0] != "level"))
            totals[name][cell["n"].level] = cell["n"]
    whole = [one for one in totals.values() if set(one) == set(SIZES)]
    assert len(whole) > 80
    wrong = [
        one[""]
        for one in whole
        if one[""].value != (one["Cohort 1"].value or 0) + (one["Cohort 2"].value or 0)
    ]
    assert [(one.printed, one.possible, one.misprint) for one in wrong] == [("18", "17", True)]


def test_the_misprints_of_the_paper(published: Published) -> None:
    found = sorted((one.place, one.printed) for one in published.numbers if one.misprint)
    assert found == [
        ("Table 1", "3.9%"),
        ("Table 1", "53.9%"),
        ("Table 1", "53.9%"),
        ("Table 2", "3.9%"),
        ("Table 2", "3.9%"),
        ("Table 2", "48.7%"),
        ("Table 4", "18"),
        ("Table 4", "30.0%"),
        ("Table 4", "30.0%"),
        ("Table 4", "36.0%"),
    ]
    assert all(one.note and one.possible for one in published.numbers if one.misprint)
    # Not a number that is wrong: the two events are there, and one of them was fatal.
    (related,) = published.where(analysis="adverse-events", variable="serious_related")
    assert "fatal" in related.note
    assert any("called grade 3 although one was fatal" in one for one in published.findings)


def test_each_table_is_whole(published: Published) -> None:
    def rows(place: str, **columns: str) -> set[object]:
        return {
            (one.column("variable"), one.column("variable_level"))
            for one in published.where(place=place, **columns)
        }

    assert len(rows("Table 4", variable="any")) == 34
    assert len(rows("Table 4", variable="severe")) == 34
    assert len({one.column("variable") for one in published.where(place="Table 3")}) == 13
    assert len(list(published.where(place="Table 3"))) == 13 * 2 * 5
    assert {one.column("variable_level") for one in published.where(variable="best_response")} == {
        *("CR", "PR", "SD", "PD", "NE"),
    }
    assert published.count(analysis="baseline", variable="sex", variable_level="Male",
                           level="Cohort 1", statistic="n") == 25  # fmt: skip


def test_numbers_of_the_text_that_tables_print_too(published: Published) -> None:
    rate = published.get(place="Table 2", level="Cohort 1", time=84.0, statistic="survival")
    assert rate is not None
    assert rate.also == ("Abstract", "Results, p. 625")
    assert {one.made for one in published.numbers} <= {"fitted", "follows", "emergent", "none"}
    assert len(published.findings) >= 15
