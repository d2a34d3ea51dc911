"""Two-arm trials with looks before the end: when each look is, and what it decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design.trial_draws import DrawnPatients
from hepatica.stats.survival import logrank_batch


@dataclass(frozen=True, slots=True, eq=False)
class TrialLooks:
    """Results of r trials at their looks.

    Attributes
    ----------
    day : int array (r, looks)
        Day of the trial at which each look has its events; the end where they never come.
    z : float array (r, looks)
        Log-rank statistic, positive when the first arm is better.
    events : int array (r, looks)
        Events counted.
    enrolled : int array (r, looks)
        Patients enrolled by the day.
    stopped_at : int array (r,)
        The look that ended the trial, from 0.
    rejected : bool array (r,)
        Whether it stopped for efficacy.
    expected_n, expected_events : float
        Means over the trials at their ends.
    """

    day: IntArray
    z: FloatArray
    events: IntArray
    enrolled: IntArray
    stopped_at: IntArray
    rejected: npt.NDArray[np.bool_]
    expected_n: float
    expected_events: float


def survival_looks(
    drawn: DrawnPatients,
    events: npt.ArrayLike,
    upper: npt.ArrayLike,
    lower: npt.ArrayLike | None = None,
) -> TrialLooks:
    """Look at overall survival of two arms after so many deaths.

    Parameters
    ----------
    drawn : DrawnPatients
        Patients of two arms.
    events : array_like of int, shape (looks,)
        Deaths at which a look is made, rising; the last look is made at the end of the trial when
        its deaths do not come.
    upper, lower : array_like, shape (looks,)
        Bounds of the statistic for efficacy and futility, as `group_sequential` gives them.

    Raises
    ------
    InputError
        If the looks cannot be used.
    """
    wanted = _checks.whole(_checks.numbers("events", events), "events must be whole numbers.")
    top = _checks.as_array("upper", upper).astype(np.float64)
    bottom = np.full(len(wanted), -np.inf) if lower is None else np.asarray(lower, dtype=float)
    if (
        (np.diff(wanted) <= 0).any()
        or wanted[0] < 1
        or len({*map(len, (wanted, top, bottom))}) != 1
    ):
        raise InputError("Looks need events that rise from 1 on, with a bound for each.")
    died = drawn.death <= drawn.last_contact
    at = np.where(died, drawn.entry + drawn.death, np.iinfo(np.int32).max)
    end = (drawn.entry + drawn.last_contact).max(axis=1)
    ordered = np.sort(at, axis=1)
    known = np.minimum(wanted, ordered.shape[1]) - 1
    day = np.minimum(ordered[:, known], end[:, None])
    z = np.empty(day.shape)
    seen = np.empty(day.shape, dtype=np.int64)
    for look in range(len(wanted)):
        z[:, look], seen[:, look] = _statistic(drawn, day[:, look])
    enrolled = (drawn.entry[:, None, :] <= day[:, :, None]).sum(axis=2)
    crossed, below = z >= top, z <= bottom
    stop = crossed | below
    stop[:, -1] = True
    stopped = stop.argmax(axis=1)
    rows = np.arange(len(day))
    return TrialLooks(
        day=freeze(day.astype(np.int64)),
        z=freeze(z),
        events=freeze(seen),
        enrolled=freeze(enrolled),
        stopped_at=freeze(stopped),
        rejected=freeze(crossed[rows, stopped]),
        expected_n=float(enrolled[rows, stopped].mean()),
        expected_events=float(seen[rows, stopped].mean()),
    )


def _statistic(drawn: DrawnPatients, day: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the statistic of the patients enrolled by a day, followed until it."""
    watched = np.minimum(drawn.last_contact, day[:, None] - drawn.entry)
    time = np.minimum(drawn.death, watched) + 1
    event = (drawn.death <= watched) & (watched >= 0)
    # Patients who come later leave before anybody is at risk.
    test = logrank_batch(np.maximum(time, 0), event, drawn.arm)
    with np.errstate(invalid="ignore"):
        z = np.sign(test.expected[:, 0] - test.observed[:, 0]) * np.sqrt(test.statistic)
    return np.where(np.isnan(z), 0.0, z), np.count_nonzero(event, axis=1)
