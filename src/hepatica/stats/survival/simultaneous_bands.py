"""Simultaneous confidence bands of a survival curve over a range of times.

Sources: Hall and Wellner, Biometrika 1980;67:133; Nair, Technometrics 1984;26:265; Borgan and
Liestol, Scand J Stat 1990;17:35 (transformations); Klein and Moeschberger, Survival Analysis, 2nd
edition, Springer 2003, section 4.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._band_critical import (
    bridge_critical_value,
    stationary_critical_value,
)
from hepatica.stats.survival._limits import pointwise_limits
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.curves import KaplanMeier

BANDS = ("hall-wellner", "equal-precision")
CONF_TYPES = ("log-log", "plain", "arcsine")


@dataclass(frozen=True, slots=True, eq=False)
class SimultaneousBand:
    """A band that holds the whole curve over a range of times with the confidence level.

    Attributes
    ----------
    time : float array (r,)
        Start of the range, and the times of the curve inside it.
    survival, lower, upper : float array (r,)
        Survival and the band from each time on; NaN where the scale has no limits.
    first, last : float
        The range.
    critical_value : float
        Of the supremum: k for Hall and Wellner, e for equal precision.
    band, conf_type, conf_level
        As given.
    """

    time: FloatArray
    survival: FloatArray
    lower: FloatArray
    upper: FloatArray
    first: float
    last: float
    critical_value: float
    band: str
    conf_type: str
    conf_level: float


def simultaneous_band(
    curve: KaplanMeier,
    first: float | None = None,
    last: float | None = None,
    *,
    band: str = "equal-precision",
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> SimultaneousBand:
    """Compute a simultaneous confidence band of a curve.

    Parameters
    ----------
    curve : KaplanMeier
        The curve.
    first, last : float, optional
        Range of times, from the first event at the earliest to the last event that leaves
        survival above 0 at the latest; these are the defaults. Choose it before looking.
    band : {"equal-precision", "hall-wellner"}
        Bands whose width is everywhere the same multiple of the pointwise limits, or wider at the
        ends. Hall and Wellner's need all subjects followed from 0 and no weights.
    conf_type : {"log-log", "plain", "arcsine"}
        Scale of the band.
    conf_level : float
        Confidence level of the whole band.

    Raises
    ------
    InputError
        If the options cannot be used, the curve has no event that leaves survival above 0, or
        the range is not inside the range of such events.

    Notes
    -----
    With a = n v / (1 + n v), v the variance of the logarithm of survival and n the number of
    subjects, the critical values are those of the supremum of a Brownian bridge between a at
    `first` and a at `last`, for equal precision divided by its standard deviation. They are
    computed to about 1e-12. Printed tables for equal precision (Nair; Klein and Moeschberger) hold
    an approximation for small tails: 2.8826 from a = 0.1 to 0.6, which is 2.8873, and up to 0.15
    too high for short ranges.

    Examples
    --------
    >>> from hepatica.stats.survival import kaplan_meier
    >>> curve = kaplan_meier([1, 2, 3, 4, 5], [1, 1, 1, 0, 1])
    >>> found = simultaneous_band(curve, 1, 3)
    >>> found.survival.round(2).tolist(), round(found.critical_value, 4)
    ([0.8, 0.6, 0.4], 2.7753)
    """
    _checks.check_option("band", band, BANDS)
    _checks.check_option("conf_type", conf_type, CONF_TYPES)
    _checks.check_conf_level(conf_level)
    start, end = _range(curve, first, last)
    read = curve.at([start, end])
    spread = read.std_error / read.survival
    if band == "equal-precision":
        critical = stationary_critical_value(math.log(spread[1] / spread[0]), conf_level)
    else:
        critical = bridge_critical_value(*_shares(curve, spread), conf_level)
    inside = (curve.time > start * (1.0 + SAME_TIME)) & (curve.time <= end * (1.0 + SAME_TIME))
    survival = np.concatenate((read.survival[:1], curve.survival[inside]))
    log_std_error = np.concatenate((read.std_error[:1], curve.std_error[inside])) / survival
    if band == "hall-wellner":
        log_std_error = (1.0 + curve.n * log_std_error**2) / math.sqrt(curve.n)
    lower, upper = pointwise_limits(survival, log_std_error, critical, conf_type)
    return SimultaneousBand(
        time=freeze(np.concatenate(([start], curve.time[inside]))),
        survival=freeze(survival),
        lower=freeze(lower),
        upper=freeze(upper),
        first=start,
        last=end,
        critical_value=critical,
        band=band,
        conf_type=conf_type,
        conf_level=float(conf_level),
    )


def _range(curve: KaplanMeier, first: float | None, last: float | None) -> tuple[float, float]:
    usable = curve.time[(curve.events > 0) & (curve.survival > 0.0)]
    if not len(usable):
        raise InputError("A band needs an event that leaves survival above 0; there is none.")
    start = float(usable[0]) if first is None else _checks.number("first", first)
    end = float(usable[-1]) if last is None else _checks.number("last", last)
    if not start >= usable[0] * (1.0 - SAME_TIME):
        raise InputError("first must not lie before the first event; choose a later time.")
    if not start <= end:
        raise InputError("first must not lie after last.")
    if not curve.at([end]).survival[0] > 0.0:
        raise InputError(
            "last must lie where the curve is followed and above 0; choose an earlier time."
        )
    return start, end


def _shares(curve: KaplanMeier, spread: FloatArray) -> tuple[float, float]:
    if len(curve.entry) or curve.at_risk[0] != curve.n or curve.variance != "greenwood":
        raise InputError(
            "Hall and Wellner's band needs all subjects followed from 0 and counted once, with "
            "Greenwood's variance; use band='equal-precision'."
        )
    scaled = curve.n * spread**2
    shares = scaled / (1.0 + scaled)
    return float(shares[0]), float(shares[1])
