"""What patients are grouped by, and which set they belong to, found by id."""

from __future__ import annotations

from hepatica.protocol.analyses import Analysis, TimeToEventAnalysis
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import AnalysisSet


def group_labels(protocol: Protocol, by: str) -> tuple[str, ...]:
    """Return the labels of the groups that ``by`` names, in the order of the protocol.

    Parameters
    ----------
    protocol : Protocol
        The study.
    by : str
        ``arm``, or the id of a variable or cut-point.

    Returns
    -------
    tuple of str
        Empty when the protocol has no such grouping.
    """
    if by == "arm":
        return tuple(arm.label for arm in protocol.arms)
    for variable in protocol.variables:
        if variable.id == by:
            return tuple(level.label for level in variable.levels)
    for biomarker in protocol.biomarkers:
        for cut in biomarker.cut_points:
            if cut.id == by:
                return (cut.below, cut.at_or_above)
    return ()


def analysis_set(protocol: Protocol, identifier: str) -> AnalysisSet:
    """Return the analysis set of that id."""
    return next(one for one in protocol.analysis_sets if one.id == identifier)


def is_formed_afterwards(protocol: Protocol, analysis: Analysis) -> bool:
    """Return whether an analysis groups or chooses patients by what happened after baseline.

    Strata count as groups. Times to events of such groups favour those to whom it happened: they
    lived at least until then (immortal time). From a landmark, what was known by then is no matter.
    """
    landmark = getattr(analysis, "landmark", None)
    reached = landmark.days if landmark is not None else 0.0
    later = {
        one.column
        for one in protocol.variables
        if (one.occurs is not None and one.occurs.after_baseline)
        or (one.known_at is not None and one.known_at.days > reached)
    }
    named = {analysis.by}
    if isinstance(analysis, TimeToEventAnalysis) and analysis.compare is not None:
        named |= set(analysis.compare.strata)
    used = set() if analysis.where is None else set(condition_columns(analysis.where))
    for variable in protocol.variables:
        if variable.id in named:
            used.add(variable.column)
            for level in variable.levels:
                used |= set(condition_columns(level.where)) if level.where is not None else set()
    return not used.isdisjoint(later)
