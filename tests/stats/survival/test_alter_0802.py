"""The printed figures of ALTER-0802 from patients constructed to give them.

Days; a letter for an event (P progression, D death without progression), + for a censoring. The
constructed patients prove nothing about the trial; they are a check of arithmetic with many
known digits. Cohort 2 prints a lower limit of 48.7, which no order of 24 patients gives.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from hepatica.stats.survival import KaplanMeier, cox, kaplan_meier, logrank, milestone_test

MONTH = 30.4375
COHORT_1 = (
    "24P 27P 41P 43P 59P 88+ 92+ 108P 109D 123+ 141D 147P 150P 152P 173P 178P 178+ 180P 184P "
    "207P 209P 220P 237+ 305P 307P 320P"
)
COHORT_2 = (
    "1+ 41P 45P 48+ 60P 62P 64+ 78P 81P 89+ 97P 115P 116P 118P 140P 211D 214P 244P 277D 305P "
    "321P 347P 353+ 358D"
)


def curve(patients: str, events: str, rule: str) -> KaplanMeier:
    found = re.findall(r"(\d+)([PD+])", patients)
    return kaplan_meier(
        [int(day) for day, _ in found],
        [kind in events for _, kind in found],
        median_rule=rule,
    )


# The flat rule does not matter here: no curve or limit lies on one half.
@pytest.mark.parametrize("rule", ["midpoint_or_missing", "midpoint_or_first", "first_time"])
@pytest.mark.parametrize(
    ("patients", "n", "week_12", "week_24", "median"),
    [
        (COHORT_1, 26, (80.77, 59.81, 91.51), (54.20, 32.44, 71.66), (5.91, 4.83, 6.87)),
        (COHORT_2, 24, (72.51, 48.64, 86.64), (46.61, 24.40, 66.17), (4.60, 2.66, 10.02)),
    ],
)
def test_printed_figures(
    patients: str,
    n: int,
    week_12: tuple[float, ...],
    week_24: tuple[float, ...],
    median: tuple[float, ...],
    rule: str,
) -> None:
    progression_free = curve(patients, "PD", rule)
    assert progression_free.n == n
    read = progression_free.at([84, 168])
    percent = 100 * np.array([read.survival, read.lower, read.upper])
    assert percent[:, 0].round(2).tolist() == list(week_12)
    assert percent[:, 1].round(2).tolist() == list(week_24)
    to_progression = curve(patients, "P", rule).median
    months = np.array([to_progression.estimate, to_progression.lower, to_progression.upper])
    assert (months / MONTH).round(2).tolist() == list(median)


@pytest.mark.parametrize(
    ("patients", "day", "rate", "z", "p"),
    # From the printed limits of cohort 2, 48.7 among them, z would be 1.87.
    [(COHORT_1, 84, 0.65, 1.57, 0.12), (COHORT_2, 84, 0.50, 1.86, 0.06)],
)
def test_primary_objective(patients: str, day: int, rate: float, z: float, p: float) -> None:
    test = milestone_test(curve(patients, "PD", "midpoint_or_missing"), day, rate)
    assert round(test.statistic, 2) == z
    assert round(test.p_value, 2) == p


CXCL1_1 = (
    "209Ph 181Ph 289Ph 43Ph 180Ph 59Ph 86Ph 203Ph 145Ph 342Pl 247Pl 211Pl 285Pl 277Pl 384Pl "
    "147Dl 209Pl 67+l"
)
CXCL1_2 = (
    "26+h 96Ph 44Ph 33Ph 102Ph 283Ph 86Ph 78Ph 66Ph 236Ph 81Pl 238Pl 345Pl 139Pl 102Pl 316+l "
    "398Pl 58+l 357Pl 305Pl"
)


@pytest.mark.parametrize(("patients", "p"), [(CXCL1_1, 0.0071), (CXCL1_2, 0.0029)])
def test_time_to_progression_by_cxcl1(patients: str, p: float) -> None:
    found = re.findall(r"(\d+)([PD+])([hl])", patients)
    test = logrank(
        [int(day) for day, _, _ in found],
        [kind == "P" for _, kind, _ in found],
        [mark == "h" for _, _, mark in found],
    )
    assert round(test.p_value, 4) == p


LATER_TARGETED = "618+ 611 390 320+ 581 1064 701+ 240+ 240+ 609"
NOT_TARGETED = "694+ 95 174 366 238 241+ 344 51 243 658+ 239 177 395+ 174 178 577"


def test_overall_survival_by_later_treatment() -> None:
    words = [*LATER_TARGETED.split(), *NOT_TARGETED.split()]
    time = [int(word.rstrip("+")) for word in words]
    event = ["+" not in word for word in words]
    later = [1] * 10 + [0] * 16
    assert round(logrank(time, event, later).p_value, 4) == 0.0160
    fit = cox(time, event, later)
    limits = [round(float(x[0]), 3) for x in (fit.hazard_ratio, fit.lower, fit.upper)]
    assert limits == [0.263, 0.083, 0.836]
    median = kaplan_meier(time, event).median
    months = [round(x / MONTH, 2) for x in (median.estimate, median.lower, median.upper)]
    assert months == [12.81, 7.85, 20.07]
