"""The maximum of a likelihood with Firth's penalty, with coefficients held, and its profile.

Sources: Heinze and Schemper, Biometrics 2001;57:114, and Stat Med 2002;21:2409 (profile limits of
the penalised likelihood); Firth, Biometrika 1993;80:27.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray

_MAX_DOUBLINGS = 40
_MAX_ITERATIONS = 500
_MAX_HALVINGS = 40
_PRECISE = 1e-13
#: Steps below it, in standard errors, that do not raise the likelihood are rounding.
_ROUNDING = 1e-9
#: Steps below it that lead nowhere leave the likelihood as it is to twelve digits.
_FLAT = 1e-6
#: A limit is found when its next step is smaller than this.
_LIMIT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Penalised:
    """Penalised log likelihood and score (p,), and the information (p, p) without penalty."""

    loglik: float
    score: FloatArray
    information: FloatArray


#: The penalised likelihood at given coefficients.
PenalisedAt: TypeAlias = Callable[[FloatArray], Penalised]


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the penalised likelihood is highest."""

    coef: FloatArray
    found: Penalised
    iterations: int
    converged: bool


def climb(
    at: PenalisedAt,
    coef: FloatArray,
    held: npt.NDArray[np.bool_],
    curve: FloatArray | None = None,
) -> Maximum:
    """Maximise the penalised likelihood over the coefficients that are not held.

    Parameters
    ----------
    at : callable
        The penalised likelihood at given coefficients.
    coef : float array (p,)
        Where to begin.
    held : bool array (p,)
        Coefficients that stay as they are; the penalty is that of the whole model.
    curve : float array (p, p), optional
        Curvature to begin with, of a near maximum; the information where there is none.
    """
    free = np.flatnonzero(~held)
    now = at(coef)
    if not free.size:
        return Maximum(coef, now, 0, converged=True)
    curve, before = now.information if curve is None else curve, np.inf
    for iteration in range(1, _MAX_ITERATIONS + 1):
        unit, step = _step(now, curve, free, len(coef))
        size = float(np.abs(unit).max())
        if size > 0.5 * before:
            # The information alone is not the curvature of the penalised likelihood; where it
            # leads too slowly, the curvature is found from differences of the score.
            curve = _curvature(at, coef, now)
            unit, step = _step(now, curve, free, len(coef))
            size = float(np.abs(unit).max())
        scale = np.sqrt(np.diag(now.information))
        if size <= _PRECISE * (1.0 + float(np.abs(coef * scale).max())):
            return Maximum(coef + step, now, iteration, converged=True)
        if size <= _ROUNDING and size > 0.5 * before:
            # Steps that no longer shrink are rounding: where a coefficient is held far out, the
            # information is nearly singular and they would go to and fro.
            return Maximum(coef, now, iteration, converged=True)
        moved = _halve(at, coef, now, step)
        if moved is None:
            return Maximum(coef, now, iteration, converged=size <= _ROUNDING)
        if size >= before and moved[1].loglik <= now.loglik:
            # Far out the score is known to few digits: no step leads higher any more. What is
            # missed of the likelihood is of the order of the square of the step.
            return Maximum(coef, now, iteration, converged=size <= _FLAT)
        before = size
        curve = _bent(curve, moved[0] - coef, now.score - moved[1].score, free)
        coef, now = moved
    return Maximum(coef, now, _MAX_ITERATIONS, converged=before <= _ROUNDING)


def _step(
    now: Penalised, curve: FloatArray, free: IntArray, p: int
) -> tuple[FloatArray, FloatArray]:
    """Return the step in standard errors, at most three of them, and the step itself."""
    scale = np.sqrt(np.diag(now.information))[free]
    inside = np.ix_(free, free)
    unit = _solved(curve[inside] / np.outer(scale, scale), now.score[free] / scale)
    if not unit @ (now.score[free] / scale) > 0:
        # Not a way up: far from the maximum only the information is sure to give one.
        unit = _solved(now.information[inside] / np.outer(scale, scale), now.score[free] / scale)
    unit *= min(1.0, 3.0 / max(float(np.abs(unit).max()), 1e-300))
    step = np.zeros(p)
    step[free] = unit / scale
    return unit, step


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Return the solution; the shortest one where a group without events leaves no other."""
    try:
        found = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        found = np.linalg.lstsq(matrix, right, rcond=None)[0]
    return np.asarray(found, dtype=np.float64)


def _bent(curve: FloatArray, step: FloatArray, fall: FloatArray, free: IntArray) -> FloatArray:
    """Return the curvature with what a step told of it: the symmetric update of rank one."""
    missed = (fall - curve @ step)[free]
    along = float(missed @ step[free])
    if not abs(along) > 1e-8 * float(np.linalg.norm(missed) * np.linalg.norm(step)):
        return curve
    found = curve.copy()
    found[np.ix_(free, free)] += np.outer(missed, missed) / along
    return found


def _curvature(at: PenalisedAt, coef: FloatArray, now: Penalised) -> FloatArray:
    """Return the negative second derivatives of the penalised likelihood, by differences."""
    width = 1e-4 / np.sqrt(np.diag(now.information))
    found = np.empty_like(now.information)
    for place, each in enumerate(np.diag(width)):
        ahead, behind = at(coef + each), at(coef - each)
        found[place] = (behind.score - ahead.score) / (2.0 * width[place])
    usable = bool(np.isfinite(found).all())
    return (found + found.T) / 2.0 if usable else now.information


def _halve(
    at: PenalisedAt, coef: FloatArray, now: Penalised, step: FloatArray
) -> tuple[FloatArray, Penalised] | None:
    slack = 1e-13 * (1.0 + abs(now.loglik))
    for _ in range(_MAX_HALVINGS):
        with np.errstate(all="ignore"):
            found = at(coef + step)
        if np.isfinite(found.loglik) and found.loglik >= now.loglik - slack:
            return coef + step, found
        step = step / 2.0
    return None


class PenalisedProfile:
    """The penalised likelihood with one coefficient held, the others at their best."""

    __slots__ = ("_at", "_best", "_curve", "_drop", "_std_error", "converged")

    def __init__(self, at: PenalisedAt, best: Maximum, std_error: FloatArray, drop: float) -> None:
        self._at = at
        self._best = best
        self._std_error = std_error
        self._drop = drop
        # The limits are near enough for the curvature here to lead to the others' best.
        self._curve = _curvature(at, best.coef, best.found)
        self.converged = True

    def _held(self, place: int, value: float, start: FloatArray) -> Maximum:
        held = np.zeros(len(start), dtype=bool)
        held[place] = True
        coef = start.copy()
        coef[place] = value
        found = climb(self._at, coef, held, self._curve)
        self.converged &= found.converged
        return found

    def below(self, place: int, value: float, start: FloatArray) -> tuple[float, FloatArray]:
        """Return twice what the likelihood loses with coefficient `place` held at `value`."""
        found = self._held(place, value, start)
        return self._lost(found), found.coef

    def _lost(self, found: Maximum) -> float:
        return 2.0 * (self._best.found.loglik - found.found.loglik)

    def statistic(self, place: int) -> float:
        """Return twice what the likelihood loses with a coefficient held at 0."""
        return max(self.below(place, 0.0, self._best.coef)[0], 0.0)

    def _reached(
        self, place: int, near: tuple[float, float], far: tuple[float, float], start: FloatArray
    ) -> float:
        """Return where the likelihood has fallen by half the quantile.

        It lies between two values, each with twice what the likelihood loses there.

        With the others at their best, its slope is the score of the coefficient itself (the
        envelope theorem), so that Newton's steps are exact; one that leaves what is known to hold
        the limit is replaced by the middle.
        """
        (inside, lost), (outside, beyond) = near, far
        # Were the likelihood a parabola, the root of the loss would be a straight line.
        share = (np.sqrt(self._drop) - np.sqrt(lost)) / (np.sqrt(beyond) - np.sqrt(lost))
        value = inside + (outside - inside) * float(share)
        for _ in range(_MAX_ITERATIONS):
            found = self._held(place, value, start)
            start = found.coef
            gap = self._lost(found) - self._drop
            if gap >= 0.0:
                outside = value
            else:
                inside = value
            slope = -2.0 * float(found.found.score[place])
            step = -gap / slope if slope != 0.0 else np.inf
            precise = _LIMIT * (1.0 + abs(value))
            low, high = sorted((inside, outside))
            if abs(step) <= precise or high - low <= precise:
                return min(max(value + step, low), high)
            after = value + step
            value = after if low < after < high else (low + high) / 2.0
        return value

    def limit(self, place: int, sign: int) -> float:
        """Return where the likelihood has fallen by half the quantile, on one side."""
        inner, before, start = float(self._best.coef[place]), 0.0, self._best.coef
        width = np.sqrt(self._drop) * float(self._std_error[place])
        for _ in range(_MAX_DOUBLINGS):
            outer = inner + sign * width
            lost, found = self.below(place, outer, start)
            if lost >= self._drop:
                break
            inner, before, start, width = outer, max(lost, 0.0), found, 2.0 * width
        else:
            return sign * np.inf
        return self._reached(place, (inner, before), (outer, lost), start)
