"""From a relative effect and a risk under control to the risk under treatment.

Sources: Schuenemann et al., Cochrane Handbook for Systematic Reviews of Interventions, chapter 15
(risk and odds ratios); Tierney et al., Trials 2007;8:16 (hazard ratios, proportional hazards).
"""

from __future__ import annotations

import math

from hepatica.errors import InputError


def risk_under_treatment(control_risk: float, effect: float, *, measure: str) -> float:
    """Return the risk under treatment; it may be above 1 where a ratio does not fit the risk.

    Parameters
    ----------
    control_risk : float
        Share of patients with the event under control, between 0 and 1.
    effect : float
        Risk ratio, odds ratio, hazard ratio or risk difference.
    measure : {"risk_ratio", "odds_ratio", "hazard_ratio", "risk_difference"}
        Which of them: ``c r``, ``c r / (1 - c + c r)``, ``1 - (1 - c)^r`` or ``c + r``.

    Raises
    ------
    InputError
        If the risk is not between 0 and 1, or the measure is none of these.

    Examples
    --------
    >>> risk_under_treatment(0.2, 0.5, measure="risk_ratio")
    0.1
    >>> round(risk_under_treatment(0.5, 2.0, measure="hazard_ratio"), 12)
    0.75
    """
    if not 0.0 < control_risk < 1.0:
        raise InputError("The risk under control is a share between 0 and 1.")
    if measure == "risk_ratio":
        return control_risk * effect
    if measure == "odds_ratio":
        return control_risk * effect / (1.0 - control_risk + control_risk * effect)
    if measure == "hazard_ratio":
        return -math.expm1(effect * math.log1p(-control_risk))
    if measure == "risk_difference":
        return control_risk + effect
    raise InputError("A risk follows from a risk, odds or hazard ratio, or a risk difference.")
