"""Pool the evidence of a review: a plan or one extracted table in, result rows out."""

from __future__ import annotations

import io
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import narwhals.stable.v2 as nw

from hepatica.analyse.evidence import Evidence, entered_once, own_evidence, published_evidence
from hepatica.analyse.pooling import pool_review
from hepatica.dialect import PoolingDialectName
from hepatica.errors import CommandError, DataError, Problem
from hepatica.present.content import InputFile, Provenance, ReportContent
from hepatica.present.csv import table_csv
from hepatica.present.report import report_html
from hepatica.present.review_figures import review_figures
from hepatica.present.review_report import CONSTRUCTED, is_constructed, review_content
from hepatica.protocol.review import EvidenceStudy, Measure, PooledOutcome, Review
from hepatica.protocol.review_read import REVIEW_FILE, parse_review, read_review
from hepatica.records.conditions import condition_expr
from hepatica.records.extractions import Extractions, read_extractions
from hepatica.records.own_results import OwnRun, read_own_results
from hepatica.results import Results
from hepatica.single.printed import Printed, printed_sections, read_printed
from hepatica.study.outputs import refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes

#: Called with what is being done, and the share of the work done before it.
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is pooled, and where its files are.

    Attributes
    ----------
    review : Review
        The plan.
    folder : pathlib.Path
        Files are named from here.
    sha256 : str
        Digest of the plan.
    output : pathlib.Path or None
        Where outputs appear unless another folder is named; a table without a plan has none.
    """

    review: Review
    folder: Path
    sha256: str
    output: Path | None = None

    def in_dialect(self, name: PoolingDialectName) -> Plan:
        """Return the plan with the conventions of another software."""
        return replace(self, review=self.review.model_copy(update={"dialect": name}))


@dataclass(frozen=True, slots=True)
class PooledEvidence:
    """A synthesis that was carried out.

    Attributes
    ----------
    review : Review
        The plan.
    results : Results
        All rows.
    notes : tuple of Problem
        Notes about the extracted tables.
    out : pathlib.Path or None
        Folder of the outputs; none were asked for when ``None``.
    """

    review: Review
    results: Results
    notes: tuple[Problem, ...]
    out: Path | None = None


def plan_of(path: Path, measure: Measure | None = None) -> Plan:
    """Return the plan that a path names.

    Parameters
    ----------
    path : pathlib.Path
        ``review.yaml``, a folder with one, or one extracted table.
    measure : str, optional
        What a table without a plan measures; each word of its column ``outcome`` is an outcome.

    Raises
    ------
    CommandError
        If a table comes without a measure, or a plan with one.
    """
    if not path.exists():
        raise CommandError(f"There is no file or folder {path.name}. Check its name.")
    if path.is_dir() or path.suffix.lower() in (".yaml", ".yml"):
        file = path / REVIEW_FILE if path.is_dir() else path
        if measure is not None:
            message = "--measure is for a table; a plan names the measure of each outcome."
            raise CommandError(message)
        review = read_review(file)
        return Plan(review, file.parent, digest(file.read_bytes()), file.parent / "output")
    if measure is None:
        message = (
            "A table needs --measure, for example --measure proportion or --measure hazard_ratio; "
            "or name a folder with review.yaml."
        )
        raise CommandError(message)
    return _plan_of_table(path, measure)


def _plan_of_table(path: Path, measure: Measure) -> Plan:
    text = (
        f'review: {{id: "{path.stem}", title: "Pooled evidence"}}\n'
        f'files: [{{file: "{path.name}"}}]\n'
        f"outcomes: [{{id: outcome, label: Outcome, measure: {measure}}}]\n"
    )
    review = parse_review(text)
    words = read_extractions(review, path.parent).frame.get_column("outcome")
    outcomes = tuple(
        PooledOutcome(id=f"outcome-{position}", label=word, measure=measure, outcome=word)
        for position, word in enumerate(words.unique(maintain_order=True).to_list(), 1)
        if word
    )
    review = review.model_copy(update={"outcomes": outcomes or review.outcomes})
    return Plan(review, path.parent, digest(text.encode()))


def pool_evidence(
    plan: Plan, out: Path | None = None, progress: Progress | None = None
) -> PooledEvidence:
    """Read the evidence of a plan, pool each outcome and write the outputs.

    Parameters
    ----------
    plan : Plan
        From `plan_of`.
    out : pathlib.Path, optional
        Folder for the outputs; nothing is written without one.
    progress : callable, optional
        Called with what is being done, and the share of the work done before it.

    Raises
    ------
    DataError
        If the extracted tables break rules; it holds all of them.
    CommandError
        If a study of ours was not run, or its patients are constructed and were not asked for.
    """
    tell = progress or (lambda _text, _share: None)
    if out is not None:
        refuse_foreign(out, study=plan.folder)
    tell("Reading the evidence", 0.0)
    extractions = read_extractions(plan.review, plan.folder)
    if any(one.severity == "problem" for one in extractions.problems):
        raise DataError(extractions.problems)
    runs = [(study, _own_run(study, plan.folder)) for study in plan.review.studies]
    printed = read_printed(plan.folder, plan.review) if plan.output is not None else None
    tell("Pooling", 0.3)
    evidence = [
        (outcome, _evidence(plan.review, outcome, extractions, runs))
        for outcome in plan.review.outcomes
    ]
    results = Results(pool_review(plan.review, evidence))
    if out is not None:
        tell("Writing", 0.9)
        write_outputs(out, _files(plan, extractions, results, printed))
    return PooledEvidence(plan.review, results, extractions.problems, out)


def _own_run(study: EvidenceStudy, folder: Path) -> OwnRun:
    run = read_own_results(folder / study.folder, shown=study.folder)
    if run.simulated and not study.constructed:
        raise CommandError(
            f"The patients of {study.label} are constructed, so their results are not pooled. "
            "Write constructed: true under studies in review.yaml to pool them all the same; "
            "they are then marked wherever they are shown."
        )
    return run


def _evidence(
    review: Review,
    outcome: PooledOutcome,
    extractions: Extractions,
    runs: list[tuple[EvidenceStudy, OwnRun]],
) -> list[Evidence]:
    frame = extractions.frame
    if outcome.where is not None:
        lazy = nw.from_native(frame)
        frame = lazy.filter(condition_expr(outcome.where, lazy.schema)).to_native()
    ours = [
        own_evidence(study, run.results, outcome, simulated=run.simulated)
        for study, run in runs
        if outcome.id in study.outcomes
    ]
    return entered_once([*published_evidence(frame, outcome, review), *ours])


def _files(
    plan: Plan, extractions: Extractions, results: Results, printed: Printed | None
) -> dict[str, bytes]:
    rows = results.to_polars()
    parquet = io.BytesIO()
    rows.write_parquet(parquet)
    content = _report(plan, extractions, results, printed)
    files = {
        "report.html": report_html(content).encode(),
        "results.parquet": parquet.getvalue(),
        "results.json": json_bytes(
            {
                "review": plan.review.review.id,
                "status": content.cover.status,
                "rows": rows.to_dicts(),
            }
        ),
        "results.csv": rows.write_csv().encode(),
    }
    files |= {
        f"tables/{table.id}.csv": table_csv(table, status=content.cover.status).encode()
        for table in content.tables()
    }
    for figure in content.figures():
        files[f"figures/{figure.wide.id}.svg"] = figure.wide.svg.encode()
        files[f"figures/{figure.wide.id}.png"] = figure.wide.png
    record = {
        "review": plan.review.review.id,
        "hepatica": version("hepatica"),
        "plan_sha256": plan.sha256,
        "inputs": [
            {"file": file, "sha256": sha256}
            for file, sha256 in (
                *extractions.digests,
                *([(printed.file.file, printed.file.sha256)] if printed is not None else []),
            )
        ],
        "notes": list(_told(extractions.problems)),
        "result_rows": len(results),
        "outputs": {name: digest(content) for name, content in sorted(files.items())},
        "plan": plan.review.model_dump(mode="json", exclude_defaults=True),
    }
    return {**files, "run.json": json_bytes(record)}


def _report(
    plan: Plan, extractions: Extractions, results: Results, printed: Printed | None
) -> ReportContent:
    parts = [plan.sha256, *(sha256 for _, sha256 in extractions.digests)]
    figures = review_figures(
        results,
        plan.review,
        status=CONSTRUCTED if is_constructed(results) else "",
        digest=digest("\n".join(parts).encode()),
        version=version("hepatica"),
    )
    notes = len(extractions.problems)
    told = Provenance(
        inputs=tuple(
            InputFile("Extracted", file, rows, sha256)
            for (file, sha256), rows in zip(extractions.digests, extractions.rows, strict=True)
        )
        + ((printed.file,) if printed is not None else ()),
        checks=extractions.checks - notes,
        notes=notes,
        hepatica_version=version("hepatica"),
        python_version=platform.python_version(),
        protocol_sha256=plan.sha256,
        set_aside=tuple(_told(extractions.problems)),
    )
    sections = printed_sections(printed, results, plan.review)
    return review_content(results, plan.review, figures, told, extractions.sources(), sections)


def _told(notes: tuple[Problem, ...]) -> Iterator[str]:
    for note in notes:
        named = f" ({', '.join(note.subjects)})" if note.subjects else ""
        yield f"{note.rule} {note.found}{named}. {note.do}"
