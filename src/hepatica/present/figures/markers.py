"""Marks of events in the course of a patient, each a shape of its own with a ring of background."""

from __future__ import annotations

from typing import Literal

from hepatica.present.figures.canvas import Canvas, Point

Event = Literal["partial", "complete", "progressed", "reduced", "died", "ongoing"]

#: Half of the height of a mark in mm, and the ring round it.
HALF = 1.05
RING = 0.3

#: What each mark means, in the order of keys.
EVENTS: tuple[tuple[Event, str], ...] = (
    ("partial", "First partial response"),
    ("complete", "First complete response"),
    ("progressed", "Progression"),
    ("reduced", "Dose reduced"),
    ("died", "Death"),
    ("ongoing", "Treatment ongoing"),
)


def draw_event(
    canvas: Canvas, event: Event, at: Point, colour: str = "", half: float = HALF
) -> None:
    """Draw a mark with its centre at a place; one that goes on begins there.

    Parameters
    ----------
    canvas : Canvas
        The drawing.
    event : str
        First partial or complete response, progression, first lower dose, death, or treatment
        that goes on.
    at : tuple of float
        Place in mm.
    colour : str
        Token, where it is not that of the event.
    half : float
        Half of its height in mm.
    """
    x, y = at
    if event == "progressed":
        arm = 0.85 * half
        strokes = [
            ((x - arm, y - arm), (x + arm, y + arm)),
            ((x - arm, y + arm), (x + arm, y - arm)),
        ]
        canvas.line(strokes, "bg", 2.8)
        canvas.line(strokes, "response-pd", 1.3)
        return
    if event == "reduced":
        # An open triangle: its outline is as heavy as the mark is high.
        canvas.area(_down(x, y, half, RING), "bg")
        canvas.area(_down(x, y, half, 0.0), "ink")
        canvas.area(_down(x, y, half, -0.24 * half), "bg")
        return
    shapes = {"partial": _triangle, "complete": _diamond, "died": _square, "ongoing": _arrow}
    shape = shapes[event]
    canvas.area(shape(x, y, half, RING), "bg")
    own = "ink" if event == "died" else "response-cr"
    canvas.area(shape(x, y, half, 0.0), colour or own)


def _triangle(x: float, y: float, half: float, ring: float) -> tuple[Point, ...]:
    return (
        (x, y - half - 2 * ring),
        (x + half + 1.7 * ring, y + 0.85 * half + ring),
        (x - half - 1.7 * ring, y + 0.85 * half + ring),
    )


def _down(x: float, y: float, half: float, ring: float) -> tuple[Point, ...]:
    return (
        (x, y + half + 2 * ring),
        (x + half + 1.7 * ring, y - 0.85 * half - ring),
        (x - half - 1.7 * ring, y - 0.85 * half - ring),
    )


def _diamond(x: float, y: float, half: float, ring: float) -> tuple[Point, ...]:
    reach = 1.1 * half + 1.4 * ring
    return (x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)


def _square(x: float, y: float, half: float, ring: float) -> tuple[Point, ...]:
    reach = 0.8 * half + ring
    return (
        (x - reach, y - reach),
        (x + reach, y - reach),
        (x + reach, y + reach),
        (x - reach, y + reach),
    )


def _arrow(x: float, y: float, half: float, ring: float) -> tuple[Point, ...]:
    reach = half + 1.7 * ring
    return (x - ring, y - reach), (x + 1.7 * half + 2 * ring, y), (x - ring, y + reach)
