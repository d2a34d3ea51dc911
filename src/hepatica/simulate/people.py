"""Who is constructed, and the course their disease would take if nobody looked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from hepatica.protocol.base import DAYS_PER_MONTH
from hepatica.protocol.model import Protocol
from hepatica.simulate.draw import NEVER, Real, Truth, Whole, chance
from hepatica.simulate.plan import Collected, cut_off
from hepatica.stats.random_streams import stream

_GROWTH = 0.0017
_SHRINKAGE = 0.0045
_SURVIVAL_MONTHS = 15.0
_STOPS_PER_DAY = 0.0007
_LEAVES_PER_DAY = 0.00022


@dataclass(frozen=True, slots=True)
class People:
    """Constructed subjects, one entry each; days are day numbers since 1970-01-01.

    Attributes
    ----------
    names : polars.Series
        USUBJID, in ascending order.
    arm : array of int
        Position of the arm in the protocol.
    enrolled : array of bool
        False for screening failures, who have no first dose.
    consent, first_dose : array of int
        `NEVER` where there is none.
    horizon : int
        Last day on which anything is recorded.
    weight : array of float
        Body weight at screening, kg.
    shrinkage, growth : array of float
        Rates per day of the part of the tumour that shrinks and of the part that grows.
    """

    names: pl.Series
    arm: Whole
    enrolled: Truth
    consent: Whole
    first_dose: Whole
    horizon: int
    weight: Real
    shrinkage: Real
    growth: Real

    @property
    def n(self) -> int:
        """Number of subjects."""
        return len(self.arm)

    def burden(self, owner: Whole, days: Whole) -> Real:
        """Return the tumour size at some days as a fraction of the size at the first dose."""
        time = np.maximum(days - self.first_dose[owner], 0)
        shrunk = np.exp(-self.shrinkage[owner] * time)
        regrown = np.expm1(np.minimum(self.growth[owner] * time, 4.0))
        size: Real = np.maximum(shrunk + regrown, 0.01)
        return size


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to each subject whatever the scans show.

    Attributes
    ----------
    death : array of int
        Day of death.
    stop : array of int
        Day on which treatment would end for another reason than progression.
    stop_reason : array of int
        Position in `STOP_REASONS`.
    leave : array of int
        Day on which the subject leaves the study; nothing is known afterwards.
    gap : array of int
        Days from the end of treatment to another anticancer therapy; `NEVER` for none.
    scans_go_on : array of bool
        Whether scans continue under that other therapy until progression.
    """

    death: Whole
    stop: Whole
    stop_reason: Whole
    leave: Whole
    gap: Whole
    scans_go_on: Truth


STOP_REASONS = ("ADVERSE EVENT", "PHYSICIAN DECISION", "WITHDRAWAL BY SUBJECT")
_STOP_SHARES = (0.65, 0.15, 0.2)


def draw_people(protocol: Protocol, patients: int, options: Collected) -> People:
    """Draw the subjects of a protocol.

    Arms are drawn in proportion to their planned sizes. A fifth of the tumours does not shrink.
    """
    rng = stream(protocol.seed, "DM")
    planned = [float(arm.planned or 1) for arm in protocol.arms]
    share = options.screen_failures if protocol.screening is not None else 0.0
    enrolled = rng.random(patients) >= share
    end = cut_off(protocol)
    first = end - 90 - rng.integers(0, options.enrolment_days, size=patients)
    consent = first - rng.integers(3, 22, size=patients)
    growth = _GROWTH * np.exp(rng.normal(0.0, 0.8, size=patients))
    shrinkage = _SHRINKAGE * np.exp(rng.normal(0.0, 0.9, size=patients))
    weight = np.clip(np.round(rng.normal(66.0, 11.0, size=patients), 1), 40.0, 120.0)
    width = len(str(patients))
    return People(
        names=pl.Series("USUBJID", [f"C{i + 1:0{width}d}" for i in range(patients)]),
        arm=chance(planned, patients, rng),
        enrolled=enrolled,
        consent=consent,
        first_dose=np.where(enrolled, first, NEVER),
        horizon=end + options.after_cut_off,
        weight=weight,
        shrinkage=np.where(rng.random(patients) < 0.2, 0.0, shrinkage),
        growth=growth,
    )


def draw_fate(protocol: Protocol, people: People) -> Fate:
    """Draw death, end of treatment for other reasons, and leaving the study.

    Deaths come sooner to patients whose tumours grow faster; no drug has an effect.
    """
    rng = stream(protocol.seed, "DS")
    n, first = people.n, people.first_dose

    def after(mean: Real | float, least: int) -> Whole:
        return np.minimum(first + least + np.floor(rng.exponential(mean, size=n)), NEVER).astype(
            np.int64
        )

    mean = _SURVIVAL_MONTHS * DAYS_PER_MONTH / np.log(2.0)
    death = after(mean * (people.growth / _GROWTH) ** -0.5, 8)
    stop, leave = after(1 / _STOPS_PER_DAY, 5), after(1 / _LEAVES_PER_DAY, 20)
    treated_again = rng.random(n) < 0.45
    gap = rng.integers(7, 57, size=n)
    reason = chance(_STOP_SHARES, n, rng)
    # Who withdraws from treatment before anything else happened leaves the study that day.
    leave = np.where(reason == 2, np.minimum(leave, stop), leave)
    return Fate(
        death=death,
        stop=stop,
        stop_reason=reason,
        leave=leave,
        gap=np.where(treated_again, gap, NEVER),
        scans_go_on=rng.random(n) < 0.5,
    )
