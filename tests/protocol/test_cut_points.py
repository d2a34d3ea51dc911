"""Cut-points that the data choose: faults of their choice, labels, and who may have chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepatica.errors import ProtocolError
from hepatica.present.wording import is_exploratory, table_title
from hepatica.protocol import Protocol, parse_protocol
from hepatica.protocol.cut_points import fill_cut_points, find_cut_point

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")
FIXED = "{id: afp-400, at: 400, below: Low, at_or_above: High, source: A guideline}"
CHOSEN = (
    '{id: afp-cut, choose: {by: median, set: full, arm: two}, below: "Below {at}", '
    'at_or_above: "{at} or more", source: The median}'
)


def text(cut: str = CHOSEN, *, analyses: str = "") -> str:
    return BASE.replace(FIXED, cut).replace(", afp-400]", "]") + analyses


def messages(content: str) -> list[tuple[str, str]]:
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(content)
    return [(problem.path, problem.message) for problem in caught.value.problems]


CUT = "biomarkers[0].cut_points[0]"
FAULTS = [
    (
        "choose: {by: median, set: full, arm: two}, ",
        "",
        CUT,
        "Missing: the threshold. Give at, or say with choose how the data choose it.",
    ),
    ("choose: {", "at: 5, choose: {", f"{CUT}.choose", "Give at or choose, not both."),
    (
        "choose: {by: median, set: full, arm: two}",
        "at: 5",
        f"{CUT}.below",
        "The threshold is fixed: write it in place of {at}.",
    ),
    ("set: full", "set: fall", f"{CUT}.choose.set", "There is no analysis set 'fall'. Did"),
    ("arm: two", "arm: three", f"{CUT}.choose.arm", "There is no arm 'three'."),
    (
        "by: median",
        "by: median, endpoint: os",
        f"{CUT}.choose.endpoint",
        "A median looks at no outcome. Remove the key.",
    ),
    (
        "by: median",
        "by: roc",
        f"{CUT}.choose",
        "Missing: endpoint, the id of the time to event that roc looks at.",
    ),
    (
        "by: median",
        "by: roc, endpoint: os",
        f"{CUT}.choose",
        "Missing: at, the time by which an event counts, for example 6 months.",
    ),
    (
        "by: median",
        "by: logrank, endpoint: os, at: 6 months",
        f"{CUT}.choose.at",
        "The log-rank statistic looks at all times. Remove the key.",
    ),
    (
        "by: median",
        "by: logrank, endpoint: orr",
        f"{CUT}.choose.endpoint",
        "The endpoint 'orr' is not of the kind time_to_event.",
    ),
    (
        "by: median",
        "by: logrank, endpoint: oss",
        f"{CUT}.choose.endpoint",
        "There is no endpoint 'oss'. Did you mean 'os'?",
    ),
    ("by: median", "by: mode", f"{CUT}.choose.by", "Expected one of: median, roc, logrank;"),
    ('"{at} or more"', '"Below {at}"', f"{CUT}.at_or_above", "Both sides of the cut-point have"),
]


@pytest.mark.parametrize(("old", "new", "path", "begins"), FAULTS)
def test_a_fault_of_a_choice_is_told(old: str, new: str, path: str, begins: str) -> None:
    assert old in CHOSEN
    found = messages(text(CHOSEN.replace(old, new)))
    assert any(place == path and message.startswith(begins) for place, message in found), found


@pytest.mark.parametrize(
    ("analysis", "path", "begins"),
    [
        ("[xyz]", "biomarkers[0]", "There is no biomarker 'xyz'. Biomarkers are: afp."),
        ("[afp]", "biomarkers[0]", "The biomarker 'afp' has no parameter: give it the test code"),
        ("[afp, afp]", "biomarkers[1]", "The biomarker 'afp' stands here for the second time."),
    ],
)
def test_a_change_needs_biomarkers_with_a_test_code(analysis: str, path: str, begins: str) -> None:
    plan = f"  - {{id: change, kind: biomarker_change, set: full, biomarkers: {analysis}}}\n"
    found = messages(text(analyses=plan))
    assert any(place.endswith(path) and told.startswith(begins) for place, told in found), found


def test_the_id_of_the_rows_of_cut_points_is_kept() -> None:
    plan = "  - {id: cut_points, kind: response, set: full, endpoints: [orr]}\n"
    assert messages(text(analyses=plan)) == [
        (
            "analyses[5].id",
            "The id 'cut_points' is kept for the table of cut-points. Choose another.",
        )
    ]


def by_cut(where: str = "") -> Protocol:
    plan = (
        f"  - {{id: cut, kind: time_to_event, set: full, endpoint: os, by: afp-cut, {where}"
        'compare: {reference: "Below {at}"}}\n'
    )
    return parse_protocol(text(analyses=plan))


def test_labels_hold_the_value_once_it_is_known() -> None:
    plan = by_cut()
    filled = fill_cut_points(plan, {"afp-cut": 7.65})
    found = find_cut_point(filled, "afp-cut")
    assert found is not None
    assert (found[1].below, found[1].at_or_above) == ("Below 7.65", "7.65 or more")
    compare = filled.analyses[-1].compare  # type: ignore[union-attr]
    assert compare is not None
    assert compare.reference == "Below 7.65"
    assert plan.analyses[-1].compare.reference == "Below {at}"  # type: ignore[union-attr]


def test_without_a_value_labels_say_so() -> None:
    found = find_cut_point(fill_cut_points(by_cut(), {}), "afp-cut")
    assert found is not None
    assert (found[1].at, found[1].below) == (None, "Below the chosen value")


@pytest.mark.parametrize(
    ("where", "exploratory"),
    [
        ("", True),
        ("where: {TRT01P: Arm two}, where_label: Arm two, ", True),
        ("where: {TRT01P: [Arm one, Arm two]}, ", True),
        ("where: {TRT01P: Arm one}, where_label: Arm one, ", False),
        ("where: {TRT01P: Arm one, AGE: {ge: 65}}, ", False),
        ("where: {AGE: {ge: 65}}, ", True),
    ],
)
def test_a_cut_point_is_exploratory_in_the_patients_who_chose_it(
    where: str, exploratory: bool
) -> None:
    plan = by_cut(where)
    analysis = plan.analyses[-1]
    assert is_exploratory(plan, analysis) is exploratory
    title = table_title(plan, analysis, "Overall survival")
    assert title.endswith("exploratory cut-point") is exploratory
