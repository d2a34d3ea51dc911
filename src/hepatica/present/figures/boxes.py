"""Rectangles in millimetres, and whether they meet: how a free place for a label is found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle from the upper left ``(x0, y0)`` to the lower right ``(x1, y1)``, in mm."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Width in mm."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Height in mm."""
        return self.y1 - self.y0

    def grown(self, by: float) -> Box:
        """Return the rectangle with a margin on every side."""
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def meets(self, other: Box) -> bool:
        """Return whether the two share an area.

        Examples
        --------
        >>> Box(0, 0, 2, 2).meets(Box(1, 1, 3, 3)), Box(0, 0, 2, 2).meets(Box(2, 0, 3, 3))
        (True, False)
        """
        return (
            self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
        )

    def within(self, other: Box) -> bool:
        """Return whether this rectangle lies inside the other."""
        return (
            self.x0 >= other.x0
            and self.x1 <= other.x1
            and self.y0 >= other.y0
            and self.y1 <= other.y1
        )


class Obstacles:
    """Rectangles that a label must not touch."""

    __slots__ = ("_table",)

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        rows = [(box.x0, box.y0, box.x1, box.y1) for box in boxes]
        self._table: NDArray[np.float64] = np.array(rows, dtype=float).reshape(len(rows), 4)

    def add(self, *boxes: Box) -> None:
        """Add rectangles."""
        rows = [(box.x0, box.y0, box.x1, box.y1) for box in boxes]
        self._table = np.vstack([self._table, np.array(rows, dtype=float).reshape(len(rows), 4)])

    def free(self, box: Box) -> bool:
        """Return whether a rectangle touches none of them."""
        table = self._table
        return not bool(
            np.any(
                (table[:, 0] < box.x1)
                & (box.x0 < table[:, 2])
                & (table[:, 1] < box.y1)
                & (box.y0 < table[:, 3])
            )
        )


def stroke_boxes(points: Sequence[tuple[float, float]], width: float) -> list[Box]:
    """Return the rectangles that a run of level and upright strokes of a width in mm covers."""
    half = width / 2
    return [
        Box(
            min(start[0], end[0]) - half,
            min(start[1], end[1]) - half,
            max(start[0], end[0]) + half,
            max(start[1], end[1]) + half,
        )
        for start, end in pairwise(points)
    ]
