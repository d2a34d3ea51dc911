"""The page of operating characteristics: what was assumed, and how the design behaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hepatica.present.assumed_curve import curve_words
from hepatica.present.content import Cover, Points
from hepatica.present.plan.document import Document, DocumentSection
from hepatica.present.spans import Span, join
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.protocol.design import DesignAssumptions
from hepatica.protocol.model import Protocol

_NOTE = (
    "Simulated patients: drawn from the assumptions, no patient of any trial. Rejections are "
    "shares of trials with their Monte Carlo error; estimates are means over trials (medians where "
    "some trials have none) with the range of the middle 95 %."
)
_COLUMNS = (
    Column("estimate", "Estimate"),
    Column("error", "Monte Carlo error"),
    Column("range", "2.5 to 97.5 % of trials"),
    Column("method", "Method", words=True),
)


def design_document(protocol: Protocol, rows: Sequence[Mapping[str, Any]]) -> Document:
    """Return the page of a simulated design.

    Parameters
    ----------
    protocol : Protocol
        The study, with its assumptions.
    rows : sequence of mapping
        Operating characteristics, as `hepatica design study --format json` gives them.
    """
    study = protocol.study
    cover = Cover(
        id=study.id,
        title=study.title,
        kind="Operating characteristics",
        status="Simulated trials",
        status_note="Every patient was drawn from the assumptions of the protocol.",
        facts=(
            ("Study", join(study.id)),
            ("Trials", join(f"{rows[0]['trials']:,}".replace(",", " ") if rows else "0")),
            ("Seed", join(str(protocol.seed))),
        ),
        foot="Made with Hepatica; the same protocol and seed give the same trials.",
    )
    sections = [
        DocumentSection("design", "Assumptions", tuple(_assumptions(protocol))),
        DocumentSection("analyses", "Operating characteristics", tuple(_tables(rows))),
    ]
    return Document(cover, tuple(sections))


def _assumptions(protocol: Protocol) -> list[Points]:
    plan = protocol.design
    if plan is None:
        return []
    labels = {arm.id: arm.label for arm in protocol.arms}
    sizes = [f"{one.label}: {one.planned} patients." for one in protocol.arms if one.planned]
    found = [Points("Size and time", (*sizes, *_times(protocol, plan)))]
    for scenario in plan.scenarios:
        lines = tuple(
            f"{labels.get(arm, arm)}: progression-free survival {curve_words(one.pfs)}, overall "
            f"survival {curve_words(one.os)}, response rate {one.response_rate:g}."
            for arm, one in scenario.arms.items()
        )
        found.append(Points(scenario.label, lines))
    null = tuple(f"{labels.get(arm, arm)}: {curve_words(one)}." for arm, one in plan.null.items())
    return [*found, *((Points("Tested against", null),) if null else ())]


def _times(protocol: Protocol, plan: DesignAssumptions) -> list[str]:
    lines = [f"Accrual {plan.accrual.text}, then follow-up {plan.follow_up.text}."]
    if plan.loss is not None:
        lines.append(f"{100 * plan.loss.share:g} % lost by {plan.loss.by.text}.")
    seen = protocol.assessments
    if seen is not None and seen.every_days:
        lines.append(
            f"Progression is seen at scans every {seen.every_days} days, so recorded times are "
            "longer than true ones; the curve tested against is taken as it stands. A null that "
            "was recorded at other intervals makes the first error larger or smaller than its "
            "level."
        )
    return lines


def _tables(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    grid = dict.fromkeys((str(row["scenario"]), row["n"]) for row in rows)
    return [
        Table(
            f"characteristics-{number}",
            scenario if n is None else f"{scenario}, {n} patients in each arm",
            columns=_COLUMNS,
            rows=tuple(
                _lines([row for row in rows if (row["scenario"], row["n"]) == (scenario, n)])
            ),
            footnotes=(_NOTE,),
        )
        for number, (scenario, n) in enumerate(grid, start=1)
    ]


def _lines(rows: list[Mapping[str, Any]]) -> list[Row]:
    lines: list[Row] = []
    for arm in dict.fromkeys(str(row["arm"]) for row in rows):
        lines.append(Row("head", arm))
        lines += [
            Row("level", str(row["quantity"]), _cells(row), indent=1)
            for row in rows
            if row["arm"] == arm
        ]
    return lines


def _cells(row: Mapping[str, Any]) -> dict[str, Cell]:
    limits = [_shown(row[name]) for name in ("lower", "upper")]
    between = (
        " to ".join(limits) if any(row[one] is not None for one in ("lower", "upper")) else "–"
    )
    error = row["monte_carlo_error"]
    return {
        "estimate": _cell(_shown(row["estimate"])),
        "error": _cell("–" if error is None else f"{error:.4f}"),
        "range": _cell(between),
        "method": Cell((Span(str(row["method"]), quoted=True),), format="text"),
    }


def _cell(text: str) -> Cell:
    return Cell((Span(text, quoted=True),))


def _shown(value: float | None) -> str:
    if value is None:
        return "NE"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.1f}"
