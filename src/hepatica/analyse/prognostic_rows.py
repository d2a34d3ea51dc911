"""Rows of a prognostic model: points, survival by total points, performance, calibration."""

from __future__ import annotations

from typing import Any

import numpy as np

from hepatica.analyse.model_outcomes import TimeOutcome
from hepatica.analyse.model_rows import ModelRows
from hepatica.analyse.nomogram import Nomogram, total_points
from hepatica.analyse.selection import Selection
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.results import ResultRow
from hepatica.stats._checks import FloatArray
from hepatica.stats.survival import (
    Corrected,
    CoxFit,
    CoxValidation,
    calibration_groups,
    harrell_c,
    predict_survival,
)

#: Survival that the axes of a nomogram name.
NAMED = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01)
BOOTSTRAP = "bootstrap optimism, the model fitted again in {n} resamples"
_MEASURES = (
    ("concordance", "decimal3", "Harrell's concordance"),
    ("concordance_uno", "decimal3", "Uno's concordance up to day {tau:g}"),
    ("slope", "decimal2", "calibration slope"),
    ("auc", "decimal3", "time-dependent area, weights by the inverse probability of censoring"),
    ("brier", "decimal3", "Brier score, weights by the inverse probability of censoring"),
    ("accuracy", "fraction", "index of prediction accuracy (scaled Brier score)"),
    ("calibration_error", "fraction", "integrated calibration index, spline with 3 knots"),
)
#: Statistic of a measure where it is not its own name.
_NAMES = {"slope": "calibration_slope"}
_FEW = 0.9


def points_rows(maker: ModelRows, points: Nomogram) -> list[ResultRow]:
    """Return the points of each category and of round numbers, and of a unit."""
    plain: dict[str, Any] = {"method": "", "conf_level": None}
    rows = []
    for scale in points.scales:
        rows += [
            maker.row(
                "points",
                place.points,
                variable=scale.variable,
                variable_level=place.text,
                format="decimal1",
                **plain,
            )
            for place in scale.places
        ]
        if scale.per_unit is not None:
            rows.append(
                maker.row(
                    "points_per_unit",
                    scale.per_unit,
                    variable=scale.variable,
                    format="decimal4",
                    **plain,
                )
            )
    rows.append(
        maker.row("log_hazard_per_point", points.log_hazard_per_point, format="decimal4", **plain)
    )
    return rows


def survival_rows(
    maker: ModelRows, points: Nomogram, fit: CoxFit, days: list[float]
) -> list[ResultRow]:
    """Return survival by total points, and the totals at which survival is a round number."""
    lowest = predict_survival(fit, np.array([points.lowest]), times=np.array(days))
    hazard = lowest.cumulative_hazard[0]
    plain: dict[str, Any] = {"conf_level": None}
    rows = []
    for day, base in zip(days, hazard.tolist(), strict=True):
        for total in total_points(points.most):
            survival = float(np.exp(-base * np.exp(points.log_hazard_per_point * total)))
            rows.append(
                maker.row(
                    "survival",
                    survival,
                    variable="total_points",
                    variable_level=f"{total:g}",
                    time=day,
                    format="fraction",
                    **plain,
                )
            )
        for survival in NAMED:
            total = float(np.log(-np.log(survival) / base) / points.log_hazard_per_point)
            if 0.0 <= total <= points.most:
                rows.append(
                    maker.row(
                        "total_points",
                        total,
                        variable="survival",
                        variable_level=f"{survival:g}",
                        time=day,
                        format="decimal1",
                        **plain,
                    )
                )
    return rows


def performance_rows(
    selection: Selection,
    found: CoxValidation,
    outcome: TimeOutcome,
    score: FloatArray,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return each measure as apparent, its optimism, and corrected."""
    r, used = len(found.status), int(found.concordance.used[0])
    few = (
        ""
        if used >= _FEW * r
        else (
            "Many resamples have no model with finite estimates: use fewer covariates, or join "
            "categories."
        )
    )
    shown: dict[str, Any] = {"variable": "bootstrap", "format": "integer"} | place
    shown["method"] = BOOTSTRAP.format(n=r)
    rows = [
        selection.row("n", r, variable_level="resamples", **shown),
        selection.row("n", used, variable_level="used", message=few, **shown),
    ]
    for name, form, said in _MEASURES:
        measure: Corrected = getattr(found, name)
        days = (
            found.at.tolist()
            if len(measure.apparent) == len(found.at)
            and (name in ("auc", "brier", "accuracy", "calibration_error"))
            else [None]
        )
        for part in ("apparent", "optimism", "corrected"):
            for at, day in enumerate(days):
                value = float(getattr(measure, part)[at])
                known = np.isfinite(value)
                rows.append(
                    selection.row(
                        _NAMES.get(name, name),
                        value if known else None,
                        variable=part,
                        time=day,
                        format=form,
                        method=said.format(tau=found.tau),
                        status="ok" if known else "not_estimable",
                        message="" if known else "No resample tells it at this time.",
                        **place,
                    )
                )
    limits = harrell_c(outcome.time, outcome.event, score, conf_level=outcome.conf_level)
    for name, value in (("lower", limits.lower), ("upper", limits.upper)):
        rows.append(
            selection.row(
                f"concordance_{name}",
                value,
                variable="apparent",
                format="decimal3",
                conf_level=outcome.conf_level,
                method="Harrell's concordance, infinitesimal jackknife interval",
                **place,
            )
        )
    return rows


def calibration_rows(
    selection: Selection,
    found: CoxValidation,
    outcome: TimeOutcome,
    fit: CoxFit,
    x: FloatArray,
    analysis: PrognosticModelAnalysis,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return predicted and observed survival in groups, and the smoothed curves."""
    survival = predict_survival(fit, x, times=found.at).survival
    rows: list[ResultRow] = []
    for at, day in enumerate(found.at.tolist()):
        groups = calibration_groups(
            outcome.time,
            outcome.event,
            survival[:, at],
            day,
            groups=min(analysis.groups, len(x)),
            conf_level=outcome.conf_level,
        )
        for number in range(len(groups.n)):
            here: dict[str, Any] = {
                "variable": "calibration_group",
                "variable_level": str(number + 1),
                "time": day,
            } | place
            rows.append(selection.row("n", int(groups.n[number]), format="integer", **here))
            rows.append(
                selection.row("predicted", groups.predicted[number], format="fraction", **here)
            )
            for name, values in (
                ("observed", groups.observed),
                ("observed_lower", groups.lower),
                ("observed_upper", groups.upper),
            ):
                known = bool(np.isfinite(values[number]))
                rows.append(
                    selection.row(
                        name,
                        float(values[number]) if known else None,
                        format="fraction",
                        method="Kaplan–Meier, log-log interval",
                        conf_level=outcome.conf_level,
                        status="ok" if known else "not_estimable",
                        message=""
                        if known
                        else "Past the group's follow-up, or nobody or everybody had the event.",
                        **here,
                    )
                )
        for number in range(found.predicted.shape[1]):
            here = {
                "variable": "calibration_curve",
                "variable_level": str(number + 1),
                "time": day,
                "format": "fraction",
            } | place
            rows += [
                selection.row("predicted", found.predicted[at, number], **here),
                selection.row("observed", found.observed[at, number], **here),
                selection.row("observed_corrected", found.observed_corrected[at, number], **here),
            ]
    return rows
