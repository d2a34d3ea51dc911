"""Pointwise limits of a survival probability on five scales."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hepatica.stats._checks import FloatArray

Limits = tuple[FloatArray, FloatArray]


def _log_log(survival: FloatArray, spread: FloatArray) -> Limits:
    theta = np.log(-np.log(survival))
    half = spread / np.log(survival)
    return np.exp(-np.exp(theta - half)), np.exp(-np.exp(theta + half))


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


_SCALES: dict[str, Callable[[FloatArray, FloatArray], Limits]] = {
    "log-log": _log_log,
    "log": _log,
    "plain": _plain,
    "logit": _logit,
    "arcsine": _arcsine,
}

CONF_TYPES = tuple(_SCALES)


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
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = _SCALES[conf_type](survival, z * log_std_error)
    missing = survival == 0.0
    if conf_type not in ("log", "plain"):
        missing |= survival == 1.0
    lower[missing] = np.nan
    upper[missing] = np.nan
    return lower, upper
