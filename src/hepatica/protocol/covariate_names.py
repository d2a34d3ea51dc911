"""What readers call the covariates of a model."""

from __future__ import annotations

from hepatica.protocol.cut_points import find_cut_point
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker, Variable

#: Units of one of a thing, as a column says ``per year``.
_ONE_OF = {"years": "year", "months": "month", "weeks": "week", "days": "day"}


def covariate_label(protocol: Protocol, name: str) -> str | None:
    """Return the label of a covariate, or ``None`` where the protocol has none of that id.

    Parameters
    ----------
    protocol : Protocol
        The study.
    name : str
        ``arm``, or the id of a variable, biomarker or cut-point.
    """
    if name == "arm":
        return "Treatment"
    one = _described(protocol, name)
    if one is not None:
        return one.label
    found = find_cut_point(protocol, name)
    return None if found is None else found[0].label


def unit_label(protocol: Protocol, name: str, per: float = 1.0) -> str:
    """Return the unit that a ratio of a measured covariate is for, as in ``per 10 years``."""
    one = _described(protocol, name)
    unit = "" if one is None else one.unit
    if per == 1.0:
        return _ONE_OF.get(unit, f"1 {unit}" if unit else "unit")
    return f"{per:g} {unit or 'units'}"


def _described(protocol: Protocol, name: str) -> Variable | Biomarker | None:
    described: list[Variable | Biomarker] = [*protocol.variables, *protocol.biomarkers]
    return next((one for one in described if one.id == name), None)
