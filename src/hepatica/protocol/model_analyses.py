"""Planned models of several covariates: proportional hazards for times, logistic for response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model

from hepatica.protocol.base import Frozen, Id
from hepatica.protocol.time_traps import Adjusted

#: How a centre can stand in a model, in the order of tables.
CentreRole = Literal["stratum", "cluster", "frailty"]


class Selected(Frozen):
    """The rule by which covariates of univariable models come into the multivariable one.

    Attributes
    ----------
    p_below : float
        The P value of the whole covariate lies below it.
    test : {"wald", "likelihood_ratio"}
        Which P value: that of Wald, which programs print beside a coefficient, or that of the
        likelihood ratio.
    """

    p_below: float = Field(gt=0, le=1)
    test: Literal["wald", "likelihood_ratio"] = "wald"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Roles = Annotated[tuple[CentreRole, ...], BeforeValidator(_listed), Field(min_length=1)]

if TYPE_CHECKING:
    _As = Frozen
else:
    # ``as`` is a word of Python, so a class statement cannot have a field of that name.
    _As = create_model("_As", __base__=Frozen, __module__=__name__, **{"as": (_Roles, ...)})


class Centre(_As):
    """The categories in which patients were treated, and how the model allows for them.

    Attributes
    ----------
    variable : str
        Id of a categorical variable.
    as : tuple of {"stratum", "cluster", "frailty"}
        A baseline hazard of its own for each, a variance that allows for patients who go together,
        or a shared gamma frailty.
    """

    variable: Id

    @property
    def roles(self) -> tuple[CentreRole, ...]:
        """What it is in the models beside the main one."""
        found: Any = getattr(self, "as")
        return tuple(found)


class ModelAnalysis(Adjusted):
    """What models of several covariates have in common.

    Attributes
    ----------
    covariates : tuple of str
        ``arm``, or ids of variables, cut-points and biomarkers (a biomarker by its value).
    references : dict
        The category that others are compared with, by id; the first where not given.
    per : dict
        So many units of a measured covariate have the ratio, for example ``{age: 10}``; else one.
    select : Selected, optional
        The rule of selection; without it all covariates are in the multivariable model.
    interactions : tuple of (str, str)
        Pairs of covariates whose product is tested.
    """

    covariates: tuple[Id, ...] = Field(min_length=1)
    per: dict[Id, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    select: Selected | None = None
    interactions: tuple[tuple[Id, Id], ...] = ()


class CoxAnalysis(ModelAnalysis):
    """Univariable and multivariable proportional hazards models of one endpoint.

    Attributes
    ----------
    endpoint : str
        Id of a time to an event.
    alternatives : tuple of {"prespecified", "penalised", "firth"}
        Models of all covariates that stand beside the selected one: by likelihood, with the lasso,
        and with Firth's penalty.
    functional_form : tuple of str
        Measured covariates whose straight line is tested against a restricted cubic spline.
    centre : Centre, optional
        Where patients were treated.
    imputed : bool
        Whether the model is also fitted in each imputed table, and pooled.
    """

    kind: Literal["cox"]
    endpoint: Id
    alternatives: tuple[Literal["prespecified", "penalised", "firth"], ...] = ()
    functional_form: tuple[Id, ...] = ()
    centre: Centre | None = None
    imputed: bool = False


class LogisticAnalysis(ModelAnalysis):
    """Univariable and multivariable logistic models of one response endpoint.

    Attributes
    ----------
    endpoint : str
        Id of a response endpoint.
    alternatives : tuple of {"prespecified", "firth"}
        Models of all covariates that stand beside the selected one.
    """

    kind: Literal["logistic"]
    endpoint: Id
    alternatives: tuple[Literal["prespecified", "firth"], ...] = ()
