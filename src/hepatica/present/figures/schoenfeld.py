"""Scaled Schoenfeld residuals against time, with a smooth of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.axis import month_label, named_every, tick_days
from hepatica.present.figures.canvas import Canvas, Drawing, Point
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
from hepatica.present.figures.scale import Scale, linear_scale, tick_texts
from hepatica.present.figures.text import text_width
from hepatica.present.format import MINUS, format_p, format_row
from hepatica.present.theme import LINE, MM_PER_PT, TYPE
from hepatica.results import ResultRow, Results

_HEIGHT_WIDE, _HEIGHT_NARROW = 60.0, 46.0
_OFFSET = 2.5 * MM_PER_PT
_TICK = 3.0 * MM_PER_PT
_POINT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoenfeldSpec:
    """What a figure of residuals shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    analysis : str
        Id of the analysis whose rows are drawn.
    level, reference : str
        The group, and the one it is compared with.
    origin : str
        What time counts from, for the axis.
    """

    plate: Plate
    analysis: str
    level: str
    reference: str
    origin: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Rows that are drawn: points and smooth by time, test, hazard ratio."""

    points: tuple[ResultRow, ...]
    coef: tuple[ResultRow, ...]
    lower: tuple[ResultRow, ...]
    upper: tuple[ResultRow, ...]
    p_value: ResultRow | None
    ratio: ResultRow | None
    estimate: float | None


@dataclass(frozen=True, slots=True)
class _Plot:
    """The plot in mm and its two scales."""

    x0: float
    x1: float
    top: float
    bottom: float
    last: float
    up: Scale

    def at(self, row: ResultRow) -> Point:
        return self.x(row.time or 0.0), self.y(row.value or 0.0)

    def x(self, day: float) -> float:
        return self.x0 + (self.x1 - self.x0) * day / self.last

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * self.up.share(value)


def figure_schoenfeld(
    results: Results, spec: SchoenfeldSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the residuals of one hazard ratio with their smooth and its band.

    Parameters
    ----------
    results : Results
        Rows of the analysis: ``schoenfeld``, ``schoenfeld_smooth``, ``proportionality``, ``cox``.
    spec : SchoenfeldSpec
        Group, reference and words.
    width_mm : {180, 85}
        Double or single column.

    Raises
    ------
    AnalysisError
        If there is no residual to draw.
    """
    drawn = _rows(results, spec)
    if len(drawn.points) < 2:
        raise AnalysisError(f"{spec.plate.title} has no residuals to draw.")
    canvas = Canvas(float(width_mm))
    wide = canvas.width > WIDE
    draw_status(canvas, spec.plate.status)
    room = canvas.width - 2 * MARGIN - (32.0 if spec.plate.status else 0.0)
    base = draw_title(canvas, f"{spec.level} against {spec.reference}", room)
    base = _statement(canvas, drawn, base)
    values = [row.value or 0.0 for row in (*drawn.points, *drawn.lower, *drawn.upper)]
    up = linear_scale(min([*values, 0.0]), max([*values, 0.0]))
    top = base + 7.6
    canvas.text((MARGIN, base + 4.8), "Log hazard ratio", size=TYPE.title, bold=True)
    names = _names(up)
    widest = max(text_width(name, TYPE.text) for name in names)
    plot = _Plot(
        x0=MARGIN + widest + 0.8 + _TICK + _OFFSET,
        x1=canvas.width - MARGIN - 3.0,
        top=top,
        bottom=top + (_HEIGHT_WIDE if wide else _HEIGHT_NARROW),
        last=max(row.time or 0.0 for row in drawn.points) * 1.02,
        up=up,
    )
    _marks(canvas, plot, drawn)
    base = _axes(canvas, plot, names)
    base += TYPE.title * MM_PER_PT * LEADING + 1.0
    middle = (plot.x0 + plot.x1) / 2
    title = f"Months since {spec.origin}"
    canvas.text((middle, base), title, size=TYPE.title, bold=True, anchor="middle")
    draw_footnotes(canvas, _footnotes(drawn, spec), base + 1.0)
    shown = (*drawn.points, *drawn.coef, *drawn.lower, *drawn.upper)
    rows = [row.id for row in shown]
    rows += [row.id for row in (drawn.p_value, drawn.ratio) if row is not None]
    return finish(canvas, spec.plate, alternative_text(drawn, spec), rows)


def _rows(results: Results, spec: SchoenfeldSpec) -> _Drawn:
    def of(variable: str, statistic: str) -> tuple[ResultRow, ...]:
        return tuple(
            results.where(
                analysis=spec.analysis,
                variable=variable,
                level=spec.level,
                reference=spec.reference,
                statistic=statistic,
            )
        )

    test, ratio, coef = (
        of("proportionality", "p_value"),
        of("cox", "hazard_ratio"),
        of("cox", "coef"),
    )
    return _Drawn(
        points=of("schoenfeld", "scaled_residual"),
        coef=of("schoenfeld_smooth", "coef"),
        lower=of("schoenfeld_smooth", "coef_lower"),
        upper=of("schoenfeld_smooth", "coef_upper"),
        p_value=test[0] if test else None,
        ratio=ratio[0] if ratio else None,
        estimate=coef[0].value if coef else None,
    )


def _statement(canvas: Canvas, drawn: _Drawn, base: float) -> float:
    if drawn.p_value is None or drawn.p_value.value is None:
        return base
    text = f"Test of proportional hazards: {format_p(drawn.p_value.value)}"
    canvas.text((MARGIN, base + 4.2), text, colour="ink2", row=drawn.p_value.id)
    return base + 5.0


def _marks(canvas: Canvas, plot: _Plot, drawn: _Drawn) -> None:
    band = [*(plot.at(row) for row in drawn.lower), *(plot.at(row) for row in drawn.upper[::-1])]
    if band:
        canvas.area(band, "arm-1", band=True, id="band")
    zero = plot.y(0.0)
    canvas.line([((plot.x0, zero), (plot.x1, zero))], "ink", LINE.rule, id="null")
    if drawn.estimate is not None:
        y = plot.y(drawn.estimate)
        stroke = ((plot.x0, y), (plot.x1, y))
        canvas.line([stroke], "ink2", LINE.axis, dash=(3, 2), id="estimate")
    for row in drawn.points:
        draw_point(canvas, 1, plot.at(row), _POINT, ring=0.0)
    if drawn.coef:
        canvas.line([[plot.at(row) for row in drawn.coef]], "arm-1", LINE.curve, id="smooth")


def _names(up: Scale) -> tuple[str, ...]:
    return tuple(text.replace("-", MINUS) for text in tick_texts(up.ticks))


def _axes(canvas: Canvas, plot: _Plot, names: tuple[str, ...]) -> float:
    left, foot = plot.x0 - _OFFSET, plot.bottom + _OFFSET
    days = [day for day in tick_days(plot.last) if day <= plot.last]
    strokes = [
        ((left, plot.y(plot.up.ticks[0])), (left, plot.y(plot.up.ticks[-1]))),
        ((plot.x0, foot), (plot.x1, foot)),
        *(((left - _TICK, plot.y(tick)), (left, plot.y(tick))) for tick in plot.up.ticks),
        *(((plot.x(day), foot), (plot.x(day), foot + _TICK)) for day in days),
    ]
    canvas.line(strokes, "rule", LINE.axis, id="axes")
    for tick, text in zip(plot.up.ticks, names, strict=True):
        canvas.text((left - _TICK - 0.8, plot.y(tick) + 0.9), text, anchor="end")
    base = foot + _TICK + 2.9
    widest = max(text_width(month_label(day), TYPE.text) for day in days)
    every = named_every(days, widest, plot.x1 - plot.x0)
    for day in days[::every]:
        canvas.text((plot.x(day), base), month_label(day), anchor="middle")
    return base


def _footnotes(drawn: _Drawn, spec: SchoenfeldSpec) -> tuple[str, ...]:
    sizes = [row.denominator or 1 for row in drawn.points]
    events = sum(sizes)
    each = (
        f"Points: scaled Schoenfeld residuals of {events} events"
        if max(sizes) == 1
        else f"Points: means of scaled Schoenfeld residuals of neighbours among {events} events"
    )
    smooth = "; line and band: their smooth with pointwise limits" if drawn.coef else ""
    return (
        f"{each}{smooth}; dashed: the estimated log hazard ratio. Hazards are proportional where "
        "the line is level; above 0 the hazard is higher in "
        f"{spec.level}.",
        *spec.plate.footnotes,
    )


def alternative_text(drawn: _Drawn, spec: SchoenfeldSpec) -> str:
    """Return what the figure shows: kind and axes, the hazard ratio, and the test."""
    told = [
        f"Scaled Schoenfeld residuals of the log hazard ratio of {spec.level} against "
        f"{spec.reference} by months since {spec.origin}."
    ]
    if drawn.ratio is not None:
        told.append(f"Hazard ratio {format_row(drawn.ratio)}.")
    if drawn.p_value is not None and drawn.p_value.value is not None:
        told.append(f"Test of proportional hazards {format_p(drawn.p_value.value)}.")
    return " ".join(told)
