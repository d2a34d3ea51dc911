"""Two strategies after an event: clones, weights, survival and restricted means."""

from __future__ import annotations

from hepatica.present.format import format_level
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import Span, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, estimate, single
from hepatica.present.tables.notes import MONTHS, add_notes
from hepatica.present.wording import endpoint_of, table_title
from hepatica.protocol.base import TimePoint
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import CloneCensorWeightAnalysis
from hepatica.results import ResultRow, Results

_DIFFERENCE = "difference"
_CLONES = {
    "followed": "Followed the strategy, patients",
    "departed": "Departed from it, clone censored then",
    "after_grace": "Followed past the grace period",
}
_WEIGHTS = {
    "weight_smallest": "Smallest weight",
    "weight_largest": "Largest weight",
    "effective_size": "Effective number of patients",
}


def table_clone_censor_weight(
    results: Results, protocol: Protocol, analysis: CloneCensorWeightAnalysis
) -> Table:
    """Return the table of two strategies and their difference.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The endpoint.
    analysis : CloneCensorWeightAnalysis
        The planned analysis.
    """
    endpoint = endpoint_of(protocol, analysis.endpoint)
    since = f"{endpoint.label} from {analysis.start.label}"
    title = table_title(protocol, analysis, strategies_title(protocol, analysis))
    short = f"Strategies after {analysis.start.label}"
    index = RowIndex(results, analysis.id)
    failed = index.get("survival") if index else None
    if not index or failed is not None:
        why = index.failure if failed is None else failed.message
        return Table(analysis.id, title, short, message=why or "No result.")
    treated, untreated = _levels(results, analysis.id)
    levels = (treated, untreated)
    rows = [
        Row("head", "Clones and weights"),
        Row("message", "Patients: ", note=_counted(index, analysis)),
        *(
            Row(
                "level",
                said,
                {
                    level: single(
                        index.get("n", level=level, variable="clones", variable_level=name)
                    )
                    for level in levels
                },
                indent=1,
            )
            for name, said in _CLONES.items()
        ),
        *_weights(index, levels, ""),
        Row("head", since),
        *_estimates(index, analysis, levels, ""),
    ]
    for name in index.levels("truncated"):
        rows.append(Row("head", f"Sensitivity: weights truncated {name}"))
        rows += _weights(index, levels, name)
        rows += _estimates(index, analysis, levels, name)
    rows += _naive(index, analysis, levels)
    columns = (
        Column(treated, treated, slot=1),
        Column(untreated, untreated, slot=2),
        Column(_DIFFERENCE, "Difference"),
    )
    table = Table(analysis.id, title, short, columns=columns, rows=tuple(rows))
    return add_notes(table, protocol, _general(analysis), index.methods(""), by="strategy")


def strategies_title(protocol: Protocol, analysis: CloneCensorWeightAnalysis) -> str:
    """Return what is compared, for table and figure."""
    endpoint = endpoint_of(protocol, analysis.endpoint).label
    return f"{endpoint} from {analysis.start.label} with and without {analysis.treatment.label}"


def _general(analysis: CloneCensorWeightAnalysis) -> tuple[str, ...]:
    return (
        f"Every patient is cloned at {analysis.start.label} and follows both strategies until "
        "departing from one of them; that clone is censored then, and those who remain are "
        "weighted for it. This rests on the covariates: whatever else decided on the treatment is "
        "not accounted for.",
        "Until the grace period ends, a patient who died untreated followed both strategies.",
        MONTHS,
    )


def _levels(results: Results, analysis: str) -> tuple[str, str]:
    found = dict.fromkeys(
        row.level for row in results.where(analysis=analysis, variable="clones") if row.level
    )
    first, second = tuple(found)
    return first, second


def _counted(index: RowIndex, analysis: CloneCensorWeightAnalysis) -> tuple[Span, ...]:
    label = analysis.start.label
    said = {
        "followed": f"followed after {label}",
        "without": f"without {label}",
        "at_end": f"whose follow-up ended on the day of {label}",
    }
    spans: list[Span] = []
    for name, words in said.items():
        row = index.get("n", variable="from", variable_level=name)
        if row is not None and (row.value or name == "followed"):
            spans += [*([Span("; ")] if spans else []), *join(number(row), f" {words}")]
    missing = index.get("n", variable="covariates", variable_level="Missing")
    if missing is not None:
        spans += [Span("; "), *join(number(missing), " left out because a covariate is not known")]
    return (*spans, Span("."))


def _weights(index: RowIndex, levels: tuple[str, str], name: str) -> list[Row]:
    variable = "truncated" if name else ""
    return [
        Row(
            "level",
            said,
            {
                level: single(
                    index.get(statistic, level=level, variable=variable, variable_level=name)
                )
                for level in levels
            },
            indent=1,
        )
        for statistic, said in _WEIGHTS.items()
    ]


def _estimates(
    index: RowIndex, analysis: CloneCensorWeightAnalysis, levels: tuple[str, str], name: str
) -> list[Row]:
    rows = [
        _estimate(index, levels, "survival", (f"Without the event at {one.text}, %", one), name)
        for one in analysis.at
    ]
    last = max(analysis.at, key=lambda one: one.days)
    label = f"Mean time without the event up to {last.text}, months"
    return [*rows, _estimate(index, levels, "restricted_mean", (label, last), name)]


def _estimate(
    index: RowIndex,
    levels: tuple[str, str],
    statistic: str,
    what: tuple[str, TimePoint],
    name: str,
) -> Row:
    label, point = what

    def found(level: str, reference: str, statistic: str) -> list[ResultRow | None]:
        return [
            index.get(
                statistic + part,
                level=level,
                reference=reference,
                variable="truncated" if name else "",
                variable_level=name,
                time=point.days,
            )
            for part in ("", "_lower", "_upper")
        ]

    cells: dict[str, Cell] = {level: estimate(*found(level, "", statistic)) for level in levels}
    cells[_DIFFERENCE] = estimate(*found(levels[0], levels[1], f"{statistic}_difference"))
    limit = found(levels[0], "", statistic)[1]
    shown = f"{label} ({format_level(limit)})" if limit is not None else label
    return Row("level", shown, cells, indent=1)


def _naive(
    index: RowIndex, analysis: CloneCensorWeightAnalysis, levels: tuple[str, str]
) -> list[Row]:
    rows = []
    for point in analysis.at:
        row = index.get(
            "survival_difference",
            level=levels[0],
            reference=levels[1],
            variable="naive",
            time=point.days,
        )
        if row is not None:
            label = f"Without the event at {point.text}, %"
            rows.append(
                Row(
                    "level",
                    label,
                    {_DIFFERENCE: single(row), **dict.fromkeys(levels, NONE)},
                    indent=1,
                )
            )
    if not rows:
        return []
    return [Row("head", "Caution: treated against not treated, biased by immortal time"), *rows]
