"""Figures of what is known only some time after the start: curves that hold no immortal time."""

from __future__ import annotations

from dataclasses import replace

from hepatica.present.content import Figure
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.kaplan_meier import KaplanMeierSpec, figure_kaplan_meier
from hepatica.present.tables.clone_censor_weight import strategies_title
from hepatica.present.tables.early_response import parts_of
from hepatica.present.tables.time_varying import exposure_title
from hepatica.present.wording import endpoint_of, lower_first, table_title
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.landmark import from_landmark
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import (
    CloneCensorWeightAnalysis,
    EarlyResponseAnalysis,
    TimeVaryingAnalysis,
)
from hepatica.results import Results

_MOVED = (
    "Patients move from the first curve to the second on the day of exposure (Simon and Makuch "
    "1984); few at risk early in the second can move the whole of it."
)
_CLONED = (
    "Weighted curves; at risk are clones, each counted once. A patient can be in both until "
    "departing from a strategy."
)


def time_trap_figures(results: Results, protocol: Protocol, common: Plate) -> dict[str, Figure]:
    """Draw early response, exposures that start later, and strategies after an event.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The planned analyses.
    common : Plate
        Study, status and digest of all figures.

    Returns
    -------
    dict of str to Figure
        By the id of the analysis; those of early response with the id of the endpoint after it.
    """
    figures: dict[str, Figure] = {}
    for analysis in protocol.analyses:
        match analysis:
            case EarlyResponseAnalysis() if analysis.figure:
                figures |= _early(results, protocol, analysis, common)
            case TimeVaryingAnalysis() | CloneCensorWeightAnalysis() if analysis.figure:
                figure = _of_strategies(results, protocol, analysis, common)
                if figure is not None:
                    figures[analysis.id] = figure
            case _:
                pass
    return figures


def early_response_figure(analysis: str, endpoint: str) -> str:
    """Return the name of the figure of an endpoint from the landmark."""
    return f"{analysis}-{endpoint}"


def _early(
    results: Results, protocol: Protocol, analysis: EarlyResponseAnalysis, common: Plate
) -> dict[str, Figure]:
    everybody = parts_of(results, analysis.id)[""]
    found: dict[str, Figure] = {}
    for name in analysis.endpoints:
        endpoint = endpoint_of(protocol, name)
        if not isinstance(endpoint, TimeToEvent):
            continue
        own = everybody.where(analysis=analysis.id, parameter=endpoint.parameter)
        rows = Results(row for row in own if row.variable not in ("naive", "cox_adjusted"))
        endpoint = from_landmark(endpoint, analysis.from_landmark)
        note = (
            "Landmark analysis: only patients without the event and under observation at "
            f"{analysis.from_landmark.text}."
        )
        marker = next(one.label for one in protocol.biomarkers if one.id == analysis.marker)
        title = f"{endpoint.label} from the landmark by early response of {lower_first(marker)}"
        words = (title, note, name)
        figure = _curves(rows, protocol, analysis, endpoint, common, words)
        if figure is not None:
            found[early_response_figure(analysis.id, name)] = figure
    return found


def _of_strategies(
    results: Results,
    protocol: Protocol,
    analysis: TimeVaryingAnalysis | CloneCensorWeightAnalysis,
    common: Plate,
) -> Figure | None:
    endpoint = endpoint_of(protocol, analysis.endpoint)
    if not isinstance(endpoint, TimeToEvent):
        return None
    if isinstance(analysis, TimeVaryingAnalysis):
        title, note = exposure_title(protocol, analysis), _MOVED
    else:
        title, note = strategies_title(protocol, analysis), _CLONED
        origin = endpoint.origin.model_copy(update={"label": analysis.start.label})
        endpoint = endpoint.model_copy(update={"origin": origin})
    rows = [
        row
        for row in results.where(analysis=analysis.id)
        if row.variable in ("", "curve", "risk_table")
    ]
    return _curves(Results(rows), protocol, analysis, endpoint, common, (title, note))


def _curves(
    rows: Results,
    protocol: Protocol,
    analysis: EarlyResponseAnalysis | TimeVaryingAnalysis | CloneCensorWeightAnalysis,
    endpoint: TimeToEvent,
    common: Plate,
    words: tuple[str, ...],
) -> Figure | None:
    """Draw curves; the words are a title, a footnote and, where there are several, a name."""
    title, note, *suffix = words
    drawn = dict.fromkeys(
        row.level for row in rows.where(analysis=analysis.id, variable="curve") if row.level
    )
    if not drawn:
        return None
    name = early_response_figure(analysis.id, suffix[0]) if suffix else analysis.id
    spec = KaplanMeierSpec(
        id=name,
        analysis=analysis.id,
        title=endpoint.label,
        y_title=f"{endpoint.outcome} (%)",
        x_title=f"Months since {endpoint.origin.label}",
        groups=tuple(CurveGroup(level, slot) for slot, level in enumerate(drawn, start=1)),
        study=common.study,
        status=common.status or None,
        footnotes=(note,),
        digest=common.digest,
        version=common.version,
    )
    narrow = replace(spec, id=f"{name}-85mm")
    return Figure(
        wide=figure_kaplan_meier(rows, spec, width_mm=180),
        narrow=figure_kaplan_meier(rows, narrow, width_mm=85),
        title=table_title(protocol, analysis, title),
        short="",
    )
