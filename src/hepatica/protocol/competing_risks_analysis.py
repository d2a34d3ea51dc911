"""The planned analysis of causes of which only the first happens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hepatica.protocol.base import Frozen, Id, Span, Text
from hepatica.protocol.conditions import Where
from hepatica.protocol.planned import PlannedAnalysis


class Cause(Frozen):
    """One of the competing causes.

    Attributes
    ----------
    label : str
        What readers call it.
    events : tuple of str
        Values of EVNTDESC that belong to it.
    where : Condition, optional
        Condition on ADSL that an event has to meet as well, for example ``{DTHCAUS: Liver}``;
        without `events` it decides alone. The first cause that an event fits takes it.
    """

    label: Text
    events: tuple[Text, ...] = ()
    where: Where | None = None


class CompetingRisksAnalysis(PlannedAnalysis):
    """Cumulative incidence of competing causes by group, tests and models of each cause.

    Attributes
    ----------
    endpoint : str
        A time to the first of the causes.
    causes : tuple of Cause
        All causes of its events.
    reference : str, optional
        Group that the others are compared with; needed for ratios.
    at : tuple of TimePoint
        When the cumulative incidence is told.
    covariates : tuple of str
        What the ratios are adjusted for, beside the unadjusted ones.
    references : dict
        Reference level of a categorical covariate; the first one without.
    """

    kind: Literal["competing_risks"]
    endpoint: Id
    causes: tuple[Cause, ...] = Field(min_length=2)
    reference: Text | None = None
    at: tuple[Span, ...] = ()
    covariates: tuple[Id, ...] = ()
    references: dict[Id, Text] = Field(default_factory=dict)
    figure: bool = True
