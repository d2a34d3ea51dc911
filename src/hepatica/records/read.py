"""Collected tables in, typed frames and every broken rule out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl

from hepatica.errors import Problem
from hepatica.protocol.model import Protocol
from hepatica.records.accepted import accept
from hepatica.records.across import check_across
from hepatica.records.findings import ROW
from hepatica.records.folder import DataFolder, find_folder
from hepatica.records.load import load_table
from hepatica.records.loaded import Loaded
from hepatica.records.model import Records, RecordTable
from hepatica.records.needs import needed_columns
from hepatica.records.rules import check_table
from hepatica.records.supply import missing_tables


def read_records(protocol: Protocol, folder: Path) -> Records:
    """Read and check the collected tables of a study.

    Parameters
    ----------
    protocol : Protocol
        Says which tables there are, what their columns are called and what is needed of them.
    folder : Path
        The study folder.

    Returns
    -------
    Records
        All tables and all problems. Nothing is raised for what the data hold: see `require`.
    """
    found = find_folder(protocol.data, folder)
    if isinstance(found, Problem):
        return Records(MappingProxyType({}), (found,))
    loaded: dict[str, Loaded] = {
        name: _load(protocol, name, found) for name in protocol.data.tables
    }
    loaded = check_across(protocol, loaded)
    tables = {name: _record_table(name, table) for name, table in loaded.items()}
    problems = (*missing_tables(protocol), *_problems(loaded))
    return Records(MappingProxyType(tables), accept(protocol, problems))


def _load(protocol: Protocol, name: str, folder: DataFolder) -> Loaded:
    source = protocol.data.tables[name]  # type: ignore[index]
    table = load_table(name, source, folder, needed_columns(protocol, name))
    return check_table(protocol, table) if table.frame.width else table


def _record_table(name: str, table: Loaded) -> RecordTable:
    return RecordTable(
        name=name,
        path=table.path,
        frame=table.frame.drop(ROW, strict=False) if table.frame.width else pl.DataFrame(),
        rows=table.rows,
        checks=len(table.outcomes),
        digest=table.digest,
    )


def _problems(loaded: Mapping[str, Loaded]) -> tuple[Problem, ...]:
    return tuple(one for table in loaded.values() for one in table.outcomes if one is not None)
