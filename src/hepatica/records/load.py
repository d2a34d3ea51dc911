"""One file to one typed table: reading, cleaning, naming and casting."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from hepatica.errors import Problem, counted
from hepatica.protocol.data import TableSource
from hepatica.records.cast import cast_column
from hepatica.records.columnar import read_parquet
from hepatica.records.dates import cast_recorded_date
from hepatica.records.domains import DOMAINS
from hepatica.records.findings import (
    ROW,
    SUBJECT,
    Outcome,
    Place,
    Rule,
    Unreadable,
    about_file,
    listed,
)
from hepatica.records.folder import DataFolder
from hepatica.records.grid import Grid, clean_text, drop_empty_rows, refuse, tidy_name
from hepatica.records.loaded import Loaded
from hepatica.records.needs import Needs
from hepatica.records.sas import read_sas7bdat, read_transport
from hepatica.records.shape import finish_domain, shape_domain
from hepatica.records.text import read_text
from hepatica.records.workbook import read_workbook

_UNITS = {".xlsx": "row", ".parquet": "record", ".xpt": "record", ".sas7bdat": "record"}
_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".xpt", ".sas7bdat")


def load_table(
    name: str, source: TableSource, folder: DataFolder, needs: Needs, *, place: Place | None = None
) -> Loaded:
    """Read one file and give its columns their names and types.

    Parameters
    ----------
    name : str
        Name of the table.
    source : TableSource
        File, format options and names of columns.
    folder : DataFolder
        Where the file is.
    needs : dict of str to Need
        Columns that the protocol needs.
    place : Place, optional
        Where the table stands, for messages; a table of a study when not given.

    Returns
    -------
    Loaded
        With an empty frame when the file cannot be read.
    """
    path = folder.path / source.file
    ending = path.suffix.lower()
    if place is None:
        place = Place(name, f"{folder.shown}/{source.file}")
    place = replace(place, unit=_UNITS.get(ending, "line"))  # type: ignore[arg-type]
    table = Loaded(place, path, pl.DataFrame())
    try:
        data = _bytes(path, ending, place)
        table = replace(table, digest=hashlib.sha256(data).hexdigest())
        grid = _read(data, path, ending, source, place)
    except Unreadable as refused:
        return replace(table, outcomes=(refused.problem,), complete=False)
    frame = drop_empty_rows(clean_text(grid.frame, source.missing))
    table = replace(
        table,
        frame=frame,
        rows=frame.height,
        outcomes=(None, None, *grid.outcomes),
        complete=grid.complete,
    )
    if not _has_header(table, source, needs):
        return replace(table.plus(_no_header(place, ending)), frame=pl.DataFrame(), complete=False)
    table = _named(_some_rows(table), source)
    domain = DOMAINS.get(name)
    if domain is None:
        return _typed(_required(table, source, needs, grid), needs, grid)
    table = _required(shape_domain(table, domain), source, needs, grid)
    return finish_domain(_typed(table, needs, grid), domain)


def _bytes(path: Path, ending: str, place: Place) -> bytes:
    if ending not in _ENDINGS:
        rule = Rule(
            "The ending of the file names its format.",
            f"Export the table as a file that ends in {listed(_ENDINGS, 'or')}.",
        )
        raise refuse(place, rule, "another ending" if ending else "no ending")
    try:
        data = path.read_bytes()
    except OSError:
        rule = Rule("The file exists and can be read.", _did_you_mean_file(path, place))
        raise refuse(place, rule, "no such file" if not path.exists() else "no access") from None
    if not data.strip():
        rule = Rule("The file holds a table.", "Export the table again; this file is empty.")
        raise refuse(place, rule, counted(len(data), "byte"))
    return data


def _did_you_mean_file(path: Path, place: Place) -> str:
    there = sorted(one.name for one in path.parent.glob("*")) if path.parent.is_dir() else []
    close = get_close_matches(path.name, there, n=1, cutoff=0.6)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return f"Put the file there, or name another file in {place.plan}.{hint}"


def _read(data: bytes, path: Path, ending: str, source: TableSource, place: Place) -> Grid:
    match ending:
        case ".xlsx":
            return read_workbook(data, source, place)
        case ".parquet":
            return read_parquet(data, place)
        case ".xpt":
            return read_transport(data, path, source.encoding, place)
        case ".sas7bdat":
            return read_sas7bdat(data, path, source.encoding, place)
        case _:
            return read_text(data, ending, source, place)


def _has_header(table: Loaded, source: TableSource, needs: Needs) -> bool:
    """Return whether any column has a name that is asked for; without one, names are values."""
    mapped = {given.name for given in source.columns.values() if given.type != "row"}
    asked = {one.casefold() for one in mapped | (set(needs) - set(source.columns))}
    return any(tidy_name(one).casefold() in asked for one in table.frame.columns)


def _no_header(place: Place, ending: str) -> Problem:
    rule = Rule(
        "The table begins with the names of its columns.",
        "Put a line of names first, or write the names that the file uses under "
        f"{place.at('columns')}.",
    )
    first = [1] if _UNITS.get(ending, "line") != "record" else []
    return about_file(place, rule, "none of the names that are asked for", first)


def _some_rows(table: Loaded) -> Loaded:
    if table.rows:
        return table.plus(None)
    name = table.place.table
    empty_is_possible = name == "ADAE" or (name in DOMAINS and name != "DM")
    rule = Rule(
        "The table holds at least one record.",
        "Nothing to do if no record was collected."
        if empty_is_possible
        else "Export the table again; this file holds names of columns only.",
        severity="note" if empty_is_possible else "problem",
    )
    return table.plus(about_file(table.place, rule, "0 rows"))


def _named(table: Loaded, source: TableSource) -> Loaded:
    """Give columns the names that the protocol maps them to."""
    frame, place = table.frame, table.place
    mapping = {
        ours: ROW if given.type == "row" else given.name for ours, given in source.columns.items()
    }
    present = {ours: given for ours, given in mapping.items() if given in frame.columns}
    outcomes: list[Outcome] = [
        None if ours in present else _missing_column(table, given, mapped=True)
        for ours, given in mapping.items()
    ]
    if place.table == "PATIENTS":
        kept = [pl.col(given).alias(ours) for ours, given in present.items()]
        outcomes += _unmapped_names(table, mapping)
    else:
        moved = set(present.values()) - {ROW}
        kept = [pl.col(one) for one in frame.columns if one not in moved and one not in present]
        kept = [one for one in kept if one.meta.output_name() != ROW]
        kept += [pl.col(given).alias(ours) for ours, given in present.items()]
        covered = [one for one in present if one in frame.columns and one not in moved]
        outcomes += [_covered(place, covered)] if mapping else []
    lost = {ours for ours in mapping if ours not in present}
    return replace(table.plus(*outcomes), frame=frame.select(ROW, *kept), spoiled=frozenset(lost))


def _unmapped_names(table: Loaded, mapping: dict[str, str]) -> list[Outcome]:
    if SUBJECT in mapping:
        return [None]
    rule = Rule(
        f"The mapping says which column is {SUBJECT}.",
        f"Write {SUBJECT} and its column under data.tables.PATIENTS.columns in study.yaml.",
        SUBJECT,
    )
    return [about_file(table.place, rule, "no such entry")]


def _covered(place: Place, names: list[str]) -> Outcome:
    if not names:
        return None
    rule = Rule(
        "A name that another column is mapped to is not also a column of the file.",
        f"Take {listed(names, 'and')} out of the file, or out of {place.at('columns')}.",
        names[0],
    )
    return about_file(place, rule, counted(len(names), "name"))


def _missing_column(table: Loaded, column: str, *, mapped: bool = False) -> Outcome:
    names = [one for one in table.frame.columns if one != ROW]
    close = get_close_matches(column, names, n=3, cutoff=0.6)
    close = close or [one for one in names if one.casefold() == column.casefold()]
    quoted = [f"'{one}'" for one in close]
    hint = f" Did you mean {listed(quoted, 'or')}?" if close else ""
    do = (
        "Correct the name under"
        if mapped
        else "Add the column, or name the one that holds it under"
    )
    rule = Rule(
        f"The table has the column {column}.",
        f"{do} {table.place.at('columns')}.{hint}",
        column,
    )
    return about_file(table.place, rule, f"not among {counted(len(names), 'column')}")


def _required(table: Loaded, source: TableSource, needs: Needs, grid: Grid) -> Loaded:
    """Report the columns that the protocol needs and the table does not have."""
    search = replace(table, frame=grid.frame) if table.place.table == "PATIENTS" else table
    asked = [one for one, need in needs.items() if need.required and one not in source.columns]
    if table.place.table == "PATIENTS":
        asked = [one for one in asked if one != SUBJECT]
    lost = [one for one in asked if one not in table.frame.columns]
    outcomes = [_missing_column(search, one) if one in lost else None for one in asked]
    return replace(table.plus(*outcomes), spoiled=table.spoiled | set(lost))


def _typed(table: Loaded, needs: Needs, grid: Grid) -> Loaded:
    """Cast the needed columns, the subject first so that messages can name it."""
    frame = table.frame
    spoiled = set(table.spoiled)
    outcomes: list[Outcome] = []
    for column, need in needs.items():
        if column not in frame.columns:
            continue
        if need.kind == "dtc":
            dated = cast_recorded_date(frame, column, table.place, sas_numbers=grid.sas_numbers)
            frame = frame.with_columns(dated.columns)
            outcomes += dated.outcomes
            if any(dated.outcomes):
                spoiled |= {one.name for one in dated.columns}
            continue
        cast = cast_column(frame, column, need.kind, table.place, sas_numbers=grid.sas_numbers)
        frame = frame.with_columns(cast.series.alias(column))
        outcomes += cast.outcomes
        if any(cast.outcomes):
            spoiled.add(column)
    return replace(table.plus(*outcomes), frame=frame, spoiled=frozenset(spoiled))
