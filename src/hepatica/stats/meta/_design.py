"""Studies whose mean effect follows a design, and the weighted sums of its estimators.

With weights w = 1/(v + tau2), design X (k, p) and P = W - WX(X'WX)^-1 X'W the sums are those of
`hepatica.stats.meta._moments`; they are registered there, so that the search for the maximum of the
likelihood is one and the same with and without a design. One design serves all columns: where
studies are permuted or left out, estimates and variances are, and products with X X' are matrix
products. Source: Raudenbush, in Cooper, Hedges and Valentine, Handbook of Research Synthesis 2009,
chapter 16; Viechtbauer, Lopez-Lopez, Sanchez-Meca and Marin-Martinez, Psychol Methods 2015;20:360.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.meta._moments import Moments, dot, loglik, moments
from hepatica.stats.meta._studies import Studies


@dataclass(frozen=True, slots=True)
class Designed(Studies):
    """Studies (k, o) with one design for all outcomes.

    Attributes
    ----------
    x : float array (k, p)
        Design with orthonormal columns; of full rank in the studies of each outcome.
    """

    x: FloatArray

    def pick(self, outcomes: npt.NDArray[np.bool_] | IntArray) -> Designed:
        """Return some of the outcomes."""
        return Designed(
            self.y[:, outcomes],
            self.v[:, outcomes],
            self.present[:, outcomes],
            self.k[outcomes],
            self.x,
        )

    @property
    def df(self) -> IntArray:
        """Studies less coefficients, (o,)."""
        left: IntArray = self.k - self.x.shape[1]
        return left


@dataclass(frozen=True, slots=True)
class Solved:
    """Weighted least squares: coefficients (o, p), (X'WX)^-1 (o, p, p), residuals (k, o)."""

    coefficients: FloatArray
    inverse: FloatArray
    residuals: FloatArray


def gram(studies: Designed, weights: FloatArray) -> FloatArray:
    """Return X'WX (o, p, p) for weights (k, o)."""
    x = studies.x
    k, p = x.shape
    products = (x[:, :, None] * x[:, None, :]).reshape(k, p * p)
    return (weights.T @ products).reshape(-1, p, p)


def solve(studies: Designed, weights: FloatArray) -> Solved:
    """Return the weighted least squares solution for weights (k, o)."""
    inverse: FloatArray = np.linalg.inv(gram(studies, weights)).astype(np.float64, copy=False)
    right = (weights * studies.y).T @ studies.x
    coefficients = np.einsum("opq,oq->op", inverse, right)
    return Solved(coefficients, inverse, studies.y - studies.x @ coefficients.T)


def trace(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return tr AB (o,) of symmetric matrices (o, p, p)."""
    out: FloatArray = np.einsum("opq,opq->o", a, b)
    return out


def moments_of(studies: Designed, weights: FloatArray) -> tuple[Solved, Moments]:
    """Return the solution and all sums for weights (k, o)."""
    w, w2 = weights, weights * weights
    solved = solve(studies, w)
    inverse, r = solved.inverse, solved.residuals
    middle = inverse @ gram(studies, w2)  # B X'W^2X
    wr = w * r
    drift = (w * wr).T @ studies.x  # X'W^2 r
    wwr2 = wr * wr
    sum_w: FloatArray = w.sum(axis=0)
    sum_w2: FloatArray = w2.sum(axis=0)
    found = Moments(
        mean=dot(w, studies.y) / sum_w,
        sum_w=sum_w,
        sum_w2=sum_w2,
        q=dot(wr, r),
        trace_p=sum_w - np.einsum("opp->o", middle),
        trace_pp=sum_w2
        - 2.0 * trace(inverse, gram(studies, w * w2))
        + np.einsum("opq,oqp->o", middle, middle),
        ypp=wwr2.sum(axis=0),
        yppp=dot(w, wwr2) - np.einsum("op,opq,oq->o", drift, inverse, drift),
    )
    return solved, found


@moments.register
def _moments_of_design(studies: Designed, tau2: FloatArray) -> Moments:
    return moments_of(studies, 1.0 / (studies.v + tau2))[1]


@loglik.register
def _loglik_of_design(studies: Designed, tau2: FloatArray, *, restricted: bool) -> FloatArray:
    spread = np.where(studies.present, studies.v, 1.0) + np.where(studies.present, tau2, 0.0)
    w = np.where(studies.present, 1.0 / spread, 0.0)
    solved = solve(studies, w)
    out: FloatArray = -0.5 * (
        np.log(spread).sum(axis=0) + dot(w * solved.residuals, solved.residuals)
    )
    if not restricted:
        return out
    determinant: FloatArray = np.linalg.slogdet(solved.inverse)[1]
    return out + 0.5 * determinant
