"""Survival of one table of any size: a file, folder or Spark table in, result rows out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.cox_model import ModelTable
from hepatica.analyse.standing import SurvivalColumns
from hepatica.analyse.survival_counts import survival_counts
from hepatica.analyse.survival_cox import hazard_rows
from hepatica.analyse.survival_data import CountedData, survival_arrays
from hepatica.analyse.table_survival import table_rows
from hepatica.errors import Problem
from hepatica.protocol.conditions import Bound, Condition, Not, OneOf, condition_columns
from hepatica.records.conditions import is_match
from hepatica.records.engine_numbers import AS_WRITTEN, with_numbers
from hepatica.records.engines import open_table
from hepatica.results import Results
from hepatica.single.survival_checks import check_columns, check_counted, notes_of
from hepatica.single.survival_outputs import write_survival
from hepatica.single.survival_request import (
    SurvivalRequest,
    analysis_of,
    columns_of,
    grouping_of,
    where_of,
)
from hepatica.study.outputs import refuse_foreign

#: Called with what is being done, and the share of the work done before it.
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class SurvivalFound:
    """Survival of a table.

    Attributes
    ----------
    asked : SurvivalRequest
        What was asked.
    results : Results
        All rows.
    notes : tuple of Problem
        Records that were set aside, and what else a reader should know.
    out : Path or None
        Folder of the outputs, if any were asked for.
    """

    asked: SurvivalRequest
    results: Results
    notes: tuple[Problem, ...] = field(default=())
    out: Path | None = None


def survival(
    asked: SurvivalRequest, out: Path | None = None, progress: Progress | None = None
) -> SurvivalFound:
    """Estimate and compare survival in one table, counted by an engine.

    Parameters
    ----------
    asked : SurvivalRequest
        Table, columns and methods.
    out : Path, optional
        Folder for rows and figure; nothing is written without it.
    progress : callable, optional
        Called with what is being done, and the share of the work done before it.

    Returns
    -------
    SurvivalFound
        The same rows for the same table, whatever the engine.

    Raises
    ------
    CommandError, DataError, OutputError
        If the request is wrong, the table breaks a rule, or the folder cannot be written.
    """
    tell = progress or (lambda _text, _share: None)
    if out is not None:
        refuse_foreign(out)
    columns = columns_of(asked)
    name = Path(asked.table).name
    tell(f"Opening {name} with {asked.engine}", 0.0)
    with open_table(asked.table, asked.engine, master=asked.master) as table:
        check_columns(table, asked, columns)
        frame = _readable(table.frame, asked, columns)
        tell(f"Counting the records of {name}", 0.1)
        found = survival_counts(frame, columns)
        check_counted(asked, columns, found)
        if found.whole:
            data: Any = CountedData(found)
        else:
            tell("Reading times that are not whole days", 0.3)
            data, _ = survival_arrays(frame, columns, found)
        analysis = analysis_of(asked, found)
        grouping = grouping_of(asked, found)
        tell("Estimating", 0.5)
        rows = table_rows(grouping, found, data, analysis)
        if asked.by or asked.adjust:
            model = ModelTable(frame, columns, found, data, table.block_rows)
            rows += hazard_rows(
                grouping, model, analysis, asked.adjust, lambda text: tell(text, 0.6)
            )
        results = Results(rows)
        notes = notes_of(asked, found)
        if out is not None:
            tell("Writing", 0.9)
            notes += write_survival(out, asked, table, results, found)
    return SurvivalFound(asked, results, notes, out)


def _readable(
    frame: nw.LazyFrame[Any], asked: SurvivalRequest, columns: SurvivalColumns
) -> nw.LazyFrame[Any]:
    numbers = [asked.time, *([asked.entry] if asked.entry else []), *asked.adjust]
    if _names_number(columns.event):
        numbers += condition_columns(columns.event)
    kept = (
        *numbers,
        *condition_columns(columns.event),
        *asked.strata,
        *([asked.by] if asked.by else []),
    )
    where = where_of(asked)
    if where is not None:
        frame = _matching(frame, where)
    chosen = frame.select(*dict.fromkeys(kept))
    by_label = {asked.by, *asked.strata}
    return with_numbers(chosen, [one for one in numbers if one not in by_label])


def _matching(frame: nw.LazyFrame[Any], where: Condition) -> nw.LazyFrame[Any]:
    """Return the rows that match; text is read as numbers where it is compared with a bound."""
    schema = dict(frame.collect_schema())
    compared = condition_columns(where) if isinstance(where, Bound) and _names_number(where) else ()
    texts = [one for one in compared if schema[one] == nw.String]
    if not texts:
        return frame.filter(is_match(where, schema))
    read = with_numbers(frame, texts)
    kept = read.filter(is_match(where, dict(read.collect_schema())))
    written = [nw.col(one + AS_WRITTEN).alias(one) for one in texts]
    return kept.select(*(one for one in schema if one not in texts), *written)


def _names_number(condition: Condition) -> bool:
    part = condition.part if isinstance(condition, Not) else condition
    if isinstance(part, OneOf):
        literals: tuple[Any, ...] = part.values
    else:
        literals = (part.value,) if isinstance(part, Bound) else ()
    return any(isinstance(one, int | float) and not isinstance(one, bool) for one in literals)
