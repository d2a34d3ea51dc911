"""Points that tell groups apart by shape as well as by colour, and ends of cut intervals."""

from __future__ import annotations

import math

from hepatica.present.figures.canvas import Canvas, Point
from hepatica.present.theme import ARMS

_CORNERS = 24


def draw_point(
    canvas: Canvas, slot: int, at: Point, half: float, ring: float = 0.3, ground: str = "bg"
) -> None:
    """Draw the point of a group with its centre at a place.

    Parameters
    ----------
    canvas : Canvas
        The drawing.
    slot : int
        Colour slot from 1; it gives colour and shape.
    at : tuple of float
        Place in mm.
    half, ring : float
        Half of its height, and the ring round it, in mm.
    ground : str
        Colour of the ring: that of the ground it stands on.
    """
    shape = ARMS[slot - 1].marker
    canvas.area(_outline(shape, at, half + ring), ground)
    canvas.area(_outline(shape, at, half), f"arm-{slot}")


def draw_arrow(canvas: Canvas, at: Point, way: int, colour: str) -> None:
    """Draw the end of an interval that goes on: ``way`` is 1 to the right and -1 to the left."""
    x, y = at
    canvas.area(((x + way * 0.4, y), (x - way * 1.4, y - 0.8), (x - way * 1.4, y + 0.8)), colour)


def _outline(shape: str, at: Point, half: float) -> tuple[Point, ...]:
    x, y = at
    match shape:
        case "square":
            reach = 0.88 * half
            return (
                (x - reach, y - reach),
                (x + reach, y - reach),
                (x + reach, y + reach),
                (x - reach, y + reach),
            )
        case "triangle":
            return (
                (x, y - half),
                (x + 1.1 * half, y + 0.85 * half),
                (x - 1.1 * half, y + 0.85 * half),
            )
        case "triangle down":
            return (
                (x, y + half),
                (x + 1.1 * half, y - 0.85 * half),
                (x - 1.1 * half, y - 0.85 * half),
            )
        case "diamond":
            reach = 1.15 * half
            return (x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)
        case "cross":
            return _cross(at, half)
        case _:
            return tuple(
                (
                    x + half * math.cos(2 * math.pi * n / _CORNERS),
                    y + half * math.sin(2 * math.pi * n / _CORNERS),
                )
                for n in range(_CORNERS)
            )


def _cross(at: Point, half: float) -> tuple[Point, ...]:
    x, y = at
    thin = 0.35 * half
    corners = (
        *((-thin, -half), (thin, -half), (thin, -thin), (half, -thin), (half, thin)),
        *((thin, thin), (thin, half), (-thin, half), (-thin, thin), (-half, thin)),
        *((-half, -thin), (-thin, -thin)),
    )
    return tuple((x + dx, y + dy) for dx, dy in corners)
