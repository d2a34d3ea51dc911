"""Planned prognostic models: estimates, points, and how well they predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hepatica.analyse.model_matrix import ModelColumn, ModelMatrix, model_matrix, places_of
from hepatica.analyse.model_outcomes import TimeOutcome
from hepatica.analyse.model_rows import ModelRows, chosen_columns, faults_of, told, usable_columns
from hepatica.analyse.nomogram import nomogram
from hepatica.analyse.prognostic_rows import (
    calibration_rows,
    performance_rows,
    points_rows,
    survival_rows,
)
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.times import endpoint_columns, endpoint_named, required_times
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.model import Protocol
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.results import ResultRow
from hepatica.stats._checks import FloatArray
from hepatica.stats.random_streams import stream
from hepatica.stats.survival import CoxFit, CoxValidation, resample_weights, validate_cox

#: Which model the rows of estimates are about.
PROGNOSTIC = "prognostic"
INTERNAL = (
    "The model was checked in resamples of the patients that it was fitted to. It was not checked "
    "in other patients: do not decide on treatment by it before that is done."
)


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """A fitted model with its patients."""

    outcome: TimeOutcome
    matrix: ModelMatrix
    columns: tuple[ModelColumn, ...]
    x: FloatArray
    fit: CoxFit


def analyse_prognostic_model(
    protocol: Protocol, datasets: Datasets, analysis: PrognosticModelAnalysis
) -> list[ResultRow]:
    """Fit a model of prespecified covariates, and correct how well it predicts for optimism.

    Parameters
    ----------
    protocol : Protocol
        Defines endpoint and covariates; its seed draws the resamples.
    datasets : mapping
        ADSL and ADTTE are read.
    analysis : PrognosticModelAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``prognostic_model``.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, no patient with a time, or a covariate cannot be read.
    """
    endpoint = endpoint_named(protocol, analysis.endpoint)
    if endpoint.entry is not None:
        raise AnalysisError(
            "A prognostic model is not made where patients enter late. Name an endpoint without "
            "entry."
        )
    selection = select(protocol, datasets, analysis)
    times = required_times(selection, datasets, endpoint)
    matrix = model_matrix(protocol, selection, analysis.covariates, analysis.references)
    matrix = matrix.rows(places_of(selection, times.records))
    outcome = TimeOutcome(
        time=times.time,
        event=times.event,
        entry=None,
        ties=trial_dialect(protocol.dialect).ties,
        conf_level=protocol.conf_level,
    )
    place = endpoint_columns(endpoint)
    maker = ModelRows(
        selection,
        PROGNOSTIC,
        "hazard_ratio",
        place | {"method": f"{outcome.model}, Wald limits", "conf_level": protocol.conf_level},
    )
    rows = selection.sizes()
    found, model = _fitted(maker, matrix, outcome)
    rows += found
    if model is None:
        return rows
    days, refused = _usable_days(selection, analysis, model.outcome, place)
    points = nomogram(model.matrix, model.columns, model.fit.coef)
    rows += points_rows(maker, points)
    rows += refused
    if not days:
        return rows
    rows += survival_rows(maker, points, model.fit, days)
    return rows + _validated(protocol, selection, analysis, model, days, place)


def _fitted(
    maker: ModelRows, matrix: ModelMatrix, outcome: TimeOutcome
) -> tuple[list[ResultRow], _Model | None]:
    """Return the rows of the estimates; what cannot be estimated is a row with a reason."""
    kept = matrix.complete
    missing = int(np.count_nonzero(~kept))
    matrix, outcome = matrix.rows(kept), outcome.of(kept)
    rows = maker.counts(len(matrix.x), int(outcome.event.sum()))
    if missing:
        rows.append(
            maker.row(
                "n",
                missing,
                variable="covariates",
                variable_level="Missing",
                format="integer",
                method="",
                conf_level=None,
                message="Patients without a covariate are not in the model.",
            )
        )
    if not len(matrix.x):
        return rows + maker.refused(matrix.columns, "No patient has all of the covariates."), None
    alone, forbidding = faults_of(matrix)
    for column, reason in alone.items():
        rows += maker.refused([column], reason)
    places = usable_columns(matrix, alone)
    columns = tuple(matrix.columns[at] for at in places)
    if forbidding or not places:
        first = next(iter(forbidding.values()), "")
        return rows + [
            row
            for one in columns
            for row in maker.refused([one], forbidding.get(one, f"Not fitted: {first}"))
        ], None
    rows.append(maker.events_for_each(outcome, len(places)))
    x = chosen_columns(matrix, places)
    try:
        fit = outcome.plain(x)
    except InputError as error:
        message = told(error, outcome, matrix, firth=False)
        advice = " Leave the covariate out, or join its categories."
        return rows + maker.refused(columns, message + advice), None
    parts = (
        ("hazard_ratio", fit.hazard_ratio, "ratio"),
        ("hazard_ratio_lower", fit.lower, "ratio"),
        ("hazard_ratio_upper", fit.upper, "ratio"),
        ("coef", fit.coef, "decimal3"),
        ("std_error", fit.std_error, "decimal3"),
        ("p_value", fit.p_value, "p_value"),
    )
    rows += [
        maker.row(
            name,
            float(values[at]),
            format=shown,
            variable=one.variable,
            variable_level=one.level,
            reference=one.reference,
        )
        for at, one in enumerate(columns)
        for name, values, shown in parts
    ]
    rows.append(
        maker.row("validation", text="internal only", method="", conf_level=None, message=INTERNAL)
    )
    return rows, _Model(outcome, matrix, columns, x, fit)


def _usable_days(
    selection: Selection,
    analysis: PrognosticModelAnalysis,
    outcome: TimeOutcome,
    place: dict[str, Any],
) -> tuple[list[float], list[ResultRow]]:
    """Return the times at which somebody is still followed and somebody had the event."""
    first = float(outcome.time[outcome.event == 1].min())
    last = float(outcome.time.max())
    days, refused = [], []
    for point in analysis.at:
        if first <= point.days < last:
            days.append(point.days)
            continue
        why = (
            "Nobody is followed past this time"
            if point.days >= last
            else "Nobody has the event by then"
        )
        refused.append(
            selection.row(
                "survival",
                time=point.days,
                variable="total_points",
                status="not_estimable",
                message=f"{why}, so that no prediction can be checked. Choose another time.",
                **place,
            )
        )
    return days, refused


def _validated(
    protocol: Protocol,
    selection: Selection,
    analysis: PrognosticModelAnalysis,
    model: _Model,
    days: list[float],
    place: dict[str, Any],
) -> list[ResultRow]:
    n = len(model.x)
    generator = stream(protocol.seed, selection.base.analysis)
    drawn = generator.integers(0, n, (analysis.bootstrap, n))
    outcome = model.outcome
    try:
        found: CoxValidation = validate_cox(
            outcome.time,
            outcome.event,
            model.x,
            days,
            resample_weights(drawn, n),
            ties=outcome.ties,
        )
    except InputError as error:
        return [
            selection.row(
                "concordance",
                variable="corrected",
                status="not_estimable",
                message=str(error),
                **place,
            )
        ]
    score = model.x @ model.fit.coef
    rows = performance_rows(selection, found, outcome, score, place)
    return rows + calibration_rows(selection, found, outcome, model.fit, model.x, analysis, place)
