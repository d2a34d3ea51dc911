"""Writing a canvas as SVG: text as text, fixed order, two decimals, no time stamp."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from hepatica.present.figures.canvas import Area, Canvas, Identity, Line, Point, Text
from hepatica.present.figures.text import clean, clean_id
from hepatica.present.theme import BAND_OPACITY, FIGURE_FONTS, LIGHT, MM_PER_PT, custom_property

_QUOTES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def render_svg(canvas: Canvas, identity: Identity, *, page: bool) -> str:
    """Return a canvas as SVG.

    Parameters
    ----------
    canvas : Canvas
        Marks in mm.
    identity : Identity
        Title, description and metadata.
    page : bool
        Colours as custom properties for use inside a page, without metadata; otherwise light hex
        with metadata.
    """
    colour: Callable[[str], str] = custom_property if page else LIGHT.__getitem__
    prefix = f"{xml_id(identity.id)}-{canvas.width:g}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{prefix}" '
        f'width="{canvas.width:g}mm" height="{_plain(canvas.height)}mm" '
        f'viewBox="0 0 {_number(canvas.width)} {_number(canvas.height)}" role="img" '
        f'aria-labelledby="{prefix}-title {prefix}-desc" '
        f'font-family="{escape(FIGURE_FONTS, _QUOTES)}" fill="none" '
        'stroke-linecap="butt" stroke-linejoin="miter">',
        f'<title id="{prefix}-title">{escape(clean(identity.title))}</title>',
        f'<desc id="{prefix}-desc">{escape(clean(identity.alt))}</desc>',
    ]
    if not page:
        lines.append(_metadata(identity))
    lines.append(
        f'<rect width="{_number(canvas.width)}" height="{_number(canvas.height)}" '
        f'fill="{colour("bg")}"/>'
    )
    for mark in canvas.marks:
        if isinstance(mark, Text):
            lines.append(_text(mark, colour))
        elif isinstance(mark, Line):
            lines.append(_line(mark, colour, prefix))
        else:
            lines.append(_area(mark, colour, prefix, page))
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def xml_id(text: str) -> str:
    """Return a text as an id: letters, digits, dot, dash and underscore, a letter first.

    Examples
    --------
    >>> xml_id("pfs by <arm>"), xml_id("1st")
    ('pfs-by--arm-', 'f1st')
    """
    kept = re.sub(r"[^A-Za-z0-9._-]", "-", text)
    return kept if kept[:1].isalpha() else f"f{kept}"


def row_patterns(row_ids: Iterable[str]) -> tuple[str, ...]:
    """Return ids of rows with the many times of a curve written once, as a star.

    Examples
    --------
    >>> row_patterns(["S/a/curve/3/survival", "S/a/curve/9/survival", "S/a/n"])
    ('S/a/curve/*/survival', 'S/a/n')
    """
    starred = (re.sub(r"/curve/[0-9.e+]+/", "/curve/*/", row_id) for row_id in row_ids)
    return tuple(dict.fromkeys(starred))


def _metadata(identity: Identity) -> str:
    fields = (
        ("title", identity.title),
        ("study", identity.study),
        ("data-status", identity.status),
        ("digest", identity.digest),
        ("version", identity.version),
    )
    parts = [f"<{name}>{escape(clean(value))}</{name}>" for name, value in fields if value]
    parts += [f"<row>{escape(clean_id(row))}</row>" for row in row_patterns(identity.row_ids)]
    return (
        '<metadata><figure xmlns="urn:hepatica:figure">' + "\n".join(parts) + "</figure></metadata>"
    )


def _plain(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _number(mm: float) -> str:
    return _plain(mm * 10)


def _path(points: Sequence[Point]) -> str:
    shown = [(_number(x), _number(y)) for x, y in points]
    parts = [f"M{shown[0][0]} {shown[0][1]}"]
    for (x0, y0), (x1, y1) in pairwise(shown):
        if x0 == x1 and y0 == y1:
            continue
        if y0 == y1:
            parts.append(f"H{x1}")
        elif x0 == x1:
            parts.append(f"V{y1}")
        else:
            parts.append(f"L{x1} {y1}")
    return "".join(parts)


def _named(prefix: str, name: str) -> str:
    return f' id="{prefix}-{xml_id(name)}"' if name else ""


def _line(mark: Line, colour: Callable[[str], str], prefix: str) -> str:
    dash = ""
    if mark.dash:
        lengths = " ".join(_number(length * MM_PER_PT) for length in mark.dash)
        dash = f' stroke-dasharray="{lengths}"'
    return (
        f'<path{_named(prefix, mark.id)} d="{"".join(_path(run) for run in mark.strokes)}" '
        f'stroke="{colour(mark.colour)}" stroke-width="{_number(mark.width * MM_PER_PT)}"{dash}/>'
    )


def _area(mark: Area, colour: Callable[[str], str], prefix: str, page: bool) -> str:
    opacity = ""
    if mark.band:
        share = BAND_OPACITY["light"]
        opacity = f' fill-opacity="{f"var(--band-opacity,{share:g})" if page else f"{share:g}"}"'
    return (
        f'<path{_named(prefix, mark.id)} d="{_path(mark.points)}Z" '
        f'fill="{colour(mark.colour)}"{opacity}/>'
    )


def _text(mark: Text, colour: Callable[[str], str]) -> str:
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    weight = ' font-weight="bold"' if mark.bold else ""
    row = f' data-row="{escape(clean_id(mark.row), _QUOTES)}"' if mark.row else ""
    place = f"{_number(mark.x)} {_number(mark.y)}"
    turn = f' transform="rotate(-90 {place})"' if mark.turned else ""
    return (
        f'<text x="{_number(mark.x)}" y="{_number(mark.y)}"{turn} '
        f'font-size="{_number(mark.size * MM_PER_PT)}"{weight}{anchor} '
        f'fill="{colour(mark.colour)}"{row}>{escape(mark.text)}</text>'
    )
