"""Drugs, their schedules, and the arms or cohorts that receive them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hepatica.protocol.base import Column, Frozen, Id, Literal_, Text
from hepatica.protocol.conditions import Where


class Dose(Frozen):
    """An amount of drug at one administration."""

    amount: float = Field(gt=0)
    unit: Literal["mg", "g", "ug", "mg/kg", "mg/m2", "mL", "IU"]


class DoseByWeight(Frozen):
    """A dose for patients whose body weight in kg lies in ``[at_least, below)``."""

    dose: Dose
    at_least: float | None = Field(default=None, gt=0)
    below: float | None = Field(default=None, gt=0)


class Schedule(Frozen):
    """Days of a cycle on which a drug is taken: ``first_day`` to ``last_day`` of ``cycle_days``."""

    first_day: int = Field(ge=1)
    last_day: int = Field(ge=1)
    cycle_days: int = Field(ge=1)
    per_day: int = Field(default=1, ge=1)


class Reduction(Frozen):
    """A permitted dose reduction, in the order in which reductions are made."""

    dose: Dose
    triggers: tuple[Text, ...] = ()


class Treatment(Frozen):
    """One drug as the protocol gives it.

    ``dose`` is the starting dose; ``dose_by_weight`` replaces it where the dose depends on body
    weight.
    """

    id: Id
    drug: Text
    route: Text = "oral"
    dose: Dose | None = None
    dose_by_weight: tuple[DoseByWeight, ...] = ()
    schedule: Schedule
    reductions: tuple[Reduction, ...] = ()


class Arm(Frozen):
    """An arm or cohort.

    Attributes
    ----------
    value : literal
        What the arm variable of ADSL holds for its patients; the label when not given.
    """

    id: Id
    label: Text
    description: str = ""
    value: Literal_ = None
    planned: int | None = Field(default=None, ge=1)
    treatments: tuple[Id, ...] = ()

    @property
    def recorded(self) -> Literal_:
        """What the arm variable holds for patients of this arm."""
        return self.label if self.value is None else self.value


class AnalysisSet(Frozen):
    """Patients that an analysis counts.

    Attributes
    ----------
    flag : str
        ADaM flag, for example ``FASFL``; ``Y`` marks members.
    where : Condition, optional
        Membership as a condition on ADSL, when the flag is not in the collected table.
    arm_variable : str
        Variable of ADSL that names the arm in this set (planned or actual treatment).
    evaluable_for : str
        What its patients can be evaluated for, when that is not everything.
    """

    id: Id
    label: Text
    flag: Column
    where: Where | None = None
    arm_variable: Column = "TRT01P"
    evaluable_for: str = ""
