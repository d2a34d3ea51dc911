"""Finding a place for the names of curves by measuring: beside their curve, touching nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hepatica.present.figures.boxes import Box, Obstacles

#: Distances tried between a name and its curve in mm with what each costs, the best first.
_GAPS = ((1.1, 0.0), (1.9, 1.5), (2.9, 3.5), (0.7, 5.0))
#: How much nearer a name stands to its own curve than to any other, and steps along it, in mm.
_NEARER = 0.6
_STEP = 1.0
_KEPT = 60
_MOST_TRIES = 4000


@dataclass(frozen=True, slots=True)
class Trace:
    """A drawn step curve: ``x`` and ``y`` in mm at which each level begins, and its end."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    end: float

    def levels(self, left: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the height of the curve in mm at places along x."""
        at = np.clip(np.searchsorted(self.x, left, side="right") - 1, 0, len(self.x) - 1)
        return np.asarray(self.y[at], dtype=float)


def place_names(
    traces: Sequence[Trace],
    sizes: Sequence[tuple[float, float]],
    obstacles: Obstacles,
    room: Box,
) -> tuple[Box, ...] | None:
    """Return one free box per name, or ``None`` when a name finds no place.

    Parameters
    ----------
    traces : sequence of Trace
        The curves, in the order of the names.
    sizes : sequence of tuple of float
        Width and height of each name in mm.
    obstacles : Obstacles
        What no name may touch.
    room : Box
        Where names may stand.
    """
    wanted = [
        _candidates(position, traces, size, obstacles, room) for position, size in enumerate(sizes)
    ]
    order = sorted(range(len(wanted)), key=lambda position: len(wanted[position]))
    tries = [0]

    def settle(taken: dict[int, Box], depth: int) -> dict[int, Box] | None:
        if depth == len(order):
            return taken
        for box in wanted[order[depth]]:
            tries[0] += 1
            if tries[0] > _MOST_TRIES:
                return None
            if all(not box.grown(0.8).meets(other) for other in taken.values()):
                settled = settle(taken | {order[depth]: box}, depth + 1)
                if settled is not None:
                    return settled
        return None

    settled = settle({}, 0)
    return None if settled is None else tuple(settled[position] for position in range(len(sizes)))


def _candidates(
    position: int,
    traces: Sequence[Trace],
    size: tuple[float, float],
    obstacles: Obstacles,
    room: Box,
) -> list[Box]:
    trace = traces[position]
    if not len(trace.x):
        return []
    scored = []
    for rank, (box, cost) in enumerate(_along(trace, size, _rank(position, traces))):
        if not box.within(room) or not obstacles.free(box):
            continue
        others = [other for at, other in enumerate(traces) if at != position and len(other.x)]
        nearest = min((_distance(box, other) for other in others), default=99.0)
        lead = nearest - _distance(box, trace)
        if lead < _NEARER:
            continue
        scored.append((cost + max(0.0, 7.0 - nearest) + max(0.0, 5.0 - 2.5 * lead), rank, box))
    scored.sort(key=lambda entry: entry[:2])
    return [box for _, _, box in scored[:_KEPT]]


def _rank(position: int, traces: Sequence[Trace]) -> float:
    """Return -1 for the highest curve, 1 for the lowest, between them by order."""
    drawn = [trace for trace in traces if len(trace.x)]
    places = np.linspace(drawn[0].x[0], min(trace.end for trace in drawn), 20)
    heights = [float(np.mean(trace.levels(places))) for trace in drawn]
    position = next(at for at, trace in enumerate(drawn) if trace is traces[position])
    if len(heights) == 1:
        return -1.0
    below = sum(height < heights[position] for height in heights)
    return 2.0 * below / (len(heights) - 1) - 1.0


def _along(trace: Trace, size: tuple[float, float], rank: float) -> list[tuple[Box, float]]:
    width, height = size
    start = float(trace.x[0])
    found: list[tuple[Box, float]] = []
    wanted = start + 0.4 * (trace.end - start)
    for left in np.arange(start + 1.0, max(trace.end - width, start + 1.0) + _STEP, _STEP):
        span = np.array([left - 0.4, min(left + width + 0.4, trace.end)])
        high, low = trace.levels(span)
        sag = float(low - high)
        away = 0.06 * abs(left + width / 2 - wanted)
        for gap, price in _GAPS:
            cost = 0.8 * sag + away + price
            above = Box(left, high - gap - height, left + width, high - gap)
            below = Box(left, low + gap, left + width, low + gap + height)
            found.append((above, cost + 4.0 * max(rank, 0.0)))
            found.append((below, cost + 4.0 * max(-rank, 0.0)))
    last = float(trace.y[-1])
    for shift in (0.5, 0.9, 0.1):
        top = last - height * shift
        found.append((Box(trace.end + 1.2, top, trace.end + 1.2 + width, top + height), 6.0))
    return found


def _distance(box: Box, trace: Trace) -> float:
    """Return how far a box is from a curve in mm."""
    if box.x0 > trace.end:
        dx = box.x0 - trace.end
        level = float(trace.y[-1])
        return max(dx, level - box.y1, box.y0 - level)
    places = np.linspace(box.x0, min(box.x1, trace.end), 12)
    levels = trace.levels(places)
    gaps = np.maximum(levels - box.y1, box.y0 - levels)
    return float(np.min(gaps))
