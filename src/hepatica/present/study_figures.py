"""The figures of a study: which analyses are drawn, in which groups and words."""

from __future__ import annotations

from dataclasses import replace

from hepatica.analyse.readings import of_reading
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.present.biomarker_figures import biomarker_figures
from hepatica.present.comparison_figures import comparison_figures
from hepatica.present.content import Figure
from hepatica.present.cut_point_words import cut_point_notes
from hepatica.present.figures.butterfly import ButterflySpec, figure_butterfly
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.kaplan_meier import KaplanMeierSpec, figure_kaplan_meier
from hepatica.present.figures.kaplan_meier_panels import (
    MOST_STACKED,
    figure_kaplan_meier_panels,
)
from hepatica.present.flow_figure import FLOW, flow_figure
from hepatica.present.format import format_row
from hepatica.present.lookup import RowIndex, groups_of
from hepatica.present.missing_figure import missing_figure
from hepatica.present.patient_figures import patient_figures
from hepatica.present.risk_figures import risk_figures
from hepatica.present.tables import table_adverse_events
from hepatica.present.tables.landmark import landmark_note
from hepatica.present.theme import MAX_SLOTS
from hepatica.present.time_trap_figures import time_trap_figures
from hepatica.present.wording import (
    FORMED_AFTERWARDS,
    delayed_entry_sentence,
    endpoint_of,
    is_post_hoc,
    status_label,
    table_title,
)
from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    ResponseAnalysis,
    TimeToEventAnalysis,
)
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.groups import group_labels, is_formed_afterwards
from hepatica.protocol.landmark import from_landmark
from hepatica.protocol.model import Protocol
from hepatica.protocol.reading import dataset_of_reading
from hepatica.protocol.response_reading import reading_of_response
from hepatica.results import Results


def study_figures(
    results: Results,
    protocol: Protocol,
    datasets: Datasets | None = None,
    *,
    digest: str,
    version: str,
) -> dict[str, Figure]:
    """Draw every analysis that plans a figure, in double and single column.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The study.
    datasets : mapping, optional
        Analysis datasets, for figures of single patients.
    digest, version : str
        Digest of data and protocol, and version, for the metadata of the files.

    Returns
    -------
    dict of str to Figure
        By the id of the analysis; one that failed has none. Figures of single patients are named
        as ``PATIENT_FIGURES`` says.
    """
    figures: dict[str, Figure] = {}
    common = Plate(
        id="",
        title="",
        study=protocol.study.id,
        status=status_label(protocol),
        digest=digest,
        version=version,
    )
    flow = flow_figure(results, protocol, common)
    if flow is not None:
        figures[FLOW] = flow
    for analysis in protocol.analyses:
        if isinstance(analysis, TimeToEventAnalysis) and analysis.figure:
            spec = _spec(results, protocol, analysis, digest, version)
            if spec.groups:
                title = table_title(protocol, analysis, spec.title)
                panels = analysis.figure == "panels"
                figures[analysis.id] = _figure(results, spec, title, panels=panels)
        elif isinstance(analysis, MissingDataAnalysis):
            missing = missing_figure(results, protocol, analysis, common)
            figures |= {analysis.id: missing} if missing is not None else {}
        elif isinstance(analysis, AdverseEventsAnalysis):
            title = table_title(protocol, analysis, "Adverse events")
            plate = replace(common, id=analysis.id, title=title)
            butterfly = _butterfly(results, protocol, analysis, plate)
            if butterfly is not None:
                figures[analysis.id] = butterfly
        elif isinstance(analysis, ResponseAnalysis) and datasets is not None:
            reading = reading_of_response(protocol, analysis)
            if dataset_of_reading("ADRS", reading) in datasets:
                read = of_reading(datasets, reading)
                figures |= patient_figures(results, protocol, read, analysis, common)
    figures |= time_trap_figures(results, protocol, common)
    figures |= risk_figures(results, protocol, common)
    figures |= comparison_figures(results, protocol, common)
    return figures | biomarker_figures(results, protocol, common)


def _butterfly(
    results: Results, protocol: Protocol, analysis: AdverseEventsAnalysis, plate: Plate
) -> Figure | None:
    """Draw adverse events where the protocol plans two groups; the table serves any other."""
    index = RowIndex(results, analysis.id)
    groups = [group for group in groups_of(index, protocol, analysis) if group.level]
    if len(group_labels(protocol, analysis.by)) != 2 or len(groups) != 2:
        return None
    table = table_adverse_events(results, protocol, analysis)
    events = tuple(row.label for row in table.rows if row.kind == "level")
    if not events or not all(group.n is not None and group.n.value for group in groups):
        return None
    coding = protocol.adverse_events
    graded = f"{coding.dictionary} {coding.version}, worst grade." if coding else ""
    threshold = analysis.threshold_percent
    severe = analysis.severity.label[:1].lower() + analysis.severity.label[1:]
    listed = (
        f"Shown are events of {threshold:g}% or more in any column, and all of {severe}."
        if threshold > 0
        else ""
    )
    spec = ButterflySpec(
        plate=replace(plate, footnotes=(graded, listed)),
        analysis=analysis.id,
        groups=(
            CurveGroup(groups[0].level, groups[0].slot),
            CurveGroup(groups[1].level, groups[1].slot),
        ),
        events=events,
        severe=analysis.severity.label,
    )
    narrow = replace(spec, plate=replace(spec.plate, id=f"{plate.id}-85mm"))
    return Figure(
        wide=figure_butterfly(results, spec, width_mm=180),
        narrow=figure_butterfly(results, narrow, width_mm=85),
        title=plate.title,
        short="",
    )


def _figure(results: Results, spec: KaplanMeierSpec, title: str, *, panels: bool) -> Figure:
    """Draw the curves in one plot or in panels, which a single column holds only a few of."""
    narrow = replace(spec, id=f"{spec.id}-85mm")
    stacked = panels and len(spec.groups) <= MOST_STACKED
    wide = figure_kaplan_meier_panels if panels else figure_kaplan_meier
    single = figure_kaplan_meier_panels if stacked else figure_kaplan_meier
    return Figure(
        wide=wide(results, spec, width_mm=180),
        narrow=single(results, narrow, width_mm=85),
        title=title,
        short=spec.title,
    )


def _spec(
    results: Results,
    protocol: Protocol,
    analysis: TimeToEventAnalysis,
    digest: str,
    version: str,
) -> KaplanMeierSpec:
    endpoint = endpoint_of(protocol, analysis.endpoint)
    if not isinstance(endpoint, TimeToEvent):
        raise AnalysisError(f"{analysis.endpoint} is not a time to an event.")
    endpoint = from_landmark(endpoint, analysis.landmark)
    drawn = {row.level for row in results.where(analysis=analysis.id, variable="curve")}
    labels = group_labels(protocol, analysis.by)
    notes = ["Post hoc."] if is_post_hoc(protocol, analysis) else []
    notes += cut_point_notes(results, protocol, analysis)
    if is_formed_afterwards(protocol, analysis):
        notes.append(FORMED_AFTERWARDS)
    if analysis.landmark is not None:
        notes.append(landmark_note(results, analysis))
    if endpoint.entry is not None:
        notes.append(delayed_entry_sentence(endpoint.entry))
    ungrouped = results.get(
        analysis=analysis.id, variable="group", variable_level="Missing", statistic="n"
    )
    if ungrouped is not None:
        notes.append(f"Patients without a known group, not drawn: {format_row(ungrouped)}.")
    return KaplanMeierSpec(
        id=analysis.id,
        analysis=analysis.id,
        title=endpoint.label,
        y_title=f"{endpoint.outcome} (%)",
        x_title=f"Months since {endpoint.origin.label}",
        groups=tuple(
            CurveGroup(level, slot)
            for slot, level in enumerate(labels[:MAX_SLOTS], start=1)
            if level in drawn
        ),
        study=protocol.study.id,
        status=status_label(protocol) or None,
        footnotes=tuple(notes),
        digest=digest,
        version=version,
    )
