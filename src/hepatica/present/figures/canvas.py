"""A drawing in millimetres: shapes and text with colours by name, written as SVG and PNG.

A `Canvas` collects marks in the order in which they are drawn. Its origin is the upper left
corner, y runs down, and colours are tokens of `hepatica.present.theme`; so one list of marks gives
a file in light hex, a drawing for pages that follows the theme of the page, and a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.text import ASCENT, DESCENT, clean, text_width
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished figure.

    Attributes
    ----------
    id : str
        Id of the figure.
    title : str
        Short title, as in ``<title>``.
    width_mm, height_mm : float
        Size in print.
    svg : str
        File with light hex colours.
    page_svg : str
        The same for a page, with colours as custom properties.
    png : bytes
        Picture at 300 dpi.
    alt : str
        Alternative text.
    row_ids : tuple of str
        Ids of the result rows that were drawn.
    """

    id: str
    title: str
    width_mm: float
    height_mm: float
    svg: str
    page_svg: str
    png: bytes
    alt: str
    row_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Strokes: each stroke is a run of points in mm; ``width`` and ``dash`` are in pt."""

    strokes: tuple[tuple[Point, ...], ...]
    colour: str
    width: float
    dash: tuple[float, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A filled outline in mm; ``band`` marks a confidence band, the one translucent thing."""

    points: tuple[Point, ...]
    colour: str
    band: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text: ``x`` and the baseline ``y`` in mm, ``size`` in pt.

    A ``turned`` text is read upwards, turned round that place.
    """

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool
    anchor: Anchor
    row: str = ""
    turned: bool = False

    @property
    def box(self) -> Box:
        """The place that the text takes, in mm."""
        width = text_width(self.text, self.size, self.bold)
        before = {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        height = self.size * MM_PER_PT
        if self.turned:
            low = self.y + before
            return Box(self.x - ASCENT * height, low - width, self.x + DESCENT * height, low)
        left = self.x - before
        return Box(left, self.y - ASCENT * height, left + width, self.y + DESCENT * height)


Mark = Line | Area | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a file says about itself.

    Attributes
    ----------
    id, title, alt : str
        Id, title and alternative text of the figure.
    study, status : str
        Study, and the status of its data; empty when confirmed.
    digest, version : str
        Digest of data and protocol; version of Hepatica.
    row_ids : tuple of str
        Result rows that are drawn.
    """

    id: str
    title: str
    alt: str
    study: str = ""
    status: str = ""
    digest: str = ""
    version: str = ""
    row_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Canvas:
    """Marks on a ground of ``width`` by ``height`` mm; the height may be set last."""

    width: float
    height: float = 0.0
    marks: list[Mark] = field(default_factory=list)

    def line(
        self,
        strokes: Iterable[Sequence[Point]],
        colour: str,
        width: float = LINE.axis,
        *,
        dash: tuple[float, ...] = (),
        id: str = "",  # noqa: A002 - the name of the attribute in the file
    ) -> None:
        """Draw strokes with butt caps and mitred joins; strokes of one point are left out."""
        kept = tuple(tuple(stroke) for stroke in strokes if len(stroke) > 1)
        if kept:
            self.marks.append(Line(kept, colour, width, dash, id))

    def area(
        self,
        points: Sequence[Point],
        colour: str,
        *,
        band: bool = False,
        id: str = "",  # noqa: A002 - the name of the attribute in the file
    ) -> None:
        """Fill an outline."""
        self.marks.append(Area(tuple(points), colour, band, id))

    def rectangle(self, box: Box, colour: str) -> None:
        """Fill a rectangle."""
        corners = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
        self.area(corners, colour)

    def text(
        self,
        at: Point,
        text: str,
        *,
        size: float = TYPE.text,
        colour: str = "ink",
        bold: bool = False,
        anchor: Anchor = "start",
        row: str = "",
        turned: bool = False,
    ) -> Text:
        """Write one line of text at a baseline and return it."""
        written = Text(at[0], at[1], clean(text), size, colour, bold, anchor, row, turned)
        self.marks.append(written)
        return written
