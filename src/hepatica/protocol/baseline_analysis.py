"""What is compared in a baseline table, and who lacks which value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from hepatica.protocol.base import Frozen, Id
from hepatica.protocol.nodes import Path
from hepatica.protocol.planned import PlannedAnalysis


class BaselineComparison(Frozen):
    """How groups are compared at baseline.

    Attributes
    ----------
    tests : bool
        Whether each variable is tested for a difference between the groups; not in a randomised
        study.
    standardised_differences : bool
        Whether standardised differences are given.
    """

    tests: bool = False
    standardised_differences: bool = False

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        return self.tests or self.standardised_differences


class MissingDataAnalysis(PlannedAnalysis):
    """Who lacks which value: by variable, and which variables are missing together.

    Attributes
    ----------
    variables : tuple of str
        Variables, biomarkers and cut-points, in the order of the table.
    figure : bool
        Whether the patterns are drawn.
    """

    kind: Literal["missing_data"]
    variables: tuple[Id, ...] = Field(min_length=1)
    figure: bool = True


def comparison_faults(
    compare: BaselineComparison | None, *, randomised: bool, groups: int, path: Path
) -> Iterator[tuple[Path, str]]:
    """Find what cannot be compared, or should not be.

    Parameters
    ----------
    compare : BaselineComparison, optional
        What is asked for.
    randomised : bool
        Whether chance made the groups.
    groups : int
        Number of groups; 0 where it is not known.
    path : tuple
        Place of the analysis.
    """
    if compare is None:
        return
    place = (*path, "compare")
    if groups == 1:
        yield place, "There is one group only, so there is nothing to compare."
    if compare.tests and randomised:
        message = (
            "Chance made the arms of a randomised study, so that a test at baseline asks what is "
            "known already. Remove 'tests'; standardised_differences may stay."
        )
        yield (*place, "tests"), message
