"""Baseline variables and biomarkers: what they are called, and how patients are grouped."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from hepatica.protocol.base import Column, Frozen, Id, Literal_, Span, Text
from hepatica.protocol.conditions import Where
from hepatica.protocol.occurrence import Occurs


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
    occurs : Occurs, optional
        Records that make the column where ADSL does not hold it: ``Y`` for patients who have
        one, ``N`` for all others.
    known_at : Span, optional
        When after the start it is known, where it is no baseline variable. Times to events by it
        have to be counted from a landmark that is not earlier.
    """

    id: Id
    label: Text
    column: Column
    kind: Literal["measured", "categorical"]
    occurs: Occurs | None = None
    known_at: Span | None = None
    unit: str = ""
    decimals: int = Field(default=0, ge=0, le=4)
    summary: Literal["median_range", "median_quartiles", "mean_sd"] = "median_range"
    levels: tuple[Annotated[Level, BeforeValidator(_level)], ...] = ()


class Choice(Frozen):
    """How a cut-point is chosen from the data, and whose data choose it.

    Attributes
    ----------
    by : {"median", "roc", "logrank"}
        Median of the marker; largest sum of sensitivity and specificity for an event by ``at``;
        or largest log-rank statistic.
    set : str
        Analysis set of the patients who choose.
    arm : str, optional
        Arm of the patients who choose; all arms when not given.
    endpoint : str, optional
        Time to event that ``roc`` and ``logrank`` look at.
    at : Span, optional
        For ``roc``: an event by this time counts; patients censored before are left out.
    """

    by: Literal["median", "roc", "logrank"]
    set: Id
    arm: Id | None = None
    endpoint: Id | None = None
    at: Span | None = None


class CutPoint(Frozen):
    """A threshold that divides patients into ``below`` and ``at or above``.

    Attributes
    ----------
    id : str
        Name under which analyses group by it.
    at : float, optional
        The threshold in the unit of the marker, where it is fixed.
    choose : Choice, optional
        How the data choose it, where it is not fixed.
    below, at_or_above : str
        Names of the groups; ``{at}`` in them stands for a chosen threshold.
    source : str
        Where the threshold comes from.
    chosen_from_data : bool
        Whether these patients' outcomes or values chose it; then results are exploratory.
    """

    id: Id
    at: float | None = None
    choose: Choice | None = None
    below: Text
    at_or_above: Text
    source: Text
    chosen_from_data: bool = False


class Biomarker(Frozen):
    """A measured marker with its cut-points.

    Attributes
    ----------
    column : str
        Column of ADSL with the value at baseline.
    parameter : str, optional
        PARAMCD of ADBM (test code of BM) from whose baseline record the column is filled where
        ADSL does not bring it.
    """

    id: Id
    label: Text
    column: Column
    parameter: Text | None = None
    unit: str
    decimals: int = Field(default=1, ge=0, le=4)
    lower_limit_of_detection: float | None = None
    cut_points: tuple[CutPoint, ...] = ()
