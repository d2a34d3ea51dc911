"""The primary objective: an endpoint against the rate known before the study."""

from __future__ import annotations

from typing import Any

import numpy as np

from hepatica.analyse.selection import Selection
from hepatica.analyse.times import endpoint_columns
from hepatica.dialect import trial_dialect
from hepatica.protocol.endpoints import Historical, Response, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.proportions import binomial_test, proportion_ci
from hepatica.stats.survival import KaplanMeier, milestone_test

#: What a test says: the rate is higher than the historical rate, lower, or it cannot tell.
HIGHER, LOWER, NOT_EXCLUDED = "higher", "lower", "not_excluded"


def compare_survival(
    protocol: Protocol,
    selection: Selection,
    endpoint: TimeToEvent,
    level: str,
    curve: KaplanMeier,
) -> list[ResultRow]:
    """Test survival at the historical rate's time against that rate.

    The test is the Wald test of the Kaplan-Meier estimate on the log-log scale with Greenwood's
    variance, which agrees with the log-log interval at the same level.

    Parameters
    ----------
    protocol, selection, endpoint, level, curve
        The study, its patients, the endpoint with ``historical``, the arm, and its curve.

    Returns
    -------
    list of ResultRow
        ``variable`` = ``historical``: estimate with limits, the historical rate, target, test
        statistic, p value and verdict.
    """
    plan = endpoint.historical
    rate = _rate(protocol, plan, level)
    if plan is None or plan.at is None or rate is None:
        return []
    place = endpoint_columns(endpoint) | {
        "level": level,
        "time": plan.at.days,
        "variable": "historical",
    }
    at = curve.at(np.array([plan.at.days]))
    survival = float(at.survival[0])
    method = f"Kaplan–Meier, {trial_dialect(protocol.dialect).conf_type} interval"
    shown: dict[str, Any] = {
        "format": "fraction",
        "method": method,
        "conf_level": protocol.conf_level,
    }
    if np.isnan(survival) or not 0 < survival < 1:
        message = "The estimate is 0 or 1, or lies past the last follow-up: no test on this scale."
        row = selection.row("estimate", status="not_estimable", message=message, **shown, **place)
        return [row, *_known(protocol, selection, plan, level, place)]
    test = milestone_test(curve, plan.at.days, rate, sides=plan.sides)
    rows = [
        selection.row("estimate", survival, **shown, **place),
        selection.row("estimate_lower", float(at.lower[0]), **shown, **place),
        selection.row("estimate_upper", float(at.upper[0]), **shown, **place),
        *_known(protocol, selection, plan, level, place),
    ]
    name = f"Wald test of the Kaplan–Meier estimate on the log-log scale, {_sided(plan)}"
    above = survival > rate
    return rows + _verdict(selection, plan, test.statistic, test.p_value, name, place, above=above)


def compare_proportion(
    protocol: Protocol,
    selection: Selection,
    endpoint: Response,
    level: str,
    n: int,
    size: int,
) -> list[ResultRow]:
    """Test a proportion against the historical rate by the exact binomial test.

    Parameters
    ----------
    protocol, selection, endpoint, level, n, size
        The study, its patients, the endpoint with ``historical``, the arm, its patients with the
        endpoint and all its patients.

    Returns
    -------
    list of ResultRow
        As for `compare_survival`, without a test statistic.
    """
    plan = endpoint.historical
    rate = _rate(protocol, plan, level)
    if plan is None or rate is None:
        return []
    place: dict[str, Any] = {
        "dataset": "ADRS",
        "parameter": endpoint.parameter,
        "level": level,
        "variable": "historical",
        "variable_level": endpoint.id,
    }
    interval = proportion_ci(n, size, method="clopper-pearson", conf_level=protocol.conf_level)
    shown: dict[str, Any] = {
        "format": "fraction",
        "method": "Clopper–Pearson",
        "conf_level": protocol.conf_level,
        "denominator": size,
    }
    p_value = binomial_test(n, size, rate, sides=plan.sides).p_value
    rows = [
        selection.row("estimate", interval.estimate, **shown, **place),
        selection.row("estimate_lower", interval.lower, **shown, **place),
        selection.row("estimate_upper", interval.upper, **shown, **place),
        *_known(protocol, selection, plan, level, place),
    ]
    name = f"exact binomial test, {_sided(plan)}"
    above = interval.estimate > rate
    return rows + _verdict(selection, plan, None, p_value, name, place, above=above)


def _rate(protocol: Protocol, plan: Historical | None, level: str) -> float | None:
    arm = next((arm.id for arm in protocol.arms if arm.label == level), "")
    return plan.rates.get(arm) if plan is not None else None


def _sided(plan: Historical) -> str:
    return "one-sided" if plan.sides == 1 else "two-sided"


def _known(
    protocol: Protocol,
    selection: Selection,
    plan: Historical,
    level: str,
    place: dict[str, Any],
) -> list[ResultRow]:
    arm = next(arm.id for arm in protocol.arms if arm.label == level)
    rows = [selection.row("historical", plan.rates[arm], format="fraction", **place)]
    if arm in plan.targets:
        rows.append(selection.row("target", plan.targets[arm], format="fraction", **place))
    return rows


def _verdict(
    selection: Selection,
    plan: Historical,
    statistic: float | None,
    p_value: float,
    method: str,
    place: dict[str, Any],
    *,
    above: bool,
) -> list[ResultRow]:
    rows = []
    if statistic is not None:
        rows.append(
            selection.row("test_statistic", statistic, format="statistic", method=method, **place)
        )
    direction = HIGHER if above else LOWER
    verdict = direction if p_value < plan.alpha else NOT_EXCLUDED
    rows.append(selection.row("p_value", p_value, format="p_value", method=method, **place))
    rows.append(selection.row("verdict", text=verdict, method=method, **place))
    return rows
