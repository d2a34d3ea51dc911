"""Fleming's designs of several stages, which stop on either side.

Source: Fleming, Biometrics 1982;38:143. The last stage is his single-stage test; the earlier ones
stop where the last decision is already all but made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.stats._checks import IntArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design.monitoring import check_looks, monitoring_properties


@dataclass(frozen=True, slots=True)
class FlemingDesign:
    """A design of several stages and its exact properties.

    Attributes
    ----------
    n : int
        Patients at the last stage.
    events : int
        Fewest events that reject the null at the last stage.
    looks, futility, efficacy : ndarray of int, shape (stages,)
        Patients up to each stage; accept the null with this many events or fewer (-1: never), or
        reject it with this many or more (looks + 1: never).
    type_1_error, power : float
        Exact probability of rejection at the null and at the alternative.
    expected_n, expected_n_alternative : float
        Expected patients.
    alpha, null, alternative : float
        As asked; the exact `type_1_error` can be above alpha.
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
    alpha: float
    null: float
    alternative: float


def fleming(
    null: float, alternative: float, looks: npt.ArrayLike, *, alpha: float = 0.05
) -> FlemingDesign:
    """Return the bounds of Fleming's design for given stages.

    Parameters
    ----------
    null, alternative : float
        Rates, strictly between 0 and 1; the alternative is the one at which power is computed.
    looks : array_like of int, shape (stages,)
        Patients up to each stage.
    alpha : float
        One-sided level of the normal approximation.

    Raises
    ------
    InputError
        If a number cannot be used.

    Examples
    --------
    >>> found = fleming(0.2, 0.4, [15, 25])
    >>> found.futility.tolist(), found.efficacy.tolist()
    ([3, 8], [7, 9])
    """
    low, high = _binomial.check_rates(null, alternative)
    level, sizes = _binomial.check_alpha(alpha), check_looks(np.asarray(looks))
    n, z = int(sizes[-1]), float(ndtri(1.0 - level))
    # The rate whose lower limit at the end is the null: what the last stage would just accept.
    upper = (math.sqrt(n * low) + z * math.sqrt(1.0 - low)) ** 2 / (n + z * z)
    reject = _nearest(sizes * low + z * math.sqrt(n * low * (1.0 - low))) + 1
    accept = _nearest(sizes * upper - z * math.sqrt(n * upper * (1.0 - upper)))
    accept[-1] = reject[-1] - 1
    # Unrounded, both meet at the end and part towards the start, so acceptance stays below.
    accept, reject = np.maximum(accept, -1), np.minimum(reject, sizes + 1)
    found = monitoring_properties(sizes, accept, reject, [low, high])
    return FlemingDesign(
        n=n,
        events=int(reject[-1]),
        looks=found.looks,
        futility=freeze(accept),
        efficacy=freeze(reject),
        type_1_error=float(found.reject[0]),
        power=float(found.reject[1]),
        expected_n=float(found.expected_n[0]),
        expected_n_alternative=float(found.expected_n[1]),
        alpha=level,
        null=low,
        alternative=high,
    )


def _nearest(values: npt.NDArray[np.floating]) -> IntArray:
    """Return nearest whole numbers, halves up."""
    found: IntArray = np.floor(values + 0.5).astype(np.int64)
    return found
