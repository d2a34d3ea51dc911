"""The figures of an outcome beside its forest plot: those every report has, and those asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hepatica.analyse.pooling_points import (
    filled_studies,
    gosh_points,
)
from hepatica.dialect import PoolingDialect, pooling_dialect
from hepatica.present.content import Figure
from hepatica.present.figures.baujat import BaujatSpec, figure_baujat
from hepatica.present.figures.bubble import BubbleSpec, figure_bubble
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.drapery import DraperySpec, figure_drapery
from hepatica.present.figures.forest import figures_forest
from hepatica.present.figures.forest_lines import ForestLine
from hepatica.present.figures.forest_spec import ForestSpec
from hepatica.present.figures.forest_words import equation
from hepatica.present.figures.funnel import FunnelSpec, figure_funnel
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.gosh_plot import GoshSpec, figure_gosh
from hepatica.present.figures.labbe import LabbeSpec, figure_labbe
from hepatica.present.figures.radial import RadialSpec, figure_radial
from hepatica.present.format import format_interval, format_limits, format_row, format_value
from hepatica.present.review_points import Points, points_of
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow, Results

#: Fewest studies of a funnel, and of the other figures.
_FUNNEL = 3
_ROOM = "Names where there is room."
_INDEPENDENT = "Data sets count as independent here, also where they share a control."


@dataclass(frozen=True, slots=True)
class _Setting:
    results: Results
    outcome: PooledOutcome
    dialect: PoolingDialect
    points: Points
    forest: ForestSpec
    plate: Plate

    def named(self, kind: str, title: str, *footnotes: str) -> Plate:
        """Return the plate of a figure of the outcome."""
        label = self.outcome.label
        return replace(
            self.plate,
            id=f"{kind}-{self.outcome.id}",
            title=f"{label}: {title}",
            footnotes=(f"{label}.", *footnotes),
        )


def outcome_plots(
    results: Results, review: Review, outcome: PooledOutcome, forest: ForestSpec
) -> list[Figure]:
    """Draw the figures of an outcome beside its forest plot.

    A funnel is drawn from three data sets on; the others where the plan asks for them.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    outcome : PooledOutcome
        The outcome.
    forest : ForestSpec
        Its forest plot, with the plate that all figures of the outcome share.
    """
    points = points_of(results, review, outcome, forest.measure)
    if points is None or len(points.names) < _FUNNEL:
        return []
    dialect = pooling_dialect(review.dialect)
    setting = _Setting(results, outcome, dialect, points, forest, forest.plate)
    asked = dict.fromkeys(("funnel", *outcome.figures))
    drawn: list[Drawing] = []
    for name in asked:
        drawn += _DRAW[name](setting)
    return [Figure(one, title=one.title, short=one.title) for one in drawn]


def _funnel(setting: _Setting) -> Iterator[Drawing]:
    points = setting.points
    effects, errors = filled_studies(points.data, setting.dialect)
    limits = "" if points.null is not None else "Dashed: 95% limits about the pooled estimate."
    yield figure_funnel(
        FunnelSpec(
            plate=setting.named("funnel", "funnel plot", _method(points), limits),
            effects=points.data.effects,
            std_errors=points.std_errors,
            pooled=points.effect,
            measure=points.title,
            ratio=points.logarithmic,
            null=points.null,
            filled_effects=effects,
            filled_std_errors=errors,
            test=_asymmetry(setting.results, setting.outcome.id),
            row_ids=points.row_ids,
        )
    )


def _asymmetry(results: Results, analysis: str) -> str:
    told = []
    for variable, name in (("egger", "Egger"), ("begg", "Begg")):
        row = results.get(analysis=analysis, variable=variable, statistic="p_value", subgroup="")
        if row is not None and row.value is not None:
            told.append(f"{name}: {equation('P', format_row(row))}")
    return "; ".join(told)


def _baujat(setting: _Setting) -> Iterator[Drawing]:
    found: dict[str, dict[str, ResultRow]] = {}
    for row in setting.results.where(analysis=setting.outcome.id, variable="influence"):
        if row.statistic.startswith("baujat") and row.value is not None:
            found.setdefault(row.variable_level, {})[row.statistic] = row
    kinds = ("baujat_heterogeneity", "baujat_influence")
    kept = {name: rows for name, rows in found.items() if len(rows) == len(kinds)}
    x, y = (tuple(rows[kind].value or 0.0 for rows in kept.values()) for kind in kinds)
    if not kept or max(x) <= 0.0 or max(y) <= 0.0:
        return
    yield figure_baujat(
        BaujatSpec(
            plate=setting.named(
                "baujat", "Baujat plot", _method(setting.points), _INDEPENDENT, _ROOM
            ),
            names=tuple(kept),
            heterogeneity=x,
            influence=y,
            row_ids=tuple(rows[kind].id for rows in kept.values() for kind in kinds),
        )
    )


def _bubble(setting: _Setting) -> Iterator[Drawing]:
    points, analysis = setting.points, setting.outcome.id
    told = {
        (row.variable_level, row.statistic): row
        for row in setting.results.where(analysis=analysis, variable="year_regression")
    }
    years = [told.get((name, "year")) for name in points.names]
    known = [row for row in years if row is not None and row.value is not None]
    line: dict[str, list[ResultRow]] = {}
    for row in setting.results.where(analysis=analysis, variable="year_line"):
        line.setdefault(row.statistic, []).append(row)
    if len(known) < len(years) or not line or told["", "slope"].value is None:
        return
    fit, lower, upper = (
        tuple(row.value or 0.0 for row in line[f"effect{end}"]) for end in ("", "_lower", "_upper")
    )
    weights = [rows["weight"].value or 0.0 for rows in points.rows if "weight" in rows]
    yield figure_bubble(
        BubbleSpec(
            plate=setting.named("bubble", "regression on the year", _INDEPENDENT),
            moderator="Year",
            values=tuple(row.value or 0.0 for row in known),
            effects=points.data.effects,
            weights=tuple(weights) if len(weights) == len(known) else (1.0,) * len(known),
            line_values=tuple(float(row.variable_level) for row in line["effect"]),
            line_effects=fit,
            line_lower=lower,
            line_upper=upper,
            measure=points.title,
            ratio=points.logarithmic,
            null=points.null,
            sentences=(_slope(told, len(known), logarithmic=points.logarithmic),),
            row_ids=(*points.row_ids, *(row.id for row in told.values())),
        )
    )


def _slope(told: dict[tuple[str, str], ResultRow], count: int, *, logarithmic: bool) -> str:
    slope, lower, upper = (
        format_value(told["", f"slope{end}"].value or 0.0, "decimal3")
        for end in ("", "_lower", "_upper")
    )
    kind = "slope of the logarithm a year" if logarithmic else "slope a year"
    words = f"{count} data sets, {kind} {slope} ({lower} to {upper})"
    words += f", {equation('P', format_row(told['', 'p_value']))}"
    r2 = told.get(("", "r2"))
    share = "" if r2 is None or r2.value is None else format_value(100.0 * r2.value, "decimal0")
    return f"{words}, R² {share}%" if share else words


def _radial(setting: _Setting) -> Iterator[Drawing]:
    points = setting.points
    note = "Names: studies outside the band of ± 1.96 about the line, where there is room."
    yield figure_radial(
        RadialSpec(
            plate=setting.named("radial", "radial plot", _method(points), note),
            names=points.names,
            effects=points.data.effects,
            std_errors=points.std_errors,
            pooled=points.effect,
            shown=_shown(setting),
            row_ids=points.row_ids,
        )
    )


def _labbe(setting: _Setting) -> Iterator[Drawing]:
    points = setting.points
    both = ("events", "control_events")
    kept = [
        (name, rows)
        for name, rows in zip(points.names, points.rows, strict=True)
        if all(one in rows and rows[one].denominator for one in both)
    ]
    estimate = points.pooled["estimate"].value
    if len(kept) < _FUNNEL or estimate is None:
        return
    counts = [
        [(rows[one].value or 0.0, rows[one].denominator or 1) for one in both] for _, rows in kept
    ]
    yield figure_labbe(
        LabbeSpec(
            plate=setting.named("labbe", "plot of L'Abbe", _method(points), _ROOM),
            names=tuple(name for name, _ in kept),
            treated=tuple(arm[0] / arm[1] for arm, _ in counts),
            control=tuple(arm[0] / arm[1] for _, arm in counts),
            patients=tuple(one[1] + two[1] for one, two in counts),
            measure=setting.outcome.measure,
            pooled=estimate,
            shown=_shown(setting),
            row_ids=tuple(rows[one].id for _, rows in kept for one in both),
        )
    )


def _drapery(setting: _Setting) -> Iterator[Drawing]:
    points = setting.points
    note = "P values by the normal distribution, also where the limits have another."
    yield figure_drapery(
        DraperySpec(
            plate=setting.named("drapery", "drapery plot", _method(points), note),
            effects=points.data.effects,
            std_errors=points.std_errors,
            pooled=points.effect,
            pooled_std_error=points.pooled["effect_std_error"].value or 0.0,
            shown=_shown(setting),
            measure=points.title,
            ratio=points.logarithmic,
            null=points.null,
            row_ids=points.row_ids,
        )
    )


def _gosh(setting: _Setting) -> Iterator[Drawing]:
    points = setting.points
    found = gosh_points(points.data)
    i2 = points.pooled.get("i2")
    yield figure_gosh(
        GoshSpec(
            plate=setting.named("gosh", "all subsets of studies", _method(points), _INDEPENDENT),
            effects=tuple(found.estimate.tolist()),
            i2=tuple(found.i2.tolist()),
            pooled=points.effect,
            pooled_i2=(i2.value or 0.0) if i2 is not None else 0.0,
            measure=points.title,
            ratio=points.logarithmic,
            exhaustive=found.exhaustive,
            studies=len(points.names),
            row_ids=points.row_ids,
        )
    )


def _leave_one_out(setting: _Setting) -> Iterator[Drawing]:
    yield from _series(setting, "leave_one_out", "one study left out", "Without {}")


def _cumulative(setting: _Setting) -> Iterator[Drawing]:
    yield from _series(setting, "cumulative", "studies added by year", "+ {}")


def _series(setting: _Setting, variable: str, title: str, words: str) -> Iterator[Drawing]:
    """Draw pooled estimates of several sets of studies as a forest plot."""
    found: dict[str, dict[str, ResultRow]] = {}
    for row in setting.results.where(analysis=setting.outcome.id, variable=variable):
        found.setdefault(row.variable_level, {})[row.statistic] = row
    lines = [
        _pooled_line(words.format(name), rows)
        for name, rows in found.items()
        if "estimate" in rows and rows["estimate"].value is not None
    ]
    if not lines:
        return
    totals = [one for one in setting.forest.lines if one.kind in ("total", "prediction")]
    plate = setting.named(variable.replace("_", "-"), title, _method(setting.points))
    yield from figures_forest(
        replace(
            setting.forest,
            plate=plate,
            lines=tuple(replace(one, weight=None) for one in (*lines, *totals)),
            arms=(),
            below=(),
            appraisal=(),
            stub="Pooled",
        )
    )


def _pooled_line(label: str, rows: dict[str, ResultRow]) -> ForestLine:
    kinds = ("estimate", "estimate_lower", "estimate_upper")
    lower, upper = format_limits(rows[kinds[1]], rows[kinds[2]])
    return ForestLine(
        kind="study",
        label=label,
        estimate=rows[kinds[0]].value,
        lower=rows[kinds[1]].value,
        upper=rows[kinds[2]].value,
        shown=f"{format_row(rows[kinds[0]])} ({format_interval(lower, upper)})",
        row_ids=tuple(rows[kind].id for kind in kinds),
    )


def _method(points: Points) -> str:
    return points.pooled["estimate"].method


def _shown(setting: _Setting) -> str:
    rows = setting.points.pooled
    lower, upper = format_limits(rows["estimate_lower"], rows["estimate_upper"])
    measure = setting.forest.measure.split(",")[0].lower()
    return f"{measure} {format_row(rows['estimate'])} ({format_interval(lower, upper)})"


_DRAW: dict[str, Callable[[_Setting], Iterator[Drawing]]] = {
    "funnel": _funnel,
    "bubble": _bubble,
    "baujat": _baujat,
    "radial": _radial,
    "labbe": _labbe,
    "drapery": _drapery,
    "gosh": _gosh,
    "leave_one_out": _leave_one_out,
    "cumulative": _cumulative,
}
