"""How many studies are missing on one side of a funnel: the iteration of trim and fill.

Studies run along the first axis in rising order of their estimates, those an outcome does not have
at the end; outcomes along the second. The side on which large estimates are missing is the mirror
of the other, so only surplus large estimates are ever trimmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.meta._pooled import Options, fit
from hepatica.stats.meta._studies import Studies

#: Steps after which an iteration that goes round in circles is given up; metafor's number.
STEPS = 100
#: Distances to the centre that differ by this share of the largest differ by rounding only.
SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Where the iteration ended, every array (o,), and its path.

    `path_centre` and `path_k0` are (steps, o); NaN and -1 after the end of an outcome.
    """

    centre: FloatArray
    k0: IntArray
    raw: FloatArray
    iterations: IntArray
    status: npt.NDArray[np.str_]
    path_centre: FloatArray
    path_k0: IntArray


def trim(studies: Studies, trim_by: str, estimator: str, convention: str) -> Trimmed:
    """Iterate number missing and centre; every outcome has two studies or more."""
    count = len(studies.k)
    options = Options(trim_by, "wald", "z", 0.95)
    place = np.arange(len(studies.y))[:, None]
    k0, raw = np.zeros(count, dtype=np.int64), np.zeros(count)
    centre, iterations = np.zeros(count), np.zeros(count, dtype=np.int64)
    status = np.full(count, "not_settled", dtype="<U13")
    ranks = np.zeros(studies.y.shape)
    centres, numbers = [], []
    active = np.arange(count)
    some = studies
    for step in range(1, STEPS + 1):
        kept = place < some.k - k0[active]
        found = fit(_keep(some, kept), options).estimate
        signed = _signed_ranks(some, found, convention)
        new, guess = _number(signed, some.k, estimator, convention)
        same = new == k0[active]
        if convention == "stata":
            same = (signed == ranks[:, active]).all(axis=0)
            ranks[:, active] = signed
        undefined = np.isnan(guess) | (new > some.k - 1)
        centre[active], raw[active], iterations[active] = found, guess, step
        k0[active] = np.where(undefined, 0, new)
        status[active[same]] = "ok"
        status[active[undefined]] = "undefined"
        centres.append(_spread(active, found, count, np.nan))
        numbers.append(_spread(active, k0[active], count, -1))
        keep = ~(same | undefined)
        if not keep.any():
            break
        if not keep.all():
            active, some = active[keep], some.pick(keep)
    return Trimmed(centre, k0, raw, iterations, status, np.array(centres), np.array(numbers))


def _spread(
    active: IntArray, values: npt.NDArray[Any], count: int, gone: float
) -> npt.NDArray[Any]:
    if len(active) == count:
        return values.copy()
    out = np.full(count, gone, dtype=values.dtype)
    out[active] = values
    return out


def _keep(studies: Studies, kept: npt.NDArray[np.bool_]) -> Studies:
    present = studies.present & kept
    return Studies(
        np.where(present, studies.y, 0.0),
        np.where(present, studies.v, np.inf),
        present,
        present.sum(axis=0, dtype=np.int64),
    )


def _signed_ranks(studies: Studies, centre: FloatArray, convention: str) -> FloatArray:
    """Return ranks of the distances to the centre with the sign of the deviation; 0 if missing."""
    off = studies.y - centre
    span = np.where(studies.present, np.abs(off), 0.0).max(axis=0)
    off = np.where(np.abs(off) > SAME * span, off, 0.0)
    distance = np.where(studies.present, np.abs(off), np.inf)
    if convention == "metafor":
        ranks = np.empty(off.shape)
        order = np.argsort(distance, axis=0, kind="stable")
        np.put_along_axis(ranks, order, np.arange(1.0, len(off) + 1.0)[:, None], axis=0)
    else:
        ranks = _average_ranks(distance, SAME * span)
    return np.where(studies.present, np.sign(off) * ranks, 0.0)


def _average_ranks(values: FloatArray, same: FloatArray) -> FloatArray:
    """Return ranks along the first axis; values within `same` (o,) share the mean of theirs."""
    order = np.argsort(values, axis=0, kind="stable")
    rising = np.take_along_axis(values, order, axis=0)
    k = len(values)
    place = np.arange(float(k))[:, None]
    new = np.ones(rising.shape, dtype=np.bool_)
    with np.errstate(invalid="ignore"):  # two missing studies are infinitely far, and tied
        new[1:] = rising[1:] - rising[:-1] > same
    first = np.maximum.accumulate(np.where(new, place, 0.0), axis=0)
    last_of_run = np.ones(rising.shape, dtype=np.bool_)
    last_of_run[:-1] = new[1:]
    last = np.minimum.accumulate(np.where(last_of_run, place, float(k))[::-1], axis=0)[::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, 0.5 * (first + last) + 1.0, axis=0)
    return ranks


def _number(
    signed: FloatArray, k: IntArray, estimator: str, convention: str
) -> tuple[IntArray, FloatArray]:
    """Return the number missing, rounded by the convention, and as the formula gives it."""
    positive = np.where(signed > 0.0, signed, 0.0).sum(axis=0)
    if estimator == "R0":
        most = np.where(signed < 0.0, -signed, -np.inf).max(axis=0)
        raw = np.where(np.isfinite(most), k - most - 1.0, np.nan)
    elif estimator == "L0":
        raw = (4.0 * positive - k * (k + 1.0)) / (2.0 * k - 1.0)
    else:
        inside = 2.0 * k**2 - 4.0 * positive + 0.25
        root = np.sqrt(np.where(inside >= 0.0, inside, np.nan))
        raw = k - 0.5 - root
    known = np.where(np.isnan(raw), 0.0, np.maximum(raw, 0.0))
    rounded = np.rint(known) if convention == "metafor" else np.floor(known + 0.5)
    return rounded.astype(np.int64), raw


def error_of_number(k: IntArray, raw: FloatArray, estimator: str) -> FloatArray:
    """Return the standard error of the number missing, Duval and Tweedie's formulas."""
    if estimator == "R0":
        return np.sqrt(2.0 * np.maximum(raw, 0.0) + 2.0)
    size: FloatArray = k.astype(np.float64)
    variance = (
        size * (size + 1.0) * (2.0 * size + 1.0)
        + 10.0 * raw**3
        + 27.0 * raw**2
        + 17.0 * raw
        - 18.0 * size * raw**2
        - 18.0 * size * raw
        + 6.0 * size**2 * raw
    ) / 24.0
    # far on the other side the formula has no variance
    variance = np.where(variance >= 0.0, variance, np.nan)
    if estimator == "L0":
        return 4.0 * np.sqrt(variance) / (2.0 * size - 1.0)
    below = (size - 0.5) ** 2 - raw * (2.0 * size - raw - 1.0)
    return 2.0 * np.sqrt(variance) / np.sqrt(np.where(below > 0.0, below, np.nan))
