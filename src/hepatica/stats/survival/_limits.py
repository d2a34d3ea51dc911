"""Pointwise limits of a survival probability on six scales.

Sources: Kalbfleisch and Prentice 1980 (log-log); Link, Biometrics 1984;40:601 (log); Nair,
Technometrics 1984;26:265 (arcsine); Rothman, J Chronic Dis 1978;31:557, with Wilson's limits of
a share of as many subjects as Greenwood's variance is worth.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray

Limits = tuple[FloatArray, FloatArray]


def _log_log(survival: FloatArray, spread: FloatArray) -> Limits:
    # exp(-exp(log(-log S) -+ spread / log S)) is a power of S; where S is 0 or 1 it is NaN.
    log_survival = np.log(survival)
    power = np.exp(spread / log_survival)
    return np.exp(log_survival / power), np.exp(log_survival * power)


def _log(survival: FloatArray, spread: FloatArray) -> Limits:
    theta = np.log(survival)
    return np.exp(theta - spread), np.minimum(np.exp(theta + spread), 1.0)


def _plain(survival: FloatArray, spread: FloatArray) -> Limits:
    half = spread * survival
    return np.maximum(survival - half, 0.0), np.minimum(survival + half, 1.0)


def _logit(survival: FloatArray, spread: FloatArray) -> Limits:
    theta = np.log(survival / (1.0 - survival))
    half = spread / (1.0 - survival)
    return 1.0 / (1.0 + np.exp(half - theta)), 1.0 / (1.0 + np.exp(-half - theta))


def _arcsine(survival: FloatArray, spread: FloatArray) -> Limits:
    theta = np.arcsin(np.sqrt(survival))
    half = 0.5 * spread * np.sqrt(survival / (1.0 - survival))
    lower = np.sin(np.maximum(theta - half, 0.0)) ** 2
    return lower, np.sin(np.minimum(theta + half, np.pi / 2.0)) ** 2


def _rothman_wilson(survival: FloatArray, spread: FloatArray) -> Limits:
    # Wilson's limits of a share of S (1 - S) / variance subjects; `ratio` is z^2 over their number.
    failed = 1.0 - survival
    ratio = spread * spread * survival / failed
    centre = survival + 0.5 * ratio
    half = np.sqrt(ratio * (survival * failed + 0.25 * ratio))
    return (centre - half) / (1.0 + ratio), (centre + half) / (1.0 + ratio)


_SCALES: dict[str, Callable[[FloatArray, FloatArray], Limits]] = {
    "log-log": _log_log,
    "log": _log,
    "plain": _plain,
    "logit": _logit,
    "arcsine": _arcsine,
    "rothman-wilson": _rothman_wilson,
}

CONF_TYPES = tuple(_SCALES)

#: Rows taken at a time: what is computed between stays in the cache of the processor.
_BLOCK = 1 << 14


def pointwise_limits(
    survival: FloatArray, log_std_error: FloatArray, z: float, conf_type: str
) -> Limits:
    """Return lower and upper limits of each survival probability.

    Parameters
    ----------
    survival : float array (m,)
        Survival probabilities.
    log_std_error : float array (m,)
        Standard error of the logarithm of survival (Greenwood).
    z : float
        Normal quantile of the confidence level.
    conf_type : str
        One of `CONF_TYPES`.

    Notes
    -----
    Where survival is 0 there are no limits (NaN). Where it is 1 the scales log and plain give
    1 and 1; on the other scales the limits do not exist (NaN). R does the same.
    """
    scale, m = _SCALES[conf_type], len(survival)
    with np.errstate(divide="ignore", invalid="ignore"):
        if m <= _BLOCK:
            lower, upper = scale(survival, z * log_std_error)
        else:
            lower, upper = np.empty(m), np.empty(m)
            for start in range(0, m, _BLOCK):
                rows = slice(start, start + _BLOCK)
                lower[rows], upper[rows] = scale(survival[rows], z * log_std_error[rows])
    if conf_type == "log-log":
        return lower, upper
    # The curve falls, so its ends say whether any row is 0 or 1.
    if survival[-1] == 0.0:
        _leave_out(survival == 0.0, lower, upper)
    if survival[0] == 1.0 and conf_type not in ("log", "plain"):
        _leave_out(survival == 1.0, lower, upper)
    return lower, upper


def _leave_out(rows: npt.NDArray[np.bool_], lower: FloatArray, upper: FloatArray) -> None:
    lower[rows] = np.nan
    upper[rows] = np.nan
