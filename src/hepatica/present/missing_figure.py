"""The figure of missing values of a study, from the rows of its analysis."""

from __future__ import annotations

from dataclasses import replace

from hepatica.analyse.missing_data import TOGETHER
from hepatica.present.content import Figure
from hepatica.present.figures.furniture import Plate
from hepatica.present.figures.missing_patterns import (
    MOST_VARIABLES,
    MissingPattern,
    MissingPatternsSpec,
    MissingVariable,
    figure_missing_patterns,
    lacked,
)
from hepatica.present.lookup import RowIndex
from hepatica.present.variable_words import variable_label
from hepatica.present.wording import table_title
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def missing_figure(
    results: Results, protocol: Protocol, analysis: MissingDataAnalysis, plate: Plate
) -> Figure | None:
    """Draw the patterns of missing values; ``None`` where nobody lacks one, or it is not asked for.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Labels.
    analysis : MissingDataAnalysis
        The planned analysis.
    plate : Plate
        Study, status and versions; id and title are set here.
    """
    index = RowIndex(results, analysis.id)
    total = index.get("n")
    complete = _pattern(index, "complete", "")
    names = index.levels("pattern")
    if not analysis.figure or total is None or complete is None or not names:
        return None
    title = table_title(protocol, analysis, "Patterns of missing baseline values")
    variables = tuple(
        MissingVariable(name, variable_label(protocol, name), row)
        for name in analysis.variables
        if (row := index.get("missing", variable=name)) is not None
    )
    patterns = (_pattern(index, "pattern", name) for name in names)
    spec = MissingPatternsSpec(
        plate=replace(plate, id=analysis.id, title=title),
        total=total,
        variables=variables,
        complete=complete,
        patterns=tuple(one for one in patterns if one is not None),
    )
    if not 1 <= len(lacked(spec)) <= MOST_VARIABLES:
        return None
    narrow = replace(spec, plate=replace(spec.plate, id=f"{analysis.id}-85mm"))
    return Figure(
        wide=figure_missing_patterns(spec, width_mm=180),
        narrow=figure_missing_patterns(narrow, width_mm=85),
        title=title,
        short="Patterns of missing values",
    )


def _pattern(index: RowIndex, variable: str, level: str) -> MissingPattern | None:
    n = index.get("n", variable=variable, variable_level=level)
    percent = index.get("percent", variable=variable, variable_level=level)
    if n is None or percent is None:
        return None
    return MissingPattern(frozenset(level.split(TOGETHER)) if level else frozenset(), n, percent)
