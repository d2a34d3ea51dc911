"""One kernel behind meta-regression, its permutation test, influence and groups of studies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._design import Designed, moments_of, solve
from hepatica.stats.meta._design_tau2 import DESIGN_ESTIMATORS
from hepatica.stats.meta._moments import dot
from hepatica.stats.meta._studies import Studies
from hepatica.stats.meta.tau2 import Tau2

#: Smallest singular value, as a share of the largest, of columns scaled to length 1.
RANK = 1e-9
#: Squared residuals below this share of squared estimates are rounding.
NO_SPREAD = 1e-26


@dataclass(frozen=True, slots=True)
class DesignFit:
    """Fits of one design to many outcomes.

    Coefficients (o, p) and their covariance (o, p, p), without the factor of Knapp and Hartung,
    are those of the columns as given, `inner` those of the orthonormal columns; `factor` (o,) is
    the mean square of residuals.
    """

    inner: FloatArray
    inner_covariance: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    tau2: Tau2
    factor: FloatArray
    q: FloatArray
    typical: FloatArray


@dataclass(frozen=True, slots=True)
class Design:
    """A design of full rank: orthonormal columns, and the way back to those given."""

    given: FloatArray  # (k, p)
    orthonormal: FloatArray  # (k, p)
    back: FloatArray  # (p, p): coefficients as given = back @ coefficients of orthonormal columns

    def of(self, studies: Studies) -> Designed:
        """Return studies with this design."""
        return Designed(studies.y, studies.v, studies.present, studies.k, self.orthonormal)


def read_design(x: npt.ArrayLike, k: int, *, intercept: bool) -> FloatArray:
    """Return the checked columns (k, p), with a column of ones first where asked."""
    given = np.asarray(x)
    if given.ndim == 1 and given.size:
        given = given[:, None]
    if given.size == 0:
        given = np.zeros((k, 0))
    given = _checks.numbers("x", given, 2).astype(np.float64) if given.size else given
    if len(given) != k:
        raise InputError(f"x must have one row for each study: {k}; it has {len(given)}.")
    return np.column_stack([np.ones(k), given]) if intercept else given


def full_rank(given: FloatArray, present: npt.NDArray[np.bool_]) -> Design:
    """Return the design, refused where its columns repeat each other in the studies present."""
    k, p = int(present.sum()), given.shape[1]
    if p == 0:
        raise InputError("x must have at least one column where there is no intercept.")
    if k <= p:
        raise InputError(
            f"{p} coefficients need more than {p} studies; there {'is' if k == 1 else 'are'} {k}. "
            "Use fewer columns of x."
        )
    if not is_full_rank(given[present]):
        raise InputError(
            "Columns of x must not repeat each other or the intercept in the studies that have "
            "the outcome: leave out a column that is constant or follows from the others."
        )
    q, r = np.linalg.qr(given)
    return Design(given, q, np.linalg.inv(r))


def is_full_rank(given: FloatArray) -> bool:
    """Return whether columns (k, p) are independent, whatever their units."""
    length = np.sqrt((given**2).sum(axis=0))
    if len(given) < given.shape[1] or (length == 0.0).any():
        return False
    values = np.linalg.svd(given / length, compute_uv=False)
    return bool(values[-1] > RANK * values[0])


def fit_design(design: Design, studies: Studies, method: str) -> DesignFit:
    """Return the fits; every outcome has full rank and more studies than coefficients."""
    designed = design.of(studies)
    at_zero = moments_of(designed, 1.0 / studies.v)[1]
    tau2 = DESIGN_ESTIMATORS[method](designed, at_zero)
    w = 1.0 / (studies.v + tau2.value)
    solved = solve(designed, w)
    r = solved.residuals
    back = design.back
    return DesignFit(
        inner=solved.coefficients,
        inner_covariance=solved.inverse,
        coefficients=solved.coefficients @ back.T,
        covariance=back @ solved.inverse @ back.T,
        tau2=tau2,
        factor=dot(w * r, r) / designed.df,
        q=at_zero.q,
        typical=designed.df / at_zero.trace_p,
    )


def quantile(df: float, conf_level: float) -> float:
    """Return the two-sided quantile of t; infinite df is normal, NaN without any."""
    level = 0.5 + conf_level / 2.0
    if np.isinf(df):
        return float(ndtri(level))
    return float(stdtrit(df, level)) if df > 0.0 else float("nan")
