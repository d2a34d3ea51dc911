"""When a constructed patient is scanned and treated, so that the printed times come out.

Days are study days: 1 is the day of the first dose. Cycles begin late now and then, and scans,
which are due every second cycle, drift with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.protocol.treatment import Schedule

_EARLY, _LATE = 5, 9
#: Days by which an interval between scans is longer than planned, where there is a choice.
_DRIFT = 2
_JITTER = 3
_SOONEST = 8
_FROM_SCAN_TO_DEATH = (7, 29)


@dataclass(frozen=True, slots=True)
class ScanDay:
    """A scan: its study day, and twice the number of the planned scan, one more if unscheduled."""

    day: int
    planned: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Days on which the drug was taken, first and last included, and how the cycle began."""

    cycle: int
    start: int
    end: int
    delayed: bool
    leads: bool


def scan_days(
    pfs_days: int,
    *,
    died: bool,
    every: int,
    least: int,
    rng: np.random.Generator,
    twice: bool = False,
) -> list[ScanDay]:
    """Return the scans after baseline; the last lies on the day that ends the time.

    Parameters
    ----------
    pfs_days : int
        Day of progression, of the last scan, or of death.
    died : bool
        Whether the time ended with death; then the last scan lies some weeks before it.
    every : int
        Days between planned scans.
    least : int
        Earliest day on which stable disease counts.
    rng : numpy.random.Generator
        Stream of the scans.
    twice : bool
        Whether there is a scan before the last: stable disease before progression.

    Returns
    -------
    list of ScanDay
        In time; none for a patient without a scan after baseline.
    """
    last = pfs_days
    if died:
        earliest = min(least, pfs_days - 1)
        last = max(pfs_days - int(rng.integers(*_FROM_SCAN_TO_DEATH)), earliest)
    if last < 2:
        return []
    even = [n for n in range(1, last // every + 3) if every - _EARLY <= last / n <= every + _LATE]
    if twice and last <= every + _LATE:
        # Planned when due or somewhat early; then symptoms came back.
        return [ScanDay(min(max(last - _SOONEST, least), every + 1), 2), ScanDay(last, 3)]
    if even:
        count = min(even, key=lambda n: abs(last / n - every - _DRIFT))
        return _spread(last, count, count, least, rng)
    count = last // (every + 1)
    if died:
        count = max(count, 1)
        return _spread(min(count * (every + 1), last), count, count, least, rng)
    # Seen before the next scan was due: for instance because symptoms had come back.
    planned = _spread(count * (every + 1), count, count, least, rng) if count else []
    return [*planned, ScanDay(last, 2 * count + 1)]


def unread_scan(latest: int, every: int, rng: np.random.Generator) -> list[ScanDay]:
    """Return the one scan of a patient who has none that could be evaluated.

    Parameters
    ----------
    latest : int
        Last day on which the patient could be scanned.
    every : int
        Days between planned scans.
    rng : numpy.random.Generator
        Stream of the scans.
    """
    day = min(every + int(rng.integers(-_EARLY, _EARLY + 1)), latest)
    return [ScanDay(max(day, 2), 2 if day > every - _LATE else 1)]


def _spread(
    last: int, count: int, number: int, least: int, rng: np.random.Generator
) -> list[ScanDay]:
    """Return planned scans at nearly equal distances."""
    if not count:
        return []
    days = [round(last * place / count) for place in range(1, count + 1)]
    moved = [day + int(rng.integers(-_JITTER, _JITTER + 1)) for day in days[:-1]]
    moved = [max(day, least) for day in moved]
    return [ScanDay(day, 2 * (at + 1)) for at, day in enumerate([*moved, days[-1]])][:number]


def dose_intervals(
    treatment_days: int, scans: list[ScanDay], schedule: Schedule, rng: np.random.Generator
) -> list[Interval]:
    """Return intervals of treatment from day 1 to the last day of treatment.

    Parameters
    ----------
    treatment_days : int
        Days from the first to the last dose, both counted.
    scans : list of ScanDay
        Odd cycles begin after the planned scans.
    schedule : Schedule
        Days on and length of a cycle.
    rng : numpy.random.Generator
        Stream of the doses.
    """
    on, length = schedule.last_day - schedule.first_day + 1, schedule.cycle_days
    if on < treatment_days <= length:
        return _interrupted(treatment_days, on, rng)
    opens = _opening_days(treatment_days, scans, length, rng)
    beyond = treatment_days - (opens[-1] + on - 1)
    if beyond > length - on:
        opens.append(int(rng.integers(max(opens[-1] + length, treatment_days - on + 1),
                                      treatment_days + 1)))  # fmt: skip
    elif beyond > 0:
        opens[-1] += beyond
    return [
        Interval(
            number,
            start,
            min(start + on - 1, treatment_days),
            number > 1 and start - opens[number - 2] > length,
            leads=True,
        )
        for number, start in enumerate(opens, start=1)
    ]


def _interrupted(treatment_days: int, on: int, rng: np.random.Generator) -> list[Interval]:
    """Return one cycle whose days on were interrupted, so that they end later than planned."""
    pause = treatment_days - on
    stop = int(rng.integers(3, on - 2))
    return [
        Interval(1, 1, stop, delayed=False, leads=True),
        Interval(1, stop + pause + 1, treatment_days, delayed=True, leads=False),
    ]


def _opening_days(
    treatment_days: int, scans: list[ScanDay], length: int, rng: np.random.Generator
) -> list[int]:
    opens = [1]
    aims = [scan.day + int(rng.integers(0, 4)) for scan in scans if scan.planned % 2 == 0]
    while opens[-1] + length <= treatment_days:
        if len(opens) % 2:
            place = len(opens) // 2
            aim = aims[place] if place < len(aims) else opens[-1] + 2 * length
            slack = max(aim - opens[-1] - 2 * length, 0)
            opens.append(opens[-1] + length + int(rng.integers(0, slack + 1)))
        else:
            place = len(opens) // 2 - 1
            aim = aims[place] if place < len(aims) else 0
            opens.append(max(opens[-1] + length, aim))
    return [day for day in opens if day <= treatment_days]
