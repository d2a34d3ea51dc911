"""Sentences about cut-points: where they come from, and who chose them."""

from __future__ import annotations

from hepatica.present.format import format_row
from hepatica.present.wording import endpoint_of, lower_first
from hepatica.protocol.analyses import Analysis
from hepatica.protocol.cut_points import CUT_POINTS, chosen_from, find_cut_point, may_choose
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker, CutPoint
from hepatica.results import ResultRow, Results

_RULES = {
    "median": "the median",
    "roc": "the largest sum of sensitivity and specificity (ROC curve)",
    "logrank": "the largest log-rank statistic",
}
EXPLORATORY = "The cut-point was chosen from these data: exploratory."


def cut_point_row(results: Results, cut: CutPoint, statistic: str) -> ResultRow | None:
    """Return a row about a cut-point that the data chose."""
    return results.get(analysis=CUT_POINTS, variable=cut.id, statistic=statistic)


def rule_words(protocol: Protocol, cut: CutPoint) -> str:
    """Return by which rule a cut-point is chosen, and from what outcome."""
    choice = cut.choose
    if choice is None:
        return ""
    words = _RULES[choice.by]
    if choice.endpoint is not None:
        words += f" for {lower_first(endpoint_of(protocol, choice.endpoint).label)}"
    return f"{words} by {choice.at.text}" if choice.at is not None else words


def choice_sentence(
    results: Results, protocol: Protocol, biomarker: Biomarker, cut: CutPoint
) -> str:
    """Return where a cut-point lies, by which rule, and from whom; empty if none was chosen."""
    if cut.choose is None:
        return ""
    value, n = (cut_point_row(results, cut, name) for name in ("cut_point", "n"))
    if value is None:
        return ""
    if value.status != "ok" or n is None:
        return f"The cut-point of {biomarker.label} could not be chosen. {value.message}"
    below = cut_point_row(results, cut, "n_below_limit")
    limit = ""
    if below is not None and below.value:
        limit = f", {format_row(below)} below the limit of detection"
    at = f"{format_row(value)} {biomarker.unit}".rstrip()
    return (
        f"{biomarker.label} is divided at {at}: "
        f"{rule_words(protocol, cut)} in {chosen_from(protocol, cut)}, n = {format_row(n)}{limit}."
    )


def cut_point_notes(results: Results, protocol: Protocol, analysis: Analysis) -> list[str]:
    """Return what has to be said of the cut-point by which an analysis groups patients.

    Parameters
    ----------
    results : Results
        Rows of the run.
    protocol : Protocol
        The study.
    analysis : Analysis
        An analysis; nothing is said where it groups by something else.
    """
    found = find_cut_point(protocol, analysis.by)
    if found is None:
        return []
    biomarker, cut = found
    said = [choice_sentence(results, protocol, biomarker, cut)]
    if may_choose(protocol, cut, analysis):
        said.append(EXPLORATORY)
    return [sentence for sentence in said if sentence]
