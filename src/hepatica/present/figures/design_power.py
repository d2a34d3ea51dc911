"""Power against the size of a trial, one curve for each alternative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.errors import AnalysisError
from hepatica.present.figures.canvas import Canvas, Drawing
from hepatica.present.figures.design_axes import (
    DesignPlot,
    draw_design_axes,
    draw_design_key,
    gutter,
)
from hepatica.present.figures.furniture import MARGIN, TITLE, WIDE, Plate, draw_footnotes, finish
from hepatica.present.figures.points import draw_point
from hepatica.present.figures.scale import linear_scale
from hepatica.present.theme import ARMS, LINE, MAX_SLOTS, TYPE

_HEIGHT_WIDE, _HEIGHT_NARROW = 62.0, 46.0
_TARGET = (1.4, 1.6)
_DROP = (2.2, 1.8)


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """Power at sizes.

    Attributes
    ----------
    label : str
        The alternative.
    n : tuple of float
        Sizes, rising.
    power : tuple of float
        Power at them, from 0 to 1.
    needed : int or None
        The size that is planned for this alternative.
    """

    label: str
    n: tuple[float, ...]
    power: tuple[float, ...]
    needed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSpec:
    """What a figure of power shows.

    Attributes
    ----------
    plate : Plate
        Title and where it comes from.
    curves : tuple of PowerCurve
        The planned alternative first; at most six.
    target : float
        Power that is wanted.
    counted : str
        What the sizes count, for the axis.
    note : str
        How power was computed.
    """

    plate: Plate
    curves: tuple[PowerCurve, ...]
    target: float
    counted: str = "Patients"
    note: str = ""


def figure_power(spec: PowerSpec, *, width_mm: Literal[85, 180] = 180) -> Drawing:
    """Draw power against size.

    Parameters
    ----------
    spec : PowerSpec
        Curves and words.
    width_mm : {180, 85}
        Double or single column.

    Raises
    ------
    AnalysisError
        If there is no curve, or more than six.
    """
    if not spec.curves or len(spec.curves) > MAX_SLOTS:
        raise AnalysisError(f"A figure of power shows one to {MAX_SLOTS} alternatives.")
    canvas = Canvas(float(width_mm))
    canvas.text((MARGIN, TITLE), "Power (%)", size=TYPE.title, bold=True)
    groups = len(spec.curves)
    base = draw_design_key(canvas, [_name(one) for one in spec.curves], TITLE + 5.0, groups)
    across = linear_scale(0.0, max(one.n[-1] for one in spec.curves))
    up = linear_scale(0.0, 100.0)
    top = base + 4.0
    plot = DesignPlot(
        x0=MARGIN + gutter(up),
        x1=canvas.width - MARGIN - 3.0,
        top=top,
        bottom=top + (_HEIGHT_WIDE if width_mm > WIDE else _HEIGHT_NARROW),
        across=across,
        up=up,
    )
    _marks(canvas, plot, spec)
    base = draw_design_axes(canvas, plot, spec.counted)
    target = f"Dotted: power {100 * spec.target:g}%; points: the smallest planned sizes."
    draw_footnotes(canvas, (target, spec.note, *spec.plate.footnotes), base + 1.0)
    return finish(canvas, spec.plate, _alternative_text(spec))


def _marks(canvas: Canvas, plot: DesignPlot, spec: PowerSpec) -> None:
    level = plot.y(100 * spec.target)
    canvas.line([((plot.x0, level), (plot.x1, level))], "ink2", LINE.axis, dash=_TARGET)
    dashed = len(spec.curves) > 3
    for slot, curve in enumerate(spec.curves, start=1):
        points = [plot.at(n, 100 * power) for n, power in zip(curve.n, curve.power, strict=True)]
        dash = ARMS[slot - 1].dash if dashed else ()
        width = LINE.curve if len(points) < 150 else LINE.axis
        canvas.line([points], f"arm-{slot}", width, dash=dash, id=f"power-{slot}")
    for slot, curve in enumerate(spec.curves, start=1):
        reached = dict(zip(curve.n, curve.power, strict=True)).get(float(curve.needed or 0))
        if reached is None:
            continue
        at = plot.at(float(curve.needed or 0), 100 * reached)
        canvas.line([(at, (at[0], plot.bottom))], f"arm-{slot}", LINE.tick_mark, dash=_DROP)
        draw_point(canvas, slot, at, 1.0)


def _name(curve: PowerCurve) -> str:
    return curve.label if curve.needed is None else f"{curve.label}: n = {curve.needed}"


def _alternative_text(spec: PowerSpec) -> str:
    told = "; ".join(
        f"{one.label}, {one.needed} for power {100 * spec.target:g}%"
        if one.needed is not None
        else one.label
        for one in spec.curves
    )
    return f"Power in percent by size ({spec.counted.lower()}). {told}."
