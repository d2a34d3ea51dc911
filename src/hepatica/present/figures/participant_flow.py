"""Participant flow in the style of CONSORT: screened, enrolled, arms, treatment, analysis sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.flow_boxes import (
    STAGE,
    Entry,
    draw_box,
    draw_down,
    draw_right,
    draw_stage,
    entry,
    height_of,
    remark,
)
from hepatica.present.figures.flow_counts import (
    FlowArm,
    FlowPart,
    FlowSpec,
    check_flow,
    count_of,
)
from hepatica.present.figures.furniture import (
    MARGIN,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.text import wrap
from hepatica.present.format import format_row, format_value
from hepatica.present.theme import LINE, TYPE
from hepatica.results import ResultRow

#: Most arms that stand beside each other.
MOST_ARMS = 4
MOST_NARROW = 2

_DOWN = 6.4
_TOP = 8.0
_TALLEST = 235.0


@dataclass(frozen=True, slots=True)
class _Page:
    """Where boxes may stand in mm, their width, and whether stages are named at the left."""

    left: float
    right: float
    box: float
    side: float
    stages: bool

    @property
    def spine(self) -> float:
        return (self.left + self.right) / 2


_PAGES = {
    180: _Page(MARGIN + STAGE + 4.0, 180.0 - MARGIN, 62.0, 8.0, stages=True),
    85: _Page(MARGIN + 1.5, 85.0 - MARGIN, 52.0, 5.0, stages=False),
}


def figure_participant_flow(spec: FlowSpec, *, width_mm: Literal[85, 180] = 180) -> Drawing:
    """Draw who was screened, enrolled, allocated, treated and analysed.

    Parameters
    ----------
    spec : FlowSpec
        Counts and wording.
    width_mm : {180, 85}
        Double column, or single column for up to 2 arms.

    Returns
    -------
    Drawing
        The same bytes for the same rows and specification. Reasons that a page has no room for
        are left to the table, and a note says so.

    Raises
    ------
    AnalysisError
        If a split does not sum to its whole, or there are more than 4 arms (2 at 85 mm).
    """
    most = MOST_ARMS if width_mm == 180 else MOST_NARROW
    if not 1 <= len(spec.arms) <= most:
        raise AnalysisError(f"A participant flow shows 1 to {most} arms.")
    check_flow(spec)
    canvas, drawn = _fitting(spec, width_mm)
    rows = [drawn.enrolled, drawn.total, *(row for _, row in drawn.sets)]
    rows += [row for row in (drawn.screened, drawn.not_enrolled) if row is not None]
    rows += [part.row for part in drawn.reasons]
    for arm in drawn.arms:
        rows += [arm.n, *arm.sets, *([arm.treated.row] if arm.treated is not None else [])]
        rows += [row for part in arm.treatment for row in _rows(part)]
    return finish(canvas, drawn.plate, alternative_text(drawn), [row.id for row in rows])


def _rows(part: FlowPart) -> list[ResultRow]:
    return [part.row, *(one.row for one in part.reasons)]


def _fitting(spec: FlowSpec, width_mm: Literal[85, 180]) -> tuple[Canvas, FlowSpec]:
    """Return the drawing, with the reasons that one page has room for, and what it shows."""
    arms = tuple(
        replace(arm, treatment=tuple(replace(part, reasons=()) for part in arm.treatment))
        for arm in spec.arms
    )
    fewer = (replace(spec, arms=arms), replace(spec, reasons=()))
    canvas = _drawn(spec, width_mm, "")
    for drawn in (*fewer, replace(spec, arms=arms, reasons=())):
        if canvas.height <= _TALLEST:
            break
        spec = drawn
        canvas = _drawn(spec, width_mm, "Reasons that have no room here stand in the table.")
    return canvas, spec


def _drawn(spec: FlowSpec, width_mm: Literal[85, 180], note: str) -> Canvas:
    page = _PAGES[width_mm]
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    y = _draw_enrolment(canvas, page, spec)
    notes = ("Each split sums to its whole.", note, *spec.plate.footnotes)
    draw_footnotes(canvas, notes, y)
    return canvas


def _draw_enrolment(canvas: Canvas, page: _Page, spec: FlowSpec) -> float:
    """Draw all boxes and return the lower end of the last one."""
    middle, y = page.spine, _TOP
    corner = middle - page.box / 2
    if spec.not_enrolled is not None:
        first = draw_box(canvas, (corner, y), page.box, [_assessed(spec, page)])
        width = page.right - page.spine - page.side
        beside = [entry("Not enrolled", spec.not_enrolled, width, head=True)]
        beside += [entry(part.label, part.row, width) for part in spec.reasons]
        end = _draw_side(canvas, page, first.y1, beside)
        y = _draw_stage(canvas, page, "Screening", first.y0, end) + 3.6
        draw_down(canvas, middle, first.y1, y)
    enrolled = entry("Enrolled", spec.enrolled, page.box, head=True)
    box = draw_box(canvas, (corner, y), page.box, [enrolled])
    end = box.y1
    left_out = count_of(spec.enrolled) - count_of(spec.total)
    if left_out:
        name = f"Not in the {spec.base[:1].lower()}{spec.base[1:]}"
        lines = wrap(name, TYPE.text, 40.0 if page.stages else 20.0, True)
        shown = format_value(float(left_out), "integer")
        end = _draw_side(canvas, page, box.y1, [Entry(lines, shown, "", True)]) + 2.0
        canvas.line([((middle, box.y1), (middle, end))], "ink2", LINE.rule)
    return _draw_arms(canvas, page, spec, box.y0, end)


def _assessed(spec: FlowSpec, page: _Page) -> Entry:
    name = "Assessed for eligibility"
    if spec.screened is not None:
        return entry(name, spec.screened, page.box, head=True)
    everybody = count_of(spec.enrolled)
    everybody += count_of(spec.not_enrolled) if spec.not_enrolled is not None else 0
    return Entry((name,), format_value(float(everybody), "integer"), "", True)


def _draw_stage(canvas: Canvas, page: _Page, name: str, top: float, bottom: float) -> float:
    return draw_stage(canvas, name, top, bottom) if page.stages else bottom


def _draw_side(canvas: Canvas, page: _Page, above: float, entries: Sequence[Entry]) -> float:
    """Draw a box at the right with an arrow from the spine, and return its lower end."""
    width = page.right - page.spine - page.side
    box = draw_box(canvas, (page.right - width, above + 3.2), width, entries)
    draw_right(canvas, page.spine, box.x0, (box.y0 + box.y1) / 2)
    return box.y1


def _columns(page: _Page, number: int) -> list[tuple[float, float]]:
    """Return left edge and width of the boxes of the arms in mm."""
    room = page.right - page.left
    least = 4.0 if number == MOST_ARMS else 6.0
    width = min(page.box if number < 3 else 40.0, (room - least * (number - 1)) / number)
    gap = min(11.0, (room - width * number) / (number - 1)) if number > 1 else 0.0
    first = page.spine - (width * number + gap * (number - 1)) / 2
    return [(first + place * (width + gap), width) for place in range(number)]


def _draw_arms(canvas: Canvas, page: _Page, spec: FlowSpec, stage: float, above: float) -> float:
    """Draw the boxes of the arms below a height; the bar of their stage begins at ``stage``."""
    columns = _columns(page, len(spec.arms))
    middles = [left + width / 2 for left, width in columns]
    bar = above + 2.4
    if len(columns) > 1:
        runs = [((page.spine, above), (page.spine, bar)), ((middles[0], bar), (middles[-1], bar))]
        canvas.line(runs, "ink2", LINE.rule)
    y = above + _DOWN
    for middle in middles:
        draw_down(canvas, middle, bar if len(columns) > 1 else above, y)
    pairs = list(zip(spec.arms, columns, strict=True))
    heads = [_arm_entries(arm, width) for arm, (_, width) in pairs]
    below = _draw_row(canvas, columns, heads, y)
    for arm, (left, _) in pairs:
        canvas.rectangle(Box(left - 1.5, y, left, below), f"arm-{arm.slot}")
    name = "Allocation" if len(columns) > 1 else "Enrolment"
    end = _draw_stage(canvas, page, name, stage, below)
    stages = [("Analysis", [_set_entries(spec, arm, width) for arm, (_, width) in pairs])]
    if all(arm.treatment for arm in spec.arms):
        blocks = [_treatment_entries(arm, width) for arm, (_, width) in pairs]
        stages.insert(0, ("Follow-up", blocks))
    for name, blocks in stages:
        y = max(below + _DOWN - 1.0, end + 1.5)
        for middle in middles:
            draw_down(canvas, middle, below, y)
        below = _draw_row(canvas, columns, blocks, y)
        end = _draw_stage(canvas, page, name, y, below)
    return max(end, below)


def _draw_row(
    canvas: Canvas,
    columns: Sequence[tuple[float, float]],
    blocks: Sequence[Sequence[Entry]],
    top: float,
) -> float:
    """Draw a box for each arm, all of one height, and return their lower end."""
    tall = max(height_of(block) for block in blocks)
    for block, (left, width) in zip(blocks, columns, strict=True):
        draw_box(canvas, (left, top), width, block, tall)
    return top + tall


def _arm_entries(arm: FlowArm, width: float) -> list[Entry]:
    entries = [entry(arm.label, arm.n, width, head=True)]
    if arm.description:
        entries.append(remark(arm.description, width))
    if arm.treated is not None:
        entries.append(entry(arm.treated.label, arm.treated.row, width))
    return entries


def _treatment_entries(arm: FlowArm, width: float) -> list[Entry]:
    entries = []
    for part in arm.treatment:
        entries.append(entry(part.label, part.row, width, head=True))
        entries += [entry(one.label, one.row, width) for one in part.reasons]
    return entries


def _set_entries(spec: FlowSpec, arm: FlowArm, width: float) -> list[Entry]:
    named = zip(spec.sets, arm.sets, strict=True)
    return [entry(name, row, width, head=True) for (name, _), row in named]


def alternative_text(spec: FlowSpec) -> str:
    """Return what the figure shows: kind, and the numbers of each step."""
    patients = "patient" if spec.enrolled.value == 1 else "patients"
    steps = [f"{format_row(spec.enrolled)} {patients} enrolled"]
    if spec.not_enrolled is not None:
        steps.append(f"{format_row(spec.not_enrolled)} screened and not enrolled")
    first = f"Participant flow from enrolment to analysis: {', '.join(steps)}."
    arms = ", ".join(f"{arm.label} {format_row(arm.n)}" for arm in spec.arms)
    sets = ", ".join(f"{name[:1].lower()}{name[1:]} {format_row(row)}" for name, row in spec.sets)
    ended = [
        f"{arm.label} "
        + ", ".join(
            f"{part.label[:1].lower()}{part.label[1:]} {format_row(part.row)}"
            for part in arm.treatment
        )
        for arm in spec.arms
        if arm.treatment
    ]
    course = f" Treatment: {'; '.join(ended)}." if ended else ""
    return f"{first} Patients by arm: {arms}; analysed: {sets}.{course}"
