"""Survival that a design assumes: exponential, Weibull, or a hazard in steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze


class SurvivalShape(Protocol):
    """What designs ask of an assumed survival curve."""

    def hazard(self, time: npt.ArrayLike) -> FloatArray:
        """Return the hazard at times above 0."""

    def cumulative_hazard(self, time: npt.ArrayLike) -> FloatArray:
        """Return the cumulative hazard at times from 0 on."""

    def quantile(self, cumulative_hazard: npt.ArrayLike) -> FloatArray:
        """Return the time at which the cumulative hazard is reached; infinite when never."""


@dataclass(frozen=True, slots=True)
class Weibull:
    """Survival exp(-(t / scale)^shape); with shape 1 it is exponential.

    Attributes
    ----------
    scale : float
        Time at which 36.8 % are without the event.
    shape : float
        Above 1 the hazard rises, below 1 it falls.
    """

    scale: float
    shape: float = 1.0

    def __post_init__(self) -> None:
        _checks.check_positive("scale", self.scale)
        _checks.check_positive("shape", self.shape)

    def hazard(self, time: npt.ArrayLike) -> FloatArray:
        """Return the hazard at times above 0."""
        times = np.asarray(time, dtype=np.float64) / self.scale
        found: FloatArray = self.shape / self.scale * times ** (self.shape - 1.0)
        return found

    def cumulative_hazard(self, time: npt.ArrayLike) -> FloatArray:
        """Return the cumulative hazard at times from 0 on."""
        found: FloatArray = (np.asarray(time, dtype=np.float64) / self.scale) ** self.shape
        return found

    def quantile(self, cumulative_hazard: npt.ArrayLike) -> FloatArray:
        """Return the time at which the cumulative hazard is reached."""
        hazard = np.asarray(cumulative_hazard, dtype=np.float64)
        found: FloatArray = self.scale * hazard ** (1.0 / self.shape)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """A hazard that is constant between times, for effects that come late or fade.

    Attributes
    ----------
    starts : ndarray, shape (pieces,)
        Times from which a hazard holds; the first is 0, each later than the one before.
    hazards : ndarray, shape (pieces,)
        Events per unit of time; the last holds for ever.
    """

    starts: FloatArray
    hazards: FloatArray

    def hazard(self, time: npt.ArrayLike) -> FloatArray:
        """Return the hazard at times from 0 on."""
        times = np.asarray(time, dtype=np.float64)
        found: FloatArray = self.hazards[np.searchsorted(self.starts, times, side="right") - 1]
        return found

    def cumulative_hazard(self, time: npt.ArrayLike) -> FloatArray:
        """Return the cumulative hazard at times from 0 on."""
        times = np.asarray(time, dtype=np.float64)
        piece = np.searchsorted(self.starts, times, side="right") - 1
        found: FloatArray = self._before[piece] + self.hazards[piece] * (times - self.starts[piece])
        return found

    def quantile(self, cumulative_hazard: npt.ArrayLike) -> FloatArray:
        """Return the time at which the cumulative hazard is reached; infinite when never."""
        wanted = np.asarray(cumulative_hazard, dtype=np.float64)
        piece = np.searchsorted(self._before, wanted, side="right") - 1
        # Pieces without hazard reach nothing: the step before them holds the value.
        hazard = self.hazards[piece]
        more = np.where(hazard > 0.0, wanted - self._before[piece], np.inf)
        found: FloatArray = self.starts[piece] + more / np.where(hazard > 0.0, hazard, 1.0)
        return np.where(wanted <= 0.0, 0.0, found)

    @property
    def _before(self) -> FloatArray:
        """Cumulative hazard at the start of each piece."""
        widths = np.diff(self.starts)
        found: FloatArray = np.concatenate(([0.0], np.cumsum(self.hazards[:-1] * widths)))
        return found


def exponential_from_rate(survival: float, time: float, *, shape: float = 1.0) -> Weibull:
    """Return the curve with a survival at a time; exponential, or Weibull of a shape.

    Parameters
    ----------
    survival : float
        Share without the event at the time, strictly between 0 and 1.
    time : float
        Above 0, in any unit.
    shape : float
        Of the Weibull distribution.

    Raises
    ------
    InputError
        If a number cannot be used.

    Examples
    --------
    >>> round(exponential_from_rate(0.5, 6).scale, 4)
    8.6562
    """
    share = _checks.check_probability("survival", survival)
    at = _checks.check_positive("time", time)
    return Weibull(
        scale=at / (-math.log(share)) ** (1.0 / _checks.check_positive("shape", shape)), shape=shape
    )


def steps(starts: npt.ArrayLike, hazards: npt.ArrayLike) -> Steps:
    """Return a hazard in steps.

    Parameters
    ----------
    starts : array_like, shape (pieces,)
        From 0 on, rising.
    hazards : array_like, shape (pieces,)
        Not negative, one above 0.

    Raises
    ------
    InputError
        If the arrays cannot be used.

    Examples
    --------
    >>> steps([0, 3], [0.1, 0.05]).cumulative_hazard([3, 5]).round(10).tolist()
    [0.3, 0.4]
    """
    at = _checks.numbers("starts", starts).astype(np.float64)
    rates = _checks.numbers("hazards", hazards).astype(np.float64)
    if at.shape != rates.shape:
        raise InputError(f"hazards must have one value for each start: {len(at)}.")
    if at[0] != 0.0 or (np.diff(at) <= 0.0).any():
        raise InputError("starts must begin with 0 and rise.")
    if (rates < 0.0).any() or not rates.any():
        raise InputError("hazards must not be negative, and one must be above 0.")
    return Steps(freeze(at.copy()), freeze(rates.copy()))


def times_hazard(control: SurvivalShape, hazard_ratio: float) -> SurvivalShape:
    """Return the curve whose hazard is a multiple of another's at every time."""
    ratio = _checks.check_positive("hazard_ratio", hazard_ratio)
    match control:
        case Weibull(scale, shape):
            return Weibull(scale / ratio ** (1.0 / shape), shape)
        case Steps(starts, hazards):
            return Steps(starts, freeze(hazards * ratio))
        case _:
            raise InputError("The curve must be exponential, Weibull, or a hazard in steps.")
