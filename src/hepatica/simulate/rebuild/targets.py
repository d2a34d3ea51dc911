"""Targets of a search: a statistic of some patients, and the printed number it has to round to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hepatica.dialect import TrialDialect
from hepatica.errors import InputError
from hepatica.published.model import PrintedNumber
from hepatica.simulate.rebuild.search_statistics import Flags, Real, Whole
from hepatica.stats.survival import cox, kaplan_meier, logrank

Statistic = Literal["survival", "median", "p_value", "hazard_ratio"]
Limit = Literal["", "lower", "upper"]
#: Days in a month, and what other printed units are worth.
UNITS = {"plain": 1.0, "fraction": 0.01, "percent": 1.0, "months": 30.4375}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A statistic and the number it has to print.

    Attributes
    ----------
    statistic : {"survival", "median", "p_value", "hazard_ratio"}
        Kaplan-Meier survival at `day`, Kaplan-Meier median, log-rank p-value, Cox hazard ratio.
    limit : {"", "lower", "upper"}
        The estimate itself, or a limit of it.
    members : tuple of int
        Positions of the patients.
    versus : tuple of int
        The other group of a comparison: the reference of a hazard ratio.
    day : int
        Day of a survival probability.
    events : tuple of int
        Marks that count as an event; all other marks are censorings.
    entry : bool
        Whether patients are at risk from their day of entry only.
    lag : int
        Patients with another end than an event or mark 0 are censored so many days before it: a
        death is no progression, and the last scan lies before it.
    printed : float
        The printed number; infinite for "not estimable".
    decimals : int
        Printed decimals.
    unit : float
        What one printed unit is worth: 30.4375 days for months, 0.01 for per cent of a share.
    label : str
        Name for readers.
    """

    statistic: Statistic
    members: tuple[int, ...]
    printed: float
    decimals: int
    limit: Limit = ""
    versus: tuple[int, ...] = ()
    day: int = 0
    events: tuple[int, ...] = (1,)
    entry: bool = False
    lag: int = 0
    unit: float = 1.0
    label: str = ""

    def __post_init__(self) -> None:
        if bool(self.versus) != (self.statistic in ("p_value", "hazard_ratio")):
            raise InputError("A comparison needs two groups of patients, other statistics one.")

    @property
    def half(self) -> float:
        """Half a unit of the last printed decimal."""
        return 0.5 * float(10.0**-self.decimals)

    def shown(self, value: float) -> str:
        """Return a value as it would be printed."""
        return f"{value / self.unit:.{self.decimals}f}" if math.isfinite(value) else "NE"

    def holds(self, value: float) -> bool:
        """Tell whether a value is printed as the target is."""
        return self.shown(value) == self.shown(self.printed * self.unit)


def target_of(number: PrintedNumber, members: Sequence[int], **more: object) -> Target:
    """Return the target that a printed number sets.

    Parameters
    ----------
    number : PrintedNumber
        Statistic (with its limit), scale, value and decimals; a word is "not estimable".
    members : sequence of int
        Positions of the patients.
    **more
        Further fields of `Target`, for example ``versus`` or ``events``.

    Raises
    ------
    InputError
        If the number is of another statistic.

    Examples
    --------
    >>> number = PrintedNumber(place="Table 2", printed="5.9", value=5.9, decimals=1,
    ...     key=(("statistic", "median_upper"),), scale="months")
    >>> target = target_of(number, [0, 1, 2])
    >>> target.statistic, target.limit, target.unit, target.holds(180.0)
    ('median', 'upper', 30.4375, True)
    """
    name, _, limit = number.statistic.partition("_")
    if number.statistic.startswith(("p_value", "hazard_ratio")):
        first, second, *rest = number.statistic.split("_")
        name, limit = f"{first}_{second}", "".join(rest)
    if name not in ("survival", "median", "p_value", "hazard_ratio"):
        raise InputError(f"A search has no target of statistic {number.statistic}.")
    if name == "survival" and isinstance(day := number.column("time"), float | int):
        more = {"day": int(day)} | more
    fields: dict[str, object] = {
        "statistic": name,
        "limit": limit,
        "members": tuple(members),
        "printed": math.inf if number.value is None else number.value,
        "decimals": number.decimals,
        "unit": UNITS[number.scale],
        "label": f"{number.analysis} {number.level} {number.statistic}",
    }
    return Target(**(fields | more))  # type: ignore[arg-type]


def seen(target: Target, time: Whole, mark: Whole) -> tuple[Whole, Flags]:
    """Return times and events as a target counts them.

    Parameters
    ----------
    time, mark : int array (..., patients)
        Times and end marks.
    """
    event = mark == target.events[0]
    for other in target.events[1:]:
        event = event | (mark == other)
    if not target.lag:
        return time, event
    return np.where(event | (mark == 0), time, np.maximum(time - target.lag, 1)), event


def value_of(
    target: Target,
    time: Whole,
    mark: Whole,
    dialect: TrialDialect,
    entry: Whole | None = None,
) -> float:
    """Compute a target with the estimators of the house; NaN for "not estimable".

    Parameters
    ----------
    time, mark : int array (patients,)
        Times and end marks of all patients.
    dialect : TrialDialect
        The methods.
    entry : int array (patients,), optional
        Days of entry; used by targets with delayed entry.
    """
    chosen = np.array([*target.members, *target.versus], dtype=np.int64)
    times, events = seen(target, time[chosen], mark[chosen])
    if target.versus:
        second = np.arange(len(chosen)) < len(target.members)
        return _comparison(target, times, events, second, dialect)
    curve = kaplan_meier(
        times,
        events,
        entry=entry[chosen] if target.entry and entry is not None else None,
        conf_type=dialect.conf_type,
        median_rule=dialect.median_rule,
    )
    if target.statistic == "median":
        return float(getattr(curve.median, target.limit or "estimate"))
    return float(getattr(curve.at([target.day]), target.limit or "survival")[0])


def _comparison(
    target: Target, times: Whole, events: Flags, second: Flags, dialect: TrialDialect
) -> float:
    if target.statistic == "p_value":
        return logrank(times, events, second.astype(np.int64)).p_value
    columns: Real = second.astype(np.float64)
    fit = cox(times, events, columns, ties=dialect.ties)
    return float(getattr(fit, target.limit or "hazard_ratio")[0])
