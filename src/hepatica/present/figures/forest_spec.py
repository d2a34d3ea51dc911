"""What a forest plot shows, and how its layouts look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.furniture import Plate
from hepatica.present.theme import TYPE

Layout = Literal["classic", "revman", "jama"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSpec:
    """What a forest plot shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    lines : tuple of ForestLine
        From the top, see `forest_lines`.
    measure : str
        Head of the column of estimates, for example ``Hazard ratio``.
    scale : {"ratio", "share", "months", "difference", "positive"}
        Axis: logarithmic about 1, percent from 0, months from 0, linear about 0, linear from 0.
    arms : tuple of str
        Heads of the columns of counts.
    favours : tuple of str
        What the left and right side of "no effect" favour; empty for none.
    below : tuple of str
        Sentences at the lower left: heterogeneity, groups, overall effect.
    appraisal : tuple of str
        Heads of the columns of judgements.
    conf_level : float
        Level of the limits.
    layout : {"classic", "revman", "jama"}
        Order and look of the columns.
    stub : str
        Head of the first column.
    """

    plate: Plate
    lines: tuple[ForestLine, ...]
    measure: str
    scale: str
    arms: tuple[str, ...] = ()
    favours: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    appraisal: tuple[str, ...] = ()
    conf_level: float = 0.95
    layout: Layout = "classic"
    stub: str = "Study"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Sizes in mm and pt, colours, and order of columns of a layout.

    Attributes
    ----------
    pitch : float
        Height of a line of the table, in mm.
    text : float
        Size of its text, in pt.
    gap : float
        Space between columns, in mm.
    order : tuple of str
        Columns from the left.
    split_counts : bool
        Whether events and patients have columns of their own.
    favours_above : bool
        Whether the sides of "no effect" are named above the plot.
    square, total, subtotal, prediction, pooled : str
        Colours of marks.
    signs : bool
        Whether judgements have colours.
    """

    pitch: float
    text: float
    gap: float
    order: tuple[str, ...]
    split_counts: bool = False
    favours_above: bool = False
    square: str = "arm-1"
    total: str = "arm-1"
    subtotal: str = "ink2"
    prediction: str = "arm-1-tint"
    pooled: str = "arm-1"
    signs: bool = True


LOOKS: dict[str, Look] = {
    "classic": Look(
        pitch=4.7,
        text=TYPE.text,
        gap=5.0,
        order=("label", "counts", "plot", "estimate", "weight", "signs"),
    ),
    "revman": Look(
        pitch=4.4,
        text=TYPE.text,
        gap=3.2,
        order=("label", "counts", "weight", "estimate", "plot", "signs"),
        split_counts=True,
        total="ink",
        pooled="ink2",
    ),
    "jama": Look(
        pitch=3.8,
        text=TYPE.minor,
        gap=4.0,
        order=("label", "counts", "estimate", "plot", "weight", "signs"),
        favours_above=True,
        square="ink",
        total="ink",
        subtotal="ink2",
        prediction="rule",
        pooled="ink2",
        signs=False,
    ),
}
