"""The figures of a synthesis: a forest plot for each outcome that two or more studies tell."""

from __future__ import annotations

from hepatica.present.content import Figure
from hepatica.present.figures.forest import ForestSpec, figure_forest
from hepatica.present.figures.forest_lines import forest_lines, heterogeneity
from hepatica.present.figures.furniture import Plate
from hepatica.present.format import format_row
from hepatica.present.tables.synthesis import models_of
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import Results

#: Heads of the column of estimates, and the kind of axis.
_MEASURES = {
    "proportion": ("Proportion, %", "share"),
    "risk_ratio": ("Risk ratio", "ratio"),
    "odds_ratio": ("Odds ratio", "ratio"),
    "risk_difference": ("Risk difference", "difference"),
    "rate": ("Rate", "difference"),
    "hazard_ratio": ("Hazard ratio", "ratio"),
    "mean_difference": ("Mean difference", "difference"),
    "standardised_mean_difference": ("Std. mean difference", "difference"),
    "median": ("Median, months", "months"),
    "generic": ("Estimate", "difference"),
}
_PAIRED = ("risk_ratio", "odds_ratio", "risk_difference")


def review_figures(
    results: Results, review: Review, *, status: str, digest: str, version: str
) -> dict[str, Figure]:
    """Draw the forest plot of each outcome, by its id.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    status : str
        Status tag, ``Constructed patients`` where some are; empty otherwise.
    digest, version : str
        Digest of the plan and its tables, and version, for the metadata of the files.
    """
    figures = {}
    for outcome in review.outcomes:
        lines = forest_lines(
            results,
            outcome.id,
            grouping=_first_grouping(results, review, outcome),
            appraisal=[one.id for one in review.appraisal],
        )
        if sum(line.kind == "study" for line in lines) < 2:
            continue
        constructed = any(line.constructed for line in lines)
        plate = Plate(
            id=f"forest-{outcome.id}",
            title=outcome.label,
            study=review.review.id,
            status=status if constructed else "",
            footnotes=_footnotes(results, outcome),
            digest=digest,
            version=version,
        )
        measure, scale = _MEASURES[outcome.measure]
        spec = ForestSpec(
            plate=plate,
            lines=tuple(lines),
            measure=measure,
            scale=scale,
            arms=_arms(outcome),
            favours=_favours(outcome) if scale == "ratio" else (),
            below=_below(results, review, outcome),
            appraisal=tuple(one.label for one in review.appraisal),
            conf_level=review.conf_level,
        )
        figures[outcome.id] = Figure(figure_forest(spec), title=outcome.label, short=outcome.label)
    return figures


def _first_grouping(results: Results, review: Review, outcome: PooledOutcome) -> str:
    for grouping in review.groupings:
        if results.where(analysis=outcome.id, variable="subgroup_test", subgroup=grouping.id):
            return grouping.id
    return ""


def _arms(outcome: PooledOutcome) -> tuple[str, ...]:
    if outcome.measure in _PAIRED:
        return ("Treatment", "Control")
    return ("Events",) if outcome.measure == "proportion" else ()


def _favours(outcome: PooledOutcome) -> tuple[str, ...]:
    sides = ("Favours treatment", "Favours control")
    return {"lower": sides, "higher": sides[::-1]}.get(outcome.better, ())


def _below(results: Results, review: Review, outcome: PooledOutcome) -> tuple[str, ...]:
    found: list[str] = []
    models = models_of(results, outcome.id)
    first = next(iter(models.values()), {})
    if "q" in first:
        found.append(heterogeneity(first))
    for grouping in review.groupings:
        test = {
            row.statistic: row
            for row in results.where(
                analysis=outcome.id, variable="subgroup_test", subgroup=grouping.id
            )
        }
        if test:
            p = format_row(test["p_value"])
            found.append(
                f"{grouping.label}: Q = {format_row(test['test_statistic'])} "
                f"(df {format_row(test['df'])}), P {p if p[0] in '<>' else f'= {p}'}"
            )
    if "p_value" in first:
        p = format_row(first["p_value"])
        found.append(f"Overall effect: P {p if p[0] in '<>' else f'= {p}'}")
    return tuple(found)


def _footnotes(results: Results, outcome: PooledOutcome) -> tuple[str, ...]:
    models = models_of(results, outcome.id)
    methods = [rows["estimate"].method for rows in models.values() if "estimate" in rows]
    logarithmic = "Axis is logarithmic." if _MEASURES[outcome.measure][1] == "ratio" else ""
    return (f"{outcome.label}.", *methods[:1], "Square area is the weight.", logarithmic)
