"""The planned prognostic model: prespecified covariates, checked by bootstrap."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hepatica.protocol.base import Id, Span, Text
from hepatica.protocol.planned import PlannedAnalysis


class PrognosticModelAnalysis(PlannedAnalysis):
    """A proportional hazards model of prespecified covariates, as a nomogram.

    Attributes
    ----------
    endpoint : str
        A time to an event.
    covariates : tuple of str
        Ids of variables, cut-points or biomarkers; ``arm`` for the treatment.
    references : dict
        Reference level of a categorical covariate; the first one without.
    at : tuple of TimePoint
        When survival is predicted.
    bootstrap : int
        Resamples by which the optimism of calibration and discrimination is estimated.
    groups : int
        Groups of predicted risk in which observed survival is told.
    """

    kind: Literal["prognostic_model"]
    endpoint: Id
    covariates: tuple[Id, ...] = Field(min_length=1)
    references: dict[Id, Text] = Field(default_factory=dict)
    at: tuple[Span, ...] = Field(min_length=1)
    bootstrap: int = Field(default=200, ge=50, le=10_000)
    groups: int = Field(default=4, ge=2, le=10)
    figure: bool = True
