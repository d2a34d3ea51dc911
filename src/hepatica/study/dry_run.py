"""A protocol carried out on constructed patients, to see what its tables look like."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.errors import HepaticaError
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol
from hepatica.protocol.resolve import resolved
from hepatica.records import read_records, require
from hepatica.results import Results
from hepatica.study.check import PROTOCOL_FILE
from hepatica.study.provenance import json_bytes
from hepatica.study.simulate import simulate_collected_study, simulate_study

_PATIENTS = 60


def dry_run(protocol: Protocol) -> Results | None:
    """Carry out a protocol on constructed patients, in a folder that is taken away again.

    Parameters
    ----------
    protocol : Protocol
        What the study says; no table of its data is read.

    Returns
    -------
    Results or None
        ``None`` where patients cannot be constructed for this protocol. Analyses that need what
        constructed patients do not have (for example a column of a sheet that no domain gives) are
        left out, so that they have no rows.
    """
    planned = [one.planned for one in protocol.arms]
    patients = max(sum(one or 0 for one in planned), _PATIENTS)
    with tempfile.TemporaryDirectory() as name:
        try:
            made = _constructed(_without_answers(protocol), patients, Path(name))
            tried = _protocol_of(made)
            _empty_what_does_not_fit(tried, made)
            kept = _carried(tried, made)
            tables = require(read_records(kept, made)).tables
            frames = {name: table.frame for name, table in tables.items()}
            return analyse(kept, derive_datasets(kept, frames))
        except HepaticaError:
            return None


def _protocol_of(folder: Path) -> Protocol:
    """Return the protocol of a constructed study, which its own tables fit."""
    return Protocol.model_validate_json((folder / PROTOCOL_FILE).read_bytes())


def _constructed(protocol: Protocol, patients: int, folder: Path) -> Path:
    """Write constructed patients: as collected where that is possible, else as datasets."""
    source, made = folder / "plan", folder / "study"
    source.mkdir()
    (source / PROTOCOL_FILE).write_bytes(json_bytes(resolved(protocol)))
    try:
        simulate_collected_study(source, patients, made)
    except HepaticaError:
        simulate_study(source, patients, made)
    return made


def _empty_what_does_not_fit(protocol: Protocol, folder: Path) -> None:
    """Empty the columns whose constructed values break a rule: a shell needs no value."""
    for problem in read_records(protocol, folder).problems:
        sources = {str(name): source for name, source in protocol.data.tables.items()}
        if problem.severity != "problem" or problem.table not in sources:
            continue
        file = folder / "data" / sources[problem.table].file
        frame = pl.read_csv(file, infer_schema=False)
        if problem.column in frame.columns:
            empty = pl.lit(None, dtype=pl.String).alias(problem.column)
            frame.with_columns(empty).write_csv(file)


def _without_answers(protocol: Protocol) -> Protocol:
    """Leave out endpoints that are an answer of a sheet, with the analyses that name them."""
    answers = {
        one.id for one in protocol.endpoints if isinstance(one, Response) and one.sheet is not None
    }
    if not answers:
        return protocol
    return protocol.model_copy(
        update={
            "endpoints": tuple(one for one in protocol.endpoints if one.id not in answers),
            "analyses": tuple(
                one
                for one in protocol.analyses
                if not answers & {getattr(one, "endpoint", None), *getattr(one, "endpoints", ())}
            ),
        }
    )


def _carried(protocol: Protocol, folder: Path) -> Protocol:
    """Return the protocol with those analyses alone whose columns the constructed tables have."""
    if _readable(protocol, folder):
        return protocol
    kept = [
        one
        for one in protocol.analyses
        if _readable(protocol.model_copy(update={"analyses": (one,)}), folder)
    ]
    return protocol.model_copy(update={"analyses": tuple(kept)})


def _readable(protocol: Protocol, folder: Path) -> bool:
    found = read_records(protocol, folder)
    return not any(one.severity == "problem" for one in found.problems)
