"""Baseline characteristics whose counts, medians and ranges are the printed ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from hepatica.errors import CommandError
from hepatica.protocol.variables import CutPoint, Level
from hepatica.simulate.draw import Real
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.dealing import deal, without_impossible
from hepatica.simulate.rebuild.group_values import PrintedRange, find_values
from hepatica.simulate.rebuild.printed import analysis_of, counts_of

_DEALT = "dealt baseline"


def baseline_columns(rebuild: Rebuild) -> pl.DataFrame:
    """Return baseline characteristics of the enrolled patients.

    A categorical variable is dealt so that each printed count is met; combinations that
    ``construction.yaml`` calls impossible do not arise. A measured variable has the printed
    median and range in each arm, the printed median of all, and as many values at or above a
    cut-point as printed. A variable of which nothing is printed is left out, and one that comes
    from other records too.

    Returns
    -------
    DataFrame
        USUBJID in the order of the courses, and the columns of the variables.
    """
    elsewhere = {one.column for one in rebuild.protocol.variables if one.occurs is not None}
    every = dealt_columns(rebuild)
    return every.drop(one for one in every.columns if one in elsewhere)


def dealt_columns(rebuild: Rebuild) -> pl.DataFrame:
    """Return the columns of `baseline_columns`, and those that other records give rise to."""
    if _DEALT not in rebuild.kept:
        rebuild.kept[_DEALT] = _dealt(rebuild)
    return rebuild.kept[_DEALT]


def _dealt(rebuild: Rebuild) -> pl.DataFrame:
    parts = [_categories(rebuild, arm, rows) for arm, rows in _arms(rebuild)]
    frame = pl.concat(parts)
    for marker in _measured(rebuild):
        found = _values(rebuild, marker)
        if found is None:
            continue
        rng = rebuild.rng(f"order of {marker.id}")
        dealt = [rng.permutation(found[arm]).tolist() for arm, _ in _arms(rebuild)]
        values = pl.Series(marker.column, [one for part in dealt for one in part])
        if marker.decimals == 0:
            values = values.cast(pl.Int64)
        frame = frame.with_columns(values)
    return rebuild.courses.select("USUBJID").join(
        frame, on="USUBJID", how="left", maintain_order="left"
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """A measured variable or biomarker."""

    id: str
    column: str
    decimals: int
    cut_points: tuple[CutPoint, ...] = ()


def _arms(rebuild: Rebuild) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give the label of each arm with its patients."""
    for arm in rebuild.protocol.arms:
        rows = rebuild.courses.filter(pl.col("ARM") == str(arm.recorded))
        if not rows.is_empty():
            yield arm.label, rows


def _categories(rebuild: Rebuild, arm: str, rows: pl.DataFrame) -> pl.DataFrame:
    columns: dict[str, list[str]] = {}
    for variable in rebuild.protocol.variables:
        if variable.kind != "categorical" or not all(map(_is_value, variable.levels)):
            continue
        counts = counts_of(rebuild, variable, arm, rows.height)
        if counts is not None:
            rng = rebuild.rng(f"{variable.id} of {arm}")
            columns[variable.column] = deal(counts, rows.height, rng)
    rng = rebuild.rng(f"impossible combinations of {arm}")
    columns = without_impossible(columns, rebuild.construction.impossible, rng)
    return pl.DataFrame({"USUBJID": rows.get_column("USUBJID"), **columns})


def _is_value(level: Level) -> bool:
    """Return whether a level stands for one recorded value."""
    return level.where is None


def _measured(rebuild: Rebuild) -> Iterator[_Measured]:
    for variable in rebuild.protocol.variables:
        if variable.kind == "measured":
            yield _Measured(variable.id, variable.column, variable.decimals)
    for marker in rebuild.protocol.biomarkers:
        yield _Measured(marker.id, marker.column, marker.decimals, marker.cut_points)


def _values(rebuild: Rebuild, marker: _Measured) -> Mapping[str, Real] | None:
    analysis = analysis_of(rebuild, "baseline")
    groups = {
        arm: _range(rebuild, analysis, marker, arm, rows.height) for arm, rows in _arms(rebuild)
    }
    known = {arm: printed for arm, printed in groups.items() if printed is not None}
    if not known:
        return None
    if len(known) < len(groups):
        message = (
            f"published.yaml prints median and range of {marker.id} for some arms only; write "
            "them for every arm."
        )
        raise CommandError(message)
    overall = rebuild.published.get(
        analysis=analysis, level="", variable=marker.id, statistic="median"
    )
    median = None if overall is None else overall.value
    return find_values(known, median, marker.decimals, rebuild.rng(f"values of {marker.id}"))


def _range(
    rebuild: Rebuild, analysis: str, marker: _Measured, arm: str, n: int
) -> PrintedRange | None:
    def printed(statistic: str, variable: str = marker.id, label: str = "") -> float | None:
        number = rebuild.published.get(
            analysis=analysis,
            level=arm,
            variable=variable,
            variable_level=label,
            statistic=statistic,
        )
        return None if number is None else number.value

    median, low, high = (printed(one) for one in ("median", "min", "max"))
    if median is None or low is None or high is None:
        return None
    counted = []
    for cut in marker.cut_points:
        count = printed("n", cut.id, cut.at_or_above)
        if count is not None and cut.at is not None:
            counted.append((cut.at, round(count)))
    return PrintedRange(n, median, low, high, tuple(counted))
