"""The table of dialects as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.present.format import format_row
from hepatica.present.pooling_text import estimate_text
from hepatica.present.tables.dialects import NAMES, dialects_of, spread_of
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import Results


def dialect_lines(results: Results, review: Review) -> Iterator[str]:
    """Yield what each software would say of each outcome; a line without indent is a heading.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    """
    for outcome in review.outcomes:
        lines = list(_outcome(results, outcome))
        if lines:
            yield f"{outcome.label}, by the conventions of each software"
            yield from lines
            yield ""


def _outcome(results: Results, outcome: PooledOutcome) -> Iterator[str]:
    by_dialect = dialects_of(results, outcome.id)
    shown = [
        (
            NAMES[name],
            estimate_text(rows) if rows["estimate"].status == "ok" else rows["estimate"].message,
            f"tau2 {format_row(rows['tau2'])}, I2 {format_row(rows['i2'])}" if "i2" in rows else "",
        )
        for name, rows in by_dialect.items()
    ]
    width = max((len(estimate) for _, estimate, last in shown if last), default=0)
    for name, estimate, last in shown:
        between = estimate.rjust(width) if last else estimate
        yield f"  {name.ljust(12)}  {between}  {last}".rstrip()
    spread = spread_of(results, outcome.id)
    if spread is not None:
        yield f"  spread of the estimates: {format_row(spread)}"
