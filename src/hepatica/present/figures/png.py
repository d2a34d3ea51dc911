"""Drawing a canvas as a picture with matplotlib, without pyplot and without its global state.

Text is drawn from the outlines of the font that ships with the package, so a picture does not
depend on the fonts, styles or hinting of a machine.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D

from hepatica.present.figures.canvas import Area, Canvas, Identity, Line, Point, Text
from hepatica.present.figures.png_file import png_file
from hepatica.present.figures.svg import row_patterns
from hepatica.present.figures.text import clean, drawable, font_file, text_width
from hepatica.present.theme import BAND_OPACITY, LIGHT, MM_PER_PT

DPI = 300

# matplotlib keeps its settings for the whole process; one figure is drawn at a time.
_LOCK = Lock()


def render_png(canvas: Canvas, identity: Identity) -> bytes:
    """Return a canvas as a PNG at 300 dpi in light colours, with metadata and without a date."""
    # Settings that would reach a finished artist: a user's style must not change a figure.
    with (
        _LOCK,
        mpl.rc_context(
            {
                "path.sketch": None,
                "path.effects": [],
                "path.simplify": True,
                "agg.path.chunksize": 0,
            }
        ),
    ):
        figure_canvas = FigureCanvasAgg(_figure(canvas))
        figure_canvas.draw()  # type: ignore[no-untyped-call]
        pixels = np.asarray(figure_canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return png_file(pixels, _metadata(identity), DPI)


def _figure(canvas: Canvas) -> Figure:
    figure = Figure(
        figsize=(canvas.width / 25.4, canvas.height / 25.4),
        dpi=DPI,
        facecolor=LIGHT["bg"],
        edgecolor="none",
    )
    scale = DPI / 25.4
    page = Affine2D().scale(scale, -scale).translate(0, canvas.height * scale)
    for order, mark in enumerate(canvas.marks, start=1):
        if isinstance(mark, Text):
            patch = _text(mark, page)
        elif isinstance(mark, Line):
            patch = _line(mark, page)
        else:
            patch = _area(mark, page)
        patch.set_zorder(order)
        figure.add_artist(patch)
    return figure


def _metadata(identity: Identity) -> dict[str, str]:
    fields = {
        "Title": clean(identity.title),
        "Description": clean(identity.alt),
        "Study": clean(identity.study),
        "Data status": clean(identity.status),
        "Digest": clean(identity.digest),
        "Rows": "\n".join(clean(row) for row in row_patterns(identity.row_ids)),
        "Software": f"Hepatica {identity.version}".strip(),
    }
    return {name: value for name, value in fields.items() if value}


def _line(mark: Line, page: Affine2D) -> PathPatch:
    points: list[Point] = []
    codes: list[int] = []
    for stroke in mark.strokes:
        points += stroke
        codes += [int(Path.MOVETO)] + [int(Path.LINETO)] * (len(stroke) - 1)
    # matplotlib multiplies dash lengths by the line width.
    dash = tuple(length / mark.width for length in mark.dash)
    return PathPatch(
        Path(np.array(points), codes),
        fill=False,
        edgecolor=LIGHT[mark.colour],
        linewidth=mark.width,
        linestyle=(0, dash) if dash else "solid",
        capstyle="butt",
        joinstyle="miter",
        transform=page,
    )


def _area(mark: Area, page: Affine2D) -> PathPatch:
    return PathPatch(
        Path(np.array([*mark.points, mark.points[0]]), closed=True),
        facecolor=LIGHT[mark.colour],
        edgecolor="none",
        linewidth=0,
        alpha=BAND_OPACITY["light"] if mark.band else None,
        transform=page,
    )


@lru_cache(maxsize=4096)
def _outline(text: str, bold: bool) -> tuple[Any, Any]:
    """Return points and codes of a text; the same words stand in many figures."""
    font = FontProperties(fname=str(font_file(bold)))
    points, codes = TextToPath().get_text_path(font, drawable(text, bold), ismath=False)
    return np.array(points, dtype=float).reshape(-1, 2), codes if len(codes) else None


def _text(mark: Text, page: Affine2D) -> PathPatch:
    points, codes = _outline(mark.text, mark.bold)
    size = mark.size * MM_PER_PT / TextToPath.FONT_SCALE
    width = text_width(mark.text, mark.size, mark.bold)
    before = {"start": 0.0, "middle": width / 2, "end": width}[mark.anchor]
    path = Path(points, codes)
    place = Affine2D().scale(size, -size)
    if mark.turned:
        place = place.translate(-before, 0).rotate_deg(-90).translate(mark.x, mark.y)
    else:
        place = place.translate(mark.x - before, mark.y)
    return PathPatch(
        path,
        facecolor=LIGHT[mark.colour],
        edgecolor="none",
        linewidth=0,
        snap=False,
        transform=place + page,
    )
