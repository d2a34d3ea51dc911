"""Textbook formulas in plain Python, for expectations that the package has no part in."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import comb, erfc, exp, log, sqrt

Z = statistics.NormalDist().inv_cdf(0.975)
HALF = Fraction(1, 2)

#: Days and whether the event happened, by subject.
Times = Mapping[str, tuple[int, bool]]
Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    time: int
    at_risk: int
    events: int
    censored: int
    survival: Fraction
    variance: Fraction  # Greenwood's sum

    def limit(self, sign: int) -> float:
        """Return the lower (-1) or the upper (1) log-log limit of 95%."""
        if self.survival == 1:
            return 1.0
        log_survival = log(self.survival)
        spread = Z * sqrt(self.variance) / -log_survival
        return exp(log_survival * exp(-sign * spread))

    def three(self, name: str = "survival") -> Values:
        lower, upper = self.limit(-1), self.limit(1)
        return {name: float(self.survival), f"{name}_lower": lower, f"{name}_upper": upper}


def kaplan_meier(times: Times) -> list[Step]:
    steps = []
    survival, variance = Fraction(1), Fraction(0)
    for day in sorted({time for time, _ in times.values()}):
        at_risk = sum(time >= day for time, _ in times.values())
        events = sum(time == day and event for time, event in times.values())
        censored = sum(time == day and not event for time, event in times.values())
        survival *= 1 - Fraction(events, at_risk)
        variance += Fraction(events, at_risk * (at_risk - events))
        steps.append(Step(day, at_risk, events, censored, survival, variance))
    return steps


def at(steps: Sequence[Step], day: int) -> Step:
    return [step for step in steps if step.time <= day][-1]


def median(steps: Sequence[Step]) -> Values:
    """Return the median (of a flat step at one half: its middle) with Brookmeyer-Crowley limits."""
    first = next(step for step in steps if step.survival <= HALF)
    value = float(first.time)
    if first.survival == HALF:
        value = (value + next(step.time for step in steps if step.survival < HALF)) / 2
    lower, upper = (
        next(float(step.time) for step in steps if step.limit(sign) <= 0.5) for sign in (-1, 1)
    )
    return {"median": value, "median_lower": lower, "median_upper": upper}


def landmarks(steps: Sequence[Step], days: Iterable[int]) -> Values:
    return {f"{day}/{name}": v for day in days for name, v in at(steps, day).three().items()}


def window_ends(steps: Sequence[Step], days: Mapping[int, int]) -> Values:
    """Return survival at the end of each scan's window and the events from the day up to it."""
    found: Values = {}
    for day, end in days.items():
        place = f"window_end/day {end}/{day}"
        found |= {f"{place}/{name}": v for name, v in at(steps, end).three().items()}
        found[f"{place}/events"] = sum(step.events for step in steps if day < step.time <= end)
    return found


def curve(steps: Sequence[Step]) -> Values:
    found: Values = {}
    for step in steps:
        counts = {"at_risk": step.at_risk, "events": step.events, "censored": step.censored}
        found |= {f"curve/{step.time}/{name}": v for name, v in (counts | step.three()).items()}
    return found


def risk_table(times: Times, months: int) -> Values:
    """Return numbers at risk every three months."""
    found: Values = {}
    for day in (month * 30.4375 for month in range(0, months + 1, 3)):
        place = f"risk_table/{day:.10g}"
        found[f"{place}/at_risk"] = sum(time >= day for time, _ in times.values())
        found[f"{place}/cumulative_events"] = sum(t <= day and e for t, e in times.values())
    return found


def against(steps: Sequence[Step], day: int, rate: float) -> Values:
    """Return the estimate and the Wald test of a rate on the log-log scale."""
    step = at(steps, day)
    error = sqrt(step.variance) / -log(step.survival)
    z = (log(-log(rate)) - log(-log(step.survival))) / error
    values = step.three("estimate") | {"test_statistic": z, "p_value": erfc(abs(z) / sqrt(2))}
    return {f"historical/{day}/{name}": value for name, value in values.items()}


def exact_share(n: int, size: int) -> Values:
    """Return a percentage with its exact limits, by bisection of the binomial tails."""

    def tail(share: float, counts: Iterable[int]) -> float:
        return sum(comb(size, k) * share**k * (1 - share) ** (size - k) for k in counts)

    def solve(counts: range, *, rising: bool) -> float:
        low, high = 0.0, 1.0
        for _ in range(100):
            middle = (low + high) / 2
            too_low = (tail(middle, counts) < 0.025) == rising
            low, high = (middle, high) if too_low else (low, middle)
        return 100 * low

    lower, upper = solve(range(n, size + 1), rising=True), solve(range(n + 1), rising=False)
    return {"n": n, "percent": 100 * n / size, "percent_lower": lower, "percent_upper": upper}


def quantile(values: Sequence[float], share: Fraction) -> float:
    """Return a quantile: the mean of two neighbours where the count splits evenly."""
    ordered = sorted(values)
    place = len(ordered) * share
    whole = int(place)
    if place == whole:
        return (ordered[whole - 1] + ordered[whole]) / 2
    return ordered[whole]


def summary(values: Sequence[float]) -> Values:
    return {
        "mean": statistics.fmean(values),
        "sd": statistics.stdev(values),
        "median": quantile(values, HALF),
        "q1": quantile(values, Fraction(1, 4)),
        "q3": quantile(values, Fraction(3, 4)),
        "min": min(values),
        "max": max(values),
    }


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one patient took of 12 mg daily on 14 days of 21."""

    days: int
    total: float
    lowest: float
    reduced: bool

    @property
    def cycles(self) -> int:
        return -(-self.days // 21)

    @property
    def intensity(self) -> float:
        return 100 * self.total / (12 * (self.days // 21 * 14 + min(self.days % 21, 14)))


def exposures(doses: Iterable[Mapping[str, str]]) -> dict[str, Exposure]:
    """Return the exposure of each subject from records of EX in the order of time."""
    by_subject: dict[str, list[tuple[date, date, float]]] = {}
    for row in doses:
        first, last = (date.fromisoformat(row[name]) for name in ("EXSTDTC", "EXENDTC"))
        by_subject.setdefault(row["USUBJID"], []).append((first, last, float(row["EXDOSE"])))
    found = {}
    for subject, taken in by_subject.items():
        amounts = [dose for *_, dose in taken]
        found[subject] = Exposure(
            days=(taken[-1][1] - taken[0][0]).days + 1,
            total=sum(dose * ((last - first).days + 1) for first, last, dose in taken),
            lowest=min(amounts),
            reduced=any(b < a for a, b in pairwise(amounts)),
        )
    return found
