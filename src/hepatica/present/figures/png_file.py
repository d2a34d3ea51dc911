"""Pixels as a PNG file.

Lines of a drawing are mostly one colour, which zlib finds best in the bytes as they are. Libraries
try five filters on each line first, which takes twice as long and makes such files larger.

Source: Portable Network Graphics (PNG) Specification, second edition, W3C 2003.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Eight bits for each of red, green, blue and alpha; the only compression, filters, no interlace.
_KIND = bytes((8, 6, 0, 0, 0))
_LEVEL = 3
_MM_PER_METRE, _MM_PER_INCH = 1000.0, 25.4


def png_file(pixels: NDArray[np.uint8], texts: Mapping[str, str], dpi: int) -> bytes:
    """Return a PNG file, the same bytes for the same pixels.

    Parameters
    ----------
    pixels : uint8 array (height, width, 4)
        Red, green, blue and alpha.
    texts : mapping of str to str
        Key words and what they say.
    dpi : int
        Pixels per inch.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> pixels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    >>> found = Image.open(io.BytesIO(png_file(pixels, {"Title": "Six pixels"}, 300)))
    >>> found.size, found.text, bool((np.asarray(found) == pixels).all())
    ((3, 2), {'Title': 'Six pixels'}, True)
    """
    height, width, _ = pixels.shape
    # Each line begins with the number of its filter: 0, none.
    lines = np.zeros((height, 1 + 4 * width), dtype=np.uint8)
    lines[:, 1:] = pixels.reshape(height, -1)
    per_metre = round(dpi * _MM_PER_METRE / _MM_PER_INCH).to_bytes(4, "big")
    chunks = [
        _chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + _KIND),
        *(_text(name, value) for name, value in texts.items()),
        _chunk(b"pHYs", per_metre + per_metre + b"\x01"),
        _chunk(b"IDAT", zlib.compress(lines.data, _LEVEL)),
        _chunk(b"IEND", b""),
    ]
    return _SIGNATURE + b"".join(chunks)


def _text(name: str, value: str) -> bytes:
    """Return a text, in Latin-1 where that has its characters, else in UTF-8."""
    try:
        return _chunk(b"tEXt", name.encode("latin-1") + b"\0" + value.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", name.encode("latin-1") + b"\0" * 5 + value.encode())


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + check
