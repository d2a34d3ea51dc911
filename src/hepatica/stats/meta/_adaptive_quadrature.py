"""Likelihood of binomial counts with a normal random effect, by adaptive Gauss-Hermite quadrature.

Each study's integral is centred at its mode and scaled by its curvature there (Liu and Pierce,
Biometrika 1994;81:624), so that few nodes do; one node is Laplace's approximation.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import expit, gammaln, log_expit, logsumexp, xlogy

from hepatica.stats._checks import FloatArray

#: Newton steps to the mode; the integrand is log-concave.
MODE_STEPS = 60


@cache
def nodes_and_weights(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return the nodes and the logarithms of weights times exp(node squared)."""
    at, weights = np.polynomial.hermite.hermgauss(nodes)
    return at, np.log(weights) + at * at


def log_binomial(x: FloatArray, n: FloatArray) -> FloatArray:
    """Return logarithms of binomial coefficients."""
    out: FloatArray = gammaln(n + 1.0) - gammaln(x + 1.0) - gammaln(n - x + 1.0)
    return out


def saturated(x: FloatArray, n: FloatArray) -> float:
    """Return the log-likelihood of counts each with its own proportion."""
    share = x / n
    own = log_binomial(x, n) + xlogy(x, share) + xlogy(n - x, 1.0 - share)
    return float(own.sum())


def loglik(
    x: FloatArray, n: FloatArray, offset: FloatArray, at: FloatArray, nodes: int
) -> FloatArray:
    """Return log-likelihoods (m,) at pairs of mean and tau `at` (m, 2); x, n, offset are (k,)."""
    centre, tau = at[:, :1] + offset, at[:, 1:]
    u = np.zeros(centre.shape)
    for _ in range(MODE_STEPS):
        p = expit(centre + tau * u)
        step = (tau * (x - n * p) - u) / (tau**2 * n * p * (1.0 - p) + 1.0)
        u = u + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-10:
            break
    p = expit(centre + tau * u)
    scale = 1.0 / np.sqrt(tau**2 * n * p * (1.0 - p) + 1.0)
    z, log_weights = nodes_and_weights(nodes)
    moved = u[..., None] + np.sqrt(2.0) * scale[..., None] * z
    eta = centre[..., None] + tau[..., None] * moved
    xs, rest = x[:, None], (n - x)[:, None]
    inner = xs * log_expit(eta) + rest * log_expit(-eta) - 0.5 * moved**2 + log_weights
    each = logsumexp(inner, axis=-1) + np.log(scale) - 0.5 * np.log(np.pi)
    out: FloatArray = (each + log_binomial(x, n)).sum(axis=-1)
    return out
