"""Multiple imputation: what is imputed, how often, and in how many steps."""

from __future__ import annotations

from pydantic import Field

from hepatica.protocol.base import Frozen, Id


class MultipleImputation(Frozen):
    """Imputation of baseline variables by chained equations.

    Attributes
    ----------
    variables : tuple of str
        Variables, biomarkers and cut-points that are imputed, or predict what is; the outcome of a
        model and the arm are added. A biomarker enters by its logarithm where all its values are
        positive, and its cut-points follow from it.
    imputations : int
        Completed tables.
    iterations : int
        Steps of each chain.
    """

    variables: tuple[Id, ...] = Field(min_length=1)
    imputations: int = Field(default=20, ge=2, le=1000)
    iterations: int = Field(default=10, ge=1, le=1000)
