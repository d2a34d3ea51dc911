"""Cumulative incidence of competing causes: a panel for each, and numbers at risk below all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.axis import month_label, named_every
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing, Point
from hepatica.present.figures.curves import BAND_AT_RISK, CurveGroup
from hepatica.present.figures.furniture import (
    MARGIN,
    TITLE,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.panel import draw_key, key_width
from hepatica.present.figures.scale import linear_scale
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.format import format_level, format_p, format_row
from hepatica.present.theme import LINE, MM_PER_PT, TYPE
from hepatica.results import ResultRow, Results

#: Dashes of causes in their order, in pt.
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 2), (7, 2, 2, 2), (1, 2), (10, 2, 2, 2))
_OFFSET = 2.5 * MM_PER_PT
_TICK = 3.0 * MM_PER_PT
_HEIGHT = {True: 40.0, False: 32.0}
_BETWEEN = 10.0
_PITCH = 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceSpec:
    """What a figure of competing risks shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    analysis : str
        Id of the analysis whose rows are drawn.
    causes : tuple of str
        A panel each.
    groups : tuple of CurveGroup
        A curve each in every panel.
    x_title : str
        For example ``Months since first dose``.
    """

    plate: Plate
    analysis: str
    causes: tuple[str, ...]
    groups: tuple[CurveGroup, ...]
    x_title: str


@dataclass(frozen=True, slots=True)
class _Step:
    day: float
    incidence: float
    lower: float | None
    upper: float | None
    at_risk: float


@dataclass(frozen=True, slots=True)
class _Panel:
    box: Box
    last_day: float
    most: float
    ticks: tuple[float, ...]

    def at(self, day: float, share: float) -> Point:
        box = self.box
        return box.x0 + box.width * day / self.last_day, box.y1 - box.height * share / self.most


def figure_cumulative_incidence(
    results: Results, spec: IncidenceSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw the cumulative incidence of each cause by group.

    Parameters
    ----------
    results : Results
        Rows of the analysis, as ``docs/results.md`` lists them.
    spec : IncidenceSpec
        Causes, groups and wording.
    width_mm : {180, 85}
        Double or single column.

    Raises
    ------
    AnalysisError
        If the analysis has no curve.
    """
    rows = results.where(analysis=spec.analysis)
    curves = {
        (cause, group.slot): _steps(rows, group.level, cause)
        for cause in spec.causes
        for group in spec.groups
    }
    if not any(curves.values()):
        raise AnalysisError(f"There is no figure of {spec.analysis}: it has no curve.")
    risk = {
        (row.level, row.time): row
        for row in rows
        if row.variable == "risk_table" and row.statistic == "at_risk" and row.time is not None
    }
    days = tuple(sorted({day for _, day in risk}))
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    wide = width_mm > WIDE
    title = shorten("Cumulative incidence (%)", TYPE.title, canvas.width - 2 * MARGIN, True)
    canvas.text((MARGIN, TITLE), title, size=TYPE.title, bold=True)
    y = _draw_keys(canvas, spec, TITLE + 4.4)
    most = max(
        (step.upper if step.upper is not None and _banded(step) else step.incidence)
        for steps in curves.values()
        for step in steps
    )
    scale = linear_scale(0.0, max(100.0 * most, 1.0), 6)
    left = _left(spec, wide)
    tests = {
        row.variable_level: row
        for row in rows
        if row.variable == "gray" and row.statistic == "p_value"
    }
    drawn: list[ResultRow] = [row for row in rows if row.variable == "cumulative_incidence"]
    panel = None
    for number, cause in enumerate(spec.causes):
        top = y + 9.6
        beyond = text_width("0000", TYPE.text) / 2 + 1.0
        box = Box(left, top, canvas.width - MARGIN - beyond, top + _HEIGHT[wide])
        panel = _Panel(box, days[-1], scale.high / 100.0, scale.ticks)
        _draw_head(canvas, cause, tests.get(cause), number, box)
        for group in spec.groups:
            _draw_curve(canvas, panel, curves[cause, group.slot], group.slot, number)
        last = number == len(spec.causes) - 1
        _draw_axes(canvas, panel, days, number, named=last)
        y = box.y1 + (0.0 if last else 0.8)
    if panel is None:
        raise AnalysisError(f"{spec.analysis} names no cause.")
    base = panel.box.y1 + 9.8
    middle = (panel.box.x0 + panel.box.x1) / 2
    canvas.text((middle, base), spec.x_title, size=TYPE.title, bold=True, anchor="middle")
    y = _draw_risk(canvas, spec, panel, (days, risk), base + 5.6)
    level = next((row for row in drawn if row.statistic == "incidence_lower"), None)
    interval = "95% CI" if level is None else format_level(level)
    notes = (
        f"Shading: {interval} (log-log), shown while {BAND_AT_RISK} or more are at risk.",
        "At risk: without any of the events.",
    )
    draw_footnotes(canvas, (*notes, *spec.plate.footnotes), y)
    alt = _alternative(spec, curves, tests)
    ids = [row.id for row in (*drawn, *risk.values(), *tests.values())]
    return finish(canvas, spec.plate, alt, ids)


def _steps(rows: list[ResultRow], level: str, cause: str) -> list[_Step]:
    found: dict[float, dict[str, float | None]] = {}
    for row in rows:
        mine = (row.variable, row.variable_level, row.level)
        if mine == ("cumulative_incidence", cause, level) and row.time is not None:
            found.setdefault(row.time, {})[row.statistic] = row.value
    return [
        _Step(
            day,
            values.get("incidence") or 0.0,
            values.get("incidence_lower"),
            values.get("incidence_upper"),
            values.get("at_risk_after") or 0.0,
        )
        for day, values in sorted(found.items())
    ]


def _banded(step: _Step) -> bool:
    return step.at_risk >= BAND_AT_RISK and step.lower is not None and step.upper is not None


def _left(spec: IncidenceSpec, wide: bool) -> float:
    ticks = MARGIN + text_width("100", TYPE.text) + _TICK + _OFFSET + 1.2
    if not wide:
        return max(ticks, MARGIN + text_width("0000", TYPE.text) / 2)
    names = max(
        text_width(shorten(one.shown, TYPE.text, 38.0, True), TYPE.text, True)
        for one in spec.groups
    )
    risk = MARGIN + key_width(len(spec.groups)) + names + text_width("0000", TYPE.text) / 2 + 3.0
    return max(ticks, risk)


def _draw_keys(canvas: Canvas, spec: IncidenceSpec, middle: float) -> float:
    """Draw the keys of groups in reading order; return the middle of their last line."""
    x = MARGIN
    for group in spec.groups:
        room = canvas.width - 2 * MARGIN - 3.6
        name = shorten(group.shown, TYPE.text, room, True)
        width = 3.6 + text_width(name, TYPE.text, True)
        if x > MARGIN and x + width > canvas.width - MARGIN:
            x, middle = MARGIN, middle + _PITCH
        draw_key(canvas, (x, middle), group.slot, 1)
        canvas.text((x + 3.6, middle + 0.9), name, colour=f"arm-{group.slot}-text", bold=True)
        x += width + 5.0
    return middle


def _draw_head(canvas: Canvas, cause: str, test: ResultRow | None, number: int, box: Box) -> None:
    """Write the name of a cause with its dash, and Gray's test at the right."""
    base = box.y0 - 3.6
    told = ""
    if test is not None:
        known = test.status == "ok" and test.value is not None
        told = f"Gray {format_p(test.value or 0.0) if known else 'P ' + format_row(test)}"
    width = text_width(told, TYPE.text)
    at = (box.x1, base)
    canvas.text(at, told, colour="ink2", anchor="end", row=test.id if test else "")
    dash = DASHES[number % len(DASHES)]
    canvas.line([((MARGIN, base - 0.9), (MARGIN + 8.0, base - 0.9))], "ink2", LINE.curve, dash=dash)
    name = shorten(cause, TYPE.head, box.x1 - width - 3.0 - MARGIN - 9.6, True)
    canvas.text((MARGIN + 9.6, base), name, size=TYPE.head, bold=True)


def _draw_curve(canvas: Canvas, panel: _Panel, steps: list[_Step], slot: int, number: int) -> None:
    if not steps:
        return
    for place, run in enumerate(_runs(steps)):
        upper: list[Point] = []
        lower: list[Point] = []
        for first, second in run:
            high, low = min(first.upper or 0.0, panel.most), first.lower or 0.0
            upper += [panel.at(first.day, high), panel.at(second.day, high)]
            lower += [panel.at(first.day, low), panel.at(second.day, low)]
        outline = [*upper, *reversed(lower)]
        canvas.area(outline, f"arm-{slot}", band=True, id=f"band-{slot}-{number}-{place}")
    points = [panel.at(0.0, 0.0)]
    level = 0.0
    for step in steps:
        if step.incidence != level:
            points += [panel.at(step.day, level), panel.at(step.day, step.incidence)]
        level = step.incidence
    points.append(panel.at(steps[-1].day, level))
    dash = DASHES[number % len(DASHES)]
    canvas.line([points], f"arm-{slot}", LINE.curve, dash=dash, id=f"curve-{slot}-{number}")


def _runs(steps: list[_Step]) -> list[list[tuple[_Step, _Step]]]:
    """Return the stretches in which the band is drawn, as steps with those that follow."""
    runs: list[list[tuple[_Step, _Step]]] = []
    before = False
    for first, second in pairwise(steps):
        drawn = _banded(first)
        if drawn and before:
            runs[-1].append((first, second))
        elif drawn:
            runs.append([(first, second)])
        before = drawn
    return runs


def _draw_axes(
    canvas: Canvas, panel: _Panel, days: tuple[float, ...], number: int, *, named: bool
) -> None:
    box = panel.box
    side, foot = box.x0 - _OFFSET, box.y1 + _OFFSET
    strokes: list[tuple[Point, ...]] = [
        ((side, box.y1), (side, box.y0)),
        ((box.x0, foot), (box.x1, foot)),
    ]
    rise = 0.34 * TYPE.text * MM_PER_PT
    for tick in panel.ticks:
        y = panel.at(0.0, tick / 100.0)[1]
        strokes.append(((side - _TICK, y), (side, y)))
        at = (side - _TICK - 1.0, y + rise)
        canvas.text(at, f"{tick:g}", colour="ink2", anchor="end")
    widest = max(text_width(month_label(day), TYPE.text) for day in days) + 2.0
    every = named_every(days, widest, box.width)
    for place, day in enumerate(days):
        x = panel.at(day, 0.0)[0]
        strokes.append(((x, foot), (x, foot + _TICK * (1.0 if place % every == 0 else 0.55))))
        if named and place % every == 0:
            canvas.text((x, box.y1 + 4.9), month_label(day), colour="ink2", anchor="middle")
    canvas.line(strokes, "rule", LINE.axis, id=f"axes-{number}")


def _draw_risk(
    canvas: Canvas,
    spec: IncidenceSpec,
    panel: _Panel,
    numbers: tuple[tuple[float, ...], dict[tuple[str, float], ResultRow]],
    base: float,
) -> float:
    """Write who is still without any event; return the free line below."""
    days, risk = numbers
    wide = canvas.width > WIDE
    canvas.text((MARGIN, base), "No. at risk", size=TYPE.head, colour="ink2", bold=True)
    widest = max(text_width(format_row(row), TYPE.text) for row in risk.values()) + 2.0
    every = named_every(days, widest, panel.box.width)
    y = base + _PITCH
    for group in spec.groups:
        room = 38.0 if wide else canvas.width - 2 * MARGIN - 3.6
        name = shorten(group.shown, TYPE.text, room, True)
        draw_key(canvas, (MARGIN, y - 0.9), group.slot, 1)
        canvas.text((MARGIN + 3.6, y), name, colour=f"arm-{group.slot}-text", bold=True)
        y += 0.0 if wide else 3.8
        for day in days[::every]:
            row = risk.get((group.level, day))
            x = panel.at(day, 0.0)[0]
            text = format_row(row) if row is not None else "–"
            canvas.text((x, y), text, anchor="middle", row=row.id if row is not None else "")
        y += _PITCH
    return y - _PITCH + 1.6


def _alternative(
    spec: IncidenceSpec,
    curves: dict[tuple[str, int], list[_Step]],
    tests: dict[str, ResultRow],
) -> str:
    parts = []
    for cause in spec.causes:
        ends = [
            f"{100 * steps[-1].incidence:.0f}% in {group.shown}"
            for group in spec.groups
            if (steps := curves[cause, group.slot])
        ]
        test = tests.get(cause)
        known = test is not None and test.status == "ok" and test.value is not None
        said = f"; Gray's test {format_p(test.value or 0.0)}" if known and test else ""
        parts.append(f"{cause} at the end of follow-up: {', '.join(ends)}{said}.")
    return f"Cumulative incidence of {len(spec.causes)} competing causes. " + " ".join(parts)
