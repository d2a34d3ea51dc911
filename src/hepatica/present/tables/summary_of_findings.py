"""The summary of findings: what each rated outcome gives, in patients, and how sure that is.

Layout: Guyatt et al., J Clin Epidemiol 2013;66:158 (GRADE: summary of findings tables).
"""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.present.spans import Span, Spans, interval, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.synthesis import models_of
from hepatica.protocol.certainty import CERTAINTY_WORDS, DOMAIN_LABELS, Certainty
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow, Results

_COLUMNS = (
    Column("sets", "Data sets"),
    Column("patients", "Patients"),
    Column("relative", "Relative effect (CI)"),
    Column("control", "Control, per 1000"),
    Column("change", "Change per 1000 (CI)"),
    Column("certainty", "Certainty", words=True),
)
_FULL, _EMPTY = "\N{CIRCLED PLUS}", "\N{LARGE CIRCLE}"
_MEASURES = {
    "risk_ratio": "RR",
    "odds_ratio": "OR",
    "hazard_ratio": "HR",
    "risk_difference": "RD",
}
_SHORT = (
    "CI, confidence interval; HR, hazard ratio; OR, odds ratio; RD, risk difference; "
    "RR, risk ratio."
)


def certainty_signs(word: str) -> str:
    """Return a certainty as four signs and its word.

    Examples
    --------
    >>> certainty_signs("low")
    '⊕⊕◯◯ Low'
    """
    full = CERTAINTY_WORDS.index(word) + 1
    return f"{_FULL * full}{_EMPTY * (len(CERTAINTY_WORDS) - full)} {word.capitalize()}"


def table_summary_of_findings(results: Results, review: Review) -> Table:
    """Return the summary of findings of the outcomes whose certainty was rated.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    """
    rows: list[Row] = []
    for outcome in review.outcomes:
        if outcome.certainty is not None:
            rows += _outcome(results, outcome, outcome.certainty)
    return Table(
        "summary-of-findings",
        "Summary of findings: effects in patients, and how sure they are",
        short="Summary of findings",
        stub="Outcome",
        columns=_COLUMNS,
        rows=tuple(rows),
        footnotes=(
            "Change: patients more (or, with a minus, fewer) per 1000 than under control, from the "
            "relative effect and the assumed risk under control. Certainty by GRADE, as the "
            "reviewers judged it; hints come from the numbers and are no judgements.",
            _SHORT,
        ),
    )


def _outcome(results: Results, outcome: PooledOutcome, judged: Certainty) -> Iterator[Row]:
    rated = results.get(analysis=outcome.id, variable="certainty", statistic="certainty")
    pooled = next(iter(models_of(results, outcome.id).values()), {})
    if rated is None or "estimate" not in pooled:
        yield Row("head", outcome.label)
        yield Row("message", "The outcome was not pooled, so that its certainty is not rated.")
        return
    absolute = {
        row.statistic: row for row in results.where(analysis=outcome.id, variable="absolute")
    }
    yield Row(
        "head",
        outcome.label,
        {
            "sets": single(pooled.get("data_sets")),
            "patients": single(pooled.get("n")),
            "relative": _relative(outcome, pooled),
            "control": single(absolute.get("control_risk")),
            "change": _with_limits(absolute, "risk_change"),
            "certainty": Cell((Span(certainty_signs(rated.text), rated.id),), format="word"),
        },
    )
    if absolute:
        told = f"Counted: {judged.event}. {_sentence(judged.baseline_source)}".strip()
        yield Row("message", "", note=(Span(told, quoted=True),))
    yield Row("message", "", note=_reasons(results, outcome, judged))
    hints = results.where(analysis=outcome.id, variable="hint")
    if hints:
        parts: list[str | Span | Spans] = ["Hints from the numbers, no judgements: "]
        for at, row in enumerate(hints):
            domain = DOMAIN_LABELS[row.variable_level]
            parts += ["; " if at else "", Span(f"{row.text} ({domain})", row.id)]
        yield Row("message", "", note=join(*parts, "."))


def _relative(outcome: PooledOutcome, pooled: dict[str, ResultRow]) -> Cell:
    name = _MEASURES.get(outcome.measure, "")
    limits = interval(pooled["estimate_lower"], pooled["estimate_upper"])
    spans = join(f"{name} " if name else "", number(pooled["estimate"]), " (", limits, ")")
    return Cell(spans, format="ratio")


def _with_limits(rows: dict[str, ResultRow], statistic: str) -> Cell:
    if statistic not in rows:
        return NONE
    ends = [rows.get(f"{statistic}_{end}") for end in ("lower", "upper")]
    parts: list[str | Span | Spans] = [number(rows[statistic])]
    if ends[0] is not None and ends[1] is not None:
        parts += [" (", interval(ends[0], ends[1], negative=True), ")"]
    return Cell(join(*parts), format="integer")


def _reasons(results: Results, outcome: PooledOutcome, judged: Certainty) -> Spans:
    parts: list[str | Span | Spans] = [f"Starts {judged.start}"]
    for row in results.where(analysis=outcome.id, variable="certainty", statistic="steps"):
        reason = results.get(
            analysis=outcome.id,
            variable="certainty",
            statistic="reason",
            variable_level=row.variable_level,
        )
        words = reason.text.rstrip(".") if reason is not None else ""
        parts += [f"; {DOMAIN_LABELS[row.variable_level]} ", number(row)]
        parts.append(Span(f" ({words})", quoted=True))
    return join(*parts, ".")


def _sentence(text: str) -> str:
    return f"Risk under control: {text.rstrip('.')}." if text else ""
