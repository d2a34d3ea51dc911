"""Change of biomarkers by group: an interval for each, on one scale, with its numbers beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import (
    MARGIN,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    draw_title,
    finish,
)
from hepatica.present.figures.points import draw_arrow, draw_point
from hepatica.present.figures.scale import tick_texts
from hepatica.present.figures.text import shorten, text_width, wrap
from hepatica.present.format import (
    MINUS,
    format_interval,
    format_level,
    format_limits,
    format_row,
)
from hepatica.present.lookup import RowIndex
from hepatica.present.theme import LINE, TYPE
from hepatica.results import ResultRow, Results

#: Height that the rows may take in mm, so that the page is not higher than 235 mm.
_ROOM = 175.0

_PITCH = 3.9
_PAD = 0.7
_BASE = 0.9
_HALF = 0.85
_RING = 0.15
_STEPS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Marker:
    """A biomarker: its id in the rows, its name, and its unit."""

    id: str
    label: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BiomarkerChangeSpec:
    """What a figure of biomarker change shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    analysis : str
        Id of the analysis whose rows are drawn.
    groups : tuple of CurveGroup
        Groups in their order, each with its colour slot.
    biomarkers : tuple of Marker
        Biomarkers in order; as many are drawn as the page holds.
    heading : str
        What is drawn, in whom.
    """

    plate: Plate
    analysis: str
    heading: str
    groups: tuple[CurveGroup, ...]
    biomarkers: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """The rows of one biomarker in one group; ``scaled`` is what is drawn, the others printed."""

    marker: Marker
    group: CurveGroup
    n: ResultRow | None
    estimate: ResultRow | None
    lower: ResultRow | None
    upper: ResultRow | None
    p_value: ResultRow | None
    scaled: tuple[float | None, float | None, float | None]

    @property
    def text(self) -> str:
        """Estimate with limits as it is printed."""
        if self.estimate is None:
            return "–"
        text = format_row(self.estimate)
        if self.estimate.status != "ok" or self.lower is None or self.upper is None:
            return text
        if self.lower.status != "ok" and self.upper.status != "ok":
            return f"{text} (NE)"
        limits = format_interval(*format_limits(self.lower, self.upper), negative=True)
        return f"{text} ({limits})"


@dataclass(frozen=True, slots=True)
class _Axis:
    """The horizontal scale: its place in mm and its ticks."""

    x0: float
    x1: float
    ticks: tuple[float, ...]

    def x(self, value: float) -> float:
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.x0 + (self.x1 - self.x0) * share


@dataclass(frozen=True, slots=True)
class _Columns:
    """Right edges of the printed columns in mm; ``p_value`` only in the double column."""

    n: float
    estimate: float
    p_value: float | None


def figure_biomarker_change(
    results: Results, spec: BiomarkerChangeSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the change of each biomarker in each group with its interval.

    Parameters
    ----------
    results : Results
        Rows of the analysis, as ``docs/results.md`` lists for ``biomarker_change``.
    spec : BiomarkerChangeSpec
        Groups, biomarkers and wording.
    width_mm : {180, 85}
        Double or single column.

    Returns
    -------
    Drawing
        The same bytes for the same rows and specification.

    Raises
    ------
    AnalysisError
        If no change was estimated.
    """
    index = RowIndex(results, spec.analysis)
    wide = width_mm > WIDE
    height = _height(spec, wide=wide)
    markers = spec.biomarkers[: int(_ROOM / height)]
    blocks = [tuple(_change(index, marker, group) for group in spec.groups) for marker in markers]
    changes = [change for block in blocks for change in block]
    drawn = [value for change in changes for value in change.scaled if value is not None]
    if not drawn:
        raise AnalysisError(f"{spec.analysis} has no change to be drawn.")
    canvas = Canvas(float(width_mm))
    axis = _axis(canvas.width, changes, markers)
    columns = _columns(canvas.width)
    draw_status(canvas, spec.plate.status)
    title = draw_title(canvas, spec.heading, canvas.width - 2 * MARGIN)
    y = _key(canvas, spec.groups, title + 5.4) + 2.6
    y = _heads(canvas, columns, changes, y + 3.0) + 1.6
    top = y
    zero = axis.x(0.0)
    bottom = top + len(blocks) * height
    for number, block in enumerate(blocks):
        y = top + number * height
        if number % 2 == 0:
            canvas.rectangle(Box(MARGIN, y, canvas.width - MARGIN, y + height), "band")
        # In the single column the name of the biomarker stands above its lines.
        canvas.line([((zero, y + (0 if wide else _PAD + _PITCH)), (zero, y + height))], "ink", 0.7)
        _block(canvas, axis, columns, block, y, "bg" if number % 2 else "band")
    y = _draw_axis(canvas, axis, bottom)
    y = _axis_title(canvas, axis, y)
    draw_footnotes(canvas, _footnotes(index, spec, axis, changes, wide=wide), y)
    return finish(canvas, spec.plate, alternative_text(spec, changes), _row_ids(index, changes))


def _change(index: RowIndex, marker: Marker, group: CurveGroup) -> _Change:
    def get(statistic: str, variable_level: str) -> ResultRow | None:
        return index.get(
            statistic, level=group.level, variable=marker.id, variable_level=variable_level
        )

    names = ("hodges_lehmann", "hodges_lehmann_lower", "hodges_lehmann_upper")
    estimate, lower, upper = (get(name, "change") for name in names)
    first, second, third = (_value(get(name, "scaled")) for name in names)
    return _Change(
        marker=marker,
        group=group,
        n=get("n", ""),
        estimate=estimate,
        lower=lower,
        upper=upper,
        p_value=get("p_value_holm", "change"),
        scaled=(first, second, third),
    )


def _value(row: ResultRow | None) -> float | None:
    return row.value if row is not None and row.status == "ok" else None


# --- measures --------------------------------------------------------------------------------


def _height(spec: BiomarkerChangeSpec, *, wide: bool) -> float:
    """Return the height of a biomarker: a line a group, and one for its name if it stands above."""
    lines = len(spec.groups) + (0 if wide else 1)
    return lines * _PITCH + 2 * _PAD


def _columns(width: float) -> _Columns:
    if width > WIDE:
        return _Columns(n=113.0, estimate=158.0, p_value=width - MARGIN - 1.0)
    return _Columns(n=45.0, estimate=width - MARGIN - 1.0, p_value=None)


def _axis(width: float, changes: list[_Change], markers: tuple[Marker, ...]) -> _Axis:
    """Return a scale that holds all estimates; limits far beyond them end in an arrow."""
    estimates = [abs(one.scaled[0]) for one in changes if one.scaled[0] is not None]
    most = max(2.0 * max(estimates), 1.0)
    values = [value for one in changes for value in one.scaled if value is not None]
    low = max(min(values), -most)
    high = min(max(values), most)
    step = _step(max(high, 0.0) - min(low, 0.0))
    first = min(math.floor(low / step + 1e-9), -1)
    last = max(math.ceil(high / step - 1e-9), 1)
    widest = max(text_width(_name(marker), TYPE.text, bold=True) for marker in markers)
    names = min(max(widest, 20.0), 42.0)
    x0, x1 = (MARGIN + 6.0 + names, 104.0) if width > WIDE else (MARGIN + 2.5, 38.5)
    return _Axis(x0, x1, tuple(n * step for n in range(first, last + 1)))


def _step(reach: float) -> float:
    """Return the distance of ticks so that at most 7 of them hold the values."""
    power = 10.0 ** math.floor(math.log10(reach))
    steps = sorted(power * step for step in _STEPS)
    return next((step for step in steps if reach / step <= 5.0), steps[-1])


def _name(marker: Marker) -> str:
    return f"{marker.label}, {marker.unit}" if marker.unit else marker.label


# --- drawing ---------------------------------------------------------------------------------


def _key(canvas: Canvas, groups: tuple[CurveGroup, ...], middle: float) -> float:
    """Name the groups beside their marks in one row above the plot."""
    x = MARGIN
    for group in groups:
        room = canvas.width - 2 * MARGIN - 4.0
        name = shorten(group.shown, TYPE.text, room, bold=True)
        width = 4.0 + text_width(name, TYPE.text, bold=True)
        if x > MARGIN and x + width > canvas.width - MARGIN:
            x, middle = MARGIN, middle + 4.6
        draw_point(canvas, group.slot, (x + _HALF, middle), _HALF)
        colour = f"arm-{group.slot}-text"
        canvas.text((x + 4.0, middle + _BASE), name, colour=colour, bold=True)
        x += width + 6.0
    return middle


def _heads(canvas: Canvas, columns: _Columns, changes: list[_Change], base: float) -> float:
    level = next((format_level(one.lower) for one in changes if one.lower is not None), "CI")
    heads = [(columns.n, "n"), (columns.estimate, f"Hodges–Lehmann ({level})")]
    if columns.p_value is not None:
        heads.append((columns.p_value, "P, Holm"))
        units = any(change.marker.unit for change in changes)
        head = "Biomarker, unit" if units else "Biomarker"
        canvas.text((MARGIN + 1.0, base), head, size=TYPE.minor, colour="ink2")
    for edge, head in heads:
        canvas.text((edge, base), head, size=TYPE.minor, colour="ink2", anchor="end")
    return base


def _block(
    canvas: Canvas,
    axis: _Axis,
    columns: _Columns,
    block: tuple[_Change, ...],
    top: float,
    ground: str,
) -> None:
    marker = block[0].marker
    left = MARGIN + 1.0
    middle = top + _PAD + _PITCH / 2
    if columns.p_value is None:
        name = shorten(_name(marker), TYPE.text, canvas.width - 2 * left, bold=True)
        canvas.text((left, middle + _BASE), name, bold=True)
        middle += _PITCH
    else:
        room = axis.x0 - left - 3.0
        lines = wrap(_name(marker), TYPE.text, room, True, max(1, len(block)))
        shift = (len(block) - len(lines)) * _PITCH / 2 if len(lines) == 1 else 0.0
        for number, line in enumerate(lines):
            at = (left, middle + shift + number * _PITCH + _BASE)
            canvas.text(at, line, bold=True)
    for change in block:
        _draw_change(canvas, axis, change, middle, ground)
        _print(canvas, columns, change, middle + _BASE)
        middle += _PITCH


def _draw_change(canvas: Canvas, axis: _Axis, change: _Change, y: float, ground: str) -> None:
    estimate, lower, upper = change.scaled
    colour = f"arm-{change.group.slot}"
    if estimate is None:
        return
    if lower is not None and upper is not None:
        low, high = max(lower, axis.ticks[0]), min(upper, axis.ticks[-1])
        canvas.line([((axis.x(low), y), (axis.x(high), y))], colour, LINE.tick_mark)
        for limit, end, way in ((lower, low, -1), (upper, high, 1)):
            if limit != end:
                draw_arrow(canvas, (axis.x(end), y), way, colour)
    draw_point(canvas, change.group.slot, (axis.x(estimate), y), _HALF, _RING, ground)


def _print(canvas: Canvas, columns: _Columns, change: _Change, base: float) -> None:
    row = change.estimate
    cells = [(columns.n, format_row(change.n) if change.n else "–", change.n)]
    cells.append((columns.estimate, change.text, row))
    if columns.p_value is not None:
        shown = format_row(change.p_value) if change.p_value is not None else "–"
        cells.append((columns.p_value, shown, change.p_value))
    for edge, text, source in cells:
        canvas.text((edge, base), text, anchor="end", row=source.id if source else "")


def _draw_axis(canvas: Canvas, axis: _Axis, bottom: float) -> float:
    y = bottom + 0.9
    canvas.line([((axis.x0, y), (axis.x1, y))], "rule", LINE.axis, id="axis")
    canvas.line(
        [((axis.x(tick), y), (axis.x(tick), y + 1.06)) for tick in axis.ticks], "rule", LINE.axis
    )
    texts = [text.replace("-", MINUS) for text in tick_texts(axis.ticks)]
    widest = max(text_width(text, TYPE.text) for text in texts)
    every = 1
    while any(axis.x(b) - axis.x(a) < widest + 1.0 for a, b in pairwise(_named(axis.ticks, every))):
        every += 1
    base = y + 1.06 + 2.9
    for tick, text in zip(axis.ticks, texts, strict=True):
        if tick in _named(axis.ticks, every):
            canvas.text((axis.x(tick), base), text, anchor="middle")
    base += 3.6
    zero = axis.x(0.0)
    canvas.text((zero - 1.5, base), "Lower", size=TYPE.minor, colour="ink2", anchor="end")
    canvas.text((zero + 1.5, base), "Higher", size=TYPE.minor, colour="ink2")
    return base + 0.8


def _axis_title(canvas: Canvas, axis: _Axis, y: float) -> float:
    title = "Interquartile ranges at baseline"
    middle = (axis.x0 + axis.x1) / 2
    half = text_width(title, TYPE.title, bold=True) / 2
    middle = max(middle, MARGIN + half)
    canvas.text((middle, y + 3.2), title, size=TYPE.title, bold=True, anchor="middle")
    return y + 4.0


def _named(ticks: tuple[float, ...], every: int) -> tuple[float, ...]:
    """Return every n-th tick counted from 0, which is always named."""
    zero = ticks.index(0.0)
    return tuple(tick for n, tick in enumerate(ticks) if (n - zero) % every == 0)


# --- words -----------------------------------------------------------------------------------


def _footnotes(
    index: RowIndex,
    spec: BiomarkerChangeSpec,
    axis: _Axis,
    changes: list[_Change],
    *,
    wide: bool,
) -> tuple[str, ...]:
    level = next((format_level(one.lower) for one in changes if one.lower is not None), "CI")
    together = " of all groups together" if len(spec.groups) > 1 else ""
    sentences = [
        f"Points: Hodges–Lehmann estimates of the change; lines: {level}. The scale counts "
        f"interquartile ranges at baseline{together}, so that rows can be compared; the numbers "
        "are in the unit of the biomarker."
    ]
    counts = [
        f"{format_row(row)} in {group.shown}"
        for group in spec.groups
        if (row := index.get("tests", level=group.level)) is not None
    ]
    if counts and wide:
        tests = ", ".join(counts)
        sentences.append(
            f"P: signed-rank test, adjusted by Holm over the tests of a group: {tests}."
        )
    cut = [
        value
        for one in changes
        for value in one.scaled[1:]
        if value is not None and not axis.ticks[0] <= value <= axis.ticks[-1]
    ]
    if cut:
        sentences.append("Arrow: the interval goes on beyond the scale.")
    if any("NE" in one.text for one in changes):
        sentences.append("NE: not estimable from so few pairs.")
    drawn = len({one.marker.id for one in changes})
    if drawn < len(spec.biomarkers):
        sentences.append(f"The first {drawn} of {len(spec.biomarkers)} biomarkers of the table.")
    return (*sentences, *spec.plate.footnotes)


def alternative_text(spec: BiomarkerChangeSpec, changes: list[_Change]) -> str:
    """Return what the figure shows: kind, and the changes that are largest on its scale."""
    names = [group.shown for group in spec.groups]
    listed = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
    count = len({one.marker.id for one in changes})
    first = (
        f"Intervals of the change of {count} biomarkers from baseline to progression in {listed}, "
        "in interquartile ranges at baseline."
    )
    known = [one for one in changes if one.scaled[0] is not None]
    largest = sorted(known, key=lambda one: -abs(one.scaled[0] or 0.0))[:3]
    told = [
        f"{f'{one.marker.label} {one.text} {one.marker.unit}'.rstrip()} in {one.group.shown}, "
        f"n {format_row(one.n) if one.n else '–'}"
        for one in largest
    ]
    return f"{first} Largest: {'; '.join(told)}."


def _row_ids(index: RowIndex, changes: list[_Change]) -> list[str]:
    return [row.id for change in changes for row in _rows(index, change)]


def _rows(index: RowIndex, change: _Change) -> Iterator[ResultRow]:
    for row in (change.n, change.estimate, change.lower, change.upper, change.p_value):
        if row is not None:
            yield row
    for suffix in ("", "_lower", "_upper"):
        row = index.get(
            f"hodges_lehmann{suffix}",
            level=change.group.level,
            variable=change.marker.id,
            variable_level="scaled",
        )
        if row is not None:
            yield row
