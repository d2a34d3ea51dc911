"""Fit of a binomial-normal model whose likelihood depends on a mean and a tau."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import chdtrc, ndtr, stdtrit

from hepatica.stats._checks import FloatArray
from hepatica.stats.meta.effects import z_of

#: Differences for slope and curvature of the likelihood, in mean and tau.
STEP = 2e-4
NEWTON_STEPS = 100
#: A tau below this share of a logit is none: the likelihood is flat there.
NO_TAU = 1e-5
#: Beyond this tau a study has none or all of its events for certain.
HUGE_TAU = 20.0


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


class Model(Protocol):
    """What a model must tell."""

    @property
    def k(self) -> int:
        """Number of studies."""

    @property
    def nodes(self) -> int:
        """Nodes of the quadrature."""

    def height(self, at: FloatArray) -> FloatArray:
        """Return log-likelihoods (m,) at pairs of mean and tau (m, 2)."""

    def common(self) -> tuple[float, float]:
        """Return mean and standard error without heterogeneity."""

    def saturated(self) -> float:
        """Return the log-likelihood of a model with a parameter for every count."""


def fit(data: Model, *, random_effects: bool, conf_level: float) -> BinomialNormal:
    """Return estimate, limits and test of heterogeneity."""
    z = z_of(conf_level)
    k = data.k
    mean, error = data.common()
    flat = np.array([mean, 0.0])
    height = float(data.height(flat[None])[0])
    best, status = flat, "one_study" if k == 1 else "ok"
    if random_effects and k > 1:
        best, status = _climb(data, flat)
    if status == "not_converged":
        best = np.full(2, np.nan)
        error = float("nan")
    elif best[1] > 0.0:
        curvature = derivatives(data, best)[1]
        error = float(np.sqrt(np.linalg.inv(-curvature)[0, 0]))
    estimate, tau2 = float(best[0]), float(best[1] ** 2)
    q = 2.0 * (data.saturated() - height)
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


def derivatives(data: Model, at: FloatArray) -> tuple[FloatArray, FloatArray]:
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


def _climb(data: Model, flat: FloatArray) -> tuple[FloatArray, str]:
    """Return mean and tau with the highest likelihood, from the best of a row of tau."""
    row = np.column_stack([np.full(25, flat[0]), np.geomspace(0.01, 8.0, 25)])
    heights = data.height(row)
    at, height = row[int(heights.argmax())], float(heights.max())
    status = "not_converged"
    for _ in range(NEWTON_STEPS):
        slope, curvature = derivatives(data, at)
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
