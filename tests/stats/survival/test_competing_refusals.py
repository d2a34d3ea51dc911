"""What competing risks, restricted means and wins refuse, in words without a recorded value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.survival import (
    NoFiniteEstimateError,
    cause_counts_from_cells,
    cause_specific,
    compare_restricted_means,
    count_causes,
    cox,
    cumulative_incidence,
    cumulative_incidence_by_group,
    cumulative_incidence_from_counts,
    fine_gray,
    gray_test,
    gray_test_from_counts,
    kaplan_meier,
    predict_incidence,
    pseudo_incidence,
    pseudo_restricted_mean,
    pseudo_survival,
    quantile_difference,
    restricted_mean,
    restricted_mean_difference,
    restricted_mean_regression,
    survival_difference,
    time_lost,
    time_outcome,
    value_outcome,
    weighted_restricted_mean,
    win_ratio,
)

CURVE = kaplan_meier([1, 2, 3], [1, 1, 0])
ROBUST = kaplan_meier([1, 2, 3], [1, 1, 0], variance="robust")
NARROW = kaplan_meier([1, 2, 3], [1, 1, 0], conf_level=0.9)
INCIDENCE = cumulative_incidence([1, 2, 3], [1, 2, 0])
FIT = fine_gray([1, 2, 3, 4], [2, 0, 1, 1], [1, 0, 1, 0])
COUNTS = count_causes([1, 2, 3], [1, 2, 0])
DEATHS = time_outcome([1, 2, 3, 4], [1, 1, 1, 1])
FOUR = [1, 2, 3, 4]

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: restricted_mean(CURVE, 4), "tau must not lie past the last follow-up"),
    (lambda: restricted_mean(CURVE, 0), "tau must be a time above 0"),
    (lambda: restricted_mean(CURVE, np.nan), "tau must be a time above 0"),
    (lambda: restricted_mean(CURVE, variance="r"), "greenwood, corrected"),
    (lambda: restricted_mean(CURVE, conf_level=95), "conf_level must lie strictly"),
    (lambda: restricted_mean(ROBUST), "robust variance"),
    (lambda: restricted_mean(kaplan_meier([0, 0], [1, 0])), "no follow-up after time 0"),
    (lambda: restricted_mean_difference(CURVE, CURVE, 9), "tau must not lie past"),
    (
        lambda: compare_restricted_means(restricted_mean(CURVE, 1), restricted_mean(CURVE, 2)),
        "the same tau",
    ),
    (lambda: weighted_restricted_mean([1, 2], [1, 0], [1, 1], 3), "tau must not lie past"),
    (lambda: weighted_restricted_mean([1, 2], [1, 0], [1, -1], 1), "weights"),
    (lambda: survival_difference(CURVE, CURVE, [-1]), "time must not be negative"),
    (lambda: survival_difference(CURVE, CURVE, [1], method="exact"), "wald, mover"),
    (lambda: survival_difference(CURVE, NARROW, [1], method="mover"), "confidence level"),
    (lambda: quantile_difference(CURVE, NARROW), "confidence level"),
    (lambda: quantile_difference(CURVE, CURVE, 1.5), "p must lie strictly"),
    (lambda: cumulative_incidence([1, 2], [1, -1]), "1 of 2 values are not"),
    (lambda: cumulative_incidence([1, 2], [1, 0.5]), "whole numbers: 0 for censored"),
    (lambda: cumulative_incidence([1, 2], [1, 3], n_causes=2), "from 1 to 2; 1 of 2"),
    (lambda: cumulative_incidence([1, 2], [1, 20250101]), "between 1 and 100 causes"),
    (lambda: cumulative_incidence([1, 2], [1, 0], n_causes=0), "between 1 and 100 causes"),
    (lambda: cumulative_incidence([1, 2], [1, 0, 1]), "cause must have one value"),
    (lambda: cumulative_incidence([1, -2], [1, 0]), "time must not be negative"),
    (lambda: cumulative_incidence([1, 2], [1, 0], entry=[1, 0]), "entry must lie before time"),
    (lambda: cumulative_incidence([1, 2], [1, 0], variance="gray"), "greenwood, aalen"),
    (lambda: cumulative_incidence([1, 2], [1, 0], conf_type="loglog"), "conf_type must be"),
    (lambda: cumulative_incidence_by_group([1, 2], [1, 0], [1]), "group must have one value"),
    (lambda: INCIDENCE.at([-1]), "time must not be negative"),
    (lambda: time_lost(INCIDENCE, 4), "tau must not lie past"),
    (lambda: time_lost(INCIDENCE, -1), "tau must be a time above 0"),
    (lambda: count_causes([0.5], [1]), "time must hold whole numbers"),
    (lambda: count_causes([1], [1], [2], n_groups=2), "codes from 0 to 1"),
    (lambda: count_causes([2_000_000], [1]), "check the unit"),
    (lambda: cause_counts_from_cells([[0, 1, 1]]), "four columns"),
    (lambda: cause_counts_from_cells([[0, 1, -1, 1]]), "must not hold negative"),
    (lambda: cause_counts_from_cells([[2, 1, 1, 1]], n_groups=2), "codes from 0 to 1"),
    (lambda: COUNTS.merge(count_causes([1], [1])), "same number of groups and of causes"),
    (lambda: gray_test_from_counts(COUNTS), "at least two groups"),
    (lambda: gray_test_from_counts(COUNTS, cause_of_interest=3), "one of 1 to 2"),
    (
        lambda: cumulative_incidence_from_counts(
            type(COUNTS)(COUNTS.events * 0, COUNTS.censored * 0)
        ),
        "no subject",
    ),
    (lambda: gray_test([1, 2], [1, 2], [3, 3]), "at least two groups"),
    (lambda: gray_test([1, 2], [2, 0], [0, 1]), "at least one event of the cause"),
    (lambda: gray_test([1, 2], [1, 2], [0, 1], cause_of_interest=3), "one of 1 to 2"),
    (lambda: gray_test([1, 2, 3], [0, 1, 1], [0, 1, 1]), "never at risk together"),
    (lambda: gray_test([1, 2], [1, 2], [0, 1], rho=np.inf), "rho must be a finite number"),
    (lambda: fine_gray([1, 2], [2, 0], [0, 1]), "at least one event of the cause"),
    (lambda: fine_gray([1, 2], [1, 0], [0, 1], cause_of_interest=2), "one of 1 to 1"),
    (lambda: fine_gray([1, 2, 3], [1, 1, 2], [5, 5, 5]), "Column 0 of X"),
    (lambda: fine_gray(FOUR, [1, 1, 2, 1], np.outer([0, 1, 0, 1], [1, 2])), "Column 1 of X"),
    (lambda: fine_gray([1, 2], [1, 2], [0, np.nan]), "X must be finite"),
    (lambda: fine_gray([1, 2], [1, 2], [0, 1], censoring_group=[0]), "censoring_group must"),
    (lambda: fine_gray([1, 2], [1, 2], [0, 1], conf_level=0), "conf_level must lie"),
    (lambda: predict_incidence(FIT, [[1, 2]], [1]), "one column for each coefficient: 1"),
    (lambda: predict_incidence(FIT, [[1]], [-1]), "time must not be negative"),
    (lambda: cause_specific([1, 0], 2), "one of 1 to 1"),
    (lambda: pseudo_survival([1, 2], [1, 0], [3]), "must not lie past the last follow-up"),
    (lambda: pseudo_incidence([1, 2], [1, 0], [1], cause_of_interest=2), "one of 1 to 1"),
    (lambda: pseudo_restricted_mean([1, 2], [1, 0], 0), "tau must be a time above 0"),
    (lambda: restricted_mean_regression(FOUR, [1] * 4, [1] * 4, 3), "Column 0 of X is the same"),
    (
        lambda: restricted_mean_regression(FOUR, [1] * 4, np.outer(FOUR, [1, 2]), 3),
        "follows from the others",
    ),
    (lambda: time_outcome([1, 2], [1, 2]), "event must be 0 or 1"),
    (lambda: time_outcome([1, 2], [1, 0], margin=-1), "margin must be 0 or above"),
    (lambda: value_outcome(["a", "b"]), "value must be a list of numbers"),
    (lambda: value_outcome([1, np.inf]), "value must not be infinite"),
    (lambda: value_outcome([1, 2], better="more"), "higher, lower"),
    (lambda: win_ratio([1, 1, 0, 2], [DEATHS]), "treated must be 1"),
    (lambda: win_ratio([1, 1, 0, 0], []), "at least one outcome"),
    (lambda: win_ratio([1, 0], [DEATHS]), "one value for each time"),
    (lambda: win_ratio([1, 1, 1, 1], [DEATHS]), "treated subjects and controls"),
    (lambda: win_ratio([1, 0, 0, 0], [DEATHS]), "at least two subjects of each group"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_refused(number: int) -> None:
    call, words = REFUSED[number]
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value)


def test_no_finite_subdistribution_hazard_ratio() -> None:
    with pytest.raises(NoFiniteEstimateError, match="column 0"):
        fine_gray([1, 2, 3, 4, 5], [1, 1, 0, 2, 0], [1, 1, 0, 0, 0])


def test_a_competing_event_that_stays_at_risk_makes_an_estimate_finite() -> None:
    # Each event has the highest value among those still followed, but not in the risk set of the
    # subdistribution, where the competing event of day 1 stays.
    time, cause, x = [1, 2, 3, 4, 5], [2, 1, 1, 0, 0], [2, 1, 0, 0, 0]
    with pytest.raises(NoFiniteEstimateError):
        cox(time, cause_specific(cause), x)
    assert fine_gray(time, cause, x).converged


def test_no_recorded_value_in_messages() -> None:
    calls = (
        lambda: cumulative_incidence([7777.5, -1.0], [1, 0]),
        lambda: fine_gray([7777, 8888], [2, 0], [1, 0]),
        lambda: pseudo_survival([7777, 8888], [1, 0], [9999]),
        lambda: count_causes([7777.5], [1]),
    )
    for call in calls:
        with pytest.raises(InputError) as caught:
            call()
        assert "7777" not in str(caught.value)
        assert "8888" not in str(caught.value)
