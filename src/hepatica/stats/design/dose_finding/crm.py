"""Continual reassessment method with the power ("empiric") model.

Sources: O'Quigley, Pepe and Fisher, Biometrics 1990;46:33; O'Quigley and Shen, Biometrics
1996;52:673 (normal prior); Lee and Cheung, Clin Trials 2009;6:227 (skeleton from an indifference
interval).

The rate of dose d is skeleton_d ^ exp(theta), theta normal with mean 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design.dose_finding._doses import check_observed, check_target

#: Standard deviation of theta that most published trials take: the root of 1.34.
PRIOR_SD = math.sqrt(1.34)
#: The prior beyond so many standard deviations holds less than a float can see.
_REACH = 10.0
#: Nodes within one standard deviation of the narrowest posterior; the trapezoidal rule then
#: misses a bell by less than 1e-70 of its mass, and the posteriors of the reference by 1e-13.
_NODES_A_DEVIATION = 3.0
#: One patient tells no more than this about theta: the maximum of p (log p)^2 / (1 - p).
_INFORMATION = 0.65
#: Trials whose posteriors are added up in one go, so that tables stay in fast memory.
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class CrmEstimate:
    """What the method makes of the patients so far.

    Attributes
    ----------
    dose : int
        Position, from 0, of the dose whose rate at the estimate is nearest to the target.
    estimate, std_error : float
        Posterior mean and standard deviation of theta.
    rates : ndarray of float, shape (doses,)
        Rates at the estimate: skeleton ^ exp(estimate).
    rates_mean : ndarray of float, shape (doses,)
        Posterior means of the rates.
    n, events : int
        Patients and toxicities.
    skeleton : ndarray of float, shape (doses,)
        As given.
    target, prior_sd : float
        As given.
    """

    dose: int
    estimate: float
    std_error: float
    rates: FloatArray
    rates_mean: FloatArray
    n: int
    events: int
    skeleton: FloatArray
    target: float
    prior_sd: float


@dataclass(frozen=True, slots=True)
class CrmSkeleton:
    """Initial guesses of the rates.

    Attributes
    ----------
    skeleton : ndarray of float, shape (doses,)
        Guesses; the one of `prior_dose` is the target.
    target, half_width : float
        As given.
    prior_dose : int
        As given.
    """

    skeleton: FloatArray
    target: float
    half_width: float
    prior_dose: int


def crm_skeleton(target: float, half_width: float, prior_dose: int, doses: int) -> CrmSkeleton:
    """Return the skeleton whose doses are told apart to within a half-width of the target.

    Parameters
    ----------
    target : float
        Target rate of toxicity.
    half_width : float
        In the long run the recommended dose has a rate within target +/- half_width.
    prior_dose : int
        Position, from 0, of the dose believed to have the target rate.
    doses : int
        Number of doses.

    Examples
    --------
    >>> crm_skeleton(0.25, 0.05, 2, 5).skeleton.round(3).tolist()
    [0.084, 0.157, 0.25, 0.355, 0.46]
    """
    many = _checks.count("doses", doses)
    rate, width = check_target(target, many), _checks.number("half_width", half_width)
    believed = _checks.count("prior_dose", prior_dose, 0)
    if believed >= many:
        raise InputError(f"prior_dose must be below {many}, the number of doses.")
    if not 0.0 < width < min(rate, 1.0 - rate):
        raise InputError(
            "half_width must be above 0 and leave target - half_width and target + half_width "
            "between 0 and 1."
        )
    # The model with p = target - width at one dose has target + width at the next.
    ratio = math.log(rate + width) / math.log(rate - width)
    powers = ratio ** (np.arange(many) - believed)
    return CrmSkeleton(
        skeleton=freeze(rate**powers), target=rate, half_width=width, prior_dose=believed
    )


def crm(
    skeleton: npt.ArrayLike,
    patients: npt.ArrayLike,
    toxicities: npt.ArrayLike,
    target: float,
    *,
    prior_sd: float = PRIOR_SD,
) -> CrmEstimate:
    """Return estimate and recommended dose from the patients so far.

    Parameters
    ----------
    skeleton : array_like of float, shape (doses,)
        Initial guesses of the rates, increasing, strictly between 0 and 1.
    patients, toxicities : array_like of int, shape (doses,)
        What was seen at each dose.
    target : float
        Target rate of toxicity.
    prior_sd : float
        Prior standard deviation of theta.

    Raises
    ------
    InputError
        If the skeleton does not increase, or the counts cannot be.

    Examples
    --------
    >>> found = crm([0.05, 0.10, 0.20, 0.35, 0.50, 0.70], [0, 0, 3, 3, 4, 0],
    ...             [0, 0, 0, 1, 3, 0], 0.2)
    >>> found.dose, round(found.estimate, 3)
    (2, -0.071)
    """
    guess = check_skeleton(skeleton)
    n, x = check_observed(patients, toxicities)
    rate, sd = check_target(target, len(guess)), _check_sd(prior_sd)
    if len(n) != len(guess):
        raise InputError(
            f"patients must have one value a dose of the skeleton: {len(guess)}; it has {len(n)}."
        )
    model = CrmModel.of(guess, sd, int(n.sum()))
    weight = model.posterior(n[None, :], x[None, :])[0]
    mean = float(weight @ model.theta)
    rates = guess ** math.exp(mean)
    return CrmEstimate(
        dose=int(np.abs(rates - rate).argmin()),
        estimate=mean,
        std_error=math.sqrt(float(weight @ (model.theta - mean) ** 2)),
        rates=freeze(rates),
        rates_mean=freeze(weight @ np.exp(model.log_rate)),
        n=int(n.sum()),
        events=int(x.sum()),
        skeleton=freeze(guess),
        target=rate,
        prior_sd=sd,
    )


def check_skeleton(skeleton: npt.ArrayLike) -> FloatArray:
    """Return initial guesses that increase, strictly between 0 and 1."""
    guess = np.array(_checks.numbers("skeleton", skeleton), dtype=np.float64)
    if guess.min() <= 0.0 or guess.max() >= 1.0 or (np.diff(guess) <= 0.0).any():
        raise InputError(
            "skeleton must increase from dose to dose and lie strictly between 0 and 1."
        )
    return guess


def _check_sd(prior_sd: float) -> float:
    found = _checks.number("prior_sd", prior_sd)
    # Wider priors put rates of 0 and 1, to the last digit, on the nodes.
    if not 0.01 <= found <= 10.0:
        raise InputError(f"prior_sd must lie between 0.01 and 10; it is {found:g}.")
    return found


@dataclass(frozen=True, slots=True)
class CrmModel:
    """The model on nodes of theta: prior and log rates, shapes (nodes,) and (nodes, doses)."""

    theta: FloatArray
    log_prior: FloatArray
    log_rate: FloatArray
    log_safe: FloatArray
    skeleton: FloatArray

    @classmethod
    def of(cls, skeleton: FloatArray, prior_sd: float, n: int) -> CrmModel:
        """Return the model on nodes fine enough for n patients."""
        narrowest = 1.0 / math.sqrt(_INFORMATION * n + 1.0 / prior_sd**2)
        reach = _REACH * prior_sd
        nodes = 2 * math.ceil(_NODES_A_DEVIATION * reach / narrowest) + 1
        theta = np.linspace(-reach, reach, nodes)
        log_rate = np.exp(theta)[:, None] * np.log(skeleton)
        log_safe = np.log(-np.expm1(log_rate))
        return cls(theta, -0.5 * (theta / prior_sd) ** 2, log_rate, log_safe, skeleton)

    def posterior(self, patients: IntArray, toxicities: IntArray) -> FloatArray:
        """Return the weights of the nodes for each trial, shape (trials, nodes)."""
        seen, safe = toxicities.astype(np.float64), (patients - toxicities).astype(np.float64)
        log_weight = seen @ self.log_rate.T + safe @ self.log_safe.T + self.log_prior
        weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        found: FloatArray = weight / weight.sum(axis=1, keepdims=True)
        return found

    def recommended(self, patients: IntArray, toxicities: IntArray, target: float) -> IntArray:
        """Return the dose nearest to the target for each trial."""
        states, trial = np.unique(
            np.concatenate([patients, toxicities], axis=1), axis=0, return_inverse=True
        )
        doses = len(self.skeleton)
        found = np.empty(len(states), dtype=np.int64)
        for begin in range(0, len(states), _BLOCK):
            part = states[begin : begin + _BLOCK]
            mean = self.posterior(part[:, :doses], part[:, doses:]) @ self.theta
            fitted = np.exp(np.exp(mean)[:, None] * np.log(self.skeleton))
            found[begin : begin + _BLOCK] = np.abs(fitted - target).argmin(axis=1)
        return found[trial.reshape(-1)]
