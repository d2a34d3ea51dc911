"""Faults of a plan of multiple imputation."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.findings import Finding, repeated, unknown_id
from hepatica.protocol.imputation import MultipleImputation
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path
from hepatica.protocol.variables import Biomarker


def check_imputation(
    plan: MultipleImputation | None, biomarkers: tuple[Biomarker, ...], names: Names
) -> Iterator[Finding]:
    """Check that what is imputed exists, once, and does not follow from something else imputed.

    Parameters
    ----------
    plan : MultipleImputation, optional
        The plan, if there is one.
    biomarkers : tuple of Biomarker
        Biomarkers of the protocol.
    names : Names
        All ids of the file.
    """
    if plan is None:
        return
    path: Path = ("imputation", "variables")
    for position, name in enumerate(plan.variables):
        yield from unknown_id(names, "variable", name, (*path, position))
        for marker in biomarkers:
            if marker.id in plan.variables and name in {cut.id for cut in marker.cut_points}:
                message = f"The cut-point '{name}' follows from '{marker.id}'. List one of them."
                yield (*path, position), message
    listed = ((name, (*path, n)) for n, name in enumerate(plan.variables))
    yield from repeated("variable", listed, "List it once.")
