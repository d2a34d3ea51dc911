"""Columns of a constructed sheet: categories, measured values, what follows, and days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from hepatica.errors import CommandError, InputError
from hepatica.protocol.conditions import Condition
from hepatica.protocol.model import Protocol
from hepatica.records.masks import matching
from hepatica.simulate.rebuild.dealing import Combination, deal
from hepatica.simulate.rebuild.group_values import PrintedRange, find_values
from hepatica.simulate.rebuild.sheet_construction import (
    DayWithin,
    Dealt,
    Derived,
    Measured,
    Share,
    SheetConstruction,
)
from hepatica.stats.random_streams import stream

_SWAPS = 20_000


@dataclass(frozen=True, slots=True)
class SheetRebuild:
    """A study from one sheet to construct.

    Attributes
    ----------
    protocol : Protocol
        Arms and seed.
    construction : SheetConstruction
        How each column comes about.
    courses : DataFrame
        One row for each enrolled patient.
    """

    protocol: Protocol
    construction: SheetConstruction
    courses: pl.DataFrame

    def rng(self, name: str) -> np.random.Generator:
        """Return the random stream of a column or table: adding one changes no other."""
        return stream(self.protocol.seed, name)


@dataclass(slots=True)
class _Dealt:
    """Dealt columns, and for each the group of every patient; -1 has no value to exchange."""

    values: dict[str, list[str | None]] = field(default_factory=dict)
    groups: dict[str, list[int]] = field(default_factory=dict)


def deal_columns(rebuild: SheetRebuild) -> pl.DataFrame:
    """Return the courses with the columns that the construction adds.

    Parameters
    ----------
    rebuild : SheetRebuild
        The study.

    Raises
    ------
    CommandError, InputError
        If a column is named that is not there, or counts do not fit the patients.
    """
    chosen, frame = rebuild.construction, rebuild.courses
    for one in chosen.measured:
        frame = frame.with_columns(_measured(rebuild, one, frame))
    for later in chosen.shares:
        frame = frame.with_columns(_share(later, frame))
    frame = _categories(rebuild, frame)
    for rule in chosen.derived:
        frame = frame.with_columns(_derived(rule, frame))
    for day in chosen.days:
        frame = frame.with_columns(_day(rebuild, day, frame))
    return frame


def members(frame: pl.DataFrame, where: Condition | None, column: str) -> list[int]:
    """Return the rows of patients who have a value of a column.

    Raises
    ------
    CommandError
        If the condition names a column that is not there yet.
    """
    if where is None:
        return list(range(frame.height))
    match = matching(frame, where)
    if match is None:
        raise CommandError(
            f"construction.yaml makes {column} of patients by a column that is not there, or that "
            "is made later. Correct 'where'."
        )
    return np.flatnonzero(match.fill_null(value=False).to_numpy()).tolist()


def _cells(
    frame: pl.DataFrame, rows: Sequence[int], by: str | None, column: str
) -> Iterator[tuple[str, list[int]]]:
    """Give each value of the grouping column with its rows."""
    if by is None:
        yield "all", list(rows)
        return
    if by not in frame.columns:
        raise CommandError(
            f"construction.yaml groups {column} by {by}, which is not there, or is made later."
        )
    values = frame.get_column(by).cast(pl.String).to_list()
    for value in sorted({values[row] or "" for row in rows}):
        yield value, [row for row in rows if (values[row] or "") == value]


def _measured(rebuild: SheetRebuild, one: Measured, frame: pl.DataFrame) -> pl.Series:
    groups = dict(_cells(frame, members(frame, one.where, one.column), one.by, one.column))
    if set(groups) != set(one.ranges):
        raise CommandError(
            f"construction.yaml gives ranges of {one.column} for {', '.join(one.ranges)}; the "
            f"courses have {', '.join(groups)}."
        )
    printed = {
        name: PrintedRange(len(groups[name]), found.median, found.low, found.high)
        for name, found in one.ranges.items()
    }
    rng = rebuild.rng(f"values of {one.column}")
    found = find_values(printed, one.median, one.decimals, rng)
    values: list[float | None] = [None] * frame.height
    for name, rows in groups.items():
        for row, value in zip(rows, rng.permutation(found[name]).tolist(), strict=True):
            values[row] = value
    series = pl.Series(one.column, values, dtype=pl.Float64)
    return series if one.decimals else series.cast(pl.Int64)


def _share(one: Share, frame: pl.DataFrame) -> pl.Series:
    if absent := [name for name in (one.of, one.percent) if name not in frame.columns]:
        raise CommandError(
            f"construction.yaml makes {one.column} from {', '.join(absent)}, which is not there, "
            "or is made later."
        )
    rows = set(members(frame, one.where, one.column))
    pairs = zip(frame.get_column(one.of), frame.get_column(one.percent), strict=True)
    values = [
        round(float(value) * float(percent) / 100.0, one.decimals)
        if row in rows and value is not None and percent is not None
        else None
        for row, (value, percent) in enumerate(pairs)
    ]
    return pl.Series(one.column, values, dtype=pl.Float64)


def _categories(rebuild: SheetRebuild, frame: pl.DataFrame) -> pl.DataFrame:
    dealt = _Dealt()
    for one in rebuild.construction.dealt:
        frame = frame.with_columns(_category(rebuild, one, frame, dealt))
    fixed = {
        name: frame.get_column(name).cast(pl.String).to_list()
        for combination in rebuild.construction.impossible
        for name in combination
        if name in frame.columns and name not in dealt.values
    }
    rng = rebuild.rng("impossible combinations")
    _without(dealt, fixed, rebuild.construction.impossible, rng)
    return frame.with_columns(
        pl.Series(name, values, dtype=pl.String) for name, values in dealt.values.items()
    )


def _category(rebuild: SheetRebuild, one: Dealt, frame: pl.DataFrame, dealt: _Dealt) -> pl.Series:
    values: list[str | None] = [one.otherwise or None] * frame.height
    places = [-1] * frame.height
    rng = rebuild.rng(f"deal {one.column}")
    cells = _cells(frame, members(frame, one.where, one.column), one.by, one.column)
    for number, (name, rows) in enumerate(cells):
        counts = one.counts if one.by is None else one.groups.get(name, {})
        for row, value in zip(rows, _deal(one.column, counts, len(rows), rng), strict=True):
            values[row], places[row] = value, number
    dealt.values[one.column], dealt.groups[one.column] = values, places
    return pl.Series(one.column, values, dtype=pl.String)


def _deal(column: str, counts: Mapping[str, int], n: int, rng: np.random.Generator) -> list[str]:
    try:
        return deal(counts, n, rng)
    except InputError:
        raise CommandError(
            f"construction.yaml deals {column} to {sum(counts.values())} patients; the group has "
            f"{n}. Correct its counts."
        ) from None


def _without(
    dealt: _Dealt, fixed: Mapping[str, list[str | None]],
    impossible: Sequence[Combination], rng: np.random.Generator,
) -> None:  # fmt: skip
    """Exchange dealt values within their groups until nobody has an impossible combination."""
    columns = {**fixed, **dealt.values}
    watched = [one for one in impossible if set(one) <= set(columns)]
    n = len(next(iter(columns.values()), []))

    def faults(*patients: int) -> int:
        return sum(_has(columns, i, one) for i in set(patients) for one in watched)

    for _ in range(_SWAPS):
        wrong = [(i, one) for i in range(n) for one in watched if _has(columns, i, one)]
        if not wrong:
            return
        patient, broken = wrong[int(rng.integers(len(wrong)))]
        free = [name for name in sorted(broken) if name in dealt.groups]
        if not free:
            break
        name = free[int(rng.integers(len(free)))]
        values, groups = columns[name], dealt.groups[name]
        others = [i for i in range(n) if groups[i] == groups[patient] >= 0]
        if not others:
            continue
        other = others[int(rng.integers(len(others)))]
        before = faults(patient, other)
        values[patient], values[other] = values[other], values[patient]
        if faults(patient, other) > before:
            values[patient], values[other] = values[other], values[patient]
    raise InputError(
        "The counts of construction.yaml cannot be dealt without an impossible patient. Look at "
        "the counts and at 'impossible'."
    )


def _has(columns: Mapping[str, list[str | None]], patient: int, one: Combination) -> bool:
    return all(columns[name][patient] == value for name, value in one.items())


def _derived(rule: Derived, frame: pl.DataFrame) -> pl.Series:
    values: list[str | None] = [None] * frame.height
    allowed = set(members(frame, rule.where, rule.column))
    for case in rule.cases:
        for row in members(frame, case.where, rule.column):
            if values[row] is None and row in allowed:
                values[row] = case.value
    return pl.Series(rule.column, values, dtype=pl.String)


def _day(rebuild: SheetRebuild, one: DayWithin, frame: pl.DataFrame) -> pl.Series:
    rng = rebuild.rng(f"days of {one.column}")
    low, high = one.between
    drawn = rng.random(frame.height)
    last = np.full(frame.height, high)
    if one.until is not None:
        if one.until not in frame.columns:
            raise CommandError(f"construction.yaml lets {one.column} lie before {one.until}, "
                               "which is not a column of the courses.")  # fmt: skip
        ends = frame.get_column(one.until).cast(pl.Int64).fill_null(high + 1).to_numpy()
        last = np.minimum(last, ends - 1)
    days = low + np.floor(drawn * np.maximum(last - low + 1, 1)).astype(np.int64)
    having = set(members(frame, one.where, one.column))
    values = [int(day) if row in having else None for row, day in enumerate(days)]
    return pl.Series(one.column, values, dtype=pl.Int64)
