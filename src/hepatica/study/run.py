"""Carry out a study: from the folder to datasets, rows, tables, figures and the report."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from hepatica.analyse import analyse, with_cut_points
from hepatica.derive import Datasets, derive_datasets
from hepatica.errors import Problem, counted
from hepatica.present.csv import listing_csv, table_csv
from hepatica.present.listings import study_listings
from hepatica.present.report import ReportContent, report_content, report_html
from hepatica.present.study_figures import study_figures
from hepatica.present.tables.printed import printed_section
from hepatica.present.wording import status_line
from hepatica.protocol.model import Protocol
from hepatica.published.compare import Compared, compare, counts
from hepatica.published.read import PUBLISHED_FILE
from hepatica.published.rows import published_record
from hepatica.records import require
from hepatica.results import Results
from hepatica.study.check import PROTOCOL_FILE, check_study
from hepatica.study.outputs import refuse_foreign, write_outputs
from hepatica.study.provenance import (
    derivation_notes,
    digest,
    input_digest,
    json_bytes,
    provenance,
    run_record,
)
from hepatica.study.transport import transport_outputs

#: Called with what is being done, and the share of the work done before it.
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that wrote its outputs.

    Attributes
    ----------
    out : Path
        Folder of the outputs.
    results : Results
        All rows.
    failures : tuple of str
        Analyses that could not be carried out, each with its reason.
    notes : tuple of Problem
        Notes about the tables.
    compared : tuple of Compared
        Printed numbers beside their rows; empty without ``published.yaml``.
    """

    out: Path
    results: Results
    failures: tuple[str, ...]
    notes: tuple[Problem, ...]
    compared: tuple[Compared, ...] = ()

    @property
    def report(self) -> Path:
        """Path of the report."""
        return self.out / "report.html"

    @property
    def summary(self) -> str:
        """One sentence about the run."""
        failed = f", {counted(len(self.failures), 'analysis')} failed" if self.failures else ""
        printed = ""
        if self.compared:
            equal = counts(self.compared, "equal")
            printed = f", {equal} of {counted(len(self.compared), 'printed number')} equal"
        return f"{counted(len(self.results), 'result row')}{failed}{printed}".replace(
            "analysiss", "analyses"
        )


def run_study(
    folder: Path,
    out: Path | None = None,
    progress: Progress | None = None,
    *,
    transport: bool = False,
) -> Finished:
    """Carry out the protocol of a study folder.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``.
    out : Path, optional
        Folder for the outputs; ``output`` below the study folder when not given.
    progress : callable, optional
        Called with what is being done, and the share of the work done before it.
    transport : bool
        Also write the datasets as SAS transport files (version 5) below ``xpt``.

    Returns
    -------
    Finished
        Where the report is, the rows, and what failed.

    Raises
    ------
    CommandError, ProtocolError, DataError, OutputError
        Before anything is written.
    """
    tell = progress or (lambda _text, _share: None)
    target = out or folder / "output"
    refuse_foreign(target, study=folder)
    tell("Checking the protocol and the tables", 0.0)
    checked = check_study(folder)
    protocol, records = checked.protocol, require(checked.records)
    tell("Deriving the analysis datasets", 0.15)
    datasets = derive_datasets(
        protocol, {name: table.frame for name, table in records.tables.items()}
    )
    results = analyse(protocol, datasets, lambda name: tell(f"Analysing {name}", 0.2))
    planned = protocol
    protocol, datasets = with_cut_points(planned, datasets, results)
    tell("Drawing the figures", 0.5)
    protocol_sha256 = digest((folder / PROTOCOL_FILE).read_bytes())
    derived = derivation_notes(protocol, records, datasets)
    told = provenance(protocol_sha256, records, derived, passed=checked.passed)
    figures = study_figures(
        results,
        protocol,
        datasets,
        digest=input_digest(protocol_sha256, records),
        version=told.hepatica_version,
    )
    tell("Writing the report", 0.9)
    listings = study_listings(protocol, datasets)
    published = checked.published
    compared = compare(published, results) if published is not None else ()
    printed = None if published is None else printed_section(published, compared, protocol)
    if published is not None:
        told = replace(told, published_sha256=digest((folder / PUBLISHED_FILE).read_bytes()))
    content = report_content(protocol, results, figures, told, listings, printed)
    failures = tuple(f"{analysis}: {reason}" for analysis, reason in content.failures)
    files = _files(protocol, datasets, results, content)
    if published is not None:
        files["published.json"] = json_bytes(published_record(published, compared))
    if transport:
        files |= transport_outputs(protocol, datasets)
    write_outputs(
        target, {**files, "run.json": run_record(planned, told, results, files, failures)}
    )
    notes = tuple(one for one in records.problems if one.severity == "note")
    return Finished(target, results, failures, notes, compared)


def _files(
    protocol: Protocol, datasets: Datasets, results: Results, content: ReportContent
) -> dict[str, bytes]:
    status = status_line(protocol)
    rows = results.to_polars()
    files = {
        "report.html": report_html(content).encode(),
        "results.parquet": _parquet(rows, status),
        "results.json": json_bytes(
            {"study": protocol.study.id, "status": status, "rows": rows.to_dicts()}
        ),
    }
    files |= _dataset_files(datasets, status)
    files |= {
        f"tables/{table.id}.csv": table_csv(table, status=status).encode()
        for table in content.tables()
    }
    files |= {
        f"listings/{listing.id}.csv": listing_csv(listing, status=status).encode()
        for listing in content.listings()
    }
    for figure in content.figures():
        for drawing in (figure.wide, figure.narrow):
            if drawing is not None:
                files[f"figures/{drawing.id}.svg"] = drawing.svg.encode()
                files[f"figures/{drawing.id}.png"] = drawing.png
    return files


def _dataset_files(datasets: Mapping[str, pl.DataFrame], status: str) -> dict[str, bytes]:
    return {
        f"datasets/{name.lower()}.parquet": _parquet(frame, status)
        for name, frame in datasets.items()
    }


def _parquet(frame: pl.DataFrame, status: str) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, metadata={"status": status} if status else {})
    return buffer.getvalue()
