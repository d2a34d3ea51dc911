"""Numbers at risk under the ticks of the time axis."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.figures.axis import Frame, named_every
from hepatica.present.figures.canvas import Canvas
from hepatica.present.figures.curves import Curve
from hepatica.present.figures.panel import draw_key, key_width
from hepatica.present.figures.text import shorten, text_width, wrap
from hepatica.present.format import format_row
from hepatica.present.theme import MM_PER_PT, TYPE
from hepatica.results import ResultRow

_GAP = 0.9
_NAME_WIDTH = 40.0
_LEADING = 1.15


@dataclass(frozen=True, slots=True)
class RiskTable:
    """Numbers at risk, measured.

    Attributes
    ----------
    curves : tuple of Curve
        One row each.
    days : tuple of float
        Ticks of the axis.
    wide : bool
        With cumulative events and names at the left; otherwise names on their own line.
    names_width, count_width, events_width : float
        Widest name with its key, number at risk, and bracket, in mm.
    """

    curves: tuple[Curve, ...]
    days: tuple[float, ...]
    wide: bool
    names_width: float
    count_width: float
    events_width: float

    @property
    def right_of_tick(self) -> float:
        """How far the widest cell reaches right of its tick, in mm."""
        return self.count_width / 2 + (_GAP + self.events_width if self.events_width else 0.0)

    @property
    def cell_width(self) -> float:
        """Width of the widest cell in mm."""
        return self.count_width / 2 + self.right_of_tick


def risk_table(curves: tuple[Curve, ...], days: tuple[float, ...], *, wide: bool) -> RiskTable:
    """Measure the numbers at risk of all curves."""
    rows = [pair for curve in curves for pair in curve.risk.values()]
    counts = [text_width(format_row(count), TYPE.text) for count, _ in rows]
    events = [text_width(_bracket(event), TYPE.note) for _, event in rows if event is not None]
    names = [line for curve in curves for line in _name(curve)]
    widest = max(text_width(name, TYPE.text, bold=True) for name in names)
    return RiskTable(
        curves=curves,
        days=days,
        wide=wide,
        names_width=key_width(len(curves)) + widest,
        count_width=max(counts, default=0.0),
        events_width=max(events, default=0.0) if wide else 0.0,
    )


def draw_risk_table(canvas: Canvas, table: RiskTable, frame: Frame, base: float) -> float:
    """Draw head and rows from a baseline down; return the middle of the free line below."""
    if not any(curve.risk for curve in table.curves):
        return base - 4.0
    head = "No. at risk" + (" (cumulative events)" if table.events_width else "")
    canvas.text((2.0, base), head, size=TYPE.head, colour="ink2", bold=True)
    every = named_every(table.days, _needed(table), frame.x1 - frame.x0)
    middle = base + (3.9 if table.wide else 3.8)
    groups = len(table.curves)
    for curve in table.curves:
        slot = curve.group.slot
        lines = _name(curve) if table.wide else (_short_name(curve, canvas.width, groups),)
        draw_key(canvas, (2.0, middle), slot, groups)
        for number, line in enumerate(lines):
            at = (2.0 + key_width(groups), middle + 0.9 + number * _line_height())
            canvas.text(at, line, colour=f"arm-{slot}-text", bold=True)
        if not table.wide:
            middle += 3.9
        draw_numbers(canvas, table, curve, frame, (middle + 0.9, every))
        middle += 4.3 if not table.wide else 4.8 + (len(lines) - 1) * _line_height()
    return middle - (4.8 if table.wide else 4.3) + 3.4 - (0.0 if table.wide else 0.4)


def _needed(table: RiskTable) -> float:
    return table.cell_width + 1.8


def _line_height() -> float:
    return TYPE.text * MM_PER_PT * _LEADING


def draw_numbers(
    canvas: Canvas, table: RiskTable, curve: Curve, frame: Frame, at: tuple[float, int]
) -> None:
    """Draw the numbers of a curve under every n-th tick: base line in mm, and n."""
    base, every = at
    for day in table.days[::every]:
        count, events = curve.risk.get(day, (None, None))
        x = frame.x(day)
        if count is None:
            canvas.text((x, base), "–", anchor="middle")
            continue
        canvas.text((x, base), format_row(count), anchor="middle", row=count.id)
        if events is not None and table.events_width:
            left = x + table.count_width / 2 + _GAP
            shown = _bracket(events)
            place = (left, base)
            canvas.text(place, shown, size=TYPE.note, colour="ink2", row=events.id)


def _bracket(row: ResultRow) -> str:
    return f"({format_row(row)})"


def _name(curve: Curve) -> tuple[str, ...]:
    return wrap(curve.group.shown, TYPE.text, _NAME_WIDTH, True, 2)


def _short_name(curve: Curve, width: float, groups: int) -> str:
    return shorten(curve.group.shown, TYPE.text, width - 4.0 - key_width(groups), bold=True)
