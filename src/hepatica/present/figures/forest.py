"""The forest plot of a synthesis: table and plot on one grid, in three layouts, on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hepatica.errors import AnalysisError
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.forest_axis import ForestAxis, axis_of, named_ticks
from hepatica.present.figures.forest_columns import (
    WIDTH,
    Columns,
    columns_of,
    count_part,
    indent_of,
)
from hepatica.present.figures.forest_marks import draw_mark, square_sides
from hepatica.present.figures.forest_rows import (
    UNDER,
    Placed,
    height_of,
    pages_of,
    place_rows,
    rows_of,
    starts_total,
)
from hepatica.present.figures.forest_signs import DIAMETER, draw_sign, legend
from hepatica.present.figures.forest_spec import LOOKS, ForestSpec, Look
from hepatica.present.figures.furniture import (
    MARGIN,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.text import shorten, text_width, wrap
from hepatica.present.format import format_value
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

#: Most height of a page in mm.
PAGE = 235.0
_HEAD = 14.2
_FIRST_HEAD, _SECOND_HEAD = 8.4, 12.0
#: Lines are never nearer than this, and below the second the text is smaller.
_DENSEST, _SMALL = 3.05, 3.6
_NOTE_PITCH = 3.4
_STACKED = 3.2
_PAGES = 2
_CONTINUED = "Continued on the next page."


@dataclass(frozen=True, slots=True)
class _Page:
    """What the drawing of a page needs."""

    spec: ForestSpec
    look: Look
    columns: Columns
    axis: ForestAxis
    size: float
    pitch: float
    sides: dict[int, float]
    last: bool


def figures_forest(spec: ForestSpec) -> tuple[Drawing, ...]:
    """Draw a forest plot 180 mm wide, on as many pages of at most 235 mm as it needs.

    Parameters
    ----------
    spec : ForestSpec
        What it shows, and its layout.

    Raises
    ------
    AnalysisError
        If there is no study to draw.
    """
    if not any(line.kind in ("study", "reference") for line in spec.lines):
        raise AnalysisError(f"{spec.plate.title} has no study to be drawn.")
    look = LOOKS[spec.layout]
    foot = _foot(spec, look)
    for pitch, most in _pitches(look):
        size = look.text if pitch >= _SMALL else TYPE.minor
        columns = columns_of(spec, size)
        rows = rows_of(spec.lines, columns, size, pitch, most)
        if _HEAD + height_of(rows) + foot <= PAGE:
            pages = [rows]
            break
    else:
        pitch, size = look.pitch, look.text
        columns = columns_of(spec, size)
        for most in (2, 1):  # labels of one line where two would need a third page
            rows = rows_of(spec.lines, columns, size, pitch, most)
            pages = pages_of(rows, PAGE - _HEAD - foot)
            if len(pages) <= _PAGES:
                break
    plot = columns.one("plot")
    axis = axis_of(spec.lines, spec.scale, plot.left, plot.right)
    sides = square_sides(spec.lines, pitch)
    drawn = []
    for number, page in enumerate(pages, 1):
        setting = _Page(spec, look, columns, axis, size, pitch, sides, number == len(pages))
        plate = _plate(spec, number, len(pages))
        drawn.append(_draw(setting, place_rows(page, _HEAD), plate))
    return tuple(drawn)


def _pitches(look: Look) -> list[tuple[float, int]]:
    """Return heights of a line with most lines of a label, from roomy to dense."""
    steps = round((look.pitch - _DENSEST) / 0.05)
    return [
        (look.pitch, 3),
        (look.pitch, 2),
        *((look.pitch - 0.05 * step, 1) for step in range(steps + 1)),
    ]


def _plate(spec: ForestSpec, number: int, pages: int) -> Plate:
    if pages == 1:
        return spec.plate
    suffix = f"-{number}" if number > 1 else ""
    return replace(
        spec.plate,
        id=f"{spec.plate.id}{suffix}",
        title=f"{spec.plate.title}, page {number} of {pages}",
    )


def _notes(spec: ForestSpec) -> tuple[str, ...]:
    judged = [line.judgements for line in spec.lines if line.judgements]
    columns = columns_of(spec, TYPE.text).judged
    signs = [at for at, one in enumerate(columns) if one.signs]
    missing = any(not row[at] for row in judged for at in signs)
    return (*spec.plate.footnotes, *legend(columns, missing=missing))


def _foot(spec: ForestSpec, look: Look) -> float:
    """Return the height of all that stands below the lines, in mm."""
    notes = " ".join(one for one in _notes(spec) if one)
    lines = len(wrap(notes, TYPE.note, WIDTH - 2 * MARGIN)) if notes else 0
    room = columns_of(spec, look.text).one("plot").left - MARGIN - 4.0
    below = sum(len(wrap(one, TYPE.note, room)) for one in spec.below)
    return max(12.2, 3.0 + _NOTE_PITCH * below) + 6.0 + 3.5 * lines


def _draw(page: _Page, placed: Sequence[Placed], plate: Plate) -> Drawing:
    canvas = Canvas(WIDTH)
    draw_status(canvas, plate.status)
    _heads(canvas, page)
    bottom = _lines(canvas, page, placed)
    end = _axis(canvas, page, bottom)
    if page.last:
        end = max(end, _below(canvas, page, bottom))
    draw_footnotes(canvas, _notes(page.spec) if page.last else (_CONTINUED,), end + 0.8)
    rows = [name for one in placed for name in one.line.row_ids]
    alt = alternative_text(page.spec)
    return finish(canvas, plate, alt if plate is page.spec.plate else f"{plate.title}. {alt}", rows)


def _heads(canvas: Canvas, page: _Page) -> None:
    for place in page.columns.places:
        if place.kind == "label":
            canvas.text((MARGIN, _SECOND_HEAD), place.head, size=page.size, bold=True)
        elif place.kind == "signs":
            sign = page.columns.judged[place.at].signs
            x, anchor = (place.middle, "middle") if sign else (place.right, "end")
            canvas.text((x, _SECOND_HEAD), place.head, size=page.size, bold=True, anchor=anchor)  # type: ignore[arg-type]
        elif place.kind != "plot" and not place.part:
            at = (place.right, _FIRST_HEAD)
            canvas.text(
                at, place.head, size=page.size, bold=True, anchor="end", colour=place.colour
            )
        if place.unit:
            at = (place.right, _SECOND_HEAD)
            canvas.text(at, place.unit, size=page.size, colour="ink2", anchor="end")
    _arm_heads(canvas, page)
    if page.look.favours_above:
        _favours(canvas, page, _SECOND_HEAD)
    canvas.line([((MARGIN, _HEAD), (WIDTH - MARGIN, _HEAD))], "ink", LINE.rule, id="head")


def _arm_heads(canvas: Canvas, page: _Page) -> None:
    """Write the name of an arm over its columns of events and patients."""
    halves = [place for place in page.columns.all("counts") if place.part]
    for events, total in zip(halves[::2], halves[1::2], strict=True):
        name = shorten(page.spec.arms[events.at], page.size, total.right - events.left + 1.0, True)
        at = (total.right, _FIRST_HEAD)
        canvas.text(at, name, size=page.size, bold=True, anchor="end", colour=total.colour)


def _lines(canvas: Canvas, page: _Page, placed: Sequence[Placed]) -> float:
    """Draw every line and return where the plot ends."""
    bottom = placed[-1].middle + placed[-1].height / 2 + UNDER
    axis = page.axis
    if axis.null is not None:
        x = axis.x(axis.null)
        canvas.line([((x, _HEAD), (x, bottom))], "ink", LINE.rule, id="null")
    total = next((line for line in page.spec.lines if line.kind == "total"), None)
    if total is not None and total.estimate is not None and axis.inside(total.estimate):
        x = axis.x(total.estimate)
        here = [one.middle for one in placed if one.line is total]
        ends = ((x, _HEAD), (x, here[0] if here else bottom))
        canvas.line([ends], page.look.pooled, LINE.axis, dash=(1.4, 1.6), id="pooled")
    before = None
    for one in placed:
        if starts_total(one.line, before):
            rule = one.middle - one.height / 2 - page.pitch * 0.2
            canvas.line([((MARGIN, rule), (WIDTH - MARGIN, rule))], "rule", LINE.axis, id="total")
        _words(canvas, page, one)
        height = {"total": min(3.8, page.pitch * 0.84), "subtotal": min(2.8, page.pitch * 0.6)}
        side = height.get(one.line.kind, page.sides.get(one.at, 0.0))
        draw_mark(canvas, one.line, axis, one.middle, page.look, side)
        before = one.line
    return bottom


def _words(canvas: Canvas, page: _Page, one: Placed) -> None:
    line, size = one.line, page.size
    bold = line.kind in ("head", "subtotal", "total")
    x = MARGIN + indent_of(line)
    if line.kind == "note":
        base = one.middle + 0.34 * TYPE.note * MM_PER_PT
        canvas.text((x, base), one.labels[0], size=TYPE.note, colour="ink2")
        return
    base = one.middle + 0.34 * size * MM_PER_PT
    leading = size * MM_PER_PT * 1.12
    first = base - leading * (len(one.labels) - 1) / 2
    for number, text in enumerate(one.labels):
        canvas.text((x, first + number * leading), text, size=size, bold=bold)
    row = line.row_ids[0] if line.row_ids else ""
    for place in page.columns.places:
        at = (place.right, base)
        if place.kind == "counts" and len(line.counts) > place.at:
            text = count_part(line.counts[place.at], place.part)
            canvas.text(at, text, size=size, bold=bold, anchor="end")
        elif place.kind == "estimate" and line.shown:
            canvas.text(at, line.shown, size=size, bold=bold, anchor="end", row=row)
        elif place.kind == "weight" and line.weight is not None:
            text = format_value(line.weight, "decimal1")
            canvas.text(at, text, size=size, bold=bold, anchor="end")
        elif place.kind == "signs" and line.judgements:
            word = line.judgements[place.at]
            if page.columns.judged[place.at].signs:
                width = min(DIAMETER, page.pitch * 0.86)
                middle = (place.middle, one.middle)
                draw_sign(canvas, word, middle, width, coloured=page.look.signs)
            else:
                text = shorten(word, size, place.right - place.left + 0.01)
                canvas.text(at, text, size=size, anchor="end")


def _axis(canvas: Canvas, page: _Page, bottom: float) -> float:
    """Draw the axis and what its sides favour; return the lowest base line."""
    axis, tick = page.axis, 3.0 * MM_PER_PT
    strokes = [((axis.left, bottom), (axis.right, bottom))]
    strokes += [((axis.x(one), bottom), (axis.x(one), bottom + tick)) for one in axis.ticks]
    canvas.line(strokes, "rule", LINE.axis, id="axis")
    names = bottom + tick + 3.4
    for value, name in named_ticks(axis, page.size):
        canvas.text((axis.x(value), names), name, size=page.size, colour="ink2", anchor="middle")
    end = names + 3.7
    unit = {"share": "%", "months": "Months"}.get(page.spec.scale)
    if unit:
        middle = (axis.left + axis.right) / 2
        canvas.text((middle, end), unit, size=TYPE.minor, colour="ink2", anchor="middle")
    elif page.spec.favours and not page.look.favours_above:
        end = _favours(canvas, page, end)
    else:
        return names
    return end


def _favours(canvas: Canvas, page: _Page, base: float) -> float:
    """Name what either side of "no effect" favours; return the lowest base line."""
    axis, size = page.axis, TYPE.minor
    if not page.spec.favours or axis.null is None:
        return base
    place, x = page.columns.one("plot"), axis.x(axis.null)
    # Beyond the plot as far as the gap to the next column goes.
    reach = page.look.gap - 1.2 if place.right < WIDTH - MARGIN - 1.0 else 0.0
    ends = (place.left - page.look.gap + 1.2, place.right + reach)
    left, right = page.spec.favours
    widths = text_width(left, size), text_width(right, size)
    if sum(widths) + 2.4 <= ends[1] - ends[0]:
        # The pair moves together so that neither leaves the plot.
        at = min(max(x, ends[0] + widths[0] + 1.2), ends[1] - widths[1] - 1.2)
        canvas.text((at - 1.2, base), left, size=size, colour="ink2", anchor="end")
        canvas.text((at + 1.2, base), right, size=size, colour="ink2")
        return base
    # One under the other where they do not stand side by side; arrows say which side is meant.
    first = base - _STACKED if page.look.favours_above else base
    texts = (f"\N{LEFTWARDS ARROW} {left}", f"{right} \N{RIGHTWARDS ARROW}")
    for number, text in enumerate(texts):
        shown = shorten(text, size, ends[1] - ends[0])
        half = text_width(shown, size) / 2
        at = min(max(x, ends[0] + half), ends[1] - half)
        where = (at, first + number * _STACKED)
        canvas.text(where, shown, size=size, colour="ink2", anchor="middle")
    return first + _STACKED


def _below(canvas: Canvas, page: _Page, bottom: float) -> float:
    """Write the sentences at the lower left and return the base line of the last."""
    room = page.columns.one("plot").left - MARGIN - 4.0
    y = bottom + 2.6
    for sentence in page.spec.below:
        for line in wrap(sentence, TYPE.note, room):
            canvas.text((MARGIN, y), line, size=TYPE.note, colour="ink2")
            y += _NOTE_PITCH
    return y - _NOTE_PITCH


def alternative_text(spec: ForestSpec) -> str:
    """Return what the figure shows: how many studies, and what they give together."""
    studies = sum(line.kind == "study" for line in spec.lines)
    words = [f"Forest plot of {studies} data sets, {spec.measure[:1].lower()}{spec.measure[1:]}."]
    words += [
        f"{line.label}: {line.shown}."
        for line in spec.lines
        if line.kind in ("total", "prediction") and line.shown
    ]
    return " ".join(words)
