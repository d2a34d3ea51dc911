"""Accrual, follow-up and loss: how long patients of a trial are watched."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design.survival_shapes import SurvivalShape

_PRECISE = 1e-13
#: Cumulative hazards by which a third, and practically all, have had the event.
_LIVED = (0.4, 40.0)
_INTERVALS = 400


@dataclass(frozen=True, slots=True, eq=False)
class FollowUp:
    """When patients come, and until when they are watched.

    Attributes
    ----------
    accrual : float
        Time over which patients are enrolled, from 0 (all at once).
    follow_up : float
        Time from the last enrolment to the analysis.
    ramp_starts : ndarray, shape (pieces,)
        Times from which a speed of accrual holds.
    ramp_speeds : ndarray, shape (pieces,)
        Speeds relative to one another; one piece is uniform accrual.
    dropout_hazard : float
        Losses per unit of time, exponential.
    """

    accrual: float
    follow_up: float
    ramp_starts: FloatArray
    ramp_speeds: FloatArray
    dropout_hazard: float

    @property
    def duration(self) -> float:
        """From the first enrolment to the analysis."""
        return self.accrual + self.follow_up

    def enrolled(self, time: npt.ArrayLike) -> FloatArray:
        """Return the share of patients enrolled by times."""
        times = np.asarray(time, dtype=np.float64)
        if self.accrual == 0.0:
            return np.where(times >= 0.0, 1.0, 0.0)
        ends = np.append(self.ramp_starts[1:], self.accrual)
        inside = np.clip(times[..., None] - self.ramp_starts, 0.0, ends - self.ramp_starts)
        whole = float(((ends - self.ramp_starts) * self.ramp_speeds).sum())
        found: FloatArray = (inside * self.ramp_speeds).sum(axis=-1) / whole
        return found

    def watched(self, time: npt.ArrayLike) -> FloatArray:
        """Return the share of patients who would be watched for longer than times since entry."""
        times = np.asarray(time, dtype=np.float64)
        administrative = self.enrolled(self.duration - times)
        found: FloatArray = administrative * np.exp(-self.dropout_hazard * times)
        return np.where(times < self.duration, found, 0.0)

    def breaks(self) -> FloatArray:
        """Return the times since entry at which `watched` has an edge."""
        edges = self.duration - np.append(self.ramp_starts, self.accrual)
        found: FloatArray = np.unique(np.concatenate(([0.0], edges[edges > 0.0], [self.duration])))
        return found

    def expected(self, shape: SurvivalShape, weight: SurvivalShape | None = None) -> float:
        """Return the mean of a cumulative hazard at the end of a patient's observation.

        Parameters
        ----------
        shape : SurvivalShape
            Curve that patients follow.
        weight : SurvivalShape, optional
            Curve whose cumulative hazard is averaged; with that of the patients the mean is the
            probability of an event.
        """
        return self.integral(shape, lambda _time: 1.0, weight or shape)

    def integral(
        self, shape: SurvivalShape, factor: Callable[[float], float], weight: SurvivalShape
    ) -> float:
        """Return the integral of watched x survival x factor over the weight's hazard."""
        total = 0.0
        # Where follow-up is far longer than anybody lives, quadrature has to see the short part.
        lived = shape.quantile(np.array(_LIVED))
        edges = np.union1d(self.breaks(), lived[lived < self.duration])
        for low, high in pairwise(weight.cumulative_hazard(edges)):
            total += integrated(_Integrand(self, shape, factor, weight), low, high)
        return total


def integrated(inner: Callable[[float], float], low: float, high: float) -> float:
    """Return a smooth function's integral to rounding.

    Near rounding the quadrature says that it cannot get closer, in a warning that full output
    replaces: its value is then as good as floating point allows.
    """
    found = quad(
        inner, low, high, epsabs=_PRECISE, epsrel=_PRECISE, limit=_INTERVALS, full_output=1
    )
    return float(found[0])


@dataclass(frozen=True, slots=True, eq=False)
class _Integrand:
    """What is integrated over the cumulative hazard, in which it has no singularity."""

    plan: FollowUp
    shape: SurvivalShape
    factor: Callable[[float], float]
    weight: SurvivalShape

    def __call__(self, hazard: float) -> float:
        time = float(self.weight.quantile(hazard))
        alive = math.exp(-float(self.shape.cumulative_hazard(time)))
        return float(self.plan.watched(time)) * alive * self.factor(time)


def follow_up(
    accrual: float,
    follow_up: float,
    *,
    ramp: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    dropout: tuple[float, float] | None = None,
) -> FollowUp:
    """Return the plan of accrual and follow-up.

    Parameters
    ----------
    accrual : float
        Time of enrolment; 0 when all come at once.
    follow_up : float
        Time after the last enrolment, 0 or more; both together are above 0.
    ramp : pair of array_like, optional
        Starts (from 0, rising, below the accrual) and relative speeds of accrual.
    dropout : pair of float, optional
        Share lost by a time, such as ``(0.1, 12)``: exponential loss.

    Raises
    ------
    InputError
        If the numbers cannot be used.

    Examples
    --------
    >>> plan = follow_up(12, 6)
    >>> plan.watched([6, 12, 18]).tolist()
    [1.0, 0.5, 0.0]
    """
    times = _checks.number("accrual", accrual), _checks.number("follow_up", follow_up)
    if not all(0.0 <= one < math.inf for one in times) or sum(times) <= 0.0:
        raise InputError(
            "accrual and follow_up must be 0 or more, and above 0 together: nobody would be "
            "watched otherwise."
        )
    starts, speeds = _ramp(times[0], ramp)
    return FollowUp(times[0], times[1], starts, speeds, _loss(dropout))


def _ramp(
    accrual: float, ramp: tuple[npt.ArrayLike, npt.ArrayLike] | None
) -> tuple[FloatArray, FloatArray]:
    if ramp is None:
        return freeze(np.zeros(1)), freeze(np.ones(1))
    starts = _checks.numbers("ramp starts", ramp[0]).astype(np.float64)
    speeds = _checks.numbers("ramp speeds", ramp[1]).astype(np.float64)
    rising = starts[0] == 0.0 and bool((np.diff(starts) > 0.0).all())
    if starts.shape != speeds.shape or not rising or starts[-1] >= accrual:
        raise InputError(
            "The ramp has a speed for each start; starts begin with 0, rise, and lie before the "
            "end of accrual."
        )
    if (speeds < 0.0).any() or not speeds.any():
        raise InputError("Speeds of accrual must not be negative, and one must be above 0.")
    return freeze(starts.copy()), freeze(speeds.copy())


def _loss(dropout: tuple[float, float] | None) -> float:
    if dropout is None:
        return 0.0
    share = _checks.number("dropout share", dropout[0])
    time = _checks.check_positive("dropout time", dropout[1])
    if not 0.0 <= share < 1.0:
        raise InputError(f"The share lost must be 0 or more and below 1; it is {share:g}.")
    return -math.log1p(-share) / time
