"""Likelihood of two arms a study with a random log odds ratio, the studies' logits profiled out.

The logits are alpha + (mean + tau u)/2 and alpha - (mean + tau u)/2 with u standard normal. Each
study's alpha is fitted for every pair of mean and tau; slope and curvature in alpha are moments of
the score under the quadrature's own weights.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy.special import expit, log_expit, softmax

from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._adaptive_quadrature import (
    MODE_STEPS,
    log_binomial,
    nodes_and_weights,
)

Arms: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def profile_loglik(arms: Arms, at: FloatArray, nodes: int) -> FloatArray:
    """Return log-likelihoods (m,) at pairs of mean and tau `at` (m, 2)."""
    x1, n1, x2, n2 = arms
    events, others = x1 + x2, n1 + n2 - x1 - x2
    start = np.log((events + 0.5) / (others + 0.5))
    alpha = np.broadcast_to(start, (len(at), len(x1))).copy()
    for _ in range(MODE_STEPS):
        slope, curvature = _each(arms, alpha, at, nodes)[1:]
        step = np.clip(slope / np.maximum(-curvature, 1e-6), -2.0, 2.0)
        alpha = alpha + step
        if np.abs(step).max() < 1e-11:
            break
    total = _each(arms, alpha, at, nodes)[0] + log_binomial(x1, n1) + log_binomial(x2, n2)
    out: FloatArray = total.sum(axis=1)
    return out


def _mode(arms: Arms, alpha: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mode of u (m, k) and the scale of the integrand there."""
    x1, n1, x2, n2 = arms
    mean, tau = at[:, :1], at[:, 1:]
    u = np.zeros(alpha.shape)
    for _ in range(MODE_STEPS):
        half = 0.5 * (mean + tau * u)
        p1, p2 = expit(alpha + half), expit(alpha - half)
        slope = 0.5 * tau * (x1 - n1 * p1 - x2 + n2 * p2) - u
        information = 0.25 * tau**2 * (n1 * p1 * (1.0 - p1) + n2 * p2 * (1.0 - p2)) + 1.0
        step = np.clip(slope / information, -2.0, 2.0)
        u = u + step
        if np.abs(step).max() < 1e-11:
            break
    half = 0.5 * (mean + tau * u)
    p1, p2 = expit(alpha + half), expit(alpha - half)
    information = 0.25 * tau**2 * (n1 * p1 * (1.0 - p1) + n2 * p2 * (1.0 - p2)) + 1.0
    return u, information**-0.5


def _each(
    arms: Arms, alpha: FloatArray, at: FloatArray, nodes: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return log-likelihood of each study (m, k), its slope and curvature in alpha."""
    x1, n1, x2, n2 = (values[:, None] for values in arms)
    u, scale = _mode(arms, alpha, at)
    z, log_weights = nodes_and_weights(nodes)
    moved = u[..., None] + np.sqrt(2.0) * scale[..., None] * z
    half = 0.5 * (at[:, :1, None] + at[:, 1:, None] * moved)
    first, second = alpha[..., None] + half, alpha[..., None] - half
    inner = x1 * log_expit(first) + (n1 - x1) * log_expit(-first)
    inner = inner + x2 * log_expit(second) + (n2 - x2) * log_expit(-second)
    inner = inner - 0.5 * moved**2 + log_weights
    top = inner.max(axis=-1)
    total = top + np.log(np.exp(inner - top[..., None]).sum(axis=-1))
    share = softmax(inner, axis=-1)
    p1, p2 = expit(first), expit(second)
    score = x1 - n1 * p1 + x2 - n2 * p2
    slope = (share * score).sum(axis=-1)
    bend = score**2 - n1 * p1 * (1.0 - p1) - n2 * p2 * (1.0 - p2)
    curvature = (share * bend).sum(axis=-1) - slope**2
    return total + np.log(scale) - 0.5 * np.log(np.pi), slope, curvature
