"""The Baujat plot: what each study adds to heterogeneity, and how far it moves the estimate.

Source: Baujat et al., Stat Med 2002;21:2641.
"""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.evidence_plot import (
    close_plot,
    draw_axes,
    draw_dot,
    name_points,
    open_plot,
    plain_axis,
)
from hepatica.present.figures.furniture import Plate


@dataclass(frozen=True, slots=True, kw_only=True)
class BaujatSpec:
    """What a Baujat plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    names : tuple of str
        Studies.
    heterogeneity : tuple of float
        Contribution of each study to the heterogeneity statistic.
    influence : tuple of float
        Squared change of the pooled effect without the study, over its variance.
    row_ids : tuple of str
        Rows behind the figure.
    """

    plate: Plate
    names: tuple[str, ...]
    heterogeneity: tuple[float, ...]
    influence: tuple[float, ...]
    row_ids: tuple[str, ...] = ()


def figure_baujat(spec: BaujatSpec) -> Drawing:
    """Draw a Baujat plot 180 mm wide."""
    x = plain_axis(0.0, max(spec.heterogeneity), "Contribution to heterogeneity")
    y = plain_axis(0.0, max(spec.influence), "Influence on the pooled effect")
    canvas, ground = open_plot(spec.plate, x, y)
    pairs = list(zip(spec.heterogeneity, spec.influence, spec.names, strict=True))
    # The outermost get their names first.
    pairs.sort(key=lambda one: -(x.share(one[0]) + y.share(one[1])))
    points = [ground.at(one, two) for one, two, _ in pairs]
    for point in reversed(points):
        draw_dot(canvas, point)
    base = draw_axes(canvas, ground)
    name_points(canvas, ground, points, [name for _, _, name in pairs], [1.0] * len(points))
    first = pairs[0][2]
    alt = (
        f"Baujat plot of {len(points)} data sets: contribution to heterogeneity against influence "
        f"on the pooled effect. Outermost: {first}."
    )
    return close_plot(canvas, spec.plate, base, alt, spec.row_ids)
