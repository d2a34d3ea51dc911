"""Single-stage designs of one proportion by the normal approximation.

Sources: Fleming, Biometrics 1982;38:143 (single stage); Fleiss, Levin and Paik, Statistical Methods
for Rates and Proportions, 2003, section 2.4 (correction for continuity).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import LARGEST_SIZE, ROUNDING, more_than


@dataclass(frozen=True, slots=True)
class OneProportionNormal:
    """A single-stage design by the normal approximation, with its exact properties.

    Attributes
    ----------
    n : int
        Patients: `n_formula` rounded up.
    n_formula : float
        What the formula gives.
    events : int
        Fewest events that reject: above n p0 + z sqrt(n p0 (1 - p0)), plus a half with continuity.
    type_1_error, power : float
        Exact binomial probabilities of rejection; they can miss what was asked.
    power_normal : float
        Power by the approximation at n.
    alpha, power_target, null, alternative : float
        As asked.
    sides : int
        2 when alpha is halved for the upper tail.
    continuity : bool
        Corrected for continuity.
    """

    n: int
    n_formula: float
    events: int
    type_1_error: float
    power: float
    power_normal: float
    alpha: float
    power_target: float
    null: float
    alternative: float
    sides: int
    continuity: bool


def one_proportion_normal(
    null: float,
    alternative: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 1,
    continuity: bool = False,
) -> OneProportionNormal:
    """Return the size by the normal approximation (Fleming's single stage).

    n = [(z_alpha sqrt(p0 q0) + z_beta sqrt(p1 q1)) / (p1 - p0)]^2; with continuity
    n / 4 [1 + sqrt(1 + 2 / (n (p1 - p0)))]^2.

    Parameters
    ----------
    null, alternative : float
        Rates, strictly between 0 and 1; the alternative is higher.
    alpha, power : float
        As the approximation takes them; the exact ones are in the answer.
    sides : {1, 2}
        2 halves alpha for the upper tail.
    continuity : bool
        Correct for continuity.

    Raises
    ------
    InputError
        If the rates or errors cannot be used.

    Examples
    --------
    >>> found = one_proportion_normal(0.10, 0.30)
    >>> found.n, found.events, round(found.type_1_error, 3)
    (20, 5, 0.043)
    """
    low, high = _binomial.check_rates(null, alternative)
    level, wanted = _binomial.check_errors(alpha, power)
    _checks.check_sides(sides)
    tail, gap = level / sides, high - low
    size = normal_size(low, high, tail, wanted)
    refuse_too_large(size)
    if continuity and size > 0.0:
        size = size / 4.0 * (1.0 + math.sqrt(1.0 + 2.0 / (size * gap))) ** 2
    n = max(math.ceil(size - ROUNDING), 1)
    spread = float(ndtri(1.0 - tail)) * math.sqrt(n * low * (1.0 - low))
    half = 0.5 if continuity else 0.0
    events = math.floor(n * low + spread + half) + 1
    room = n * gap - spread - half
    return OneProportionNormal(
        n=n,
        n_formula=size,
        events=events,
        type_1_error=float(more_than(n, events - 1, low)),
        power=float(more_than(n, events - 1, high)),
        power_normal=float(ndtr(room / math.sqrt(n * high * (1.0 - high)))),
        alpha=level,
        power_target=wanted,
        null=low,
        alternative=high,
        sides=sides,
        continuity=continuity,
    )


def normal_size(null: float, alternative: float, tail: float, power: float) -> float:
    """Return the size by the normal approximation, not rounded."""
    reach = float(ndtri(1.0 - tail)) * math.sqrt(null * (1.0 - null)) + float(
        ndtri(power)
    ) * math.sqrt(alternative * (1.0 - alternative))
    return max(reach, 0.0) ** 2 / (alternative - null) ** 2


def refuse_too_large(size: float) -> None:
    """Refuse sizes that no trial has."""
    if size > LARGEST_SIZE:
        raise InputError(
            f"The rates are so near to each other that more than {LARGEST_SIZE:,} patients are "
            "needed; choose an alternative farther from the null."
        )
