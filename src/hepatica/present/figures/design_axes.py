"""The plot of a design's figure: two measured scales, their axes, and a key above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.present.figures.canvas import Canvas, Point
from hepatica.present.figures.furniture import LEADING, MARGIN
from hepatica.present.figures.panel import draw_key, key_width
from hepatica.present.figures.scale import Scale, tick_texts
from hepatica.present.figures.text import shorten, text_width
from hepatica.present.format import MINUS
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

_OFFSET = 2.5 * MM_PER_PT
_TICK = 3.0 * MM_PER_PT
_KEY_PITCH = 4.3
_KEY_GAP = 5.0


@dataclass(frozen=True, slots=True)
class DesignPlot:
    """The plot in mm and its two scales."""

    x0: float
    x1: float
    top: float
    bottom: float
    across: Scale
    up: Scale

    def at(self, x: float, y: float) -> Point:
        """Return the place of a pair of values."""
        return self.x(x), self.y(y)

    def x(self, value: float) -> float:
        """Return the place of a value across."""
        return self.x0 + (self.x1 - self.x0) * self.across.share(value)

    def y(self, value: float) -> float:
        """Return the height of a value."""
        return self.bottom - (self.bottom - self.top) * self.up.share(value)


def gutter(up: Scale) -> float:
    """Return the width in mm that the upright axis and its names take."""
    return max(text_width(name, TYPE.text) for name in _names(up.ticks)) + 0.8 + _TICK + _OFFSET


def draw_design_key(canvas: Canvas, names: Sequence[str], base: float, groups: int) -> float:
    """Write names behind their marks, in lines that fit; return the last base line."""
    x = MARGIN
    mark = key_width(groups)
    for slot, name in enumerate(names, start=1):
        shown = shorten(name, TYPE.text, canvas.width - 2 * MARGIN - mark, bold=True)
        width = mark + text_width(shown, TYPE.text, bold=True)
        if x > MARGIN and x + width > canvas.width - MARGIN:
            x, base = MARGIN, base + _KEY_PITCH
        draw_key(canvas, (x, base - 0.9), slot, groups)
        canvas.text((x + mark, base), shown, colour=f"arm-{slot}-text", bold=True)
        x += width + _KEY_GAP
    return base


def draw_design_axes(canvas: Canvas, plot: DesignPlot, title: str) -> float:
    """Draw both axes with the names of their ticks; return the base line of the title below."""
    left, foot = plot.x0 - _OFFSET, plot.bottom + _OFFSET
    up, across = plot.up.ticks, plot.across.ticks
    strokes: list[tuple[Point, ...]] = [
        ((left, plot.y(up[0])), (left, plot.y(up[-1]))),
        ((plot.x(across[0]), foot), (plot.x(across[-1]), foot)),
        *(((left - _TICK, plot.y(tick)), (left, plot.y(tick))) for tick in up),
        *(((plot.x(tick), foot), (plot.x(tick), foot + _TICK)) for tick in across),
    ]
    canvas.line(strokes, "rule", LINE.axis, id="axes")
    for tick, text in zip(up, _names(up), strict=True):
        at = (left - _TICK - 0.8, plot.y(tick) + 0.9)
        canvas.text(at, text, colour="ink2", anchor="end")
    base = foot + _TICK + 2.9
    taken = -1.0
    for tick, text in zip(across, _names(across), strict=True):
        half = text_width(text, TYPE.text) / 2
        if plot.x(tick) - half > taken:
            canvas.text((plot.x(tick), base), text, colour="ink2", anchor="middle")
            taken = plot.x(tick) + half + 1.2
    base += TYPE.title * MM_PER_PT * LEADING + 1.0
    middle = (plot.x0 + plot.x1) / 2
    canvas.text((middle, base), title, size=TYPE.title, bold=True, anchor="middle")
    return base


def _names(ticks: Sequence[float]) -> tuple[str, ...]:
    return tuple(text.replace("-", MINUS) for text in tick_texts(ticks))
