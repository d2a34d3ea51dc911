"""The participant flow of a study, from the rows of its analysis sets and of disposition."""

from __future__ import annotations

from dataclasses import replace

from hepatica.errors import AnalysisError
from hepatica.present.content import Figure
from hepatica.present.figures.flow_counts import FlowArm, FlowPart, FlowSpec, check_flow
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.participant_flow import (
    MOST_ARMS,
    MOST_NARROW,
    figure_participant_flow,
)
from hepatica.present.lookup import RowIndex
from hepatica.present.recorded import in_words
from hepatica.present.tables.frequency import by_frequency
from hepatica.present.tables.sets import set_size
from hepatica.present.wording import long_date, lower_first
from hepatica.protocol.analyses import DispositionAnalysis
from hepatica.protocol.groups import analysis_set
from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import Arm
from hepatica.results import ResultRow, Results

#: Id of the figure.
FLOW = "participant-flow"

#: How treatment ended, in the order of the box.
_STATES = {
    "ONGOING": "On treatment",
    "COMPLETED": "Completed treatment",
    "DISCONTINUED": "Stopped treatment",
    "UNTREATED": "Never treated",
    "MISSING": "End of treatment not recorded",
}
_FIRST = "Whoever fails several criteria counts for the first."
#: States that have a line when nobody is in them.
_ALWAYS = ("ONGOING", "DISCONTINUED")


def flow_figure(results: Results, protocol: Protocol, plate: Plate) -> Figure | None:
    """Draw the participant flow, or return ``None`` where it cannot be drawn.

    Parameters
    ----------
    results : Results
        Rows of ``sets``, and of an analysis of disposition by arm where there is one.
    protocol : Protocol
        Arms and analysis sets.
    plate : Plate
        Study, status and versions; id and title are set here.
    """
    spec = _flow(results, protocol, plate)
    if spec is None or flow_refusal(results, protocol):
        return None
    title = "Participant flow, all patients enrolled"
    if spec.not_enrolled is not None:
        title = "Participant flow, all patients screened"
    named = replace(spec, plate=replace(spec.plate, id=FLOW, title=title))
    narrow = None
    if len(spec.arms) <= MOST_NARROW:
        single = replace(named, plate=replace(named.plate, id=f"{FLOW}-85mm"))
        narrow = figure_participant_flow(single, width_mm=85)
    return Figure(figure_participant_flow(named), narrow, title, "Participant flow")


def flow_refusal(results: Results, protocol: Protocol) -> str:
    """Return why the flow is not drawn where its numbers do not sum; empty where they do."""
    spec = _flow(results, protocol, Plate(id=FLOW, title="", study=""))
    if spec is None:
        return ""
    try:
        check_flow(spec)
    except AnalysisError as error:
        return f"The participant flow is not drawn, because its numbers do not sum. {error}"
    return ""


def _flow(results: Results, protocol: Protocol, plate: Plate) -> FlowSpec | None:
    """Return the counts of the flow; ``None`` when they are not there or arms are too many."""
    enrolled = set_size(results, "")
    totals = [(one, set_size(results, one.flag)) for one in protocol.analysis_sets]
    sets = [(one, row) for one, row in totals if row is not None]
    if enrolled is None or not sets or not 1 <= len(protocol.arms) <= MOST_ARMS:
        return None
    # The arms are those of the set that holds most patients, the first of equals.
    base, total = max(sets, key=lambda pair: pair[1].value or 0.0)
    ends = _disposition(results, protocol, base.flag)
    arms = []
    for slot, arm in enumerate(protocol.arms, start=1):
        n = set_size(results, base.flag, arm.label)
        members = [set_size(results, one.flag, arm.label) for one, _ in sets]
        known = [row for row in members if row is not None]
        if n is None or len(known) < len(members):
            return None
        treated = None if ends is None else _treated(ends, protocol, arm)
        states = () if ends is None else _states(results, ends, protocol, arm)
        arms.append(FlowArm(arm.label, slot, arm.description, n, tuple(known), treated, states))
    not_enrolled = _screened(results)
    cut_off = protocol.study.data_cut_off
    moved = any((row.value or 0) > (arm.n.value or 0) for arm in arms for row in arm.sets)
    notes = (
        "A set counted by the treatment received can be larger than its arm." if moved else "",
        "" if protocol.study.randomised else "Not randomised.",
        _FIRST if any(one.where is not None for one in protocol.eligibility) else "",
        f"Data cut-off {long_date(cut_off)}." if cut_off is not None else "",
    )
    return FlowSpec(
        plate=replace(plate, footnotes=notes),
        enrolled=enrolled,
        not_enrolled=not_enrolled,
        base=base.label,
        total=total,
        sets=tuple((one.label, row) for one, row in sets),
        arms=tuple(arms),
        screened=set_size(results, "", statistic="screened") if not_enrolled is not None else None,
        reasons=_why_not_enrolled(results, protocol) if not_enrolled is not None else (),
    )


def _why_not_enrolled(results: Results, protocol: Protocol) -> tuple[FlowPart, ...]:
    """Return reasons in the order of the criteria, which decides what is counted, then others."""
    parts = _reasons(results, "sets", "screening_failure")
    criteria = [one for one in protocol.eligibility if one.where is not None]
    order = [in_words(text) for one in criteria for text in (one.reason_unmet, one.reason_unknown)]
    place = {text: n for n, text in reversed(list(enumerate(order)))}
    return tuple(sorted(parts, key=lambda part: place.get(part.label, len(order))))


def _screened(results: Results) -> ResultRow | None:
    row = set_size(results, "", statistic="screening_failures")
    return row if row is not None and row.value else None


def _disposition(
    results: Results, protocol: Protocol, flag: str
) -> tuple[DispositionAnalysis, RowIndex] | None:
    """Return the first analysis of disposition of all patients of a set by arm."""
    for one in protocol.analyses:
        if (
            not isinstance(one, DispositionAnalysis)
            or one.by != "arm"
            or one.where is not None
            or analysis_set(protocol, one.set).flag != flag
        ):
            continue
        index = RowIndex(results, one.id)
        if index and not index.failure:
            return one, index
    return None


def _treated(
    ends: tuple[DispositionAnalysis, RowIndex], protocol: Protocol, arm: Arm
) -> FlowPart | None:
    row = ends[1].get("n", level=arm.label, variable="treated")
    drugs = [one.drug for one in protocol.treatments if one.id in arm.treatments]
    label = f"Received {lower_first(drugs[0])}" if len(drugs) == 1 else "Received treatment"
    return FlowPart(label, row) if row is not None else None


def _states(
    results: Results,
    ends: tuple[DispositionAnalysis, RowIndex],
    protocol: Protocol,
    arm: Arm,
) -> tuple[FlowPart, ...]:
    """Return how treatment ended in an arm; the same states and reasons for every arm."""
    analysis, index = ends
    found = []
    for state in index.levels("treatment"):
        row = index.get("n", level=arm.label, variable="treatment", variable_level=state)
        anybody = any(
            (one.value or 0.0) > 0
            for one in results.where(
                analysis=analysis.id, variable="treatment", variable_level=state, statistic="n"
            )
        )
        if row is None or not (anybody or state in _ALWAYS):
            continue
        label = _STATES.get(state, in_words(state))
        if state == "ONGOING" and protocol.study.data_cut_off is not None:
            label = "On treatment at data cut-off"
        stopped = state == "DISCONTINUED"
        reasons = _reasons(results, analysis.id, "treatment_reason", arm.label) if stopped else ()
        found.append(FlowPart(label, row, reasons))
    return tuple(found)


def _reasons(
    results: Results, analysis: str, variable: str, level: str = ""
) -> tuple[FlowPart, ...]:
    """Return reasons by how many patients of all have them; who withdrew and others come last.

    A single reason that says nothing was recorded is no reason.
    """
    names = by_frequency(results, analysis, variable)
    if [name.upper() for name in names] in (["NOT RECORDED"], ["MISSING"]):
        return ()
    ordered = [name for name in names if not _late(name)]
    ordered += [name for name in names if _late(name)]
    parts = []
    for name in ordered:
        rows = results.where(
            analysis=analysis, variable=variable, variable_level=name, level=level, statistic="n"
        )
        parts += [FlowPart(in_words(name), row) for row in rows[:1]]
    return tuple(parts)


def _late(name: str) -> bool:
    said = name.upper()
    return "WITHDR" in said or said.startswith(("OTHER", "UNKNOWN", "NOT RECORDED"))
