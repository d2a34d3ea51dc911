"""What a finished drawing holds, read back from its file: texts with their boxes, filled shapes."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

from hepatica.present.figures.boxes import Box
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.text import text_width
from hepatica.present.theme import LIGHT, MM_PER_PT

SVG = "{http://www.w3.org/2000/svg}"
# Capitals and digits reach this high; signs with a tail reach this deep.
_CAP, _DEPTH = 0.70, 0.20


def texts(drawing: Drawing) -> list[tuple[str, Box]]:
    """Return each text with the place that its ink takes, in mm."""
    found = []
    for element in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text"):
        text = element.text or ""
        size = float(element.get("font-size", "0")) / 10
        width = text_width(text, size / MM_PER_PT, element.get("font-weight") == "bold")
        x, y = (float(element.get(axis, "nan")) / 10 for axis in ("x", "y"))
        left = (
            x
            - {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")] * width
        )
        depth = _DEPTH if re.search(r"[gjpqy(),;]", text) else 0.02
        found.append((text, Box(left, y - _CAP * size, left + width, y + depth * size)))
    return found


def clashes(drawing: Drawing) -> list[tuple[str, str]]:
    """Return the texts that overlap."""
    return [
        (first, second)
        for (first, one), (second, two) in itertools.combinations(texts(drawing), 2)
        if one.meets(two)
    ]


def outside(drawing: Drawing) -> list[str]:
    """Return the texts and shapes that leave the page."""
    page = Box(0.5, 0.0, drawing.width_mm - 0.5, drawing.height_mm - 0.5)
    off = [text for text, box in texts(drawing) if not box.within(page)]
    sheet = Box(0.0, 0.0, drawing.width_mm, drawing.height_mm)
    return off + [token for token, box in areas(drawing) if not box.within(sheet)]


def areas(drawing: Drawing, token: str = "") -> list[tuple[str, Box]]:
    """Return the colour and the box of each filled shape, of one colour where a token is named."""
    found = []
    for element in ElementTree.fromstring(drawing.svg).iter(f"{SVG}path"):
        colour = element.get("fill", "")
        if not colour or (token and colour != LIGHT[token]):
            continue
        points = path_points(element.get("d", ""))
        x, y = [point[0] for point in points], [point[1] for point in points]
        found.append((colour, Box(min(x), min(y), max(x), max(y))))
    return found


def rectangles(drawing: Drawing, token: str) -> list[Box]:
    """Return the filled rectangles of a colour: shapes whose four sides are level or upright."""
    found = []
    for element in ElementTree.fromstring(drawing.svg).iter(f"{SVG}path"):
        run = element.get("d", "")
        if element.get("fill") == LIGHT[token] and re.fullmatch(r"M[^MHVL]+(H[^L]+V[^L]+)+Z", run):
            points = path_points(run)
            x, y = [point[0] for point in points], [point[1] for point in points]
            found.append(Box(min(x), min(y), max(x), max(y)))
    return found


def path_points(run: str) -> list[tuple[float, float]]:
    """Return the points of a run of strokes, in mm."""
    x = y = 0.0
    points = []
    for sign, numbers in re.findall(r"([MHVL])([^MHVLZ]*)", run):
        values = [float(one) / 10 for one in numbers.split()]
        if sign in "ML":
            x, y = values
        elif sign == "H":
            (x,) = values
        else:
            (y,) = values
        points.append((x, y))
    return points


def named(drawing: Drawing, name: str) -> list[tuple[float, float]]:
    """Return the points of the stroke with a name."""
    for element in ElementTree.fromstring(drawing.svg).iter(f"{SVG}path"):
        if element.get("id", "").endswith(f"-{name}"):
            return path_points(element.get("d", ""))
    return []
