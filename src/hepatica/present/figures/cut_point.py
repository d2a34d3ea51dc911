"""The log-rank statistic at every cut-point of a marker, with the one that was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.canvas import Anchor, Canvas, Drawing, Point
from hepatica.present.figures.furniture import (
    LEADING,
    MARGIN,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    draw_title,
    finish,
)
from hepatica.present.figures.points import draw_point
from hepatica.present.figures.scale import Scale, linear_scale, tick_texts, value_scale
from hepatica.present.figures.text import text_width, wrap
from hepatica.present.format import format_p, format_row
from hepatica.present.lookup import RowIndex
from hepatica.present.theme import LINE, MM_PER_PT, TYPE
from hepatica.results import ResultRow, Results

_TITLE = "Log-rank statistic, standardised"
_HEIGHT_WIDE = 50.0
_HEIGHT_NARROW = 38.0
_LINE = 4.2
_OFFSET = 2.5 * MM_PER_PT
_TICK = 3.0 * MM_PER_PT


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPointSpec:
    """What a figure of cut-points shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    analysis : str
        Id of the analysis whose rows are drawn.
    marker, unit : str
        Name and unit of the marker.
    endpoint : str
        What the groups are compared by, for example ``Time to progression``.
    heading : str
        What is drawn, in whom.
    chosen : float
        The cut-point by which the analysis groups patients.
    chosen_text : str
        The same as it is printed.
    chosen_row : str
        Id of its row; empty where the protocol fixes it.
    """

    plate: Plate
    analysis: str
    marker: str
    unit: str
    endpoint: str
    heading: str
    chosen: float
    chosen_text: str
    chosen_row: str = ""


@dataclass(frozen=True, slots=True)
class _Plot:
    """The plot in mm and its two scales."""

    x0: float
    x1: float
    top: float
    bottom: float
    across: Scale
    up: Scale

    def at(self, value: float, statistic: float) -> Point:
        return self.x(value), self.y(statistic)

    def x(self, value: float) -> float:
        return self.x0 + (self.x1 - self.x0) * self.across.share(value)

    def y(self, statistic: float) -> float:
        return self.bottom - (self.bottom - self.top) * self.up.share(statistic)


def figure_cut_point(
    results: Results, spec: CutPointSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the statistic of every cut-point that was tried.

    Parameters
    ----------
    results : Results
        Rows of the analysis: ``cut_point_scan``, ``maximally_selected`` and ``logrank``.
    spec : CutPointSpec
        The chosen cut-point and wording.
    width_mm : {180, 85}
        Double or single column.

    Returns
    -------
    Drawing
        The same bytes for the same rows and specification.

    Raises
    ------
    AnalysisError
        If no cut-point was tried.
    """
    index = RowIndex(results, spec.analysis)
    scan = _scan(index)
    if not scan:
        raise AnalysisError(f"{spec.analysis} tried no cut-points, so there is nothing to draw.")
    canvas = Canvas(float(width_mm))
    wide = canvas.width > WIDE
    draw_status(canvas, spec.plate.status)
    y = _statements(canvas, index, spec)
    room = canvas.width - 2 * MARGIN
    base = y + 2.4
    for line in wrap(_TITLE, TYPE.title, room, True, 1):
        canvas.text((MARGIN, base), line, size=TYPE.title, bold=True)
    top = base + 7.4
    values = [value for value, _ in scan]
    up = linear_scale(0.0, 1.08 * max(row.value or 0.0 for _, row in scan))
    widest = max(text_width(text, TYPE.text) for text in tick_texts(up.ticks))
    plot = _Plot(
        x0=MARGIN + widest + 0.8 + _TICK + _OFFSET,
        x1=canvas.width - MARGIN - 4.0,
        top=top,
        bottom=top + (_HEIGHT_WIDE if wide else _HEIGHT_NARROW),
        across=value_scale(min(*values, spec.chosen), max(*values, spec.chosen)),
        up=up,
    )
    _curve(canvas, plot, scan)
    _marks(canvas, plot, index, spec, scan)
    base = _axes(canvas, plot)
    title = f"Cut-point of {spec.marker}" + (f" ({spec.unit})" if spec.unit else "")
    middle = (plot.x0 + plot.x1) / 2
    for line in wrap(title, TYPE.title, room, True, 2):
        base += TYPE.title * MM_PER_PT * LEADING + 1.0
        canvas.text((middle, base), line, size=TYPE.title, bold=True, anchor="middle")
    draw_footnotes(canvas, _footnotes(index, spec, plot), base + 1.0)
    rows = [row.id for _, row in scan] + [row.id for row in _tests(index)]
    rows += [spec.chosen_row] if spec.chosen_row else []
    return finish(canvas, spec.plate, alternative_text(index, spec, scan), rows)


def _scan(index: RowIndex) -> list[tuple[float, ResultRow]]:
    found = []
    for level in index.levels("cut_point_scan"):
        row = index.get("test_statistic", variable="cut_point_scan", variable_level=level)
        if row is not None and row.status == "ok":
            found.append((float(level), row))
    return sorted(found, key=lambda pair: pair[0])


def _tests(index: RowIndex) -> list[ResultRow]:
    rows = (index.get("p_value", variable=name) for name in ("maximally_selected", "logrank"))
    return [row for row in rows if row is not None]


def _statements(canvas: Canvas, index: RowIndex, spec: CutPointSpec) -> float:
    """Write the corrected P first, then the other as what it is; return where the last ends."""
    base = draw_title(canvas, spec.heading, canvas.width - 2 * MARGIN)
    corrected = index.get("p_value", variable="maximally_selected")
    if corrected is not None:
        base += _LINE
        text = f"Corrected for the choice among all cut-points: {_p_text(corrected)}"
        canvas.text((MARGIN, base), text, bold=True, row=corrected.id)
    plain = index.get("p_value", variable="logrank")
    if plain is not None:
        base += _LINE
        text = f"Log-rank at {spec.chosen_text}, not corrected: {_p_text(plain)}"
        canvas.text((MARGIN, base), text, colour="ink2", row=plain.id)
    return base + 3.0


def _p_text(row: ResultRow) -> str:
    if row.status != "ok" or row.value is None:
        return f"P {format_row(row)}"
    return format_p(row.value)


def _curve(canvas: Canvas, plot: _Plot, scan: list[tuple[float, ResultRow]]) -> None:
    """Draw the statistic as steps: between two recorded values every cut-point is the same."""
    points = [plot.at(value, row.value or 0.0) for value, row in scan]
    run = [points[0]]
    for (_, before), (x, y) in pairwise(points):
        run += [(run[-1][0], before), (run[-1][0], y), (x, y)]
    canvas.line([run], "arm-1", LINE.rule, id="scan")
    for point in points:
        draw_point(canvas, 1, point, 0.6, ring=0.0)


def _marks(
    canvas: Canvas,
    plot: _Plot,
    index: RowIndex,
    spec: CutPointSpec,
    scan: list[tuple[float, ResultRow]],
) -> None:
    """Mark the chosen cut-point, and the largest statistic where it lies elsewhere."""
    x = plot.x(spec.chosen)
    label = f"Chosen: {spec.chosen_text}"
    canvas.line([((x, plot.top - 2.6), (x, plot.bottom))], "ink", 0.7, dash=(3, 2), id="chosen")
    half = text_width(label, TYPE.text) / 2
    middle = min(max(x, MARGIN + half), canvas.width - MARGIN - half)
    canvas.text((middle, plot.top - 3.4), label, anchor="middle", row=spec.chosen_row)
    best = index.get("cut_point", variable="maximally_selected")
    if best is None or best.value is None:
        return
    statistic = next((row for value, row in scan if value == best.value), None)
    if statistic is None or statistic.value is None:
        return
    at = plot.at(best.value, statistic.value)
    canvas.area(_ring(at, 1.5), "ink")
    canvas.area(_ring(at, 1.1), "bg")
    draw_point(canvas, 1, at, 0.6, ring=0.0)
    if best.value == spec.chosen:
        return
    text = f"Largest: {format_row(best)}"
    width = text_width(text, TYPE.text)
    reach = 2.4 + width
    to_right = at[0] + reach <= plot.x1 and not at[0] < x < at[0] + reach
    to_right |= at[0] - reach < plot.x0
    anchor: Anchor = "start" if to_right else "end"
    canvas.text(
        (at[0] + (2.4 if to_right else -2.4), at[1] - 1.4), text, anchor=anchor, row=best.id
    )


def _ring(at: Point, half: float) -> tuple[Point, ...]:
    x, y = at
    return (x, y - half), (x + half, y), (x, y + half), (x - half, y)


def _axes(canvas: Canvas, plot: _Plot) -> float:
    left, foot = plot.x0 - _OFFSET, plot.bottom + _OFFSET
    strokes = [
        ((left, plot.y(plot.up.ticks[0])), (left, plot.y(plot.up.ticks[-1]))),
        ((plot.x0, foot), (plot.x1, foot)),
        *(((left - _TICK, plot.y(tick)), (left, plot.y(tick))) for tick in plot.up.ticks),
        *(((plot.x(tick), foot), (plot.x(tick), foot + _TICK)) for tick in plot.across.ticks),
    ]
    canvas.line(strokes, "rule", LINE.axis, id="axes")
    for tick, text in zip(plot.up.ticks, tick_texts(plot.up.ticks), strict=True):
        canvas.text((left - _TICK - 0.8, plot.y(tick) + 0.9), text, anchor="end")
    base = foot + _TICK + 2.9
    for tick in plot.across.ticks:
        canvas.text((plot.x(tick), base), f"{tick:g}", anchor="middle")
    return base


def _footnotes(index: RowIndex, spec: CutPointSpec, plot: _Plot) -> tuple[str, ...]:
    n = index.get("n", variable="maximally_selected")
    patients = f" {format_row(n)} patients." if n is not None else ""
    scale = " Logarithmic scale." if plot.across.logarithmic else ""
    return (
        f"Patients at or above each cut-point against those below it.{patients}{scale} At least "
        "a tenth of the patients stand on either side.",
        *spec.plate.footnotes,
    )


def alternative_text(
    index: RowIndex, spec: CutPointSpec, scan: list[tuple[float, ResultRow]]
) -> str:
    """Return what the figure shows: kind and axes, the chosen cut-point, and the P values."""
    first = (
        f"Standardised log-rank statistic of {spec.endpoint[:1].lower() + spec.endpoint[1:]} "
        f"at {len(scan)} cut-points of {spec.marker}."
    )
    told = [f"The chosen cut-point is {spec.chosen_text} {spec.unit}".strip()]
    best = index.get("cut_point", variable="maximally_selected")
    if best is not None:
        told.append(f"the largest statistic lies at {format_row(best)}")
    for name, words in (("maximally_selected", "corrected"), ("logrank", "not corrected")):
        row = index.get("p_value", variable=name)
        if row is not None:
            told.append(f"{_p_text(row)} {words}")
    return f"{first} {'; '.join(told)}."
