"""Tumour lesions at baseline: which organs, how large, and how each one behaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hepatica.protocol.model import Assessments, Protocol
from hepatica.simulate.draw import NEVER, Real, Truth, Whole, chance
from hepatica.simulate.people import People
from hepatica.stats.random_streams import stream

ORGANS = ("LIVER", "LUNG", "LYMPH NODE", "ADRENAL GLAND", "PERITONEUM", "BONE")
NODE = 2
#: RECIST 1.1 takes at most so many target lesions, and at most two of an organ.
MOST_TARGETS = 5
_ORGAN_WEIGHTS = (6.0, 1.6, 1.4, 0.4)
_TARGET_SHARES = (0.25, 0.30, 0.22, 0.14, 0.09)
_NON_TARGET_SHARES = (0.30, 0.30, 0.20, 0.12, 0.08)
_NON_TARGET_ORGANS = (0.35, 0.15, 0.15, 0.05, 0.15, 0.15)
_NEW_PER_DAY = 0.0008
_NON_TARGET_PER_DAY = 0.0005


@dataclass(frozen=True, slots=True)
class Lesions:
    """Lesions of constructed patients; arrays of targets have the shape (n, `MOST_TARGETS`).

    Attributes
    ----------
    baseline : array of int
        Day of the baseline scan, `NEVER` for screening failures.
    targets : array of int
        Number of target lesions, 1 to 5; 0 for screening failures.
    organ : array of int
        Position in `ORGANS`.
    size : array of int
        Baseline diameter in tenths of a millimetre, short axis for nodes; 0 where there is no
        lesion.
    growth, shrinkage : array of float
        How fast a lesion grows or shrinks, relative to the patient.
    non_targets : array of int
        Number of non-target lesions.
    non_target_organ : array of int, shape (n, 4)
        Position in `ORGANS`.
    non_target_worse, new_lesion : array of int
        Day from which scans show unequivocal progression of a non-target, or a new lesion.
    new_organ : array of int
        Position in `ORGANS`.
    disappear : array of bool
        Whether non-targets disappear together with the targets.
    """

    baseline: Whole
    targets: Whole
    organ: Whole
    size: Whole
    growth: Real
    shrinkage: Real
    non_targets: Whole
    non_target_organ: Whole
    non_target_worse: Whole
    new_lesion: Whole
    new_organ: Whole
    disappear: Truth

    @property
    def there(self) -> Truth:
        """Which of the places hold a target lesion."""
        return _first_places(self.targets)

    @property
    def node(self) -> Truth:
        """Which of the places hold a lymph node."""
        nodes: Truth = (self.organ == NODE) & self.there
        return nodes


def draw_lesions(protocol: Protocol, plan: Assessments, people: People) -> Lesions:
    """Draw the lesions that the baseline scan finds, and when others would be seen."""
    rng = stream(protocol.seed, "TU")
    n = people.n
    none = ~people.enrolled
    targets = np.where(none, 0, 1 + chance(_TARGET_SHARES, n, rng))
    organ = _organs(n, rng)
    there = _first_places(targets)
    size = np.where(there, _sizes(organ, rng), 0)
    days_before = rng.integers(1, plan.baseline_days_before + 1, size=n)
    rate = np.sqrt(people.growth / np.median(people.growth))
    non_targets = np.where(none, 0, chance(_NON_TARGET_SHARES, n, rng))
    most = len(_NON_TARGET_SHARES) - 1
    worse = _onset(people, _NON_TARGET_PER_DAY * rate, rng)
    return Lesions(
        baseline=np.where(none, NEVER, people.first_dose - days_before),
        targets=targets,
        organ=organ,
        size=size,
        growth=np.exp(rng.normal(0.0, 0.25, size=organ.shape)),
        shrinkage=np.exp(rng.normal(0.0, 0.35, size=organ.shape)),
        non_targets=non_targets,
        non_target_organ=chance(_NON_TARGET_ORGANS, n * most, rng).reshape(n, most),
        non_target_worse=np.where(non_targets > 0, worse, NEVER),
        new_lesion=_onset(people, _NEW_PER_DAY * rate, rng),
        new_organ=chance(_NON_TARGET_ORGANS, n, rng),
        disappear=rng.random(n) < 0.6,
    )


def _first_places(targets: Whole) -> Truth:
    there: Truth = np.arange(MOST_TARGETS)[None, :] < targets[:, None]
    return there


def _onset(people: People, rate: Real, rng: np.random.Generator) -> Whole:
    days = people.first_dose + 1 + np.floor(rng.exponential(1.0, size=people.n) / rate)
    return np.minimum(days, NEVER).astype(np.int64)


def _organs(n: int, rng: np.random.Generator) -> Whole:
    """Draw organs without replacement from a pool that holds each of them twice."""
    pool = np.repeat(np.arange(len(_ORGAN_WEIGHTS)), 2)
    weight = np.log(np.repeat(_ORGAN_WEIGHTS, 2))
    order = np.argsort(-(weight + rng.gumbel(size=(n, len(pool)))), axis=1, kind="stable")
    return pool[order[:, :MOST_TARGETS]]


def _sizes(organ: Whole, rng: np.random.Generator) -> Whole:
    """Draw baseline diameters: at least 10 mm, and 15 mm short axis for nodes."""
    median = np.where(organ == NODE, 22.0, 34.0)
    drawn = median * np.exp(rng.normal(0.0, 0.5, size=organ.shape))
    least = np.where(organ == NODE, 15.0, 10.0)
    most = np.where(organ == NODE, 60.0, 180.0)
    tenths: NDArray[np.int64] = np.round(10 * np.clip(drawn, least, most)).astype(np.int64)
    return tenths
