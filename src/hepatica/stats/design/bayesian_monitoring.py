"""Single-arm trials watched by the posterior or the predictive probability of a rate.

Sources: Thall and Simon, Biometrics 1994;50:337 (posterior probability); Lee and Liu, Clin Trials
2008;5:93 (predictive probability). A beta prior, a binomial count; properties are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, gammaln

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design.monitoring import check_looks, monitoring_properties


@dataclass(frozen=True, slots=True)
class BayesianMonitoring:
    """A monitored single-arm design and its exact properties.

    Attributes
    ----------
    n : int
        Patients at the last look.
    events : int
        Fewest events that declare success at the last look; n + 1 when no count does.
    looks, futility, efficacy : ndarray of int, shape (looks,)
        Patients at each look; stop with this many events or fewer (-1: no stop), or with this
        many or more (looks + 1: no stop).
    type_1_error, power : float
        Exact probability of success at the null and at the alternative.
    expected_n, expected_n_alternative : float
        Expected patients.
    early_stop, early_stop_alternative : float
        Probability of ending before the last look.
    alpha : float
        1 - final_threshold, what stands for a level here; the frequentist one is `type_1_error`.
    futility_threshold, efficacy_threshold, final_threshold : float
        As asked.
    prior_events, prior_others : float
        Parameters of the beta prior.
    null, alternative : float
        Rates.
    method : {"posterior", "predictive"}
        Which probability is watched.
    """

    n: int
    events: int
    looks: IntArray
    futility: IntArray
    efficacy: IntArray
    type_1_error: float
    power: float
    expected_n: float
    expected_n_alternative: float
    early_stop: float
    early_stop_alternative: float
    alpha: float
    futility_threshold: float
    efficacy_threshold: float
    final_threshold: float
    prior_events: float
    prior_others: float
    null: float
    alternative: float
    method: str


@dataclass(frozen=True, slots=True)
class MonitoringProbabilities:
    """Posterior and predictive probability after each possible count.

    Attributes
    ----------
    n, n_final : int
        Patients now and at the end.
    events : ndarray of int, shape (n + 1,)
        0 to n.
    posterior : ndarray of float, shape (n + 1,)
        P(rate > null) given the count.
    predictive : ndarray of float, shape (n + 1,)
        Probability that the posterior exceeds `final_threshold` at the end.
    null, final_threshold, prior_events, prior_others : float
        As asked.
    """

    n: int
    n_final: int
    events: IntArray
    posterior: FloatArray
    predictive: FloatArray
    null: float
    final_threshold: float
    prior_events: float
    prior_others: float


def monitoring_probabilities(
    n: int,
    n_final: int,
    *,
    null: float,
    final_threshold: float,
    prior: tuple[float, float] = (1.0, 1.0),
) -> MonitoringProbabilities:
    """Return posterior and predictive probabilities of a trial under way.

    Parameters
    ----------
    n, n_final : int
        Patients now and at the end.
    null : float
        Rate to be exceeded.
    final_threshold : float
        Success at the end when P(rate > null) is above it.
    prior : tuple of 2 float
        Parameters of the beta prior: events and others.

    Examples
    --------
    Lee and Liu's example: 16 of 23 so far, 40 in the end.

    >>> found = monitoring_probabilities(
    ...     23, 40, null=0.6, final_threshold=0.9, prior=(0.6, 0.4))
    >>> round(float(found.predictive[16]), 4)
    0.5656
    """
    size, final = _checks.count("n", n), _checks.count("n_final", n_final)
    if size > final:
        raise InputError(f"n must not be above n_final; they are {size} and {final}.")
    rate = _checks.check_probability("null", null)
    limit = _checks.check_probability("final_threshold", final_threshold)
    beta = _binomial.check_prior(prior)
    counts = np.arange(size + 1)
    return MonitoringProbabilities(
        n=size,
        n_final=final,
        events=freeze(counts),
        posterior=freeze(_posterior(counts, size, rate, beta)),
        predictive=freeze(_predictive(size, final, _needed(final, rate, beta, limit), beta)),
        null=rate,
        final_threshold=limit,
        prior_events=beta[0],
        prior_others=beta[1],
    )


def posterior_monitoring(
    null: float,
    alternative: float,
    looks: npt.ArrayLike,
    *,
    futility_threshold: float = 0.05,
    efficacy_threshold: float = 1.0,
    final_threshold: float = 0.95,
    prior: tuple[float, float] = (1.0, 1.0),
) -> BayesianMonitoring:
    """Return a design that stops when P(rate > null) is too low, or high enough.

    Parameters
    ----------
    null, alternative : float
        Rate to be exceeded, and the rate at which power is wanted.
    looks : array_like of int, shape (looks,)
        Patients at each look; the last is the end.
    futility_threshold, efficacy_threshold : float
        Stop when the probability is below the one, or above the other; 0 and 1 never stop.
    final_threshold : float
        Success at the end above it.
    prior : tuple of 2 float
        Parameters of the beta prior: events and others.

    Examples
    --------
    >>> found = posterior_monitoring(0.2, 0.4, [10, 20, 30, 40])
    >>> found.futility.tolist(), found.events, round(found.power, 3)
    ([-1, 0, 2, 12], 13, 0.871)
    """
    return _monitoring(
        "posterior",
        (null, alternative),
        looks,
        (futility_threshold, efficacy_threshold, final_threshold),
        prior,
    )


def predictive_monitoring(
    null: float,
    alternative: float,
    looks: npt.ArrayLike,
    *,
    futility_threshold: float = 0.05,
    efficacy_threshold: float = 1.0,
    final_threshold: float = 0.95,
    prior: tuple[float, float] = (1.0, 1.0),
) -> BayesianMonitoring:
    """Return a design that stops when success at the end has become too improbable, or sure.

    Parameters
    ----------
    null, alternative : float
        Rate to be exceeded, and the rate at which power is wanted.
    looks : array_like of int, shape (looks,)
        Patients at each look; the last is the end.
    futility_threshold, efficacy_threshold : float
        Stop when the predictive probability is below the one, or above the other; 0 and 1 never
        stop.
    final_threshold : float
        Success at the end when P(rate > null) is above it.
    prior : tuple of 2 float
        Parameters of the beta prior: events and others.

    Examples
    --------
    Lee and Liu's example, watched after each patient from the tenth on:

    >>> found = predictive_monitoring(0.2, 0.4, range(10, 37), futility_threshold=0.001,
    ...                               final_threshold=0.9, prior=(0.2, 0.8))
    >>> found.events, round(found.type_1_error, 3), round(found.power, 3)
    (11, 0.088, 0.906)
    """
    return _monitoring(
        "predictive",
        (null, alternative),
        looks,
        (futility_threshold, efficacy_threshold, final_threshold),
        prior,
    )


def _monitoring(
    method: str,
    rates: tuple[float, float],
    looks: npt.ArrayLike,
    thresholds: tuple[float, float, float],
    prior: tuple[float, float],
) -> BayesianMonitoring:
    null, alternative = _binomial.check_rates(*rates)
    sizes = check_looks(np.asarray(looks))
    low, high, final = _check_thresholds(thresholds)
    beta = _binomial.check_prior(prior)
    n = int(sizes[-1])
    needed = _needed(n, null, beta, final)
    futility, efficacy = np.full(len(sizes), -1), sizes + 1
    for look, size in enumerate(sizes[:-1].tolist()):
        if method == "posterior":
            watched = _posterior(np.arange(size + 1), size, null, beta)
        else:
            watched = _predictive(size, n, needed, beta)
        futility[look] = int((watched < low).sum()) - 1
        efficacy[look] = size + 1 - int((watched > high).sum())
    futility[-1], efficacy[-1] = needed - 1, needed
    found = monitoring_properties(sizes, futility, efficacy, [null, alternative])
    return BayesianMonitoring(
        n=n,
        events=needed,
        looks=found.looks,
        futility=found.futility,
        efficacy=found.efficacy,
        type_1_error=float(found.reject[0]),
        power=float(found.reject[1]),
        expected_n=float(found.expected_n[0]),
        expected_n_alternative=float(found.expected_n[1]),
        early_stop=float(found.early_stop[0]),
        early_stop_alternative=float(found.early_stop[1]),
        alpha=1.0 - final,
        futility_threshold=low,
        efficacy_threshold=high,
        final_threshold=final,
        prior_events=beta[0],
        prior_others=beta[1],
        null=null,
        alternative=alternative,
        method=method,
    )


def _check_thresholds(thresholds: tuple[float, float, float]) -> tuple[float, float, float]:
    low = _binomial.check_rate("futility_threshold", thresholds[0])
    high = _binomial.check_rate("efficacy_threshold", thresholds[1])
    if low >= high:
        raise InputError("futility_threshold must be below efficacy_threshold.")
    return low, high, _checks.check_probability("final_threshold", thresholds[2])


def _posterior(counts: IntArray, n: int, null: float, prior: tuple[float, float]) -> FloatArray:
    """Return P(rate > null) after each count."""
    found: FloatArray = betainc(prior[1] + n - counts, prior[0] + counts, 1.0 - null)
    return found


def _needed(n: int, null: float, prior: tuple[float, float], threshold: float) -> int:
    """Return the fewest events of n with a posterior above the threshold; n + 1 if none has."""
    counts = np.arange(n + 1)
    return n + 1 - int((_posterior(counts, n, null, prior) > threshold).sum())


def _predictive(n: int, final: int, needed: int, prior: tuple[float, float]) -> FloatArray:
    """Return the probability of at least `needed` events in the end, after each count of n."""
    left = final - n
    counts, later = np.arange(n + 1)[:, None], np.arange(left + 1)
    a, b = prior[0] + counts, prior[1] + n - counts
    ways = gammaln(left + 1.0) - gammaln(later + 1.0) - gammaln(left - later + 1.0)
    chance = np.exp(ways + betaln(a + later, b + left - later) - betaln(a, b))
    found: FloatArray = np.where(counts + later >= needed, chance, 0.0).sum(axis=1)
    return np.minimum(found, 1.0)
