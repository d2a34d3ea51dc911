"""The planned analysis of the treatment effect in subgroups."""

from __future__ import annotations

from typing import Literal

from hepatica.protocol.base import Id, Text
from hepatica.protocol.planned import PlannedAnalysis


class SubgroupsAnalysis(PlannedAnalysis):
    """Hazard ratios within the levels of subgroup variables, with tests of interaction.

    Attributes
    ----------
    endpoint : str
        Id of a time to an event.
    reference : str
        Label of the group that the other one is compared with.
    subgroups : tuple of str
        Ids of categorical variables and cut-points; without them those under ``subgroups`` of the
        protocol.
    figure : bool
        Whether the forest plot is drawn.
    """

    kind: Literal["subgroups"]
    endpoint: Id
    reference: Text
    subgroups: tuple[Id, ...] = ()
    figure: bool = True
