"""Printed beside computed: equal to the printed decimals, or told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hepatica.published.compare import Compared, compare, counts
from hepatica.published.model import PrintedNumber, Published
from hepatica.published.rows import published_record, published_row
from hepatica.results import ResultRow, Results

KEY = (("analysis", "pfs"), ("level", "A"), ("time", 84.0), ("statistic", "survival"))
NUMBER = PrintedNumber(
    place="Table 2", key=KEY, printed="80.8%", value=80.8, decimals=1, scale="fraction"
)
ROW = ResultRow(
    study="S",
    analysis="pfs",
    parameter="PFS",
    level="A",
    time=84.0,
    statistic="survival",
    value=21 / 26,
    format="fraction",
)


def one(number: PrintedNumber, *rows: ResultRow) -> Compared:
    return compare(Published("S", "", (number,)), Results(rows))[0]


def test_equal_at_the_printed_decimals() -> None:
    found = one(NUMBER, ROW)
    assert (found.shown, found.verdict, found.row) == ("80.8%", "equal", ROW)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.8075, "equal"), (0.80749, "different"), (0.8085, "different"), (0.80849, "equal")],
)
def test_a_changed_row_changes_the_verdict(value: float, verdict: str) -> None:
    assert one(NUMBER, replace(ROW, value=value)).verdict == verdict


def test_a_misprint_is_explained_by_what_is_possible_only() -> None:
    wrong = replace(NUMBER, printed="81.0%", value=81.0, misprint=True, possible="80.8%")
    assert one(wrong, ROW).verdict == "misprint"
    assert one(wrong, replace(ROW, value=0.7)).verdict == "different"
    assert one(replace(wrong, possible="about 80"), ROW).verdict == "different"


def test_no_row_is_said() -> None:
    other = replace(ROW, level="B")
    assert one(NUMBER, other).verdict == "no_row"
    assert one(replace(NUMBER, made="none"), other).verdict == "not_in_data"
    twice = [ROW, replace(ROW, parameter="TTP")]
    assert one(NUMBER, *twice).verdict == "no_row"


def test_columns_that_are_not_given_are_empty_in_the_row() -> None:
    curve = replace(ROW, variable="curve", value=0.5)
    assert one(NUMBER, curve, ROW).row == ROW


def test_per_cent_and_share_are_told_by_the_row() -> None:
    number = replace(NUMBER, scale="percent")
    assert one(number, replace(ROW, value=80.8, format="percent")).verdict == "equal"
    assert one(number, ROW).verdict == "equal"


def test_months_of_days() -> None:
    number = replace(NUMBER, printed="5.9", value=5.9, scale="months")
    row = replace(ROW, value=181.0, format="months")
    found = one(number, row)
    assert (found.shown, found.verdict) == ("5.9", "equal")
    assert one(number, replace(row, value=182.0)).shown == "6.0"


def test_not_estimable_agrees_with_the_word_alone() -> None:
    empty = replace(ROW, value=None, status="not_estimable")
    word = replace(NUMBER, printed="NE", value=None, decimals=0)
    assert one(word, empty).verdict == "equal"
    assert one(word, ROW).verdict == "different"
    assert one(NUMBER, empty).verdict == "different"


def test_signs_and_the_shape_of_the_print() -> None:
    small = replace(NUMBER, printed="<0.001", value=0.001, decimals=3, sign="<", scale="plain")
    row = replace(ROW, value=0.0004, format="p_value")
    assert one(small, row).verdict == "equal"
    assert one(small, replace(row, value=0.001)).verdict == "different"
    large = replace(NUMBER, printed="441,231", value=441231.0, decimals=0, scale="plain")
    assert one(large, replace(row, value=441231.2)).shown == "441,231"
    fall = replace(NUMBER, printed="−16.6", value=-16.6, scale="plain")
    assert one(fall, replace(row, value=-16.55)).shown == "−16.6"


def test_counts() -> None:
    found = compare(Published("S", "", (NUMBER, replace(NUMBER, value=1.0))), Results([ROW]))
    assert counts(found, "equal") == counts(found, "different") == 1


def test_printed_rows_have_the_units_of_computed_ones() -> None:
    assert published_row(NUMBER, "S").value == 0.808
    months = published_row(replace(NUMBER, printed="5.9", value=5.9, scale="months"), "S")
    assert (months.value, months.unit, months.format) == (5.9 * 30.4375, "days", "months")
    word = published_row(replace(NUMBER, printed="NE", value=None), "S")
    assert (word.value, word.text, word.status) == (None, "NE", "not_estimable")


def test_the_record_keeps_print_and_computation_apart() -> None:
    published = Published("S", "A journal", (NUMBER,), ("A finding.",))
    record = published_record(published, compare(published, Results([ROW])))
    entry = record["numbers"][0]
    assert (entry["id"], entry["computed_id"]) == (
        "S/published/pfs/A/84/survival",
        "S/collected/pfs/PFS/A/84/survival",
    )
    assert entry["row"]["origin"] == "published"
    assert record["findings"] == ["A finding."]
