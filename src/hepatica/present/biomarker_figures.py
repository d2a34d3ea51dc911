"""The figures of biomarkers: which analyses have them, and in which words."""

from __future__ import annotations

from dataclasses import replace

from hepatica.present.content import Figure
from hepatica.present.cut_point_words import cut_point_notes, cut_point_row
from hepatica.present.figures.biomarker_change import (
    BiomarkerChangeSpec,
    Marker,
    figure_biomarker_change,
)
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.cut_point import CutPointSpec, figure_cut_point
from hepatica.present.figures.furniture import Plate
from hepatica.present.lookup import RowIndex, groups_of
from hepatica.present.theme import MAX_SLOTS
from hepatica.present.wording import endpoint_of, is_post_hoc, lower_first, table_title
from hepatica.protocol.analyses import Analysis, BiomarkerChangeAnalysis, TimeToEventAnalysis
from hepatica.protocol.cut_points import find_cut_point, threshold_text
from hepatica.protocol.groups import analysis_set
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def biomarker_figures(results: Results, protocol: Protocol, common: Plate) -> dict[str, Figure]:
    """Return the figures of biomarkers by name: changes by the id of their analysis.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The study, with its cut-points in place.
    common : Plate
        Study, status, digest and version.
    """
    figures: dict[str, Figure | None] = {}
    for analysis in protocol.analyses:
        if isinstance(analysis, BiomarkerChangeAnalysis):
            figures[analysis.id] = biomarker_change_figure(results, protocol, analysis, common)
        elif isinstance(analysis, TimeToEventAnalysis) and analysis.figure:
            name = cut_point_figure_name(analysis)
            figures[name] = cut_point_figure(results, protocol, analysis, common)
    return {name: figure for name, figure in figures.items() if figure is not None}


def biomarker_change_figure(
    results: Results, protocol: Protocol, analysis: BiomarkerChangeAnalysis, common: Plate
) -> Figure | None:
    """Return the figure of the change of biomarkers, or ``None`` where nothing was estimated.

    Parameters
    ----------
    results : Results
        Rows of the analysis.
    protocol : Protocol
        Names and units.
    analysis : BiomarkerChangeAnalysis
        Lists the biomarkers in order.
    common : Plate
        Study, status, digest and version.
    """
    index = RowIndex(results, analysis.id)
    known = {one.id: one for one in protocol.biomarkers}
    groups = tuple(
        CurveGroup(group.level, group.slot or 1)
        for group in groups_of(index, protocol, analysis)
        if group.level
    )
    estimated = any(
        row.statistic == "hodges_lehmann" and row.variable_level == "scaled" and row.status == "ok"
        for row in results.where(analysis=analysis.id)
    )
    if not estimated or len(groups) > MAX_SLOTS:
        return None
    what = "Change of biomarkers from baseline to progression"
    title = table_title(protocol, analysis, what)
    notes = ("Post hoc.",) if is_post_hoc(protocol, analysis) else ()
    spec = BiomarkerChangeSpec(
        plate=replace(common, id=analysis.id, title=title, footnotes=notes),
        analysis=analysis.id,
        groups=groups,
        heading=f"Change from baseline to progression, {_whom(protocol, analysis)}",
        biomarkers=tuple(
            Marker(name, known[name].label, known[name].unit) for name in analysis.biomarkers
        ),
    )
    narrow = replace(spec, plate=replace(spec.plate, id=f"{spec.plate.id}-85mm"))
    return Figure(
        wide=figure_biomarker_change(results, spec, width_mm=180),
        narrow=figure_biomarker_change(results, narrow, width_mm=85),
        title=title,
    )


def _whom(protocol: Protocol, analysis: Analysis) -> str:
    where = analysis.where_label if analysis.where is not None else ""
    return where or lower_first(analysis_set(protocol, analysis.set).label)


def cut_point_figure_name(analysis: TimeToEventAnalysis) -> str:
    """Return the name of the figure of cut-points that belongs to an analysis."""
    return f"{analysis.id}-cut-points"


def cut_point_figure(
    results: Results, protocol: Protocol, analysis: TimeToEventAnalysis, common: Plate
) -> Figure | None:
    """Return the figure of all cut-points, or ``None`` where others chose the one that is used.

    Parameters
    ----------
    results : Results
        Rows of the analysis.
    protocol : Protocol
        The study, with its cut-points in place.
    analysis : TimeToEventAnalysis
        Groups patients by a cut-point.
    common : Plate
        Study, status, digest and version.
    """
    found = find_cut_point(protocol, analysis.by)
    scanned = results.where(analysis=analysis.id, variable="cut_point_scan")
    if found is None or found[1].at is None or not scanned:
        return None
    biomarker, cut = found
    row = cut_point_row(results, cut, "cut_point")
    endpoint = endpoint_of(protocol, analysis.endpoint).label
    what = f"Log-rank statistic of {lower_first(endpoint)} at every cut-point"
    title = table_title(protocol, analysis, what)
    notes = ["Post hoc."] if is_post_hoc(protocol, analysis) else []
    spec = CutPointSpec(
        plate=replace(
            common,
            id=cut_point_figure_name(analysis),
            title=title,
            footnotes=(*notes, *cut_point_notes(results, protocol, analysis)),
        ),
        analysis=analysis.id,
        marker=biomarker.label,
        unit=biomarker.unit,
        endpoint=endpoint,
        heading=f"{endpoint} by {biomarker.label}, {_whom(protocol, analysis)}",
        chosen=found[1].at,
        chosen_text=threshold_text(biomarker, found[1].at),
        chosen_row=row.id if row is not None else "",
    )
    narrow = replace(spec, plate=replace(spec.plate, id=f"{spec.plate.id}-85mm"))
    return Figure(
        wide=figure_cut_point(results, spec, width_mm=180),
        narrow=figure_cut_point(results, narrow, width_mm=85),
        title=title,
    )
