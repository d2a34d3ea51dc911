"""The search for times: fast statistics, rounding, and what it finds."""

import math

import numpy as np
import pytest

from hepatica.dialect import trial_dialect
from hepatica.errors import InputError
from hepatica.published.model import PrintedNumber
from hepatica.simulate.rebuild.search import Bounds, Effort, search_times
from hepatica.simulate.rebuild.search_statistics import (
    curves_of,
    hazard_ratios,
    logrank_p,
    median_of,
    read_at,
    risk_sets_of,
)
from hepatica.simulate.rebuild.targets import Target, target_of, value_of
from hepatica.stats.survival import cox, kaplan_meier, logrank

SAS = trial_dialect("sas")
LIMITS = ("", "lower", "upper")
SMALL = Effort(sets=32, steps=600, rounds=4)
BRIEF = Effort(sets=8, steps=50, rounds=1)


def _sets(seed: int, sets: int = 40, n: int = 15, most: int = 25) -> tuple[np.ndarray, np.ndarray]:
    """Return times with many ties, and events."""
    rng = np.random.default_rng(seed)
    return rng.integers(1, most, (sets, n)), rng.random((sets, n)) < 0.7


def _same(found: float, house: float) -> bool:
    return (math.isinf(found) and math.isnan(house)) or found == pytest.approx(house, rel=1e-9)


def test_curves_are_those_of_the_house_with_ties() -> None:
    time, event = _sets(1)
    curves = curves_of(time, event)
    read = [read_at(curves, limit, 9) for limit in LIMITS]
    medians = [median_of(curves, limit) for limit in LIMITS]
    for row in range(len(time)):
        house = kaplan_meier(time[row], event[row], median_rule=SAS.median_rule)
        at = house.at([9])
        for found, expected in zip(read, (at.survival, at.lower, at.upper), strict=True):
            assert found[row] == pytest.approx(expected[0], rel=1e-9, nan_ok=True)
        expected = (house.median.estimate, house.median.lower, house.median.upper)
        assert all(_same(f[row], e) for f, e in zip(medians, expected, strict=True))


def test_curves_are_those_of_the_house_with_delayed_entry() -> None:
    time, event = _sets(2, most=60)
    time = time + 20
    entry = np.random.default_rng(3).integers(0, 20, time.shape)
    curves = curves_of(time, event, entry)
    found = median_of(curves, "")
    for row in range(len(time)):
        house = kaplan_meier(
            time[row], event[row], entry=entry[row], median_rule=SAS.median_rule
        ).median
        assert _same(found[row], house.estimate)


def test_comparisons_are_those_of_the_house_with_ties() -> None:
    time, event = _sets(4)
    second = np.arange(time.shape[1]) < 7
    sets = risk_sets_of(time, event, second)
    p, (ratio, lower, upper) = logrank_p(sets), hazard_ratios(sets)
    for row in range(len(time)):
        test = logrank(time[row], event[row], second.astype(int))
        assert p[row] == pytest.approx(test.p_value, rel=1e-9)
        fit = cox(time[row], event[row], second.astype(float), ties="breslow")
        assert ratio[row] == pytest.approx(fit.hazard_ratio[0], rel=1e-6)
        assert lower[row] == pytest.approx(fit.lower[0], rel=1e-6)
        assert upper[row] == pytest.approx(fit.upper[0], rel=1e-6)


def test_a_target_holds_when_it_is_printed_the_same() -> None:
    median = Target(statistic="median", members=(0,), printed=5.9, decimals=1, unit=30.4375)
    assert [median.holds(day) for day in (178, 179, 181, 182)] == [False, True, True, False]
    never = Target(statistic="median", members=(0,), printed=math.inf, decimals=1, unit=30.4375)
    assert never.holds(math.nan)
    assert not never.holds(600.0)
    assert not median.holds(math.nan)


def test_a_printed_number_becomes_a_target() -> None:
    number = PrintedNumber(
        place="Table 2",
        printed="59.8%",
        value=59.8,
        decimals=1,
        scale="fraction",
        key=(("level", "A"), ("time", 84.0), ("statistic", "survival_lower")),
    )
    target = target_of(number, [0, 1], events=(1, 2))
    assert (target.statistic, target.limit, target.day) == ("survival", "lower", 84)
    assert target.holds(0.5984)
    assert not target.holds(0.5986)
    ratio = PrintedNumber(
        place="Text",
        printed="0.84",
        value=0.84,
        decimals=2,
        key=(("statistic", "hazard_ratio_upper"),),
    )
    assert target_of(ratio, [0], versus=(1,)).limit == "upper"
    with pytest.raises(InputError, match="no target of statistic"):
        target_of(PrintedNumber(place="", printed="", value=1.0, key=(("statistic", "n"),)), [0])


def _tiny() -> tuple[list[Bounds], list[Target]]:
    """Return twelve patients in two groups; marks 1 and 2 are events of the first endpoint."""
    bounds = [Bounds.days(1, (1, 200)) | Bounds.days(0, (1, 200)) for _ in range(11)]
    bounds.append(Bounds.days(2, (77, 77)))
    first, second = tuple(range(6)), tuple(range(6, 12))
    everybody = first + second
    return bounds, [
        Target(
            statistic="survival", members=everybody, day=60, printed=66.7, decimals=1,
            unit=0.01, events=(1, 2),
        ),
        Target(statistic="median", members=first, printed=2.0, decimals=1, unit=30.4375),
        Target(statistic="p_value", members=first, versus=second, printed=0.30, decimals=2),
        Target(statistic="hazard_ratio", members=first, versus=second, printed=1.9, decimals=1),
    ]  # fmt: skip


def test_search_finds_times_within_bounds_that_hold_every_target() -> None:
    bounds, targets = _tiny()
    found = search_times(bounds, targets, SAS, seed=7, effort=SMALL)
    assert found.missed == ()
    assert found.loss == 0.0
    assert all(
        (day, mark) in one.choices
        for one, day, mark in zip(bounds, found.day.tolist(), found.mark.tolist(), strict=True)
    )
    for target in targets:
        value = value_of(target, found.day, found.mark, SAS)
        assert target.shown(value) == target.shown(target.printed * target.unit)


def test_the_same_seed_finds_the_same_times() -> None:
    bounds, targets = _tiny()
    first, again = (search_times(bounds, targets, SAS, seed=5, effort=BRIEF) for _ in range(2))
    other = search_times(bounds, targets, SAS, seed=6, effort=BRIEF)
    assert first.day.tolist() == again.day.tolist()
    assert first.day.tolist() != other.day.tolist()


def test_what_cannot_be_found_is_named() -> None:
    target = Target(statistic="median", members=(0, 1, 2), printed=9.0, decimals=1, unit=30.4375)
    effort = Effort(sets=4, steps=20, rounds=1)
    found = search_times([Bounds.days(1, (1, 50))] * 3, [target], SAS, seed=1, effort=effort)
    assert [one for one, _ in found.missed] == [target]
    assert found.loss > 0


def test_a_shift_moves_the_time_and_the_choice_is_the_entry() -> None:
    targets = [
        Target(
            statistic="median", members=(0, 1, 2), printed=13.0, decimals=0, unit=10.0, entry=True
        )
    ]
    bounds = [Bounds.days(1, (1, 60), shift=shift) for shift in (80, 100, 120)]
    found = search_times(bounds, targets, SAS, seed=2, effort=SMALL)
    house = kaplan_meier(found.day + np.array([80, 100, 120]), [1, 1, 1], entry=found.day)
    assert found.missed == ()
    assert 125 <= house.median.estimate <= 135


def test_a_further_condition_is_kept() -> None:
    target = Target(statistic="median", members=(0, 1, 2), printed=20.0, decimals=0, unit=1.0)
    found = search_times(
        [Bounds.days(1, (1, 50))] * 3,
        [target],
        SAS,
        seed=1,
        effort=SMALL,
        accept=lambda day, mark: bool(day[0] == 20),
    )
    assert found.day[0] == 20


def test_a_search_that_cannot_start_says_why() -> None:
    target = Target(statistic="median", members=(0, 3), printed=1.0, decimals=0)
    with pytest.raises(InputError, match="does not have"):
        search_times([Bounds.days(1, (1, 5))], [target], SAS, seed=1)
    with pytest.raises(InputError, match="needs a target"):
        search_times([Bounds.days(1, (1, 5))], [], SAS, seed=1)
    fine = Target(statistic="median", members=(0,), printed=1.0, decimals=0)
    with pytest.raises(InputError, match="dialect sas"):
        search_times([Bounds.days(1, (1, 5))], [fine], trial_dialect("r"), seed=1)
    with pytest.raises(InputError, match="two groups"):
        Target(statistic="p_value", members=(0,), printed=0.5, decimals=1)
