"""Printed pooled results of a review: reading them, and setting them beside computed rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.errors import ProtocolError
from hepatica.protocol.review import Review
from hepatica.protocol.review_read import parse_review, read_review
from hepatica.published.review_compare import ComparedPool, compare_review
from hepatica.published.review_print import parse_printed_review, read_printed_review, step_of
from hepatica.published.review_sets import implied_sets
from hepatica.results import ResultRow, Results

FOLDER = Path(__file__).parents[2] / "reviews" / "anlotinib-combination"

PLAN = """
review: {id: R-1, title: A review}
files: [{file: extracted.csv}]
groupings: [{id: design, label: Design}]
outcomes:
  - {id: orr, label: Objective response, measure: proportion}
  - {id: again, label: Its parts, measure: proportion}
"""


def plan() -> Review:
    return parse_review(PLAN)


def printed(*lines: str) -> str:
    return "source: A journal\nresults:\n" + "\n".join(f"  - {{{line}}}" for line in lines)


def rows(outcome: str, *values: float, variable: str = "pooled") -> list[ResultRow]:
    names = ("estimate", "estimate_lower", "estimate_upper", "data_sets")
    return [
        ResultRow(study="R-1", analysis=outcome, variable=variable, statistic=name, value=value,
                  variable_level="random")
        for name, value in zip(names, values, strict=True)
    ]  # fmt: skip


def compared(results: list[ResultRow], *lines: str) -> list[ComparedPool]:
    found = parse_printed_review(printed(*lines), plan())
    return list(compare_review(found, Results(results)))


BASE = 'outcome: orr, estimate: "33.8", lower: "26.8", upper: "40.7", unit: "%"'


def test_a_total_within_the_rounding_of_its_parts_is_reproduced() -> None:
    near = rows("again", 0.339, 0.267, 0.408, 2)
    (one,) = compared(near, f"{BASE}, again: [again]")
    assert one.verdict == "reproduced"
    (one,) = compared(rows("again", 0.342, 0.267, 0.408, 2), f"{BASE}, again: [again]")
    assert one.verdict == "partial evidence only"
    assert not one.again[0].agrees


def test_nothing_at_hand_is_said() -> None:
    (one,) = compared([], BASE)
    assert one.verdict == "no evidence at hand"
    (one,) = compared(rows("orr", 0.338, 0.268, 0.407, 3), BASE)
    assert one.verdict == "partial evidence only"  # partial evidence never proves a print


def test_an_exponentiated_proportion_is_a_misprint() -> None:
    line = (
        'outcome: orr, kind: trim_and_fill, estimate: "1.33", lower: "1.26", upper: "1.41", '
        "data_sets: 18, filled: 3"
    )
    own, filled = compared([], f"{BASE}, data_sets: 14", line)
    assert filled.verdict == "misprint"
    assert filled.words == (
        "18 with 3 filled in leaves 15 data sets, not 14.",
        "1.33 (1.26 to 1.41) is a proportion that was exponentiated: 28.5% (23.1 to 34.4).",
    )
    assert own.verdict == "no evidence at hand"


def test_swapped_digits_are_found() -> None:
    (one,) = compared([], f'{BASE}, i2: "8.6", p: ".269", data_sets: 14')
    assert one.verdict == "misprint"
    assert one.words[-1] == "With two digits of P swapped, .296, 2 data sets fit."


def test_groups_that_do_not_add_up() -> None:
    group = 'outcome: orr, estimate: "30.0", lower: "20.0", upper: "40.0", unit: "%", '
    group += "subgroup: design, level: "
    found = compared(
        [],
        f"{BASE}, data_sets: 14",
        group + 'Prospective, i2: "67.3", p: ".005"',
        group + 'Retrospective, i2: "71.3", p: ".001"',
    )
    assert found[0].words == ("Its groups by design need at least 15 data sets; 14 are told.",)
    # 7 of 14 leave 7, and 8 or 9 are needed
    assert found[2].verdict == "misprint"
    assert found[2].implied.reason == "The other groups leave at most 7 of 14."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('outcome: orr, estimate: "33.8", lower: "40.7", upper: "26.8"', "do not enclose"),
        ('outcome: orq, estimate: "33.8", lower: "26.8", upper: "40.7"', "no outcome orq"),
        (f"{BASE}, subgroup: desing, level: A", "no grouping desing"),
        (f"{BASE}, subgroup: design", "both"),
        (f'{BASE}, i2: "146.7", p: ".1"', "below 100"),
        ('outcome: orr, estimate: "33,8", lower: "26.8", upper: "40.7"', "estimate"),
        ("outcome: orr, estimate: 33.8, lower: 26.8, upper: 40.7", "estimate"),
        (f'{BASE}, p: "1.5"', "p"),
    ],
)
def test_faults_are_named_with_their_line(line: str, said: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        parse_printed_review(printed(line), plan())
    problems = raised.value.problems
    assert any(said in f"{one.path} {one.message}" for one in problems)
    assert all(one.line is not None for one in problems)


def test_digits_of_the_print_count() -> None:
    assert [step_of(one) for one in ("46.7", "0.10", ".000", "7")] == [0.1, 0.01, 0.001, 1.0]


def test_the_printed_review_of_anlotinib() -> None:
    review = read_review(FOLDER / "review.yaml")
    found = read_printed_review(FOLDER / "printed.yaml", review)
    implied = dict(
        zip(
            [(one.outcome, one.level, one.kind) for one in found.results],
            implied_sets(found.results),
            strict=True,
        )
    )

    def together(outcome: str, level: str) -> tuple[int, ...]:
        return implied[outcome, level, "pooled"].together

    assert together("orr", "Checkpoint inhibitor") == (7,)
    assert together("dcr", "Radiotherapy") == (3,)
    assert together("orr", "Prospective") == (7,)
    assert together("orr", "Retrospective") == (8,)
    assert together("mos", "Prospective") == (2,)
    contradicted = {key[:2] for key, one in implied.items() if one.contradicted}
    assert contradicted == {("orr", "TACE"), ("dcr", "TACE"), ("mos", "Checkpoint inhibitor")}
