"""An exposure that starts during follow-up: time before and after it, and its hazard ratio."""

from __future__ import annotations

from hepatica.present.format import format_level
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import Span, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import estimate, single
from hepatica.present.tables.notes import MONTHS, add_notes
from hepatica.present.wording import endpoint_of, table_title
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import TimeVaryingAnalysis
from hepatica.results import ResultRow, Results

_MODELS = {
    "counting_process": "Hazard ratio, changing with time",
    "counting_process_adjusted": "Hazard ratio, changing with time, adjusted",
    "naive": "Naive, ever against never, biased",
}


def table_time_varying(
    results: Results, protocol: Protocol, analysis: TimeVaryingAnalysis
) -> Table:
    """Return the table of an exposure that starts during follow-up.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The endpoint.
    analysis : TimeVaryingAnalysis
        The planned analysis.
    """
    endpoint = endpoint_of(protocol, analysis.endpoint)
    label = analysis.exposure.label
    title = table_title(protocol, analysis, exposure_title(protocol, analysis))
    index = RowIndex(results, analysis.id)
    if not index:
        return Table(analysis.id, title, label, message=index.failure or "No result.")
    before, after = _levels(results, analysis.id)
    rows = [
        Row("head", f"{endpoint.label}"),
        Row("message", "Patients: ", note=_counted(index)),
        *(
            Row(
                "level",
                said,
                {
                    level: single(index.get(statistic, level=level, variable=variable))
                    for level in (before, after)
                },
                indent=1,
            )
            for statistic, variable, said in (
                ("n", "", "Patients with such time, n"),
                ("person_time", "", "Time under observation, months"),
                ("events", "", "Events, n"),
                ("rate", "rate", "Events per 100 patient-months"),
            )
        ),
        *_models(index, before, after),
    ]
    columns = (Column(before, before, slot=1), Column(after, after, slot=2))
    table = Table(analysis.id, title, f"{label} as it started", columns=columns, rows=tuple(rows))
    general = [
        f"Exposure: {label}. Patients count as not exposed until it starts and exposed from then "
        "on; the day itself belongs to the time before. A start on or after the last day of "
        "follow-up counts as never.",
        "The naive comparison counts the time until the exposure as exposed, which nobody who died "
        "before it could have (immortal time); it is shown as a caution.",
        MONTHS,
    ]
    methods = index.methods(*_MODELS, *(f"{name}_firth" for name in _MODELS))
    return add_notes(table, protocol, general, methods, by="exposure")


def exposure_title(protocol: Protocol, analysis: TimeVaryingAnalysis) -> str:
    """Return what is compared, for table and figure."""
    endpoint = endpoint_of(protocol, analysis.endpoint).label
    return f"{endpoint} before and after {analysis.exposure.label}"


def _levels(results: Results, analysis: str) -> tuple[str, str]:
    found = [
        row.level for row in results.where(analysis=analysis, statistic="person_time") if row.level
    ]
    return found[0], found[1]


def _counted(index: RowIndex) -> tuple[Span, ...]:
    said = {
        "never": "never exposed",
        "during": "exposed during follow-up",
        "from_start": "exposed from the start",
        "at_end": "whose exposure started when follow-up had ended, counted as never",
    }
    spans: list[Span] = []
    for name, words in said.items():
        row = index.get("n", variable="exposure", variable_level=name)
        if row is not None and (row.value or name in ("never", "during")):
            spans += [*([Span("; ")] if spans else []), *join(number(row), f" {words}")]
    return (*spans, Span("."))


def _models(index: RowIndex, before: str, after: str) -> list[Row]:
    rows = []
    for variable, label in _MODELS.items():
        row, cells, level = _ratio(index, variable, before, after)
        if row is None:
            continue
        shown = f"{label} ({level})" if level else label
        rows.append(Row("level", shown, cells, indent=1))
    return rows


def _ratio(
    index: RowIndex, variable: str, before: str, after: str
) -> tuple[ResultRow | None, dict[str, Cell], str]:
    """Return the ratio with limits; Firth's where there is no other."""
    found: ResultRow | None = None
    for name in (variable, f"{variable}_firth"):
        found, lower, upper = (
            index.get(f"hazard_ratio{part}", level=after, variable=name, reference=before)
            for part in ("", "_lower", "_upper")
        )
        if found is not None and found.status == "ok":
            level = format_level(lower) if lower is not None else ""
            reference = Cell((Span("reference"),), format="text")
            return found, {before: reference, after: estimate(found, lower, upper)}, level
    plain = index.get("hazard_ratio", level=after, variable=variable, reference=before)
    return plain, {after: single(plain)}, ""
