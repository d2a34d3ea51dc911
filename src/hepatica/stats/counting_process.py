"""Follow-up split where an exposure starts, for a covariate that changes with time.

Sources: Andersen and Gill, Ann Stat 1982;10:1100 (counting process); Suissa, Am J Epidemiol
2008;167:492 (immortal time); Crowley and Hu, J Am Stat Assoc 1977;72:27 (heart transplants).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True, eq=False)
class ExposureRows:
    """Stretches of follow-up; arrays of one length, read-only.

    Attributes
    ----------
    patient : int array (m,)
        Position of the patient in what was given.
    entry, time : float array (m,)
        The stretch (entry, time].
    event : int array (m,)
        1 where it ends with the event.
    exposed : int array (m,)
        1 after the exposure had started.
    """

    patient: IntArray
    entry: FloatArray
    time: FloatArray
    event: IntArray
    exposed: IntArray


def split_at_exposure(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    start: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
) -> ExposureRows:
    """Split the follow-up of n patients on the day on which an exposure starts.

    Parameters
    ----------
    time, event : array (n,)
        Days of follow-up, above 0, and 1 for an event.
    start : array (n,)
        Day of exposure, on the same scale; NaN or infinite for patients who were never exposed.
        The day itself belongs to the time before. An exposure on or after the last day counts as
        none; one on or before the day of entry is there from entry on.
    entry : array (n,), optional
        Day from which a patient is at risk; 0 without it.

    Returns
    -------
    ExposureRows
        One or two rows a patient, those before exposure first.

    Raises
    ------
    InputError
        If the arrays cannot be used, or a patient's time is not after entry.

    Examples
    --------
    >>> rows = split_at_exposure([10, 20, 5], [1, 0, 1], [4, None, 5])
    >>> [(int(p), float(a), float(b), int(e), int(x)) for p, a, b, e, x in zip(
    ...     rows.patient, rows.entry, rows.time, rows.event, rows.exposed)]
    [(0, 0.0, 4.0, 0, 0), (1, 0.0, 20.0, 0, 0), (2, 0.0, 5.0, 1, 0), (0, 4.0, 10.0, 1, 1)]
    """
    times = _checks.times(time).astype(np.float64)
    n = len(times)
    flags = _checks.events(event, n)
    begin = np.zeros(n) if entry is None else _checks.numbers("entry", entry).astype(np.float64)
    starts = np.asarray(start, dtype=np.float64)
    _checks.check_length("entry", begin, n)
    _checks.check_length("start", starts, n)
    late = int((times <= begin).sum())
    if late:
        raise InputError(f"Each time must be after entry; {late} of {n} are not.")
    starts = np.where(np.isnan(starts) | (starts >= times), np.inf, starts)
    before, after = np.flatnonzero(starts > begin), np.flatnonzero(starts < times)
    ever = np.isfinite(starts)
    patient = np.concatenate([before, after])
    return ExposureRows(
        patient=freeze(patient),
        entry=freeze(np.concatenate([begin[before], np.maximum(starts, begin)[after]])),
        time=freeze(np.concatenate([np.minimum(starts, times)[before], times[after]])),
        event=freeze(np.concatenate([flags[before] & ~ever[before], flags[after]]).astype(int)),
        exposed=freeze(np.repeat([0, 1], [len(before), len(after)])),
    )
