"""The product-limit estimate of one group that has been counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._counted import Counted
from hepatica.stats.survival._crossing import MEDIAN_RULES
from hepatica.stats.survival._limits import CONF_TYPES, pointwise_limits
from hepatica.stats.survival.curves import KaplanMeier

VARIANCES = ("greenwood", "robust")


@dataclass(frozen=True, slots=True)
class CurveOptions:
    """Checked options of a curve.

    Attributes
    ----------
    conf_type, conf_level, median_rule, variance
        See `kaplan_meier`.
    """

    conf_type: str = "log-log"
    conf_level: float = 0.95
    median_rule: str = "midpoint_or_first"
    variance: str = "greenwood"

    def __post_init__(self) -> None:
        _checks.check_option("conf_type", self.conf_type, CONF_TYPES)
        _checks.check_option("median_rule", self.median_rule, MEDIAN_RULES)
        _checks.check_option("variance", self.variance, VARIANCES)
        _checks.check_conf_level(self.conf_level)

    @property
    def robust(self) -> bool:
        """Whether the variance is by subjects."""
        return self.variance == "robust"


def product_limit(counted: Counted, options: CurveOptions) -> KaplanMeier:
    """Make the curve of one group."""
    risk = counted.risk.astype(np.float64)
    left = counted.left.astype(np.float64)
    survival: FloatArray = left / risk
    survival.cumprod(out=survival)
    # Arrays of the size of the curve are used again: a new one costs as much as the arithmetic.
    with np.errstate(divide="ignore", invalid="ignore"):
        if options.robust:
            log_std_error = np.sqrt(counted.log_variance, out=risk)
        else:
            # Greenwood's formula for the logarithm of survival.
            risk *= left
            variance = np.divide(counted.events, risk, out=risk).cumsum(out=risk)
            log_std_error = np.sqrt(variance, out=risk)
        std_error = np.multiply(survival, log_std_error, out=left)
    z = float(ndtri(0.5 + options.conf_level / 2.0))
    lower, upper = pointwise_limits(survival, log_std_error, z, options.conf_type)
    return KaplanMeier(
        time=freeze(counted.time),
        at_risk=freeze(counted.risk),
        events=freeze(counted.events),
        censored=freeze(counted.censored),
        survival=freeze(survival),
        std_error=freeze(std_error),
        lower=freeze(lower),
        upper=freeze(upper),
        n=counted.n,
        n_events=counted.n_events,
        n_censored=counted.n - counted.n_events,
        last_time=float(counted.time[-1]),
        conf_type=options.conf_type,
        conf_level=float(options.conf_level),
        median_rule=options.median_rule,
        variance=options.variance,
        entry=freeze(counted.entry),
        entered=freeze(counted.entered),
    )
