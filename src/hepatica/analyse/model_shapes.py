"""Checks of a model of several covariates: interactions, and straight lines against curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hepatica.analyse.model_fits import NOBODY, Planned
from hepatica.analyse.model_matrix import ModelColumn, ModelMatrix
from hepatica.analyse.model_outcomes import gained
from hepatica.analyse.model_rows import faults_of, told, usable_columns
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats._checks import FloatArray
from hepatica.stats.collinearity import collinear_columns, constant_columns
from hepatica.stats.splines import harrell_knots, restricted_cubic_spline

INTERACTION, FUNCTIONAL_FORM = "interaction", "functional_form"
_KNOTS = 4
_UNFITTED = "The model of the other covariates has no estimate, so that nothing is tested in it."


def interaction_rows(
    planned: Planned, covariates: Sequence[str], pair: tuple[str, str]
) -> list[ResultRow]:
    """Test the product of two covariates in the model of the main covariates and these two.

    Parameters
    ----------
    planned : Planned
        Outcome and covariates.
    covariates : sequence of str
        Those of the main model.
    pair : tuple of str
        Two covariates.

    Returns
    -------
    list of ResultRow
        ``variable`` is the pair: the likelihood-ratio test, and for each product the ratio of
        ratios with limits, ``variable_level`` and ``reference`` naming both categories.
    """
    names = [name for name in planned.matrix.names if name in {*covariates, *pair}]
    matrix, outcome = planned.complete(names)
    own = f"{pair[0]}:{pair[1]}"
    maker = planned.rows(INTERACTION, f"with the product, adjusted for {_labelled(matrix, names)}")
    where: dict[str, Any] = {"variable": own}
    alone, forbidding = faults_of(matrix)
    places = usable_columns(matrix, alone)
    reason = _hindered(matrix, alone, forbidding, pair)
    if reason:
        return [maker.row("p_value", status="not_estimable", message=reason, **where)]
    plain = matrix.x[:, places]
    first, second = ([at for at in places if matrix.columns[at].variable == name] for name in pair)
    pairs = [(a, b) for a in first for b in second]
    product = np.column_stack([matrix.x[:, a] * matrix.x[:, b] for a, b in pairs])
    both = np.column_stack([plain, product])
    if len(constant_columns(product)) or collinear_columns(both):
        reason = "Some combination of the two has no patient, so that the product is not estimable."
        return [maker.row("p_value", status="not_estimable", message=reason, **where)]
    try:
        smaller = outcome.fit(plain)
    except InputError as error:
        reason = told(error, outcome, matrix, firth=False)
        return [maker.row("p_value", status="not_estimable", message=reason, **where)]
    try:
        larger = outcome.fit(both)
    except InputError:
        reason = (
            "The model with the product has no finite estimate: in some combination of "
            f"{_labelled(matrix, pair, ' and ')} events are all or none. Join categories."
        )
        return [maker.row("p_value", status="not_estimable", message=reason, **where)]
    test = gained(larger.loglik - smaller.loglik, len(pairs))
    rows = maker.test(test, "likelihood-ratio test of the interaction", **where)
    ratio = f"ratio_of_{outcome.ratio}s"
    for at, (a, b) in enumerate(pairs, start=len(places)):
        told_as = where | _of_both(matrix.columns[a], matrix.columns[b])
        rows += [
            maker.row(ratio, float(larger.ratio[at]), format="ratio", **told_as),
            maker.row(f"{ratio}_lower", float(larger.lower[at]), format="ratio", **told_as),
            maker.row(f"{ratio}_upper", float(larger.upper[at]), format="ratio", **told_as),
            maker.row("product_p_value", float(larger.p_value[at]), format="p_value", **told_as),
        ]
    return rows


def _hindered(
    matrix: ModelMatrix,
    alone: dict[ModelColumn, str],
    forbidding: dict[ModelColumn, str],
    pair: tuple[str, str],
) -> str:
    """Return why a product cannot be tested: nobody is there, or one of the two does not vary."""
    if not len(matrix.x):
        return NOBODY
    if forbidding:
        return next(iter(forbidding.values()))
    for name in pair:
        own = [matrix.columns[at] for at in matrix.places(name)]
        if all(one in alone for one in own):
            return alone[own[0]]
    return ""


def _labelled(matrix: ModelMatrix, names: Sequence[str], between: str = ", ") -> str:
    """Return what readers call some covariates."""
    called = dict(zip(matrix.names, matrix.labels, strict=True))
    return between.join(called[name] for name in names)


def _of_both(a: ModelColumn, b: ModelColumn) -> dict[str, str]:
    return {
        "variable_level": " and ".join(one.level or one.label for one in (a, b)),
        "reference": " and ".join(one.reference for one in (a, b) if one.reference),
    }


def functional_form_rows(planned: Planned, covariates: Sequence[str], name: str) -> list[ResultRow]:
    """Test a straight line against a restricted cubic spline, the other covariates held.

    Parameters
    ----------
    planned : Planned
        Outcome and covariates.
    covariates : sequence of str
        Those of the main model.
    name : str
        The measured covariate.

    Returns
    -------
    list of ResultRow
        ``variable`` is the covariate: the likelihood-ratio test and the number of knots.
    """
    names = [one for one in planned.matrix.names if one in {*covariates, name}]
    matrix, outcome = planned.complete(names)
    others = [one for one in names if one != name]
    adjusted = f", adjusted for {_labelled(matrix, others)}" if others else ""
    maker = planned.rows(FUNCTIONAL_FORM, f"restricted cubic spline{adjusted}")
    if not len(matrix.x):
        return [maker.row("p_value", status="not_estimable", message=NOBODY, variable=name)]
    alone, forbidding = faults_of(matrix)
    places = usable_columns(matrix, alone)
    own = matrix.places(name)[0]
    if forbidding or own not in places:
        reason = (alone | forbidding).get(matrix.columns[own], _UNFITTED)
        return [maker.row("p_value", status="not_estimable", message=reason, variable=name)]
    plain = matrix.x[:, places]
    try:
        smaller = outcome.fit(plain)
    except InputError as error:
        reason = told(error, outcome, matrix, firth=False)
        return [maker.row("p_value", status="not_estimable", message=reason, variable=name)]
    try:
        knots = _knots(matrix.x[:, own])
        curve = restricted_cubic_spline(matrix.x[:, own], knots)
        larger = outcome.fit(np.column_stack([plain, curve]))
    except InputError as error:
        reason = f"A curve of {matrix.columns[own].label} could not be fitted to these patients"
        reason += (
            ": a few values are far from all others. Take a logarithm, or categories."
            if "olumn" in str(error)
            else f". {error}"
        )
        return [maker.row("p_value", status="not_estimable", message=reason, variable=name)]
    test = gained(larger.loglik - smaller.loglik, curve.shape[1])
    method = (
        f"likelihood-ratio test of a restricted cubic spline with {len(knots)} knots against a "
        "straight line"
    )
    rows = maker.test(test, method, variable=name)
    knots_row = maker.row(
        "knots", float(len(knots)), format="integer", variable=name, conf_level=None
    )
    return [*rows, knots_row]


def _knots(values: FloatArray) -> FloatArray:
    try:
        return harrell_knots(values, _KNOTS)
    except InputError:
        return harrell_knots(values, 3)
