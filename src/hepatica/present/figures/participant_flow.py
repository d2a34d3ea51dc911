"""Participant flow in the style of CONSORT: screened, enrolled, arms, analysis sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.furniture import (
    MARGIN,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
    outline,
)
from hepatica.present.figures.text import text_width, wrap
from hepatica.present.format import format_row, format_value
from hepatica.present.theme import LINE, TYPE
from hepatica.results import ResultRow

#: Most arms that stand beside each other.
MOST_ARMS = 4
MOST_NARROW = 2

_STAGE = 17.0
_LINE = 3.75
_PAD = 2.2
_DOWN = 6.4
_TOP = 8.0


@dataclass(frozen=True, slots=True)
class FlowArm:
    """An arm: name, colour slot, what it is, its patients, and those in each analysis set."""

    label: str
    slot: int
    description: str
    n: ResultRow
    sets: tuple[ResultRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSpec:
    """What a participant flow shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    enrolled : ResultRow
        Patients enrolled.
    not_enrolled : ResultRow or None
        Patients screened and not enrolled, where they were collected.
    base : str
        Name of the set whose patients make the arms.
    total : ResultRow
        Its patients in all arms.
    sets : tuple of (str, ResultRow)
        Name and total of each analysis set.
    arms : tuple of FlowArm
        Arms in the order of the protocol, 1 to 4.
    """

    plate: Plate
    enrolled: ResultRow
    not_enrolled: ResultRow | None
    base: str
    total: ResultRow
    sets: tuple[tuple[str, ResultRow], ...]
    arms: tuple[FlowArm, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a box: its label in lines, its count, and the row that it comes from."""

    lines: tuple[str, ...]
    count: str
    row: str
    head: bool


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
    180: _Page(MARGIN + _STAGE + 5.0, 180.0 - MARGIN, 62.0, 13.0, stages=True),
    85: _Page(MARGIN + 1.5, 85.0 - MARGIN, 52.0, 5.0, stages=False),
}


def check_flow(spec: FlowSpec) -> None:
    """Check that the parts of each split make its whole.

    Raises
    ------
    AnalysisError
        If they do not, with the difference.
    """
    enrolled, total = _value(spec.enrolled), _value(spec.total)
    if total > enrolled:
        raise AnalysisError(
            f"{spec.base} holds {total} patients and {enrolled} were enrolled: "
            f"the difference is {total - enrolled}."
        )
    _check_sum(spec.base, [arm.n for arm in spec.arms], spec.total)
    for place, (name, whole) in enumerate(spec.sets):
        _check_sum(name, [arm.sets[place] for arm in spec.arms], whole)


def _check_sum(name: str, parts: Sequence[ResultRow], whole: ResultRow) -> None:
    found, wanted = sum(_value(part) for part in parts), _value(whole)
    if found != wanted:
        raise AnalysisError(
            f"{name}: {wanted} patients in all and {found} in the arms; "
            f"the difference is {abs(wanted - found)}."
        )


def _value(row: ResultRow) -> int:
    return int(row.value or 0)


def figure_participant_flow(spec: FlowSpec, *, width_mm: Literal[85, 180] = 180) -> Drawing:
    """Draw who was screened, enrolled, allocated and analysed.

    Parameters
    ----------
    spec : FlowSpec
        Counts and wording.
    width_mm : {180, 85}
        Double column, or single column for up to 2 arms.

    Returns
    -------
    Drawing
        The same bytes for the same rows and specification.

    Raises
    ------
    AnalysisError
        If a split does not sum to its whole, or there are more than 4 arms (2 at 85 mm).
    """
    most = MOST_ARMS if width_mm == 180 else MOST_NARROW
    if not 1 <= len(spec.arms) <= most:
        raise AnalysisError(f"A participant flow shows 1 to {most} arms.")
    check_flow(spec)
    page = _PAGES[width_mm]
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    y = _draw_enrolment(canvas, page, spec)
    y = _draw_arms(canvas, page, spec, y)
    draw_footnotes(canvas, ("Each split sums to its whole.", *spec.plate.footnotes), y)
    rows = [spec.enrolled, spec.total, *(row for _, row in spec.sets)]
    rows += [spec.not_enrolled] if spec.not_enrolled is not None else []
    rows += [row for arm in spec.arms for row in (arm.n, *arm.sets)]
    return finish(canvas, spec.plate, alternative_text(spec), [row.id for row in rows])


def _draw_enrolment(canvas: Canvas, page: _Page, spec: FlowSpec) -> float:
    """Draw screening and enrolment and return the lower end of the last box."""
    middle, y = page.spine, _TOP
    if spec.not_enrolled is not None:
        everybody = _value(spec.enrolled) + _value(spec.not_enrolled)
        shown = format_value(float(everybody), "integer")
        assessed = _Entry(("Assessed for eligibility",), shown, "", True)
        first = _draw_box(canvas, middle - page.box / 2, y, page.box, [assessed])
        beside = _entry("Not enrolled", spec.not_enrolled, page.box / 2, head=True)
        end = _draw_side(canvas, page, first.y1, beside)
        _draw_stage(canvas, page, "Screening", first.y0, end)
        y = end + 3.0
        _draw_arrow(canvas, middle, first.y1, y)
    box = _draw_box(
        canvas,
        middle - page.box / 2,
        y,
        page.box,
        [_entry("Enrolled", spec.enrolled, page.box, head=True)],
    )
    end = box.y1
    left_out = _value(spec.enrolled) - _value(spec.total)
    if left_out:
        name = f"Not in the {spec.base[:1].lower()}{spec.base[1:]}"
        lines = wrap(name, TYPE.text, 40.0 if page.stages else 20.0, True)
        shown = format_value(float(left_out), "integer")
        end = _draw_side(canvas, page, box.y1, _Entry(lines, shown, "", True)) + 2.0
        canvas.line([((middle, box.y1), (middle, end))], "ink2", LINE.rule)
    _draw_stage(canvas, page, "Enrolment", box.y0, end)
    return end


def _draw_side(canvas: Canvas, page: _Page, above: float, entry: _Entry) -> float:
    """Draw a box at the right with an arrow from the spine, and return its lower end."""
    width = page.right - page.spine - page.side
    box = _draw_box(canvas, page.right - width, above + 3.2, width, [entry])
    y = (box.y0 + box.y1) / 2
    canvas.line([((page.spine, y), (box.x0 - 1.6, y))], "ink2", LINE.rule)
    canvas.area(((box.x0 - 1.9, y - 0.95), (box.x0, y), (box.x0 - 1.9, y + 0.95)), "ink2")
    return box.y1


def _columns(page: _Page, number: int) -> list[tuple[float, float]]:
    """Return left edge and width of the boxes of the arms in mm."""
    if number == 1:
        return [(page.spine - page.box / 2, page.box)]
    gap = 4.0 if number == MOST_ARMS else 6.0
    width = min(page.box, (page.right - page.left - gap * (number - 1)) / number)
    step = (page.right - page.left - width) / (number - 1)
    return [(page.left + place * step, width) for place in range(number)]


def _draw_arms(canvas: Canvas, page: _Page, spec: FlowSpec, above: float) -> float:
    columns = _columns(page, len(spec.arms))
    middles = [left + width / 2 for left, width in columns]
    y = above + _DOWN
    bar = above + 2.4
    if len(columns) > 1:
        runs = [((page.spine, above), (page.spine, bar)), ((middles[0], bar), (middles[-1], bar))]
        canvas.line(runs, "ink2", LINE.rule)
    for middle in middles:
        _draw_arrow(canvas, middle, bar if len(columns) > 1 else above, y)
    entries = [_arm_entries(arm, width) for arm, (_, width) in zip(spec.arms, columns, strict=True)]
    tall = max(_height(block) for block in entries)
    for arm, block, (left, width) in zip(spec.arms, entries, columns, strict=True):
        box = _draw_box(canvas, left, y, width, block, tall)
        canvas.rectangle(Box(box.x0 - 1.5, box.y0, box.x0, box.y1), f"arm-{arm.slot}")
    _draw_stage(canvas, page, "Arms", y, y + tall)
    below = y + tall
    y = below + _DOWN - 1.0
    blocks = [
        _set_entries(spec, arm, width) for arm, (_, width) in zip(spec.arms, columns, strict=True)
    ]
    tall = max(_height(block) for block in blocks)
    for middle, block, (left, width) in zip(middles, blocks, columns, strict=True):
        _draw_arrow(canvas, middle, below, y)
        _draw_box(canvas, left, y, width, block, tall)
    _draw_stage(canvas, page, "Analysis", y, y + tall)
    return y + tall


def _entry(label: str, row: ResultRow, width: float, *, head: bool = False) -> _Entry:
    count = format_row(row)
    room = width - 2 * _PAD - text_width(count, TYPE.text, True) - 3.0
    return _Entry(wrap(label, TYPE.text, room, head), count, row.id, head)


def _arm_entries(arm: FlowArm, width: float) -> list[_Entry]:
    entries = [_entry(arm.label, arm.n, width, head=True)]
    if arm.description:
        room = width - 2 * _PAD - 3.2
        entries.append(_Entry(wrap(arm.description, TYPE.minor, room, lines=3), "", "", False))
    return entries


def _set_entries(spec: FlowSpec, arm: FlowArm, width: float) -> list[_Entry]:
    named = zip(spec.sets, arm.sets, strict=True)
    return [_entry(name, row, width, head=True) for (name, _), row in named]


def _height(entries: Sequence[_Entry]) -> float:
    return 2 * _PAD + _LINE * sum(len(entry.lines) for entry in entries) - 0.6


def _draw_box(
    canvas: Canvas,
    left: float,
    top: float,
    width: float,
    entries: Sequence[_Entry],
    tall: float | None = None,
) -> Box:
    """Draw a box: labels at the left, counts at its right edge."""
    box = Box(left, top, left + width, top + (tall or _height(entries)))
    canvas.rectangle(box, "bg")
    outline(canvas, box, "ink2", 0.7)
    base = box.y0 + _PAD + 2.3
    for entry in entries:
        indent = 0.0 if entry.head else 3.2
        colour, size = ("ink", TYPE.text) if entry.head else ("ink2", TYPE.minor)
        if entry.count:
            at = (box.x1 - _PAD, base)
            canvas.text(at, entry.count, bold=True, anchor="end", row=entry.row)
        for line in entry.lines:
            at = (box.x0 + _PAD + indent, base)
            canvas.text(at, line, size=size, colour=colour, bold=entry.head)
            base += _LINE
    return box


def _draw_arrow(canvas: Canvas, x: float, start: float, end: float) -> None:
    canvas.line([((x, start), (x, end - 1.6))], "ink2", LINE.rule)
    canvas.area(((x - 0.95, end - 1.9), (x + 0.95, end - 1.9), (x, end)), "ink2")


def _draw_stage(canvas: Canvas, page: _Page, name: str, top: float, bottom: float) -> None:
    if not page.stages:
        return
    canvas.rectangle(Box(MARGIN, top, MARGIN + _STAGE, bottom), "band")
    at = (MARGIN + _STAGE / 2, (top + bottom) / 2 + 0.9)
    canvas.text(at, name, size=TYPE.minor, colour="ink2", bold=True, anchor="middle")


def alternative_text(spec: FlowSpec) -> str:
    """Return what the figure shows: kind, and the numbers of each step."""
    steps = [f"{format_row(spec.enrolled)} patients enrolled"]
    if spec.not_enrolled is not None:
        steps.append(f"{format_row(spec.not_enrolled)} screened and not enrolled")
    first = f"Participant flow from enrolment to analysis: {', '.join(steps)}."
    arms = ", ".join(f"{arm.label} {format_row(arm.n)}" for arm in spec.arms)
    sets = ", ".join(f"{name[:1].lower()}{name[1:]} {format_row(row)}" for name, row in spec.sets)
    return f"{first} Patients by arm: {arms}; analysed: {sets}."
