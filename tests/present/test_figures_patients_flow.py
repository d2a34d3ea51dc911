"""The participant flow: counts in boxes, and refused when they do not sum."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from patient_cases import HOSTILE, check_layout, plate, texts
from rows_report import ONE, TWO, protocol, results, row
from test_figures_geometry import SVG

from hepatica.errors import AnalysisError
from hepatica.present.figures.participant_flow import FlowArm, FlowSpec, figure_participant_flow
from hepatica.present.report import report_content, report_html
from hepatica.present.study_figures import study_figures
from hepatica.results import ResultRow, Results


def count(n: int, flag: str = "", level: str = "", statistic: str = "n") -> ResultRow:
    return row("sets", statistic, n, population=flag, level=level, format="integer")


def spec(sizes: tuple[int, ...], *, enrolled: int = 0, failures: int | None = 30) -> FlowSpec:
    arms = tuple(
        FlowArm(
            f"Arm {n} with a name of some length",
            n,
            "Twelve milligrams once a day for two of three weeks",
            count(size, "FASFL", f"Arm {n}"),
            (count(size, "FASFL", f"Arm {n}"), count(size - 1, "SAFFL", f"Arm {n}")),
        )
        for n, size in enumerate(sizes, start=1)
    )
    whole = sum(sizes)
    return FlowSpec(
        plate=plate("flow"),
        enrolled=count(enrolled or whole),
        not_enrolled=None if failures is None else count(failures, statistic="screening_failures"),
        base="Full analysis set",
        total=count(whole, "FASFL"),
        sets=(
            ("Full analysis set", count(whole, "FASFL")),
            ("Safety set", count(whole - len(sizes), "SAFFL")),
        ),
        arms=arms,
    )


def test_boxes_hold_the_counts_at_their_right_edge() -> None:
    drawing = figure_participant_flow(spec((26, 24)))
    shown = texts(drawing)
    assert {"80", "30", "50", "26", "24", "25", "23"} <= set(shown)
    root = ElementTree.fromstring(drawing.svg)
    counts = [one for one in root.iter(f"{SVG}text") if one.get("data-row")]
    assert {one.get("text-anchor") for one in counts} == {"end"}
    assert len({one.get("x") for one in counts}) == 3
    assert {one.get("data-row") for one in counts} <= set(drawing.row_ids)


def test_who_is_in_no_arm_branches_off() -> None:
    shown = " ".join(texts(figure_participant_flow(spec((26, 24), enrolled=53))))
    assert "Not in the full analysis set" in shown
    assert " 3 " in shown


def test_a_split_that_does_not_sum_is_refused_with_the_difference() -> None:
    right = spec((26, 24))
    with pytest.raises(AnalysisError, match=r"Full .* 48 patients in all and 50 .* is 2"):
        figure_participant_flow(replace(right, total=count(48, "FASFL")))
    with pytest.raises(AnalysisError, match=r"50 patients and 45 were enrolled.* is 5"):
        figure_participant_flow(replace(right, enrolled=count(45)))
    wrong = (right.sets[0], ("Safety set", count(49, "SAFFL")))
    with pytest.raises(AnalysisError, match=r"Safety set: 49 patients .* 48 .* is 1"):
        figure_participant_flow(replace(right, sets=wrong))


@pytest.mark.parametrize("arms", [1, 2, 3, 4])
@pytest.mark.parametrize("failures", [None, 12345])
@pytest.mark.parametrize("enrolled", [0, 90000])
def test_nothing_overlaps(arms: int, failures: int | None, enrolled: int) -> None:
    made = spec((12000, 13000, 14000, 15000)[:arms], enrolled=enrolled, failures=failures)
    long = "A set that is named in more words than a box has room for, evaluable for response"
    named = replace(made, sets=((f"{HOSTILE} {long}", made.sets[0][1]), made.sets[1]), base=long)
    for width in (180, 85) if arms < 3 else (180,):
        drawing = figure_participant_flow(named, width_mm=width)
        check_layout(drawing)
        assert "<script" not in drawing.svg + drawing.page_svg


@pytest.mark.parametrize("sizes", [(), (5, 5, 5, 5, 5)])
def test_more_than_four_arms_are_a_table(sizes: tuple[int, ...]) -> None:
    with pytest.raises(AnalysisError, match="1 to 4 arms"):
        figure_participant_flow(spec(sizes))


def test_alternative_text_and_the_same_bytes_twice() -> None:
    drawing = figure_participant_flow(spec((26, 24)))
    assert drawing.alt.startswith(
        "Participant flow from enrolment to analysis: 50 patients enrolled, 30 screened and not "
        "enrolled. Patients by arm: Arm 1 "
    )
    assert drawing.alt.endswith("Constructed patients.")
    assert drawing == figure_participant_flow(spec((26, 24)))


def test_the_report_shows_the_flow_or_says_why_not() -> None:
    plan = protocol()
    rows = results()
    figures = study_figures(rows, plan, digest="", version="")
    assert {ONE, TWO} <= set(texts(figures["participant-flow"].wide))
    page = report_html(report_content(plan, rows, figures))
    assert "Participant flow, all patients enrolled" in page
    changed = Results(
        replace(one, value=25.0)
        if (one.analysis, one.population, one.level) == ("sets", "FASFL", ONE)
        else one
        for one in rows
    )
    refused = study_figures(changed, plan, digest="", version="")
    assert "participant-flow" not in refused
    page = report_html(report_content(plan, changed, refused))
    assert "50 patients in all and 49 in the arms; the difference is 1." in page
