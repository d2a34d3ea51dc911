"""A synthesis as lines of a terminal: each outcome with its studies and what they give together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hepatica.present.format import format_interval, format_limits, format_row
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow, Results

_MARKS = {"simulated": " (constructed)", "collected": " (own)", "mixed": "", "published": ""}


def pooled_lines(results: Results, review: Review) -> Iterator[str]:
    """Yield the lines of all outcomes; a line without indent is a heading.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    """
    for outcome in review.outcomes:
        yield outcome.label
        yield from _aligned([*_studies(results, outcome), *_pooled(results, outcome)])
        yield from _left_out(results, outcome)
        yield ""


def _rows(results: Results, outcome: PooledOutcome, variable: str) -> dict[str, list[ResultRow]]:
    """Return the rows of each study, or of each model, without subgroups."""
    found: dict[str, list[ResultRow]] = {}
    for row in results.where(analysis=outcome.id, variable=variable, subgroup=""):
        found.setdefault(row.variable_level, []).append(row)
    return found


def _studies(results: Results, outcome: PooledOutcome) -> Iterator[tuple[str, ...]]:
    for variable, prefix in (("study", ""), ("reference", "beside: ")):
        for name, rows in _rows(results, outcome, variable).items():
            by = {row.statistic: row for row in rows}
            told = by["estimate"].status == "ok"
            set_aside = not told or "set_aside" in by
            weight = format_row(by["weight"]) if "weight" in by else ""
            label = f"{prefix}{name}{_MARKS[rows[0].origin]}"
            yield (
                label,
                _counts(by),
                estimate_text(by) if told else "",
                "" if variable == "reference" else ("not pooled" if set_aside else weight),
            )


def _counts(by: dict[str, ResultRow]) -> str:
    words = [
        f"{format_row(by[name])}/{by[name].denominator}"
        for name in ("events", "control_events")
        if name in by
    ]
    return " v ".join(words)


def _pooled(results: Results, outcome: PooledOutcome) -> Iterator[tuple[str, ...]]:
    for name, rows in _rows(results, outcome, "pooled").items():
        by = {row.statistic: row for row in rows}
        if by["estimate"].status != "ok":
            yield (f"= {by['estimate'].message}", "", "", "")
            continue
        sets = format_row(by["data_sets"])
        label = (
            f"= {name} effects, {sets} data sets"
            if name == "random"
            else (f"= {name} effect, {sets} data sets")
        )
        label += _MARKS[by["estimate"].origin].replace(" (own)", "")
        patients = format_row(by["n"]) if "n" in by else ""
        yield (label, patients, estimate_text(by), _heterogeneity(by))


def estimate_text(by: dict[str, ResultRow], statistic: str = "estimate") -> str:
    """Return an estimate with its limits, as shown.

    Parameters
    ----------
    by : dict of str to ResultRow
        Rows of one study or model by their statistic.
    statistic : str
        Whose limits.
    """
    lower, upper = format_limits(by[f"{statistic}_lower"], by[f"{statistic}_upper"])
    return f"{format_row(by[statistic])} ({format_interval(lower, upper)})"


def _heterogeneity(by: dict[str, ResultRow]) -> str:
    if "i2" not in by:
        return ""
    return f"I2 {format_row(by['i2'])}, p {format_row(by['q_p_value'])}"


def _left_out(results: Results, outcome: PooledOutcome) -> Iterator[str]:
    for row in results.where(analysis=outcome.id, variable="not_pooled"):
        yield f"  not pooled ({format_row(row)}): {row.variable_level}"


def _aligned(lines: Sequence[Iterable[str]]) -> Iterator[str]:
    cells = [tuple(line) for line in lines]
    widths = [max((len(one[at]) for one in cells if one[2]), default=0) for at in range(4)]
    for label, counts, estimate, last in cells:
        if not estimate and not counts and label.startswith("= "):
            yield f"  {label}"
            continue
        parts = (
            label.ljust(widths[0]),
            counts.rjust(widths[1]),
            estimate.rjust(widths[2]),
            last,
        )
        yield "  " + "  ".join(parts).rstrip()
