"""What stands on every figure: status tag, title, footnotes, and the finished files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Canvas, Drawing, Identity
from hepatica.present.figures.png import render_png
from hepatica.present.figures.svg import render_svg
from hepatica.present.figures.text import shorten, text_width, wrap
from hepatica.present.theme import LINE, MM_PER_PT, TYPE

MARGIN = 2.0
#: Base line of the first line of text below the status tag.
TITLE = 8.2
LEADING = 1.15
#: From this width on a figure is laid out for a double column.
WIDE = 120.0
_NOTE_PITCH = 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """What a figure is called and where it comes from.

    Attributes
    ----------
    id, title : str
        Id of the figure and its title.
    study : str
        Id of the study.
    status : str
        Status tag, such as ``Constructed patients``; empty for confirmed data.
    footnotes : tuple of str
        Sentences after those the figure makes itself.
    digest, version : str
        Digest of data and protocol, and version of Hepatica, for the metadata.
    """

    id: str
    title: str
    study: str
    status: str = ""
    footnotes: tuple[str, ...] = ()
    digest: str = ""
    version: str = ""


def draw_status(canvas: Canvas, status: str) -> None:
    """Draw the status of the data at the top right edge."""
    if not status:
        return
    shown = shorten(status, TYPE.text, canvas.width - 3 * MARGIN, bold=True)
    width = text_width(shown, TYPE.text, bold=True) + 2 * 2.6
    box = Box(canvas.width - width, 0.5, canvas.width, 4.9)
    canvas.rectangle(box, "warn-bg")
    canvas.text((box.x0 + 2.6, 3.6), shown, colour="warn", bold=True)


def draw_title(canvas: Canvas, title: str, room: float) -> float:
    """Write what is drawn at the upper left, and return the base line of its last line."""
    base = TITLE
    for number, line in enumerate(wrap(title, TYPE.title, room, True, 3)):
        base = TITLE + number * TYPE.title * MM_PER_PT * LEADING
        canvas.text((MARGIN, base), line, size=TYPE.title, bold=True)
    return base


def draw_footnotes(canvas: Canvas, sentences: Sequence[str], y: float) -> None:
    """Write the footnotes below a hair rule under ``y`` and end the canvas under them."""
    text = " ".join(sentence for sentence in sentences if sentence)
    if not text:
        canvas.height = y + MARGIN
        return
    rule = y + 2.6
    canvas.line([((MARGIN, rule), (canvas.width - MARGIN, rule))], "hair", LINE.hair)
    base = rule + 3.5
    for line in wrap(text, TYPE.note, canvas.width - 2 * MARGIN):
        canvas.text((MARGIN, base), line, size=TYPE.note, colour="ink2")
        base += _NOTE_PITCH
    canvas.height = base - _NOTE_PITCH + MARGIN


def outline(canvas: Canvas, box: Box, colour: str, width: float = LINE.hair) -> None:
    """Draw the outline of a rectangle."""
    corners = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
    # The run goes on past its first corner, so that the joint there is mitred as well.
    canvas.line([(*corners, corners[0], corners[1])], colour, width)


def finish(canvas: Canvas, plate: Plate, alt: str, row_ids: Sequence[str] = ()) -> Drawing:
    """Return the finished figure: files, picture, alternative text, and rows behind it."""
    rows = tuple(dict.fromkeys(row_ids))
    sentences = f"{alt} {plate.status}." if plate.status else alt
    identity = Identity(
        id=plate.id,
        title=plate.title,
        alt=sentences,
        study=plate.study,
        status=plate.status,
        digest=plate.digest,
        version=plate.version,
        row_ids=rows,
    )
    return Drawing(
        id=plate.id,
        title=plate.title,
        width_mm=canvas.width,
        height_mm=canvas.height,
        svg=render_svg(canvas, identity, page=False),
        page_svg=render_svg(canvas, identity, page=True),
        png=render_png(canvas, identity),
        alt=sentences,
        row_ids=rows,
    )
