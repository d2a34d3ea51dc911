"""The plot of L'Abbe: risk under treatment against risk under control.

Source: L'Abbe, Detsky and O'Rourke, Ann Intern Med 1987;107:224.
"""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.evidence_plot import (
    boxes_along,
    bubble_radii,
    close_plot,
    corner_text,
    draw_axes,
    draw_bubble,
    name_points,
    open_plot,
    plain_axis,
)
from hepatica.present.figures.furniture import Plate
from hepatica.present.theme import LINE

_POINTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LabbeSpec:
    """What a plot of L'Abbe shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    names : tuple of str
        Studies.
    treated, control : tuple of float
        Share with the event in each arm, from 0 to 1.
    patients : tuple of int
        Patients of each study; areas are in their ratio.
    measure : {"risk_ratio", "odds_ratio", "risk_difference"}
        What the pooled estimate is.
    pooled : float
        Pooled estimate as a reader sees it: a ratio or a difference.
    shown : str
        The same with its limits, as text.
    row_ids : tuple of str
        Rows behind the figure.
    """

    plate: Plate
    names: tuple[str, ...]
    treated: tuple[float, ...]
    control: tuple[float, ...]
    patients: tuple[int, ...]
    measure: str
    pooled: float
    shown: str
    row_ids: tuple[str, ...] = ()


def treated_risk(control: float, measure: str, pooled: float) -> float:
    """Return the risk under treatment that a pooled estimate gives for a risk under control.

    Examples
    --------
    >>> treated_risk(0.2, "risk_ratio", 0.5), treated_risk(0.5, "odds_ratio", 1.0)
    (0.1, 0.5)
    """
    if measure == "risk_difference":
        return control + pooled
    if measure == "odds_ratio":
        return pooled * control / (1.0 - control + pooled * control)
    return pooled * control


def figure_labbe(spec: LabbeSpec) -> Drawing:
    """Draw a plot of L'Abbe 180 mm wide; the plot itself is square."""
    top = 100.0 * max(*spec.treated, *spec.control, 0.05)
    x = plain_axis(0.0, top, "Events under control, %")
    y = plain_axis(0.0, top, "Events under treatment, %")
    canvas, ground = open_plot(spec.plate, x, y, 96.0, square=True)
    high = x.scale.high
    diagonal = (ground.at(0.0, 0.0), ground.at(high, high))
    canvas.line([diagonal], "ink", LINE.rule, id="null")
    curve = []
    for n in range(_POINTS + 1):
        risk = high / 100.0 * n / _POINTS
        value = 100.0 * treated_risk(risk, spec.measure, spec.pooled)
        if 0.0 <= value <= high:
            curve.append(ground.at(100.0 * risk, value))
    canvas.line([curve], "arm-1", LINE.rule, dash=(1.4, 1.6), id="pooled")
    radii = bubble_radii(spec.patients)
    order = sorted(range(len(radii)), key=lambda at: -radii[at])
    points = [ground.at(100.0 * spec.control[at], 100.0 * spec.treated[at]) for at in order]
    for at, point in zip(order, points, strict=True):
        draw_bubble(canvas, point, radii[at])
    base = draw_axes(canvas, ground)
    sizes = [radii[at] for at in order]
    lines = boxes_along([diagonal, curve])
    name_points(canvas, ground, points, [spec.names[at] for at in order], sizes, lines=lines)
    corner = [f"Dashed: {spec.shown}", "Solid: no effect", "Area: patients"]
    corner_text(canvas, corner, canvas.width - 8.0, ground.box.y1 - 7.0)
    alt = (
        f"Plot of L'Abbe of {len(points)} data sets: percent with the event under treatment "
        f"against control. {spec.shown}."
    )
    return close_plot(canvas, spec.plate, base, alt, spec.row_ids)
