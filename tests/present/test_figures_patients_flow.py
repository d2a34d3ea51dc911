"""The participant flow: counts in boxes, and refused when they do not sum."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from xml.etree import ElementTree

import pytest
from patient_cases import HOSTILE, check_layout, plate, texts
from rows_report import ONE, TWO, protocol, results, row
from test_figures_geometry import SVG

from hepatica.errors import AnalysisError
from hepatica.present.figures.flow_counts import FlowArm, FlowPart, FlowSpec
from hepatica.present.figures.participant_flow import figure_participant_flow
from hepatica.present.flow_figure import flow_refusal
from hepatica.present.report import report_content, report_html
from hepatica.present.study_figures import study_figures
from hepatica.protocol import Protocol
from hepatica.protocol.analyses import DispositionAnalysis
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


def part(label: str, n: int, *reasons: FlowPart) -> FlowPart:
    return FlowPart(label, count(n, level=label), tuple(reasons))


def treated(sizes: tuple[int, ...], *, left: int = 2) -> FlowSpec:
    """Return a flow with screening reasons, and how treatment ended in each arm."""
    made = spec(sizes)
    stopped = [
        (part("Progressive disease", n - 5), part("Adverse event", 3), part("Withdrew consent", 0))
        for n in sizes
    ]
    arms = tuple(
        replace(
            arm,
            treated=part("Received anlotinib", n),
            treatment=(
                part("On treatment at data cut-off", left),
                part("Stopped treatment", n - left, *why),
            ),
        )
        for arm, n, why in zip(made.arms, sizes, stopped, strict=True)
    )
    reasons = (part("No measurable lesion", 18), part("Liver function", 10), part("Other", 2))
    screened = count(sum(sizes) + 30, statistic="screened")
    return replace(made, arms=arms, reasons=reasons, screened=screened)


def test_boxes_hold_the_counts_at_their_right_edge() -> None:
    drawing = figure_participant_flow(spec((26, 24)))
    shown = texts(drawing)
    assert {"80", "30", "50", "26", "24", "25", "23"} <= set(shown)
    root = ElementTree.fromstring(drawing.svg)
    counts = [one for one in root.iter(f"{SVG}text") if one.get("data-row")]
    assert {one.get("text-anchor") for one in counts} == {"end"}
    assert len({one.get("x") for one in counts}) == 4
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


def test_reasons_and_the_end_of_treatment_stand_with_their_counts() -> None:
    drawing = figure_participant_flow(treated((26, 24)))
    shown = texts(drawing)
    for label in ("No measurable lesion", "Received anlotinib", "Stopped treatment", "Follow-up"):
        assert label in shown
    assert shown.count("Stopped treatment") == shown.count("Progressive disease") == 2
    assert {"18", "10", "21", "19", "22"} <= set(shown)
    assert shown.index("No measurable lesion") < shown.index("Liver function")
    assert shown.index("Liver function") < shown.index("Other")
    assert "Follow-up" not in texts(figure_participant_flow(spec((26, 24))))
    assert "on treatment at data cut-off 2, stopped treatment 24" in drawing.alt
    root = ElementTree.fromstring(drawing.svg)
    named = {one.get("data-row", "") for one in root.iter(f"{SVG}text")} - {""}
    assert named <= set(drawing.row_ids)


def test_stages_are_read_upwards_in_both_files() -> None:
    drawing = figure_participant_flow(treated((26, 24)))
    for file in (drawing.svg, drawing.page_svg):
        turned = [
            one.text
            for one in ElementTree.fromstring(file).iter(f"{SVG}text")
            if (one.get("transform") or "").startswith("rotate(-90 ")
        ]
        assert turned == ["Screening", "Allocation", "Follow-up", "Analysis"]


def test_reasons_that_do_not_sum_are_refused_with_the_difference() -> None:
    right = treated((26, 24))
    with pytest.raises(AnalysisError, match=r"Not enrolled: 30 patients .* 28 with .* is 2"):
        figure_participant_flow(replace(right, reasons=right.reasons[:2]))
    with pytest.raises(AnalysisError, match=r"Screened: 79 patients .* 80 enrolled .* is 1"):
        figure_participant_flow(replace(right, screened=count(79)))
    first = right.arms[0]
    ongoing, stopped = first.treatment
    for treatment, words in (
        ((ongoing,), r"Arm 1 .*: 26 patients .* 2 by how treatment ended; the difference is 24"),
        (
            (ongoing, replace(stopped, reasons=stopped.reasons[:1])),
            r"stopped treatment: 24 patients in all and 21 with a reason; the difference is 3",
        ),
    ):
        wrong = (replace(first, treatment=treatment), right.arms[1])
        with pytest.raises(AnalysisError, match=words):
            figure_participant_flow(replace(right, arms=wrong))
    more = (replace(first, treated=part("Received anlotinib", 27)), right.arms[1])
    with pytest.raises(AnalysisError, match=r"26 patients and 27 were treated.* is 1"):
        figure_participant_flow(replace(right, arms=more))


@pytest.mark.parametrize("arms", [1, 2, 3, 4])
@pytest.mark.parametrize("width", [180, 85])
def test_nothing_overlaps_with_treatment(arms: int, width: Literal[85, 180]) -> None:
    if width == 85 and arms > 2:
        return
    made = treated((1200, 1300, 1400, 1500)[:arms])
    check_layout(figure_participant_flow(made, width_mm=width))
    few = treated((5,) * arms)
    check_layout(figure_participant_flow(few, width_mm=width))


def test_a_page_that_is_full_leaves_reasons_to_the_table() -> None:
    many = tuple(part(f"Reason {n} with a number of words that go on", 1) for n in range(60))
    made = replace(
        treated((26, 24)),
        reasons=many,
        not_enrolled=count(60, statistic="screening_failures"),
        screened=count(110, statistic="screened"),
    )
    for width in (180, 85):
        drawing = figure_participant_flow(made, width_mm=width)  # type: ignore[arg-type]
        check_layout(drawing)
        shown = " ".join(texts(drawing))
        assert "Reason 1 " not in shown
        assert "Reasons that have no room here stand in the table." in shown
        assert "Progressive disease" in shown


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


def ended(*, ongoing: int = 1) -> list[ResultRow]:
    """Return rows of screening and disposition as the analyses give them."""
    rows = [
        row("sets", "screened", 80, format="integer"),
        row("sets", "screening_failures", 30, format="integer"),
    ]
    for reason, n in (("OTHER", 12), ("WITHDREW CONSENT", 8), ("HBV DNA too high", 10)):
        where = {"variable": "screening_failure", "variable_level": reason}
        rows.append(row("sets", "n", n, format="integer", **where))
    counts = {"": 50, ONE: 26, TWO: 24}
    for level, n in counts.items():
        arms = 2 if not level else 1
        stopped = n - ongoing * arms
        states = {"ONGOING": ongoing * arms, "COMPLETED": 0, "DISCONTINUED": stopped}
        reasons = {"ADVERSE EVENT": 3 * arms, "PROGRESSIVE DISEASE": stopped - 3 * arms}
        for variable, found in (("treatment", states), ("treatment_reason", reasons)):
            for name, value in found.items():
                where = {"variable": variable, "variable_level": name, "level": level}
                rows.append(row("ends", "n", value, format="integer", **where))
        rows.append(row("ends", "n", n, level=level, variable="treated", format="integer"))
    return rows


def with_disposition() -> Protocol:
    plan = protocol()
    ends = DispositionAnalysis(id="ends", kind="disposition", set="full")
    return plan.model_copy(update={"analyses": (ends,)})


def test_rows_of_screening_and_disposition_become_boxes() -> None:
    figures = study_figures(results(*ended()), with_disposition(), digest="", version="")
    shown = texts(figures["participant-flow"].wide)
    assert "On treatment at data cut-off" in shown
    assert "Completed treatment" not in shown
    assert "Received anlotinib" in shown
    order = [shown.index(one) for one in ("HBV DNA too high", "Withdrew consent", "Other")]
    assert order == sorted(order)
    assert shown.index("Progressive disease") < shown.index("Adverse event")


def test_disposition_that_does_not_sum_is_said_in_the_report() -> None:
    plan, rows = with_disposition(), results(*ended())
    changed = Results(
        replace(one, value=2.0)
        if (one.analysis, one.level, one.variable_level) == ("ends", ONE, "ONGOING")
        else one
        for one in rows
    )
    assert "participant-flow" not in study_figures(changed, plan, digest="", version="")
    assert flow_refusal(rows, plan) == ""
    assert flow_refusal(changed, plan).endswith(
        "Cohort 1: 26 patients in all and 27 by how treatment ended; the difference is 1."
    )
