"""Rows and figure of one table as files."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from hepatica.analyse.survival_counts import CountedSurvival
from hepatica.errors import AnalysisError, Problem
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.kaplan_meier import KaplanMeierSpec, figure_kaplan_meier
from hepatica.present.theme import MAX_SLOTS
from hepatica.records.engines import EngineTable
from hepatica.results import Results
from hepatica.single.survival_request import ANALYSIS, SurvivalRequest
from hepatica.study.outputs import write_outputs
from hepatica.study.provenance import digest, json_bytes


def write_survival(
    out: Path,
    asked: SurvivalRequest,
    table: EngineTable,
    results: Results,
    found: CountedSurvival,
) -> tuple[Problem, ...]:
    """Write rows, figure and ``run.json`` into a folder, all or nothing; return notes."""
    rows = results.to_polars()
    buffer = io.BytesIO()
    rows.write_parquet(buffer)
    files = {
        "results.parquet": buffer.getvalue(),
        "results.json": json_bytes({"study": asked.study, "rows": rows.to_dicts()}),
        "results.csv": rows.write_csv().encode(),
    }
    drawn, notes = _figure(asked, results, found)
    files |= drawn
    record = {
        "study": asked.study,
        "hepatica": version("hepatica"),
        "asked": {
            name: getattr(asked, name)
            for name in asked.__slots__
            if name not in ("table", "master")
        },
        "inputs": [{"file": one.name, "sha256": _digest(one)} for one in table.files],
        "notes": [f"{one.rule} {one.found}. {one.do}" for one in notes],
        "result_rows": len(results),
        "outputs": {name: digest(content) for name, content in sorted(files.items())},
    }
    write_outputs(out, {**files, "run.json": json_bytes(record)})
    return notes


def _figure(
    asked: SurvivalRequest, results: Results, found: CountedSurvival
) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the curves as a picture, or a note why there is none."""
    groups: Sequence[CurveGroup] = (
        [CurveGroup(level, slot) for slot, level in enumerate(found.groups, start=1)]
        if asked.by
        else [CurveGroup("", MAX_SLOTS)]
    )
    spec = KaplanMeierSpec(
        id="survival",
        analysis=ANALYSIS,
        title=f"Time to the event ({asked.time})",
        y_title="Without the event (%)",
        x_title="Months",
        groups=tuple(groups),
        study=asked.study,
        version=version("hepatica"),
    )
    try:
        drawing = figure_kaplan_meier(results, spec)
    except AnalysisError as error:
        note = Problem(
            table=asked.study,
            rule="The curves can be drawn in one figure.",
            do="The rows are written without a figure.",
            found=str(error),
            severity="note",
        )
        return {}, (note,)
    return {"figures/survival.svg": drawing.svg.encode()}, ()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
