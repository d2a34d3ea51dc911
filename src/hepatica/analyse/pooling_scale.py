"""From the scale of pooling to the scale on which a reader sees the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.analyse.effect_sizes import EffectSizes, Sized
from hepatica.analyse.evidence import DAYS
from hepatica.protocol.review import PooledOutcome
from hepatica.stats.meta import back_transform, freeman_tukey_inverse, freeman_tukey_size

_RATIOS = ("risk_ratio", "odds_ratio", "hazard_ratio")


@dataclass(frozen=True, slots=True)
class Shown:
    """How values of an outcome are shown.

    Attributes
    ----------
    scale : str
        Scale of pooling.
    factor : float
        A shown value is multiplied with it: days of a month where medians are told in months.
    unit, format : str
        Of the result row.
    null : float
        Shown value of "no effect"; NaN for outcomes of one group.
    """

    scale: str
    factor: float
    unit: str
    format: str
    null: float

    def value(
        self, effect: float, sizes: Sequence[float] = (), variance: float = math.nan
    ) -> float:
        """Return an effect as it is shown.

        Parameters
        ----------
        effect : float
            On the scale of pooling.
        sizes : sequence of float
            Patients of the studies, for Freeman-Tukey proportions (harmonic mean).
        variance : float
            Squared standard error of the pooled effect.
        """
        if math.isnan(effect):
            return math.nan
        if self.scale == "freeman-tukey":
            size = freeman_tukey_size(sizes, variance=variance)
            return float(freeman_tukey_inverse([effect], size)[0])
        return float(back_transform([effect], self.scale)[0]) * self.factor


def shown_as(outcome: PooledOutcome, effects: EffectSizes) -> Shown:
    """Return how the values of an outcome are shown."""
    if outcome.measure == "proportion":
        return Shown(effects.scale, 1.0, "", "fraction", math.nan)
    if outcome.measure == "median":
        return Shown(effects.scale, DAYS[outcome.unit], "days", "months", math.nan)
    if outcome.measure in _RATIOS:
        return Shown(effects.scale, 1.0, "", "ratio", 1.0)
    if outcome.measure == "rate":
        return Shown(effects.scale, 1.0, outcome.unit, "decimal3", math.nan)
    return Shown(effects.scale, 1.0, outcome.unit, "decimal2", 0.0)


def patients_of(studies: Sequence[Sized]) -> list[float]:
    """Return the number of patients of each study."""
    return [one.evidence.patients for one in studies]
