"""What a statistical analysis plan says, in the order of the published guidance.

Source: Gamble et al., Guidelines for the content of statistical analysis plans in clinical trials,
JAMA 2017;318:2337.
"""

from __future__ import annotations

from dataclasses import replace

from hepatica.present.content import Cover, Points
from hepatica.present.methods import methods_paragraphs
from hepatica.present.plan.assumptions import design_assumptions
from hepatica.present.plan.document import Document, DocumentBlock, DocumentSection
from hepatica.present.plan.estimands import table_estimands
from hepatica.present.plan.shells import shell
from hepatica.present.report import cover_of, report_content
from hepatica.present.spans import Span, Spans, join
from hepatica.present.wording import listed, long_date, lower_first, percent_text
from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    DeathsAnalysis,
    DeviationsAnalysis,
    DispositionAnalysis,
    TherapiesAnalysis,
)
from hepatica.protocol.model import Protocol
from hepatica.results import Results

_NAMED_BY_DATA = (
    AdverseEventsAnalysis,
    DeathsAnalysis,
    DeviationsAnalysis,
    DispositionAnalysis,
    TherapiesAnalysis,
)
_ROLES = {"primary": "Primary", "secondary": "Secondary", "exploratory": "Exploratory"}
_OF_DESIGN = ("Design and treatment. ", "Analysis sets. ")
_TENSES = (
    ("Patients were not randomised", "Patients are not randomised"),
    ("Patients were randomised", "Patients will be randomised"),
    ("Tumours were assessed", "Tumours are assessed"),
    ("Adverse events were graded", "Adverse events are graded"),
    (" was taken as recorded", " is taken as recorded"),
    (") was given at ", ") is given at "),
    (" were permitted", " are permitted"),
)
_FOOT = "Made with Hepatica from the study protocol; the same protocol gives the same bytes."
_SHELLS = (
    "Shells are made by a dry run of this plan on constructed patients; x stands for each digit of "
    "a number. Rows, columns, methods and footnotes are those of the report."
)
_NO_SHELLS = (
    "No patients can be constructed for this protocol, so the tables are listed without rows."
)

_LEFT_OUT = "Tables of the report that constructed patients cannot fill"


def statistical_plan(protocol: Protocol, dry: Results | None) -> Document:
    """Return the statistical analysis plan of a protocol.

    Parameters
    ----------
    protocol : Protocol
        The study.
    dry : Results, optional
        Rows of a dry run on constructed patients: they name the methods and fill the mock tables.
    """
    results = dry if dry is not None else Results([])
    sections = (
        DocumentSection("objectives", "Objectives", _objectives(protocol)),
        DocumentSection("design", "Design and sample size", _design(results, protocol)),
        DocumentSection("population", "Patients", _population(protocol)),
        DocumentSection("estimands", "Estimands", _estimands(protocol)),
        DocumentSection("analyses", "Analyses and methods", _analyses(results, protocol)),
        DocumentSection("missing", "Missing data and partial dates", _missing(protocol)),
        DocumentSection("changes", "Planned afterwards", _afterwards(protocol)),
        DocumentSection("shells", "Mock tables", _shells(results, protocol)),
    )
    return Document(_cover(protocol), tuple(one for one in sections if one.blocks))


def _cover(protocol: Protocol) -> Cover:
    study = protocol.study
    facts: list[tuple[str, Spans]] = [("Study", join(study.id))]
    facts += [("Registry", join(study.registry))] if study.registry else []
    facts += [("Phase", join(study.phase))] if study.phase else []
    facts += [("Version", join(study.version)), ("Seed", join(str(protocol.seed)))]
    return Cover(
        id=study.id,
        title=study.title,
        lead=study.design,
        kind="Statistical analysis plan",
        status=cover_of(protocol, Results([])).status,
        status_note=study.status_note,
        facts=tuple(facts),
        planned=len(protocol.analyses),
        foot=_FOOT,
    )


def _objectives(protocol: Protocol) -> tuple[DocumentBlock, ...]:
    blocks: list[DocumentBlock] = []
    for role, title in _ROLES.items():
        named = tuple(
            f"{one.label}{'' if one.confirmatory else ', not confirmatory'}."
            for one in protocol.endpoints
            if one.role == role
        )
        if named:
            blocks.append(Points(f"{title} endpoints", named))
    return tuple(blocks)


def _design(results: Results, protocol: Protocol) -> tuple[DocumentBlock, ...]:
    told = [
        _as_planned(one)
        for one in methods_paragraphs(results, protocol)
        if one[0].text in _OF_DESIGN
    ]
    size = (_planned(protocol),) if _planned(protocol) else ()
    return (*told, *size, *design_assumptions(protocol))


def _as_planned(spans: Spans) -> Spans:
    """Return sentences of the report's methods in the tense of a plan."""
    found = []
    for span in spans:
        text = span.text
        for told, planned in _TENSES:
            text = text.replace(told, planned)
        found.append(replace(span, text=text))
    return tuple(found)


def _planned(protocol: Protocol) -> Spans:
    planned = [f"{one.planned} in {one.label}" for one in protocol.arms if one.planned]
    if not planned:
        return ()
    cut = protocol.study.data_cut_off
    until = f" The data cut-off is {long_date(cut)}." if cut is not None else ""
    return join(Span("Sample size. ", strong=True), f"Planned are {listed(planned)}.{until}")


def _population(protocol: Protocol) -> tuple[DocumentBlock, ...]:
    blocks: list[DocumentBlock] = []
    for kind in ("inclusion", "exclusion"):
        criteria = tuple(
            one.text if one.where is not None else f"{one.text} (judged by the investigator)"
            for one in protocol.eligibility
            if one.kind == kind
        )
        if criteria:
            blocks.append(Points(f"{kind.title()} criteria", criteria))
    sets = tuple(f"{one.label} ({one.flag})." for one in protocol.analysis_sets)
    blocks.append(Points("Analysis sets", sets))
    return tuple(blocks)


def _estimands(protocol: Protocol) -> tuple[DocumentBlock, ...]:
    table = table_estimands(protocol)
    return (table,) if table.rows else ()


def _analyses(results: Results, protocol: Protocol) -> tuple[DocumentBlock, ...]:
    told = methods_paragraphs(results, protocol)
    own = [one for one in told if one[0].text not in (*_OF_DESIGN, "Not planned beforehand. ")]
    multiplicity = join(
        Span("Significance. ", strong=True),
        f"Confidence intervals have the level {percent_text(protocol.conf_level)}. "
        "No P value is adjusted for the number of endpoints, unless an analysis says so.",
    )
    return (*own, multiplicity)


def _missing(protocol: Protocol) -> tuple[DocumentBlock, ...]:
    imputed = {
        "starts of events and therapies": protocol.dates.start,
        "their ends": protocol.dates.end,
        "deaths": protocol.dates.death,
        "assessments": protocol.dates.assessment,
    }
    days = [
        f"{what} to the {how} day that the recorded part allows"
        for what, how in imputed.items()
        if how != "none"
    ]
    partial = (
        f"Partial dates are imputed: {listed(days)}."
        if days
        else "Partial dates are not imputed; what depends on the missing part counts as missing."
    )
    blocks: list[DocumentBlock] = [join(Span("Dates. ", strong=True), partial)]
    plan = protocol.imputation
    if plan is not None:
        blocks.append(
            join(
                Span("Multiple imputation. ", strong=True),
                f"{plan.imputations} tables are completed by chained equations of "
                f"{plan.iterations} steps over {listed(plan.variables)}; estimates are pooled by "
                "Rubin's rules.",
            )
        )
    else:
        blocks.append(
            join(
                Span("Values. ", strong=True),
                "No missing value is imputed; tables count what is missing.",
            )
        )
    return tuple(blocks)


def _afterwards(protocol: Protocol) -> tuple[DocumentBlock, ...]:
    named = tuple(
        f"{one.title or lower_first(one.id.replace('-', ' '))}."
        for one in protocol.analyses
        if one.post_hoc
    )
    return (Points("Analyses that were planned after data were seen", named),) if named else ()


def _shells(results: Results, protocol: Protocol) -> tuple[DocumentBlock, ...]:
    content = report_content(protocol, results)
    if not len(results):
        titles = tuple(f"{table.title}." for table in content.tables())
        return (join(_NO_SHELLS), Points("Tables of the report", titles)) if titles else ()
    by_data = {one.id for one in protocol.analyses if isinstance(one, _NAMED_BY_DATA)}
    shown = [table for table in content.tables() if not table.message]
    tables = [shell(table, named_by_data=table.id in by_data) for table in shown]
    left = tuple(f"{table.title}." for table in content.tables() if table.message)
    others = (Points(_LEFT_OUT, left),) if left else ()
    return (join(_SHELLS), *tables, *others)
