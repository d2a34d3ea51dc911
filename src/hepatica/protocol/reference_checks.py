"""Whether the categories that others are compared with are categories of covariates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hepatica.protocol.findings import Finding, not_among
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.nodes import Path


def reference_findings(
    protocol: Protocol, covariates: Sequence[str], references: Mapping[str, str], path: Path
) -> Iterator[Finding]:
    """Check the references of a model.

    Parameters
    ----------
    protocol : Protocol
        Defines the covariates.
    covariates : sequence of str
        Those of the model.
    references : mapping of str to str
        Label of a category by covariate.
    path : tuple
        Place of the analysis.

    Returns
    -------
    iterator of (path, str)
        References of what is no covariate, of numbers, and those that are no category.
    """
    numbers = {one.id for one in protocol.variables if one.kind == "measured"}
    numbers |= {one.id for one in protocol.biomarkers}
    for name, reference in references.items():
        at = (*path, "references", name)
        if name not in covariates:
            yield from not_among("covariate", name, covariates, at)
        elif name in numbers:
            yield at, f"'{name}' is a number, and so has no reference. Remove it."
        elif labels := group_labels(protocol, name):
            yield from not_among("category", reference, labels, at)
