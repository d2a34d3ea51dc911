"""What the protocol plans for a recorded dose: the drug, its schedule, its dose and unit.

Amounts are integers in ten-thousandths of the unit, so that sums are exact on every engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.frames import LazyFrame, known, upper
from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import Dose, DoseByWeight, Schedule, Treatment

#: Ten-thousandths of a unit in one unit.
PARTS = 10_000
#: Columns of ADSL that can hold the body weight at baseline in kg; the first present is read.
WEIGHT_COLUMNS = ("WEIGHTBL", "WTBL", "WEIGHT")
#: Columns of ADSL that name the arm; the first present is read.
ARM_COLUMNS = ("TRT01A", "TRT01P")

_MILLIGRAMS = {"G": 1e3, "MG": 1.0, "UG": 1e-3, "MCG": 1e-3}


def with_planned(protocol: Protocol, frame: LazyFrame) -> LazyFrame:
    """Add what the protocol plans for the drug of each record.

    Parameters
    ----------
    protocol : Protocol
        Treatments, and the arms that receive them.
    frame : LazyFrame
        Doses with EXTRT, EXDOSU, ``_WEIGHT`` (kg) and ``_ARM``.

    Returns
    -------
    LazyFrame
        With ``_KEY`` (what tells one drug from another), ``_DRUG`` (its name), ``_CYCLE``,
        ``_FIRST``, ``_ON`` (days of the schedule), ``_PER`` (times a day), ``_PLAN`` (dose in
        parts, null when the weight is unknown), ``_UNIT`` and ``_FACTOR`` (recorded to planned
        unit, null when they do not fit); null but for the key where no treatment matches.

    Notes
    -----
    A treatment matches by the name of its drug, whatever the capitals. Where several treatments
    hold one drug, that of the subject's arm matches.
    """
    treatments = protocol.treatments
    matches = [_match(protocol, one) for one in treatments]

    def planned(values: Sequence[Any], kind: Any) -> nw.Expr:
        chosen = nw.lit(None, dtype=kind)
        for matched, value in reversed(list(zip(matches, values, strict=True))):
            then = value if isinstance(value, nw.Expr) else nw.lit(value, dtype=kind)
            chosen = nw.when(matched).then(then).otherwise(chosen)
        return chosen

    schedules = [one.schedule for one in treatments]
    named = planned([one.id for one in treatments], nw.String)
    return frame.with_columns(
        nw.when(named.is_null()).then(upper("EXTRT")).otherwise(named).alias("_KEY"),
        planned([one.drug for one in treatments], nw.String).alias("_DRUG"),
        planned([one.cycle_days for one in schedules], nw.Int64).alias("_CYCLE"),
        planned([one.first_day for one in schedules], nw.Int64).alias("_FIRST"),
        planned([days_on(one) for one in schedules], nw.Int64).alias("_ON"),
        planned([one.per_day for one in schedules], nw.Int64).alias("_PER"),
        planned([_dose(one) for one in treatments], nw.Int64).alias("_PLAN"),
        planned([_unit(one) for one in treatments], nw.String).alias("_UNIT"),
        planned([_factor(_unit(one)) for one in treatments], nw.Float64).alias("_FACTOR"),
    )


def days_on(schedule: Schedule) -> int:
    """Return the days of a cycle on which the drug is taken.

    Examples
    --------
    >>> days_on(Schedule(first_day=1, last_day=14, cycle_days=21))
    14
    """
    return schedule.last_day - schedule.first_day + 1


def parts(amount: float) -> int:
    """Return an amount in ten-thousandths of its unit.

    Examples
    --------
    >>> parts(12.5)
    125000
    """
    return round(amount * PARTS)


def _match(protocol: Protocol, treatment: Treatment) -> nw.Expr:
    same = [one for one in protocol.treatments if one.drug.upper() == treatment.drug.upper()]
    matched = upper("EXTRT").str.strip_chars() == treatment.drug.upper().strip()
    if len(same) > 1:
        arms = [str(arm.recorded) for arm in protocol.arms if treatment.id in arm.treatments]
        matched = matched & nw.col("_ARM").is_in(arms)
    return known(matched)


def _bands(treatment: Treatment) -> tuple[DoseByWeight, ...]:
    if treatment.dose is not None and not treatment.dose_by_weight:
        return (DoseByWeight(dose=treatment.dose),)
    return treatment.dose_by_weight


def _first_dose(treatment: Treatment) -> Dose | None:
    bands = _bands(treatment)
    return bands[0].dose if bands else None


def _unit(treatment: Treatment) -> str | None:
    dose = _first_dose(treatment)
    return dose.unit if dose else None


def _dose(treatment: Treatment) -> nw.Expr:
    """Return the planned dose; without a band for the weight, unknown."""
    weight = nw.col("_WEIGHT")
    chosen = nw.lit(None, dtype=nw.Int64)
    for band in reversed(_bands(treatment)):
        inside = nw.lit(value=True)
        if band.at_least is not None:
            inside = inside & (weight >= band.at_least)
        if band.below is not None:
            inside = inside & (weight < band.below)
        amount = nw.lit(parts(band.dose.amount), dtype=nw.Int64)
        chosen = nw.when(known(inside)).then(amount).otherwise(chosen)
    return chosen


def _factor(unit: str | None) -> nw.Expr:
    """Return by what a recorded dose is multiplied to stand in a planned unit."""
    recorded = upper("EXDOSU").str.strip_chars()
    chosen = nw.lit(None, dtype=nw.Float64)
    if unit is None:
        return chosen
    planned = _MILLIGRAMS.get(unit.upper())
    if planned is None:
        return nw.when(known(recorded == unit.upper())).then(nw.lit(1.0)).otherwise(chosen)
    for name, milligrams in _MILLIGRAMS.items():
        factor = nw.lit(milligrams / planned)
        chosen = nw.when(known(recorded == name)).then(factor).otherwise(chosen)
    return chosen
