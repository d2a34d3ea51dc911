"""The GOSH plot: pooled estimate and I2 of every subset of studies.

Source: Olkin, Dahabreh and Trikalinos, Res Synth Methods 2012;3:214.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.evidence_plot import (
    close_plot,
    corner_text,
    draw_axes,
    effect_axis,
    open_plot,
    plain_axis,
)
from hepatica.present.figures.furniture import Plate
from hepatica.present.format import format_value
from hepatica.present.theme import LINE, MM_PER_PT

#: Side of a cell in mm: subsets in one cell are drawn as one, darker where they are more.
_CELL = 0.8
_SHADES = ("arm-1-tint", "arm-1-bar", "arm-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoshSpec:
    """What a GOSH plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    effects : tuple of float
        Pooled effect of each subset, on the scale of pooling.
    i2 : tuple of float
        I2 of each subset, from 0 to 1.
    pooled, pooled_i2 : float
        The same of all studies.
    measure : str
        What the effects are.
    ratio : bool
        Whether they are logarithms of ratios.
    exhaustive : bool
        Whether these are all subsets; otherwise they were drawn at random.
    studies : int
        Number of studies.
    row_ids : tuple of str
        Rows behind the figure.
    """

    plate: Plate
    effects: tuple[float, ...]
    i2: tuple[float, ...]
    pooled: float
    pooled_i2: float
    measure: str
    ratio: bool = False
    exhaustive: bool = True
    studies: int = 0
    row_ids: tuple[str, ...] = ()


def figure_gosh(spec: GoshSpec) -> Drawing:
    """Draw a GOSH plot 180 mm wide."""
    x = effect_axis(spec.effects, spec.measure, ratio=spec.ratio, hold=(spec.pooled,))
    y = plain_axis(0.0, 100.0, "I², %")
    canvas, ground = open_plot(spec.plate, x, y)
    cells: Counter[tuple[int, int]] = Counter()
    for effect, share in zip(spec.effects, spec.i2, strict=True):
        place = ground.at(effect, 100.0 * share)
        cells[int((place[0] - ground.box.x0) / _CELL), int((place[1] - ground.box.y0) / _CELL)] += 1
    order = sorted(cells.values())
    cuts = order[len(order) // 2], order[len(order) * 9 // 10]
    for darkness, token in enumerate(_SHADES):
        strokes = []
        for (column, row), times in sorted(cells.items()):
            if sum(times > cut for cut in cuts) != darkness:
                continue
            left = min(ground.box.x0 + column * _CELL, ground.box.x1 - _CELL)
            y_middle = min(ground.box.y0 + (row + 0.5) * _CELL, ground.box.y1)
            strokes.append(((left, y_middle), (left + _CELL, y_middle)))
        canvas.line(strokes, token, 0.9 * _CELL / MM_PER_PT, id=f"cells-{darkness + 1}")
    at = ground.at(spec.pooled, 100.0 * spec.pooled_i2)
    cross = [
        ((at[0], ground.box.y0), (at[0], ground.box.y1)),
        ((ground.box.x0, at[1]), (ground.box.x1, at[1])),
    ]
    canvas.line(cross, "ink", LINE.axis, dash=(1.4, 1.6), id="all")
    base = draw_axes(canvas, ground)
    count = format_value(float(len(spec.effects)), "integer")
    kind = f"All {count} subsets" if spec.exhaustive else f"{count} subsets drawn at random"
    said = f"{kind} of {spec.studies} data sets; dashed: all of them together"
    base = corner_text(canvas, [said, "Darker: more subsets"], ground.box.x1, base + 4.0)
    alt = (
        f"GOSH plot: {kind[:1].lower()}{kind[1:]} of two or more of {spec.studies} data sets, "
        f"{spec.measure[:1].lower()}{spec.measure[1:]} against I²."
    )
    return close_plot(canvas, spec.plate, base, alt, spec.row_ids)
