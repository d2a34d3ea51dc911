"""Values of an analyte before treatment and at progression, from differences that were found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.simulate.rebuild.construction import Analyte
from hepatica.simulate.rebuild.paired_values import Differences

#: Which of the two values of a pair that does not count lie below the limit.
_BELOW = ((True, True), (False, True), (True, False))
#: How far the two middle values lie from the threshold, in units of the last decimal.
_STEP = 2


@dataclass(frozen=True, slots=True)
class Split:
    """A threshold that divides the patients by their baseline value.

    Attributes
    ----------
    at : float
        The threshold.
    high : tuple of bool
        For each patient with a sample, whether the baseline value lies above it.
    is_median : bool
        Whether it is the median of the baseline values.
    """

    at: float
    high: tuple[bool, ...]
    is_median: bool


@dataclass(slots=True)
class SampleValues:
    """Values of the patients with a sample; ``None`` below the limit or where none was taken."""

    baseline: list[float | None]
    later: list[float | None]
    decimals: int


def sample_values(
    analyte: Analyte,
    differences: Differences,
    matched: Sequence[int],
    n: int,
    rng: np.random.Generator,
    split: Split | None = None,
) -> SampleValues:
    """Return values whose differences are the given ones.

    Parameters
    ----------
    analyte : Analyte
        Limit of quantification, and what a value is about.
    differences : Differences
        One for each pair of which both values can be quantified.
    matched : sequence of int
        Places of the patients with a sample at progression.
    n : int
        Patients with a baseline sample.
    rng : numpy.random.Generator
        Stream of the analyte.
    split : Split, optional
        A threshold of the baseline values; all of them can then be quantified.

    Raises
    ------
    InputError
        If the differences do not go with the threshold, or there are more than samples.
    """
    if len(differences.units) > len(matched):
        raise InputError(
            f"{len(differences.units)} pairs are printed, but {len(matched)} patients have both "
            "samples. Look at samples in construction.yaml."
        )
    values = SampleValues([None] * n, [None] * n, differences.decimals)
    scale = 10**differences.decimals
    changes = _assigned(analyte, differences, matched, rng, split)
    share = len(changes) / max(len(matched), 1)
    for patient in range(n):
        change = changes.get(patient)
        below = (False, False)
        if change is None and patient in matched:
            below = (False, True) if split else _BELOW[int(rng.integers(len(_BELOW)))]
        elif change is None and not split:
            below = (bool(rng.random() > share), True)
        units = _baseline(analyte, patient, change or 0, scale, rng, split)
        values.baseline[patient] = None if below[0] else units / scale
        later = None
        if change is not None:
            later = units + change
        elif patient in matched and not below[1]:
            later = max(units + int(rng.normal() * 0.2 * units), _least(analyte, 0, scale))
        values.later[patient] = None if later is None else later / scale
    if split is not None and split.is_median:
        _centre(values, analyte, changes, split)
    return values


def _assigned(
    analyte: Analyte,
    differences: Differences,
    matched: Sequence[int],
    rng: np.random.Generator,
    split: Split | None,
) -> dict[int, int]:
    """Give each difference to a patient; the largest decreases go to who has a high value."""
    drawn = rng.permutation(np.asarray(matched))[: len(differences.units)].tolist()
    units = differences.units.tolist()
    if split is None:
        return dict(zip(rng.permutation(drawn).tolist(), units, strict=True))
    high = [one for one in drawn if split.high[one]]
    low = [one for one in drawn if not split.high[one]]
    scale = 10**differences.decimals
    room = _units(split.at, scale) - _least(analyte, 0, scale) - 4 * _STEP
    needs_high = sum(one < -room for one in units)
    if needs_high > len(high):
        raise InputError(
            f"{needs_high} printed decreases are larger than a value below {split.at:g} allows, "
            f"and {len(high)} patients with both samples lie above. Look at the courses."
        )
    rest = rng.permutation([*high[needs_high:], *low]).tolist()
    return dict(zip([*high[:needs_high], *rest], units, strict=True))


def _baseline(
    analyte: Analyte,
    patient: int,
    change: int,
    scale: int,
    rng: np.random.Generator,
    split: Split | None,
) -> int:
    """Draw a baseline value, in units of the last decimal, that leaves room for the change."""
    least = _least(analyte, change, scale)
    if split is not None and not split.high[patient]:
        most = _units(split.at, scale) - 2 * _STEP
        return int(rng.integers(least, most + 1))
    if split is not None:
        least = max(least, _units(split.at, scale) + 2 * _STEP)
    drawn = int(analyte.level * scale * math.exp(float(rng.normal()) * 0.5))
    return drawn if drawn >= least else least + int(rng.exponential(0.3) * analyte.level * scale)


def _least(analyte: Analyte, change: int, scale: int) -> int:
    """Return the smallest value that can be quantified before and after the change."""
    return _units(analyte.limit, scale) + 1 + max(0, -change)


def _units(value: float, scale: int) -> int:
    return round(value * scale)


def _centre(values: SampleValues, analyte: Analyte, changes: dict[int, int], split: Split) -> None:
    """Move the values next to the threshold so that it is the median."""
    lows = [place for place, high in enumerate(split.high) if not high]
    highs = [place for place, high in enumerate(split.high) if high]
    if len(lows) != len(highs):
        raise InputError(
            f"{split.at:g} is printed as the median, but {len(lows)} patients lie below and "
            f"{len(highs)} above. Look at the courses."
        )
    scale = 10**values.decimals
    at = _units(split.at, scale)
    fits = [place for place in highs if _least(analyte, changes.get(place, 0), scale) <= at + _STEP]
    if not fits:
        raise InputError(f"No value above {split.at:g} can lie next to it. Look at the courses.")
    for place, units in ((lows[0], at - _STEP), (fits[0], at + _STEP)):
        values.baseline[place] = units / scale
        if place in changes:
            values.later[place] = (units + changes[place]) / scale
