"""How missing values were imputed, in words."""

from __future__ import annotations

from hepatica.present.variable_words import variable_label
from hepatica.present.wording import listed, lower_first
from hepatica.protocol.model import Protocol


def imputation_sentences(protocol: Protocol) -> str:
    """Return how missing baseline values were imputed; empty where nothing is.

    Parameters
    ----------
    protocol : Protocol
        Has the plan of imputation.
    """
    plan = protocol.imputation
    if plan is None:
        return ""
    names = [lower_first(variable_label(protocol, name)) for name in plan.variables]
    markers = any(one.id in plan.variables for one in protocol.biomarkers)
    arm = "the arm, " if len(protocol.arms) > 1 else ""
    outcome = "event and cumulative hazard by Nelson and Aalen at the patient's time"
    parts = [
        f"Missing baseline values were imputed {plan.imputations} times by chained equations of "
        f"{plan.iterations} steps.",
        f"The equations hold {listed(names)}, {arm}and the outcome of the model: of a time to "
        f"an event its {outcome} (White and Royston 2009), of a response the response.",
        "Numbers are imputed by predictive mean matching with five donors, categories by logistic "
        "regression, polytomous where there are more than two, with augmented data against "
        "separation (White, Daniel and Royston 2010); where a category has fewer patients than the "
        "equation has predictors, by matching on the scores of the categories.",
        "Markers enter by their logarithm where all values are positive, and a value below the "
        "limit of detection as half the limit; cut-points follow from the marker."
        if markers
        else "",
        "Estimates were pooled by Rubin's rules with the degrees of freedom of Barnard and Rubin. "
        "This is valid where what is missing depends on what is known (missing at random), which "
        "no data can show.",
    ]
    return " ".join(part for part in parts if part)
