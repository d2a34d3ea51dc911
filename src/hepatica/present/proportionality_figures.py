"""Figures of scaled Schoenfeld residuals: which comparisons are drawn, in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hepatica.errors import AnalysisError
from hepatica.present.content import Figure
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.schoenfeld import SchoenfeldSpec, figure_schoenfeld
from hepatica.present.wording import endpoint_of, table_title
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def proportionality_names(
    analysis: TimeToEventAnalysis, figures: Mapping[str, Figure]
) -> list[str]:
    """Return the names of the figures of an analysis that were drawn."""
    first = _name(analysis, 1)
    return [name for name in figures if name == first or name.startswith(f"{first}-")]


def _name(analysis: TimeToEventAnalysis, number: int) -> str:
    """Return the name of the figure of a group: there is one for each but the reference."""
    first = f"{analysis.id}-proportionality"
    return first if number == 1 else f"{first}-{number}"


def proportionality_figures(
    results: Results, protocol: Protocol, analysis: TimeToEventAnalysis, common: Plate
) -> dict[str, Figure]:
    """Draw the residuals of each hazard ratio where the plan tests proportional hazards.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Endpoint and groups.
    analysis : TimeToEventAnalysis
        The planned analysis.
    common : Plate
        Study and status.
    """
    endpoint = endpoint_of(protocol, analysis.endpoint)
    plan = analysis.compare
    if plan is None or not plan.proportionality or not isinstance(endpoint, TimeToEvent):
        return {}
    found = {
        row.level: row.time_origin
        for row in results.where(analysis=analysis.id, variable="schoenfeld")
    }
    levels = [level for level in group_labels(protocol, analysis.by) if level in found]
    figures: dict[str, Figure] = {}
    for number, level in enumerate(levels, 1):
        name = _name(analysis, number)
        what = f"Proportional hazards of {endpoint.label[:1].lower()}{endpoint.label[1:]}"
        title = table_title(protocol, analysis, what)
        title = f"{title}, {level}" if len(levels) > 1 else title
        spec = SchoenfeldSpec(
            plate=replace(common, id=name, title=title),
            analysis=analysis.id,
            level=level,
            reference=plan.reference or "",
            origin=found[level] or endpoint.origin.label,
        )
        narrow = replace(spec, plate=replace(spec.plate, id=f"{name}-85mm"))
        try:
            figures[name] = Figure(
                wide=figure_schoenfeld(results, spec, width_mm=180),
                narrow=figure_schoenfeld(results, narrow, width_mm=85),
                title=title,
                short="",
            )
        except AnalysisError:
            continue
    return figures
