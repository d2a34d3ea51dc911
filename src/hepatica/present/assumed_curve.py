"""An assumed survival curve in words."""

from __future__ import annotations

from hepatica.protocol.design import AssumedSurvival


def curve_words(curve: AssumedSurvival) -> str:
    """Return an assumed curve in words.

    Examples
    --------
    >>> curve_words(AssumedSurvival.model_validate({"rate": 0.65, "at": "12 weeks"}))
    '65 % at 12 weeks (exponential)'
    """
    form = "exponential" if curve.shape == 1.0 else f"Weibull, shape {curve.shape:g}"
    if curve.hazards:
        steps = ", ".join(f"{one.monthly:g} from month {one.start:g}" for one in curve.hazards)
        return f"with monthly hazards {steps}"
    if curve.median is not None:
        return f"with median {curve.median.text} ({form})"
    at = curve.at.text if curve.at is not None else ""
    return f"{100 * (curve.rate or 0):g} % at {at} ({form})"
