"""Printed pooled results beside computed rows, and what the print implies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.published.review_print import PrintedPool, PrintedReview, step_of
from hepatica.published.review_sets import Implied, groups_need, implied_sets
from hepatica.results import ResultRow, Results
from hepatica.stats.consistency import Exponentiated, data_sets, exponentiated_proportion

Verdict = Literal["reproduced", "partial evidence only", "misprint", "no evidence at hand"]

#: A total put together from parts rounded to one digit is known to one unit of it, and is itself
#: rounded by half a unit.
ROUNDED_PARTS = 1.5
_SHOWN = {"%": 100.0, "months": 1.0 / DAYS_PER_MONTH, "": 1.0}
_ENDS = ("estimate", "estimate_lower", "estimate_upper")


@dataclass(frozen=True, slots=True)
class Again:
    """A computed result: of the partial evidence, or of printed parts put together.

    Attributes
    ----------
    outcome : str
        Outcome of the plan.
    rows : tuple of ResultRow
        Estimate and limits.
    sets : ResultRow or None
        Data sets pooled.
    agrees : bool
        Whether all three lie within the rounding of the print and of its parts.
    """

    outcome: str
    rows: tuple[ResultRow, ...]
    sets: ResultRow | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class ComparedPool:
    """A printed result, what was computed beside it, and what it implies.

    Attributes
    ----------
    printed : PrintedPool
        The print.
    partial : Again or None
        What the evidence at hand gives; ``None`` when it gives nothing.
    again : tuple of Again
        Its printed parts put together.
    implied : Implied
        Numbers of data sets that the printed I2 and P allow.
    exponentiated : Exponentiated or None
        The reading of a proportion as exponentiated, where the print has no unit.
    verdict : {"reproduced", "partial evidence only", "misprint", "no evidence at hand"}
        ``misprint``: the print contradicts itself.
    words : tuple of str
        What does not add up, in sentences.
    """

    printed: PrintedPool
    partial: Again | None
    again: tuple[Again, ...]
    implied: Implied
    exponentiated: Exponentiated | None
    verdict: Verdict
    words: tuple[str, ...]


def compare_review(printed: PrintedReview, results: Results) -> tuple[ComparedPool, ...]:
    """Set each printed result beside what was computed.

    Parameters
    ----------
    printed : PrintedReview
        The print.
    results : Results
        Rows of the synthesis.
    """
    implied = implied_sets(printed.results)
    return tuple(
        _compared(one, found, results, _about_totals(one, printed, implied))
        for one, found in zip(printed.results, implied, strict=True)
    )


def _compared(
    one: PrintedPool, implied: Implied, results: Results, totals: Sequence[str]
) -> ComparedPool:
    reading = _exponentiated(one)
    variable = "trim_and_fill" if one.kind == "trim_and_fill" else "pooled"
    partial = _computed(one, one.outcome, variable, results, one.subgroup, one.level)
    again = tuple(found for name in one.again if (found := _computed(one, name, "pooled", results)))
    words = [*_about_sets(one, implied), *totals, *_about_scale(one, reading)]
    reproduced = [found for found in again if found.agrees]
    verdict: Verdict = "partial evidence only"
    if reading is not None or implied.contradicted:
        verdict = "misprint"
    elif reproduced:
        verdict = "reproduced"
    elif partial is None and not again:
        verdict = "no evidence at hand"
    return ComparedPool(one, partial, again, implied, reading, verdict, tuple(words))


def _computed(
    one: PrintedPool,
    outcome: str,
    variable: str,
    results: Results,
    subgroup: str = "",
    level: str = "",
) -> Again | None:
    found = [
        results.where(
            analysis=outcome,
            variable=variable,
            subgroup=subgroup,
            subgroup_level=level,
            statistic=statistic,
        )
        for statistic in (*_ENDS, "data_sets")
    ]
    rows = tuple(rows[0] for rows in found[:3] if rows)  # the model that was asked for is first
    if len(rows) < len(_ENDS) or any(row.value is None for row in rows):
        return None
    sets = found[3][0] if found[3] else None
    return Again(outcome, rows, sets, _agrees(one, rows))


def _agrees(one: PrintedPool, rows: Sequence[ResultRow]) -> bool:
    within = ROUNDED_PARTS * one.step + 1e-9
    factor = _SHOWN[one.unit]
    return all(
        row.value is not None and abs(factor * row.value - told) <= within
        for row, told in zip(rows, one.numbers, strict=True)
    )


def _exponentiated(one: PrintedPool) -> Exponentiated | None:
    """Return the reading of a number without a unit where other results have percents."""
    if one.unit or one.kind != "trim_and_fill":
        return None
    found = exponentiated_proportion(*one.numbers, step=one.step)
    return found if found.possible else None


def _about_sets(one: PrintedPool, implied: Implied) -> list[str]:
    """Say why no number of data sets fits."""
    if implied.alone is None or not implied.contradicted:
        return []
    if len(implied.alone.k):
        told = numbers_told(implied.alone.k.tolist(), implied.most)
        return [f"I² and P fit {told} data sets. {implied.reason}"]
    none = f"No number of data sets up to {implied.most} gives this I² and P."
    return [none, *_swapped(one, implied.most)]


def implied_numbers(implied: Implied) -> str:
    """Return the numbers of data sets that I2 and P fit; empty where they say nothing.

    Parameters
    ----------
    implied : Implied
        What a printed result allows.
    """
    if implied.alone is None or len(implied.alone.k) == implied.most - 1:
        return ""
    return numbers_told(implied.alone.k.tolist(), implied.most)


def _about_totals(
    one: PrintedPool, printed: PrintedReview, implied: Sequence[Implied]
) -> list[str]:
    """Say where the numbers of data sets told do not add up."""
    if one.data_sets is None:
        return []
    if one.filled is not None:
        left = one.data_sets - one.filled
        whole = [
            other.data_sets
            for other in printed.results
            if other.outcome == one.outcome and not other.level and other.filled is None
        ]
        told = f", not {whole[0]}" if whole and whole[0] not in (None, left) else ""
        return [f"{one.data_sets} with {one.filled} filled in leaves {left} data sets{told}."]
    return [
        f"Its groups by {grouping} need at least {need} data sets; {one.data_sets} are told."
        for grouping, need in groups_need(one, printed.results, implied).items()
        if need > one.data_sets
    ]


def _swapped(one: PrintedPool, most: int) -> list[str]:
    """Return the P that would fit if two neighbouring digits were swapped in print."""
    step = step_of(one.p)
    for at in range(len(one.p) - 1):
        pair = one.p[at : at + 2]
        other = one.p[:at] + pair[::-1] + one.p[at + 2 :]
        if not pair.isdigit() or other == one.p:
            continue
        found = data_sets(
            float(one.i2) / 100.0,
            float(other),
            i2_step=step_of(one.i2) / 100.0,
            p_step=step,
            most=most,
        )
        if len(found.k):
            told = numbers_told(found.k.tolist(), most)
            return [f"With two digits of P swapped, {other}, {told} data sets fit."]
    return []


def _about_scale(one: PrintedPool, reading: Exponentiated | None) -> list[str]:
    if reading is None:
        return []
    return [
        f"{one.estimate} ({one.lower} to {one.upper}) is a proportion that was exponentiated: "
        f"{100 * reading.estimate:.1f}% ({100 * reading.lower:.1f} to {100 * reading.upper:.1f})."
    ]


def numbers_told(k: list[int], most: int) -> str:
    """Return numbers in words.

    Examples
    --------
    >>> numbers_told([7], 15), numbers_told([8, 9], 15), numbers_told([8, 9, 10], 10)
    ('7', '8 or 9', '8 or more')
    """
    if not k:
        return "none"
    if len(k) == 1:
        return str(k[0])
    if k[-1] == most:
        return f"{k[0]} or more"
    if len(k) == 2:
        return f"{k[0]} or {k[1]}"
    return f"{k[0]} to {k[-1]}"
