"""The forest plot of subgroups: hazard ratios within levels, with tests of interaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.forest_axis import ForestAxis, axis_of, named_ticks
from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.forest_marks import draw_mark, square_sides
from hepatica.present.figures.forest_rows import wrap_label
from hepatica.present.figures.forest_spec import LOOKS
from hepatica.present.figures.furniture import (
    MARGIN,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.subgroup_lines import SubgroupBlock
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

_LOOK = LOOKS["classic"]
_INDENT = 3.0
#: Text stands so far inside the grounds of the blocks.
_INSET = 1.0
_PAD = 1.0
_DIAMOND = 3.6
_LEADING = TYPE.text * MM_PER_PT * 1.12
_TICK = 3.0 * MM_PER_PT


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupForestSpec:
    """What a forest plot of subgroups shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    blocks : tuple of SubgroupBlock
        All patients, then each subgroup variable.
    group, reference : CurveGroup
        The group, and the one that it is compared with.
    level : str
        Name of the limits, for example ``95% CI``.
    """

    plate: Plate
    blocks: tuple[SubgroupBlock, ...]
    group: CurveGroup
    reference: CurveGroup
    level: str


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where columns stand, in mm: right edges, and both ends of the plot."""

    label: float
    counts: tuple[float, ...]
    plot: tuple[float, float]
    estimate: float
    p_value: float
    head: float
    pitch: float


_WIDE_COLUMNS = _Columns(46.0, (61.0, 81.0), (88.0, 138.0), 163.0, 177.0, 14.4, 4.4)
#: In a single column counts stand below the label, and P beside the head of the block.
_NARROW_COLUMNS = _Columns(31.0, (), (33.0, 57.5), 82.0, 82.0, 14.4, 6.4)


def figure_subgroup_forest(
    spec: SubgroupForestSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the hazard ratio of all patients and of each level.

    Parameters
    ----------
    spec : SubgroupForestSpec
        What is shown.
    width_mm : {180, 85}
        Double or single column.

    Raises
    ------
    AnalysisError
        If no hazard ratio is estimable, in all patients or in a level.
    """
    lines = [line for block in spec.blocks for line in block.lines]
    if all(line.estimate is None for line in lines):
        raise AnalysisError(f"{spec.plate.title} has no hazard ratio to draw.")
    canvas = Canvas(float(width_mm))
    place = _WIDE_COLUMNS if canvas.width > WIDE else _NARROW_COLUMNS
    axis = axis_of([line for line in lines if line.estimate is not None], "ratio", *place.plot)
    draw_status(canvas, spec.plate.status)
    _heads(canvas, place, spec)
    bottom, overall = _bands(canvas, place, spec)
    _guides(canvas, place, spec, axis, (overall, bottom))
    _blocks(canvas, place, spec, axis)
    end = _axis(canvas, spec, axis, bottom)
    draw_footnotes(canvas, (_reading(place), *spec.plate.footnotes), end + 0.8)
    rows = [name for line in lines for name in line.row_ids]
    rows += [block.interaction.id for block in spec.blocks if block.interaction is not None]
    return finish(canvas, spec.plate, alternative_text(spec), rows)


def _reading(place: _Columns) -> str:
    counts = "" if place.counts else "Below each level: events/patients, the reference second. "
    return (
        f"{counts}Square area is the number of patients; dashed line: all patients; arrows: the "
        "interval continues beyond the axis."
    )


def _heads(canvas: Canvas, place: _Columns, spec: SubgroupForestSpec) -> None:
    first, second = place.head - 6.0, place.head - 2.4
    size = TYPE.text
    canvas.text((MARGIN + _INSET, second), "Subgroup", size=size, bold=True)
    # The first name may reach over the labels, where no head stands.
    pairs = zip(place.counts, (spec.group, spec.reference), (30.0, 19.0), strict=False)
    for right, group, room in pairs:
        names = wrap_label(group.shown, size, room, 2, bold=True)
        colour = f"arm-{group.slot}-text" if group.slot else "ink"
        for line, name in enumerate(reversed(names)):
            at = (right, first - line * _LEADING)
            canvas.text(at, name, size=size, bold=True, anchor="end", colour=colour)
        canvas.text((right, second), "events/n", size=size, colour="ink2", anchor="end")
    canvas.text((place.estimate, first), "Hazard ratio", size=size, bold=True, anchor="end")
    unit = f"({spec.level})"
    canvas.text((place.estimate, second), unit, size=size, colour="ink2", anchor="end")
    if place.p_value > place.estimate:
        canvas.text((place.p_value, first), "P for", size=size, bold=True, anchor="end")
        at = (place.p_value, second)
        canvas.text(at, "interaction", size=size, colour="ink2", anchor="end")
    ends = ((MARGIN, place.head), (canvas.width - MARGIN, place.head))
    canvas.line([ends], "ink", LINE.rule, id="head")


def _labels(place: _Columns, line: ForestLine) -> tuple[str, ...]:
    room = place.label - MARGIN - _INSET - (_INDENT if line.kind == "study" else 0.0)
    return wrap_label(line.label, TYPE.text, room, 2, bold=line.kind == "total")


def _line_height(place: _Columns, line: ForestLine) -> float:
    return place.pitch + (len(_labels(place, line)) - 1) * _LEADING


def _block_height(place: _Columns, block: SubgroupBlock) -> float:
    head = _WIDE_COLUMNS.pitch if block.label else 0.0
    return head + sum(_line_height(place, line) for line in block.lines) + 2 * _PAD


def _bands(canvas: Canvas, place: _Columns, spec: SubgroupForestSpec) -> tuple[float, float]:
    """Draw the ground of every second block; return where the plot ends and overall stands."""
    top = place.head
    overall = top + _PAD + place.pitch / 2
    shaded = False
    for block in spec.blocks:
        bottom = top + _block_height(place, block)
        if block.label:
            shaded = not shaded
            if shaded:
                canvas.rectangle(Box(MARGIN, top, canvas.width - MARGIN, bottom), "band")
        else:
            ends = ((MARGIN, bottom), (canvas.width - MARGIN, bottom))
            canvas.line([ends], "hair", LINE.hair, id="overall")
        top = bottom
    return top, overall


def _guides(
    canvas: Canvas,
    place: _Columns,
    spec: SubgroupForestSpec,
    axis: ForestAxis,
    ends: tuple[float, float],
) -> None:
    overall, bottom = ends
    x = axis.x(1.0)
    canvas.line([((x, place.head), (x, bottom))], "ink", LINE.rule, id="null")
    estimate = spec.blocks[0].lines[0].estimate
    if estimate is not None and axis.inside(estimate):
        at = axis.x(estimate)
        stroke = ((at, overall), (at, bottom))
        canvas.line([stroke], _LOOK.pooled, LINE.axis, dash=(1.4, 1.6), id="estimate")


def _blocks(canvas: Canvas, place: _Columns, spec: SubgroupForestSpec, axis: ForestAxis) -> None:
    lines = [line for block in spec.blocks for line in block.lines]
    sides = square_sides(lines, _WIDE_COLUMNS.pitch)
    number = 0
    top = place.head
    for block in spec.blocks:
        y = top + _PAD
        if block.label:
            _block_head(canvas, place, block, y)
            y += _WIDE_COLUMNS.pitch
        for line in block.lines:
            height = _line_height(place, line)
            middle = y + height / 2
            side = _DIAMOND if line.kind == "total" else sides.get(number, 0.0)
            _line(canvas, place, line, middle)
            draw_mark(canvas, line, axis, middle, _LOOK, side)
            y += height
            number += 1
        top += _block_height(place, block)


def _block_head(canvas: Canvas, place: _Columns, block: SubgroupBlock, y: float) -> None:
    base = y + _WIDE_COLUMNS.pitch / 2 + 0.34 * TYPE.text * MM_PER_PT
    beside = place.p_value > place.estimate
    shown = block.interaction_text if beside else block.interaction_sentence
    left = place.plot[0] if beside else place.p_value - text_width(shown, TYPE.text) - 2.0
    label = shorten(block.label, TYPE.text, left - MARGIN - 2.0, True)
    canvas.text((MARGIN + _INSET, base), label, bold=True)
    if block.interaction is not None:
        at = (place.p_value, base)
        canvas.text(at, shown, anchor="end", row=block.interaction.id)


def _line(canvas: Canvas, place: _Columns, line: ForestLine, middle: float) -> None:
    bold = line.kind == "total"
    size = TYPE.text
    labels = _labels(place, line)
    under = not place.counts
    base = middle + 0.34 * size * MM_PER_PT
    first = base - _LEADING * (len(labels) - 1) / 2 - (1.3 if under else 0.0)
    x = MARGIN + _INSET + (0.0 if bold else _INDENT)
    for number, text in enumerate(labels):
        canvas.text((x, first + number * _LEADING), text, size=size, bold=bold)
    if under:
        below = first + (len(labels) - 1) * _LEADING + 2.7
        text = " v ".join(line.counts)
        canvas.text((x, below), text, size=TYPE.note, colour="ink2")
    for right, text in zip(place.counts, line.counts, strict=False):
        canvas.text((right, base), text, size=size, bold=bold, anchor="end")
    row = line.row_ids[0] if line.row_ids else ""
    canvas.text((place.estimate, base), line.shown, size=size, bold=bold, anchor="end", row=row)


def _axis(canvas: Canvas, spec: SubgroupForestSpec, axis: ForestAxis, bottom: float) -> float:
    strokes = [((axis.left, bottom), (axis.right, bottom))]
    strokes += [((axis.x(one), bottom), (axis.x(one), bottom + _TICK)) for one in axis.ticks]
    canvas.line(strokes, "rule", LINE.axis, id="axis")
    base = bottom + _TICK + 3.4
    for value, name in named_ticks(axis, TYPE.text):
        canvas.text((axis.x(value), base), name, colour="ink2", anchor="middle")
    return _favours(canvas, spec, axis, base + 3.7)


def _favours(canvas: Canvas, spec: SubgroupForestSpec, axis: ForestAxis, base: float) -> float:
    """Name what either side of "no effect" favours; return the lowest base line."""
    size, x = TYPE.minor, axis.x(1.0)
    names = f"Favours {spec.group.shown}", f"Favours {spec.reference.shown}"
    widths = [text_width(name, size) for name in names]
    if x - 1.2 - widths[0] >= MARGIN and x + 1.2 + widths[1] <= canvas.width - MARGIN:
        canvas.text((x - 1.2, base), names[0], size=size, colour="ink2", anchor="end")
        canvas.text((x + 1.2, base), names[1], size=size, colour="ink2")
        return base
    texts = (f"\N{LEFTWARDS ARROW} {names[0]}", f"{names[1]} \N{RIGHTWARDS ARROW}")
    for number, text in enumerate(texts):
        shown = shorten(text, size, canvas.width - 2 * MARGIN)
        half = text_width(shown, size) / 2
        at = min(max(x, MARGIN + half), canvas.width - MARGIN - half)
        where = (at, base + number * 3.2)
        canvas.text(where, shown, size=size, colour="ink2", anchor="middle")
    return base + 3.2


def alternative_text(spec: SubgroupForestSpec) -> str:
    """Return what the figure shows: how many subgroups, the whole, and each P for interaction."""
    whole = spec.blocks[0].lines[0]
    levels = sum(len(block.lines) for block in spec.blocks[1:])
    told = [
        f"Forest plot of the hazard ratio of {spec.group.shown} against {spec.reference.shown} in "
        f"{levels} levels of {len(spec.blocks) - 1} subgroup variables.",
        f"All patients: {whole.shown} ({spec.level}).",
    ]
    tests = [
        f"{block.label} {block.interaction_sentence}" for block in spec.blocks if block.interaction
    ]
    return " ".join([*told, f"Interaction: {'; '.join(tests)}." if tests else ""]).strip()
