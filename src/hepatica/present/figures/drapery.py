"""The drapery plot: the P value of every possible effect, for each study and all together.

Source: Ruecker and Schwarzer, Res Synth Methods 2021;12:34.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hepatica.present.figures.canvas import Drawing, Point
from hepatica.present.figures.evidence_plot import (
    Ground,
    close_plot,
    corner_text,
    draw_axes,
    effect_axis,
    open_plot,
    plain_axis,
)
from hepatica.present.figures.furniture import Plate
from hepatica.present.theme import LINE

_STEPS = 240
_WIDEST = 2.6


@dataclass(frozen=True, slots=True, kw_only=True)
class DraperySpec:
    """What a drapery plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    effects, std_errors : tuple of float
        Of each study, on the scale of pooling.
    pooled, pooled_std_error : float
        Pooled effect and its error on that scale.
    shown : str
        Pooled estimate with its limits, as text.
    measure : str
        What the effects are.
    ratio : bool
        Whether they are logarithms of ratios.
    null : float or None
        "No effect".
    row_ids : tuple of str
        Rows behind the figure.
    """

    plate: Plate
    effects: tuple[float, ...]
    std_errors: tuple[float, ...]
    pooled: float
    pooled_std_error: float
    shown: str
    measure: str
    ratio: bool = False
    null: float | None = 0.0
    row_ids: tuple[str, ...] = ()


def p_value_at(value: float, effect: float, std_error: float) -> float:
    """Return the two-sided normal P value of the hypothesis that the effect is ``value``.

    Examples
    --------
    >>> p_value_at(1.0, 1.0, 0.5), round(p_value_at(0.0, 1.959963984540054, 1.0), 12)
    (1.0, 0.05)
    """
    return math.erfc(abs(value - effect) / std_error / math.sqrt(2.0))


def figure_drapery(spec: DraperySpec) -> Drawing:
    """Draw a drapery plot 180 mm wide."""
    spread = max(spec.effects) - min(spec.effects) + 4.0 * min(spec.std_errors)
    pairs = list(zip(spec.effects, spec.std_errors, strict=True))
    # One wide study does not press the others together.
    low = max(min(one - _WIDEST * error for one, error in pairs), min(spec.effects) - spread)
    high = min(max(one + _WIDEST * error for one, error in pairs), max(spec.effects) + spread)
    hold = [low, high]
    if spec.null is not None:
        hold.append(spec.null)
    x = effect_axis(spec.effects, spec.measure, ratio=spec.ratio, hold=hold)
    y = plain_axis(0.0, 1.0, "P value")
    canvas, ground = open_plot(spec.plate, x, y)
    level = ground.at(x.scale.low, 0.05)[1]
    canvas.line(
        [((ground.box.x0, level), (ground.box.x1, level))],
        "rule",
        LINE.hair,
        dash=(2.2, 1.8),
        id="level",
    )
    if spec.null is not None:
        null = (ground.at(spec.null, 0.0), ground.at(spec.null, 1.0))
        canvas.line([null], "ink", LINE.axis, id="null")
    for effect, error in zip(spec.effects, spec.std_errors, strict=True):
        canvas.line([_curve(ground, effect, error)], "rule", LINE.axis)
    pooled = _curve(ground, spec.pooled, spec.pooled_std_error)
    canvas.line([pooled], "arm-1", LINE.curve, id="pooled")
    base = draw_axes(canvas, ground)
    corner = [f"Bold: {spec.shown}", "Dashed: P = 0.05"]
    base = corner_text(canvas, corner, ground.box.x1, base + 4.0)
    alt = (
        f"Drapery plot of {len(spec.effects)} data sets: P value of every "
        f"{spec.measure[:1].lower()}{spec.measure[1:]}. {spec.shown}."
    )
    return close_plot(canvas, spec.plate, base, alt, spec.row_ids)


def _curve(ground: Ground, effect: float, std_error: float) -> list[Point]:
    """Return a P-value function; its peak is a point of its own, and so are its flanks."""
    low, high = ground.x.scale.low, ground.x.scale.high
    even = [low + (high - low) * n / _STEPS for n in range(_STEPS + 1)]
    near = [effect + std_error * (n - 40) / 10.0 for n in range(81)]
    values = sorted({*even, *(one for one in near if low <= one <= high)})
    return [ground.at(one, p_value_at(one, effect, std_error)) for one in values]
