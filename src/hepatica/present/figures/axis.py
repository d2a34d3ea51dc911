"""The time axis: where ticks stand, which are named, and how days become millimetres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.present.figures.curves import DAYS_PER_MONTH


def tick_days(last_day: float) -> tuple[float, ...]:
    """Return the days of ticks: every 3 months up to 24, every 6 up to 60, every 12 beyond.

    The axis ends at the first tick past the last follow-up.

    Examples
    --------
    >>> [day / 30.4375 for day in tick_days(300)]
    [0.0, 3.0, 6.0, 9.0, 12.0]
    """
    months = max(last_day, 1.0) / DAYS_PER_MONTH
    step = 3 if months <= 24 else 6 if months <= 60 else 12
    return tuple(n * step * DAYS_PER_MONTH for n in range(math.ceil(months / step - 1e-9) + 1))


def month_label(day: float) -> str:
    """Return a day as months, whole where it is whole.

    Examples
    --------
    >>> month_label(365.25), month_label(45.65625)
    ('12', '1.5')
    """
    return f"{round(day / DAYS_PER_MONTH, 1):g}"


def named_every(days: Sequence[float], widest: float, length: float) -> int:
    """Return that every n-th tick can be named when ``widest`` mm must fit on ``length`` mm.

    Prefers an n that also names the last tick.

    Examples
    --------
    >>> named_every([0, 3, 6, 9, 12], 8.0, 30.0)
    2
    """
    if len(days) < 3 or days[-1] <= days[0]:
        return 1
    spacing = length / (len(days) - 1)
    least = max(1, math.ceil(widest / spacing))
    for step in range(least, 2 * least + 1):
        if (len(days) - 1) % step == 0:
            return step
    return least


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot in mm: left, right, top (100%) and bottom (0%), and the day at its right edge."""

    x0: float
    x1: float
    top: float
    bottom: float
    last_day: float

    def x(self, day: float) -> float:
        """Place of a day in mm."""
        return self.x0 + (self.x1 - self.x0) * day / self.last_day

    def y(self, share: float) -> float:
        """Place of a share between 0 and 1 in mm."""
        return self.bottom - (self.bottom - self.top) * share
