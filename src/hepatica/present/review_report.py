"""The report of a synthesis: what studies give together, and each of them by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hepatica.present.content import (
    Block,
    Cover,
    Figure,
    Points,
    Provenance,
    ReportContent,
    Section,
)
from hepatica.present.key_results import KeyResults
from hepatica.present.spans import Span, Spans, interval, join, number
from hepatica.present.tables.dialects import table_dialects
from hepatica.present.tables.leave_one_out import leave_one_out
from hepatica.present.tables.small_studies import small_studies
from hepatica.present.tables.summary_of_findings import table_summary_of_findings
from hepatica.present.tables.synthesis import (
    marked,
    models_of,
    table_reported,
    table_sources,
    table_synthesis,
)
from hepatica.protocol.review import Review
from hepatica.results import Results

CONSTRUCTED = "Constructed patients"
CONSTRUCTED_NOTE = (
    "Some pooled results come from constructed patients, who do not exist. They are marked, and "
    "nothing here is evidence about treatments."
)
_MOST_SENTENCES = 6
_UNITS = {"proportion": "%", "median": " months"}


def review_content(
    results: Results,
    review: Review,
    figures: Mapping[str, Sequence[Figure]],
    provenance: Provenance,
    sources: dict[str, str],
    printed: tuple[Section, ...] = (),
) -> ReportContent:
    """Return what the report of a synthesis shows.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    figures : mapping of str to sequence of Figure
        Figures by outcome.
    provenance : Provenance
        Inputs, checks and versions.
    sources : dict of str to str
        Label of a study to where its numbers stand.
    printed : tuple of Section
        What the review printed beside what was computed.
    """
    outcomes = tuple(one for outcome in review.outcomes for one in figures.get(outcome.id, ()))
    evidence: list[Block] = [table_reported(results, review)]
    told = table_sources(results, review, sources)
    evidence += [told] if told.rows else []
    if review.findings:
        evidence.append(Points("What this synthesis does not hold", review.findings))
    return ReportContent(
        cover=_cover(results, review),
        results=results,
        key=KeyResults(tuple(_sentences(results, review)), ()),
        sections=(
            Section("synthesis", "Synthesis", _synthesis(results, review, outcomes)),
            Section("evidence", "Evidence", tuple(evidence)),
            *printed,
        ),
        methods=tuple(_methods(results, review)),
        provenance=provenance,
    )


def _synthesis(results: Results, review: Review, figures: tuple[Figure, ...]) -> tuple[Block, ...]:
    dialects = table_dialects(results, review)
    small = small_studies(results, review)
    told = (*([dialects] if dialects.rows else []), *small, *leave_one_out(results, review))
    findings = table_summary_of_findings(results, review)
    first = [findings] if findings.rows else []
    return (*first, table_synthesis(results, review), *told, *figures)


def is_constructed(results: Results) -> bool:
    """Return whether any row comes from constructed patients."""
    return any(row.origin == "simulated" for row in results)


def _cover(results: Results, review: Review) -> Cover:
    constructed = is_constructed(results)
    facts: list[tuple[str, Spans]] = [("Review", join(review.review.id))]
    if review.review.registry:
        facts.append(("Registry", join(review.review.registry)))
    facts.append(("Outcomes", join(str(len(review.outcomes)))))
    facts.append(("Conventions", join(review.dialect)))
    return Cover(
        id=review.review.id,
        title=review.review.title,
        lead=review.review.question,
        kind="Synthesis",
        status=CONSTRUCTED if constructed else "",
        status_note=CONSTRUCTED_NOTE if constructed else "",
        facts=tuple(facts),
        plan="review.yaml",
        planned=len(review.outcomes),
        nothing="No outcome has enough studies to be pooled.",
        foot="Made with Hepatica from the plan of the review; the same evidence, the same bytes.",
    )


def _sentences(results: Results, review: Review) -> list[Spans]:
    found = []
    for outcome in review.outcomes:
        rows = next(iter(models_of(results, outcome.id).values()), None)
        if rows is None or rows["estimate"].status != "ok":
            continue
        unit = _UNITS.get(outcome.measure, "")
        parts: list[str | Span | Spans] = [
            f"{marked(outcome.label, rows)}: ",
            number(rows["estimate"]),
            f"{unit} (",
            interval(rows["estimate_lower"], rows["estimate_upper"]),
            ") in ",
            number(rows["data_sets"]),
            " data sets",
        ]
        if "n" in rows:
            parts += [" with ", number(rows["n"]), " patients"]
        if "i2" in rows:
            parts += [", I² ", number(rows["i2"]), "%"]
        found.append(join(*parts, "."))
    return found[:_MOST_SENTENCES]


def _methods(results: Results, review: Review) -> list[Spans]:
    by_method: dict[str, list[str]] = {}
    for outcome in review.outcomes:
        for rows in list(models_of(results, outcome.id).values())[:1]:
            if rows["estimate"].status == "ok":
                by_method.setdefault(rows["estimate"].method, []).append(outcome.label)
    paragraphs = [join(f"{', '.join(labels)}. {method}") for method, labels in by_method.items()]
    words = (
        f"Where the plan is silent the conventions of {review.dialect} hold. "
        if review.dialect != "hepatica"
        else ""
    )
    paragraphs.append(
        join(
            f"{words}Published results and results of our own studies are pooled by the same code; "
            "a study that gives too little is counted with its reason."
        )
    )
    if review.model.effects == "rule" or any(
        one.model is not None and one.model.effects == "rule" for one in review.outcomes
    ):
        paragraphs.append(
            join(
                "The model was chosen by I² and the p-value of Q, as papers do. It is discouraged: "
                "the data choose the model, and its limits do not know."
            )
        )
    return paragraphs
