"""The radial plot: standardised effects against precision; the slope is the effect.

Source: Galbraith, Stat Med 1988;7:889.
"""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.evidence_plot import (
    boxes_along,
    close_plot,
    corner_text,
    draw_axes,
    draw_dot,
    name_points,
    open_plot,
    plain_axis,
)
from hepatica.present.figures.furniture import Plate
from hepatica.present.theme import LINE

_HALF = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class RadialSpec:
    """What a radial plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    names : tuple of str
        Studies.
    effects, std_errors : tuple of float
        Of each study, on the scale of pooling.
    pooled : float
        Pooled effect: the slope of the line.
    shown : str
        Pooled estimate with its limits, as text.
    row_ids : tuple of str
        Rows behind the figure.
    """

    plate: Plate
    names: tuple[str, ...]
    effects: tuple[float, ...]
    std_errors: tuple[float, ...]
    pooled: float
    shown: str
    row_ids: tuple[str, ...] = ()


def figure_radial(spec: RadialSpec) -> Drawing:
    """Draw a radial plot 180 mm wide: studies within the band agree with the line."""
    precision = [1.0 / error for error in spec.std_errors]
    ratios = [one / error for one, error in zip(spec.effects, spec.std_errors, strict=True)]
    x = plain_axis(0.0, max(precision), "Precision (1 / standard error)")
    most = x.scale.high
    ends = [spec.pooled * most + way * _HALF for way in (-1.0, 1.0)]
    y = plain_axis(
        min(*ratios, *ends, -_HALF), max(*ratios, *ends, _HALF), "Effect / standard error"
    )
    canvas, ground = open_plot(spec.plate, x, y)
    band = [
        ground.at(0.0, -_HALF),
        ground.at(most, ends[0]),
        ground.at(most, ends[1]),
        ground.at(0.0, _HALF),
    ]
    canvas.area(band, "arm-1", band=True, id="band")
    zero = (ground.at(0.0, 0.0), ground.at(most, 0.0))
    canvas.line([zero], "rule", LINE.axis, id="zero")
    slope = (ground.at(0.0, 0.0), ground.at(most, spec.pooled * most))
    canvas.line([slope], "arm-1", LINE.rule, dash=(1.4, 1.6), id="pooled")
    pairs = sorted(
        zip(precision, ratios, spec.names, strict=True),
        key=lambda one: -abs(one[1] - spec.pooled * one[0]),
    )
    points = [ground.at(one, two) for one, two, _ in pairs]
    for point in points:
        draw_dot(canvas, point)
    base = draw_axes(canvas, ground)
    beyond = sum(abs(two - spec.pooled * one) > _HALF for one, two, _ in pairs)
    names = [name for _, _, name in pairs]
    # Names only of studies that do not agree: the band is crowded.
    others = [Box(x - 1.0, y - 1.0, x + 1.0, y + 1.0) for x, y in points[beyond:]]
    lines = boxes_along([slope, zero])
    name_points(
        canvas,
        ground,
        points[:beyond],
        names[:beyond],
        [1.0] * beyond,
        taken=others,
        lines=lines,
    )
    said = f"Line: {spec.shown}; {beyond} of {len(points)} outside the band"
    base = corner_text(canvas, [said], ground.box.x1, base + 4.0)
    alt = (
        f"Radial plot of {len(points)} data sets: effect over standard error against precision. "
        f"Slope {spec.shown}; {beyond} outside the band of 95%."
    )
    return close_plot(canvas, spec.plate, base, alt, spec.row_ids)
