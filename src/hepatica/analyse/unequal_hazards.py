"""Comparisons where hazards may not be proportional: weighted tests, restricted means."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.comparison_rows import logrank_rows
from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times
from hepatica.dialect import trial_dialect
from hepatica.errors import InputError
from hepatica.protocol.base import TimePoint
from hepatica.protocol.comparison import Comparison
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.survival import (
    KaplanMeier,
    MaxCombo,
    RestrictedMean,
    compare_restricted_means,
    kaplan_meier,
    logrank,
    max_combo,
    restricted_mean,
)
from hepatica.stats.survival._contrast import Contrast


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What a comparison reads.

    Attributes
    ----------
    protocol : Protocol
        Gives dialect and confidence level.
    selection : Selection
        Makes the rows.
    plan : Comparison
        What is planned.
    times : Times
        Usable times of patients with a known stratum.
    strata : int array (n,), optional
        Stratum of each patient.
    place : dict
        Dataset, parameter and origin.
    """

    protocol: Protocol
    selection: Selection
    plan: Comparison
    times: Times
    strata: NDArray[np.int64] | None
    place: dict[str, Any]

    def named(self, method: str) -> str:
        """Return the method with its strata."""
        if self.strata is None:
            return method
        return f"{method}, stratified by {', '.join(self.plan.strata)}"

    def unstratified(self, times: Times) -> Compared:
        """Return the same comparison of all patients without strata."""
        plan = self.plan.model_copy(update={"strata": ()})
        return replace(self, plan=plan, times=times, strata=None)

    @property
    def present(self) -> list[int]:
        """Places of the groups that have a patient."""
        return [int(code) for code in np.unique(self.times.group)]

    def others(self) -> list[int]:
        """Places of the groups that are compared with the reference."""
        levels = self.selection.levels
        return [code for code in self.present if levels[code] != self.plan.reference]


def weighted_rows(compared: Compared) -> list[ResultRow]:
    """Return the planned Fleming-Harrington tests of all groups."""
    rows: list[ResultRow] = []
    times = compared.times
    for one in compared.plan.weighted:
        level = f"rho {one.rho:g}, gamma {one.gamma:g}"
        method = f"Fleming–Harrington weighted log-rank test ({level}), two-sided"
        common = compared.place | {
            "group": compared.selection.group,
            "variable": "weighted_logrank",
            "variable_level": level,
            "method": compared.named(method),
        }
        rows += logrank_rows(
            compared.selection,
            lambda rho=one.rho, gamma=one.gamma: logrank(  # type: ignore[misc]
                times.time,
                times.event,
                times.group,
                strata=compared.strata,
                entry=times.entry,
                weight="fleming-harrington",
                rho=rho,
                gamma=gamma,
            ),
            common,
        )
    return rows


def max_combo_rows(compared: Compared) -> list[ResultRow]:
    """Return the max-combo test: of the two groups, or of each against the reference."""
    if not compared.plan.max_combo:
        return []
    present = compared.present
    if len(present) == 2:
        return _max_combo(compared, np.ones(len(compared.times.time), dtype=bool), {})
    reference = compared.plan.reference
    if reference is None:
        message = "The max-combo test compares two groups; name the reference of each comparison."
        common = compared.place | {"variable": "max_combo", "group": compared.selection.group}
        return [
            compared.selection.row("p_value", status="not_estimable", message=message, **common)
        ]
    levels = compared.selection.levels
    rows: list[ResultRow] = []
    for code in compared.others():
        chosen = np.isin(compared.times.group, [code, levels.index(reference)])
        rows += _max_combo(compared, chosen, {"level": levels[code], "reference": reference})
    return rows


def _max_combo(
    compared: Compared, chosen: NDArray[np.bool_], pair: dict[str, Any]
) -> list[ResultRow]:
    times = compared.times
    method = "max-combo test of the weights (rho, gamma) (0, 0), (0, 1), (1, 0), (1, 1), two-sided"
    common = compared.place | pair
    common |= {"group": compared.selection.group, "variable": "max_combo"}
    common["method"] = compared.named(method)
    strata = None if compared.strata is None else compared.strata[chosen]
    row = compared.selection.row
    try:
        found: MaxCombo = max_combo(
            times.time[chosen], times.event[chosen], times.group[chosen], strata=strata
        )
    except InputError as error:
        return [row("p_value", status="not_estimable", message=str(error), **common)]
    each = [
        row(
            "test_statistic",
            float(z),
            format="statistic",
            variable_level=f"rho {rho:g}, gamma {gamma:g}",
            **common,
        )
        for rho, gamma, z in zip(found.rho, found.gamma, found.z, strict=True)
    ]
    return [
        row("test_statistic", found.statistic, format="statistic", **common),
        row("p_value", found.p_value, format="p_value", **common),
        *each,
    ]


def restricted_mean_rows(compared: Compared) -> list[ResultRow]:
    """Return the restricted mean of each group, and differences and ratios to the reference."""
    span = compared.plan.restricted_mean
    if span is None:
        return []
    levels = compared.selection.levels
    rows: list[ResultRow] = []
    means: dict[str, RestrictedMean] = {}
    for code in compared.present:
        common = _mean_columns(compared, span) | {"level": levels[code]}
        try:
            found = restricted_mean(_curve(compared, code), span.days)
        except InputError:
            message = (
                f"The last follow-up of {levels[code]} lies before {span.text}, and survival is "
                "not known beyond it. Name a shorter time."
            )
            rows.append(
                compared.selection.row(
                    "restricted_mean", status="not_estimable", message=message, **common
                )
            )
            continue
        means[levels[code]] = found
        rows += [
            compared.selection.row("restricted_mean", found.estimate, **common),
            compared.selection.row("restricted_mean_lower", found.lower, **common),
            compared.selection.row("restricted_mean_upper", found.upper, **common),
            compared.selection.row("restricted_mean_std_error", found.std_error, **common),
        ]
    for code in compared.others():
        rows += _mean_contrast(compared, span, levels[code], means)
    return rows


def _curve(compared: Compared, code: int) -> KaplanMeier:
    own = compared.times.group == code
    dialect = trial_dialect(compared.protocol.dialect)
    return kaplan_meier(
        compared.times.time[own],
        compared.times.event[own],
        conf_type=dialect.conf_type,
        conf_level=compared.protocol.conf_level,
    )


def _mean_columns(compared: Compared, span: TimePoint) -> dict[str, Any]:
    return compared.place | {
        "variable": "restricted_mean",
        "time": span.days,
        "unit": "days",
        "format": "months",
        "conf_level": compared.protocol.conf_level,
        "method": f"restricted mean to {span.text}, area under the Kaplan–Meier curve with "
        "Greenwood variance, Wald interval, unstratified",
    }


def _mean_contrast(
    compared: Compared, span: TimePoint, level: str, means: dict[str, RestrictedMean]
) -> list[ResultRow]:
    reference = compared.plan.reference
    common = _mean_columns(compared, span) | {"level": level, "reference": reference}
    if reference is None:
        return []
    if level not in means or reference not in means:
        message = "A restricted mean of one of the two groups cannot be had at this time."
        return [
            compared.selection.row(
                "restricted_mean_difference", status="not_estimable", message=message, **common
            )
        ]
    found = compare_restricted_means(means[level], means[reference])
    ratio = common | {"unit": "", "format": "ratio"}
    rows = [
        *_contrast(compared.selection.row, "restricted_mean_difference", found.difference, common)
    ]
    rows += _contrast(compared.selection.row, "restricted_mean_ratio", found.ratio, ratio)
    p_value = common | {"unit": "", "format": "p_value"}
    name = "restricted_mean_difference_p_value"
    return [*rows, _known(compared.selection.row, name, found.difference.p_value, p_value)]


def _contrast(
    row: Callable[..., ResultRow], statistic: str, found: Contrast, common: dict[str, Any]
) -> list[ResultRow]:
    parts = (("", found.estimate), ("_lower", found.lower), ("_upper", found.upper))
    return [_known(row, statistic + suffix, value, common) for suffix, value in parts]


def _known(
    row: Callable[..., ResultRow], statistic: str, value: float, common: dict[str, Any]
) -> ResultRow:
    if math.isfinite(value):
        return row(statistic, value, **common)
    message = "There is no event, or nobody is left without one, so it has no standard error."
    return row(statistic, status="not_estimable", message=message, **common)
