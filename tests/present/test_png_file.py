"""PNG files hold the pixels and texts that were given, and say how large they are drawn."""

import io

import numpy as np
from PIL import Image

from hepatica.present.figures.png_file import png_file


def drawing() -> np.ndarray:
    pixels = np.full((40, 60, 4), 255, dtype=np.uint8)
    pixels[10:20, 5:55] = (0, 90, 160, 128)
    pixels[30] = np.arange(240, dtype=np.uint8).reshape(60, 4)
    return pixels


def test_another_reader_finds_pixels_texts_and_resolution() -> None:
    texts = {"Title": "Overall survival", "Study": "α and ≥ 400", "Rows": "a\nb"}
    found = Image.open(io.BytesIO(png_file(drawing(), texts, 300)))
    assert found.format == "PNG"
    assert found.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(found), drawing())
    assert found.text == texts
    assert round(found.info["dpi"][0]) == 300


def test_every_chunk_carries_its_check_sum() -> None:
    content = bytearray(png_file(drawing(), {}, 300))
    Image.open(io.BytesIO(content)).verify()
    content[content.index(b"IHDR") + 5] ^= 1
    try:
        Image.open(io.BytesIO(content)).verify()
    except (SyntaxError, OSError):
        return
    raise AssertionError("a spoiled header passed")


def test_same_pixels_give_the_same_bytes() -> None:
    assert png_file(drawing(), {"Title": "A"}, 300) == png_file(drawing(), {"Title": "A"}, 300)
