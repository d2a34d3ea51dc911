"""The bubble plot of a meta-regression: effects against a number, with the line and its limits."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.evidence_plot import (
    bubble_radii,
    close_plot,
    corner_text,
    draw_axes,
    draw_bubble,
    effect_axis,
    open_plot,
    plain_axis,
)
from hepatica.present.figures.furniture import Plate

FEW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BubbleSpec:
    """What a bubble plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    moderator : str
        What stands on the x axis.
    values, effects, weights : tuple of float
        Of each study: the number, the effect on the scale of pooling, and its weight.
    line_values, line_effects, line_lower, line_upper : tuple of float
        The line and its limits; only what lies within the range of the studies is drawn.
    measure : str
        What the effects are.
    ratio : bool
        Whether they are logarithms of ratios.
    null : float or None
        "No effect".
    sentences : tuple of str
        Number of studies, slope with limits, P and R2.
    row_ids : tuple of str
        Rows behind the figure.
    """

    plate: Plate
    moderator: str
    values: tuple[float, ...]
    effects: tuple[float, ...]
    weights: tuple[float, ...]
    line_values: tuple[float, ...]
    line_effects: tuple[float, ...]
    line_lower: tuple[float, ...]
    line_upper: tuple[float, ...]
    measure: str
    ratio: bool = False
    null: float | None = 0.0
    sentences: tuple[str, ...] = ()
    row_ids: tuple[str, ...] = ()


def figure_bubble(spec: BubbleSpec) -> Drawing:
    """Draw a bubble plot 180 mm wide."""
    low, high = min(spec.values), max(spec.values)
    kept = [at for at, one in enumerate(spec.line_values) if low - 1e-9 <= one <= high + 1e-9]
    lines = [
        value
        for at in kept
        for value in (spec.line_effects[at], spec.line_lower[at], spec.line_upper[at])
    ]
    hold = [*lines, *([] if spec.null is None else [spec.null])]
    pad = 0.04 * (high - low)
    x = plain_axis(low - pad, high + pad, spec.moderator)
    y = effect_axis(spec.effects, spec.measure, ratio=spec.ratio, hold=hold)
    canvas, ground = open_plot(spec.plate, x, y)
    if spec.null is not None:
        ends = (ground.at(x.scale.low, spec.null), ground.at(x.scale.high, spec.null))
        canvas.line([ends], "ink", 0.7, id="null")
    upper = [ground.at(spec.line_values[at], spec.line_upper[at]) for at in kept]
    lower = [ground.at(spec.line_values[at], spec.line_lower[at]) for at in kept]
    if len(kept) > 1:
        canvas.area([*upper, *reversed(lower)], "arm-1", band=True, id="band")
    radii = bubble_radii(spec.weights)
    for at in sorted(range(len(radii)), key=lambda one: -radii[one]):
        draw_bubble(canvas, ground.at(spec.values[at], spec.effects[at]), radii[at])
    fit = [ground.at(spec.line_values[at], spec.line_effects[at]) for at in kept]
    canvas.line([fit], "arm-1", 1.2, id="fit")
    base = draw_axes(canvas, ground)
    few = len(spec.values) < FEW
    warning = ["Fewer than 10 studies: the slope is hardly known"] if few else []
    base = corner_text(canvas, [*spec.sentences, *warning], ground.box.x1, base + 4.0)
    alt = (
        f"Bubble plot of {len(spec.values)} data sets: "
        f"{spec.measure[:1].lower()}{spec.measure[1:]} against {spec.moderator}. "
        + " ".join(f"{one}." for one in spec.sentences)
    )
    return close_plot(canvas, spec.plate, base, alt.strip(), spec.row_ids)
