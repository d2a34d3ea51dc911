"""What a run was made from: digests, versions, seed. No clock time and no path of a machine."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.derive.dates import ImputedCount, imputation_counts
from hepatica.derive.time_rules import left_out_rules
from hepatica.present.report import InputFile, Provenance
from hepatica.protocol.model import Protocol
from hepatica.protocol.resolve import resolved
from hepatica.records import Records
from hepatica.results import Results

_LIBRARIES = ("polars", "narwhals", "numpy", "scipy", "matplotlib", "pydantic", "jinja2")


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def input_digest(protocol_sha256: str, records: Records) -> str:
    """Return one digest for the protocol and all tables, in the order of their names."""
    parts = [protocol_sha256, *(records.tables[name].digest for name in sorted(records.tables))]
    return digest("\n".join(parts).encode())


def provenance(
    protocol_sha256: str, records: Records, derived: Sequence[str], *, passed: int
) -> Provenance:
    """Return what the report says of its origin."""
    notes = [one for one in records.problems if one.severity == "note"]
    return Provenance(
        inputs=tuple(
            InputFile(name, table.path.name, table.rows, table.digest)
            for name, table in records.tables.items()
        ),
        checks=passed,
        problems=len(records.problems) - len(notes),
        notes=len(notes),
        hepatica_version=version("hepatica"),
        python_version=platform.python_version(),
        protocol_sha256=protocol_sha256,
        set_aside=(
            *(f"{note.table}: {note.rule} {note.found}. {note.do}" for note in notes),
            *derived,
        ),
    )


def derivation_notes(
    protocol: Protocol, records: Records, datasets: Mapping[str, pl.DataFrame]
) -> tuple[str, ...]:
    """Return sentences about what the derivation assumed: imputed dates, endpoints left out."""
    frames = {name: nw.from_native(frame) for name, frame in datasets.items()}
    notes = [_imputed(one) for one in imputation_counts(frames)]
    if not {"ADTTE", "PATIENTS"} & set(records.tables):
        notes += [
            f"ADTTE: the endpoint {one.endpoint} is not derived; there is no {one.lacks}."
            for one in left_out_rules(protocol, frames)
            if not one.rule
        ]
    return tuple(notes)


def _imputed(one: ImputedCount) -> str:
    what = {"D": "the day", "M": "month and day", "Y": "year, month and day"}
    dates = "1 date" if one.count == 1 else f"{one.count} dates"
    return f"{one.dataset}: {dates} imputed, {what.get(one.flag, one.flag)} ({one.column})."


def run_record(
    protocol: Protocol,
    told: Provenance,
    results: Results,
    files: Mapping[str, bytes],
    failures: tuple[str, ...],
) -> bytes:
    """Return ``run.json``: the resolved protocol, inputs, versions, and digests of the outputs."""
    record: dict[str, Any] = {
        "study": protocol.study.id,
        "data_status": protocol.study.data_status,
        "status_note": protocol.study.status_note,
        "seed": protocol.seed,
        "hepatica": told.hepatica_version,
        "python": told.python_version,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "protocol_sha256": told.protocol_sha256,
        "published_sha256": told.published_sha256 or None,
        "inputs": [
            {"table": one.name, "file": one.file, "rows": one.rows, "sha256": one.sha256}
            for one in told.inputs
        ],
        "checks_passed": told.checks,
        "notes": list(told.set_aside),
        "result_rows": len(results),
        "failed_analyses": list(failures),
        "outputs": {name: digest(content) for name, content in sorted(files.items())},
        "protocol": resolved(protocol),
    }
    return json_bytes(record)


def json_bytes(value: Any) -> bytes:
    """Return a value as readable JSON."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
