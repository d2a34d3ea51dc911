"""Survival of one table as lines of a terminal: groups side by side, then how they compare."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from hepatica.present.format import (
    format_interval,
    format_level,
    format_limits,
    format_row,
    format_value,
)
from hepatica.results import ResultRow, Results

_WIDTH = 80
_GAP = "  "


def survival_lines(results: Results, *, analysis: str, event: str) -> Iterator[str]:
    """Yield the lines; the first is a heading, the last ones name the methods.

    Parameters
    ----------
    results : Results
        Rows of the table.
    analysis : str
        Id of the analysis.
    event : str
        Condition of the event, as it was asked.
    """
    rows = [row for row in results.where(analysis=analysis) if row.variable not in _LISTED]
    medians = [row for row in rows if row.statistic == "median"]
    total = results.one(analysis=analysis, statistic="n", variable="", level="")
    by = f", by {medians[0].group}" if medians[0].group else ""
    yield (
        f"{total.study}  {format_row(total)} {'record' if total.value == 1 else 'records'}"
        f"{f' with {total.subgroup_level}' if total.subgroup_level else ''}, "
        f"{medians[0].parameter} to {event}{by}"
    )
    yield ""
    groups = [_of_level(rows, row.level) for row in medians]
    yield from _aligned(_columns(groups))
    compared = list(_comparison(rows))
    if compared:
        yield ""
        yield from _compared(compared)
    yield ""
    yield from _methods(rows)


_LISTED = ("curve", "risk_table")


def _of_level(rows: Iterable[ResultRow], level: str) -> dict[tuple[str, float | None], ResultRow]:
    """Return the rows of one group that stand in its line, by statistic and time."""
    return {
        (row.statistic, row.time): row
        for row in rows
        if row.level == level and not row.variable and not row.reference
    }


def _columns(groups: Sequence[dict[tuple[str, float | None], ResultRow]]) -> list[list[str]]:
    """Return a head and a line for each group."""
    first = groups[0]
    level = format_level(first["median_lower", None])
    times = [time for name, time in first if name == "survival"]
    means = [time for name, time in first if name == "restricted_mean"]
    head = ["", "N", "Events", f"Median, months ({level})"]
    head += [f"Day {time:g}, % ({level})" for time in times]
    head += [f"Mean to day {time:g}, months ({level})" for time in means]
    lines = [head]
    for one in groups:
        median = one["median", None]
        n = one["events", None].denominator or 0
        cells = [median.level or "All", format_value(n, "integer"), format_row(one["events", None])]
        cells.append(_estimate(one, "median", None))
        cells += [_estimate(one, "survival", time) for time in times]
        cells += [_estimate(one, "restricted_mean", time) for time in means]
        lines.append(cells)
    return lines


def _estimate(
    rows: dict[tuple[str, float | None], ResultRow], name: str, time: float | None
) -> str:
    estimate = rows[name, time]
    lower, upper = (rows[f"{name}_{side}", time] for side in ("lower", "upper"))
    limits = format_interval(*format_limits(lower, upper))
    return f"{format_row(estimate)} ({limits})"


def _comparison(rows: Sequence[ResultRow]) -> Iterator[list[str]]:
    test = {row.statistic: row for row in rows if row.variable == "logrank"}
    if "p_value" in test:
        p = test["p_value"]
        yield ["Log-rank test", "", _p(p), p.message if p.status != "ok" else ""]
    for row in rows:
        if row.statistic == "hazard_ratio":
            own = _beside(rows, row)
            yield [_named(row), _ratio(row, own), _p(own.get("p_value")), row.message]
        if row.statistic == "restricted_mean_difference":
            own = _beside(rows, row)
            label = f"Mean to day {row.time:g}, {row.level} less {row.reference}"
            tested = own.get("restricted_mean_difference_p_value")
            yield [f"{label}, months", _ratio(row, own), _p(tested), row.message]


def _beside(rows: Iterable[ResultRow], row: ResultRow) -> dict[str, ResultRow]:
    place = (row.level, row.reference, row.variable, row.variable_level, row.time)
    return {
        one.statistic: one
        for one in rows
        if (one.level, one.reference, one.variable, one.variable_level, one.time) == place
    }


def _named(row: ResultRow) -> str:
    if row.variable == "cox":
        return f"Hazard ratio, {row.level} against {row.reference}"
    against = f" against {row.reference}" if row.reference else ", per unit"
    return f"Hazard ratio, {row.variable_level}{against}"


def _ratio(row: ResultRow, own: dict[str, ResultRow]) -> str:
    if row.status != "ok":
        return format_row(row)
    limits = format_limits(own[f"{row.statistic}_lower"], own[f"{row.statistic}_upper"])
    return f"{format_row(row)} ({format_interval(*limits)})"


def _p(row: ResultRow | None) -> str:
    if row is None or row.status != "ok":
        return ""
    text = format_row(row)
    return f"P {text}" if text[0] in "<>" else f"P = {text}"


def _compared(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each comparison, and a second one where labels are long."""
    widths = [max(len(line[place]) for line in lines) for place in range(3)]
    long = sum(widths) + 3 * len(_GAP) > _WIDTH
    for label, *cells, message in lines:
        numbers = _GAP.join(one.ljust(widths[place]) for place, one in enumerate(cells, start=1))
        if long:
            yield from textwrap.wrap(label, _WIDTH, initial_indent=_GAP, subsequent_indent=_GAP * 2)
            yield _GAP * 3 + numbers.strip()
        else:
            yield (_GAP + label.ljust(widths[0]) + _GAP + numbers).rstrip()
        yield from textwrap.wrap(
            message, _WIDTH, initial_indent=_GAP * 3, subsequent_indent=_GAP * 3
        )


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield lines with their cells under one another; a table too wide is broken by columns."""
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    blocks: list[list[int]] = [[]]
    for place in range(1, len(widths)):
        used = sum(widths[one] + len(_GAP) for one in (0, *blocks[-1], place))
        if blocks[-1] and used + len(_GAP) > _WIDTH:
            blocks.append([])
        blocks[-1].append(place)
    for number, block in enumerate(blocks):
        if number:
            yield ""
        for line in lines:
            cells = [line[0].ljust(widths[0]), *(line[one].rjust(widths[one]) for one in block)]
            yield (_GAP + _GAP.join(cells)).rstrip()


def _methods(rows: Iterable[ResultRow]) -> Iterator[str]:
    """Yield each method once."""
    told = (row for row in rows if not row.statistic.startswith("follow_up"))
    named = dict.fromkeys(row.method for row in told if row.method)
    text = "; ".join(named) + ". 1 month is 30.4375 days. NE: not estimable."
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=_GAP, subsequent_indent=_GAP, break_on_hyphens=False
    )
