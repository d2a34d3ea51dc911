"""Densities of a normal test statistic at each look, among trials that were not stopped.

Source: Armitage, McPherson and Rowe, J R Stat Soc A 1969;132:235; Jennison and Turnbull, Group
Sequential Methods, 2000, chapter 19.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from hepatica.stats._checks import FloatArray

#: Beyond so many standard deviations from the mean a density is 0 to 15 digits.
_FAR = 8.5
_NODES = 129
_AT, _WEIGHT = np.polynomial.legendre.leggauss(_NODES)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The density of the statistic on nodes, where the trial goes on.

    Attributes
    ----------
    information : float
        Share of the information at the look.
    at, mass : ndarray, shape (nodes,)
        Values of the statistic, and density times the weight of the node.
    """

    information: float
    at: FloatArray
    mass: FloatArray


def first_stage() -> Stage:
    """Return the state before any look: all trials go on."""
    return Stage(0.0, np.zeros(1), np.ones(1))


def above(stage: Stage, bound: float, information: float, drift: float) -> float:
    """Return the probability to go on at a stage and to be above a bound at the next look."""
    return float((stage.mass * ndtr(-_standard(stage, np.array(bound), information, drift))).sum())


def below(stage: Stage, bound: float, information: float, drift: float) -> float:
    """Return the probability to go on at a stage and to be below a bound at the next look."""
    return float((stage.mass * ndtr(_standard(stage, np.array(bound), information, drift))).sum())


def next_stage(stage: Stage, lower: float, upper: float, information: float, drift: float) -> Stage:
    """Return the density at the next look between its bounds."""
    mean = drift * math.sqrt(information)
    low, high = max(lower, min(mean, 0.0) - _FAR), min(upper, max(mean, 0.0) + _FAR)
    if high <= low:
        return Stage(information, np.zeros(1), np.zeros(1))
    half = (high - low) / 2.0
    at = low + half * (_AT + 1.0)
    gap = information - stage.information
    standard = _standard(stage, at[:, None], information, drift)
    density = np.exp(-0.5 * standard**2) @ stage.mass
    scale = math.sqrt(information / (2.0 * math.pi * gap))
    return Stage(information, at, density * scale * half * _WEIGHT)


def _standard(stage: Stage, bound: FloatArray, information: float, drift: float) -> FloatArray:
    """Return bounds as standard normal deviates, given the statistic at the stage before."""
    gap = information - stage.information
    found: FloatArray = (
        bound * math.sqrt(information) - stage.at * math.sqrt(stage.information) - drift * gap
    ) / math.sqrt(gap)
    return found
