"""Lists of records of one kind, as a table, JSON or CSV on standard output."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

#: Width of a table that goes to a file or another program.
_PLAIN_WIDTH = 140


def print_records(records: Sequence[Mapping[str, object]], form: str) -> None:
    """Print records that share their keys.

    Parameters
    ----------
    records : sequence of mapping
        Values by column; every record has the same columns.
    form : {"table", "json", "csv"}
        How; the table folds long texts and needs no terminal.
    """
    match form:
        case "json":
            print(json.dumps([dict(one) for one in records], ensure_ascii=False, indent=1))  # noqa: T201
        case "csv":
            print(_csv(records), end="")  # noqa: T201
        case _:
            _table(records)


def _csv(records: Sequence[Mapping[str, object]]) -> str:
    if not records:
        return ""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue()


def _table(records: Sequence[Mapping[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not records:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, value in records[0].items():
        table.add_column(
            name.replace("_", " "),
            justify="right" if _is_number(value) else "left",
            overflow="fold",
        )
    for record in records:
        table.add_row(*(Text(_shown(value)) for value in record.values()))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    console.print(table)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)
