"""The axis of a forest plot: what it holds, its ticks, and what lies beyond it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.scale import linear_scale, tick_texts
from hepatica.present.figures.text import text_width
from hepatica.protocol.base import DAYS_PER_MONTH

#: Ratios that can be named on an axis, from fine to coarse.
_RATIOS = (
    (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0),
    (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0),
    (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
    (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0),
    (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0),
    (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0),
    (1e-6, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e6),
    (1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6, 1e9),
)
#: A limit further out than this many times the outermost estimate ends in an arrow.
_REACH = 3.0
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class ForestAxis:
    """From a value to a place in mm.

    Attributes
    ----------
    left, right : float
        Ends in mm.
    low, high : float
        Values at the ends.
    ticks : tuple of float
        Values that are named.
    names : tuple of str
        Their names.
    null : float or None
        Value of "no effect"; ``None`` for outcomes of one group.
    logarithmic : bool
        Whether equal distances are equal ratios.
    """

    left: float
    right: float
    low: float
    high: float
    ticks: tuple[float, ...]
    names: tuple[str, ...]
    null: float | None = None
    logarithmic: bool = False

    def x(self, value: float) -> float:
        """Return the place of a value."""
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def drawable(self, value: float) -> bool:
        """Return whether a value has a place at all: a logarithm needs one above 0."""
        return math.isfinite(value) and (value > 0.0 or not self.logarithmic)

    def inside(self, value: float) -> bool:
        """Return whether a value lies on the axis."""
        return self.low * (1.0 - 1e-9) <= value <= self.high * (1.0 + 1e-9)

    def clipped(self, value: float) -> float:
        """Return the place of a value, or the end of the axis that it lies beyond."""
        if value <= self.low:
            return self.left
        return self.right if value >= self.high else self.x(value)


def axis_of(lines: Sequence[ForestLine], scale: str, left: float, right: float) -> ForestAxis:
    """Return the axis that holds the lines.

    Limits of subtotals do not widen it: two studies can have limits that no axis holds.

    Parameters
    ----------
    lines : sequence of ForestLine
        What is drawn.
    scale : {"ratio", "share", "months", "difference", "positive"}
        Kind of axis.
    left, right : float
        Ends in mm.
    """
    estimates = [line.estimate for line in lines if line.estimate is not None]
    ends = [
        end
        for line in lines
        if line.kind != "subtotal"
        for end in (line.lower, line.upper)
        if end is not None and math.isfinite(end)
    ]
    if scale == "ratio":
        return _ratios(estimates, ends or estimates, left, right)
    if scale in ("months", "positive"):
        unit = DAYS_PER_MONTH if scale == "months" else 1.0
        top = max(estimates) * _REACH
        found = linear_scale(0.0, min(max(ends, default=top), top) / unit)
        ticks = tuple(one * unit for one in found.ticks)
        return ForestAxis(left, right, 0.0, ticks[-1], ticks, tick_texts(found.ticks))
    if scale == "share":
        top = min(1.0, max(ends, default=1.0))
        percent = linear_scale(0.0, 100.0 if top > 0.5 else 100.0 * top)
        ticks = tuple(one / 100.0 for one in percent.ticks)
        return ForestAxis(left, right, 0.0, ticks[-1], ticks, tick_texts(percent.ticks))
    reach = max(abs(one) for one in estimates) * _REACH or 1.0
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    found = linear_scale(max(low, -reach), min(high, reach))
    return ForestAxis(
        left, right, found.low, found.high, found.ticks, tick_texts(found.ticks), null=0.0
    )


def _ratios(
    estimates: Sequence[float], ends: Sequence[float], left: float, right: float
) -> ForestAxis:
    """Return the shortest axis of round ratios that holds the estimates and most limits."""
    positive = [one for one in estimates if one > 0.0] or [1.0]
    low = max(min([one for one in ends if one > 0.0] + [1.0]), min(*positive, 1.0) / _REACH)
    high = min(max([*ends, 1.0]), max(*positive, 1.0) * _REACH)
    held = [ticks for candidates in _RATIOS if (ticks := _held(candidates, low, high))]
    ticks = min(held, key=lambda ticks: ticks[-1] / ticks[0], default=(low, 1.0, high))
    names = tuple(f"{one:g}" for one in ticks)
    return ForestAxis(left, right, ticks[0], ticks[-1], ticks, names, null=1.0, logarithmic=True)


def _held(candidates: Sequence[float], low: float, high: float) -> tuple[float, ...]:
    """Return the ticks from the last below ``low`` to the first above ``high``; none if many."""
    if low < candidates[0] * 0.98 or high > candidates[-1] * 1.02:
        return ()
    # There is a tick on either side of 1, so that both directions are seen.
    one = candidates.index(1.0)
    first = min(max(at for at, tick in enumerate(candidates) if tick <= low * 1.02), one - 1)
    last = max(min(at for at, tick in enumerate(candidates) if tick >= high * 0.98), one + 1)
    ticks = tuple(candidates[first : last + 1])
    return ticks if 2 <= len(ticks) <= _MOST_TICKS else ()


def named_ticks(axis: ForestAxis, size: float) -> list[tuple[float, str]]:
    """Return the ticks whose names stand beside each other without touching.

    "No effect" is named always; the others from it outwards, where there is room.

    Parameters
    ----------
    axis : ForestAxis
        The axis.
    size : float
        Size of the names in pt.
    """
    room = text_width("0", size)
    null = axis.ticks[0] if axis.null is None else axis.null
    order = sorted(
        range(len(axis.ticks)), key=lambda at: abs(axis.x(axis.ticks[at]) - axis.x(null))
    )
    taken: list[tuple[float, float, int]] = []
    for at in order:
        x, half = axis.x(axis.ticks[at]), (text_width(axis.names[at], size) + room) / 2
        if all(x + half <= low or x - half >= high for low, high, _ in taken):
            taken.append((x - half, x + half, at))
    return [(axis.ticks[at], axis.names[at]) for _, _, at in sorted(taken)]
