"""Constructed patients for tests of figures: rows as an analysis of times would make them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepatica.errors import InputError
from hepatica.results import ResultRow, Results
from hepatica.stats.survival import cox, kaplan_meier, logrank

MONTH = 30.4375


@dataclass(frozen=True)
class Patients:
    """One group: times in days, and 1 for an event."""

    level: str
    time: NDArray[np.float64]
    event: NDArray[np.int64]


def patients(level: str, months: ArrayLike, events: ArrayLike) -> Patients:
    time = np.asarray(months, dtype=float) * MONTH
    return Patients(level, np.round(time), np.asarray(events, dtype=np.int64))


def drawn(
    level: str, n: int, median_months: float, last_months: float, seed: int, shape: float = 1.0
) -> Patients:
    """Return patients with Weibull times and staggered follow-up of at most ``last_months``."""
    generator = np.random.default_rng(seed)
    time = median_months * (generator.exponential(size=n) / np.log(2)) ** (1 / shape)
    follow_up = last_months * generator.uniform(0.45, 1.0, n)
    happened = time <= follow_up
    return patients(level, np.maximum(np.where(happened, time, follow_up), 0.1), happened)


def survival_rows(
    groups: Sequence[Patients], *, reference: str | None = None, ticks: Sequence[float] = ()
) -> Results:
    """Return the rows of one analysis ``pfs``; with a reference also test and hazard ratios."""
    rows: list[ResultRow] = []
    last = max((float(one.time.max()) for one in groups if len(one.time)), default=0.0)
    days = np.array(ticks) * MONTH if len(ticks) else _tick_days(last)
    for one in groups:
        rows += _group(one, days)
    if reference is not None:
        rows += _comparison(groups, reference)
    return Results(rows)


def _tick_days(last: float) -> NDArray[np.float64]:
    months = last / MONTH
    step = 3 if months <= 24 else 6 if months <= 60 else 12
    return np.arange(max(1, int(np.ceil(months / step - 1e-9))) + 1) * step * MONTH


def _row(statistic: str, value: float | None = None, **columns: Any) -> ResultRow:
    if value is not None and np.isnan(value):
        value = None
        columns |= {"status": "not_estimable", "message": "Not reached."}
    columns = {"group": "arm", "dataset": "ADTTE", "parameter": "PFS"} | columns
    return ResultRow(
        study="S",
        analysis="pfs",
        origin="simulated",
        population="FASFL",
        statistic=statistic,
        value=value,
        **columns,
    )


def _group(one: Patients, days: NDArray[np.float64]) -> Iterator[ResultRow]:
    level = {"level": one.level}
    count = {"format": "integer", **level}
    yield _row("n", float(len(one.time)), **count)
    yield _row("events", float(one.event.sum()), **count)
    if not len(one.time):
        yield _row("median", float("nan"), format="months", **level)
        return
    curve = kaplan_meier(one.time, one.event)
    median = curve.median
    method = "Kaplan–Meier median, Brookmeyer–Crowley log-log interval"
    for suffix, value in (
        ("", median.estimate),
        ("_lower", median.lower),
        ("_upper", median.upper),
    ):
        columns = {"format": "months", "conf_level": 0.95, "method": method, **level}
        yield _row(f"median{suffix}", float(value), **columns)
    for i, day in enumerate(curve.time.tolist()):
        place = {"variable": "curve", "time": day, **level}
        yield _row("at_risk", float(curve.at_risk[i]), format="integer", **place)
        yield _row("events", float(curve.events[i]), format="integer", **place)
        yield _row("censored", float(curve.censored[i]), format="integer", **place)
        yield _row("survival", float(curve.survival[i]), format="fraction", **place)
        yield _row("survival_lower", float(curve.lower[i]), format="fraction", **place)
        yield _row("survival_upper", float(curve.upper[i]), format="fraction", **place)
    for day in days.tolist():
        place = {"variable": "risk_table", "time": day, **count}
        happened = one.event[one.time <= day].sum()
        yield _row("at_risk", float((one.time >= day).sum()), **place)
        yield _row("cumulative_events", float(happened), **place)


def _comparison(groups: Sequence[Patients], reference: str) -> Iterator[ResultRow]:
    time = np.concatenate([one.time for one in groups])
    event = np.concatenate([one.event for one in groups])
    code = np.repeat(np.arange(len(groups)), [len(one.time) for one in groups])
    test = {"variable": "logrank", "method": "log-rank test, two-sided"}
    try:
        result = logrank(time, event, code)
        yield _row("p_value", float(result.p_value), format="p_value", **test)
    except InputError:
        yield _row("p_value", float("nan"), format="p_value", **test)
    base = [one.level for one in groups].index(reference)
    others = [i for i in range(len(groups)) if i != base]
    shown = {"variable": "cox", "reference": reference, "format": "ratio", "conf_level": 0.95}
    try:
        fit = cox(time, event, (code[:, None] == np.array(others)[None, :]).astype(float))
    except InputError:
        for i in others:
            yield _row("hazard_ratio", float("nan"), level=groups[i].level, **shown)
        return
    for position, i in enumerate(others):
        place = {"level": groups[i].level, **shown}
        yield _row("hazard_ratio", float(fit.hazard_ratio[position]), **place)
        yield _row("hazard_ratio_lower", float(fit.lower[position]), **place)
        yield _row("hazard_ratio_upper", float(fit.upper[position]), **place)
