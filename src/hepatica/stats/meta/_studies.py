"""What the estimators are given: estimates and variances, checked and laid out.

Studies run along the first axis inside, outcomes along the second: sums over studies are then
sums of rows, which NumPy does fastest. A study that is not in an outcome has an estimate of 0 and
an infinite variance: its weight is 0 whatever the heterogeneity, so no mask is carried along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray

#: Positions named in a message.
SHOWN = 5
#: Largest size of an estimate or a variance, and of one over a variance.
HUGE = 1e60


@dataclass(frozen=True, slots=True)
class Studies:
    """Estimates and variances of the studies of each outcome.

    Attributes
    ----------
    y, v : float array (k, o)
        Estimates (0 where missing) and variances (infinite where missing).
    present : bool array (k, o)
        Whether the study has the outcome.
    k : int array (o,)
        Studies of each outcome.
    """

    y: FloatArray
    v: FloatArray
    present: npt.NDArray[np.bool_]
    k: IntArray

    def pick(self, outcomes: npt.NDArray[np.bool_] | IntArray) -> Studies:
        """Return some of the outcomes."""
        return Studies(
            self.y[:, outcomes], self.v[:, outcomes], self.present[:, outcomes], self.k[outcomes]
        )


def read_studies(yi: npt.ArrayLike, vi: npt.ArrayLike, ndim: int) -> Studies:
    """Return checked studies; `ndim` is 1 for one outcome (k,) and 2 for many (o, k)."""
    y, v = _floats("yi", yi, ndim), _floats("vi", vi, ndim)
    if y.shape != v.shape:
        raise InputError(
            f"yi and vi must have one value each for every study: {y.shape} and {v.shape}."
        )
    if y.size == 0:
        raise InputError("There is no study to pool.")
    y, v = np.atleast_2d(y), np.atleast_2d(v)
    _check_size(y, v)
    present = np.ones(y.shape, dtype=np.bool_)
    k = np.full(len(y), y.shape[1], dtype=np.int64)
    if not np.isfinite(y.sum() + v.sum()):
        present = _present(y, v)
        k = present.sum(axis=1, dtype=np.int64)
        y, v = np.where(present, y, 0.0), np.where(present, v, np.inf)
    if not v.min() > 0.0:
        _refuse_variances(v)
    return Studies(
        np.ascontiguousarray(y.T),
        np.ascontiguousarray(v.T),
        np.ascontiguousarray(present.T),
        k,
    )


def positions(flags: npt.NDArray[np.bool_]) -> str:
    """Return the first positions (1, 2, ...) along the last axis where the flag is set."""
    found = np.unique(np.nonzero(flags)[-1]) + 1
    text = ", ".join(str(position) for position in found[:SHOWN])
    return text + (" and more" if len(found) > SHOWN else "")


def _check_size(y: FloatArray, v: FloatArray) -> None:
    """Refuse numbers that no unit explains; their squares would overflow."""
    # NaN fails these comparisons, and the slower look below leaves it out
    if y.min() >= -HUGE and max(y.max(), v.max()) <= HUGE and v.min() >= 1.0 / HUGE:
        return
    beyond = (np.abs(y) > HUGE) | (v > HUGE) | ((v > 0.0) & (v < 1.0 / HUGE))
    beyond &= np.isfinite(y) & np.isfinite(v)
    if beyond.any():
        raise InputError(
            f"yi and vi must lie within reason (up to 1e60); study {positions(beyond)} does not. "
            "Check its unit."
        )


def _floats(name: str, values: npt.ArrayLike, ndim: int) -> FloatArray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} must hold numbers.")
    if array.ndim != ndim:
        hint = "pool takes one outcome (k,), pool_batch many (o, k)"
        raise InputError(f"{name} must have {ndim} axis or axes, not {array.ndim}: {hint}.")
    return array.astype(np.float64, copy=False)


def _present(y: FloatArray, v: FloatArray) -> npt.NDArray[np.bool_]:
    infinite = np.isinf(y) | np.isinf(v)
    if infinite.any():
        raise InputError(
            f"yi and vi must be finite; study {positions(infinite)} has an infinite value. "
            "Estimates of a ratio with an empty cell need a continuity correction."
        )
    alone = np.isnan(y) != np.isnan(v)
    if alone.any():
        raise InputError(
            "A study without an outcome is NaN in both yi and vi; "
            f"study {positions(alone)} has only one of the two."
        )
    present = ~np.isnan(y)
    if not present.any():
        raise InputError("There is no study to pool: every value is missing.")
    return present


def _refuse_variances(v: FloatArray) -> None:
    zero, negative = v == 0.0, v < 0.0
    if negative.any():
        raise InputError(
            f"Variances must be positive; study {positions(negative)} has a negative one. "
            "Check whether its limits are reversed."
        )
    raise InputError(
        f"Variances must be positive; study {positions(zero)} has a variance of 0. Likely cause: "
        "none or all of its patients had the event, or its limits equal the estimate. Correct "
        "the cells by a declared rule, choose another measure, or leave the study out by name."
    )
