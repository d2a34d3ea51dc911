"""Points of plots that are no result rows of their own, computed from the rows of studies.

Subsets of studies are too many to be rows, and imputed studies do not exist; both are computed
where they are drawn, from effects and standard errors that are rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.dialect import PoolingDialect
from hepatica.errors import InputError
from hepatica.stats.meta.gosh import Gosh, gosh
from hepatica.stats.meta.trim_and_fill import trim_and_fill

_CONVENTIONS = {"metafor": "metafor", "stata": "stata"}
#: Subsets of a GOSH plot at most; more are drawn at random.
MOST_SUBSETS = 32_768


@dataclass(frozen=True, slots=True)
class PointData:
    """Studies of an outcome on the scale of pooling, and how they were pooled.

    Attributes
    ----------
    effects, variances : tuple of float
        Of each pooled study.
    tau2 : str
        Estimator of the variance between studies; ``common`` for a common effect.
    ci : str
        Kind of limits, as `hepatica.stats.meta.pool` takes it.
    conf_level : float
        Level of limits.
    """

    effects: tuple[float, ...]
    variances: tuple[float, ...]
    tau2: str
    ci: str
    conf_level: float


def filled_studies(
    data: PointData, dialect: PoolingDialect
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return effects and standard errors of the studies that trim and fill imputes.

    Nothing where there are fewer than three studies or the number missing does not settle.
    """
    try:
        found = trim_and_fill(
            data.effects,
            data.variances,
            method=data.tau2,
            side=dialect.fill_side,
            trim_by=dialect.trim_by,
            convention=_CONVENTIONS.get(dialect.name, "meta"),
            ci=data.ci,
        )
    except InputError:
        return (), ()
    if found.status != "ok":
        return (), ()
    effects, errors = found.yi[found.filled], found.vi[found.filled] ** 0.5
    return tuple(effects.tolist()), tuple(errors.tolist())


def gosh_points(data: PointData) -> Gosh:
    """Return the pooled subsets of studies, all of them or a seeded sample."""
    return gosh(data.effects, data.variances, method=data.tau2, most_subsets=MOST_SUBSETS)
