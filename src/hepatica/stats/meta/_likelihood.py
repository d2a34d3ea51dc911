"""Maximum (restricted) likelihood of tau2, safely and to full precision.

Newton steps on the score, Fisher's step where the curvature has the wrong sign, bisection where a
step would leave the bracket. Source of score and information: Viechtbauer, J Educ Behav Stat
2005;30:261. The likelihood can have more than one maximum; wherever a plain Newton step did not
do, a grid is searched as well and the highest maximum wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.meta._moments import loglik, moments
from hepatica.stats.meta._studies import Studies

#: A Newton step this small (share of tau2 + typical variance) leaves an error of its square.
SMALL_STEP = 3e-9
#: After this many steps every other step is a bisection; 80 halvings exhaust a double.
NEWTON_STEPS, STEPS = 20, 200
#: Two searches that end this near (share) have found one maximum.
SAME = 1e-6
#: A step below 0 goes to this share of tau2 while tau2 is above this share of a variance.
SHRINK, NEAR_0 = 0.2, 0.05
#: Values of tau2 tried where more than one maximum is possible.
GRID = 60
#: Outcomes searched on the grid at a time: their arrays stay in the cache.
CHUNK = 64
#: Weights multiplied before a logarithm is taken; more could leave the range of a double.
FACTORS = 2


@dataclass(frozen=True, slots=True)
class Solution:
    """Roots (o,), steps taken, whether a plain Newton step failed somewhere, whether it ended."""

    tau2: FloatArray
    iterations: IntArray
    fallback: npt.NDArray[np.bool_]
    converged: npt.NDArray[np.bool_]


@dataclass(slots=True)
class _Search:
    """The outcomes that are still being solved."""

    at: FloatArray
    low: FloatArray  # score positive; -1: not known yet
    high: FloatArray  # score negative
    unit: FloatArray  # typical variance


def maximise(
    studies: Studies, starts: tuple[FloatArray, FloatArray], *, restricted: bool
) -> Solution:
    """Return the tau2 >= 0 with the highest likelihood.

    A moment estimate with weights 1/v begins near a maximum that precise studies make, one
    without weights near a maximum that scattered studies make; `starts` (o,) are such a pair.
    """
    found = _climb(studies, starts[0], restricted=restricted)
    other = _climb(studies, starts[1], restricted=restricted)
    tau2 = found.tau2.copy()
    apart = np.abs(tau2 - other.tau2) > SAME * (tau2 + other.tau2)
    _prefer(studies, tau2, np.flatnonzero(apart), other.tau2[apart], restricted=restricted)
    fallback = found.fallback | other.fallback
    doubtful = np.flatnonzero(fallback)
    if len(doubtful):
        some = studies.pick(doubtful)
        again = _climb(some, _best_on_grid(some, restricted=restricted), restricted=restricted)
        _prefer(studies, tau2, doubtful, again.tau2, restricted=restricted)
    rival = np.flatnonzero((tau2 > 0.0) & _peak_at_zero(studies, restricted=restricted))
    _prefer(studies, tau2, rival, np.zeros(len(rival)), restricted=restricted)
    return Solution(tau2, found.iterations, fallback & (tau2 > 0.0), found.converged)


def _prefer(
    studies: Studies, tau2: FloatArray, at: IntArray, other: FloatArray, *, restricted: bool
) -> None:
    """Put other values where they are likelier."""
    if len(at):
        some = studies.pick(at)
        ours = loglik(some, tau2[at], restricted=restricted)
        higher = loglik(some, other, restricted=restricted) > ours
        tau2[at[higher]] = other[higher]


def _peak_at_zero(studies: Studies, *, restricted: bool) -> npt.NDArray[np.bool_]:
    """Return where the likelihood falls from 0 on, so that 0 is a maximum of its own."""
    at_zero = moments(studies, np.zeros(len(studies.k)))
    trace = at_zero.trace_p if restricted else at_zero.sum_w
    falls: npt.NDArray[np.bool_] = at_zero.ypp <= trace
    return falls


def _climb(studies: Studies, start: FloatArray, *, restricted: bool) -> Solution:
    count = len(start)
    unit = studies.k / (1.0 / studies.v).sum(axis=0)
    tau2 = np.maximum(start, 0.0)
    iterations = np.zeros(count, dtype=np.int64)
    fallback = np.zeros(count, dtype=np.bool_)
    converged = np.zeros(count, dtype=np.bool_)
    active = np.arange(count)
    some = studies
    search = _Search(tau2.copy(), np.full(count, -1.0), np.full(count, np.inf), unit)
    for step in range(1, STEPS + 1):
        new, plain, done = _step(some, search, restricted=restricted, step=step)
        iterations[active] = step
        fallback[active] |= ~plain
        tau2[active] = new
        converged[active] = done
        if done.all():
            break
        keep = ~done
        if keep.all():
            search.at = new
            continue
        active, some = active[keep], some.pick(keep)
        search = _Search(new[keep], search.low[keep], search.high[keep], search.unit[keep])
    return Solution(tau2, iterations, fallback, converged)


def _step(
    studies: Studies, search: _Search, *, restricted: bool, step: int
) -> tuple[FloatArray, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the next tau2, where it is a plain Newton step, and where the search ends."""
    at = search.at
    sums = moments(studies, at)
    trace, information = (sums.trace_p, sums.trace_pp) if restricted else (sums.sum_w, sums.sum_w2)
    score = sums.ypp - trace
    slope = information - 2.0 * sums.yppp
    search.low = np.where(score > 0.0, at, search.low)
    search.high = np.where(score < 0.0, at, search.high)
    plain = slope < 0.0
    new = at + score / np.where(plain, -slope, information)
    # A step below 0 may pass a maximum: come nearer by parts, to where only 0 is left.
    new = np.where(new >= 0.0, new, np.where(at > NEAR_0 * search.unit, SHRINK * at, 0.0))
    out = (new <= search.low) | (new >= search.high)
    if step > NEWTON_STEPS and step % 2:
        out |= np.isfinite(search.high)
    out &= np.isfinite(search.high) & (score != 0.0)
    low = np.maximum(search.low, 0.0)
    middle = low + 0.5 * (np.where(out, search.high, low) - low)
    ended = (at == 0.0) & (score <= 0.0)
    new = np.where(ended, 0.0, np.where(out, middle, new))
    moved = np.abs(new - at)
    scale = new + search.unit
    small = (plain & ~out & (moved <= SMALL_STEP * scale)) | (out & (moved <= 1e-16 * scale))
    done = ended | (score == 0.0) | small
    return new, (plain & ~out) | done, done


def _best_on_grid(studies: Studies, *, restricted: bool) -> FloatArray:
    y = np.where(studies.present, studies.y, np.nan)
    span = np.nanmax(y, axis=0) - np.nanmin(y, axis=0)
    unit = studies.k / (1.0 / studies.v).sum(axis=0)
    top = np.maximum(2.0 * span * span, unit)
    bottom = 1e-4 * unit
    grid = bottom * (top / bottom) ** np.linspace(0.0, 1.0, GRID)[:, None]
    grid = np.concatenate((np.zeros((1, len(unit))), grid))  # (g, o)
    heights = np.empty(grid.shape)
    for first in range(0, len(unit), CHUNK):
        part = np.arange(first, min(first + CHUNK, len(unit)))
        heights[:, part] = _heights(studies.pick(part), grid[:, part], restricted=restricted)
    best: FloatArray = np.take_along_axis(grid, heights.argmax(axis=0)[None], axis=0)[0]
    return best


def _heights(studies: Studies, grid: FloatArray, *, restricted: bool) -> FloatArray:
    """Return the log-likelihood at each tau2 of a grid (g, o), without constants."""
    if type(studies) is not Studies:  # a meta-regression has a likelihood of its own
        tiled = studies.pick(np.tile(np.arange(grid.shape[1]), len(grid)))
        return loglik(tiled, grid.ravel(), restricted=restricted).reshape(grid.shape)
    w = 1.0 / (studies.v[:, None, :] + grid)  # (k, g, o)
    sum_w = w.sum(axis=0)
    r = studies.y[:, None, :] - np.einsum("kgo,ko->go", w, studies.y) / sum_w
    np.multiply(r, r, out=r)
    out: FloatArray = np.einsum("kgo,kgo->go", w, r)
    np.copyto(w, 1.0, where=~studies.present[:, None, :])
    for first in range(0, len(w), FACTORS):
        out -= np.log(w[first : first + FACTORS].prod(axis=0))
    out *= -0.5
    return out - 0.5 * np.log(sum_w) if restricted else out
