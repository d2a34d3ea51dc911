"""What each kind of analysis shows in the section of efficacy: its tables and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hepatica.present.content import Block, Figure
from hepatica.present.patient_figures import patient_figure_names
from hepatica.present.risk_figures import calibration_figure_name
from hepatica.present.tables import (
    table_agreement,
    table_clone_censor_weight,
    table_competing_risks,
    table_progression_agreement,
    table_response,
    table_sensitivity,
    table_subgroups,
    table_time_varying,
    tables_models,
    tables_prognostic_model,
)
from hepatica.protocol.analyses import AgreementAnalysis, ResponseAnalysis, SensitivityAnalysis
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis, LogisticAnalysis
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.protocol.time_traps import CloneCensorWeightAnalysis, TimeVaryingAnalysis
from hepatica.results import Results


@dataclass(frozen=True, slots=True)
class _Given:
    """What tables are made of; figures that were not drawn are left out."""

    results: Results
    protocol: Protocol
    figures: Mapping[str, Figure]

    def drawn(self, *names: str) -> list[Block]:
        """Return the figures of these names."""
        return [self.figures[name] for name in names if name in self.figures]


def efficacy_blocks(
    results: Results, protocol: Protocol, figures: Mapping[str, Figure]
) -> list[Block]:
    """Return tables and figures of the analyses of efficacy, in the order of the plan.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The study. Analyses of kinds that stand elsewhere in the report are passed over.
    figures : mapping of str to Figure
        Figures by name.
    """
    given = _Given(results, protocol, figures)
    blocks: list[Block] = []
    for analysis in protocol.analyses:
        way = _WAYS.get(type(analysis))
        blocks += way(given, analysis) if way is not None else []
    return blocks


def _sensitivity(given: _Given, analysis: SensitivityAnalysis) -> list[Block]:
    return [table_sensitivity(given.results, given.protocol, analysis)]


def _response(given: _Given, analysis: ResponseAnalysis) -> list[Block]:
    drawn = given.drawn(*patient_figure_names(analysis.id, given.figures))
    return [table_response(given.results, given.protocol, analysis), *drawn]


def _models(given: _Given, analysis: CoxAnalysis | LogisticAnalysis) -> list[Block]:
    return list(tables_models(given.results, given.protocol, analysis))


def _agreement(given: _Given, analysis: AgreementAnalysis) -> list[Block]:
    progression = table_progression_agreement(given.results, given.protocol, analysis)
    more = [progression] if progression is not None else []
    return [table_agreement(given.results, given.protocol, analysis), *more]


def _subgroups(given: _Given, analysis: SubgroupsAnalysis) -> list[Block]:
    table = table_subgroups(given.results, given.protocol, analysis)
    return [*given.drawn(analysis.id), table]


def _competing_risks(given: _Given, analysis: CompetingRisksAnalysis) -> list[Block]:
    table = table_competing_risks(given.results, given.protocol, analysis)
    return [table, *given.drawn(analysis.id)]


def _prognostic_model(given: _Given, analysis: PrognosticModelAnalysis) -> list[Block]:
    tables = tables_prognostic_model(given.results, given.protocol, analysis)
    return [*tables, *given.drawn(analysis.id, calibration_figure_name(analysis))]


def _time_varying(given: _Given, analysis: TimeVaryingAnalysis) -> list[Block]:
    table = table_time_varying(given.results, given.protocol, analysis)
    return [table, *given.drawn(analysis.id)]


def _clone_censor_weight(given: _Given, analysis: CloneCensorWeightAnalysis) -> list[Block]:
    table = table_clone_censor_weight(given.results, given.protocol, analysis)
    return [table, *given.drawn(analysis.id)]


_WAYS: dict[type[Any], Callable[[_Given, Any], list[Block]]] = {
    SensitivityAnalysis: _sensitivity,
    ResponseAnalysis: _response,
    CoxAnalysis: _models,
    LogisticAnalysis: _models,
    AgreementAnalysis: _agreement,
    SubgroupsAnalysis: _subgroups,
    CompetingRisksAnalysis: _competing_risks,
    PrognosticModelAnalysis: _prognostic_model,
    TimeVaryingAnalysis: _time_varying,
    CloneCensorWeightAnalysis: _clone_censor_weight,
}
