"""What readers call a variable, biomarker or cut-point."""

from __future__ import annotations

from hepatica.protocol.model import Protocol


def variable_label(protocol: Protocol, identifier: str) -> str:
    """Return the label of a variable, biomarker or cut-point; its id where it is none of them."""
    for variable in protocol.variables:
        if variable.id == identifier:
            return variable.label
    for biomarker in protocol.biomarkers:
        if biomarker.id == identifier:
            return biomarker.label
        for cut in biomarker.cut_points:
            if cut.id == identifier:
                return f"{biomarker.label}, group"
    return identifier
