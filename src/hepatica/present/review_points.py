"""Studies of an outcome as points: effects, errors, counts and names, read from result rows."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.analyse.effect_sizes import effect_sizes
from hepatica.analyse.pooling_model import model_of
from hepatica.analyse.pooling_points import PointData
from hepatica.analyse.pooling_scale import Shown, shown_as
from hepatica.dialect import pooling_dialect
from hepatica.present.tables.synthesis import models_of
from hepatica.protocol.review import PooledOutcome, Review
from hepatica.results import ResultRow, Results

RATIOS = ("risk_ratio", "odds_ratio", "hazard_ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The pooled studies of an outcome and what they give together.

    Attributes
    ----------
    names : tuple of str
        Studies.
    rows : tuple of dict
        Rows of each study by statistic.
    pooled : dict
        Rows of the pooled estimate by statistic.
    data : PointData
        Effects and variances on the scale of pooling.
    shown : Shown
        From that scale to what a reader sees.
    title : str
        Title of the axis of effects.
    logarithmic : bool
        Whether the axis is named by the exponentials of effects.
    null : float or None
        "No effect" on the scale of pooling; ``None`` for outcomes of one group.
    """

    names: tuple[str, ...]
    rows: tuple[dict[str, ResultRow], ...]
    pooled: dict[str, ResultRow]
    data: PointData
    shown: Shown
    title: str
    logarithmic: bool
    null: float | None

    @property
    def std_errors(self) -> tuple[float, ...]:
        """Standard errors of the studies."""
        return tuple(one**0.5 for one in self.data.variances)

    @property
    def effect(self) -> float:
        """Pooled effect on the scale of pooling."""
        return self.pooled["effect"].value or 0.0

    @property
    def row_ids(self) -> tuple[str, ...]:
        """Ids of the rows of effects and errors, and of the pooled effect."""
        named = ("effect", "effect_std_error")
        own = tuple(rows[one].id for rows in self.rows for one in named)
        return (*own, *(self.pooled[one].id for one in named))


def points_of(
    results: Results, review: Review, outcome: PooledOutcome, title: str
) -> Points | None:
    """Return the points of an outcome; ``None`` where nothing was pooled.

    Parameters
    ----------
    results : Results
        Rows of the synthesis.
    review : Review
        The plan.
    outcome : PooledOutcome
        The outcome.
    title : str
        What is measured, as the forest plot names it.
    """
    models = models_of(results, outcome.id)
    name = next(iter(models), "")
    pooled = models.get(name, {})
    if "effect" not in pooled or pooled["effect"].value is None:
        return None
    by_study: dict[str, dict[str, ResultRow]] = {}
    for row in results.where(analysis=outcome.id, variable="study"):
        if row.statistic != "group":
            by_study.setdefault(row.variable_level, {})[row.statistic] = row
    kept = {
        study: rows
        for study, rows in by_study.items()
        if "set_aside" not in rows and _known(rows.get("effect"), rows.get("effect_std_error"))
    }
    dialect = pooling_dialect(review.dialect)
    model = model_of(review, outcome, dialect, "")
    scale = effect_sizes(outcome, (), dialect)
    ratio = outcome.measure in RATIOS
    logarithmic = ratio or (outcome.measure == "median" and scale.scale == "log")
    plain = logarithmic or scale.scale == "identity"
    data = PointData(
        effects=tuple(rows["effect"].value or 0.0 for rows in kept.values()),
        variances=tuple((rows["effect_std_error"].value or 0.0) ** 2 for rows in kept.values()),
        tau2="common" if name == "common" else model.tau2,
        ci="wald" if name == "common" else model.ci,
        conf_level=review.conf_level,
    )
    return Points(
        names=tuple(kept),
        rows=tuple(kept.values()),
        pooled=pooled,
        data=data,
        shown=shown_as(outcome, scale),
        title=_title(outcome, title) if plain else pooled["estimate"].method.split(",")[0],
        logarithmic=logarithmic,
        null=0.0 if "p_value" in pooled else None,
    )


def _title(outcome: PooledOutcome, title: str) -> str:
    """Return what is measured, in the unit in which it is pooled: shares, and times as given."""
    if outcome.measure == "proportion":
        return "Proportion"
    return f"Median, {outcome.unit or 'days'}" if outcome.measure == "median" else title


def _known(effect: ResultRow | None, error: ResultRow | None) -> bool:
    return bool(
        effect is not None and effect.value is not None and error is not None and error.value
    )
