"""Cut-points that the data choose: whose data, and the protocol once their values are known."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from hepatica.protocol.analyses import Analysis, TimeToEventAnalysis
from hepatica.protocol.conditions import All, Condition, OneOf
from hepatica.protocol.groups import analysis_set
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker, CutPoint

#: Analysis whose rows hold the chosen cut-points.
CUT_POINTS = "cut_points"

#: What labels hold in place of the threshold.
PLACE = "{at}"
_UNKNOWN = "the chosen value"


def find_cut_point(protocol: Protocol, identifier: str) -> tuple[Biomarker, CutPoint] | None:
    """Return the cut-point of that id with its marker, or ``None``."""
    return next(
        (
            (biomarker, cut)
            for biomarker in protocol.biomarkers
            for cut in biomarker.cut_points
            if cut.id == identifier
        ),
        None,
    )


def fill_cut_points(protocol: Protocol, values: Mapping[str, float]) -> Protocol:
    """Return the protocol with the values of chosen cut-points in place.

    Parameters
    ----------
    protocol : Protocol
        The study.
    values : mapping of str to float
        Threshold by id of the cut-point; one without a value keeps none.

    Returns
    -------
    Protocol
        ``at`` is set, and the labels of groups hold the value with the decimals of the marker and
        one more where it has it; a comparison refers to its group by the new label.
    """
    renamed: dict[str, dict[str, str]] = {}

    def filled(biomarker: Biomarker, cut: CutPoint) -> CutPoint:
        if cut.choose is None:
            return cut
        at = values.get(cut.id)
        text = _UNKNOWN if at is None else threshold_text(biomarker, at)
        below, above = (one.replace(PLACE, text) for one in (cut.below, cut.at_or_above))
        renamed[cut.id] = {cut.below: below, cut.at_or_above: above}
        update = {"at": at, "below": below, "at_or_above": above}
        return cut.model_copy(update=update)

    biomarkers = tuple(
        one.model_copy(update={"cut_points": tuple(filled(one, cut) for cut in one.cut_points)})
        for one in protocol.biomarkers
    )
    analyses = tuple(_renamed(one, renamed.get(one.by, {})) for one in protocol.analyses)
    return protocol.model_copy(update={"biomarkers": biomarkers, "analyses": analyses})


def threshold_text(biomarker: Biomarker, at: float) -> str:
    """Return a threshold as labels print it: with one decimal more than the values, if it has it.

    Examples
    --------
    >>> marker = Biomarker(id="m", label="M", column="M", unit="", decimals=1)
    >>> threshold_text(marker, 7.6), threshold_text(marker, 7.65), threshold_text(marker, 400.0)
    ('7.6', '7.65', '400')
    """
    step = Decimal(1).scaleb(-(biomarker.decimals + 1))
    text = f"{Decimal(repr(float(at))).quantize(step, ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".")


def _renamed(analysis: Analysis, labels: Mapping[str, str]) -> Analysis:
    if not isinstance(analysis, TimeToEventAnalysis) or analysis.compare is None:
        return analysis
    reference = analysis.compare.reference
    if reference is None or reference not in labels:
        return analysis
    compare = analysis.compare.model_copy(update={"reference": labels[reference]})
    return analysis.model_copy(update={"compare": compare})


def may_choose(protocol: Protocol, cut: CutPoint, analysis: Analysis) -> bool:
    """Return whether patients of an analysis may be among those whose data choose a cut-point.

    They are not when the data of one arm choose it and the analysis is restricted to others.
    """
    if cut.choose is None:
        return cut.chosen_from_data
    arm = next((one for one in protocol.arms if one.id == cut.choose.arm), None)
    if arm is None or analysis.where is None:
        return True
    column = analysis_set(protocol, analysis.set).arm_variable
    if column != analysis_set(protocol, cut.choose.set).arm_variable:
        return True
    return all(
        str(arm.recorded) in {str(value) for value in part.values}
        for part in _parts(analysis.where)
        if isinstance(part, OneOf) and part.column == column
    )


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, All) else (condition,)


def chosen_from(protocol: Protocol, cut: CutPoint) -> str:
    """Return whose data choose a cut-point: the arm, or the analysis set in which they count."""
    if cut.choose is None:
        return ""
    arm = next((one for one in protocol.arms if one.id == cut.choose.arm), None)
    return arm.label if arm is not None else analysis_set(protocol, cut.choose.set).label
