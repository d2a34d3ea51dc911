"""Calibration of predicted survival: a square panel for each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing, Point
from hepatica.present.figures.furniture import (
    MARGIN,
    TITLE,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.points import draw_point
from hepatica.present.figures.text import text_width
from hepatica.present.format import format_level, format_row
from hepatica.present.theme import LINE, MM_PER_PT, TYPE
from hepatica.results import ResultRow, Results

_OFFSET = 2.5 * MM_PER_PT
_TICK = 3.0 * MM_PER_PT
_TICKS = (0, 25, 50, 75, 100)
_APPARENT = (2.0, 2.0)
_EXACT = (5.0, 3.0)
_MOST_A_ROW = 3
_HEAD = 6.0
_FOOT = 7.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSpec:
    """What a calibration plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    analysis : str
        Id of the analysis whose rows are drawn.
    times : tuple of (str, float)
        A panel each: in words, and in days.
    """

    plate: Plate
    analysis: str
    times: tuple[tuple[str, float], ...]


def figure_calibration(
    results: Results, spec: CalibrationSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw observed against predicted survival: groups, and smoothed curves.

    Parameters
    ----------
    results : Results
        Rows of the analysis, as ``docs/results.md`` lists them.
    spec : CalibrationSpec
        Times and wording.
    width_mm : {180, 85}
        Double or single column.

    Raises
    ------
    AnalysisError
        If the analysis has no calibration.
    """
    rows = [
        row
        for row in results.where(analysis=spec.analysis)
        if row.variable in ("calibration_group", "calibration_curve")
    ]
    times = [one for one in spec.times if any(row.time == one[1] for row in rows)]
    if not times:
        raise AnalysisError(f"There is no calibration of {spec.analysis}.")
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    canvas.text((MARGIN, TITLE), "Observed survival (%)", size=TYPE.title, bold=True)
    gutter = text_width("100", TYPE.text) + 1.0 + _TICK + _OFFSET
    across = min(_MOST_A_ROW, len(times)) if width_mm > WIDE else 1
    side = (canvas.width - 2 * MARGIN - 3.0 * (across - 1)) / across - gutter - 3.0
    side = min(side, 62.0 if width_mm > WIDE else 58.0)
    y = TITLE + 3.0
    for number, (text, day) in enumerate(times):
        column = number % across
        if number and not column:
            y += _HEAD + side + _FOOT
        left = MARGIN + gutter + column * (side + gutter + 6.0)
        box = Box(left, y + _HEAD, left + side, y + _HEAD + side)
        canvas.text((box.x0, box.y0 - 2.2), f"At {text}", size=TYPE.head, bold=True)
        _draw_panel(canvas, [row for row in rows if row.time == day], box, number)
    base = y + _HEAD + side + _FOOT + 3.2
    right = MARGIN + gutter + (across - 1) * (side + gutter + 6.0) + side
    middle = (MARGIN + gutter + right) / 2
    title = "Predicted survival (%)"
    canvas.text((middle, base), title, size=TYPE.title, bold=True, anchor="middle")
    limits = next((row for row in rows if row.statistic == "observed_lower"), None)
    level = "95% CI" if limits is None else format_level(limits)
    notes = (
        f"Points: groups by predicted risk, Kaplan–Meier with {level}. Solid: smoothed, corrected "
        "for optimism; dotted: apparent. Dashed: predicted equals observed.",
    )
    draw_footnotes(canvas, (*notes, *spec.plate.footnotes), base + 0.6)
    return finish(canvas, spec.plate, _alternative(rows, times), [row.id for row in rows])


def _draw_panel(canvas: Canvas, rows: list[ResultRow], box: Box, number: int) -> None:
    def at(predicted: float, observed: float) -> Point:
        return box.x0 + box.width * predicted, box.y1 - box.height * observed

    _draw_axes(canvas, box, number)
    diagonal = [(at(0.0, 0.0), at(1.0, 1.0))]
    canvas.line(diagonal, "ink2", LINE.axis, dash=_EXACT, id=f"exact-{number}")
    curve = _levels(rows, "calibration_curve")
    for name, dash, width in (
        ("observed", _APPARENT, LINE.axis),
        ("observed_corrected", (), LINE.curve),
    ):
        points = [
            at(one["predicted"], one[name])
            for one in curve.values()
            if "predicted" in one and name in one
        ]
        canvas.line([points], "arm-1", width, dash=dash, id=f"{name}-{number}")
    for one in _levels(rows, "calibration_group").values():
        if "observed" not in one:
            continue
        if "observed_lower" in one and "observed_upper" in one:
            ends = (
                at(one["predicted"], one["observed_lower"]),
                at(one["predicted"], one["observed_upper"]),
            )
            canvas.line([ends], "arm-1", LINE.axis)
        draw_point(canvas, 1, at(one["predicted"], one["observed"]), 1.0)


def _levels(rows: list[ResultRow], variable: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.variable == variable and row.value is not None:
            found.setdefault(row.variable_level, {})[row.statistic] = row.value
    return found


def _draw_axes(canvas: Canvas, box: Box, number: int) -> None:
    side, foot = box.x0 - _OFFSET, box.y1 + _OFFSET
    strokes: list[tuple[Point, ...]] = [
        ((side, box.y1), (side, box.y0)),
        ((box.x0, foot), (box.x1, foot)),
    ]
    rise = 0.34 * TYPE.text * MM_PER_PT
    for tick in _TICKS:
        x, y = box.x0 + box.width * tick / 100, box.y1 - box.height * tick / 100
        strokes += [((side - _TICK, y), (side, y)), ((x, foot), (x, foot + _TICK))]
        canvas.text((side - _TICK - 1.0, y + rise), str(tick), colour="ink2", anchor="end")
        canvas.text((x, box.y1 + 4.9), str(tick), colour="ink2", anchor="middle")
    canvas.line(strokes, "rule", LINE.axis, id=f"axes-{number}")


def _alternative(rows: list[ResultRow], times: list[tuple[str, float]]) -> str:
    parts = []
    for text, day in times:
        groups = {
            level: {
                row.statistic: row
                for row in rows
                if (row.variable_level, row.time) == (level, day)
                and row.variable == "calibration_group"
            }
            for level in dict.fromkeys(
                row.variable_level
                for row in rows
                if row.variable == "calibration_group" and row.time == day
            )
        }
        said = [
            f"{format_row(one['predicted'])}% predicted and {format_row(one['observed'])}% observed"
            for one in groups.values()
        ]
        parts.append(f"At {text}, groups by risk: {'; '.join(said)}.")
    return "Calibration plot of predicted against observed survival. " + " ".join(parts)
