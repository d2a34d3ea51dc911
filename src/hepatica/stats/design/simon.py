"""Two-stage designs of one proportion that stop early for futility.

Sources: Simon, Control Clin Trials 1989;10:1 (optimal and minimax); Jung, Lee, Kim and George,
Stat Med 2004;23:561 (admissible: least w n + (1 - w) EN for some weight w).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import at_most, mass, more_than
from hepatica.stats.design._simon_search import Found, search

#: Slopes that should be equal may differ by rounding.
_ON_LINE = 1e-9


@dataclass(frozen=True, slots=True)
class SimonDesign:
    """A two-stage design and its exact properties.

    Attributes
    ----------
    n_first, futility_first : int
        Patients of the first stage; with this many events or fewer the trial stops.
    n, futility : int
        Patients in all; with this many events or fewer the null stands.
    events : int
        Fewest events that reject the null: futility + 1.
    type_1_error, power : float
        Exact probabilities of rejection at the null and at the alternative.
    expected_n : float
        Expected patients at the null.
    expected_n_alternative : float
        Expected patients at the alternative.
    early_stop, early_stop_alternative : float
        Probability of stopping after the first stage at the null and at the alternative.
    weight_lower, weight_upper : float
        Weights w of n for which w n + (1 - w) EN is least; equal to nan for designs that were
        given, not searched.
    alpha, power_target : float
        As asked; nan for designs that were given.
    null, alternative : float
        Rates.
    """

    n_first: int
    futility_first: int
    n: int
    futility: int
    events: int
    type_1_error: float
    power: float
    expected_n: float
    expected_n_alternative: float
    early_stop: float
    early_stop_alternative: float
    weight_lower: float
    weight_upper: float
    alpha: float
    power_target: float
    null: float
    alternative: float


@dataclass(frozen=True, slots=True)
class SimonDesigns:
    """The two-stage designs worth choosing from.

    Attributes
    ----------
    minimax : SimonDesign
        Fewest patients in all; of these the one with the smallest expected number at the null.
    optimal : SimonDesign
        Smallest expected number at the null, over all sizes.
    admissible : tuple of SimonDesign
        All with a weight for which they are best, from minimax to optimal, both included.
    """

    minimax: SimonDesign
    optimal: SimonDesign
    admissible: tuple[SimonDesign, ...]


@dataclass(frozen=True, slots=True)
class TwoStageProperties:
    """Operating characteristics of a two-stage design.

    Attributes
    ----------
    rates : ndarray of float, shape (rates,)
        True rates.
    reject : ndarray of float, shape (rates,)
        Probability of rejecting the null.
    early_stop : ndarray of float, shape (rates,)
        Probability of stopping after the first stage.
    expected_n : ndarray of float, shape (rates,)
        Expected patients.
    """

    rates: FloatArray
    reject: FloatArray
    early_stop: FloatArray
    expected_n: FloatArray


def simon(
    null: float, alternative: float, *, alpha: float = 0.05, power: float = 0.8
) -> SimonDesigns:
    """Return Simon's two-stage designs: minimax, optimal, and the admissible ones between.

    The search is complete: it ends when no larger trial can have a smaller expected number,
    because a first stage that keeps the power can stop only so often under the null.

    Parameters
    ----------
    null, alternative : float
        Rates, strictly between 0 and 1; the alternative is higher.
    alpha, power : float
        Largest exact type I error and smallest exact power (one-sided).

    Raises
    ------
    InputError
        If the rates or errors cannot be used, or more than a thousand patients are needed.

    Examples
    --------
    >>> found = simon(0.10, 0.30)
    >>> best = found.optimal
    >>> best.futility_first, best.n_first, best.futility, best.n, round(best.expected_n, 1)
    (1, 10, 5, 29, 15.0)
    >>> [design.n for design in found.admissible]
    [25, 26, 27, 29]
    """
    low, high = _binomial.check_rates(null, alternative)
    level, wanted = _binomial.check_errors(alpha, power)
    found = search(low, high, level, wanted)
    kept, weights = _lower_hull(found)
    designs = tuple(
        _design(design, (low, high), (level, wanted), weight)
        for design, weight in zip(kept, weights, strict=True)
    )
    return SimonDesigns(minimax=designs[0], optimal=designs[-1], admissible=designs)


def two_stage_design(
    n_first: int,
    futility_first: int,
    n: int,
    futility: int,
    *,
    null: float,
    alternative: float,
) -> SimonDesign:
    """Return the exact properties of a two-stage design that is given, not searched.

    Parameters
    ----------
    n_first, futility_first : int
        Patients of the first stage, and the most events with which the trial stops.
    n, futility : int
        Patients in all, and the most events with which the null stands.
    null, alternative : float
        Rates, strictly between 0 and 1; the alternative is higher.

    Raises
    ------
    InputError
        If the numbers are no two-stage design.

    Examples
    --------
    >>> found = two_stage_design(10, 1, 29, 5, null=0.10, alternative=0.30)
    >>> round(found.type_1_error, 4), round(found.power, 4)
    (0.0471, 0.8051)
    """
    low, high = _binomial.check_rates(null, alternative)
    given = check_two_stage(n_first, futility_first, n, futility)
    nothing = float("nan")
    return _design(given, (low, high), (nothing, nothing), (nothing, nothing))


def two_stage_properties(
    n_first: int, futility_first: int, n: int, futility: int, rates: npt.ArrayLike
) -> TwoStageProperties:
    """Return exact operating characteristics of a two-stage design at any true rates.

    Parameters
    ----------
    n_first, futility_first, n, futility : int
        The design, as in `two_stage_design`.
    rates : array_like of float, shape (rates,)
        True rates from 0 to 1.

    Examples
    --------
    >>> two_stage_properties(10, 1, 29, 5, [0.1, 0.3]).expected_n.round(2).tolist()
    [15.01, 26.16]
    """
    first, stop, size, last = check_two_stage(n_first, futility_first, n, futility)
    true = _binomial.check_rate_array("rates", rates)
    early = at_most(first, stop, true)
    return TwoStageProperties(
        rates=freeze(true),
        reject=freeze(_reject(first, stop, size, last, true)),
        early_stop=freeze(early),
        expected_n=freeze(first + (1.0 - early) * (size - first)),
    )


def check_two_stage(n_first: int, futility_first: int, n: int, futility: int) -> Found:
    """Return the four numbers of a two-stage design; refuse what is none."""
    first, size = _checks.count("n_first", n_first), _checks.count("n", n, 2)
    stop, last = (
        _checks.count("futility_first", futility_first, 0),
        _checks.count("futility", futility, 0),
    )
    if not first < size:
        raise InputError(f"n_first must be smaller than n; they are {first} and {size}.")
    if not (stop < first and stop <= last < size):
        raise InputError(
            "futility_first must be below n_first and not above futility, and futility below n; "
            f"they are {stop}, {first}, {last} and {size}."
        )
    return first, stop, size, last


def _reject(first: int, stop: int, size: int, last: int, rates: FloatArray) -> FloatArray:
    """Return P(more than `stop` of the first and more than `last` of all)."""
    passed = np.arange(stop + 1, first + 1)[:, None]
    found: FloatArray = (
        mass(first, passed, rates) * more_than(size - first, last - passed, rates)
    ).sum(axis=0)
    return found


def _design(
    design: Found,
    rates: tuple[float, float],
    errors: tuple[float, float],
    weights: tuple[float, float],
) -> SimonDesign:
    first, stop, size, last = design
    true = np.array(rates)
    reject, early = _reject(first, stop, size, last, true), at_most(first, stop, true)
    expected = first + (1.0 - early) * (size - first)
    return SimonDesign(
        n_first=first,
        futility_first=stop,
        n=size,
        futility=last,
        events=last + 1,
        type_1_error=float(reject[0]),
        power=float(reject[1]),
        expected_n=float(expected[0]),
        expected_n_alternative=float(expected[1]),
        early_stop=float(early[0]),
        early_stop_alternative=float(early[1]),
        weight_lower=weights[0],
        weight_upper=weights[1],
        alpha=errors[0],
        power_target=errors[1],
        null=rates[0],
        alternative=rates[1],
    )


def _lower_hull(
    found: list[tuple[float, Found]],
) -> tuple[list[Found], list[tuple[float, float]]]:
    """Return designs on the lower convex hull of (n, EN), and the weights for which each is best.

    From minimax, the steepest descent names the next corner; at its slope s both cost the same:
    w n + (1 - w) EN with w / (1 - w) = s.
    """
    kept, turns = [found[0]], [1.0]
    rest = found[1:]
    while rest:
        here = kept[-1]
        slopes = [(here[0] - other[0]) / (other[1][2] - here[1][2]) for other in rest]
        steepest = max(slopes)
        if steepest <= 0.0:
            break
        # Of designs on one line each is best for the weight of that line; none is passed over.
        at = next(i for i, slope in enumerate(slopes) if slope >= steepest * (1.0 - _ON_LINE))
        kept.append(rest[at])
        turns.append(steepest / (1.0 + steepest))
        rest = rest[at + 1 :]
    turns.append(0.0)
    weights = [(turns[index + 1], turns[index]) for index in range(len(kept))]
    return [design for _, design in kept], weights
