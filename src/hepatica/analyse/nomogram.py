"""A proportional hazards model as points that a reader adds up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hepatica.analyse.model_matrix import ModelColumn, ModelMatrix
from hepatica.stats._checks import FloatArray

#: Points of the covariate that moves the hazard most.
MOST_POINTS = 100.0
#: Shares of the patients between which a number is drawn.
_DRAWN = (0.05, 0.95)
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Place:
    """A category or a number on the axis of a covariate, and its points."""

    text: str
    points: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of a covariate.

    Attributes
    ----------
    variable, label : str
        Id, and what readers call it.
    places : tuple of Place
        Categories with the reference first, or round numbers rising.
    per_unit : float or None
        Points of one unit of a number; ``None`` for categories.
    """

    variable: str
    label: str
    places: tuple[Place, ...]
    per_unit: float | None


@dataclass(frozen=True, slots=True)
class Nomogram:
    """Points of covariates.

    Attributes
    ----------
    scales : tuple of Scale
        In the order of the model.
    log_hazard_per_point : float
        How a point moves the logarithm of the hazard.
    lowest : tuple of float
        Covariates of the model, column by column, of a patient with 0 points.
    most : float
        Largest total.
    """

    scales: tuple[Scale, ...]
    log_hazard_per_point: float
    lowest: tuple[float, ...]
    most: float


def nomogram(matrix: ModelMatrix, columns: tuple[ModelColumn, ...], coef: FloatArray) -> Nomogram:
    """Turn coefficients into points.

    Parameters
    ----------
    matrix : ModelMatrix
        Describes the covariates of the patients of the model.
    columns : tuple of ModelColumn
        Those that have a coefficient.
    coef : float array (p,)
        Log hazard ratios.

    Notes
    -----
    The covariate whose effect spans most has 0 to 100 points; the others keep its scale. Each
    begins with 0 at its lowest hazard. A number is drawn over the round values from its 5th to its
    95th percentile, so that a single large value does not rule the scale.
    """
    by_column = dict(zip(columns, coef.tolist(), strict=True))
    found: list[tuple[str, str, dict[str, float], float | None]] = []
    for described, label in zip(matrix.covariates, matrix.labels, strict=True):
        own = {one.level: by_column[one] for one in columns if one.variable == described.name}
        if not own:
            continue
        if described.categories:
            effects = {
                level: own.get(level, 0.0)
                for level in described.categories
                if level in own or level == described.categories[0]
            }
            found.append((described.name, label, effects, None))
        else:
            slope = own[""]
            place = matrix.places(described.name)[0]
            low, high = np.quantile(matrix.x[:, place], _DRAWN).tolist()
            values = round_values(low, high)
            effects = {_text(value): slope * value for value in values}
            found.append((described.name, label, effects, slope))
    spans = [max(effects.values()) - min(effects.values()) for _, _, effects, _ in found]
    unit = max(spans) / MOST_POINTS
    scales = tuple(
        Scale(
            name,
            label,
            tuple(
                Place(text, (effect - min(effects.values())) / unit)
                for text, effect in effects.items()
            ),
            None if slope is None else slope / unit,
        )
        for name, label, effects, slope in found
    )
    return Nomogram(scales, unit, _lowest(columns, found), sum(spans) / unit)


def _lowest(
    columns: tuple[ModelColumn, ...],
    found: list[tuple[str, str, dict[str, float], float | None]],
) -> tuple[float, ...]:
    best = {name: min(effects, key=lambda one: effects[one]) for name, _, effects, _ in found}
    return tuple(
        float(best[one.variable] == one.level) if one.level else float(best[one.variable])
        for one in columns
    )


def _text(value: float) -> str:
    return f"{value:.10g}"


def round_values(low: float, high: float, most: int = 8) -> tuple[float, ...]:
    """Return round numbers from the lowest to the highest of a range, both ends inside it.

    Examples
    --------
    >>> round_values(23.0, 84.0)
    (30.0, 40.0, 50.0, 60.0, 70.0, 80.0)
    >>> round_values(0.7, 3.1)
    (1.0, 1.5, 2.0, 2.5, 3.0)
    """
    if not high > low:
        return (low,)
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for part in _STEPS:
        step = power * part
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    if last <= first:
        return (low, high)
    return tuple(round(number * step, 12) for number in range(first, last + 1))


def total_points(most: float) -> tuple[float, ...]:
    """Return round totals from 0 to the first past the largest.

    Examples
    --------
    >>> total_points(187.0)
    (0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 140.0, 160.0, 180.0, 200.0)
    """
    step = next(one for one in (10.0, 20.0, 25.0, 50.0, 100.0, math.inf) if most / one <= 12)
    step = 100.0 if math.isinf(step) else step
    return tuple(float(value) for value in np.arange(math.ceil(most / step - 1e-9) + 1) * step)
