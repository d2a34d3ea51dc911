"""The page of a Kaplan-Meier figure: what stands where, decided by measuring."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hepatica.errors import AnalysisError
from hepatica.present.figures.axis import Frame, month_label, named_every, tick_days
from hepatica.present.figures.boxes import Box, Obstacles
from hepatica.present.figures.canvas import Canvas
from hepatica.present.figures.curves import Curve, SurvivalFigureData
from hepatica.present.figures.furniture import draw_status
from hepatica.present.figures.panel import (
    Panel,
    draw_key,
    draw_panel,
    key_width,
    short_panel,
    table_panel,
)
from hepatica.present.figures.placing import place_names
from hepatica.present.figures.plot import (
    MedianLabel,
    axis_gutter,
    band_steps,
    draw_axes,
    draw_curves,
    draw_medians,
    line_obstacles,
    place_medians,
    trace,
)
from hepatica.present.figures.risk import RiskTable, draw_risk_table, risk_table
from hepatica.present.figures.text import ASCENT, DESCENT, shorten, text_width, wrap
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

MARGIN = 2.0
_TITLE = 8.2
_PANEL_TOP = 6.8
_KEYS = 6.0
_KEY_PITCH = 4.6
_NOTE_PITCH = 3.5
_NAME_WIDTH = 40.0
_LEADING = 1.15

#: Height of the plot, and the step in which it gives way to the table, in mm.
_PLOT_WIDE = 58.0
_PLOT_NARROW = 37.0
_SHIFT = 2.0

Key = tuple[float, float, Curve, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of the figure that are not numbers."""

    y_title: str
    x_title: str
    status: str
    footnotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """What does not depend on where the table stands: the horizontal measures."""

    data: SurvivalFigureData
    wide: bool
    width: float
    x0: float
    x1: float
    days: tuple[float, ...]
    every: int
    risk: RiskTable
    panel: Panel


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the plot: its title, keys unless names stand at the curves, and its top."""

    named: bool
    title: tuple[str, ...]
    keys: tuple[Key, ...]
    top: float


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement: frame, table, medians, and names at the curves or in a row of keys."""

    frame: Frame
    title: tuple[float, tuple[str, ...]]
    panel: Box | None
    medians: list[tuple[Curve, MedianLabel]]
    names: tuple[tuple[int, Box, tuple[str, ...]], ...]
    keys: tuple[Key, ...]


def draw_figure(canvas: Canvas, data: SurvivalFigureData, wording: Wording) -> None:
    """Arrange and draw the whole figure, and set the height of the canvas."""
    grid = _grid(data, canvas.width)
    layout = _arrange(grid, wording)
    frame = layout.frame
    draw_status(canvas, wording.status)
    for number, line in enumerate(layout.title[1]):
        at = (MARGIN, layout.title[0] + number * TYPE.title * MM_PER_PT * _LEADING)
        canvas.text(at, line, size=TYPE.title, bold=True)
    draw_curves(canvas, data.curves, frame)
    draw_medians(canvas, layout.medians)
    draw_axes(canvas, frame, grid.days, grid.every)
    slots = tuple(curve.group.slot for curve in data.curves)
    for x, middle, curve, name in layout.keys:
        draw_key(canvas, (x, middle), curve.group.slot, len(slots))
        at = (x + key_width(len(slots)), middle + 0.9)
        canvas.text(at, name, colour=f"arm-{curve.group.slot}-text", bold=True)
    for slot, box, lines in layout.names:
        _draw_name(canvas, box, lines, slot)
    if layout.panel is not None:
        draw_panel(canvas, grid.panel, layout.panel, slots)
    middle = (frame.x0 + frame.x1) / 2
    base = frame.bottom + 10.4
    for line in wrap(wording.x_title, TYPE.title, 2 * (canvas.width - 2 - middle), True, 1):
        canvas.text((middle, base), line, size=TYPE.title, bold=True, anchor="middle")
    y = draw_risk_table(canvas, grid.risk, frame, base + 6.0)
    _draw_footnotes(canvas, " ".join(wording.footnotes), y)


def _grid(data: SurvivalFigureData, width: float) -> Grid:
    wide = width > 120
    days = _axis_days(data)
    risk = risk_table(data.curves, days, wide=wide)
    left = MARGIN + axis_gutter()
    x0 = max(27.0, risk.names_width + MARGIN + 3.2 + risk.count_width / 2, left) if wide else 12.0
    x0 = max(x0, left, MARGIN + risk.count_width / 2)
    ticks = max(text_width(month_label(day), TYPE.text) for day in days)
    beyond = max(ticks / 2, risk.right_of_tick, 0.0)
    x1 = width - MARGIN - max(beyond, 3.0)
    every = named_every(days, max(ticks + 2.0, risk.cell_width + 1.8), x1 - x0)
    panel = table_panel(data) if wide else short_panel(data)
    return Grid(data, wide, width, x0, x1, days, every, risk, panel)


def _axis_days(data: SurvivalFigureData) -> tuple[float, ...]:
    days = data.risk_days
    ruled = tick_days(data.last_day)
    if len(days) < 2:
        return ruled
    # Rows that end before the last follow-up would cut the curve off.
    return days + tuple(day for day in ruled if day > days[-1] >= 0 and days[-1] < data.last_day)


def _arrange(grid: Grid, wording: Wording) -> Layout:
    """Try arrangements from the best to the one that always fits.

    Names stand at the curves, and the table in the free corner of the plot; where there is no
    such corner the plot moves down until the table is clear of it. Keys above the plot come last.
    """
    for named in (True, False) if grid.wide else (False,):
        header = _header(grid, wording, named)
        full = _full_shift(grid, header)
        for down in (_least_shift(grid, header, full), full):
            layout = _attempt(grid, header, down)
            if layout is not None:
                return layout
    raise AnalysisError("The figure has no room for its names and its table.")


def _header(grid: Grid, wording: Wording, named: bool) -> Header:
    beside = grid.wide and not grid.panel.empty
    room = grid.x1 - grid.panel.width - 3.0 if beside else grid.width - MARGIN
    title = wrap(wording.y_title, TYPE.title, room - MARGIN, True, 3)
    top = _TITLE + 4.8 + (len(title) - 1) * TYPE.title * MM_PER_PT * _LEADING
    keys = () if named else tuple(_keys(grid, top - 0.9, room))
    if keys:
        top = max(y for _, y, _, _ in keys) + 0.9 + _KEYS
    return Header(named, title, keys, top)


def _full_shift(grid: Grid, header: Header) -> float:
    """How far the plot moves down so that the table stands above it, in mm."""
    if grid.panel.empty:
        return 0.0
    if not grid.wide:
        return grid.panel.height + 0.5
    return max(0.0, _PANEL_TOP + grid.panel.height + 3.5 - header.top)


def _least_shift(grid: Grid, header: Header, full: float) -> float:
    """How far the plot moves down at least for the table to be clear of it, in mm."""
    for step in range(math.ceil(full / _SHIFT)):
        frame = _frame(grid, header, step * _SHIFT)
        obstacles = line_obstacles(grid.data.curves, frame)
        place_medians(grid.data.curves, frame, obstacles)
        if _panel_box(grid, header, frame, obstacles) is not None:
            return step * _SHIFT
    return full


def _frame(grid: Grid, header: Header, down: float) -> Frame:
    top = header.top + down
    height = _PLOT_WIDE if grid.wide else _PLOT_NARROW
    return Frame(grid.x0, grid.x1, top, top + height, grid.days[-1])


def _attempt(grid: Grid, header: Header, down: float) -> Layout | None:
    frame = _frame(grid, header, down)
    obstacles = line_obstacles(grid.data.curves, frame)
    medians = place_medians(grid.data.curves, frame, obstacles)
    box = None
    if not grid.panel.empty:
        box = _panel_box(grid, header, frame, obstacles) or _top_right(grid, header)
        obstacles.add(box.grown(1.0))
    names = _names(grid, frame, obstacles) if header.named else ()
    if names is None:
        return None
    shift = down if grid.wide else 0.0
    keys = tuple((x, y + shift, curve, name) for x, y, curve, name in header.keys)
    return Layout(frame, (_TITLE + shift, header.title), box, medians, names, keys)


def _top_right(grid: Grid, header: Header) -> Box:
    top = _PANEL_TOP if grid.wide else header.top - 1.6
    return Box(grid.x1 - grid.panel.width, top, grid.x1, top + grid.panel.height)


def _panel_box(grid: Grid, header: Header, frame: Frame, obstacles: Obstacles) -> Box | None:
    """Return a place for the table clear of lines and bands: top right, else lower left."""
    bands = Obstacles(
        box for curve in grid.data.curves for run in band_steps(curve, frame) for box in run
    )
    foot = frame.bottom - 1.5
    left = frame.x0 + 3.0
    low = Box(left, foot - grid.panel.height, left + grid.panel.width, foot)
    places = [_top_right(grid, header)] + ([low] if frame.top == header.top else [])
    for box in places:
        if obstacles.free(box.grown(1.2)) and bands.free(box.grown(0.6)):
            return box
    return None


def _keys(grid: Grid, first: float, room: float) -> list[Key]:
    """Return keys in reading order with the place of each, row after row."""
    key = key_width(len(grid.data.curves))
    placed = []
    x, middle = MARGIN, first
    for curve in grid.data.curves:
        name = shorten(curve.group.shown, TYPE.text, room - MARGIN - key, bold=True)
        width = key + text_width(name, TYPE.text, bold=True)
        if x > MARGIN and x + width > room:
            x, middle = MARGIN, middle + _KEY_PITCH
        placed.append((x, middle, curve, name))
        x += width + 5.0
    return placed


def _names(
    grid: Grid, frame: Frame, obstacles: Obstacles
) -> tuple[tuple[int, Box, tuple[str, ...]], ...] | None:
    curves = [curve for curve in grid.data.curves if len(curve.days)]
    lines = [wrap(curve.group.shown, TYPE.name, _NAME_WIDTH, True, 2) for curve in curves]
    sizes = [
        (max(text_width(line, TYPE.name, True) for line in block), _name_height(len(block)))
        for block in lines
    ]
    room = Box(frame.x0 + 0.5, frame.top - 4.0, grid.width - MARGIN, frame.bottom - 0.3)
    boxes = place_names([trace(curve, frame) for curve in curves], sizes, obstacles, room)
    if boxes is None:
        return None
    slots = (curve.group.slot for curve in curves)
    return tuple(zip(slots, boxes, lines, strict=True))


def _name_height(lines: int) -> float:
    size = TYPE.name * MM_PER_PT
    return size * (ASCENT + DESCENT) + (lines - 1) * size * _LEADING


def _draw_name(canvas: Canvas, box: Box, lines: tuple[str, ...], slot: int) -> None:
    size = TYPE.name * MM_PER_PT
    for number, line in enumerate(lines):
        at = (box.x0, box.y0 + ASCENT * size + number * size * _LEADING)
        canvas.text(at, line, size=TYPE.name, colour=f"arm-{slot}-text", bold=True)


def _draw_footnotes(canvas: Canvas, text: str, y: float) -> None:
    """Write the footnotes below a hair rule and end the canvas under them."""
    if not text:
        canvas.height = y + 2.0
        return
    rule = y + 2.6
    canvas.line([((MARGIN, rule), (canvas.width - MARGIN, rule))], "hair", LINE.hair)
    base = rule + 3.5
    for line in wrap(text, TYPE.note, canvas.width - 2 * MARGIN):
        canvas.text((MARGIN, base), line, size=TYPE.note, colour="ink2")
        base += _NOTE_PITCH
    canvas.height = base - _NOTE_PITCH + MARGIN
