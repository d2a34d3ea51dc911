"""The participant flow of a study, from the rows of its analysis sets."""

from __future__ import annotations

from dataclasses import replace

from hepatica.errors import AnalysisError
from hepatica.present.content import Figure
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.participant_flow import (
    MOST_ARMS,
    MOST_NARROW,
    FlowArm,
    FlowSpec,
    check_flow,
    figure_participant_flow,
)
from hepatica.present.tables.sets import set_size
from hepatica.present.wording import long_date
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

#: Id of the figure.
FLOW = "participant-flow"


def flow_figure(results: Results, protocol: Protocol, plate: Plate) -> Figure | None:
    """Draw the participant flow, or return ``None`` where it cannot be drawn.

    Parameters
    ----------
    results : Results
        Rows of ``sets``.
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
    arms = []
    for slot, arm in enumerate(protocol.arms, start=1):
        n = set_size(results, base.flag, arm.label)
        members = [set_size(results, one.flag, arm.label) for one, _ in sets]
        known = [row for row in members if row is not None]
        if n is None or len(known) < len(members):
            return None
        arms.append(FlowArm(arm.label, slot, arm.description, n, tuple(known)))
    cut_off = protocol.study.data_cut_off
    moved = any((row.value or 0) > (arm.n.value or 0) for arm in arms for row in arm.sets)
    notes = (
        "A set counted by the treatment received can be larger than its arm." if moved else "",
        "" if protocol.study.randomised else "Not randomised.",
        f"Data cut-off {long_date(cut_off)}." if cut_off is not None else "",
    )
    return FlowSpec(
        plate=replace(plate, footnotes=notes),
        enrolled=enrolled,
        not_enrolled=_screened(results),
        base=base.label,
        total=total,
        sets=tuple((one.label, row) for one, row in sets),
        arms=tuple(arms),
    )


def _screened(results: Results) -> ResultRow | None:
    row = set_size(results, "", statistic="screening_failures")
    return row if row is not None and row.value else None
