"""Lesions of one constructed patient, measured so that a given course follows from them.

Sizes are in tenths of a millimetre. A path of the sum of diameters is drawn, measured, and judged
by RECIST 1.1; a path that gives another course than the planned one is drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.errors import CommandError
from hepatica.simulate.draw import Real, Whole
from hepatica.simulate.lesions import MOST_TARGETS, NODE, ORGANS
from hepatica.simulate.rebuild.schedule import ScanDay
from hepatica.simulate.scans import NE, NON_CR, NON_TARGET_PD, NOT_DONE, PD, PR, RESPONSES, SD

_LIVER = ORGANS.index("LIVER")
_OUTSIDE = tuple(place for place, organ in enumerate(ORGANS) if organ != "LIVER")
_TARGET_OUTSIDE = (ORGANS.index("LUNG"), NODE)
#: Median of the first diameter by organ, and its bounds.
_MEDIAN = {_LIVER: 480, ORGANS.index("LUNG"): 190, NODE: 230}
_SPREAD, _LEAST, _LEAST_NODE, _MOST = 0.45, 110, 160, 1500
_NORMAL_NODE = 100
_TARGETS = (0.34, 0.42, 0.24)
_NON_TARGETS = (0.45, 0.3, 0.17, 0.08)
#: How far lesions of a patient grow apart in a year, on the logarithmic scale.
_APART = 0.3
_TRIES = 2000
#: How progression shows: targets grow, a new lesion, both, a non-target grows.
_WAYS = (0.5, 0.28, 0.12, 0.1)
_GROWTH, _NEW, _BOTH, _NON_TARGET = range(4)


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to come out of the lesions of a patient.

    Attributes
    ----------
    subject : str
        USUBJID, for messages.
    best : str
        Confirmed best response.
    progressed : bool
        Whether the last scan shows progression, and no earlier one.
    scans : list of ScanDay
        Scans after baseline.
    stable_days, confirmation_days : int
        Least days of stable disease, and from a response to its confirmation.
    outside : bool or None
        Whether there is disease outside the liver; drawn when not known.
    unread : bool
        Whether no scan could be evaluated.
    """

    subject: str
    best: str
    progressed: bool
    scans: list[ScanDay]
    stable_days: int
    confirmation_days: int
    outside: bool | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Burden:
    """The lesions of one patient, and what each scan showed.

    Attributes
    ----------
    organ : array of int, shape (5,)
        Position in `ORGANS`; the first `targets` places count.
    baseline : array of int, shape (5,)
        Diameters at baseline; 0 where there is no lesion.
    non_target_organ : array of int, shape (4,)
        Position in `ORGANS`; the first `non_targets` places count.
    new_organ : int
        Organ of a new lesion.
    size : array of int, shape (scans, 5)
        As in `hepatica.simulate.scans.Scans`.
    target, overall, non_target : array of int
        As there.
    new : array of bool
        Whether a new lesion is seen.
    """

    targets: int
    organ: Whole
    baseline: Whole
    non_targets: int
    non_target_organ: Whole
    new_organ: int
    size: Whole
    target: Whole
    overall: Whole
    non_target: Whole
    new: np.ndarray


def draw_burden(plan: Plan, rng: np.random.Generator) -> Burden:
    """Draw lesions and their measurements that give the planned course.

    Raises
    ------
    CommandError
        If no drawn path gives it: the scans leave no room for the response.
    """
    for _ in range(_TRIES):
        drawn = _drawn(plan, rng)
        if _gives(plan, drawn):
            return drawn
    raise CommandError(
        f"No lesions were found that give the course of subject {plan.subject}: its scans leave "
        "no room for the best response. Look at best_response and pfs_days."
    )


def _drawn(plan: Plan, rng: np.random.Generator) -> Burden:
    outside = bool(rng.random() < 0.75) if plan.outside is None else plan.outside
    targets = 1 + int(rng.choice(3, p=_TARGETS))
    organ = _target_organs(targets, outside, rng)
    targets = min(targets, int((organ >= 0).sum()))
    non_targets = int(rng.choice(4, p=_NON_TARGETS))
    non_target_organ = rng.choice(_OUTSIDE, 4) if outside else np.full(4, _LIVER)
    non_target_organ = np.where(rng.random(4) < 0.4, _LIVER, non_target_organ)
    if outside and not np.isin(organ[:targets], _TARGET_OUTSIDE).any():
        non_targets = max(non_targets, 1)
        non_target_organ[0] = rng.choice(_OUTSIDE)
    organ = np.where(np.arange(MOST_TARGETS) < targets, organ, 0)
    baseline = np.where(np.arange(MOST_TARGETS) < targets, _first_sizes(organ, rng), 0)
    ways = np.array(_WAYS) * [1, 1, 1, non_targets > 0]
    way = int(rng.choice(4, p=ways / ways.sum())) if plan.progressed else -1
    size = _measured(plan, way, baseline, targets, rng)
    return _judged(
        Burden(
            targets,
            organ,
            baseline,
            non_targets,
            non_target_organ,
            int(rng.choice(_OUTSIDE)) if outside and rng.random() < 0.5 else _LIVER,
            size,
            *_others(len(plan.scans), way, non_targets),
        )
    )


def _target_organs(targets: int, outside: bool, rng: np.random.Generator) -> Whole:
    """Draw organs, at most two lesions of one; -1 where there is none left to take."""
    pool = [_LIVER, _LIVER, *(_TARGET_OUTSIDE * 2 if outside else ())]
    weight = np.array([1.6 if one == _LIVER else 1.0 for one in pool])
    take = min(targets, len(pool))
    chosen = rng.choice(len(pool), take, replace=False, p=weight / weight.sum())
    organs = np.full(MOST_TARGETS, -1)
    organs[:take] = sorted(pool[place] for place in chosen)
    return organs


def _first_sizes(organ: Whole, rng: np.random.Generator) -> Whole:
    median = np.array([_MEDIAN.get(int(one), 200) for one in organ])
    drawn = median * np.exp(rng.normal(0.0, _SPREAD, len(organ)))
    sizes: Whole = np.clip(
        np.rint(drawn), np.where(organ == NODE, _LEAST_NODE, _LEAST), _MOST
    ).astype(np.int64)
    return sizes


def _others(scans: int, way: int, non_targets: int) -> tuple[Whole, Whole, Whole, np.ndarray]:
    """Return empty target and overall responses, and what non-targets and new lesions show."""
    non_target = np.full(scans, NON_CR if non_targets else -1)
    new = np.zeros(scans, dtype=bool)
    if way == _NON_TARGET:
        non_target[-1] = NON_TARGET_PD
    if way in (_NEW, _BOTH):
        new[-1] = True
    return np.full(scans, NE), np.full(scans, NE), non_target, new


def _measured(
    plan: Plan, way: int, baseline: Whole, targets: int, rng: np.random.Generator
) -> Whole:
    """Return the diameters of each scan; what came before a first progression was not evaluable."""
    fraction = _path(plan, way, rng)
    total = baseline[:targets].sum()
    days = np.array([scan.day for scan in plan.scans], dtype=float)
    drift = rng.normal(0.0, _APART, targets)
    size = np.zeros((len(days), MOST_TARGETS), dtype=np.int64)
    for at, share_of_sum in enumerate(fraction):
        share = baseline[:targets] * np.exp(drift * days[at] / 365)
        size[at, :targets] = np.rint(total * share_of_sum * share / share.sum())
    if plan.best == "PD" or plan.unread:
        missing = int(rng.integers(targets))
        size[: len(size) if plan.unread else -1, missing] = NOT_DONE
    return size


def _path(plan: Plan, way: int, rng: np.random.Generator) -> Real:
    """Draw the sum of diameters at each scan as a fraction of the first: down, then up again."""
    days = np.array([scan.day for scan in plan.scans], dtype=float)
    if not len(days):
        return days
    lowest = {"PR": rng.uniform(0.42, 0.66), "PD": rng.uniform(0.95, 1.08)}.get(
        plan.best, rng.uniform(0.73, 1.03)
    )
    turn = float(days[-1] * rng.uniform(0.3, 0.75))
    down = 1 + (lowest - 1) * np.minimum(days / turn, 1) ** 0.7
    regrown = rng.uniform(0.02, 0.17)
    up = lowest * regrown * np.maximum(days - turn, 0) / max(days[-1] - turn, 1)
    path: Real = down + up
    path = path * (1 + rng.normal(0.0, 0.012, len(days)))
    if way in (_GROWTH, _BOTH):
        before = min(1.0, float(path[:-1].min(initial=1.0))) if plan.best != "PD" else 1.0
        path[-1] = max(before * rng.uniform(1.21, 1.42), path[-1])
    return path


def _judged(drawn: Burden) -> Burden:
    """Fill in the responses that follow from the diameters by RECIST 1.1."""
    base = int(drawn.baseline.sum())
    nadir, responded = base, False
    for at, sizes in enumerate(drawn.size):
        whole = not (sizes[: drawn.targets] == NOT_DONE).any()
        total = int(np.maximum(sizes, 0).sum())
        if total - nadir >= 50 and 5 * (total - nadir) >= nadir:
            drawn.target[at] = PD
        elif not whole:
            drawn.target[at] = NE
        else:
            small = 10 * total <= 7 * base
            drawn.target[at] = PR if small or responded else SD
            responded |= small
            nadir = min(nadir, total)
        worse = drawn.new[at] or drawn.non_target[at] == NON_TARGET_PD
        drawn.overall[at] = PD if worse else drawn.target[at]
    return drawn


def _vanishes(drawn: Burden) -> bool:
    """Tell whether every target is a lymph node that becomes normal: a complete response."""
    nodes = (drawn.organ[: drawn.targets] == NODE).all()
    return bool(nodes and (drawn.size.max(axis=1, initial=0) < _NORMAL_NODE).any())


def _gives(plan: Plan, drawn: Burden) -> bool:
    """Tell whether best response and day of progression are the planned ones."""
    found = list(drawn.overall)
    if _vanishes(drawn):
        return False
    if (PD in found) != plan.progressed or PD in found[:-1]:
        return False
    days = [scan.day for scan in plan.scans]
    responses = [day for day, one in zip(days, found, strict=True) if one == PR]
    if responses and responses[-1] - responses[0] >= plan.confirmation_days:
        best = "PR"
    elif any(one in (PR, SD) and day > plan.stable_days
             for day, one in zip(days, found, strict=True)):  # fmt: skip
        best = "SD"
    elif plan.progressed:
        best = "PD"
    else:
        best = "NE"
    # An unconfirmed response is no part of a planned course.
    return best == plan.best and (best == "PR" or not responses) and best in RESPONSES
