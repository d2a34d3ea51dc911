"""Binomial-normal models: events are binomial, logits of the studies normal.

No continuity correction is needed, and studies in which none or all have the event count as they
are. Sources: Stijnen, Hamza and Ozdemir, Stat Med 2010;29:3046; Jackson et al., Stat Med
2018;37:1059.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, expit, ndtr, stdtrit, xlogy

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._adaptive_quadrature import log_binomial, loglik
from hepatica.stats.meta.effects import counts, given, refuse, z_of

#: Differences for slope and curvature of the likelihood, in mean and tau.
STEP = 2e-4
NEWTON_STEPS = 100
#: A tau below this share of a logit is none: the likelihood is flat there.
NO_TAU = 1e-5
#: Beyond this tau a study has none or all of its events for certain.
HUGE_TAU = 20.0
MAX_NODES = 101


@dataclass(frozen=True, slots=True)
class BinomialNormal:
    """A fitted binomial-normal model; estimate and limits are logits (or log odds ratios).

    Attributes
    ----------
    k : int
        Studies.
    estimate, std_error, statistic, p_value, lower, upper : float
        Mean of the studies' logits, normal test of 0 and limits.
    tau2 : float
        Variance of the studies' logits.
    loglik : float
        Log-likelihood, constants included.
    q_lrt, q_lrt_p_value : float
        Likelihood-ratio test of one common proportion against one for each study, and its
        p-value.
    df : int
        k - 1.
    prediction_lower, prediction_upper : float
        Limits for a new study's logit, t(k - 1); NaN without random effects.
    nodes : int
        Nodes of the quadrature.
    status : {"ok", "boundary", "one_study", "not_converged"}
        "boundary": the likelihood is highest without any heterogeneity. "not_converged": no
        finite tau2 was found (studies have all or none of the events); all figures are NaN.
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
    tau2: float
    loglik: float
    q_lrt: float
    df: int
    q_lrt_p_value: float
    prediction_lower: float
    prediction_upper: float
    nodes: int
    status: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class _Data:
    x: FloatArray
    n: FloatArray
    offset: FloatArray
    nodes: int

    def height(self, at: FloatArray) -> FloatArray:
        return loglik(self.x, self.n, self.offset, at, self.nodes)


def proportion_glmm(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    random_effects: bool = True,
    nodes: int = 25,
    conf_level: float = 0.95,
) -> BinomialNormal:
    """Pool proportions by a binomial-normal model, by maximum likelihood.

    Parameters
    ----------
    events, n : int array (k,)
        Patients with the event, and all.
    random_effects : bool
        False for one common proportion.
    nodes : int
        Nodes of the adaptive quadrature, 1 to 101; 1 is Laplace's approximation, metafor takes 7.
        With 25 estimate and tau2 are exact to about 1e-6.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If counts cannot be used, or none or all of the patients of all studies have the event.

    Examples
    --------
    >>> found = proportion_glmm([3, 12, 9], [20, 30, 12], nodes=15)
    >>> round(found.estimate, 3), round(found.tau2, 3), found.status
    (-0.383, 0.972, 'ok')
    """
    x, size = given(events=events, n=n)
    counts(x, size)
    data = _data(x, size, np.zeros_like(x), nodes)
    return _fit(data, random_effects=random_effects, conf_level=conf_level)


def odds_ratio_glmm(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    random_effects: bool = True,
    nodes: int = 25,
    conf_level: float = 0.95,
) -> BinomialNormal:
    """Pool log odds ratios by the approximate conditional binomial-normal model.

    Given a study's events in both arms, those of the first arm are taken as binomial with logit
    log odds ratio + log(n1/n2): right for rare events, and an approximation of the noncentral
    hypergeometric distribution elsewhere (metafor's model "CM.AL").

    Parameters
    ----------
    events1, n1, events2, n2 : int array (k,)
        Patients with the event, and all, of each arm. Studies without an event tell nothing and
        are left out.
    random_effects, nodes, conf_level
        As in `proportion_glmm`.

    Examples
    --------
    >>> found = odds_ratio_glmm([5, 9], [100, 100], [10, 18], [100, 100], random_effects=False)
    >>> round(found.estimate, 4)
    -0.6931
    """
    a, size1, c, size2 = given(events1=events1, n1=n1, events2=events2, n2=n2)
    counts(a, size1, "events1")
    counts(c, size2, "events2")
    informative = ~(a + c == 0.0)
    offset = np.log(size1 / size2)
    data = _data(a[informative], (a + c)[informative], offset[informative], nodes)
    return _fit(data, random_effects=random_effects, conf_level=conf_level)


def _data(x: FloatArray, n: FloatArray, offset: FloatArray, nodes: int) -> _Data:
    if not 1 <= nodes <= MAX_NODES:
        raise InputError(f"nodes must lie between 1 and {MAX_NODES}; it is {nodes}.")
    if x.ndim != 1:
        raise InputError("Counts must have one axis: the studies of one outcome.")
    here = ~np.isnan(x)
    x, n, offset = x[here], n[here], offset[here]
    refuse(n < 1.0, "Each study must have a patient", "an empty row")
    if x.size == 0:
        raise InputError("There is no study to pool.")
    if x.sum() == 0.0 or x.sum() == n.sum():
        raise InputError(
            "The model has no finite estimate: none or all of the patients of all studies have "
            "the event. Give exact limits of the pooled counts instead."
        )
    return _Data(x, n, offset, int(nodes))


def _fit(data: _Data, *, random_effects: bool, conf_level: float) -> BinomialNormal:
    z = z_of(conf_level)
    k = len(data.x)
    mean = _common(data)
    flat = np.array([mean, 0.0])
    height = float(data.height(flat[None])[0])
    share = data.x / data.n
    saturated = float(
        (log_binomial(data.x, data.n) + xlogy(data.x, share)).sum()
        + xlogy(data.n - data.x, 1.0 - share).sum()
    )
    best, status = flat, "one_study" if k == 1 else "ok"
    if random_effects and k > 1:
        best, status = _climb(data, flat)
    if status == "not_converged":
        best = np.full(2, np.nan)
    p = expit(best[0] + data.offset)
    if best[1] > 0.0:
        curvature = _derivatives(data, best)[1]
        error = float(np.sqrt(np.linalg.inv(-curvature)[0, 0]))
    else:
        error = float(1.0 / np.sqrt((data.n * p * (1.0 - p)).sum()))
    estimate, tau2 = float(best[0]), float(best[1] ** 2)
    q = 2.0 * (saturated - height)
    predicted = random_effects and k > 1
    half = float(stdtrit(k - 1, 0.5 + conf_level / 2.0)) * float(np.hypot(best[1], error))
    return BinomialNormal(
        k=k,
        estimate=estimate,
        std_error=error,
        statistic=estimate / error,
        p_value=float(2.0 * ndtr(-abs(estimate / error))),
        lower=estimate - z * error,
        upper=estimate + z * error,
        tau2=tau2,
        loglik=float(data.height(best[None])[0]) if np.isfinite(estimate) else float("nan"),
        q_lrt=q,
        df=k - 1,
        q_lrt_p_value=float(chdtrc(k - 1, max(q, 0.0))) if k > 1 else float("nan"),
        prediction_lower=estimate - half if predicted else float("nan"),
        prediction_upper=estimate + half if predicted else float("nan"),
        nodes=data.nodes,
        status=status,
        conf_level=float(conf_level),
    )


def _common(data: _Data) -> float:
    """Return the logit without heterogeneity, by Newton's steps on a concave likelihood."""
    mean = float(np.log(data.x.sum() / (data.n - data.x).sum()) - data.offset.mean())
    for _ in range(NEWTON_STEPS):
        p = expit(mean + data.offset)
        step = float((data.x - data.n * p).sum() / (data.n * p * (1.0 - p)).sum())
        mean += float(np.clip(step, -1.0, 1.0))
        if abs(step) < 1e-13 * (1.0 + abs(mean)):
            break
    return mean


def _derivatives(data: _Data, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return slope (2,) and curvature (2, 2) by central differences, all points at once."""
    h = STEP * np.eye(2)
    shifts = np.array(
        [0 * h[0], h[0], -h[0], h[1], -h[1], h[0] + h[1], h[0] - h[1], h[1] - h[0], -h[0] - h[1]]
    )
    f = data.height(at + shifts)
    slope = np.array([f[1] - f[2], f[3] - f[4]]) / (2.0 * STEP)
    second = np.array([f[1] - 2.0 * f[0] + f[2], f[3] - 2.0 * f[0] + f[4]])
    mixed = (f[5] - f[6] - f[7] + f[8]) / 4.0
    return slope, np.array([[second[0], mixed], [mixed, second[1]]]) / STEP**2


def _climb(data: _Data, flat: FloatArray) -> tuple[FloatArray, str]:
    """Return mean and tau with the highest likelihood, from the best of a row of tau."""
    row = np.column_stack([np.full(25, flat[0]), np.geomspace(0.01, 8.0, 25)])
    heights = data.height(row)
    at, height = row[int(heights.argmax())], float(heights.max())
    status = "not_converged"
    for _ in range(NEWTON_STEPS):
        slope, curvature = _derivatives(data, at)
        values, vectors = np.linalg.eigh(-curvature)
        step = vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), 1e-3))
        length = 1.0
        while length > 1e-6:
            new = at + length * step
            higher = float(data.height(new[None])[0])
            if higher >= height - 1e-12:
                break
            length /= 2.0
        at, height = np.array([new[0], abs(new[1])]), higher
        if at[1] > HUGE_TAU:
            break
        if np.abs(length * step).max() < 1e-8:
            status = "ok"
            break
    if status == "ok" and at[1] < NO_TAU:
        return flat, "boundary"
    lower = height <= float(data.height(flat[None])[0])
    return (flat, "boundary") if lower else (at, status)
