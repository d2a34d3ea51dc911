"""A study folder with constructed patients whose margins are those of a publication."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import polars as pl

from hepatica.errors import CommandError
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.protocol.resolve import resolved
from hepatica.published.read import PUBLISHED_FILE, read_published
from hepatica.simulate.rebuild.arms import check_arms
from hepatica.simulate.rebuild.construction_file import (
    CONSTRUCTION_FILE,
    read_construction,
    read_construction_as,
)
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.courses import check_courses, read_courses
from hepatica.simulate.rebuild.sheet_construction import SheetConstruction
from hepatica.simulate.rebuild.sheet_courses import check_sheet_courses, read_sheet_courses
from hepatica.simulate.rebuild.sheet_dealing import SheetRebuild
from hepatica.simulate.rebuild.sheet_tables import rebuild_sheet
from hepatica.simulate.rebuild.tables import Rebuilt, rebuild_tables
from hepatica.study.check import PROTOCOL_FILE
from hepatica.study.outputs import MARK, refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes

TRUTH_FILE = "truth.csv"
#: Generator, seed and digests; the part of the record that depends on the patients alone.
RECORD_FILE = "constructed.json"

#: The table of a study from one sheet.
_SHEET = "PATIENTS"

_NOTE = (
    "Their margins were made to equal the printed ones; agreement is by construction. "
    "Not for inference, not for pooling."
)


def rebuild_study(folder: Path, out: Path | None = None) -> tuple[Path, int]:
    """Write a study folder with constructed patients whose margins are the printed ones.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``, ``published.yaml``, ``construction.yaml`` and the courses. A
        study from one sheet does not need ``published.yaml``: its counts are in the construction.
    out : Path, optional
        Folder to write; ``simulated`` below the study folder when not given.

    Returns
    -------
    tuple of Path and int
        The folder, and the number of subjects. It holds ``study.yaml`` (resolved, marked as
        constructed), the collected tables below ``data``, ``truth.csv``, one row for each
        enrolled patient, which no analysis reads, and records of generator, seed and digests.

    Raises
    ------
    CommandError, ProtocolError, DataError, OutputError
        Before anything is written.
    """
    protocol = read_protocol(folder / PROTOCOL_FILE)
    target = out or folder / "simulated"
    if _SHEET in protocol.data.tables:
        sheet = read_sheet_rebuild(folder, protocol)
        refuse_foreign(target, study=folder)
        made = rebuild_sheet(sheet)
    else:
        rebuild = read_rebuild(folder)
        refuse_foreign(target, study=folder)
        made = rebuild_tables(rebuild)
    files = constructed_files(protocol, made)
    plan = _constructed(protocol, {name: f"{name.lower()}.csv" for name in made.tables})
    files[PROTOCOL_FILE] = json_bytes(resolved(plan))
    subjects = _subjects(made)
    record = {"study": plan.study.id, "patients": subjects, "seed": plan.seed}
    outputs = {name: digest(content) for name, content in sorted(files.items())}
    files[MARK] = json_bytes({**record, "outputs": outputs})
    write_outputs(target, files)
    return target, subjects


def read_sheet_rebuild(folder: Path, protocol: Protocol | None = None) -> SheetRebuild:
    """Read and check all that the patients of a sheet are made from.

    Parameters
    ----------
    folder : Path
        The study folder.
    protocol : Protocol, optional
        Its protocol, where it was read already.

    Raises
    ------
    CommandError, ProtocolError, DataError
        If a file is missing or breaks rules, or a course is impossible.
    """
    plan = protocol or read_protocol(folder / PROTOCOL_FILE)
    construction = read_construction_as(SheetConstruction, folder / CONSTRUCTION_FILE)
    courses = read_sheet_courses(folder / construction.courses, construction)
    check_sheet_courses(courses, plan, construction)
    return SheetRebuild(plan, construction, courses)


def read_rebuild(folder: Path) -> Rebuild:
    """Read and check all that patients with printed margins are made from.

    Parameters
    ----------
    folder : Path
        The study folder.

    Raises
    ------
    CommandError, ProtocolError, DataError
        If a file is missing or breaks rules, or a course is impossible.
    """
    protocol = read_protocol(folder / PROTOCOL_FILE)
    if not (folder / PUBLISHED_FILE).is_file():
        raise CommandError(
            f"There is no file {folder / PUBLISHED_FILE}. It holds the printed numbers; without "
            "it, 'hepatica simulate STUDY --collected' constructs patients from the protocol alone."
        )
    published = read_published(folder / PUBLISHED_FILE, protocol)
    construction = read_construction(folder / CONSTRUCTION_FILE)
    check_arms(construction, protocol)
    courses = read_courses(folder / construction.courses)
    check_courses(courses, protocol, construction)
    return Rebuild(protocol, published, construction, courses)


def constructed_files(protocol: Protocol, made: Rebuilt) -> dict[str, bytes]:
    """Return the files that a study folder keeps: tables, truth, and a record of both.

    Parameters
    ----------
    protocol : Protocol
        Its seed is recorded.
    made : Rebuilt
        Tables and truth.

    Returns
    -------
    dict of str to bytes
        Path below the folder to content. None depends on what is analysed.
    """
    files = {f"data/{name.lower()}.csv": _csv(table) for name, table in made.tables.items()}
    files[TRUTH_FILE] = _csv(made.truth)
    record = {
        "generator": "hepatica simulate --published",
        "hepatica": version("hepatica"),
        "seed": protocol.seed,
        "subjects": _subjects(made),
        "tables": {name: digest(content) for name, content in sorted(files.items())},
    }
    return {**files, RECORD_FILE: json_bytes(record)}


def _subjects(made: Rebuilt) -> int:
    return len(made.tables[_SHEET if _SHEET in made.tables else "DM"])


def _csv(table: pl.DataFrame) -> bytes:
    return table.write_csv().encode()


def _constructed(protocol: Protocol, files: Mapping[str, str]) -> Protocol:
    """Return the protocol marked as constructed, with its data beside it."""
    plan = resolved(protocol)
    note = protocol.study.status_note or _NOTE
    plan["study"] |= {"data_status": "constructed", "status_note": note}
    tables: dict[str, dict[str, object]] = {name: {"file": file} for name, file in files.items()}
    for name, source in protocol.data.tables.items():
        if name in tables and source.columns:
            tables[name]["columns"] = plan["data"]["tables"][name]["columns"]
    plan["data"] = {"folder": "data", "tables": tables}
    return Protocol.model_validate(plan)
