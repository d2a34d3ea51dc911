"""A prognostic model: points that a reader adds up, and how well the model predicts."""

from __future__ import annotations

from hepatica.analyse.prognostic_model import INTERNAL, PROGNOSTIC
from hepatica.present.format import format_level
from hepatica.present.lookup import RowIndex
from hepatica.present.spans import Span, interval, join
from hepatica.present.table import Cell, Column, Row, Table
from hepatica.present.tables.cells import NONE, single
from hepatica.present.tables.notes import add_notes
from hepatica.present.wording import endpoint_of, lower_first, table_title
from hepatica.protocol.model import Protocol
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis
from hepatica.results import ResultRow, Results

_REFERENCE = Cell((Span("reference"),), format="text")
_PARTS = (("apparent", "Apparent"), ("optimism", "Optimism"), ("corrected", "Corrected"))
_OVERALL = (
    ("concordance", "Concordance, Harrell"),
    ("concordance_uno", "Concordance, Uno"),
    ("calibration_slope", "Calibration slope"),
)
_AT = (
    ("auc", "Area under the curve"),
    ("brier", "Brier score"),
    ("accuracy", "Scaled Brier score, %"),
    ("calibration_error", "Calibration error, percentage points"),
)
_ADDED = (
    "A total is the sum of the points of all covariates; of a number not shown, the points of a "
    "unit times the distance from a number that is. Survival at a total is that at 0 points to "
    "the power of e to the total times {rise}. Numbers are given from the 5th to the 95th "
    "percentile of the patients."
)
_OPTIMISM = (
    "Optimism is how much better a model does in the resample that it was fitted to than in all "
    "patients; corrected is apparent less optimism. The corrected slope is the factor by which "
    "coefficients would be shrunk."
)


def tables_prognostic_model(
    results: Results, protocol: Protocol, analysis: PrognosticModelAnalysis
) -> tuple[Table, ...]:
    """Return the table of points, that of survival by total points, and that of performance.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The endpoint.
    analysis : PrognosticModelAnalysis
        Covariates and times.

    Returns
    -------
    tuple of Table
        One that says why where there is no model.
    """
    index = RowIndex(results, analysis.id)
    rows = results.where(analysis=analysis.id)
    label = lower_first(endpoint_of(protocol, analysis.endpoint).label)
    title = table_title(protocol, analysis, f"Prognostic model of {label}")
    if not index:
        message = index.failure or "No result."
        return (Table(analysis.id, title, "Prognostic model", message=message),)
    tables = [_points(index, rows, protocol, analysis, title)]
    if any(row.variable == "total_points" and row.status == "ok" for row in rows):
        tables.append(_totals(rows, protocol, analysis, f"Survival by total points, {label}"))
    if any(row.variable == "corrected" for row in rows):
        what = f"Performance of the prognostic model of {label}"
        tables.append(_performance(index, protocol, analysis, what))
    return tuple(tables)


def _points(
    index: RowIndex,
    rows: list[ResultRow],
    protocol: Protocol,
    analysis: PrognosticModelAnalysis,
    title: str,
) -> Table:
    own = [row for row in rows if row.level == PROGNOSTIC]
    limits = next((row for row in own if row.statistic == "hazard_ratio_lower"), None)
    level = f" ({format_level(limits)})" if limits is not None else ""
    heads = (
        Column("ratio", f"Hazard ratio{level}"),
        Column("p", "P"),
        Column("points", "Points"),
    )
    body: list[Row] = []
    for name in analysis.covariates:
        body += _covariate(protocol, own, name)
    n, events = (index.get(one, level=PROGNOSTIC) for one in ("n", "events"))
    each = index.get("events_per_variable", level=PROGNOSTIC)
    if n is not None and events is not None:
        share = join(", ", each, " events for each coefficient") if each is not None else ()
        note = join(n, " patients, ", events, " events", share, ".")
        body.append(Row("message", "", note=note))
    missing = index.get("n", level=PROGNOSTIC, variable="covariates", variable_level="Missing")
    if missing is not None:
        text = "Patients without a covariate, not in the model: "
        body.append(Row("message", text, note=join(missing, ".")))
    body += [Row("message", row.message) for row in (each,) if row is not None and row.message]
    rise = index.get("log_hazard_per_point", level=PROGNOSTIC)
    added = _ADDED.format(rise=f"{rise.value:.6g}") if rise is not None and rise.value else ""
    table = Table(analysis.id, title, "Prognostic model", columns=heads, rows=tuple(body))
    methods = dict.fromkeys(row.method for row in own if row.statistic == "hazard_ratio")
    has_model = index.get("validation", level=PROGNOSTIC) is not None
    return add_notes(
        table, protocol, (added, INTERNAL if has_model else ""), [one for one in methods if one]
    )


def _covariate(protocol: Protocol, own: list[ResultRow], name: str) -> list[Row]:
    """Return a head and a row for each category, or for each round number."""
    mine = [row for row in own if row.variable == name]
    label = _label(protocol, name)

    def get(statistic: str, level: str) -> ResultRow | None:
        return next(
            (one for one in mine if (one.statistic, one.variable_level) == (statistic, level)),
            None,
        )

    def ratio(level: str) -> Cell:
        return _with_limits(
            get("hazard_ratio", level),
            get("hazard_ratio_lower", level),
            get("hazard_ratio_upper", level),
        )

    places = [row.variable_level for row in mine if row.statistic == "points"]
    unit = get("points_per_unit", "")
    number = unit is not None or get("hazard_ratio", "") is not None
    reasons = [
        Row(
            "message",
            f"{label}{f': {row.variable_level}' if row.variable_level else ''}: "
            f"not estimable. {row.message}",
        )
        for row in mine
        if row.statistic == "hazard_ratio" and row.status != "ok"
    ]
    if number:
        cells = {"ratio": ratio(""), "p": single(get("p_value", "")), "points": single(unit)}
        rows = [Row("head", f"{label}, per {_unit(protocol, name)}", cells)]
        rows += [
            Row("level", f"at {place}", _only_points(get("points", place)), indent=1)
            for place in places
        ]
        return [*rows, *reasons]
    levels = places or list(
        dict.fromkeys(row.variable_level for row in mine if row.statistic == "hazard_ratio")
    )
    reference = next((row.reference for row in mine if row.reference), "")
    rows = [Row("head", label)]
    for level in levels:
        first = level == reference
        cells = {
            "ratio": _REFERENCE if first else ratio(level),
            "p": NONE if first else single(get("p_value", level)),
            "points": single(get("points", level)),
        }
        rows.append(Row("level", level, cells, indent=1))
    return [*rows, *reasons]


def _with_limits(value: ResultRow | None, lower: ResultRow | None, upper: ResultRow | None) -> Cell:
    """Return a value with its limits in one piece: the other columns have no brackets."""
    if value is None or value.status != "ok" or lower is None or upper is None:
        return NONE if value is None else single(value)
    return Cell(join(value, " (", interval(lower, upper), ")"), (), value.format)


def _unit(protocol: Protocol, name: str) -> str:
    units = {one.id: one.unit for one in protocol.variables}
    units |= {one.id: one.unit for one in protocol.biomarkers}
    unit = units.get(name, "")
    return unit[:-1] if unit in ("years", "months", "weeks", "days") else unit or "unit"


def _only_points(row: ResultRow | None) -> dict[str, Cell]:
    return {"ratio": NONE, "p": NONE, "points": single(row)}


def _label(protocol: Protocol, name: str) -> str:
    if name == "arm":
        return "Treatment"
    labels = {one.id: one.label for one in protocol.variables}
    labels |= {one.id: one.label for one in protocol.biomarkers}
    if name in labels:
        return labels[name]
    owners = (
        marker.label
        for marker in protocol.biomarkers
        for cut in marker.cut_points
        if cut.id == name
    )
    return next(owners, name)


def _totals(
    rows: list[ResultRow], protocol: Protocol, analysis: PrognosticModelAnalysis, what: str
) -> Table:
    found = {
        (row.variable_level, row.time): row
        for row in rows
        if row.variable == "total_points" and row.status == "ok"
    }
    days = [one for one in analysis.at if any(day == one.days for _, day in found)]
    heads = tuple(Column(f"at-{one.days:g}", f"At {one.text}, %") for one in days)
    body = tuple(
        Row(
            "plain",
            total,
            {f"at-{one.days:g}": single(found.get((total, one.days))) for one in days},
        )
        for total in dict.fromkeys(total for total, _ in found)
    )
    title = table_title(protocol, analysis, what)
    table = Table(
        f"{analysis.id}-totals",
        title,
        "Survival by points",
        stub="Total points",
        columns=heads,
        rows=body,
    )
    return add_notes(table, protocol, ("Predicted survival of a patient with these points.",))


def _performance(
    index: RowIndex, protocol: Protocol, analysis: PrognosticModelAnalysis, what: str
) -> Table:
    title = table_title(protocol, analysis, what)
    heads = tuple(Column(part, label) for part, label in _PARTS)

    def cells(statistic: str, day: float | None = None) -> dict[str, Cell]:
        return {part: single(index.get(statistic, variable=part, time=day)) for part, _ in _PARTS}

    lower = index.get("concordance_lower", variable="apparent")
    body = [Row("plain", label, cells(statistic)) for statistic, label in _OVERALL]
    if lower is not None:
        body[0] = Row(
            "plain",
            f"Concordance, Harrell ({format_level(lower)})",
            {
                **body[0].cells,
                "apparent": _with_limits(
                    index.get("concordance", variable="apparent"),
                    lower,
                    index.get("concordance_upper", variable="apparent"),
                ),
            },
        )
    for point in analysis.at:
        if index.get("auc", variable="apparent", time=point.days) is None:
            continue
        body.append(Row("head", f"At {point.text}"))
        body += [Row("level", label, cells(one, point.days), indent=1) for one, label in _AT]
    used = index.get("n", variable="bootstrap", variable_level="used")
    drawn = index.get("n", variable="bootstrap", variable_level="resamples")
    if used is not None and drawn is not None:
        note = join(used, " of ", drawn, f". {used.message}" if used.message else ".")
        body.append(Row("message", "Resamples with a model: ", note=note))
    table = Table(
        f"{analysis.id}-performance", title, "Performance", columns=heads, rows=tuple(body)
    )
    methods = index.methods("corrected", "bootstrap")
    return add_notes(table, protocol, (_OPTIMISM, INTERNAL), methods)
