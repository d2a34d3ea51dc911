"""Events of several causes counted at distinct times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._tally import tally

#: More causes than this are a mistake (a date, an identifier), not a cause.
MAX_CAUSES = 100


@dataclass(frozen=True, slots=True, eq=False)
class CauseTally:
    """Events of m causes and censorings of k groups at each distinct time.

    Attributes
    ----------
    time : float array (t,)
        Distinct times, rising.
    events : int array (k, m, t)
        Events; cause j + 1 stands at position j.
    censored : int array (k, t)
        Censorings.
    """

    time: FloatArray
    events: IntArray
    censored: IntArray


def causes_of(cause: npt.ArrayLike, n: int, n_causes: int | None) -> tuple[IntArray, int]:
    """Return the codes, 0 (censored) or 1 to m, and m."""
    array = _checks.numbers("cause", cause)
    _checks.check_length("cause", array, n)
    whole = _checks.whole(
        array, "cause must hold whole numbers: 0 for censored, 1, 2, ... for causes."
    )
    highest = int(whole.max())
    m = max(highest, 1) if n_causes is None else _checks.count("n_causes", n_causes, 0)
    if not 1 <= m <= MAX_CAUSES:
        raise InputError(f"There must be between 1 and {MAX_CAUSES} causes; number them from 1.")
    if whole.min() < 0 or highest > m:
        bad = int(np.count_nonzero((whole < 0) | (whole > m)))
        raise InputError(
            f"cause must be 0 (censored) or a cause from 1 to {m}; {bad} of {n} values are not."
        )
    return whole, m


def check_cause(cause_of_interest: int, m: int) -> int:
    """Return the position of a cause."""
    if not 1 <= _checks.count("cause_of_interest", cause_of_interest, 0) <= m:
        raise InputError(
            f"The cause of interest must be one of 1 to {m}; it is {cause_of_interest!r}."
        )
    return int(cause_of_interest) - 1


def tally_causes(
    time: npt.NDArray[Any], cause: IntArray, m: int, position: IntArray, k: int
) -> CauseTally:
    """Count events of m causes and censorings of k groups at each distinct time."""
    # Each cause of each group is a group of the tally; the censored stand with the first cause.
    cell = position * m + np.maximum(cause - 1, 0)
    counts = tally(time, cause > 0, cell, k * m)
    shape = (k, m, len(counts.time))
    return CauseTally(
        time=counts.time,
        events=counts.events.reshape(shape),
        censored=counts.censored.reshape(shape)[:, 0],
    )
