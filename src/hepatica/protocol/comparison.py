"""What a planned comparison of groups holds: of times to events, and of response."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hepatica.protocol.base import Frozen, Id, Span, Text


class FlemingHarrington(Frozen):
    """A weighted log-rank test: ``rho`` above 0 weighs early, ``gamma`` late differences."""

    rho: float = Field(default=0.0, ge=0)
    gamma: float = Field(default=0.0, ge=0)


class Comparison(Frozen):
    """A planned comparison of groups in a time to an event.

    Attributes
    ----------
    reference : str, optional
        Label of the group that the others are compared with; needed for a hazard ratio.
    hazard_ratio : bool
        Whether hazard ratios are estimated.
    strata : tuple of str
        Variables that stratify test and hazard ratio.
    stratified : {"only", "both"}
        With strata: whether the unstratified test and hazard ratio stand beside the stratified.
    weighted : tuple of FlemingHarrington
        Weighted log-rank tests.
    max_combo : bool
        Whether the largest of four weighted log-rank tests is given.
    restricted_mean : TimePoint, optional
        Restricted means up to this time are compared.
    proportionality : bool
        Whether hazards are tested for proportionality by scaled Schoenfeld residuals.
    cluster : str, optional
        Variable whose categories are clusters of a robust variance.
    frailty : str, optional
        Variable whose categories share a gamma frailty.
    """

    reference: Text | None = None
    hazard_ratio: bool = True
    strata: tuple[Id, ...] = ()
    stratified: Literal["only", "both"] = "only"
    weighted: tuple[FlemingHarrington, ...] = ()
    max_combo: bool = False
    restricted_mean: Span | None = None
    proportionality: bool = False
    cluster: Id | None = None
    frailty: Id | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """Ids of the variables that the comparison reads besides its groups."""
        more = (one for one in (self.cluster, self.frailty) if one is not None)
        return tuple(dict.fromkeys((*self.strata, *more)))


class ResponseComparison(Frozen):
    """A planned comparison of groups in response.

    Attributes
    ----------
    reference : str
        Label of the group that the others are compared with.
    strata : tuple of str
        Variables that stratify a common difference, a common odds ratio and a test beside those
        of all patients.
    difference : {"newcombe", "miettinen-nurminen", "wald"}, optional
        Limits of the difference; without it those of the dialect.
    ratio : {"katz", "score"}
        Limits of the risk ratio.
    odds_ratio : {"woolf", "exact"}, optional
        Limits of the odds ratio; without it exact ones where Fisher's test is the planned one.
    """

    reference: Text
    strata: tuple[Id, ...] = ()
    difference: Literal["newcombe", "miettinen-nurminen", "wald"] | None = None
    ratio: Literal["katz", "score"] = "katz"
    odds_ratio: Literal["woolf", "exact"] | None = None
