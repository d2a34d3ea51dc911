"""Estimates that are not independent: arms that share a control, outcomes of one study.

Sources: Gleser and Olkin, in The Handbook of Research Synthesis, 2009 (several arms against one
control); Harville, J Am Stat Assoc 1977;72:320 (restricted likelihood); Konstantopoulos, Res
Synth Methods 2011;2:61 (three levels).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta._components import Components, maximise_components
from hepatica.stats.meta.effects import given, refuse, z_of

METHODS = ("REML", "ML", "common")
CONTROL_MEASURES = ("RR", "OR", "RD", "AS")


@dataclass(frozen=True, slots=True)
class PooledCorrelated:
    """A pooled estimate of correlated estimates.

    Attributes
    ----------
    k : int
        Estimates pooled.
    estimate, std_error, statistic, p_value, lower, upper : float
        Generalised least squares; normal test and limits.
    components : float array (c,)
        Variances of the random effects, in the order given; empty in the common-effect model.
    q, q_p_value : float
        Residual Q with the sampling covariance alone, and its p-value.
    df : int
        k - 1.
    weights : float array (k,)
        Shares in the estimate; they sum to 1, and can be negative.
    covariance : float array (k, k)
        Marginal covariance at the estimated components; `cluster_robust` takes it.
    loglik : float
        (Restricted) log-likelihood, constants included.
    iterations : int
        Steps of the search.
    status : {"ok", "boundary", "not_converged"}
        "boundary": a component is 0.
    method : str
        As given.
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
    components: FloatArray
    q: float
    df: int
    q_p_value: float
    weights: FloatArray
    covariance: FloatArray
    loglik: float
    iterations: int
    status: str
    method: str
    conf_level: float


def shared_control_covariance(
    vi: npt.ArrayLike, control: npt.ArrayLike, study: npt.ArrayLike
) -> FloatArray:
    """Return the covariance of effects of which some share a control arm.

    Two effects of one study covary by the part of their variance that comes from the control.

    Parameters
    ----------
    vi : float array (k,)
        Variances of the effects.
    control : float array (k,)
        The part of the control arm: from `control_variance` for counts, sd2 squared/n2 for a mean
        difference.
    study : int array (k,)
        Code of the study of each effect.

    Raises
    ------
    InputError
        If effects of one study do not have the same control, or it exceeds a variance.

    Examples
    --------
    >>> shared_control_covariance([0.3, 0.4], [0.1, 0.1], [1, 1]).tolist()
    [[0.3, 0.1], [0.1, 0.4]]
    """
    v, part = given(vi=vi, control=control)
    code = _codes("study", study, len(v))
    together = code[:, None] == code[None, :]
    if not np.allclose(np.where(together, part[:, None] - part[None, :], 0.0), 0.0, atol=1e-9):
        raise InputError(
            "Effects of one study that share a control must have the same control variance; give "
            "arms with different controls different study codes."
        )
    if not ((part > 0.0) & (part < v)).all():
        raise InputError("The control's part must be positive and smaller than the variance.")
    covariance = np.where(together, part[:, None], 0.0)
    np.fill_diagonal(covariance, v)
    return freeze(covariance)


def control_variance(events: npt.ArrayLike, n: npt.ArrayLike, *, measure: str = "RR") -> FloatArray:
    """Return the part of an effect's variance that comes from its control arm.

    Parameters
    ----------
    events, n : array (k,)
        Events and patients of the controls; where cells are corrected, with the correction
        (events + 1/2, n + 1), so that effect and covariance are about the same table.
    measure : {"RR", "OR", "RD", "AS"}
        As in `two_arm_effects`.

    Raises
    ------
    InputError
        If a ratio has a control without events, or an odds ratio one with events only.

    Examples
    --------
    >>> control_variance([10], [40], measure="OR").round(4).tolist()
    [0.1333]
    """
    _checks.check_option("measure", measure, CONTROL_MEASURES)
    x, size = given(events=events, n=n)
    refuse((size <= 0.0) | (x < 0.0) | (x > size), "Events must lie between 0 and n", "an exchange")
    if measure in ("RR", "OR"):
        refuse(x == 0.0, "The control of a ratio must have an event", "an uncorrected cell")
    if measure == "OR":
        refuse(x == size, "The control must have a patient without", "an uncorrected cell")
    if measure == "AS":
        return freeze(0.25 / size)
    if measure == "RD":
        return freeze(x * (size - x) / size**3)
    return freeze(1.0 / x + (1.0 / (size - x) if measure == "OR" else -1.0 / size))


def split_control(
    events: npt.ArrayLike, n: npt.ArrayLike, study: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return events and patients of controls, split evenly between the arms that share them.

    The Cochrane Handbook allows this where effects must be entered as if independent; it keeps
    the patients from counting twice but not the correlation. Counts become fractions.

    Parameters
    ----------
    events, n : int array (k,)
        Control events and patients, repeated in each row of a study.
    study : int array (k,)
        Code of the study.

    Examples
    --------
    >>> split_control([10, 10, 6], [40, 40, 30], [1, 1, 2])[0].tolist()
    [5.0, 5.0, 6.0]
    """
    x, size = given(events=events, n=n)
    code = _codes("study", study, len(x))
    share = (code[:, None] == code[None, :]).sum(axis=1)
    return freeze(x / share), freeze(size / share)


def pool_correlated(
    yi: npt.ArrayLike,
    covariance: npt.ArrayLike,
    *,
    method: str = "REML",
    study: npt.ArrayLike | None = None,
    correlation: float = 0.5,
    conf_level: float = 0.95,
) -> PooledCorrelated:
    """Pool estimates with a known sampling covariance.

    Parameters
    ----------
    yi : float array (k,)
        Estimates.
    covariance : float array (k, k)
        Sampling covariance, for example from `shared_control_covariance`.
    method : {"REML", "ML", "common"}
        Random effects, or a common effect.
    study : int array (k,) or None
        Code of the study of each estimate; random effects of one study then correlate.
    correlation : float
        Their correlation, 0 to 1: 1/2 is right for effects against one control with equal
        variances between studies, 1 for one effect a study.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the covariance is not symmetric and positive definite.

    Examples
    --------
    >>> found = pool_correlated([1.0, 2.0, 6.0], [[2, 1, 0], [1, 2, 0], [0, 0, 2]], method="common")
    >>> round(found.estimate, 4), round(found.std_error, 4)
    (3.4286, 0.9258)
    """
    _checks.check_option("method", method, METHODS)
    (y,) = given(yi=yi)
    v = _covariance(covariance, len(y))
    if not 0.0 <= correlation <= 1.0:
        raise InputError(f"correlation must lie between 0 and 1; it is {correlation!r}.")
    code = np.arange(len(y)) if study is None else _codes("study", study, len(y))
    together = code[:, None] == code[None, :]
    shape = np.where(together, correlation, 0.0)
    np.fill_diagonal(shape, 1.0)
    return _pooled(y, v, [] if method == "common" else [shape], method, conf_level)


def pool_multilevel(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: npt.ArrayLike,
    *,
    method: str = "REML",
    conf_level: float = 0.95,
) -> PooledCorrelated:
    """Pool several outcomes a study in three levels: sampling, outcomes in studies, studies.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances.
    study : int array (k,)
        Code of the study of each estimate.
    method : {"REML", "ML", "common"}
        Likelihood; `components` are the variance between studies and that within studies.
    conf_level : float
        Confidence level.

    Examples
    --------
    >>> found = pool_multilevel([1, 1.4, 3, 3.4, 5, 5.4], [0.01] * 6, [1, 1, 2, 2, 3, 3])
    >>> round(found.estimate, 4), found.components.round(4).tolist()
    (3.2, [3.96, 0.07])
    """
    _checks.check_option("method", method, METHODS)
    y, v = given(yi=yi, vi=vi)
    code = _codes("study", study, len(y))
    between = (code[:, None] == code[None, :]).astype(np.float64)
    if method != "common" and not 1 < len(np.unique(code)) < len(y):
        raise InputError(
            "Three levels need at least two studies, and one with several estimates; use pool."
        )
    shapes = [] if method == "common" else [between, np.eye(len(y))]
    return _pooled(y, _covariance(np.diag(v), len(y)), shapes, method, conf_level)


def _pooled(
    y: FloatArray, v: FloatArray, shapes: list[FloatArray], method: str, conf_level: float
) -> PooledCorrelated:
    if np.isnan(y).any():
        raise InputError("yi and vi must not hold missing values here; leave such rows out.")
    z = z_of(conf_level)
    if shapes and len(y) < 2:
        raise InputError("Random effects need at least two estimates; there is one.")
    found = maximise_components(Components(y, v, tuple(shapes)), restricted=method != "ML")
    inverse = np.linalg.inv(found.covariance)
    row = inverse.sum(axis=0)
    total = float(row.sum())
    estimate, error = float(row @ y) / total, total**-0.5
    plain = np.linalg.inv(v)
    r = y - float(plain.sum(axis=0) @ y) / float(plain.sum())
    q, df = float(r @ plain @ r), len(y) - 1
    return PooledCorrelated(
        k=len(y),
        estimate=estimate,
        std_error=error,
        statistic=estimate / error,
        p_value=float(2.0 * ndtr(-abs(estimate / error))),
        lower=estimate - z * error,
        upper=estimate + z * error,
        components=freeze(found.values),
        q=q,
        df=df,
        q_p_value=float(chdtrc(df, q)) if df else float("nan"),
        weights=freeze(row / total),
        covariance=freeze(found.covariance),
        loglik=found.loglik,
        iterations=found.iterations,
        status=found.status,
        method=method,
        conf_level=float(conf_level),
    )


def _covariance(covariance: npt.ArrayLike, k: int) -> FloatArray:
    v = np.array(covariance, dtype=np.float64)
    if v.shape != (k, k) or not np.isfinite(v).all():
        raise InputError(f"covariance must be a finite array of {k} by {k}; it is {v.shape}.")
    if not np.allclose(v, v.T, rtol=1e-10, atol=1e-300):
        raise InputError("covariance must be symmetric.")
    if float(np.linalg.eigvalsh(v).min()) <= 0.0:
        raise InputError(
            "covariance must be positive definite: a variance is 0 or negative, or a study was "
            "entered twice."
        )
    return v


def _codes(name: str, values: npt.ArrayLike, k: int) -> npt.NDArray[np.int64]:
    array = np.asarray(values)
    if array.shape != (k,) or array.dtype.kind not in "iub":
        raise InputError(f"{name} must hold one whole number (a code) for each of {k} estimates.")
    return array.astype(np.int64)
