"""The choice of a model by a test of heterogeneity: common in print, and discouraged.

Many reviews pool by a common effect if I2 is below 50 % and Q's p-value at least .10, and by
random effects else. The test is weak with few studies, the choice is ignored by the limits, which
become too narrow, and the question the review asks should choose the model (Borenstein et al., Res
Synth Methods 2010;1:97; Cochrane Handbook, 10.10.4). It is here to reproduce what was printed.
"""

from __future__ import annotations

import numpy.typing as npt

from hepatica.stats import _checks
from hepatica.stats.meta.pool import Pooled, pool

#: To stand beside every estimate whose model was chosen so.
DISCOURAGED = (
    "The model was chosen by a test of heterogeneity (common effect if I2 < 50 % and p >= .10). "
    "This is discouraged: the limits do not allow for the choice."
)


def pool_by_heterogeneity(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    i2_below: float = 0.5,
    p_at_least: float = 0.10,
    random_effects: str = "DL",
    conf_level: float = 0.95,
) -> Pooled:
    """Pool by a common effect where heterogeneity does not show, else by random effects.

    Discouraged (see `DISCOURAGED`): choose the model by the question instead.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances, as in `pool`.
    i2_below : float
        The common-effect model is taken if I2 (from Q, a fraction) is below this ...
    p_at_least : float
        ... and the p-value of Q is at least this.
    random_effects : str
        Estimator of tau2 otherwise; `method` of the value tells which model was taken.
    conf_level : float
        Confidence level.

    Examples
    --------
    >>> pool_by_heterogeneity([0.1, 0.2, 0.3], [0.04, 0.05, 0.06]).method
    'common'
    >>> pool_by_heterogeneity([0.1, 1.2, 2.3], [0.04, 0.05, 0.06]).method
    'DL'
    """
    _checks.check_probability("i2_below", i2_below)
    _checks.check_probability("p_at_least", p_at_least)
    common = pool(yi, vi, method="common", conf_level=conf_level)
    varied = common.i2 >= i2_below or common.q_p_value < p_at_least
    if varied:
        return pool(yi, vi, method=random_effects, conf_level=conf_level)
    return common
