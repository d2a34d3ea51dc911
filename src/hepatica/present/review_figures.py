"""The figures of a synthesis: forest plots of two or more studies, or one beside a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hepatica.present.content import Figure
from hepatica.present.figures.forest import figures_forest
from hepatica.present.figures.forest_lines import ForestLine, forest_lines
from hepatica.present.figures.forest_spec import ForestSpec
from hepatica.present.figures.forest_words import (
    difference_of_groups,
    heterogeneity,
    overall_effect,
)
from hepatica.present.figures.furniture import Plate
from hepatica.present.review_plots import outcome_plots
from hepatica.present.tables.synthesis import models_of
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import Results

#: Heads of the column of estimates, and the kind of axis.
MEASURES = {
    "proportion": ("Proportion, %", "share"),
    "risk_ratio": ("Risk ratio", "ratio"),
    "odds_ratio": ("Odds ratio", "ratio"),
    "risk_difference": ("Risk difference", "difference"),
    "rate": ("Rate", "positive"),
    "hazard_ratio": ("Hazard ratio", "ratio"),
    "mean_difference": ("Mean difference", "difference"),
    "standardised_mean_difference": ("Std. mean difference", "difference"),
    "median": ("Median, months", "months"),
    "generic": ("Estimate", "difference"),
}
_PAIRED = ("risk_ratio", "odds_ratio", "risk_difference")
_COMPARED = (
    *_PAIRED,
    "hazard_ratio",
    "mean_difference",
    "standardised_mean_difference",
)


def review_figures(
    results: Results, review: Review, *, status: str, digest: str, version: str
) -> dict[str, tuple[Figure, ...]]:
    """Draw the figures of each outcome, by its id; the forest plot comes first.

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
        spec = forest_spec(results, review, outcome)
        if not _worth_drawing(spec.lines):
            continue
        constructed = any(line.constructed for line in spec.lines)
        origin = replace(
            spec.plate, status=status if constructed else "", digest=digest, version=version
        )
        spec = replace(spec, plate=origin)
        pages = [Figure(one, title=one.title, short=one.title) for one in figures_forest(spec)]
        figures[outcome.id] = (*pages, *outcome_plots(results, review, outcome, spec))
    return figures


def _worth_drawing(lines: Sequence[ForestLine]) -> bool:
    """Return whether there are two studies, or one with a reference beside it."""
    studies = sum(line.kind == "study" for line in lines)
    beside = sum(line.kind == "reference" for line in lines)
    return studies >= 2 or (studies == 1 and beside > 0)


def forest_spec(results: Results, review: Review, outcome: PooledOutcome) -> ForestSpec:
    """Return what the forest plot of an outcome shows.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    outcome : PooledOutcome
        The outcome.
    """
    layout = review.figure.layout
    lines = forest_lines(
        results,
        outcome.id,
        grouping=_first_grouping(results, review, outcome),
        appraisal=[one.id for one in review.appraisal],
        order=review.figure.sort,
        layout=layout,
    )
    measure, scale = MEASURES[outcome.measure]
    return ForestSpec(
        plate=Plate(
            id=f"forest-{outcome.id}",
            title=outcome.label,
            study=review.review.id,
            footnotes=_footnotes(results, outcome),
        ),
        lines=tuple(lines),
        measure=measure,
        scale=scale,
        arms=_arms(outcome),
        favours=favours(outcome),
        below=_below(results, review, outcome),
        appraisal=tuple(one.label for one in review.appraisal),
        conf_level=review.conf_level,
        layout=layout,
    )


def _first_grouping(results: Results, review: Review, outcome: PooledOutcome) -> str:
    for grouping in review.groupings:
        if results.where(analysis=outcome.id, variable="subgroup_test", subgroup=grouping.id):
            return grouping.id
    return ""


def _arms(outcome: PooledOutcome) -> tuple[str, ...]:
    if outcome.measure in _PAIRED:
        return ("Treatment", "Control")
    return ("Events",) if outcome.measure == "proportion" else ()


def favours(outcome: PooledOutcome) -> tuple[str, ...]:
    """Return what the left and right side of "no effect" favour; empty where there is none."""
    if outcome.measure not in _COMPARED:
        return ()
    sides = ("Favours treatment", "Favours control")
    return {"lower": sides, "higher": sides[::-1]}.get(outcome.better, ())


def _below(results: Results, review: Review, outcome: PooledOutcome) -> tuple[str, ...]:
    layout = review.figure.layout
    first = next(iter(models_of(results, outcome.id).values()), {})
    found = [heterogeneity(first, layout)]
    for grouping in review.groupings:
        test = {
            row.statistic: row
            for row in results.where(
                analysis=outcome.id, variable="subgroup_test", subgroup=grouping.id
            )
        }
        found += [difference_of_groups(grouping.label, test, layout)] if test else []
    found.append(overall_effect(first, layout))
    return tuple(one for one in found if one)


def _footnotes(results: Results, outcome: PooledOutcome) -> tuple[str, ...]:
    models = models_of(results, outcome.id)
    methods = [rows["estimate"].method for rows in models.values() if "estimate" in rows]
    logarithmic = "Axis is logarithmic." if MEASURES[outcome.measure][1] == "ratio" else ""
    weighted = any(
        row.statistic == "weight" for row in results.where(analysis=outcome.id, variable="study")
    )
    area = "Square area is the weight." if weighted else ""
    return (f"{outcome.label}.", *methods[:1], area, logarithmic)
