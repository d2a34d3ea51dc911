"""Sentences of the methods about competing risks and prognostic models."""

from __future__ import annotations

from hepatica.present.wording import endpoint_of, is_post_hoc, listed, lower_first
from hepatica.protocol.competing_risks_analysis import CompetingRisksAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.prognostic_model_analysis import PrognosticModelAnalysis

_SUMS = (
    "The covariate whose effect spans most has 0 to 100 points and the others keep its scale, so "
    "that the sum of points is the linear predictor."
)
_MEASURES = (
    "Discrimination (concordance of Harrell and of Uno, time-dependent area), the Brier score and "
    "calibration (slope, and a restricted cubic spline of the prediction with three knots) were "
    "corrected for optimism: the model was fitted again in each resample, and how much better it "
    "did there than in all patients was taken off. The model was not checked in other patients."
)


def competing_risks_sentences(protocol: Protocol) -> str:
    """Return what is said of competing risks; empty where none are planned."""
    parts = []
    for analysis in protocol.analyses:
        if not isinstance(analysis, CompetingRisksAnalysis):
            continue
        label = lower_first(endpoint_of(protocol, analysis.endpoint).label)
        causes = listed(f"“{cause.label}”" for cause in analysis.causes)
        parts.append(
            f"Events of {label} were told apart as {causes}, of which only the first that happens "
            "counts. The share with each by a time is the Aalen–Johansen cumulative incidence; one "
            "minus Kaplan–Meier, which overstates it, stands beside it for comparison."
        )
        if analysis.reference is not None:
            parts.append(
                "Groups were compared by Gray's test, by the subdistribution hazard ratio (Fine "
                "and Gray) and, beside it, by the cause-specific hazard ratio."
            )
    return " ".join(dict.fromkeys(parts))


def prognostic_sentences(protocol: Protocol) -> str:
    """Return what is said of prognostic models; empty where none are planned."""
    parts = []
    for analysis in protocol.analyses:
        if not isinstance(analysis, PrognosticModelAnalysis):
            continue
        label = lower_first(endpoint_of(protocol, analysis.endpoint).label)
        names = listed(_name(protocol, one) for one in analysis.covariates)
        times = listed(one.text for one in analysis.at)
        parts.append(
            f"The prognostic model of {label} holds covariates that {_chosen(protocol, analysis)} "
            f"({names}), and predicts at {times}; resamples: {analysis.bootstrap}."
        )
    return " ".join([*parts, _SUMS, _MEASURES]) if parts else ""


def _chosen(protocol: Protocol, analysis: PrognosticModelAnalysis) -> str:
    if is_post_hoc(protocol, analysis):
        return "were named after the data were seen, and not selected by a test"
    return "were chosen beforehand"


def _name(protocol: Protocol, identifier: str) -> str:
    labels = {one.id: one.label for one in protocol.variables}
    labels |= {one.id: one.label for one in protocol.biomarkers}
    for marker in protocol.biomarkers:
        labels |= {cut.id: marker.label for cut in marker.cut_points}
    return lower_first(labels.get(identifier, "treatment" if identifier == "arm" else identifier))
