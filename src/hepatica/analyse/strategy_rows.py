"""Rows of two strategies: clones, weights, survival, restricted means and their differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.curve_rows import at_risk_times
from hepatica.analyse.selection import RowMaker
from hepatica.results import ResultRow
from hepatica.stats.clone_censor_weight import Strategies

_Numbers = NDArray[np.float64]
_PAST = "Past the last follow-up of a strategy."


@dataclass(frozen=True, slots=True)
class Resampled:
    """What r resamples give.

    Attributes
    ----------
    survival, survival_at : float array (r, 2, k) and (r, 2, t)
        Curves on the days with an event, and survival at the times of comparison.
    restricted_mean : float array (r, 2)
        Restricted means.
    """

    survival: _Numbers
    survival_at: _Numbers
    restricted_mean: _Numbers


@dataclass(frozen=True, slots=True)
class StrategyNumbers:
    """Estimates, and the same in resamples."""

    found: Strategies
    resampled: Resampled
    conf_level: float


def strategy_rows(
    selection: RowMaker,
    numbers: StrategyNumbers,
    common: dict[str, Any],
    *,
    truncated: str = "",
) -> list[ResultRow]:
    """Return the rows of both strategies, the treated one first.

    Parameters
    ----------
    selection : RowMaker
        Makes the rows; its levels are the strategies.
    numbers : StrategyNumbers
        What was estimated.
    common : dict
        Columns of all rows.
    truncated : str
        How weights were truncated; the rows are then those of the variable ``truncated``, and
        neither curves nor counts of clones are repeated.
    """
    found = numbers.found
    where = {"variable": "truncated", "variable_level": truncated} if truncated else {}
    survival = numbers.resampled.survival_at
    means = numbers.resampled.restricted_mean
    tau = float(found.at.max())
    rows: list[ResultRow] = []
    for strategy, level in enumerate(selection.levels):
        place = common | where | {"level": level}
        if not truncated:
            rows += _clones(selection, found, strategy, common | {"level": level})
            rows += _curve(selection, numbers, strategy, common | {"level": level})
        rows += _weights(selection, found, strategy, place)
        for at, day in enumerate(found.at.tolist()):
            value, drawn = found.survival_at[strategy, at], survival[:, strategy, at]
            shown = place | {"time": day, "format": "fraction"}
            rows += _limited(selection, "survival", value, drawn, shown, numbers.conf_level)
        shown = place | {"time": tau, "unit": "days", "format": "months"}
        value, drawn = found.restricted_mean[strategy], means[:, strategy]
        rows += _limited(selection, "restricted_mean", value, drawn, shown, numbers.conf_level)
    return rows + _differences(selection, numbers, common, where)


def _differences(
    selection: RowMaker,
    numbers: StrategyNumbers,
    common: dict[str, Any],
    where: dict[str, str],
) -> list[ResultRow]:
    found, level = numbers.found, numbers.conf_level
    survival = numbers.resampled.survival_at
    means = numbers.resampled.restricted_mean
    place = common | where | {"level": selection.levels[0], "reference": selection.levels[1]}
    rows: list[ResultRow] = []
    for at, day in enumerate(found.at.tolist()):
        value = found.survival_at[0, at] - found.survival_at[1, at]
        drawn = survival[:, 0, at] - survival[:, 1, at]
        shown = place | {"time": day, "format": "fraction"}
        rows += _limited(selection, "survival_difference", value, drawn, shown, level)
    value, drawn = found.restricted_mean[0] - found.restricted_mean[1], means[:, 0] - means[:, 1]
    shown = place | {"time": float(found.at.max()), "unit": "days", "format": "months"}
    rows += _limited(selection, "restricted_mean_difference", value, drawn, shown, level)
    resamples = common | where | {"format": "integer"}
    failed = int(np.isnan(means[:, 0]).sum())
    rows.append(selection.row("resamples", float(len(means)), **resamples))
    rows.append(selection.row("resamples_failed", float(failed), **resamples))
    return rows


def _limited(
    selection: RowMaker,
    statistic: str,
    value: float,
    drawn: _Numbers,
    columns: dict[str, Any],
    conf_level: float,
) -> list[ResultRow]:
    """Return an estimate with percentile limits of the resamples that have one."""
    names = (statistic, f"{statistic}_lower", f"{statistic}_upper")
    columns = columns | {"conf_level": conf_level}
    if np.isnan(value):
        told = columns | {"status": "not_estimable", "message": _PAST}
        return [selection.row(name, **told) for name in names]
    rows = [selection.row(statistic, float(value), **columns)]
    known = drawn[~np.isnan(drawn)]
    if 2 * len(known) < len(drawn):
        told = columns | {
            "status": "not_estimable",
            "message": "Fewer than half of the resamples have an estimate, so there are no limits.",
        }
        return rows + [selection.row(name, **told) for name in names[1:]]
    tail = (1.0 - conf_level) / 2.0
    limits = np.quantile(known, [tail, 1.0 - tail])
    pairs = zip(names[1:], limits.tolist(), strict=True)
    return rows + [selection.row(name, limit, **columns) for name, limit in pairs]


def _clones(
    selection: RowMaker, found: Strategies, strategy: int, place: dict[str, Any]
) -> list[ResultRow]:
    counts = {
        "followed": found.begun[strategy],
        "departed": found.departed[strategy],
        "after_grace": found.after_grace[strategy],
    }
    common = place | {"variable": "clones", "format": "integer", "denominator": found.n}
    return [
        selection.row("n", float(n), variable_level=name, **common) for name, n in counts.items()
    ]


def _weights(
    selection: RowMaker, found: Strategies, strategy: int, place: dict[str, Any]
) -> list[ResultRow]:
    values = {
        "weight_smallest": found.smallest_weight[strategy],
        "weight_largest": found.largest_weight[strategy],
        "effective_size": found.effective_size[strategy],
    }
    return [
        selection.row(name, float(value), format="decimal1", **place)
        for name, value in values.items()
    ]


def _curve(
    selection: RowMaker, numbers: StrategyNumbers, strategy: int, place: dict[str, Any]
) -> list[ResultRow]:
    """Return the steps of the weighted curve; clones at risk are counted, not weighted."""
    found = numbers.found
    common = place | {"variable": "curve"}
    counts = {"n": found.n, "events": found.n_events[strategy]}
    rows = [selection.row(name, float(n), format="integer", **place) for name, n in counts.items()]
    rows += _median(selection, found, strategy, place)
    drawn = numbers.resampled.survival[:, strategy]
    for at, (day, n) in enumerate(zip(found.time.tolist(), found.followed[strategy], strict=True)):
        if not n:
            break
        rows.append(selection.row("at_risk", float(n), time=day, format="integer", **common))
        shown = common | {"time": day, "format": "fraction"}
        value = float(found.survival[strategy, at])
        rows += _limited(selection, "survival", value, drawn[:, at], shown, numbers.conf_level)
    table = place | {"variable": "risk_table", "format": "integer"}
    for day in at_risk_times(float(found.time.max())).tolist():
        at = int(np.searchsorted(found.time, day, side="left"))
        n = int(found.followed[strategy, at]) if at < len(found.time) else 0
        rows.append(selection.row("at_risk", float(n), time=day, **table))
    return rows


def _median(
    selection: RowMaker, found: Strategies, strategy: int, place: dict[str, Any]
) -> list[ResultRow]:
    """Return the first day on which the weighted curve is at or below one half."""
    shown = place | {"unit": "days", "format": "months"}
    half = np.flatnonzero(found.survival[strategy] <= 0.5)
    if not len(half):
        message = "The curve does not reach 50% within follow-up."
        return [selection.row("median", status="not_estimable", message=message, **shown)]
    return [selection.row("median", float(found.time[half[0]]), **shown)]
