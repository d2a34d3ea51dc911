"""Early response of a marker: who had it, and what it predicts from the landmark on."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.format import format_level
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import Span, Spans, join, number
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import count_percent, estimate, single
from hepatica.present.tables.notes import INTERVALS, MONTHS, add_notes
from hepatica.present.wording import endpoint_of, lower_first, table_title
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import EarlyResponseAnalysis
from hepatica.results import ResultRow, Results

_STANDINGS = {
    "no_baseline": "without a positive value at baseline",
    "no_value": "without a value in the window",
    "ended": "without one because an event or the end of follow-up came first",
    "below_limit": "below a limit of detection, so that the decline cannot be decided",
}
_RATIO, _P = "ratio", "p"


def parts_of(results: Results, analysis: str) -> dict[str, Results]:
    """Return the rows of an analysis by the part of the patients they are about.

    The rows of all patients come first; each part is a collection of its own.
    """
    found: dict[str, list[ResultRow]] = {"": []}
    for row in results.where(analysis=analysis):
        name = "" if row.subgroup == "where" else row.subgroup_level
        found.setdefault(name, []).append(row)
    return {name: Results(rows) for name, rows in found.items()}


def table_early_response(
    results: Results, protocol: Protocol, analysis: EarlyResponseAnalysis
) -> Table:
    """Return one table with a block for all patients, each stratum and each floor.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Marker and endpoints.
    analysis : EarlyResponseAnalysis
        The planned analysis.
    """
    marker = next(one for one in protocol.biomarkers if one.id == analysis.marker)
    title = table_title(protocol, analysis, f"Early response of {lower_first(marker.label)}")
    short = f"Early response of {lower_first(marker.label)}"
    index = RowIndex(results, analysis.id)
    if not index:
        return Table(analysis.id, title, short, message=index.failure or "No result.")
    parts = parts_of(results, analysis.id)
    groups = _groups(parts[""], analysis.id)
    rows: list[Row] = []
    for name, part in parts.items():
        rows += _block(RowIndex(part, analysis.id), protocol, analysis, groups, name)
    columns = (
        *(Column(one, one, slot=slot) for slot, one in enumerate(groups, start=1)),
        Column(_RATIO, "Ratio"),
        Column(_P, "P"),
    )
    table = Table(analysis.id, title, short, columns=columns, rows=tuple(rows))
    general = [*_definition(protocol, analysis), MONTHS, INTERVALS]
    variables = ("", "logrank", "cox", "cox_firth", "cox_adjusted", "association", "logistic")
    more = ("logistic_firth", "logistic_adjusted", "interaction", "naive")
    return add_notes(table, protocol, general, index.methods(*variables, *more), by="marker")


def _groups(everybody: Results, analysis: str) -> tuple[str, str]:
    levels = [
        row.level for row in everybody.where(analysis=analysis, variable="landmark") if row.level
    ]
    first, second = tuple(dict.fromkeys(levels))[:2]
    return first, second


def _definition(protocol: Protocol, analysis: EarlyResponseAnalysis) -> Iterable[str]:
    window = analysis.window
    near = f", accepted {window.text} earlier or later" if window is not None else ""
    landmark = analysis.from_landmark.text
    yield (
        f"Response: a decline from baseline by {analysis.decline_percent:g}% or more, measured at "
        f"{analysis.at.text}{near}. A result below a limit of detection counts where any value up "
        "to the limit leads to the same group."
    )
    yield (
        f"Everything is counted from the landmark at {landmark}, the last day on which a value can "
        "decide the group, so that nobody is immortal; patients whose event or end of follow-up "
        "came up to then are left out."
    )
    if analysis.response is not None:
        response = endpoint_of(protocol, analysis.response).label
        yield (
            f"{response} is judged after the landmark only, in patients who are followed past it "
            "without the events of this table; not evaluable counts as not reached, and who has no "
            "judgement is left out."
        )
    if analysis.endpoints:
        yield "P values beside medians are those of the log-rank test."
        yield (
            "Naive ratios are biased and shown as a caution: they count the time until the marker "
            "was measured again (immortal time)."
        )


def _block(
    index: RowIndex,
    protocol: Protocol,
    analysis: EarlyResponseAnalysis,
    groups: tuple[str, str],
    name: str,
) -> list[Row]:
    floors = {
        f"Baseline at or above {one:g} {_unit(protocol, analysis)}" for one in analysis.floors
    }
    head = f"Sensitivity: {lower_first(name)}" if name in floors else name
    rows = [Row("head", head or "All patients"), _standing(index, groups)]
    if analysis.response is not None:
        rows += _control(index, protocol, analysis, groups, whole=not name)
    for one in analysis.endpoints:
        endpoint = endpoint_of(protocol, one)
        if isinstance(endpoint, TimeToEvent):
            rows += _times(index, endpoint, groups, whole=not name)
    return rows


def _unit(protocol: Protocol, analysis: EarlyResponseAnalysis) -> str:
    return next(one.unit for one in protocol.biomarkers if one.id == analysis.marker)


def _standing(index: RowIndex, groups: tuple[str, str]) -> Row:
    """Return the sentence on who had the response, and in whom it is not known."""

    def count(name: str) -> ResultRow | None:
        return index.get("n", variable="early_response", variable_level=name)

    pieces: list[Spans] = []
    for name, said in zip(("response", "no_response"), groups, strict=True):
        row = count(name)
        if row is not None:
            pieces.append(join(number(row), f" {lower_first_word(said)}"))
    for name, said in _STANDINGS.items():
        row = count(name)
        if row is not None and row.value:
            pieces.append(join(number(row), f" {said}"))
    spans: list[Span] = []
    for place, piece in enumerate(pieces):
        spans += [*([Span("; ")] if place else []), *piece]
    return Row("message", "Patients: ", note=(*spans, Span(".")))


def lower_first_word(text: str) -> str:
    """Return the text with a small first letter, unless its first word is an abbreviation."""
    first = text.split(maxsplit=1)[0]
    return text if first.isupper() else text[:1].lower() + text[1:]


def _control(
    index: RowIndex,
    protocol: Protocol,
    analysis: EarlyResponseAnalysis,
    groups: tuple[str, str],
    *,
    whole: bool,
) -> list[Row]:
    endpoint = endpoint_of(protocol, str(analysis.response))
    parameter = endpoint.parameter
    cells = {}
    for level in groups:
        count, percent = (
            index.get(name, level=level, variable="response", parameter=parameter)
            for name in ("n", "percent")
        )
        cells[level] = _of(count, _followed(index, level, parameter), percent)
    cells |= _ratio(index, "odds_ratio", "logistic", groups, parameter)
    p_value = index.get("p_value", variable="association", parameter=parameter)
    if p_value is not None:
        cells[_P] = _bare(p_value)
    rows = [Row("level", f"{endpoint.label} after the landmark; odds ratio", cells, indent=1)]
    if not whole:
        return rows
    rows += _left_out(index, parameter, groups)
    rows += _adjusted(index, "odds_ratio", "logistic_adjusted", groups, parameter)
    return rows + _interaction(index, groups, parameter)


def _followed(index: RowIndex, level: str, parameter: str) -> ResultRow | None:
    return index.get(
        "n", level=level, variable="landmark", variable_level="followed", parameter=parameter
    )


def _of(count: ResultRow | None, n: ResultRow | None, percent: ResultRow | None) -> Cell:
    """Return a count of a number, with its percentage in brackets."""
    if count is None or n is None:
        return single(count)
    shown = count_percent(count, percent)
    return Cell(join(number(count), "/", number(n)), shown.extra, "integer")


def _bare(row: ResultRow) -> Cell:
    """Return a number in a column without brackets."""
    return Cell((number(row),), format="word")


def _left_out(index: RowIndex, parameter: str, groups: tuple[str, str]) -> list[Row]:
    """Return who is left out before the landmark, by reason."""
    names = {
        "event_before": "left out: event up to the landmark, n",
        "censored_before": "left out: follow-up ended up to the landmark, n",
        "not_judged": "left out: not judged after the landmark, n",
        "no_time": "left out: without a usable time, n",
    }
    rows = []
    for name, said in names.items():
        found = {
            level: index.get(
                "n",
                level=level,
                variable="landmark",
                variable_level=name,
                parameter=parameter,
            )
            for level in groups
        }
        if any(row is not None and row.value for row in found.values()):
            cells = {level: single(row) for level, row in found.items()}
            rows.append(Row("level", said, cells, indent=2))
    return rows


def _ratio(
    index: RowIndex, ratio: str, variable: str, groups: tuple[str, str], parameter: str
) -> dict[str, Cell]:
    """Return the cells of a ratio and its P; Firth's where there is no other."""
    for name in (variable, f"{variable}_firth"):
        found = [
            index.get(
                statistic,
                level=groups[0],
                variable=name,
                reference=groups[1],
                parameter=parameter,
            )
            for statistic in (ratio, f"{ratio}_lower", f"{ratio}_upper", "p_value")
        ]
        if found[0] is not None and found[0].status == "ok":
            cells = {_RATIO: estimate(*found[:3])}
            return cells | ({_P: _bare(found[3])} if found[3] is not None else {})
    plain = index.get(
        ratio, level=groups[0], variable=variable, reference=groups[1], parameter=parameter
    )
    return {} if plain is None else {_RATIO: single(plain)}


def _adjusted(
    index: RowIndex, ratio: str, variable: str, groups: tuple[str, str], parameter: str
) -> list[Row]:
    cells = _ratio(index, ratio, variable, groups, parameter)
    if not cells:
        return []
    return [Row("level", f"{ratio.replace('_', ' ')}, adjusted", cells, indent=2)]


def _interaction(index: RowIndex, groups: tuple[str, str], parameter: str) -> list[Row]:
    for name in index.levels("interaction"):
        row = index.get(
            "p_value",
            level=groups[0],
            variable="interaction",
            variable_level=name,
            reference=groups[1],
            parameter=parameter,
        )
        if row is not None:
            return [Row("level", "interaction with the strata", {_P: _bare(row)}, indent=2)]
    return []


def _times(
    index: RowIndex, endpoint: TimeToEvent, groups: tuple[str, str], *, whole: bool
) -> list[Row]:
    parameter = endpoint.parameter
    events = {
        level: _of(
            index.get("events", level=level, parameter=parameter),
            _followed(index, level, parameter),
            None,
        )
        for level in groups
    }
    rows = [Row("level", f"{endpoint.label}, events/patients", events, indent=1)]
    limit = index.get("median_lower", level=groups[0], parameter=parameter)
    said = f" ({format_level(limit)})" if limit is not None else ""
    cells: dict[str, Cell] = {
        level: estimate(
            *(
                index.get(f"median{part}", level=level, parameter=parameter)
                for part in ("", "_lower", "_upper")
            )
        )
        for level in groups
    }
    cells |= _ratio(index, "hazard_ratio", "cox", groups, parameter)
    test = index.get("p_value", variable="logrank", parameter=parameter)
    if test is not None:
        cells[_P] = _bare(test)
    rows.append(Row("level", f"median, months{said}; hazard ratio", cells, indent=2))
    if not whole:
        return rows
    rows += _left_out(index, parameter, groups)
    rows += _adjusted(index, "hazard_ratio", "cox_adjusted", groups, parameter)
    rows += _interaction(index, groups, parameter)
    naive = _ratio(index, "hazard_ratio", "naive", groups, parameter)
    naive.pop(_P, None)
    return rows + ([Row("level", "naive hazard ratio, biased", naive, indent=2)] if naive else [])
