"""The planned analyses of a study, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hepatica.analyse.adverse_events import analyse_adverse_events
from hepatica.analyse.agreement import analyse_agreement
from hepatica.analyse.baseline import analyse_baseline
from hepatica.analyse.biomarker_change import analyse_biomarker_change
from hepatica.analyse.clone_censor_weight import analyse_clone_censor_weight
from hepatica.analyse.competing_risks import analyse_competing_risks
from hepatica.analyse.cox_factors import analyse_cox
from hepatica.analyse.cut_points import choose_cut_points, with_cut_points
from hepatica.analyse.deaths import analyse_deaths
from hepatica.analyse.deviations import analyse_deviations
from hepatica.analyse.disposition import analyse_disposition
from hepatica.analyse.early_response import analyse_early_response
from hepatica.analyse.exposure import analyse_exposure
from hepatica.analyse.logistic_factors import analyse_logistic
from hepatica.analyse.missing_data import analyse_missing_data
from hepatica.analyse.prognostic_model import analyse_prognostic_model
from hepatica.analyse.response import analyse_response
from hepatica.analyse.selection import origin_of
from hepatica.analyse.sensitivity import analyse_sensitivity
from hepatica.analyse.sets import analyse_sets
from hepatica.analyse.subgroups import analyse_subgroups
from hepatica.analyse.therapies import analyse_therapies
from hepatica.analyse.time_to_event import analyse_time_to_event
from hepatica.analyse.time_varying import analyse_time_varying
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    AgreementAnalysis,
    Analysis,
    BaselineAnalysis,
    BiomarkerChangeAnalysis,
    DeathsAnalysis,
    DeviationsAnalysis,
    DispositionAnalysis,
    ExposureAnalysis,
    ResponseAnalysis,
    SensitivityAnalysis,
    TherapiesAnalysis,
    TimeToEventAnalysis,
)
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.groups import analysis_set
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.protocol.time_traps import (
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)
from hepatica.results import ResultRow, Results

_WAYS: dict[type[Analysis], Callable[[Protocol, Datasets, Any], list[ResultRow]]] = {
    AdverseEventsAnalysis: analyse_adverse_events,
    AgreementAnalysis: analyse_agreement,
    BaselineAnalysis: analyse_baseline,
    BiomarkerChangeAnalysis: analyse_biomarker_change,
    MissingDataAnalysis: analyse_missing_data,
    CoxAnalysis: analyse_cox,
    LogisticAnalysis: analyse_logistic,
    CompetingRisksAnalysis: analyse_competing_risks,
    PrognosticModelAnalysis: analyse_prognostic_model,
    DeathsAnalysis: analyse_deaths,
    EarlyResponseAnalysis: analyse_early_response,
    TimeVaryingAnalysis: analyse_time_varying,
    CloneCensorWeightAnalysis: analyse_clone_censor_weight,
    DeviationsAnalysis: analyse_deviations,
    DispositionAnalysis: analyse_disposition,
    ExposureAnalysis: analyse_exposure,
    ResponseAnalysis: analyse_response,
    SensitivityAnalysis: analyse_sensitivity,
    SubgroupsAnalysis: analyse_subgroups,
    TherapiesAnalysis: analyse_therapies,
    TimeToEventAnalysis: analyse_time_to_event,
}

#: Called with what is being done; the floors above decide how it is shown.
Progress = Callable[[str], None]


def analyse(protocol: Protocol, datasets: Datasets, progress: Progress | None = None) -> Results:
    """Choose the cut-points that the data choose, then carry out every planned analysis.

    Parameters
    ----------
    protocol : Protocol
        Holds the plan.
    datasets : mapping
        Analysis datasets.
    progress : callable, optional
        Called with the id of each analysis before it starts.

    Returns
    -------
    Results
        The rows of all analyses; one that cannot be carried out is a single row with status
        ``failed`` and the reason.
    """
    rows = analyse_sets(protocol, datasets)
    chosen = choose_cut_points(protocol, datasets)
    rows += chosen
    protocol, datasets = with_cut_points(protocol, datasets, chosen)
    unknown = {row.variable: row.message for row in chosen if _is_unknown(row)}
    for analysis in protocol.analyses:
        if progress is not None:
            progress(analysis.id)
        if analysis.by in unknown:
            reason = f"The cut-point {analysis.by} could not be chosen. {unknown[analysis.by]}"
            rows.append(_failed(protocol, analysis, reason))
            continue
        try:
            rows += _WAYS[type(analysis)](protocol, datasets, analysis)
        except (AnalysisError, InputError) as error:
            rows.append(_failed(protocol, analysis, str(error)))
    return Results(rows)


def _is_unknown(row: ResultRow) -> bool:
    return row.statistic == "cut_point" and row.status != "ok"


def _failed(protocol: Protocol, analysis: Analysis, reason: str) -> ResultRow:
    return ResultRow(
        study=protocol.study.id,
        origin=origin_of(protocol),
        analysis=analysis.id,
        population=analysis_set(protocol, analysis.set).flag,
        statistic="analysis",
        status="failed",
        message=reason,
    )
