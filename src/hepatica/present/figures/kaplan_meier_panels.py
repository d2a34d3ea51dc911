"""Kaplan-Meier panels: a plot for each group on the same axes, numbers at risk below each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.axis import Frame, month_label, named_every, tick_days
from hepatica.present.figures.canvas import Anchor, Canvas, Drawing
from hepatica.present.figures.curves import Curve, SurvivalFigureData, read_survival
from hepatica.present.figures.furniture import (
    LEADING,
    MARGIN,
    TITLE,
    WIDE,
    draw_footnotes,
    draw_status,
)
from hepatica.present.figures.kaplan_meier import (
    KaplanMeierSpec,
    check_groups,
    finished,
    footnotes,
)
from hepatica.present.figures.panel import PanelLine, short_panel, with_limits
from hepatica.present.figures.plot import (
    OFFSET,
    axis_gutter,
    draw_axes,
    draw_curves,
    draw_medians,
    line_obstacles,
    place_medians,
)
from hepatica.present.figures.risk import RiskTable, draw_numbers, risk_table
from hepatica.present.figures.text import text_width, wrap
from hepatica.present.format import format_level, format_row
from hepatica.present.theme import MM_PER_PT, TYPE
from hepatica.results import Results

#: Most panels of a single column, which stand one below another.
MOST_STACKED = 4

_ONE, _WIDE, _NARROW = 58.0, 46.0, 37.0
#: Lowest plot in mm below which the words under every panel but the last are left out.
_LOW = 28.0
_PAGE = 217.0
_NAME = TYPE.name * MM_PER_PT * LEADING
_LINE = 4.1
_BETWEEN = 5.0
_START: Anchor = "start"
_END: Anchor = "end"
_FOOT, _SHORT_FOOT = 20.6, 10.2


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands above a panel: its name in lines, and its numbers in runs of text and row."""

    name: tuple[str, ...]
    lines: tuple[tuple[tuple[str, str], ...], ...]

    @property
    def height(self) -> float:
        return 3.2 + _NAME * (len(self.name) - 1) + _LINE * len(self.lines) + 3.0


@dataclass(frozen=True, slots=True)
class _Page:
    """Where panels stand: left edges and width in mm, ticks, and the heads of all."""

    lefts: tuple[float, ...]
    width: float
    days: tuple[float, ...]
    every: int
    risk: RiskTable
    heads: tuple[_Head, ...]

    @property
    def rows(self) -> int:
        return math.ceil(len(self.heads) / len(self.lefts))

    def head(self, row: int) -> float:
        """Return the height of the heads of a row of panels."""
        across = len(self.lefts)
        return max(one.height for one in self.heads[row * across : (row + 1) * across])


def figure_kaplan_meier_panels(
    results: Results, spec: KaplanMeierSpec, *, width_mm: Literal[85, 180] = 180
) -> Drawing:
    """Draw each group of an analysis in a panel of its own, all on the same axes.

    Parameters
    ----------
    results : Results
        Rows of the analysis, as ``docs/results.md`` lists them.
    spec : KaplanMeierSpec
        Groups and wording.
    width_mm : {180, 85}
        Two panels beside each other, or up to 4 one below another.

    Returns
    -------
    Drawing
        The same bytes for the same rows and specification.

    Raises
    ------
    AnalysisError
        If the analysis failed, has no curve, or has more groups than the page has room for.
    """
    check_groups(spec)
    if width_mm < WIDE and len(spec.groups) > MOST_STACKED:
        raise AnalysisError(f"A single column holds 1 to {MOST_STACKED} panels.")
    data = read_survival(results, spec.analysis, spec.groups, compare=spec.hazard_ratio)
    canvas = Canvas(float(width_mm))
    draw_status(canvas, spec.status or "")
    page = _page(data, canvas.width)
    top = _draw_title(canvas, data, spec.y_title)
    height, full = _height(canvas, page, top)
    across = len(page.lefts)
    end = top
    for row in range(page.rows):
        last = row == page.rows - 1
        ends = []
        for column, curve in enumerate(data.curves[row * across : (row + 1) * across]):
            head = page.heads[row * across + column]
            _draw_head(canvas, (page.lefts[column], end), head, curve, row * across + column)
            above = end + page.head(row)
            x0 = page.lefts[column]
            frame = Frame(x0, x0 + page.width, above, above + height, page.days[-1])
            _draw_plot(canvas, page, curve, frame, percents=not column)
            words = spec.x_title if full or last else ""
            ends.append(_draw_foot(canvas, page, curve, frame, words, named=full))
        end = max(ends) + (0.0 if last else _BETWEEN)
    notes = footnotes(data, spec, medians=False)
    below = "Below each panel: number at risk"
    below += " (cumulative events)." if page.risk.events_width else "."
    draw_footnotes(canvas, notes if full else (below, *notes), end)
    return finished(canvas, data, spec, "Kaplan–Meier panels, one for each group,")


def _page(data: SurvivalFigureData, width: float) -> _Page:
    days = data.risk_days
    ruled = tick_days(data.last_day)
    days = days + tuple(day for day in ruled if not days or day > days[-1])
    if len(days) < 2:
        days = ruled
    risk = risk_table(data.curves, days, wide=True)
    across = 2 if width > WIDE and len(data.curves) > 1 else 1
    ticks = max(text_width(month_label(day), TYPE.text) for day in days)
    beyond = max(ticks / 2, risk.right_of_tick, 3.0)
    first = MARGIN + max(axis_gutter(), risk.count_width / 2)
    gap = beyond + OFFSET + 5.0 + risk.count_width / 2
    room = (width - MARGIN - beyond - first - gap * (across - 1)) / across
    lefts = tuple(first + column * (room + gap) for column in range(across))
    every = named_every(days, max(ticks + 2.0, risk.cell_width + 1.8), room)
    heads = tuple(_head(curve, room) for curve in data.curves)
    return _Page(lefts, room, days, every, risk, heads)


def _head(curve: Curve, room: float) -> _Head:
    """Return the name of a group, its median with limits, and its events, in lines that fit."""
    indent = _letter_width()
    median = curve.median
    pieces: list[tuple[str, str]] = []
    if median is not None:
        low = curve.median_lower
        shown = with_limits(median, low, curve.median_upper)
        interval = "95% CI" if low is None else format_level(low)
        numbers, bracket, limits = shown.partition(" (")
        unit = " months" if median.status == "ok" else ""
        pieces.append(
            (f"Median {numbers}{unit}" + (f" ({interval} {limits}" if bracket else ""), median.id)
        )
    if curve.events is not None and curve.followed is not None:
        both = f"events {format_row(curve.events)}/{format_row(curve.followed)}"
        pieces.append((both, curve.events.id))
    lines: list[list[tuple[str, str]]] = []
    for piece in pieces:
        before = f"{lines[-1][-1][0]};" if lines else ""
        if before and text_width(f"{before} {piece[0]}", TYPE.text) + 0.5 <= room:
            lines[-1] = [(before, lines[-1][-1][1]), piece]
        else:
            shown = piece[0] if not lines else piece[0][:1].upper() + piece[0][1:]
            lines.append([(shown, piece[1])])
    name = wrap(curve.group.shown, TYPE.name, room - indent, True, 2)
    return _Head(name, tuple(tuple(line) for line in lines))


def _letter_width() -> float:
    return text_width("m", TYPE.name, True) + 1.6


def _draw_title(canvas: Canvas, data: SurvivalFigureData, title: str) -> float:
    """Write what is counted and the planned comparison; return where panels begin."""
    lines = short_panel(data).lines
    room = canvas.width - 2 * MARGIN
    words = [(_spelled(line, room), line) for line in lines]
    beside = canvas.width > WIDE
    widest = max((text_width(text, line.size, line.strong) for text, line in words), default=0.0)
    base = TITLE
    title_room = room - widest - 6.0 if beside and words else room
    for number, shown in enumerate(wrap(title, TYPE.title, title_room, True, 3)):
        base = TITLE + number * TYPE.title * MM_PER_PT * LEADING
        canvas.text((MARGIN, base), shown, size=TYPE.title, bold=True)
    below = TITLE if beside else base + 4.2
    x, anchor = (canvas.width - MARGIN, _END) if beside else (MARGIN, _START)
    for text, line in words:
        colour = "ink" if line.strong else "ink2"
        look = {"size": line.size, "colour": colour, "bold": line.strong, "row": line.row}
        canvas.text((x, below), text, anchor=anchor, **look)  # type: ignore[arg-type]
        base = max(base, below)
        below += 4.2
    return base + 3.4


def _spelled(line: PanelLine, room: float) -> str:
    """Return a line of the comparison with the hazard ratio spelled out, where there is room."""
    spelled = line.text.replace("HR ", "Hazard ratio ", 1) if line.strong else line.text
    return spelled if text_width(spelled, line.size, line.strong) <= room else line.text


def _height(canvas: Canvas, page: _Page, top: float) -> tuple[float, bool]:
    """Return the height of plots in mm, and whether all have words below them."""
    wished = _NARROW if canvas.width < WIDE else _WIDE if len(page.lefts) > 1 else _ONE
    rows = page.rows
    heads = sum(page.head(row) for row in range(rows)) + _BETWEEN * (rows - 1)
    room = (_PAGE - top - heads - _FOOT * rows) / rows
    if room >= min(wished, _LOW):
        return min(wished, room), True
    room = (_PAGE - top - heads - _SHORT_FOOT * (rows - 1) - _FOOT) / rows
    return min(wished, room), False


def _draw_head(
    canvas: Canvas, at: tuple[float, float], head: _Head, curve: Curve, place: int
) -> None:
    left, base = at[0] - OFFSET, at[1] + 3.2
    canvas.text((left, base), chr(ord("a") + place), size=TYPE.name, bold=True)
    for number, line in enumerate(head.name):
        base = at[1] + 3.2 + number * _NAME
        where = (left + _letter_width(), base)
        colour = f"arm-{curve.group.slot}-text"
        canvas.text(where, line, size=TYPE.name, colour=colour, bold=True)
    for run in head.lines:
        base += _LINE
        x = left
        for text, row in run:
            canvas.text((x, base), text, row=row)
            x += text_width(f"{text} ", TYPE.text) + 0.3


def _draw_plot(canvas: Canvas, page: _Page, curve: Curve, frame: Frame, *, percents: bool) -> None:
    own = (curve,)
    panel = f"-{curve.group.slot}"
    medians = place_medians(own, frame, line_obstacles(own, frame))
    draw_curves(canvas, own, frame, panel=panel)
    draw_medians(canvas, medians)
    draw_axes(canvas, frame, page.days, page.every, percents=percents, panel=panel)


def _draw_foot(
    canvas: Canvas, page: _Page, curve: Curve, frame: Frame, x_title: str, *, named: bool
) -> float:
    """Draw the title of the time axis and the numbers at risk; return where they end."""
    base = frame.bottom + 4.9
    if x_title:
        base = frame.bottom + 9.8
        middle = (frame.x0 + frame.x1) / 2
        for line in wrap(x_title, TYPE.title, page.width, True, 1):
            canvas.text((middle, base), line, size=TYPE.title, bold=True, anchor="middle")
    if not curve.risk:
        return base
    if named:
        base += 5.4
        head = "No. at risk" + (" (cumulative events)" if page.risk.events_width else "")
        canvas.text((frame.x0 - OFFSET, base), head, size=TYPE.head, colour="ink2", bold=True)
    base += 4.1 if named or not x_title else 4.8
    draw_numbers(canvas, page.risk, curve, frame, (base, page.every))
    return base + 1.0
