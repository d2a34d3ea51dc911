"""The report: one self-contained page from result rows, tables, figures and provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hepatica.present.biomarker_figures import cut_point_figure_name
from hepatica.present.content import (
    Block,
    Cover,
    Figure,
    InputFile,
    Provenance,
    ReportContent,
    Section,
)
from hepatica.present.efficacy_blocks import efficacy_blocks
from hepatica.present.flow_figure import FLOW, flow_refusal
from hepatica.present.key_results import key_results
from hepatica.present.listings import Listing
from hepatica.present.methods import methods_paragraphs
from hepatica.present.page import render_report
from hepatica.present.patients import patients_paragraph
from hepatica.present.proportionality_figures import proportionality_names
from hepatica.present.spans import Spans, join
from hepatica.present.tables import (
    endpoint_groups,
    historical_endpoints,
    table_adverse_events,
    table_baseline,
    table_biomarker_change,
    table_cut_points,
    table_deaths,
    table_deviations,
    table_disposition,
    table_early_response,
    table_eligibility,
    table_endpoints,
    table_exposure,
    table_primary,
    table_serious_events,
    table_sets,
    table_therapies,
)
from hepatica.present.tables.imputation import tables_imputation
from hepatica.present.tables.missing_data import table_missing_data
from hepatica.present.tables.sets import set_size
from hepatica.present.time_trap_figures import early_response_figure
from hepatica.present.wording import is_about_treatment, long_date, status_label
from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    BaselineAnalysis,
    BiomarkerChangeAnalysis,
    DeathsAnalysis,
    DeviationsAnalysis,
    DispositionAnalysis,
    ExposureAnalysis,
    TherapiesAnalysis,
    TimeToEventAnalysis,
)
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.cut_points import find_cut_point
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import EarlyResponseAnalysis
from hepatica.results import Results

__all__ = [
    "Figure",
    "InputFile",
    "Provenance",
    "ReportContent",
    "Section",
    "numbers_traced",
    "report_content",
    "report_html",
]


def report_content(
    protocol: Protocol,
    results: Results,
    figures: Mapping[str, Figure] | None = None,
    provenance: Provenance | None = None,
    listings: tuple[Listing, ...] = (),
    printed: Section | None = None,
) -> ReportContent:
    """Return what the report of a study shows, with all of its tables.

    Parameters
    ----------
    protocol : Protocol
        The study.
    results : Results
        Rows of all analyses.
    figures : mapping of str to Figure, optional
        Figures by the id of the analysis they draw.
    provenance : Provenance, optional
        Inputs, checks and versions.
    listings : tuple of Listing
        Records of single patients, see `hepatica.present.listings.study_listings`.
    printed : Section, optional
        What a publication printed beside these rows; the last section before the methods.
    """
    figures = figures or {}
    failures = tuple(
        (row.analysis, row.message)
        for row in results
        if row.statistic == "analysis" and row.status == "failed"
    )
    return ReportContent(
        cover=cover_of(protocol, results),
        results=results,
        key=key_results(results, protocol),
        sections=(
            Section("patients", "Patients", _patients(protocol, results, figures)),
            Section("treatment", "Treatment", _treatment(protocol, results, figures)),
            Section("efficacy", "Efficacy", _efficacy(protocol, results, figures)),
            Section("biomarkers", "Biomarkers", _biomarkers(protocol, results, figures)),
            Section("safety", "Safety", _safety(protocol, results, figures)),
            Section("listings", "Listings", listings),
            *((printed,) if printed is not None else ()),
        ),
        methods=methods_paragraphs(results, protocol),
        provenance=provenance or Provenance(),
        failures=failures,
    )


def cover_of(protocol: Protocol, results: Results) -> Cover:
    """Return what stands at the head and foot of the report of a study."""
    study = protocol.study
    return Cover(
        id=study.id,
        title=study.title,
        lead=study.design,
        status=status_label(protocol),
        status_note=study.status_note,
        facts=_facts(protocol, results),
        planned=len(protocol.analyses),
        seed=protocol.seed,
    )


def _facts(protocol: Protocol, results: Results) -> tuple[tuple[str, Spans], ...]:
    study = protocol.study
    state = {"constructed": ", constructed", "interim": ", interim", "draft": ", draft"}
    facts: list[tuple[str, Spans]] = [("Study", join(study.id + state.get(study.data_status, "")))]
    if study.registry:
        facts.append(("Registry", join(study.registry)))
    enrolled = set_size(results, "")
    if enrolled is not None:
        facts.append(("Patients", join(enrolled, " enrolled")))
    if study.data_cut_off is not None:
        facts.append(("Data cut-off", join(long_date(study.data_cut_off))))
    facts.append(("Report", join(f"Version {study.version}")))
    return tuple(facts)


def _patients(
    protocol: Protocol, results: Results, figures: Mapping[str, Figure]
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    sentence = patients_paragraph(results, protocol)
    if sentence:
        blocks.append(sentence)
    refusal = flow_refusal(results, protocol)
    if refusal:
        blocks.append(join(refusal))
    elif FLOW in figures:
        blocks.append(figures[FLOW])
    criteria = table_eligibility(results, protocol)
    blocks += [criteria] if criteria is not None else []
    if len(protocol.arms) > 1 or len(protocol.analysis_sets) > 1:
        blocks.append(table_sets(results, protocol))
    for analysis in protocol.analyses:
        match analysis:
            case BaselineAnalysis():
                blocks.append(table_baseline(results, protocol, analysis))
            case MissingDataAnalysis():
                blocks.append(table_missing_data(results, protocol, analysis))
                blocks += [figures[analysis.id]] if analysis.id in figures else []
            case DispositionAnalysis():
                blocks.append(table_disposition(results, protocol, analysis))
            case DeviationsAnalysis():
                blocks.append(table_deviations(results, protocol, analysis))
            case _:
                pass
    blocks += tables_imputation(results, protocol)
    return tuple(blocks)


def _treatment(
    protocol: Protocol, results: Results, figures: Mapping[str, Figure]
) -> tuple[Block, ...]:
    blocks: list[Block] = [
        table_exposure(results, protocol, one)
        for one in protocol.analyses
        if isinstance(one, ExposureAnalysis)
    ]
    for analyses in endpoint_groups(results, protocol):
        if is_about_treatment(protocol, analyses[0]):
            blocks += _times_to_events(protocol, results, figures, analyses)
    blocks += [
        table_therapies(results, protocol, one)
        for one in protocol.analyses
        if isinstance(one, TherapiesAnalysis)
    ]
    return tuple(blocks)


def _biomarkers(
    protocol: Protocol, results: Results, figures: Mapping[str, Figure]
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for analysis in protocol.analyses:
        if isinstance(analysis, BiomarkerChangeAnalysis):
            blocks.append(table_biomarker_change(results, protocol, analysis))
            if analysis.id in figures:
                blocks.append(figures[analysis.id])
        elif isinstance(analysis, EarlyResponseAnalysis):
            blocks.append(table_early_response(results, protocol, analysis))
            drawn = (early_response_figure(analysis.id, one) for one in analysis.endpoints)
            blocks += [figures[name] for name in drawn if name in figures]
    chosen = table_cut_points(results, protocol)
    if chosen is not None:
        blocks.append(chosen)
    for analyses in endpoint_groups(results, protocol):
        if find_cut_point(protocol, analyses[0].by) is not None:
            blocks += _times_to_events(protocol, results, figures, analyses)
            scans = (cut_point_figure_name(one) for one in analyses)
            blocks += [replace(figures[name], short="") for name in scans if name in figures]
    return tuple(blocks)


def _times_to_events(
    protocol: Protocol,
    results: Results,
    figures: Mapping[str, Figure],
    analyses: tuple[TimeToEventAnalysis, ...],
) -> list[Block]:
    drawn = [figures[one.id] for one in analyses if one.id in figures]
    drawn += [figures[name] for one in analyses for name in proportionality_names(one, figures)]
    # The contents list figures by arm; others stand below the table that they list.
    return [
        table_endpoints(results, protocol, analyses),
        *(one if analyses[0].by == "arm" else replace(one, short="") for one in drawn),
    ]


def _efficacy(
    protocol: Protocol, results: Results, figures: Mapping[str, Figure]
) -> tuple[Block, ...]:
    blocks: list[Block] = [
        table_primary(results, protocol, analysis, endpoint)
        for analysis, endpoint in historical_endpoints(results, protocol)
    ]
    for analyses in endpoint_groups(results, protocol):
        first = analyses[0]
        if find_cut_point(protocol, first.by) is None and not is_about_treatment(protocol, first):
            blocks += _times_to_events(protocol, results, figures, analyses)
    return (*blocks, *efficacy_blocks(results, protocol, figures))


def _safety(
    protocol: Protocol, results: Results, figures: Mapping[str, Figure]
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for analysis in protocol.analyses:
        if isinstance(analysis, AdverseEventsAnalysis):
            blocks.append(table_adverse_events(results, protocol, analysis))
            if analysis.id in figures:
                blocks.append(figures[analysis.id])
            serious = table_serious_events(results, protocol, analysis)
            blocks += [serious] if serious is not None else []
        elif isinstance(analysis, DeathsAnalysis):
            blocks.append(table_deaths(results, protocol, analysis))
    return tuple(blocks)


def numbers_traced(content: ReportContent) -> tuple[int, int]:
    """Return how many printed numbers lead to a result row, and how many are printed.

    Counted are the pieces of cells, heads, sentences and cards that hold a digit or a mark such
    as ``NE`` and name a row; a piece of a cell that holds a digit without a row counts as printed
    and not traced. Listings hold records and no results, so they are not counted; nor is what is
    quoted from a publication.
    """
    known = {row.id for row in content.results}
    pieces = [span for table in content.tables() for span in table.spans()]
    sentences = [*content.key.sentences, *(card.note for card in content.key.cards)]
    for card in content.key.cards:
        sentences += [part for row in card.rows for part in (row.value, row.limits)]
    sentences += [
        block
        for section in content.sections
        for block in section.blocks
        if isinstance(block, tuple)
    ]
    numbers = [
        span
        for span in pieces
        if span.row_id or (any(c.isdigit() for c in span.text) and not span.quoted)
    ]
    numbers += [span for spans in sentences for span in spans if span.row_id]
    return sum(span.row_id in known for span in numbers), len(numbers)


def report_html(content: ReportContent) -> str:
    """Return the report as one HTML file that needs no network and no script.

    Parameters
    ----------
    content : ReportContent
        What it shows, see `report_content`.

    Returns
    -------
    str
        The page. Every number in a table or sentence carries the id of its row.
    """
    return render_report(content, numbers_traced(content))
