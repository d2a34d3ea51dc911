"""Figures of competing risks and of prognostic models: which are drawn, in which words."""

from __future__ import annotations

from dataclasses import replace

from hepatica.present.content import Figure
from hepatica.present.figures.calibration import CalibrationSpec, figure_calibration
from hepatica.present.figures.cumulative_incidence import (
    IncidenceSpec,
    figure_cumulative_incidence,
)
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.nomogram import NomogramSpec, figure_nomogram
from hepatica.present.theme import MAX_SLOTS
from hepatica.present.wording import endpoint_of, lower_first, table_title
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.results import Results

_INTERNAL = "Checked in resamples of the same patients only."


def calibration_figure_name(analysis: PrognosticModelAnalysis) -> str:
    """Return the name of the calibration plot of a prognostic model."""
    return f"{analysis.id}-calibration"


def risk_figures(results: Results, protocol: Protocol, common: Plate) -> dict[str, Figure]:
    """Draw cumulative incidences, nomograms and calibration plots.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The study.
    common : Plate
        Study, status and digests.

    Returns
    -------
    dict of str to Figure
        By the id of the analysis, and by `calibration_figure_name`.
    """
    figures: dict[str, Figure] = {}
    for analysis in protocol.analyses:
        if isinstance(analysis, CompetingRisksAnalysis) and analysis.figure:
            found = _incidence(results, protocol, analysis, common)
            if found is not None:
                figures[analysis.id] = found
        elif isinstance(analysis, PrognosticModelAnalysis) and analysis.figure:
            figures |= _prognostic(results, protocol, analysis, common)
    return figures


def _incidence(
    results: Results, protocol: Protocol, analysis: CompetingRisksAnalysis, common: Plate
) -> Figure | None:
    drawn = {
        row.level for row in results.where(analysis=analysis.id, variable="cumulative_incidence")
    }
    labels = group_labels(protocol, analysis.by)
    groups = tuple(
        CurveGroup(level, slot)
        for slot, level in enumerate(labels[:MAX_SLOTS], start=1)
        if level in drawn
    )
    endpoint = endpoint_of(protocol, analysis.endpoint)
    if not groups or not isinstance(endpoint, TimeToEvent):
        return None
    what = f"Cumulative incidence of causes in {lower_first(endpoint.label)}"
    title = table_title(protocol, analysis, what)
    spec = IncidenceSpec(
        plate=replace(common, id=analysis.id, title=title),
        analysis=analysis.id,
        causes=tuple(cause.label for cause in analysis.causes),
        groups=groups,
        x_title=f"Months since {endpoint.origin.label}",
    )
    narrow = replace(spec, plate=replace(spec.plate, id=f"{analysis.id}-85mm"))
    return Figure(
        wide=figure_cumulative_incidence(results, spec, width_mm=180),
        narrow=figure_cumulative_incidence(results, narrow, width_mm=85),
        title=title,
        short="Competing risks",
    )


def _prognostic(
    results: Results, protocol: Protocol, analysis: PrognosticModelAnalysis, common: Plate
) -> dict[str, Figure]:
    rows = results.where(analysis=analysis.id)
    if not any(row.variable == "total_points" and row.status == "ok" for row in rows):
        return {}
    label = lower_first(endpoint_of(protocol, analysis.endpoint).label)
    times = tuple((one.text, one.days) for one in analysis.at)
    title = table_title(protocol, analysis, f"Nomogram of {label}")
    plate = replace(common, id=analysis.id, title=title, footnotes=(_INTERNAL,))
    names = {
        one.id: f"{one.label}, {one.unit}" if one.kind == "measured" and one.unit else one.label
        for one in protocol.variables
    }
    names |= {
        one.id: f"{one.label}, {one.unit}" if one.unit else one.label for one in protocol.biomarkers
    }
    for marker in protocol.biomarkers:
        names |= {cut.id: marker.label for cut in marker.cut_points}
    spec = NomogramSpec(
        plate=plate,
        analysis=analysis.id,
        covariates=tuple(
            (one, names.get(one, "Treatment" if one == "arm" else one))
            for one in analysis.covariates
        ),
        times=times,
        outcome="survival" if "survival" in label else f"without {label}",
    )
    figures = {
        analysis.id: Figure(
            wide=figure_nomogram(results, spec, width_mm=180),
            narrow=figure_nomogram(
                results, replace(spec, plate=replace(plate, id=f"{plate.id}-85mm")), width_mm=85
            ),
            title=title,
            short="Nomogram",
        )
    }
    if any(row.variable == "calibration_curve" for row in rows):
        name = calibration_figure_name(analysis)
        title = table_title(protocol, analysis, f"Calibration of predicted {label}")
        plate = replace(plate, id=name, title=title)
        drawn = CalibrationSpec(plate=plate, analysis=analysis.id, times=times)
        figures[name] = Figure(
            wide=figure_calibration(results, drawn, width_mm=180),
            narrow=figure_calibration(
                results, replace(drawn, plate=replace(plate, id=f"{name}-85mm")), width_mm=85
            ),
            title=title,
            short="",
        )
    return figures
