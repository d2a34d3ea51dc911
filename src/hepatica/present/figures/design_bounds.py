"""Bounds of a trial with several looks: for efficacy and futility, with numbers under each look."""

from __future__ import annotations

import math
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
from hepatica.present.figures.text import text_width
from hepatica.present.theme import LINE, TYPE

_HEIGHT_WIDE, _HEIGHT_NARROW = 58.0, 44.0
_LINE_PITCH = 4.0


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound.

    Attributes
    ----------
    label : str
        What is done beyond it.
    values : tuple of float
        At each look; not finite where there is none.
    mirrored : bool
        Whether the same holds below 0.
    """

    label: str
    values: tuple[float, ...]
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsSpec:
    """What a figure of bounds shows.

    Attributes
    ----------
    plate : Plate
        Title and where it comes from.
    looks : tuple of float
        Where the looks stand across.
    looks_title, title : str
        Names of the two axes.
    bounds : tuple of Bound
        Efficacy first.
    numbers : tuple of (str, tuple of str)
        Lines of numbers under the looks: their name, and one text for each look.
    note : str
        What readers have to know.
    """

    plate: Plate
    looks: tuple[float, ...]
    looks_title: str
    title: str
    bounds: tuple[Bound, ...]
    numbers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    note: str = ""


def figure_bounds(spec: BoundsSpec, *, width_mm: Literal[85, 180] = 180) -> Drawing:
    """Draw bounds against looks.

    Parameters
    ----------
    spec : BoundsSpec
        Bounds and words.
    width_mm : {180, 85}
        Double or single column.

    Raises
    ------
    AnalysisError
        If no bound has a value.
    """
    heights = [
        sign * value
        for one in spec.bounds
        for value in one.values
        for sign in ((1.0, -1.0) if one.mirrored else (1.0,))
        if math.isfinite(value)
    ]
    if not heights:
        raise AnalysisError("The design has no bound to draw.")
    canvas = Canvas(float(width_mm))
    canvas.text((MARGIN, TITLE), spec.title, size=TYPE.title, bold=True)
    groups = len(spec.bounds)
    base = draw_design_key(canvas, [one.label for one in spec.bounds], TITLE + 5.0, groups)
    up = linear_scale(min([0.0, *heights]), max([0.0, *heights]))
    across = linear_scale(0.0, spec.looks[-1])
    top = base + 4.0
    widest = max([text_width(t, TYPE.text) for _, row in spec.numbers for t in row], default=0.0)
    plot = DesignPlot(
        x0=MARGIN + gutter(up),
        x1=canvas.width - MARGIN - max(3.0, widest / 2),
        top=top,
        bottom=top + (_HEIGHT_WIDE if width_mm > WIDE else _HEIGHT_NARROW),
        across=across,
        up=up,
    )
    _marks(canvas, plot, spec)
    base = draw_design_axes(canvas, plot, spec.looks_title)
    base = _numbers(canvas, plot, spec, base + 1.2)
    draw_footnotes(canvas, (spec.note, *spec.plate.footnotes), base)
    return finish(canvas, spec.plate, _alternative_text(spec))


def _marks(canvas: Canvas, plot: DesignPlot, spec: BoundsSpec) -> None:
    zero = plot.y(0.0)
    if plot.up.low < 0.0:
        canvas.line([((plot.x0, zero), (plot.x1, zero))], "rule", LINE.hair, id="zero")
    for slot, bound in enumerate(spec.bounds, start=1):
        for sign in (1.0, -1.0) if bound.mirrored else (1.0,):
            points = [
                plot.at(look, sign * value)
                for look, value in zip(spec.looks, bound.values, strict=True)
                if math.isfinite(value)
            ]
            side = "upper" if sign > 0 else "lower"
            canvas.line([points], f"arm-{slot}", LINE.curve, id=f"bound-{slot}-{side}")
            half = 1.0 if len(points) <= 12 else 0.6
            for point in points:
                draw_point(canvas, slot, point, half)


def _numbers(canvas: Canvas, plot: DesignPlot, spec: BoundsSpec, base: float) -> float:
    """Write numbers under the looks that have room, the last look always."""
    for name, texts in spec.numbers:
        base += _LINE_PITCH
        canvas.text((MARGIN, base), name, colour="ink2", bold=True)
        base += _LINE_PITCH - 0.4
        taken = plot.x(spec.looks[-1]) - text_width(texts[-1], TYPE.text) / 2 - 1.0
        last = -1.0
        for number, (look, text) in enumerate(zip(spec.looks, texts, strict=True)):
            half = text_width(text, TYPE.text) / 2
            x = plot.x(look)
            if number == len(texts) - 1 or (x - half > last and x + half < taken):
                canvas.text((x, base), text, anchor="middle")
                last = x + half + 1.0
    return base + 0.6


def _alternative_text(spec: BoundsSpec) -> str:
    told = []
    for bound in spec.bounds:
        values = ", ".join(
            f"{value:.2f} at {look:g}".replace(".00 ", " ")
            for look, value in zip(spec.looks, bound.values, strict=True)
            if math.isfinite(value)
        )
        both = " and its negative" if bound.mirrored else ""
        told.append(f"{bound.label}{both}: {values or 'none'}.")
    return f"{spec.title} by {spec.looks_title.lower()}. " + " ".join(told)
