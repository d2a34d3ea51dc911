"""Agreement with the pinned answers of rpact and of integrals of R in validation/rpact-design."""

from __future__ import annotations

import importlib.util
import itertools
import math
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson
from scipy.special import ndtr

from hepatica.errors import InputError
from hepatica.stats.design import Futility, group_sequential, spent

FOLDER = Path(__file__).parents[3] / "validation" / "rpact-design"
CASES = {"events": 48, "survival": 144, "sequential": 224, "single": 144}
#: rpact integrates on a Simpson grid and stops its root searches at 1e-10: see the README.
RPACT = 5e-8


@cache
def agreement() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rpact_agreement", FOLDER / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def pinned() -> dict[str, Any]:
    found: dict[str, Any] = agreement().pinned()
    return found


def test_the_whole_grid_is_there() -> None:
    assert {name: len(pinned()[name]) for name in CASES} == CASES
    assert pinned()["versions"]["rpact"] == "3.3.4"
    kinds = {(one["kind"], one["sides"]) for one in pinned()["sequential"]}
    assert kinds == set(itertools.product(agreement().SHAPES, (1, 2)))
    stops = {(one["futility"], one["binding"]) for one in pinned()["sequential"]}
    assert stops == {("none", False), *itertools.product(("bsOF", "bsP"), (False, True))}


def test_events() -> None:
    assert max(agreement().of_events(one) for one in pinned()["events"]) < 1e-10


def test_patients_of_two_arms() -> None:
    assert max(agreement().of_survival(one) for one in pinned()["survival"]) < 1e-10


@pytest.mark.parametrize("variance", ["expected", "wu"])
def test_one_sample_logrank(variance: str) -> None:
    assert max(agreement().of_single(one, variance) for one in pinned()["single"]) < 1e-10


def test_group_sequential() -> None:
    compare = agreement()
    for case in pinned()["sequential"]:
        for name in compare.SEQUENTIAL:
            assert compare.of_sequential(case, name) < RPACT, (case["kind"], name)


def _stop_probability(information: np.ndarray[Any, Any], upper: Any, lower: Any) -> float:
    """Return the probability to cross the upper bounds under the null, on a fine Simpson grid."""
    crossed, density, grid, before = 0.0, None, None, 0.0
    for share, high, low in zip(information, upper, lower, strict=True):
        root = math.sqrt(share)
        if density is None:
            crossed += float(ndtr(-high))
        else:
            gap = math.sqrt(share - before)
            over = ndtr(-(high * root - grid * math.sqrt(before)) / gap)
            crossed += float(simpson(density * over, x=grid))
        new = np.linspace(max(low, -10.0), high, 2001)
        if density is None:
            density = np.exp(-0.5 * new**2) / math.sqrt(2 * math.pi)
        else:
            standard = (new[:, None] * root - grid * math.sqrt(before)) / gap
            kernel = np.exp(-0.5 * standard**2) * root / gap / math.sqrt(2 * math.pi)
            density = simpson(kernel * density, x=grid, axis=1)
        grid, before = new, share
    return crossed


@pytest.mark.parametrize(("function", "looks"), [("pocock", 5), ("obrien-fleming", 3)])
def test_the_level_is_kept_to_rounding_where_rpact_is_not(function: str, looks: int) -> None:
    ours = group_sequential(looks, alpha=0.025, sides=1, function=function)
    kind = {"pocock": "asP", "obrien-fleming": "asOF"}[function]
    theirs = next(
        one["upper"]
        for one in pinned()["sequential"]
        if (one["kind"], one["sides"], one["futility"]) == (kind, 1, "none")
        and len(one["information"]) == looks
    )
    none = np.full(looks, -math.inf)
    error = abs(_stop_probability(ours.information, ours.upper, none) - 0.025)
    of_rpact = abs(_stop_probability(ours.information, theirs, none) - 0.025)
    assert error < 1e-11
    assert error < of_rpact


def test_binding_futility_keeps_the_level() -> None:
    found = group_sequential(3, alpha=0.025, sides=1, futility=Futility("pocock", binding=True))
    level = _stop_probability(found.information, found.upper, found.lower)
    assert level == pytest.approx(0.025, abs=1e-11)


@pytest.mark.parametrize(
    ("looks", "constant"), [(2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413), (10, 2.555)]
)
def test_pocock_constants(looks: int, constant: float) -> None:
    # Pocock 1977; Jennison and Turnbull 2000, table 2.1, two-sided .05.
    found = group_sequential(looks, shape="pocock")
    assert found.upper.round(3).tolist() == [constant] * looks


@pytest.mark.parametrize(
    ("looks", "constant"), [(2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040), (10, 2.087)]
)
def test_obrien_fleming_constants(looks: int, constant: float) -> None:
    # O'Brien and Fleming 1979; Jennison and Turnbull 2000, table 2.3, two-sided .05.
    found = group_sequential(looks, shape="obrien-fleming")
    assert round(float(found.upper[-1]), 3) == constant
    assert found.upper == pytest.approx(found.upper[-1] * np.sqrt(looks / np.arange(1, looks + 1)))


@pytest.mark.parametrize(
    ("shape", "looks", "power", "inflation"),
    [
        # Jennison and Turnbull 2000, tables 2.2 and 2.4, two-sided .05.
        ("pocock", 2, 0.8, 1.110),
        ("pocock", 5, 0.8, 1.229),
        ("pocock", 5, 0.9, 1.207),
        ("obrien-fleming", 2, 0.8, 1.008),
        ("obrien-fleming", 5, 0.8, 1.028),
        ("obrien-fleming", 5, 0.9, 1.026),
    ],
)
def test_inflation_factors(shape: str, looks: int, power: float, inflation: float) -> None:
    assert round(group_sequential(looks, shape=shape, power=power).inflation, 3) == inflation


def test_lan_and_demets_bounds() -> None:
    # Lan and DeMets' function like O'Brien-Fleming with five even looks, two-sided .05: the bounds
    # that their program and every text since print.
    found = group_sequential(5)
    assert found.upper.round(2).tolist() == [4.88, 3.36, 2.68, 2.29, 2.03]


def test_spending_starts_at_nothing_and_ends_with_all() -> None:
    for function, parameter in (
        ("obrien-fleming", 1.0), ("pocock", 1.0), ("power", 3.0), ("hwang-shih-decani", -4.0),
    ):  # fmt: skip
        part = spent(function, 0.025, np.linspace(0.01, 1, 100), parameter=parameter)
        assert (np.diff(part) > 0).all()
        assert part[-1] == pytest.approx(0.025, rel=1e-12)
        assert part[0] < 0.001


def test_the_first_look_alone_is_a_fixed_design() -> None:
    found = group_sequential([1.0], alpha=0.05, power=0.9)
    assert found.upper.tolist() == pytest.approx([1.959963984540054], rel=1e-12)
    assert found.inflation == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: group_sequential([0.5, 0.4, 1]), "must be above 0, rise, and end with 1"),
        (lambda: group_sequential([0.5, 0.9]), "end with 1"),
        (lambda: group_sequential(0), "looks"),
        (lambda: group_sequential(51), "At most 50 looks"),
        (lambda: group_sequential(3, power=0.01), "power"),
        (lambda: group_sequential(3, alpha=1.5), "alpha"),
        (lambda: group_sequential(3, sides=4), "sides"),
        (lambda: group_sequential(3, shape="haybittle"), "shape"),
        (lambda: group_sequential(3, function="linear"), "function"),
        (lambda: group_sequential(3, function="power", parameter=0.0), "above 0"),
        (lambda: group_sequential(3, function="hwang-shih-decani", parameter=0.0), "Gamma"),
        (lambda: group_sequential(3, futility=Futility()), "one-sided"),
        (
            lambda: group_sequential(
                3, sides=1, shape="pocock", futility=Futility("pocock", binding=True)
            ),
            "by spending",
        ),
    ],
)
def test_what_cannot_be_planned_is_said(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()  # type: ignore[operator]


@given(
    inner=st.lists(st.floats(0.1, 0.9), min_size=0, max_size=3, unique=True),
    power=st.floats(0.55, 0.95),
    sides=st.sampled_from([1, 2]),
    function=st.sampled_from(["obrien-fleming", "pocock"]),
)
@settings(max_examples=25, deadline=None)
def test_what_every_design_keeps(
    inner: list[float], power: float, sides: int, function: str
) -> None:
    looks = sorted(inner)
    assume(all(after - before > 0.02 for before, after in itertools.pairwise([*looks, 1.0])))
    found = group_sequential([*looks, 1.0], power=power, sides=sides, function=function)
    assert found.alpha_spent[-1] == pytest.approx(0.05, rel=1e-9)
    assert found.efficacy_alternative.sum() == pytest.approx(power, rel=1e-8)
    assert found.stop_null.sum() == pytest.approx(1.0)
    assert found.stop_alternative.sum() == pytest.approx(1.0)
    assert (np.diff(found.alpha_spent) >= 0).all()
    assert found.inflation >= 1.0 - 1e-9
    assert found.expected_alternative <= found.inflation + 1e-9
    # A look more costs information and never lowers the last bound.
    assert found.upper[-1] >= group_sequential([1.0], sides=sides).upper[0] - 1e-9


def test_futility_costs_patients_at_most_and_saves_them_under_the_null() -> None:
    plain = group_sequential(3, alpha=0.025, sides=1)
    stops = group_sequential(3, alpha=0.025, sides=1, futility=Futility("pocock"))
    binds = group_sequential(3, alpha=0.025, sides=1, futility=Futility("pocock", binding=True))
    assert stops.upper.tolist() == plain.upper.tolist()
    assert plain.inflation < binds.inflation < stops.inflation
    assert stops.expected_null < plain.expected_null
    assert (binds.upper[1:] < plain.upper[1:]).all()
    assert stops.beta_spent[-1] == pytest.approx(0.2, rel=1e-8)
