"""What cannot be planned is refused with a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats import design as hd
from hepatica.stats.design import dose_finding as hf

RANDOM = np.random.default_rng(1)
TABLE = hf.boin_boundaries(0.3, 30)
GUESS = hf.crm_skeleton(0.25, 0.05, 1, 3)
ONE_ARM: tuple[Callable[..., Any], ...] = (
    hd.one_proportion_exact,
    hd.one_proportion_normal,
    hd.simon,
)
BAD: list[tuple[Callable[[], Any], str]] = [
    (lambda: hd.one_proportion_exact(0.3, 0.3), "alternative must be higher than null"),
    (lambda: hd.one_proportion_exact(0.3, 0.300001), "more than 1,000,000"),
    (lambda: hd.one_proportion_exact(0.1, 0.3, sides=3), "sides"),
    (lambda: hd.one_proportion_power([0], 0.1, 0.3), "between 1"),
    (lambda: hd.one_proportion_power([2.5], 0.1, 0.3), "whole"),
    (lambda: hd.simon(0.3, 0.31), "1,000"),
    (lambda: hd.two_stage_design(10, 1, 10, 5, null=0.1, alternative=0.3), "smaller than n"),
    (lambda: hd.two_stage_design(10, 6, 29, 5, null=0.1, alternative=0.3), "futility_first"),
    (lambda: hd.two_stage_inference(30, (10, 1, 29, 5), null=0.1), "29 patients"),
    (lambda: hd.two_stage_inference(3, (10, 1, 29), null=0.1), "four numbers"),  # type: ignore[arg-type]
    (lambda: hd.two_proportions(0.3, 0.3), "non-inferiority"),
    (lambda: hd.two_proportions(0.3, 0.5, allocation=0.0), "allocation"),
    (lambda: hd.two_proportions(0.3, 0.5, method="fast"), "method"),
    (lambda: hd.fisher_design(0.5, 0.52), "choose rates farther apart"),
    (lambda: hd.fisher_power(3000, 3, control=0.1, treatment=0.2), "2,000"),
    (lambda: hd.noninferiority_proportions(0.65, 0.5, 0.15), "margin"),
    (lambda: hd.precision_of_proportion(0.3, 0.5), "half_width"),
    (lambda: hd.precision_of_proportion(0.3, 1e-5), "1,000,000"),
    (lambda: hd.inflate_for_dropout(24, 1.0), "dropout"),
    (lambda: hd.inflate_for_dropout(24.5, 0.1), "whole"),  # type: ignore[arg-type]
    (lambda: hd.posterior_monitoring(0.2, 0.4, [10, 10]), "increase"),
    (lambda: hd.posterior_monitoring(0.2, 0.4, [10], futility_threshold=1.0), "below"),
    (lambda: hd.predictive_monitoring(0.2, 0.4, [10], prior=(0.0, 1.0)), "positive"),
    (lambda: hd.monitoring_probabilities(9, 8, null=0.2, final_threshold=0.9), "n_final"),
    (lambda: hd.monitoring_properties([5, 9], [0], [6, 4], [0.1]), "one bound a look"),
    (lambda: hd.monitoring_properties([5, 9], [4, 3], [4, 4], [0.1]), "below efficacy"),
    (lambda: hd.bop2(0.2, 0.4, [2, 3], alpha=1e-6), "No boundary"),
    (lambda: hd.fleming(0.2, 0.4, [25, 15]), "increase"),
    (lambda: hd.selection_design(0.3, 0.2), "higher"),
    (lambda: hd.selection_design(0.2, 0.3, arms=4, power=0.25), "1 / arms"),
    (lambda: hd.toxicity_boundary(0.4, 0.2, [5, 10]), "higher"),
    (lambda: hf.three_plus_three([0.3, 0.2]), "must not fall"),
    (lambda: hf.boin_boundaries(0.3, 12, too_low=0.4), "increase"),
    (lambda: hf.boin_boundaries(0.8, 12), "stay below 1"),
    (lambda: hf.boin_selection([3, 3], [4, 0], 0.3), "toxicities"),
    (lambda: hf.simulate_boin([0.1, 0.3], TABLE, RANDOM, cohorts=20), "reach 30 patients"),
    (lambda: hf.simulate_boin([0.1, 0.3], TABLE, RANDOM, cohorts=9, start=2), "start"),
    (lambda: hf.crm([0.3, 0.2], [3, 3], [0, 0], 0.25), "increase"),
    (lambda: hf.crm([0.1, 0.2], [3, 3, 3], [0, 0, 0], 0.25), "one value a dose"),
    (lambda: hf.crm_skeleton(0.25, 0.25, 1, 5), "half_width"),
    (lambda: hf.crm_skeleton(0.25, 0.05, 5, 5), "prior_dose"),
    (lambda: hf.simulate_crm([0.1, 0.2], GUESS, RANDOM, cohorts=3), "one value a dose"),
    (lambda: hf.simulate_crm([0.1, 0.2, 0.3], GUESS, 1, cohorts=3), "generator"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("design", ONE_ARM)
@pytest.mark.parametrize("power", [0.05, 0.01, 0.0, 1.0, 1.2, float("nan")])
def test_power_out_of_range(design: Callable[..., Any], power: float) -> None:
    with pytest.raises(InputError, match="power"):
        design(0.1, 0.3, power=power)


@pytest.mark.parametrize("design", ONE_ARM)
@pytest.mark.parametrize("rates", [(0.0, 0.3), (0.3, 1.0), (0.3, 0.2), ("a", 0.2), (None, 0.2)])
def test_rates_out_of_range(design: Callable[..., Any], rates: tuple[Any, Any]) -> None:
    with pytest.raises(InputError, match=r"null|alternative"):
        design(*rates)


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_cannot_be_planned(number: int) -> None:
    design, words = BAD[number]
    with pytest.raises(InputError, match=words):
        design()


@pytest.mark.parametrize("design", [hd.one_proportion_normal, hd.two_proportions])
@pytest.mark.parametrize("alpha", [0.5, 0.6, 0.9])
def test_errors_nobody_plans_with_still_give_a_trial(
    design: Callable[..., Any], alpha: float
) -> None:
    found = design(0.1, 0.5, alpha=alpha, power=alpha + 0.01)
    assert found.n >= 1
    assert 0.0 <= found.power <= 1.0
