"""Weights of the log-rank family at each time of an event.

Sources: Gehan, Biometrika 1965;52:203; Tarone and Ware, Biometrika 1977;64:156; Peto and Peto,
J R Stat Soc A 1972;135:185; Andersen et al., Int Stat Rev 1982;50:219; Fleming and Harrington,
Commun Stat Theory Methods 1981;10:763; names as in Klein and Moeschberger, Survival Analysis
2003, section 7.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray

WEIGHTS = (
    "logrank",
    "gehan",
    "tarone-ware",
    "peto-peto",
    "modified-peto",
    "fleming-harrington",
)


@dataclass(frozen=True, slots=True)
class RankWeight:
    """One choice of weights.

    Attributes
    ----------
    kind : str
        One of `WEIGHTS`.
    rho, gamma : float
        Exponents of Fleming and Harrington; 0 for other kinds.
    """

    kind: str = "logrank"
    rho: float = 0.0
    gamma: float = 0.0


LOGRANK = RankWeight()


def rank_weight(kind: str, rho: float, gamma: float) -> RankWeight:
    """Return the choice, checked."""
    if kind == "logrank" and rho == 0.0 and gamma == 0.0:
        return LOGRANK
    _checks.check_option("weight", kind, WEIGHTS)
    for name, value in (("rho", rho), ("gamma", gamma)):
        if not (math.isfinite(_checks.number(name, value)) and value >= 0.0):
            raise InputError(f"{name} must be a number not below 0; it is {value!r}.")
    if kind != "fleming-harrington" and (rho or gamma):
        raise InputError('rho and gamma belong to the weight "fleming-harrington".')
    return RankWeight(kind, float(rho), float(gamma))


def weights_at(choice: RankWeight, d: FloatArray, n: FloatArray) -> FloatArray:
    """Return the weight at each time (last axis) from events `d` among `n` at risk.

    Leading axes are strata: each has its own curve. Times without event have a weight that is
    not used.
    """
    if choice.kind == "logrank":
        return np.ones_like(n)
    if choice.kind == "gehan":
        return n
    if choice.kind == "tarone-ware":
        return np.sqrt(n)
    if choice.kind == "fleming-harrington":
        return _fleming_harrington(choice, d, n)
    # Estimate of survival just after the time that never reaches 0.
    survival: FloatArray = np.cumprod((n + 1.0 - d) / (n + 1.0), axis=-1, dtype=np.float64)
    return survival if choice.kind == "peto-peto" else survival * n / (n + 1.0)


def _fleming_harrington(choice: RankWeight, d: FloatArray, n: FloatArray) -> FloatArray:
    after = np.cumprod((n - d) / np.maximum(n, 1.0) + (n == 0.0), axis=-1)
    # Kaplan-Meier just before the time: what happens at a time must not choose its own weight.
    before = np.ones_like(after)
    before[..., 1:] = after[..., :-1]
    weights: FloatArray = before**choice.rho * (1.0 - before) ** choice.gamma
    return weights
