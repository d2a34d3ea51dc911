"""Result rows of a study of ours, read back from the outputs of its run."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from hepatica.errors import CommandError
from hepatica.results import SCHEMA, ResultRow, Results

RESULTS_FILE = "results.parquet"


@dataclass(frozen=True, slots=True)
class OwnRun:
    """The result rows of a run.

    Attributes
    ----------
    results : Results
        All rows.
    simulated : bool
        Whether any row comes from constructed patients.
    """

    results: Results
    simulated: bool


def read_own_results(folder: Path, *, shown: str) -> OwnRun:
    """Read the result rows that a run has written.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the outputs, or of a study with the folder ``output``.
    shown : str
        The folder as the plan names it, for messages.

    Raises
    ------
    CommandError
        If there are no results, or the file is not one of ours.

    Examples
    --------
    >>> read_own_results(Path("nowhere"), shown="nowhere")
    Traceback (most recent call last):
    hepatica.errors.CommandError: There are no results in nowhere. Run 'hepatica run nowhere' first.
    """
    path = next(
        (one for one in (folder / RESULTS_FILE, folder / "output" / RESULTS_FILE) if one.is_file()),
        None,
    )
    if path is None:
        raise CommandError(f"There are no results in {shown}. Run 'hepatica run {shown}' first.")
    try:
        frame = pl.read_parquet(path)
    except (OSError, PolarsError):
        raise CommandError(
            f"The results in {shown} cannot be read. Run 'hepatica run {shown}' again."
        ) from None
    if set(SCHEMA) - set(frame.columns):
        raise CommandError(
            f"The results in {shown} were written by another version. Run 'hepatica run {shown}' "
            "again."
        )
    names = [one.name for one in fields(ResultRow)]
    rows = [ResultRow(**row) for row in frame.select(names).iter_rows(named=True)]
    return OwnRun(Results(rows), any(row.origin == "simulated" for row in rows))
