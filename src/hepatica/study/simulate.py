"""A study folder with constructed patients, to try a protocol before there are data."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from hepatica.errors import CommandError
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.protocol.resolve import resolved
from hepatica.simulate import (
    Collected,
    CollectedTables,
    simulate_tables,
    simulate_truth,
    tell_story,
)
from hepatica.study.check import PROTOCOL_FILE
from hepatica.study.outputs import refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes

#: Format of the constructed tables.
TableFormat = Literal["csv", "parquet"]
TRUTH_FILE = "truth.parquet"

_NOTE = (
    "Every patient was drawn at random from the protocol; no drug has an effect. "
    "Not for inference, not for pooling."
)


def simulate_study(folder: Path, patients: int, out: Path | None = None) -> Path:
    """Write a study folder with constructed patients for a protocol, as analysis datasets.

    Parameters
    ----------
    folder : Path
        Folder with the ``study.yaml`` to construct patients for.
    patients : int
        Number of patients.
    out : Path, optional
        Folder to write; ``simulated`` below the study folder when not given.

    Returns
    -------
    Path
        The folder: ``study.yaml`` (resolved, marked as constructed) and ``data``.

    Raises
    ------
    CommandError, ProtocolError, OutputError
        Before anything is written.
    """
    protocol = read_protocol(folder / PROTOCOL_FILE)
    if "ADSL" not in protocol.data.tables:
        raise CommandError(
            "Constructed patients are written as ADSL, ADTTE, ADRS and ADAE; this protocol maps "
            "no ADSL. Add --collected to write them as collected tables."
        )
    target = out or folder / "simulated"
    refuse_foreign(target, study=folder)
    tables = simulate_tables(protocol, patients)
    plan = _constructed(protocol, {name: f"{name.lower()}.csv" for name in tables})
    files = {f"data/{name.lower()}.csv": _csv(table) for name, table in tables.items()}
    write_outputs(target, _Files(plan, patients, files))
    return target


def simulate_collected_study(
    folder: Path,
    patients: int,
    out: Path | None = None,
    *,
    tables: TableFormat = "csv",
    options: Collected | None = None,
) -> Path:
    """Write a study folder with constructed patients for a protocol, as a trial collects them.

    Parameters
    ----------
    folder : Path
        Folder with the ``study.yaml`` to construct patients for.
    patients : int
        Number of subjects.
    out : Path, optional
        Folder to write; ``simulated`` below the study folder when not given.
    tables : {"csv", "parquet"}
        Format of the tables.
    options : Collected, optional
        Partial dates, records after the cut-off, screening failures.

    Returns
    -------
    Path
        The folder: ``study.yaml`` (resolved, marked as constructed), the domains below ``data``,
        and ``truth.parquet``, one row for each subject, which no analysis reads.

    Raises
    ------
    CommandError, ProtocolError, OutputError
        Before anything is written.
    """
    protocol = read_protocol(folder / PROTOCOL_FILE)
    target = out or folder / "simulated"
    refuse_foreign(target, study=folder)
    story = tell_story(protocol, patients, options or Collected())
    made = CollectedTables(story)
    plan = _constructed(story.protocol, {name: f"{name.lower()}.{tables}" for name in made})
    write_outputs(
        target,
        _Files(
            plan, patients, _TableFiles(made, tables), {TRUTH_FILE: _parquet(simulate_truth(story))}
        ),
    )
    return target


class _TableFiles(Mapping[str, bytes]):
    """The files of collected tables; each is made when it is asked for, so that few fit at once."""

    def __init__(self, tables: CollectedTables, ending: TableFormat) -> None:
        self._tables = tables
        self._ending = ending
        self._names = {f"data/{name.lower()}.{ending}": name for name in tables}

    def __getitem__(self, file: str) -> bytes:
        table = self._tables[self._names[file]]
        return _parquet(table) if self._ending == "parquet" else _csv(table)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Files(Mapping[str, bytes]):
    """All files of a constructed study; ``run.json`` comes last and holds their digests."""

    def __init__(
        self,
        plan: Protocol,
        patients: int,
        tables: Mapping[str, bytes],
        others: Mapping[str, bytes] | None = None,
    ) -> None:
        self._tables = tables
        self._others = {**(others or {}), PROTOCOL_FILE: json_bytes(resolved(plan))}
        self._record = {"study": plan.study.id, "patients": patients, "seed": plan.seed}
        self._digests = {name: digest(content) for name, content in self._others.items()}

    def __getitem__(self, name: str) -> bytes:
        if name == "run.json":
            return json_bytes({**self._record, "outputs": dict(sorted(self._digests.items()))})
        if name in self._others:
            return self._others[name]
        content = self._tables[name]
        self._digests[name] = digest(content)
        return content

    def __iter__(self) -> Iterator[str]:
        yield from self._tables
        yield from self._others
        yield "run.json"

    def __len__(self) -> int:
        return len(self._tables) + len(self._others) + 1


def _csv(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_csv(buffer)
    return buffer.getvalue()


def _parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer, metadata={"status": f"Constructed patients. {_NOTE}"})
    return buffer.getvalue()


def _constructed(protocol: Protocol, files: Mapping[str, str]) -> Protocol:
    """Return the protocol marked as constructed, with its data beside it."""
    plan = resolved(protocol)
    plan["study"] |= {"data_status": "constructed", "status_note": _NOTE}
    plan["data"] = {
        "folder": "data",
        "tables": {name: {"file": file} for name, file in files.items()},
    }
    return Protocol.model_validate(plan)
