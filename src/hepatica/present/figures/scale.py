"""Scales of measured values: linear or logarithmic, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Values that span more than this are drawn on a logarithmic scale.
_SPAN = 20.0


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to a share of the axis between 0 and 1.

    Attributes
    ----------
    low, high : float
        Values at the ends of the axis.
    ticks : tuple of float
        Values that are named.
    logarithmic : bool
        Whether equal distances are equal ratios.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Return the place of a value on the axis."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def tick_texts(ticks: Sequence[float]) -> tuple[str, ...]:
    """Return the names of ticks, all with the same decimals; 0 has none.

    Examples
    --------
    >>> tick_texts((0.0, 0.5, 1.0))
    ('0', '0.5', '1.0')
    """
    most = max(len(f"{tick:.10g}".partition(".")[2]) for tick in ticks)
    return tuple(f"{tick:.{most}f}" if tick else "0" for tick in ticks)


def linear_scale(low: float, high: float, ticks: int = 6) -> Scale:
    """Return a linear scale from tick to tick that holds both values.

    Examples
    --------
    >>> linear_scale(0.0, 2.3).ticks
    (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
    """
    reach = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(reach / ticks))
    steps = (power * step for step in _STEPS)
    first, last, step = next(
        (math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9), step)
        for step in steps
        if math.ceil(high / step - 1e-9) - math.floor(low / step + 1e-9) < ticks
        or step == power * _STEPS[-1]
    )
    last = max(last, first + 1)
    marks = tuple(round(n * step, 12) for n in range(first, last + 1))
    return Scale(marks[0], marks[-1], marks)


def value_scale(low: float, high: float) -> Scale:
    """Return a logarithmic scale where positive values span more than 20-fold, else a linear one.

    Examples
    --------
    >>> value_scale(3.0, 900.0).ticks
    (10.0, 100.0)
    >>> value_scale(1.0, 9.0).logarithmic
    False
    """
    if low <= 0.0 or high / low <= _SPAN:
        return linear_scale(low, high)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for parts in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0)):
        ticks = [10.0**power * part for power in decades for part in parts]
        inside = tuple(round(one, 12) for one in ticks if low <= one <= high)
        if len(inside) >= (2 if high / low > 100.0 else 3):
            break
    return Scale(low, high, inside, logarithmic=True)
