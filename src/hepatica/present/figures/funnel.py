"""The funnel plot: effects against their standard errors, with contours of significance.

Source: Peters et al., J Clin Epidemiol 2008;61:991 (contour-enhanced funnel plots).
"""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.errors import AnalysisError
from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing, Point
from hepatica.present.figures.evidence_plot import (
    WIDTH,
    Ground,
    close_plot,
    corner_text,
    draw_axes,
    draw_dot,
    effect_axis,
    open_plot,
    plain_axis,
)
from hepatica.present.figures.furniture import MARGIN, TITLE, Plate, outline
from hepatica.present.figures.text import text_width
from hepatica.present.theme import LINE, TYPE

#: Normal quantiles of two-sided P values of 0.10, 0.05 and 0.01.
_QUANTILES = (1.6448536269514722, 1.959963984540054, 2.5758293035489004)
_FILLS = ("bg", "band", "hair", "rule")
_NAMES = ("P > 0.10", "0.05 to 0.10", "0.01 to 0.05", "P < 0.01")
#: Tests of asymmetry have little power below this many studies.
ENOUGH = 10
LITTLE_POWER = "fewer than 10 studies: asymmetry tests have little power"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelSpec:
    """What a funnel plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    effects, std_errors : tuple of float
        Of each study, on the scale of pooling.
    pooled : float
        Pooled effect on that scale.
    measure : str
        What the effects are.
    ratio : bool
        Whether they are logarithms of ratios.
    null : float or None
        "No effect"; ``None`` for outcomes of one group, whose funnel has no contours.
    filled_effects, filled_std_errors : tuple of float
        Imputed studies, drawn open.
    test : str
        Sentence about asymmetry; below 10 studies another takes its place.
    row_ids : tuple of str
        Rows behind the figure.
    """

    plate: Plate
    effects: tuple[float, ...]
    std_errors: tuple[float, ...]
    pooled: float
    measure: str
    ratio: bool = False
    null: float | None = 0.0
    filled_effects: tuple[float, ...] = ()
    filled_std_errors: tuple[float, ...] = ()
    test: str = ""
    row_ids: tuple[str, ...] = ()


def figure_funnel(spec: FunnelSpec) -> Drawing:
    """Draw a funnel plot 180 mm wide.

    Raises
    ------
    AnalysisError
        If there is no study to draw.
    """
    if not spec.effects:
        raise AnalysisError(f"{spec.plate.title} has no study to be drawn.")
    errors = (*spec.std_errors, *spec.filled_std_errors)
    effects = (*spec.effects, *spec.filled_effects)
    most = max(errors)
    reach = (spec.pooled - 1.3 * most, spec.pooled + 1.3 * most)
    hold = (*reach, spec.null) if spec.null is not None else reach
    x = effect_axis(effects, spec.measure, ratio=spec.ratio, hold=hold)
    y = plain_axis(0.0, most, "Standard error", turned=True)
    canvas, ground = open_plot(spec.plate, x, y)
    if spec.null is not None:
        _contours(canvas, ground, spec.null)
    else:
        _limits(canvas, ground, spec.pooled)
    outline(canvas, ground.box, "hair")
    top, foot = ground.at(spec.pooled, 0.0), ground.at(spec.pooled, y.scale.high)
    canvas.line([(top, foot)], "arm-1", LINE.axis, dash=(1.4, 1.6), id="pooled")
    for effect, error in zip(spec.filled_effects, spec.filled_std_errors, strict=True):
        draw_dot(canvas, ground.at(effect, error), hollow=True)
    for effect, error in zip(spec.effects, spec.std_errors, strict=True):
        draw_dot(canvas, ground.at(effect, error))
    base = draw_axes(canvas, ground)
    base = corner_text(canvas, _corner(spec), ground.box.x1, base + 4.0)
    return close_plot(canvas, spec.plate, base, alternative_text(spec), spec.row_ids)


def _corner(spec: FunnelSpec) -> list[str]:
    filled = len(spec.filled_effects)
    told = [f"Open: {filled} imputed by trim and fill"] if filled else []
    few = len(spec.effects) < ENOUGH
    sentence = f"{LITTLE_POWER[:1].upper()}{LITTLE_POWER[1:]}" if few else spec.test
    return [*told, sentence] if sentence else told


def _contours(canvas: Canvas, ground: Ground, null: float) -> None:
    canvas.rectangle(ground.box, _FILLS[-1])
    for quantile, fill in zip(reversed(_QUANTILES), reversed(_FILLS[:-1]), strict=True):
        canvas.area(_cone(ground, null, quantile), fill)
    right = WIDTH - MARGIN - 6.0
    for name, fill in zip(reversed(_NAMES), reversed(_FILLS), strict=True):
        width = text_width(name, TYPE.minor)
        canvas.text((right - width, TITLE + 3.0), name, size=TYPE.minor, colour="ink2")
        swatch = Box(right - width - 4.0, TITLE + 0.7, right - width - 1.0, TITLE + 3.0)
        canvas.rectangle(swatch, fill)
        outline(canvas, swatch, "rule")
        right = swatch.x0 - 4.0


def _cone(ground: Ground, null: float, quantile: float) -> list[Point]:
    """Return where |effect - null| is below a multiple of its error, within the plot."""
    most = ground.y.scale.high
    outline_points = [ground.at(null, 0.0)]
    for edge, way in ((ground.x.scale.high, 1.0), (ground.x.scale.low, -1.0)):
        reached = way * (edge - null) / quantile  # error at which the cone leaves the plot
        if reached >= most:
            side = [ground.at(null + way * quantile * most, most)]
        else:
            side = [ground.at(edge, max(reached, 0.0)), ground.at(edge, most)]
        outline_points += side if way > 0 else reversed(side)
    return outline_points


def _limits(canvas: Canvas, ground: Ground, centre: float) -> None:
    """Draw where 95 % of studies would lie about the pooled effect by chance alone."""
    cone = _cone(ground, centre, _QUANTILES[1])
    canvas.line(
        [(cone[0], cone[1]), (cone[0], cone[-1])], "rule", LINE.axis, dash=(2.2, 1.8), id="limits"
    )


def alternative_text(spec: FunnelSpec) -> str:
    """Return what the figure shows."""
    count = len(spec.effects)
    filled = len(spec.filled_effects)
    more = f" and {filled} imputed" if filled else ""
    sentence = LITTLE_POWER if count < ENOUGH else spec.test
    words = f" {sentence[:1].upper()}{sentence[1:].rstrip('.')}." if sentence else ""
    return (
        f"Funnel plot of {count} data sets{more}: {spec.measure[:1].lower()}{spec.measure[1:]} "
        f"against standard error, 0 at the top.{words}"
    )
