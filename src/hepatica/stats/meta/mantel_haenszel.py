"""Mantel-Haenszel pooling of two-by-two tables: sparse data, without correcting cells.

Sources: Mantel and Haenszel, J Natl Cancer Inst 1959;22:719; variance of the log odds ratio,
Robins, Breslow and Greenland, Biometrics 1986;42:311; of the log risk ratio and the risk
difference, Greenland and Robins, Biometrics 1985;41:55; of the risk difference, Sato, Greenland
and Robins, Biometrics 1989;45:1323.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta.effects import counts, given, z_of
from hepatica.stats.meta.two_by_two import Cells, correct_cells, two_arm_effects

MEASURES = ("RR", "OR", "RD")
VARIANCES = ("sato", "greenland-robins")
RULES = ("none", "never", "only0", "if0all", "all")
CORRECTION = 0.5


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """A pooled estimate by Mantel and Haenszel; ratios are logarithms.

    Attributes
    ----------
    k : int
        Studies that carry information on the measure.
    estimate, std_error, statistic, p_value, lower, upper : float
        Log risk ratio, log odds ratio or risk difference; normal test and limits.
    q, q_p_value, i2 : float
        Cochran's Q of the studies' own estimates about `estimate`, and I2 from it (a fraction).
    df : int
        Studies with an own estimate, less one.
    weights : float array (k,)
        Shares of all studies given; 0 for a study without information.
    cmh, cmh_p_value : float
        Cochran-Mantel-Haenszel test of no effect, with Yates' correction, 1 degree of freedom.
    measure, variance, rule : str
        As given; `variance` matters for the risk difference only.
    conf_level : float
        As given.
    """

    k: int
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    lower: float
    upper: float
    q: float
    df: int
    q_p_value: float
    i2: float
    weights: FloatArray
    cmh: float
    cmh_p_value: float
    measure: str
    variance: str
    rule: str
    conf_level: float


def mantel_haenszel(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    measure: str = "RR",
    variance: str = "sato",
    rule: str = "none",
    conf_level: float = 0.95,
) -> MantelHaenszel:
    """Pool two-by-two tables of one outcome.

    Parameters
    ----------
    events1, n1, events2, n2 : int array (k,)
        Patients with the event, and all, of each arm.
    measure : {"RR", "OR", "RD"}
        Risk ratio, odds ratio, risk difference.
    variance : {"sato", "greenland-robins"}
        Variance of the risk difference: metafor takes the first, Stata's metan the second.
    rule : {"none", "never", "only0", "if0all", "all"}
        Tables to which 1/2 is added before pooling. R's meta adds it to tables with an empty
        cell unless told not to. The studies' own estimates in Q are corrected by this rule; by
        "only0" where it is "none"; not at all, and left out of Q, where it is "never". A
        study without an event in either arm, or with events only, is not in Q.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If counts cannot be used, or no table carries information.

    Examples
    --------
    >>> pooled = mantel_haenszel([5, 10], [20, 40], [10, 20], [20, 40], measure="RR")
    >>> round(pooled.estimate, 4), round(pooled.std_error, 4), round(pooled.q, 4)
    (-0.6931, 0.2582, 0.0)
    """
    _checks.check_option("measure", measure, MEASURES)
    _checks.check_option("variance", variance, VARIANCES)
    _checks.check_option("rule", rule, RULES)
    z = z_of(conf_level)
    a, size1, c, size2 = given(events1=events1, n1=n1, events2=events2, n2=n2)
    if a.ndim != 1:
        raise InputError("Counts must have one axis: the studies of one outcome.")
    counts(a, size1, "events1")
    counts(c, size2, "events2")
    here = ~np.isnan(a)
    if not here.any():
        raise InputError("There is no study to pool: every value is missing.")
    raw = correct_cells((a[here], (size1 - a)[here], c[here], (size2 - c)[here]), 0.0, "none")
    table = correct_cells((raw.a, raw.b, raw.c, raw.d), CORRECTION, rule)
    estimate, spread, share = _pooled(table, measure, variance)
    own_rule = {"none": "only0", "never": "none"}.get(rule, rule)
    own = two_arm_effects(
        raw.a, raw.a + raw.b, raw.c, raw.c + raw.d, measure=measure, rule=own_rule
    )
    events, others = raw.a + raw.c, raw.b + raw.d
    alone = ~np.isnan(own.yi) & (own.vi > 0.0) & (events > 0.0) & (others > 0.0)
    q = float((((own.yi - estimate) ** 2)[alone] / own.vi[alone]).sum())
    df = int(alone.sum()) - 1
    error = float(np.sqrt(spread))
    weights = np.zeros(len(here))
    weights[here] = share / share.sum()
    cmh = _cmh(raw)
    return MantelHaenszel(
        k=int(np.count_nonzero(share)),
        estimate=estimate,
        std_error=error,
        statistic=estimate / error,
        p_value=float(2.0 * ndtr(-abs(estimate / error))),
        lower=estimate - z * error,
        upper=estimate + z * error,
        q=q,
        df=df,
        q_p_value=float(chdtrc(df, q)) if df > 0 else float("nan"),
        i2=(q - df) / q if q > df else 0.0,
        weights=freeze(weights),
        cmh=cmh,
        cmh_p_value=float(chdtrc(1, cmh)),
        measure=measure,
        variance=variance,
        rule=rule,
        conf_level=float(conf_level),
    )


def _pooled(t: Cells, measure: str, variance: str) -> tuple[float, float, FloatArray]:
    """Return estimate, its variance, and the weights of the studies."""
    if measure == "RD":
        return _difference(t, variance)
    return _odds_ratio(t) if measure == "OR" else _risk_ratio(t)


def _none(name: str) -> InputError:
    return InputError(
        f"The {name} of Mantel and Haenszel does not exist: one arm has no event in any study. "
        "Correct the cells by a declared rule, or pool the risk difference."
    )


def _odds_ratio(t: Cells) -> tuple[float, float, FloatArray]:
    total = t.a + t.b + t.c + t.d
    p, q = (t.a + t.d) / total, (t.b + t.c) / total
    r, s = t.a * t.d / total, t.b * t.c / total
    up, down = r.sum(), s.sum()
    if up == 0.0 or down == 0.0:
        raise _none("odds ratio")
    spread = (
        (p * r).sum() / (2.0 * up**2)
        + (p * s + q * r).sum() / (2.0 * up * down)
        + (q * s).sum() / (2.0 * down**2)
    )
    return float(np.log(up / down)), float(spread), s


def _risk_ratio(t: Cells) -> tuple[float, float, FloatArray]:
    n1, n2 = t.a + t.b, t.c + t.d
    total = n1 + n2
    r, s = t.a * n2 / total, t.c * n1 / total
    up, down = r.sum(), s.sum()
    if up == 0.0 or down == 0.0:
        raise _none("risk ratio")
    d = (n1 * n2 * (t.a + t.c) - t.a * t.c * total) / total**2
    return float(np.log(up / down)), float(d.sum() / (up * down)), s


def _difference(t: Cells, variance: str) -> tuple[float, float, FloatArray]:
    n1, n2 = t.a + t.b, t.c + t.d
    total = n1 + n2
    w = n1 * n2 / total
    estimate = float(((t.a * n2 - t.c * n1) / total).sum() / w.sum())
    if variance == "greenland-robins":
        spread = (t.a * t.b * n2**3 + t.c * t.d * n1**3) / (n1 * n2 * total**2)
        top = spread.sum()
    else:
        p = (n1**2 * t.c - n2**2 * t.a + n1 * n2 * (n2 - n1) / 2.0) / total**2
        q = (t.a * (n2 - t.c) + t.c * (n1 - t.a)) / (2.0 * total)
        top = estimate * p.sum() + q.sum()
    if not top > 0.0:
        raise InputError("The risk difference has no error: no study has an event in one arm only.")
    return estimate, float(top / w.sum() ** 2), w


def _cmh(t: Cells) -> float:
    n1, n2, events = t.a + t.b, t.c + t.d, t.a + t.c
    total = n1 + n2
    expected = n1 * events / total
    spread = n1 * n2 * events * (total - events) / (total**2 * (total - 1.0))
    if not spread.sum() > 0.0:
        return float("nan")
    away = max(abs(float((t.a - expected).sum())) - 0.5, 0.0)
    return away**2 / float(spread.sum())
