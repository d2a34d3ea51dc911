"""Trim and fill: how many studies a funnel lacks on one side, and the estimate with them.

Sources: Duval and Tweedie, J Am Stat Assoc 2000;95:89 (estimators R0, L0, Q0 and their errors) and
Biometrics 2000;56:455 (iteration); Steichen, Stata Technical Bulletin 2000;57:8 (metatrim).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta import _line
from hepatica.stats.meta._studies import Studies, read_studies
from hepatica.stats.meta._trimming import Trimmed, error_of_number, trim
from hepatica.stats.meta.pool import Pooled, PooledBatch, pool_batch
from hepatica.stats.meta.tau2 import ESTIMATORS

NUMBERS = ("L0", "R0", "Q0")
SIDES = ("auto", "left", "right")
TRIM_BY = ("model", "common")
CONVENTIONS = ("metafor", "meta", "stata")
LEAST = 3


@dataclass(frozen=True, slots=True)
class TrimAndFill:
    """One outcome with the studies that its funnel lacks.

    Attributes
    ----------
    k, k0 : int
        Studies, and studies filled in.
    k0_raw, k0_std_error : float
        Number missing before rounding (it can be negative), and its standard error; NaN where
        the formula has none.
    side : {"left", "right"}
        Side on which studies are filled in.
    slope : float
        Egger's slope that chose the side; NaN when the side was told.
    centre : float
        Centre of the last iteration, about which studies are mirrored.
    iterations : int
        Steps of the iteration.
    path_centre, path_k0 : arrays (iterations,)
        Centre and number missing of each step.
    yi, vi : float arrays (k + k0,)
        The studies as given (those with the outcome), then the filled ones.
    filled : bool array (k + k0,)
        Which are filled.
    pooled : Pooled
        All of them pooled.
    status : {"ok", "undefined", "not_settled"}
        "undefined": the formula (Q0: the root of a negative number; R0: no estimate below the
        centre) gives no number, and nothing is filled. "not_settled": the iteration goes round in
        circles; the last step stands.
    estimator, trim_by, convention : str
        As given.
    """

    k: int
    k0: int
    k0_raw: float
    k0_std_error: float
    side: str
    slope: float
    centre: float
    iterations: int
    path_centre: FloatArray
    path_k0: IntArray
    yi: FloatArray
    vi: FloatArray
    filled: npt.NDArray[np.bool_]
    pooled: Pooled
    status: str
    estimator: str
    trim_by: str
    convention: str


@dataclass(frozen=True, slots=True)
class TrimAndFillBatch:
    """Many outcomes; names as in `TrimAndFill`, arrays (o,).

    `yi` and `vi` are (o, k + largest k0), NaN where an outcome has no such study. The status
    "too_few" is that of an outcome with fewer than three studies; nothing is filled there.
    """

    k: IntArray
    k0: IntArray
    k0_raw: FloatArray
    k0_std_error: FloatArray
    side: npt.NDArray[np.str_]
    slope: FloatArray
    centre: FloatArray
    iterations: IntArray
    yi: FloatArray
    vi: FloatArray
    pooled: PooledBatch
    status: npt.NDArray[np.str_]
    estimator: str
    trim_by: str
    convention: str


def trim_and_fill(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    estimator: str = "L0",
    side: str = "auto",
    trim_by: str = "model",
    convention: str = "meta",
    ci: str = "wald",
) -> TrimAndFill:
    """Estimate how many studies are missing on one side, fill them in and pool again.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances on one scale; NaN in both for a study without the outcome.
    method : str
        Model that pools in the end, as in `pool`.
    estimator : {"L0", "R0", "Q0"}
        Estimator of the number missing.
    side : {"auto", "left", "right"}
        Side on which studies are filled in; auto: right if Egger's slope is negative, else left.
        The slope is that of a regression on standard errors, random effects by `method` when
        `trim_by` is "model" (for DL2, HSk and PMM: by DL).
    trim_by : {"model", "common"}
        What centres the funnel while trimming: the model of `method`, as metafor does, or the
        common effect, as metatrim and R's meta do unless told otherwise.
    convention : {"meta", "metafor", "stata"}
        meta and stata round halves up and give ties average ranks; metafor rounds halves to even
        and ranks ties in order, by which a funnel that mirrors itself exactly can lack a study.
        stata (metatrim) stops when no rank changes, one step after the number does not.
    ci : str
        Limits, as in `pool`.

    Raises
    ------
    InputError
        With fewer than three studies, or an option that is not known.

    Examples
    --------
    >>> found = trim_and_fill(
    ...     [0.0, 0.1, -0.1, 0.2, 0.9, 1.1, 1.4], [0.01, 0.02, 0.02, 0.03, 0.1, 0.1, 0.2]
    ... )
    >>> found.k0, found.side, round(found.pooled.estimate, 4)
    (1, 'left', 0.3156)
    """
    studies = read_studies(yi, vi, 1)
    k = int(studies.k[0])
    if k < LEAST:
        raise InputError(
            f"Trim and fill needs at least {LEAST} studies; there {'is' if k == 1 else 'are'} {k}."
        )
    y, v = studies.y[studies.present][None], studies.v[studies.present][None]
    found, trimmed = _batch(y, v, method, estimator, side, trim_by, convention, ci)
    steps = int(found.iterations[0])
    return TrimAndFill(
        k=k,
        k0=int(found.k0[0]),
        k0_raw=float(found.k0_raw[0]),
        k0_std_error=float(found.k0_std_error[0]),
        side=str(found.side[0]),
        slope=float(found.slope[0]),
        centre=float(found.centre[0]),
        iterations=steps,
        path_centre=freeze(_sign(found.side)[0] * trimmed.path_centre[:steps, 0]),
        path_k0=freeze(trimmed.path_k0[:steps, 0].copy()),
        yi=freeze(found.yi[0].copy()),
        vi=freeze(found.vi[0].copy()),
        filled=freeze(np.arange(found.yi.shape[1]) >= k),
        pooled=found.pooled.outcome(0),
        status=str(found.status[0]),
        estimator=estimator,
        trim_by=trim_by,
        convention=convention,
    )


def trim_and_fill_batch(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    estimator: str = "L0",
    side: str = "auto",
    trim_by: str = "model",
    convention: str = "meta",
    ci: str = "wald",
) -> TrimAndFillBatch:
    """Trim and fill many outcomes at once.

    Parameters
    ----------
    yi, vi : float array (o, k)
        One row an outcome; NaN in both for a study without the outcome.
    method, estimator, side, trim_by, convention, ci : str
        As in `trim_and_fill`.

    Raises
    ------
    InputError
        If estimates are not usable, or an option is not known.

    Examples
    --------
    >>> found = trim_and_fill_batch(
    ...     [[-1.0, -0.1, 0.0, 0.1, 1.0], [0.0, 0.1, 0.1, 2.0, 2.2]], [[0.1] * 5, [0.1] * 5]
    ... )
    >>> found.k0.tolist()
    [0, 1]
    """
    studies = read_studies(yi, vi, 2)
    y = np.where(studies.present, studies.y, np.nan).T
    v = np.where(studies.present, studies.v, np.nan).T
    return _batch(y, v, method, estimator, side, trim_by, convention, ci)[0]


def _batch(
    y: FloatArray,
    v: FloatArray,
    method: str,
    estimator: str,
    side: str,
    trim_by: str,
    convention: str,
    ci: str,
) -> tuple[TrimAndFillBatch, Trimmed]:
    _checks.check_option("method", method, ESTIMATORS)
    for name, value, allowed in (
        ("estimator", estimator, NUMBERS),
        ("side", side, SIDES),
        ("trim_by", trim_by, TRIM_BY),
        ("convention", convention, CONVENTIONS),
    ):
        _checks.check_option(name, value, allowed)
    model = "common" if trim_by == "common" else method
    studies = read_studies(y, v, 2)
    sides, slope = _sides(studies, side, model)
    rising, order = _rising(studies, _sign(sides))
    found = _trim_usable(rising, model, estimator, convention)
    yi, vi = _fill(y, v, order, found, _sign(sides))
    with np.errstate(invalid="ignore"):
        error = error_of_number(studies.k, found.raw, estimator)
    batch = TrimAndFillBatch(
        k=freeze(studies.k),
        k0=freeze(found.k0),
        k0_raw=freeze(found.raw),
        k0_std_error=freeze(error),
        side=freeze(sides),
        slope=freeze(slope),
        centre=freeze(_sign(sides) * found.centre),
        iterations=freeze(found.iterations),
        yi=freeze(yi),
        vi=freeze(vi),
        pooled=pool_batch(yi, vi, method=method, ci=ci),
        status=freeze(found.status),
        estimator=estimator,
        trim_by=trim_by,
        convention=convention,
    )
    return batch, found


def _sign(sides: npt.NDArray[np.str_]) -> FloatArray:
    """Return -1 where the outcome is mirrored, so that surplus estimates are large ones."""
    return np.where(sides == "right", -1.0, 1.0)


def _sides(studies: Studies, side: str, model: str) -> tuple[npt.NDArray[np.str_], FloatArray]:
    count = len(studies.k)
    if side != "auto":
        return np.full(count, side, dtype="<U5"), np.full(count, np.nan)
    method = model if model in _line.METHODS else "DL"
    x = np.where(studies.present, np.sqrt(studies.v), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = _line.mixed_line(studies, x, method).slope
    return np.where(slope < 0.0, "right", "left"), slope


def _rising(studies: Studies, sign: FloatArray) -> tuple[Studies, IntArray]:
    y = np.where(studies.present, sign * studies.y, np.nan)
    order = np.argsort(y, axis=0, kind="stable")  # NaN comes last
    present = np.take_along_axis(studies.present, order, axis=0)
    rising = np.where(present, np.take_along_axis(y, order, axis=0), 0.0)
    v = np.take_along_axis(studies.v, order, axis=0)
    return Studies(rising, v, present, studies.k), order


def _trim_usable(rising: Studies, model: str, estimator: str, convention: str) -> Trimmed:
    """Trim the outcomes that have studies enough; the others get a status."""
    usable = np.flatnonzero(rising.k >= LEAST)
    count = len(rising.k)
    if len(usable) == count:
        return trim(rising, model, estimator, convention)
    gone = np.full(count, np.nan)
    none = np.zeros(count, dtype=np.int64)
    status = np.full(count, "too_few", dtype="<U13")
    out = Trimmed(gone, none, gone.copy(), none.copy(), status, gone[None], none[None])
    if len(usable):
        found = trim(rising.pick(usable), model, estimator, convention)
        for name in ("centre", "k0", "raw", "iterations", "status"):
            getattr(out, name)[usable] = getattr(found, name)
    return out


def _fill(
    y: FloatArray, v: FloatArray, order: IntArray, found: Trimmed, sign: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the studies (o, k) with the mirrored ones behind, in the order of their estimates."""
    most = int(found.k0.max(initial=0))
    if most == 0:
        return y.copy(), v.copy()
    rows, k = np.arange(len(y))[:, None], (~np.isnan(y)).sum(axis=1)
    place = (k - found.k0)[:, None] + np.arange(most)
    there = place < k[:, None]
    studies = order.T[rows, np.where(there, place, 0)]
    centre = (sign * found.centre)[:, None]
    mirrored = np.where(there, 2.0 * centre - y[rows, studies], np.nan)
    variances = np.where(there, v[rows, studies], np.nan)
    return np.concatenate((y, mirrored), axis=1), np.concatenate((v, variances), axis=1)
