"""What the estimators refuse, and that the message names it without a recorded value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.survival import (
    NoFiniteEstimateError,
    count_survival,
    counts_from_cells,
    cox,
    fleming_harrington,
    kaplan_meier,
    kaplan_meier_by_group,
    logrank,
    logrank_from_counts,
    milestone_test,
    nelson_aalen,
    nelson_aalen_from_counts,
)

CURVE = kaplan_meier([1, 2], [1, 0])
REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: kaplan_meier([], []), "time must not be empty"),
    (lambda: kaplan_meier([1, np.nan], [1, 0]), "time must be finite; 1 of 2"),
    (lambda: kaplan_meier([1, np.inf], [1, 0]), "time must be finite"),
    (lambda: kaplan_meier([1, -7], [1, 0]), "time must not be negative; 1 of 2"),
    (lambda: kaplan_meier(["a", "b"], [1, 0]), "time must hold numbers"),
    (lambda: kaplan_meier([[1, 2]], [1, 0]), "time must have 1 axis"),
    (lambda: kaplan_meier([1, 2], [1, 2]), "event must be 0 or 1; 1 of 2"),
    (lambda: kaplan_meier([1, 2], [1.0, np.nan]), "event must be finite"),
    (lambda: kaplan_meier([1, 2], [1, 0, 1]), "event must have one value for each time: 2"),
    (lambda: kaplan_meier([1], [1], conf_type="loglog"), "log-log, log, plain, logit, arcsine"),
    (lambda: kaplan_meier([1], [1], median_rule="r"), "midpoint_or_missing"),
    (lambda: kaplan_meier([1], [1], conf_level=95), "conf_level must lie strictly between"),
    (lambda: kaplan_meier([1], [1], conf_level=float("nan")), "conf_level must lie"),
    (lambda: kaplan_meier([1], [1], variance="ij"), "variance must be one of greenwood, robust"),
    (lambda: kaplan_meier([1, 2], [1, 0], weights=[1, -1]), "weights must not be negative; 1 of 2"),
    (lambda: kaplan_meier([1, 2], [1, 0], weights=[0, 0]), "weights must not all be 0"),
    (lambda: kaplan_meier([1, 2], [1, 0], weights=[1, np.nan]), "weights must be finite"),
    (lambda: kaplan_meier([1, 2], [1, 0], weights=[1]), "weights must have one value for each"),
    (lambda: kaplan_meier([1, 2], [1, 0], entry=[0, 3]), "entry must lie before time; 1 of 2"),
    (lambda: kaplan_meier([1, 2], [1, 3], weights=[1, 1]), "event must be 0 or 1; 1 of 2"),
    (
        lambda: kaplan_meier_by_group([1, 2], [1, 0], [0, 1], weights=[1.0, 0.0]),
        "In each group some weights must be above 0",
    ),
    (lambda: nelson_aalen([1, -2], [1, 0]), "time must not be negative; 1 of 2"),
    (lambda: nelson_aalen([1], [1], ties="efron"), "nelson-aalen, fleming-harrington"),
    (lambda: nelson_aalen([1], [1], variance="greenwood"), "poisson, binomial, robust"),
    (lambda: nelson_aalen([1], [1], conf_type="log-log"), "conf_type must be one of log, plain"),
    (
        lambda: nelson_aalen_from_counts(count_survival([1], [1]), variance="robust"),
        "variance must be one of poisson, binomial; it is 'robust'",
    ),
    (lambda: fleming_harrington(nelson_aalen([1], [1]), conf_type="x"), "conf_type must be one"),
    (lambda: CURVE.quantile(1.0), "p must lie strictly between"),
    (lambda: CURVE.at([-1]), "time must not be negative"),
    (lambda: kaplan_meier_by_group([1, 2], [1, 0], [0.5, 1]), "group must hold whole numbers"),
    (lambda: kaplan_meier_by_group([1, 2], [1, 0], [1]), "group must have one value"),
    (lambda: logrank([1, 2], [1, 0], [3, 3]), "at least two groups"),
    (lambda: logrank([1, 2], [0, 0], [0, 1]), "at least one event"),
    (lambda: logrank([1, 2, 3], [0, 1, 1], [0, 1, 1]), "never at risk together"),
    (lambda: logrank([1, 2], [1, 1], [0, 1], strata=[0, 1]), "never at risk together"),
    (lambda: milestone_test(CURVE, 1, 1.0), "null must lie strictly"),
    (lambda: milestone_test(CURVE, 1, 0.5, sides=3), "sides must be 1 or 2"),
    (lambda: count_survival([0.5], [1]), "time must hold whole numbers"),
    (lambda: count_survival([1], [1], [2], n_groups=2), "codes from 0 to 1"),
    (lambda: count_survival([2_000_000], [1]), "check the unit"),
    (lambda: counts_from_cells([0], [1], [-1], [0]), "events must not be negative"),
    (
        lambda: count_survival([1], [1], n_groups=1).merge(count_survival([1], [1], n_groups=2)),
        "same number of groups; they have 1 and 2",
    ),
    (
        lambda: count_survival([1], [1], n_strata=1).merge(count_survival([1], [1], n_strata=2)),
        "same number of strata; they have 1 and 2",
    ),
    (lambda: count_survival([1, 2], [1, 0], entry=[0, 2]), "entry must lie before time; 1 of 2"),
    (lambda: count_survival([1, 2], [1, 0], entry=[0, 0.5]), "entry must hold whole numbers"),
    (lambda: count_survival([1, 2], [1, 0], entry=[0, -1]), "entry must not be negative"),
    (lambda: count_survival([1], [1], strata=[3], n_strata=2), "strata must hold codes from 0"),
    (
        lambda: counts_from_cells([0, 0], [0, 3], [0, 1], [0, 1], entered=[1, 0]),
        "as many subjects must enter as leave",
    ),
    (
        lambda: counts_from_cells([0, 0, 0], [1, 2, 3], [1, 0, 1], [0, 0, 0], entered=[0, 2, 0]),
        "More subjects leave than have entered before",
    ),
    (lambda: count_survival([900_000], [1], n_groups=40), "more than 20000000 cells"),
    (lambda: logrank_from_counts(count_survival([1], [1], n_groups=2)), "at least two groups"),
    (lambda: cox([1, 2], [0, 0], [0, 1]), "at least one event"),
    (lambda: cox([1, 2], [1, 1], [0, 1], ties="peto"), "ties must be one of efron, breslow, exact"),
    (lambda: cox([1, 2, 3], [1, 1, 1], [[0, 5]] * 3), "Column 0 of X is the same"),
    (lambda: cox([1, 2, 3], [1, 1, 1], [0.1, 0.1, 0.1]), "Column 0 of X is the same"),
    (
        lambda: cox([1, 2, 3, 4], [1, 1, 1, 1], [[1, 2], [0, 0], [0, 0], [1, 2]]),
        "Column 1 of X follows from the columns before it",
    ),
    (
        lambda: cox([1, 2, 3, 4], [0, 1, 1, 1], [[1, 1], [0, 0], [0, 1], [0, 0]]),
        "Column 0 of X is the same for all subjects at risk",
    ),
    (
        lambda: cox([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1], strata=[0, 0, 1, 1]),
        "Column 0 of X is the same for all subjects at risk",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_no_message_holds_a_time() -> None:
    with pytest.raises(InputError) as caught:
        kaplan_meier([1, -98765], [1, 0])
    assert "98765" not in str(caught.value)


def test_one_group_without_events() -> None:
    with pytest.raises(NoFiniteEstimateError, match="column 0 has no finite estimate"):
        cox([1, 2, 3, 4, 5], [1, 0, 1, 0, 1], [1, 0, 1, 0, 1])


def test_separation_by_two_columns_together() -> None:
    # The subject who has the event has the highest x1 + x2 of those at risk, every time, but
    # neither column alone does.
    x = np.array([[3, 2], [2, 2.5], [3, 1], [1.0, 2], [0, 0]])
    assert (np.diff(x.sum(axis=1)) < 0).all()
    with pytest.raises(NoFiniteEstimateError, match="has no finite estimate"):
        cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], x)


def test_near_separation_is_fitted() -> None:
    # One event among 200 in group 0, at the end.
    time = np.arange(1, 401)
    group = np.tile([0, 1], 200)
    event = (group == 1).astype(int)
    event[398] = 1
    fit = cox(time, event, group)
    assert fit.converged
    assert 100 < fit.hazard_ratio[0] < 1e4


def test_a_large_scale_or_shift_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    time, event, x = rng.integers(1, 50, 80), rng.integers(0, 2, 80), rng.normal(size=80)
    plain = cox(time, event, x)
    scaled = cox(time, event, 1e6 + 1e-3 * x)
    assert scaled.coef[0] * 1e-3 == pytest.approx(plain.coef[0], rel=1e-5)
    assert scaled.z[0] == pytest.approx(plain.z[0], rel=1e-5)


def test_values_cannot_be_changed() -> None:
    fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    test = logrank([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1])
    counts = count_survival([1, 2], [1, 0])
    read = CURVE.at([1])
    for value in (CURVE, fit, test, counts, read):
        for name in value.__slots__:
            held = getattr(value, name)
            if isinstance(held, np.ndarray):
                assert not held.flags.writeable, name


def test_input_arrays_stay_writeable_and_unchanged() -> None:
    time, event, x = np.array([3.0, 1.0, 2.0]), np.array([1, 1, 1]), np.array([1.0, 1.0, 0.0])
    kaplan_meier(time, event).at(time)
    cox(time, event, x)
    logrank(time, event, x)
    assert time.flags.writeable
    assert (time.tolist(), x.tolist()) == ([3, 1, 2], [1, 1, 0])
