"""Counting times to an event in the engine that holds them: only cells come back.

One expression, the same on Polars, DuckDB and Spark, gives each row a place (stratum, group, day,
event) and a standing: counted, set aside, or against a rule. Rows of the same place are counted as
integers, so the answer does not depend on their order, on the engine or on how many files and
workers there are. Days are whole: where a time is not, this is told and nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from hepatica.analyse.standing import (
    EVENT,
    GROUP,
    STANDING,
    Standing,
    SurvivalColumns,
    placed,
    strata_names,
)
from hepatica.stats.survival import SurvivalCounts, counts_from_cells

LEFT, ENTERED, FOLLOWED = 0, 1, 2
_DAY, _PART = "__day", "__part"


@dataclass(frozen=True, slots=True, eq=False)
class CountedSurvival:
    """Counts of a table, with the labels of their codes.

    Attributes
    ----------
    counts : SurvivalCounts
        Strata by groups by days; rows without a stratum are the last stratum, if there are any.
    follow_up : SurvivalCounts
        The same with days counted from entry; `counts` itself without delayed entry.
    groups : tuple of str
        Labels of the groups, in order; one empty label when there is no grouping.
    strata : tuple of tuple of str
        Values of each stratum with a known value in each column.
    unstratified : int
        Rows of the last stratum, which lacks a value.
    standing : dict of Standing to int
        Rows of each standing.
    by_group : dict of (Standing, str) to int
        The same for each group that is known.
    """

    counts: SurvivalCounts
    follow_up: SurvivalCounts
    groups: tuple[str, ...]
    strata: tuple[tuple[str, ...], ...]
    unstratified: int
    standing: dict[Standing, int]
    by_group: dict[tuple[Standing, str], int]

    @property
    def whole(self) -> bool:
        """Whether all times are whole days, so that the counts hold all usable rows."""
        return not self.standing.get(Standing.FRACTION, 0)

    @property
    def stratified(self) -> SurvivalCounts:
        """The counts of subjects whose stratum is known."""
        if not self.unstratified:
            return self.counts
        arrays = (self.counts.events, self.counts.censored, self.counts.entered)
        return SurvivalCounts(*(one[:-1] for one in arrays))


def survival_counts(frame: Any, columns: SurvivalColumns) -> CountedSurvival:
    """Count subjects by stratum, group, whole day and event.

    Parameters
    ----------
    frame : frame
        Of Polars (eager or lazy, with the streaming engine), DuckDB or Spark, native or Narwhals.
    columns : SurvivalColumns
        What the columns mean; time and entry hold numbers (see `with_numbers`).

    Returns
    -------
    CountedSurvival
        Counts, labels, and how many rows have which standing.

    Examples
    --------
    >>> from hepatica.protocol.conditions import parse_condition
    >>> frame = pl.DataFrame({"AVAL": [3, 5, 5, None], "CNSR": [0, 1, 0, 0], "ARM": list("ABBA")})
    >>> columns = SurvivalColumns(time="AVAL", event=parse_condition({"CNSR": 0}), group="ARM")
    >>> counted = survival_counts(frame, columns)
    >>> counted.groups, counted.counts.events.sum(axis=2).tolist()
    (('A', 'B'), [[1, 1]])
    >>> counted.standing[Standing.NO_TIME]
    1
    """
    lazy: nw.LazyFrame[Any] = nw.from_native(frame).lazy()
    return _labelled(collected(_cells(lazy, columns)), columns)


def collected(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return the rows of a small answer as a Polars frame, on Polars by its streaming engine."""
    if frame.implementation.is_polars():
        native: pl.DataFrame = frame.to_native().collect(engine="streaming")
        return native
    answer: pl.DataFrame = frame.collect("polars").to_native()
    return answer


def _cells(frame: nw.LazyFrame[Any], columns: SurvivalColumns) -> nw.LazyFrame[Any]:
    rows = placed(frame, columns)
    counted = nw.col(STANDING) == int(Standing.COUNTED)
    days = {LEFT: _day(columns.time, counted)}
    if columns.entry:
        days[ENTERED] = _day(columns.entry, counted)
        days[FOLLOWED] = days[LEFT] - days[ENTERED]
    keys = (*strata_names(columns), GROUP, _DAY, EVENT, STANDING, _PART)
    strata = [
        nw.col(one).alias(name)
        for one, name in zip(columns.strata, strata_names(columns), strict=True)
    ]
    parts = [
        rows.select(
            *strata,
            GROUP,
            day.alias(_DAY),
            (nw.col(EVENT) if part != ENTERED else nw.col(EVENT) * 0).alias(EVENT),
            STANDING,
            nw.lit(part).cast(nw.Int64).alias(_PART),
        )
        .group_by(*keys)
        .agg(nw.len().cast(nw.Int64).alias("n"))
        for part, day in days.items()
    ]
    return parts[0] if len(parts) == 1 else nw.concat(parts, how="vertical")


def _day(column: str, counted: nw.Expr) -> nw.Expr:
    """Return the whole day of counted rows, and 0 where a cast could fail."""
    value = nw.col(column)
    return (
        nw.when(counted & (value > 0)).then(value).otherwise(nw.lit(0)).cast(nw.Int64)
    )  # fmt: skip


def _labelled(cells: pl.DataFrame, columns: SurvivalColumns) -> CountedSurvival:
    names = strata_names(columns)
    cells = cells.with_columns(
        pl.col(one).cast(pl.String) for one in (*names, GROUP)
    )  # the labels of few cells, not of all rows
    left = cells.filter(pl.col(_PART) == LEFT)
    counted = pl.col(STANDING) == int(Standing.COUNTED)
    usable = left.filter(counted | (pl.col(STANDING) == int(Standing.FRACTION)))
    groups = in_order(usable[GROUP].unique().to_list())
    strata = _strata(usable, names)
    standing = _by(left, [STANDING])
    cells = cells.filter(counted)
    lacking = _lacking(left.filter(counted), names)
    shape = (max(len(groups), 1), len(strata) + (lacking > 0))
    codes = _codes(cells, names, groups, strata)
    made = _counts(codes, shape, LEFT)
    return CountedSurvival(
        counts=made,
        follow_up=_counts(codes, shape, FOLLOWED) if columns.entry else made,
        groups=groups,
        strata=strata,
        unstratified=lacking,
        standing={Standing(code): n for (code,), n in standing.items()},
        by_group={
            (Standing(code), group): n
            for (code, group), n in _by(left, [STANDING, GROUP]).items()
            if group is not None
        },
    )


def _strata(cells: pl.DataFrame, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    if not names:
        return ((),)
    known = cells.filter(pl.col(one).is_not_null() for one in names)
    return tuple(sorted(known.select(names).unique().iter_rows()))


def _lacking(cells: pl.DataFrame, names: Sequence[str]) -> int:
    if not names:
        return 0
    return int(cells.filter(pl.any_horizontal(pl.col(names).is_null()))["n"].sum())


def _by(cells: pl.DataFrame, keys: Sequence[str]) -> dict[tuple[Any, ...], int]:
    summed = cells.group_by(keys).agg(pl.col("n").sum()).sort(keys)
    return {tuple(row[:-1]): int(row[-1]) for row in summed.iter_rows()}


def in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """Return labels in order: by number where all are numbers, by letter otherwise.

    Examples
    --------
    >>> in_order(["10", "9"]), in_order(["B", "A", "10"])
    (('9', '10'), ('10', 'A', 'B'))
    """
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(sorted(labels))


def _codes(
    cells: pl.DataFrame,
    names: Sequence[str],
    groups: Sequence[str],
    strata: Sequence[tuple[str, ...]],
) -> dict[str, Any]:
    """Return the cells as arrays, with codes in place of labels."""
    place = {label: code for code, label in enumerate(groups)}
    stratum = {values: code for code, values in enumerate(strata)}
    return {
        "group": np.array([place[one] for one in cells[GROUP].to_list()], dtype=np.int64),
        "stratum": np.array(
            [stratum.get(one, len(strata)) for one in cells.select(names).iter_rows()]
            if names
            else np.zeros(cells.height),
            dtype=np.int64,
        ),
        **{name: cells[name].to_numpy() for name in (_DAY, EVENT, _PART, "n")},
    }


def _counts(cells: dict[str, Any], shape: tuple[int, int], part: int) -> SurvivalCounts:
    """Make the counts; days of entry belong to the days on which rows leave."""
    leaving, entering = cells[_PART] == part, cells[_PART] == ENTERED
    if part == FOLLOWED or not entering.any():
        kept, entered = leaving, None
    else:
        kept = leaving | entering
        entered = np.where(entering, cells["n"], 0)[kept]
    if not kept.any():
        empty = np.zeros((shape[1], shape[0], 1), dtype=np.int64)
        return SurvivalCounts(empty, empty, empty)
    out = leaving & (cells[EVENT] == 1), leaving & (cells[EVENT] == 0)
    events, censored = (np.where(one, cells["n"], 0)[kept] for one in out)
    return counts_from_cells(
        cells["group"][kept],
        cells[_DAY][kept],
        events,
        censored,
        entered=entered,
        strata=cells["stratum"][kept],
        n_groups=shape[0],
        n_strata=shape[1],
    )
