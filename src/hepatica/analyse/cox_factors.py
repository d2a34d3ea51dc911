"""Planned proportional hazards models of several covariates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hepatica.analyse.entry import with_entry
from hepatica.analyse.imputed_models import imputed_model_rows
from hepatica.analyse.model_alternatives import alternative_rows, centre_codes, centre_rows
from hepatica.analyse.model_fits import MULTIVARIABLE, Planned, several, univariable
from hepatica.analyse.model_matrix import model_matrix, places_of
from hepatica.analyse.model_outcomes import TimeOutcome
from hepatica.analyse.model_shapes import functional_form_rows, interaction_rows
from hepatica.analyse.selection import select
from hepatica.analyse.times import endpoint_columns, endpoint_named, required_times
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, ModelAnalysis
from hepatica.results import ResultRow


def analyse_cox(protocol: Protocol, datasets: Datasets, analysis: CoxAnalysis) -> list[ResultRow]:
    """Fit each covariate alone, those that the plan selects together, and the models beside it.

    Parameters
    ----------
    protocol : Protocol
        Defines endpoint and covariates.
    datasets : mapping
        ADSL and ADTTE are read.
    analysis : CoxAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``cox``.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, no patient with a time, or a covariate cannot be read.
    """
    endpoint = endpoint_named(protocol, analysis.endpoint)
    selection = select(protocol, datasets, analysis)
    times = required_times(selection, datasets, endpoint)
    times, entries = with_entry(selection, times, endpoint)
    places = places_of(selection, times.records)
    matrix = model_matrix(
        protocol, selection, analysis.covariates, analysis.references, analysis.per
    )
    common = endpoint_columns(endpoint) | {"conf_level": protocol.conf_level}
    whole = bool((times.time == np.floor(times.time)).all())
    outcome = TimeOutcome(
        # Whole days are counted, never sorted.
        time=times.time.astype(np.int64) if whole and times.entry is None else times.time,
        event=times.event,
        entry=times.entry,
        ties=trial_dialect(protocol.dialect).ties,
        conf_level=protocol.conf_level,
    )
    planned = Planned(selection, outcome, matrix.rows(places), common)
    rows = selection.sizes() + entries
    found, chosen = main_models(planned, analysis)
    rows += found
    kinds = [one for one in analysis.alternatives if one != "prespecified" or analysis.select]
    rows += alternative_rows(planned, kinds, protocol.seed)
    # Without a selected covariate the models beside it hold all.
    main = chosen or list(planned.matrix.names)
    if analysis.imputed:
        rows += imputed_model_rows(protocol, analysis, planned, main, places)
    for pair in analysis.interactions:
        rows += interaction_rows(planned, main, pair)
    for name in analysis.functional_form:
        rows += functional_form_rows(planned, main, name)
    if analysis.centre is not None:
        variable = analysis.centre.variable
        label = next((one.label for one in protocol.variables if one.id == variable), variable)
        centres = centre_codes(selection.members, places, variable, label.lower())
        rows += centre_rows(planned, main, centres, analysis.centre.roles)
    return rows


def main_models(planned: Planned, analysis: ModelAnalysis) -> tuple[list[ResultRow], list[str]]:
    """Return the rows of the univariable and of the multivariable model, and its covariates."""
    rows, chosen = univariable(planned, analysis.select)
    maker = planned.rows(MULTIVARIABLE)
    if not chosen:
        rule = f"below {analysis.select.p_below:g}" if analysis.select is not None else "known"
        message = (
            f"No covariate has a univariable P value {rule}, so that there is no multivariable "
            "model. A model of covariates that were chosen beforehand does not depend on it."
        )
        return [*rows, maker.row(maker.ratio, status="not_estimable", message=message)], chosen
    select = analysis.select
    said = "all covariates"
    if select is not None:
        test = "Wald" if select.test == "wald" else "likelihood-ratio"
        said = f"covariates with univariable {test} P < {select.p_below:g}"
        candidates = len(planned.matrix.columns)
        rows.append(
            replace(
                maker.events_for_each(planned.outcome, candidates),
                statistic="events_per_candidate",
                message="All candidates count, because all were looked at.",
            )
        )
    likelihood = select is not None and select.test == "likelihood_ratio"
    return rows + several(planned, chosen, said=said, likelihood=likelihood), chosen
