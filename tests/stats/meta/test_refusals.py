"""Faults of published numbers are named, with the likely cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats import meta

NAN = float("nan")

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "no study": (lambda: meta.pool([], []), "no study"),
    "all missing": (lambda: meta.pool([NAN], [NAN]), "every value is missing"),
    "zero variance": (lambda: meta.pool([0.1, 0.2], [0.1, 0.0]), "study 2 has a variance of 0"),
    "negative variance": (lambda: meta.pool([0.1, 0.2], [-0.1, 0.1]), "limits are reversed"),
    "half missing": (lambda: meta.pool([0.1, NAN], [0.1, 0.2]), "study 2 has only one"),
    "infinite": (lambda: meta.pool([0.1, np.inf], [0.1, 0.2]), "continuity correction"),
    "no unit": (lambda: meta.pool([0.1, 0.2], [0.1, 1e-70]), "study 2 does not. Check its unit"),
    "huge": (lambda: meta.pool([1e70, 0.2], [0.1, 0.1]), "study 1 does not. Check its unit"),
    "lengths": (lambda: meta.pool([0.1, 0.2], [0.1]), "one value each"),
    "text": (lambda: meta.pool(["a"], [0.1]), "numbers"),
    "two axes": (lambda: meta.pool([[0.1]], [[0.1]]), "pool_batch"),
    "one axis": (lambda: meta.pool_batch([0.1], [0.1]), "pool takes one outcome"),
    "method": (lambda: meta.pool([0.1], [0.1], method="reml"), "one of REML|must be one of"),
    "ci": (lambda: meta.pool([0.1], [0.1], ci="knha"), "hartung-knapp"),
    "prediction": (lambda: meta.pool([0.1], [0.1], prediction="k-1"), "t\\(k-1\\)"),
    "level": (lambda: meta.pool([0.1], [0.1], conf_level=95), "between 0 and 1"),
    "centre of q": (lambda: meta.pool([0.1], [0.1], q_about=NAN), "q_about"),
    "limits of one": (lambda: meta.tau2_limits([0.1], [0.1]), "at least two"),
    "percent as count": (lambda: meta.proportion_effects([33.8], [71]), "percentage"),
    "more than all": (lambda: meta.proportion_effects([72], [71]), "exchanged"),
    "no patients": (lambda: meta.proportion_effects([0], [0]), "empty arm"),
    "percent as share": (
        lambda: meta.generic_from_limits([33.8], [26.8], [40.7], fraction=True),
        "percentage; divide it by 100",
    ),
    "limits reversed": (lambda: meta.ratio_from_limits([0.7], [0.9], [0.5]), "reversed"),
    "limits equal": (lambda: meta.ratio_from_limits([0.7], [0.7], [0.7]), "typed three times"),
    "outside limits": (lambda: meta.ratio_from_limits([0.4], [0.5], [0.9]), "between its limits"),
    "log given": (lambda: meta.ratio_from_limits([-0.3], [-0.6], [-0.1]), "logarithm"),
    "p of zero": (lambda: meta.ratio_from_p([0.7], [0.0]), "printed as .000"),
    "p in percent": (lambda: meta.ratio_from_p([0.7], [5.0]), "percentage"),
    "ratio of one": (lambda: meta.ratio_from_p([1.0], [0.9]), "ratio of 1"),
    "median reversed": (lambda: meta.median_effects([7.0], [9.0], [5.0]), "reversed"),
    "median of zero": (lambda: meta.median_effects([0.0], [0.0], [5.0]), "positive"),
    "back": (lambda: meta.back_transform([1.0], "freeman-tukey"), "number of patients"),
    "scale": (lambda: meta.back_transform([1.0], "percent"), "scale must be one of"),
    "rate": (lambda: meta.rate_effects([3], [0.0]), "time at risk"),
    "sd": (lambda: meta.mean_effects([3.0], [-1.0], [10]), "negative"),
    "ratio of means": (
        lambda: meta.ratio_of_means_effects(([1.0], [1.0], [9]), ([-1.0], [1.0], [9])),
        "change",
    ),
    "no events": (lambda: meta.mantel_haenszel([0], [9], [0], [9]), "does not exist"),
    "all events": (lambda: meta.proportion_glmm([9], [9]), "no finite estimate"),
    "nodes": (lambda: meta.proportion_glmm([3], [9], nodes=0), "nodes"),
    "not positive definite": (
        lambda: meta.pool_correlated([1.0, 2.0], [[1.0, 1.0], [1.0, 1.0]]),
        "entered twice",
    ),
    "not symmetric": (
        lambda: meta.pool_correlated([1.0, 2.0], [[1.0, 0.1], [0.2, 1.0]]),
        "symmetric",
    ),
    "different controls": (
        lambda: meta.shared_control_covariance([0.3, 0.3], [0.1, 0.2], [1, 1]),
        "same control",
    ),
    "two levels": (lambda: meta.pool_multilevel([1, 2], [1, 1], [1, 2]), "use pool"),
    "clusters": (lambda: meta.cluster_robust([1.0, 2.0], [1.0, 1.0], [1, 1]), "more clusters"),
    "prior": (lambda: meta.bayes_pool([1.0], [1.0], tau_scale=0.0), "positive"),
    "rule": (lambda: meta.pool_by_heterogeneity([1.0], [1.0], i2_below=50), "i2_below"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_cause(case: str) -> None:
    call, words = REFUSED[case]
    with pytest.raises(InputError, match=words):
        call()


def test_several_faults_are_named_together() -> None:
    with pytest.raises(InputError, match="study 1, 3 has a variance of 0"):
        meta.pool([0.1, 0.2, 0.3], [0.0, 0.1, 0.0])


def test_no_message_tells_a_recorded_value() -> None:
    for call, _ in REFUSED.values():
        with pytest.raises(InputError) as refused:
            call()
        assert "33.8" not in str(refused.value)


def test_limits_that_do_not_centre_are_marked_not_refused() -> None:
    found = meta.ratio_from_limits([0.70, 0.70], [0.52, 0.60], [0.94, 0.95])
    assert found.off_centre.tolist() == [False, True]


def test_values_are_read_only() -> None:
    pooled = meta.pool([0.1, 0.2], [0.1, 0.1])
    with pytest.raises(ValueError, match="read-only"):
        pooled.weights[0] = 1.0
    batch = meta.pool_batch([[0.1, 0.2]], [[0.1, 0.1]])
    with pytest.raises(ValueError, match="read-only"):
        batch.estimate[0] = 1.0
    given = np.array([0.1, 0.2])
    meta.pool(given, [0.1, 0.1])
    given[0] = 5.0
