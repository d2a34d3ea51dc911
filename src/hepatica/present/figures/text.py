"""Measuring text with the font that ships with the package.

Helvetica, Arial and Liberation Sans have the same advance widths, so a layout measured here holds
on every machine. Kerning is left out; it only makes text narrower.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from matplotlib.ft2font import FT2Font, LoadFlags

from hepatica.present.theme import MM_PER_PT

FONTS = Path(__file__).resolve().parent.parent / "fonts"

#: Height above and depth below the baseline that text is given, as shares of its size.
ASCENT = 0.73
DESCENT = 0.21

ELLIPSIS = "…"
_EM = 2048
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: What stands in a picture for a sign the font lacks; vector files keep the sign itself.
_MISSING = "\N{WHITE SQUARE}"


def font_file(bold: bool) -> Path:
    """Return the path of the font that ships with the package."""
    return FONTS / ("LiberationSans-Bold.ttf" if bold else "LiberationSans-Regular.ttf")


@cache
def _advances(bold: bool) -> dict[int, float]:
    font = FT2Font(str(font_file(bold)))
    font.set_size(_EM, 72)
    loaded = LoadFlags.NO_HINTING | LoadFlags.NO_SCALE
    return {
        code: font.load_glyph(index, loaded).horiAdvance / _EM
        for code, index in font.get_charmap().items()
    }


def clean(text: str) -> str:
    r"""Return a text on one line, without control signs and what XML forbids.

    Examples
    --------
    >>> clean("Stage I\n  or\x00 II") == "Stage I or II"
    True
    """
    kept = _FORBIDDEN.sub("", unicodedata.normalize("NFC", text))
    return re.sub(r"[ \t\r\n]+", " ", kept).strip(" ")


def clean_id(text: str) -> str:
    """Return the id of a row as it is, but for signs that XML forbids."""
    return _FORBIDDEN.sub("", text)


def drawable(text: str, bold: bool) -> str:
    """Return a text in which signs that the font lacks are replaced by a square."""
    known = _advances(bold)
    return "".join(sign if ord(sign) in known else _MISSING for sign in text)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text in mm.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Size in pt.
    bold : bool
        Whether the bold font is used.

    Examples
    --------
    >>> round(text_width("0.39", 7.5), 2)
    5.15
    """
    known = _advances(bold)
    # A sign from another font, such as a Chinese character, is taken to be one em wide.
    ems = sum(known.get(ord(sign), 1.0) for sign in text)
    return ems * size * MM_PER_PT


def shorten(text: str, size: float, width: float, bold: bool = False) -> str:
    """Return a text cut with an ellipsis so that it is no wider than ``width`` mm.

    Examples
    --------
    >>> shorten("Anlotinib after sorafenib", 7.5, 20)
    'Anlotinib after…'
    """
    if text_width(text, size, bold) <= width:
        return text
    for end in range(len(text) - 1, 0, -1):
        cut = text[:end].rstrip() + ELLIPSIS
        if text_width(cut, size, bold) <= width:
            return cut
    return ELLIPSIS


def wrap(
    text: str, size: float, width: float, bold: bool = False, lines: int | None = None
) -> tuple[str, ...]:
    """Break a text at spaces into lines no wider than ``width`` mm.

    A word that is wider than a line, and whatever is left after ``lines`` lines, is cut with an
    ellipsis.

    Examples
    --------
    >>> wrap("Anlotinib after sorafenib", 7.5, 20)
    ('Anlotinib after', 'sorafenib')
    """
    broken: list[str] = []
    current = ""
    words = text.split(" ")
    for position, word in enumerate(words):
        longer = f"{current} {word}" if current else word
        if text_width(longer, size, bold) <= width or not current:
            current = longer
            continue
        if lines is not None and len(broken) == lines - 1:
            current = " ".join((current, *words[position:]))
            break
        broken.append(current)
        current = word
    broken.append(current)
    return tuple(shorten(line, size, width, bold) for line in broken)
