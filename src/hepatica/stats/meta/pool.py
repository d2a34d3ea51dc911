"""Pool estimates of studies: common-effect and random-effects models by inverse variance.

Sources: Hartung and Knapp, Stat Med 2001;20:1771; Sidik and Jonkman, Stat Med 2002;21:3153; the
floor of 1 on their factor, Roever, Knapp and Friede, BMC Med Res Methodol 2015;15:99; I2 and H,
Higgins and Thompson, Stat Med 2002;21:1539; prediction with t(k-2), Higgins, Thompson and
Spiegelhalter, J R Stat Soc A 2009;172:137, with t(k-1), Partlett and Riley, Stat Med 2017;36:301.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, stdtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta._pooled import CI, METHODS, PREDICTION, Fit, Options, fit
from hepatica.stats.meta._studies import read_studies


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pooled estimate of one outcome, on the scale of `yi`.

    Attributes
    ----------
    k : int
        Studies pooled.
    estimate, std_error, lower, upper, p_value : float
        Pooled estimate, its standard error, limits, and p-value of "the effect is 0".
    statistic, reference_df : float
        estimate / std_error, and the degrees of freedom of its t-distribution (infinite: normal).
    tau2, tau2_std_error : float
        Variance between studies; 0 in the common-effect model.
    q, q_p_value : float
        Cochran's Q and its p-value.
    df : int
        Its degrees of freedom, k - 1.
    i2, h2 : float
        max(0, (Q - df)/Q), a fraction, and Q/df: the definitions from Q.
    i2_tau2, h2_tau2 : float
        tau2/(tau2 + typical variance), and 1 + tau2/typical variance; both equal the definitions
        from Q under DL, and follow the estimator of tau2 otherwise.
    weights : float array (k,)
        Shares of the studies in the estimate; 0 for a study without the outcome.
    prediction_lower, prediction_upper : float
        Limits for the effect in a new study; NaN in the common-effect model.
    iterations : int
        Steps of the search for tau2; 0 for a closed form.
    status : {"ok", "fallback", "not_converged", "one_study", "no_spread"}
        "fallback": plain Newton steps did not do, and bisection and a grid found the maximum.
        "one_study": the study's own estimate; nothing about heterogeneity can be said.
        "no_spread": identical estimates, from which Hartung and Knapp get no error; it is NaN.
    method, ci, prediction : str
        As given.
    conf_level : float
        As given.
    """

    k: int
    estimate: float
    std_error: float
    statistic: float
    reference_df: float
    lower: float
    upper: float
    p_value: float
    tau2: float
    tau2_std_error: float
    q: float
    df: int
    q_p_value: float
    i2: float
    h2: float
    i2_tau2: float
    h2_tau2: float
    weights: FloatArray
    prediction_lower: float
    prediction_upper: float
    iterations: int
    status: str
    method: str
    ci: str
    prediction: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class PooledBatch:
    """Pooled estimates of many outcomes; every array is (o,), `weights` is (o, k).

    The names mean what they mean in `Pooled`. What follows from other figures alone (p-values,
    I2, H2) is computed when it is asked for. "no_study" is the status of an outcome that no study
    has; its estimate is NaN.
    """

    k: IntArray
    estimate: FloatArray
    std_error: FloatArray
    reference_df: FloatArray
    lower: FloatArray
    upper: FloatArray
    tau2: FloatArray
    tau2_std_error: FloatArray
    q: FloatArray
    typical_variance: FloatArray
    weights: FloatArray
    prediction_lower: FloatArray
    prediction_upper: FloatArray
    iterations: IntArray
    status: npt.NDArray[np.str_]
    method: str
    ci: str
    prediction: str
    conf_level: float

    @property
    def statistic(self) -> FloatArray:
        """Estimate over standard error."""
        return freeze(self.estimate / self.std_error)

    @property
    def p_value(self) -> FloatArray:
        """p-value of "the effect is 0"."""
        tail = -np.abs(self.statistic)
        normal = np.isinf(self.reference_df)
        df = np.where(normal, 1.0, self.reference_df)
        return freeze(2.0 * np.where(normal, ndtr(tail), stdtr(df, tail)))

    @property
    def df(self) -> IntArray:
        """Degrees of freedom of Q."""
        return freeze(self.k - 1)

    @property
    def q_p_value(self) -> FloatArray:
        """p-value of Q; NaN with fewer than two studies."""
        several = self.k > 1
        p_value = chdtrc(np.where(several, self.k - 1, 1), self.q)
        return freeze(np.where(several, p_value, np.nan))

    @property
    def i2(self) -> FloatArray:
        """max(0, (Q - df)/Q); 0 when Q is 0, NaN with fewer than two studies."""
        varied = self.q > self.k - 1
        q = np.where(varied, self.q, 1.0)
        share = np.where(varied, (q - self.k + 1) / q, 0.0)
        return freeze(np.where(self.k > 1, share, np.nan))

    @property
    def h2(self) -> FloatArray:
        """Q/df; NaN with fewer than two studies."""
        several = self.k > 1
        return freeze(np.where(several, self.q / np.where(several, self.k - 1, 1), np.nan))

    @property
    def i2_tau2(self) -> FloatArray:
        """tau2/(tau2 + typical variance)."""
        with np.errstate(invalid="ignore"):  # one study: no typical variance
            return freeze(self.tau2 / (self.tau2 + self.typical_variance))

    @property
    def h2_tau2(self) -> FloatArray:
        """1 + tau2/typical variance."""
        with np.errstate(invalid="ignore"):
            return freeze(1.0 + self.tau2 / self.typical_variance)

    def outcome(self, position: int) -> Pooled:
        """Return one outcome."""
        at = position
        return Pooled(
            k=int(self.k[at]),
            estimate=float(self.estimate[at]),
            std_error=float(self.std_error[at]),
            statistic=float(self.statistic[at]),
            reference_df=float(self.reference_df[at]),
            lower=float(self.lower[at]),
            upper=float(self.upper[at]),
            p_value=float(self.p_value[at]),
            tau2=float(self.tau2[at]),
            tau2_std_error=float(self.tau2_std_error[at]),
            q=float(self.q[at]),
            df=int(self.df[at]),
            q_p_value=float(self.q_p_value[at]),
            i2=float(self.i2[at]),
            h2=float(self.h2[at]),
            i2_tau2=float(self.i2_tau2[at]),
            h2_tau2=float(self.h2_tau2[at]),
            weights=freeze(np.ascontiguousarray(self.weights[at])),
            prediction_lower=float(self.prediction_lower[at]),
            prediction_upper=float(self.prediction_upper[at]),
            iterations=int(self.iterations[at]),
            status=str(self.status[at]),
            method=self.method,
            ci=self.ci,
            prediction=self.prediction,
            conf_level=self.conf_level,
        )


def pool(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    ci: str = "wald",
    prediction: str = "t(k-1)",
    conf_level: float = 0.95,
    q_about: float | None = None,
) -> Pooled:
    """Pool the studies of one outcome.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and their variances on one scale (log for ratios); NaN in both for a study
        without the outcome.
    method : {"REML", "common", "DL", "DL2", "HE", "HS", "HSk", "SJ", "ML", "PM", "EB", "PMM"}
        Common effect, or random effects with the estimator of tau2 (`hepatica.stats.meta.tau2`).
    ci : {"wald", "t", "hartung-knapp", "hartung-knapp-floor"}
        Normal limits; t(k - 1); t(k - 1) with the variance of Hartung and Knapp, or with their
        factor held at 1 or more.
    prediction : {"t(k-1)", "t(k-2)", "z"}
        Distribution of the prediction interval; its variance is tau2 + std_error squared.
    conf_level : float
        Confidence level.
    q_about : float or None
        Centre of Q, and of Q in DL, instead of the inverse-variance mean: RevMan and R's meta take
        the Mantel-Haenszel estimate when that is the common-effect model.

    Raises
    ------
    InputError
        If there is no study, a variance is not positive, or an option is not known.

    Examples
    --------
    >>> pooled = pool([-0.5, -0.1, -0.9], [0.04, 0.05, 0.09], method="DL")
    >>> round(pooled.estimate, 4), round(pooled.tau2, 4), round(pooled.i2, 4)
    (-0.4664, 0.0772, 0.5792)
    """
    studies = read_studies(yi, vi, 1)
    options = replace(
        pooling_options(method, ci, prediction, conf_level), q_about=_centres(q_about, 1)
    )
    return batch_of(fit(studies, options), options).outcome(0)


def pool_batch(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "REML",
    ci: str = "wald",
    prediction: str = "t(k-1)",
    conf_level: float = 0.95,
    q_about: npt.ArrayLike | None = None,
) -> PooledBatch:
    """Pool the studies of many outcomes at once.

    Parameters
    ----------
    yi, vi : float array (o, k)
        One row an outcome; NaN in both for a study without the outcome.
    method, ci, prediction, conf_level
        As in `pool`.
    q_about : float array (o,) or None
        As in `pool`, one an outcome.

    Raises
    ------
    InputError
        As in `pool`.

    Examples
    --------
    >>> batch = pool_batch([[1.0, 3.0], [2.0, float("nan")]], [[1.0, 1.0], [4.0, float("nan")]])
    >>> batch.estimate.tolist(), batch.status.tolist()
    ([2.0, 2.0], ['ok', 'one_study'])
    """
    studies = read_studies(yi, vi, 2)
    centres = _centres(q_about, len(studies.k))
    options = replace(pooling_options(method, ci, prediction, conf_level), q_about=centres)
    return batch_of(fit(studies, options), options)


def pooling_options(method: str, ci: str, prediction: str, conf_level: float) -> Options:
    """Return checked options."""
    _checks.check_option("method", method, METHODS)
    _checks.check_option("ci", ci, CI)
    _checks.check_option("prediction", prediction, PREDICTION)
    return Options(method, ci, prediction, _checks.check_conf_level(conf_level))


def _centres(q_about: npt.ArrayLike | None, count: int) -> FloatArray | None:
    if q_about is None:
        return None
    centres = np.atleast_1d(np.asarray(q_about, dtype=np.float64))
    if centres.shape != (count,) or not np.isfinite(centres).all():
        raise InputError(f"q_about must hold one finite number an outcome: {count}.")
    return centres


def batch_of(found: Fit, options: Options) -> PooledBatch:
    """Return what the kernel found, under the names of `PooledBatch`."""
    return PooledBatch(
        k=found.k,
        estimate=found.estimate,
        std_error=found.std_error,
        reference_df=found.reference_df,
        lower=found.lower,
        upper=found.upper,
        tau2=found.tau2,
        tau2_std_error=found.tau2_std_error,
        q=found.q,
        typical_variance=found.typical,
        weights=found.weights,
        prediction_lower=found.prediction_lower,
        prediction_upper=found.prediction_upper,
        iterations=found.iterations,
        status=found.status,
        method=options.method,
        ci=options.ci,
        prediction=options.prediction,
        conf_level=options.conf_level,
    )
