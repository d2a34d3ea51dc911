"""Times to an event as estimators take them: counts of whole days, or arrays of other times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.analyse.standing import Standing, SurvivalColumns, placed, strata_names
from hepatica.analyse.survival_counts import CountedSurvival, collected
from hepatica.dialect import TrialDialect
from hepatica.stats.survival import (
    KaplanMeier,
    LogRank,
    SurvivalCounts,
    kaplan_meier,
    kaplan_meier_from_counts,
    logrank,
    logrank_from_counts,
    reverse_kaplan_meier,
    reverse_kaplan_meier_from_counts,
)
from hepatica.stats.survival.cox_patterns import PatternCells
from hepatica.stats.survival.cox_sums import CENSORED, ENTRY, EVENT

#: Most records whose times are taken one by one because they are not whole days.
ARRAY_ROWS = 1_000_000


class SurvivalData(Protocol):
    """What curves and tests are made from."""

    @property
    def delayed(self) -> bool:
        """Whether anybody enters after the origin."""

    def n(self, group: int) -> tuple[int, int]:
        """Return subjects and events of a group."""

    def curve(self, group: int, dialect: TrialDialect, conf_level: float) -> KaplanMeier:
        """Return the curve of a group."""

    def followed(self, group: int, dialect: TrialDialect, conf_level: float) -> KaplanMeier:
        """Return the reverse curve of a group."""

    def logrank(self) -> LogRank:
        """Return the test of all groups, over the strata."""

    def cells(self) -> tuple[PatternCells, NDArray[np.int64]]:
        """Return subjects with a known stratum as cells, and the group of each pattern."""


def _options(dialect: TrialDialect, conf_level: float) -> dict[str, Any]:
    return {
        "conf_type": dialect.conf_type,
        "conf_level": conf_level,
        "median_rule": dialect.median_rule,
    }


@dataclass(frozen=True, slots=True, eq=False)
class CountedData:
    """Counts of whole days."""

    counted: CountedSurvival

    @property
    def delayed(self) -> bool:
        """Whether anybody enters after the origin."""
        return self.counted.counts.delayed

    def n(self, group: int) -> tuple[int, int]:
        """Return subjects and events of a group."""
        counts = self.counted.counts
        return int(counts.n[group]), int(counts.events[:, group].sum())

    def curve(self, group: int, dialect: TrialDialect, conf_level: float) -> KaplanMeier:
        """Return the curve of a group."""
        counts = _of_group(self.counted.counts, group)
        return kaplan_meier_from_counts(counts, **_options(dialect, conf_level))

    def followed(self, group: int, dialect: TrialDialect, conf_level: float) -> KaplanMeier:
        """Return the reverse curve of a group; days are counted from entry."""
        counts = _of_group(self.counted.follow_up, group)
        return reverse_kaplan_meier_from_counts(counts, **_options(dialect, conf_level))

    def logrank(self) -> LogRank:
        """Return the test of all groups, over the strata."""
        return logrank_from_counts(self.counted.stratified)

    def cells(self) -> tuple[PatternCells, NDArray[np.int64]]:
        """Return subjects with a known stratum as cells, and the group of each pattern."""
        counts = self.counted.stratified
        found = [(CENSORED, counts.censored), (EVENT, counts.events)]
        if counts.delayed:
            entered = counts.entered.copy()
            entered[:, :, 0] = 0
            found.append((ENTRY, entered))
        parts = []
        for kind, cells in found:
            stratum, group, day = np.nonzero(cells)
            n = cells[stratum, group, day]
            parts.append((stratum, day, np.full(len(n), kind), n, group))
        columns = (np.concatenate(one) for one in zip(*parts, strict=True))
        return PatternCells(*columns), np.arange(counts.events.shape[1])


def _of_group(counts: SurvivalCounts, group: int) -> SurvivalCounts:
    arrays = (counts.events, counts.censored, counts.entered)
    return SurvivalCounts(*(one[:, [group]] for one in arrays))


@dataclass(frozen=True, slots=True, eq=False)
class ArrayData:
    """Times one by one: arrays of one length, in the order of their values.

    Attributes
    ----------
    time : float array (n,)
        Times.
    event, group, stratum : int array (n,)
        1 for an event; code of the group; code of the stratum, -1 where it is not known.
    entry : float array (n,) or (0,)
        Times of delayed entry; empty when all are followed from the origin.
    """

    time: NDArray[np.float64]
    event: NDArray[np.int64]
    group: NDArray[np.int64]
    stratum: NDArray[np.int64]
    entry: NDArray[np.float64]

    @property
    def delayed(self) -> bool:
        """Whether anybody enters after the origin."""
        return bool((self.entry > 0).any())

    def n(self, group: int) -> tuple[int, int]:
        """Return subjects and events of a group."""
        own = self.group == group
        return int(own.sum()), int(self.event[own].sum())

    def curve(self, group: int, dialect: TrialDialect, conf_level: float) -> KaplanMeier:
        """Return the curve of a group."""
        own = self.group == group
        entry = self.entry[own] if self.delayed else None
        options = _options(dialect, conf_level)
        return kaplan_meier(self.time[own], self.event[own], entry=entry, **options)

    def followed(self, group: int, dialect: TrialDialect, conf_level: float) -> KaplanMeier:
        """Return the reverse curve of a group; time is counted from entry."""
        own = self.group == group
        time = self.time - self.entry if self.delayed else self.time
        return reverse_kaplan_meier(time[own], self.event[own], **_options(dialect, conf_level))

    def logrank(self) -> LogRank:
        """Return the test of all groups, over the strata."""
        known = self.stratum >= 0
        strata = self.stratum[known]
        if self.delayed:
            return logrank(
                self.time[known],
                self.event[known],
                self.group[known],
                strata=strata,
                entry=self.entry[known],
            )
        return logrank(self.time[known], self.event[known], self.group[known], strata=strata)

    def cells(self) -> tuple[PatternCells, NDArray[np.int64]]:
        """Return each subject with a known stratum as a cell; times are numbered in order."""
        known = self.stratum >= 0
        time, event, stratum = self.time[known], self.event[known], self.stratum[known]
        own = np.arange(len(time))
        late = self.entry[known] > 0 if self.delayed else np.zeros(len(time), dtype=bool)
        entry = self.entry[known][late] if self.delayed else np.empty(0)
        _, place = np.unique(np.concatenate([time, entry]), return_inverse=True)
        kind = np.concatenate([event, np.full(len(entry), ENTRY)])
        cells = PatternCells(
            stratum=np.concatenate([stratum, stratum[late]]),
            day=place + 1,
            kind=kind,
            n=np.ones(len(kind), dtype=np.int64),
            pattern=np.concatenate([own, own[late]]),
        )
        return cells, self.group[known]


def survival_arrays(
    frame: Any, columns: SurvivalColumns, counted: CountedSurvival, extra: tuple[str, ...] = ()
) -> tuple[ArrayData, pl.DataFrame]:
    """Return the times of a table one by one; for times that are not whole days.

    Parameters
    ----------
    frame : frame
        As in `survival_counts`.
    columns : SurvivalColumns
        What the columns mean.
    counted : CountedSurvival
        What was found when the table was counted.
    extra : tuple of str
        Further columns to bring along.

    Returns
    -------
    tuple of ArrayData and polars.DataFrame
        Usable rows in the order of their values, whatever the order in the table, and the further
        columns of those rows whose stratum is known.
    """
    lazy: nw.LazyFrame[Any] = nw.from_native(frame).lazy()
    names = strata_names(columns)
    usable = (int(Standing.COUNTED), int(Standing.FRACTION))
    rows = collected(
        placed(lazy, columns)
        .filter(nw.col("__standing").is_in(usable))
        .select(
            nw.col(columns.time).cast(nw.Float64).alias("__time"),
            "__event",
            nw.col("__group"),
            *(nw.col(a).alias(b) for a, b in zip(columns.strata, names, strict=True)),
            *([nw.col(columns.entry).cast(nw.Float64).alias("__entry")] if columns.entry else []),
            *extra,
        )
    )
    rows = rows.with_columns(pl.col(one).cast(pl.String) for one in ("__group", *names))
    rows = rows.sort(rows.columns, nulls_last=True)
    group = {label: code for code, label in enumerate(counted.groups)}
    stratum = {values: code for code, values in enumerate(counted.strata)}
    data = ArrayData(
        time=rows["__time"].to_numpy(),
        event=rows["__event"].cast(pl.Int64).to_numpy(),
        group=np.array([group[one] for one in rows["__group"].to_list()], dtype=np.int64),
        stratum=np.array(
            [stratum.get(one, -1) for one in rows.select(names).iter_rows()]
            if names
            else np.zeros(rows.height),
            dtype=np.int64,
        ),
        entry=np.maximum(rows["__entry"].to_numpy(), 0.0) if columns.entry else np.empty(0),
    )
    return data, rows.filter(pl.Series(data.stratum >= 0)).select(extra)
