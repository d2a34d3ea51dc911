"""Baseline variables and biomarkers: what they are called, and how patients are grouped."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from hepatica.protocol.base import Column, Frozen, Id, Literal_, Text
from hepatica.protocol.conditions import Where


class Level(Frozen):
    """One category: a recorded value, or a condition on ADSL; the first level that matches wins."""

    label: Text
    value: Literal_ = None
    where: Where | None = None

    @property
    def recorded(self) -> Literal_:
        """The recorded value it stands for when it has no condition."""
        return self.label if self.value is None else self.value


def _level(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


class Variable(Frozen):
    """A baseline variable.

    Attributes
    ----------
    column : str
        Column of ADSL.
    summary : str
        Display of a measured variable: median with range, median with quartiles, or mean with
        standard deviation.
    levels : tuple of Level
        Categories in order; a plain word is a level whose value is its label.
    decimals : int
        Decimals the values are recorded with.
    """

    id: Id
    label: Text
    column: Column
    kind: Literal["measured", "categorical"]
    unit: str = ""
    decimals: int = Field(default=0, ge=0, le=4)
    summary: Literal["median_range", "median_quartiles", "mean_sd"] = "median_range"
    levels: tuple[Annotated[Level, BeforeValidator(_level)], ...] = ()


class CutPoint(Frozen):
    """A threshold that divides patients into ``below`` and ``at or above``.

    Attributes
    ----------
    id : str
        Name under which analyses group by it.
    source : str
        Where the threshold comes from.
    chosen_from_data : bool
        Whether these patients' outcomes or values chose it; then results are exploratory.
    """

    id: Id
    at: float
    below: Text
    at_or_above: Text
    source: Text
    chosen_from_data: bool = False


class Biomarker(Frozen):
    """A measured marker with its cut-points."""

    id: Id
    label: Text
    column: Column
    unit: str
    decimals: int = Field(default=1, ge=0, le=4)
    lower_limit_of_detection: float | None = None
    cut_points: tuple[CutPoint, ...] = ()
