"""A nomogram: an axis of points, one for each covariate, and survival below the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box, Obstacles
from hepatica.present.figures.canvas import Anchor, Canvas, Drawing
from hepatica.present.figures.furniture import (
    MARGIN,
    WIDE,
    Plate,
    draw_footnotes,
    draw_status,
    finish,
)
from hepatica.present.figures.text import ASCENT, DESCENT, shorten, text_width, wrap
from hepatica.present.theme import LINE, MM_PER_PT, TYPE
from hepatica.results import ResultRow, Results

_TOP = 8.5
_NAMES = 44.0
_TICK = 1.3
_SUBTICK = 0.8
_LABEL = 3.0
_LANE = 3.1
_GAP = 1.2
_BETWEEN = 2.6
#: Lanes of labels: below the axis, above it, and a second line of both.
_LANES = ((1, 0), (-1, 0), (1, 1), (-1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class NomogramSpec:
    """What a nomogram shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    analysis : str
        Id of the analysis whose rows are drawn.
    covariates : tuple of (str, str)
        Ids and names.
    times : tuple of (str, float)
        When survival is told, in words and in days.
    outcome : str
        What is told, for example ``survival``.
    """

    plate: Plate
    analysis: str
    covariates: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, float], ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """A tick: its place as a share of the axis, its label, and the row behind it."""

    share: float
    text: str
    row: str = ""


@dataclass(frozen=True, slots=True)
class _Axis:
    name: str
    marks: tuple[_Mark, ...]
    kind: Literal["points", "covariate", "total", "survival"]
    numbers: bool = True


def figure_nomogram(
    results: Results, spec: NomogramSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw a nomogram.

    Parameters
    ----------
    results : Results
        Rows of the analysis, as ``docs/results.md`` lists them.
    spec : NomogramSpec
        Covariates, times and wording.
    width_mm : {180, 85}
        Double or single column; in a single column names stand above their axes.

    Raises
    ------
    AnalysisError
        If the analysis has no points.
    """
    rows = results.where(analysis=spec.analysis)
    axes, drawn = _axes(rows, spec, wide=width_mm > WIDE)
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.plate.status)
    wide = width_mm > WIDE
    x0 = MARGIN + (_NAMES if wide else 3.0)
    x1 = canvas.width - MARGIN - 5.0
    y = _TOP if spec.plate.status else 4.0 if wide else 2.0
    start = end = y
    guides = len(canvas.marks)
    for axis in axes:
        if axis.kind == "total":
            y += 2.2
        y, line = _draw_axis(canvas, axis, (x0, x1), y, wide=wide)
        if axis.kind == "points":
            start = line
        if axis.kind == "covariate":
            end = line
    strokes = [((x0 + (x1 - x0) * n / 5, start), (x0 + (x1 - x0) * n / 5, end)) for n in range(6)]
    # Guides lie below everything else.
    lines = Canvas(canvas.width)
    lines.line(strokes, "hair", LINE.hair, id="guides")
    canvas.marks[guides:guides] = lines.marks
    notes = (
        "Read the points of each covariate on the uppermost axis, add them up, and read below the "
        "total.",
    )
    draw_footnotes(canvas, (*notes, *spec.plate.footnotes), y - 1.2)
    return finish(canvas, spec.plate, _alternative(rows, spec), [row.id for row in drawn])


def _axes(
    rows: list[ResultRow], spec: NomogramSpec, *, wide: bool
) -> tuple[list[_Axis], list[ResultRow]]:
    points = [row for row in rows if row.statistic == "points" and row.value is not None]
    totals = [
        row
        for row in rows
        if row.variable == "survival" and row.statistic == "total_points" and row.value is not None
    ]
    reach = max(
        (float(row.variable_level) for row in rows if row.variable == "total_points"), default=0.0
    )
    if not points or not reach:
        raise AnalysisError(f"There is no nomogram of {spec.analysis}: it has no points.")
    measured = {row.variable for row in rows if row.statistic == "points_per_unit"}
    step = 10 if wide else 20
    axes = [_Axis("Points", tuple(_Mark(n / 100, str(n)) for n in range(0, 101, step)), "points")]
    for name, label in spec.covariates:
        own = [row for row in points if row.variable == name]
        marks = tuple(_Mark((row.value or 0.0) / 100, row.variable_level, row.id) for row in own)
        if marks:
            axes.append(_Axis(label, marks, "covariate", name in measured))
    step = next(one for one in (10, 20, 50, 100, 200) if reach / one <= (12 if wide else 6))
    axes.append(
        _Axis(
            "Total points",
            tuple(_Mark(n / reach, str(n)) for n in range(0, int(reach) + 1, step)),
            "total",
        )
    )
    for text, day in spec.times:
        marks = tuple(
            _Mark((row.value or 0.0) / reach, f"{100 * float(row.variable_level):g}", row.id)
            for row in sorted(totals, key=lambda one: one.value or 0.0)
            if row.time == day
        )
        if marks:
            outcome = spec.outcome[:1].upper() + spec.outcome[1:]
            axes.append(_Axis(f"{outcome} at {text} (%)", marks, "survival"))
    return axes, [*points, *totals]


def _draw_axis(
    canvas: Canvas, axis: _Axis, ends: tuple[float, float], top: float, *, wide: bool
) -> tuple[float, float]:
    """Draw an axis below ``top``; return where the next begins, and where its line is."""
    x0, x1 = ends
    places = [x0 + (x1 - x0) * mark.share for mark in axis.marks]
    texts = [shorten(mark.text, TYPE.text, 40.0) for mark in axis.marks]
    # Of numbers some may go without a name; categories need theirs.
    edge = canvas.width - MARGIN
    lanes = place_labels(places, texts, edge, left=x0 - 3.0, all_named=not axis.numbers)
    above = max((level + 1 for side, level in lanes if side < 0), default=0)
    below = max((level + 1 for side, level in lanes if side > 0), default=0)
    strong = axis.kind in ("points", "total")
    names = wrap(axis.name, TYPE.text, _NAMES - 4.0, strong, 2) if wide else ()
    if not wide:
        base = top + 2.4
        # Above its axis a name must differ from the labels.
        shown = shorten(axis.name, TYPE.text, canvas.width - 2 * MARGIN, True)
        _draw_label(canvas, (MARGIN, base), shown, "ink", bold=True)
        top = base + 1.2
    line = top + (_TICK + 0.6 + above * _LANE if above else 1.2)
    height = TYPE.text * MM_PER_PT
    first = line + 0.34 * height - (len(names) - 1) * 0.55 * height
    for number, name in enumerate(names):
        canvas.text((MARGIN, first + number * 1.15 * height), name, bold=strong)
    colour = "arm-1" if axis.kind == "covariate" else "ink"
    if len(places) > 1:
        width = LINE.axis if axis.kind != "covariate" else LINE.curve
        end = x1 if axis.kind == "total" else max(places)
        canvas.line([((min(places), line), (end, line))], colour, width)
    for mark, x, text, (side, level) in zip(axis.marks, places, texts, lanes, strict=True):
        reach = _TICK if side else _SUBTICK
        canvas.line([((x, line), (x, line + (side or 1) * reach))], colour, LINE.axis)
        if not side:
            continue
        ink = "ink2" if axis.kind in ("points", "total") else "ink"
        if side > 0:
            base = line + _TICK + 0.5 + ASCENT * height + level * _LANE
        else:
            base = line - _TICK - 0.5 - DESCENT * height - level * _LANE
        at = (_held(x, text, canvas.width), base)
        _draw_label(canvas, at, text, ink, row=mark.row, anchor="middle")
    foot = line + (_TICK + 0.5 + below * _LANE if below else 1.2)
    return max(foot, first + (len(names) - 1) * 1.15 * height) + _BETWEEN, line


def _draw_label(
    canvas: Canvas,
    at: tuple[float, float],
    text: str,
    colour: str,
    *,
    row: str = "",
    anchor: Anchor = "start",
    bold: bool = False,
) -> None:
    """Write a label on a ground of its own, so that no guide runs through it."""
    written = Canvas(canvas.width)
    box = written.text(at, text, colour=colour, anchor=anchor, row=row, bold=bold).box
    canvas.rectangle(Box(box.x0 - 0.5, box.y0 - 0.1, box.x1 + 0.5, box.y1 + 0.1), "bg")
    canvas.marks += written.marks


def _held(x: float, text: str, width: float) -> float:
    """Move a label that would leave the page."""
    half = text_width(text, TYPE.text) / 2
    return min(max(x, MARGIN + half), width - MARGIN - half)


def place_labels(
    places: Sequence[float],
    texts: Sequence[str],
    right: float,
    *,
    left: float = 0.0,
    all_named: bool = True,
) -> list[tuple[int, int]]:
    """Return a lane for each label, so that none touches another.

    Parameters
    ----------
    places : sequence of float
        Middles in mm.
    texts : sequence of str
        Labels.
    right, left : float
        Edges that labels keep inside of.
    all_named : bool
        Whether labels that touch move to lanes of their own; without it they are left out, the
        first and the last of them kept.

    Returns
    -------
    list of (int, int)
        1 for below and -1 for above, and how far out; (0, 0) where no lane is free, so that the
        tick stands without a name.

    Examples
    --------
    >>> place_labels([10.0, 11.0, 40.0], ["Stage I", "Stage II", "Stage III"], 80.0)
    [(1, 0), (-1, 0), (1, 0)]
    """
    taken = {lane: Obstacles([]) for lane in _LANES}
    found = [(0, 0)] * len(texts)
    inner = range(1, len(texts) - 1)
    order = range(len(texts)) if all_named else dict.fromkeys((0, len(texts) - 1, *inner))
    for number in order:
        x, text = places[number], texts[number]
        half = text_width(text, TYPE.text) / 2
        middle = min(max(x, left + half), right - half)
        box = Box(middle - half - _GAP / 2, 0.0, middle + half + _GAP / 2, 1.0)
        ends = number in (0, len(texts) - 1)
        lanes = _LANES if all_named else _LANES[: 2 if ends else 1]
        lane = next((one for one in lanes if taken[one].free(box)), None)
        if lane is not None:
            taken[lane].add(box)
            found[number] = lane
    return found


def _alternative(rows: list[ResultRow], spec: NomogramSpec) -> str:
    parts = []
    for name, label in spec.covariates:
        own = [
            f"{row.variable_level} {row.value:.0f}"
            for row in rows
            if row.statistic == "points" and row.variable == name and row.value is not None
        ]
        if own:
            parts.append(f"{label}: {', '.join(own)}")
    times = ", ".join(text for text, _ in spec.times)
    return (
        f"Nomogram of {spec.outcome} at {times}. Points of {'; '.join(parts)}. The total is read "
        "against survival."
    )
