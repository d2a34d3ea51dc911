"""Input of strange types and sizes: one sentence for it, never an error or warning of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hepatica.stats.survival as s
from hepatica.errors import InputError

T = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
E = [1, 1, 0, 1, 1, 0]
G = [0, 1, 0, 1, 0, 1]
X = [0.3, -0.2, 0.9, 0.1, -0.7, 0.4]
CURVE = s.kaplan_meier(T, E)
MASKED = np.ma.masked_array(T, mask=[0, 0, 1, 0, 0, 0])

REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: s.kaplan_meier([[1, 2], [3]], E), "time must hold numbers, in rows of one length"),
    (lambda: s.kaplan_meier(MASKED, E), "time must not hold masked values"),
    (lambda: s.kaplan_meier(T, E, conf_level="high"), "conf_level must be one number"),  # type: ignore[arg-type]
    (lambda: s.kaplan_meier(T, E, conf_level=None), "conf_level must be one number"),  # type: ignore[arg-type]
    (lambda: s.kaplan_meier(T, E, conf_type=["log"]), "conf_type must be one of"),  # type: ignore[arg-type]
    (lambda: s.logrank(T, E, [0, 1, 0, 1, 0, 1e300]), "group must hold whole numbers"),
    (lambda: s.logrank(T, E, np.full(6, 2**64 - 1, np.uint64)), "group must hold whole numbers"),
    (lambda: s.logrank(T, E, G, weight="fleming-harrington", rho="1"), "rho must be one number"),  # type: ignore[arg-type]
    (lambda: s.count_survival([1e300], [1]), "time must hold whole numbers"),
    (lambda: s.count_survival([1], [1], n_groups=1.5), "n_groups must be one whole number"),  # type: ignore[arg-type]
    (lambda: s.count_causes([1], [1], n_causes="two"), "n_causes must be one number"),  # type: ignore[arg-type]
    (lambda: s.counts_from_cells([0], [1], None, [1]), "events must hold numbers"),  # type: ignore[arg-type]
    (lambda: s.cumulative_incidence(T, [0, 1, 2, 1, 2, 1e300]), "cause must hold whole numbers"),
    (lambda: s.restricted_mean(CURVE, "late"), "tau must be one number"),  # type: ignore[arg-type]
    (lambda: s.time_lost(s.cumulative_incidence(T, E), "late"), "tau must be one number"),  # type: ignore[arg-type]
    (lambda: s.simultaneous_band(CURVE, first="1"), "first must be one number"),  # type: ignore[arg-type]
    (lambda: s.censoring_weights(T, E, None), "at must be one number"),  # type: ignore[arg-type]
    (lambda: s.calibration_groups(T, E, np.full(6, 0.5), 2, groups=7), "more than subjects"),
    (lambda: s.exponential_hazard(T, 10**400), "rate must be one number"),
    (lambda: s.turnbull(T, T, tolerance=0.0), "tolerance must lie strictly between"),
    (lambda: s.kaplan_meier_batch([T], [E], landmarks=["x"]), "time must hold numbers"),
    (lambda: s.cox(T, E, [1e300, *X[1:]]), "X must hold values below 1e100"),
    (lambda: s.cox_path(T, E, X, share="half"), "share must be one number"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_strange_input_is_refused_in_one_sentence(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", ["f2", "f4", ">f8", "g", "i1", "u1", "u8", "i4", "?"])
def test_numbers_of_every_type_give_the_same(kind: str) -> None:
    codes = np.array(G).astype(kind)
    test = s.logrank(T, np.array(E).astype(kind), codes, strata=codes * 0)
    assert test.statistic == s.logrank(T, E, G).statistic
    if kind != "?":
        assert s.kaplan_meier(np.array(T).astype(kind), E).survival.tolist() == (
            CURVE.survival.tolist()
        )


def test_landmarks_and_strata_of_the_caller_stay_writeable() -> None:
    landmarks, strata = np.empty(0), np.array([0, 1, 0, 0, 1, 1])
    s.kaplan_meier_batch([T], [E], landmarks=landmarks)
    fit = s.cox(T, E, X, strata=strata, cluster=np.arange(6))
    assert landmarks.flags.writeable
    assert strata.flags.writeable
    assert not fit.data.stratum.flags.writeable
    assert not fit.data.cluster.flags.writeable


FIT = s.cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0], X)
RANDOM = np.random.default_rng(1)
MORE: list[tuple[Callable[[], Any], str]] = [
    (lambda: s.logrank(T, [[1], [1, 0]], G), "event must hold numbers"),  # type: ignore[list-item]
    (lambda: s.logrank_permutation(T, E, G, 1.5, RANDOM), "replicates must be one whole number"),  # type: ignore[arg-type]
    (lambda: s.logrank_permutation(T, E, G, 0, RANDOM), "replicates must be at least 1"),
    (lambda: s.logrank_permutation(T, E, G, 10, None), "generator must be a NumPy generator"),  # type: ignore[arg-type]
    (lambda: s.permuted_groups(G, 10, 7), "generator must be a NumPy generator"),  # type: ignore[arg-type]
    (lambda: s.turnbull_bootstrap(T, T, [2], 7), "generator must be a NumPy generator"),  # type: ignore[arg-type]
    (lambda: s.max_combo(T, E, G, sides=1.0), "sides must be 1 or 2"),  # type: ignore[arg-type]
    (lambda: s.max_combo(T, E, G, weights=None), "weights must hold pairs"),  # type: ignore[arg-type]
    (lambda: s.median_test([T, T]), "curves must be a list of curves"),  # type: ignore[list-item]
    (lambda: s.integrated_brier([1, 2], [0.1, 0.2], np.inf), "end must be a finite number"),
    (lambda: s.kaplan_meier(T, E, weights=[1e300, 1, 1, 1, 1, 1]), "weights must be below 1e100"),
    (
        lambda: s.nelson_aalen(
            T, E, weights=[1e9, 1, 1, 1, 1, 1], entry=np.zeros(6), variance="robust"
        ),
        "at most a million times the smallest",
    ),
    (lambda: s.win_ratio(G, [(1, 2)]), "made by time_outcome or value_outcome"),  # type: ignore[list-item]
    (lambda: s.predict_survival(FIT, [1e300]), "must hold values below 1e100"),
    (
        lambda: s.predict_incidence(s.fine_gray(T, E, X), [[1e6], [-1e6]], [2]),
        "so far from what was",
    ),
    (lambda: s.cox_firth(T, E, X, weights=np.full(6, 0.01)), "sum to less than one event"),
    (lambda: s.cox_firth(T, E, X, weights=np.full(6, 1e6)), "mean of the weights must not be"),
]


@pytest.mark.parametrize(("call", "message"), MORE, ids=[message for _, message in MORE])
def test_what_draws_or_predicts_says_what_it_takes(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)
