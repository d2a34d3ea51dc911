"""Two strategies by hand, in simulated patients without an effect, and under resampling."""

from __future__ import annotations

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.clone_censor_weight import clone_censor_weight, clone_censor_weight_bootstrap
from hepatica.stats.counting_process import split_at_exposure
from hepatica.stats.survival import cox, kaplan_meier, resample_weights

NONE = np.empty((6, 0))
#: Six patients: two begin treatment on day 2 and 4, one dies on day 3 without it.
TIME = [3.0, 10.0, 12.0, 14.0, 16.0, 20.0]
EVENT = [1, 1, 1, 1, 0, 1]
START = [np.nan, 2.0, 4.0, np.nan, np.nan, 30.0]


def test_six_patients_by_hand() -> None:
    found = clone_censor_weight(TIME, EVENT, START, NONE, grace=5, at=[8, 11, 15])
    # Treatment begins on day 2 in 1 of 6 at risk and on day 4 in 1 of 4: its hazard is 5/12.
    hazard = 1 / 6 + 1 / 4
    # Both strategies lose the death on day 3: among 6 here, and without treatment among the 5 who
    # have not begun, whose weights are all the same.
    early = 5 / 6
    assert found.survival_at[0] == pytest.approx([early, early / 2, 0.0])
    without = 4 / 5
    assert found.survival_at[1] == pytest.approx([without, without, without * 2 / 3])
    assert found.departed.tolist() == [3, 2]
    assert found.begun.tolist() == [3, 4]
    assert found.after_grace.tolist() == [2, 3]
    assert found.largest_weight == pytest.approx([1 / (1 - np.exp(-hazard)), np.exp(hazard)])
    assert found.effective_size == pytest.approx([2.0, 3.0])
    assert found.restricted_mean == pytest.approx(
        [3 + 7 * early + 2 * early / 2, 3 + 11 * without + 1 * without * 2 / 3]
    )


def test_a_treatment_on_the_last_day_is_none() -> None:
    as_told = clone_censor_weight(TIME, EVENT, START, NONE, grace=5, at=[8])
    on_day = clone_censor_weight(TIME, EVENT, [3.0, *START[1:]], NONE, grace=5, at=[8])
    assert on_day.survival_at.tolist() == as_told.survival_at.tolist()


def test_past_the_last_follow_up_there_is_no_estimate() -> None:
    found = clone_censor_weight(TIME, [1, 1, 0, 1, 0, 0], START, NONE, grace=5, at=[8, 30])
    assert np.isnan(found.survival_at[:, 1]).all()
    assert np.isnan(found.restricted_mean).all()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"start": [np.nan] * 6}, "Nobody began treatment"),
        ({"start": [1.0] * 6}, "did not begin"),
        ({"grace": 0}, "grace must be above 0"),
        ({"percentile": 0}, "percentile must lie above 0"),
        ({"at": [0]}, "at must hold times above 0"),
        ({"X": np.ones((5, 1))}, "X must hold finite numbers in 6 rows"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, object], what: str) -> None:
    given: dict[str, object] = {"start": START, "X": NONE, "grace": 5, "at": [8], **change}
    start, x = given.pop("start"), given.pop("X")
    with pytest.raises(InputError, match=what):
        clone_censor_weight(TIME, EVENT, start, x, **given)  # type: ignore[arg-type]


def drawn(
    generator: np.random.Generator, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return patients whose treatment does nothing, and begins sooner in the fitter."""
    x = generator.normal(size=(n, 1))
    death = np.ceil(generator.exponential(200 * np.exp(-0.5 * x[:, 0])))
    leaves = generator.integers(150, 600, n)
    start = np.ceil(generator.exponential(60 * np.exp(0.4 * x[:, 0])))
    return np.minimum(death, leaves), (death <= leaves).astype(np.int64), start, x


def test_without_an_effect_the_strategies_agree_where_ever_against_never_does_not() -> None:
    generator = np.random.default_rng(20)
    differences, naive, unweighted = [], [], []
    for _ in range(40):
        time, event, start, x = drawn(generator, 3000)
        found = clone_censor_weight(time, event, start, x, grace=60, at=[90, 180])
        differences.append(found.survival_at[0] - found.survival_at[1])
        same = clone_censor_weight(time, event, start, x[:, :0], grace=60, at=[180])
        unweighted.append(same.survival_at[0] - same.survival_at[1])
        ever = start < np.minimum(time, 61)
        curves = [kaplan_meier(time[one], event[one]).at([180.0]) for one in (ever, ~ever)]
        naive.append(curves[0].survival - curves[1].survival)
    error = np.std(differences, axis=0, ddof=1) / np.sqrt(40)
    assert np.all(np.abs(np.mean(differences, axis=0)) < 3 * error)
    assert np.all(error < 0.005)
    assert np.mean(naive) > 0.2
    assert np.mean(unweighted) > 0.05


def test_counting_process_has_no_immortal_time_where_ever_against_never_has() -> None:
    generator = np.random.default_rng(21)
    time, event, start, x = drawn(generator, 20_000)
    rows = split_at_exposure(time, event, start)
    covariates = np.column_stack([rows.exposed, x[rows.patient]])
    fit = cox(rows.time, rows.event, covariates, entry=rows.entry)
    assert abs(fit.coef[0]) < 3 * fit.std_error[0]
    naive = cox(time, event, np.column_stack([start < time, x]))
    assert naive.hazard_ratio[0] < 0.75


@pytest.mark.parametrize("percentile", [100.0, 95.0])
def test_a_resample_is_its_patients_told_again(percentile: float) -> None:
    generator = np.random.default_rng(22)
    time, event, start, x = drawn(generator, 200)
    weights = resample_weights(generator.integers(0, 200, (5, 200)), 200)
    how: dict[str, object] = {"grace": 60, "at": [90, 150], "percentile": percentile}
    many = clone_censor_weight_bootstrap(time, event, start, x, weights, **how)  # type: ignore[arg-type]
    assert many.failed == 0
    for replicate, counts in enumerate(weights):
        who = np.repeat(np.arange(200), counts)
        one = clone_censor_weight(time[who], event[who], start[who], x[who], **how)  # type: ignore[arg-type]
        assert many.survival_at[replicate] == pytest.approx(one.survival_at, rel=1e-9)
        assert many.restricted_mean[replicate] == pytest.approx(one.restricted_mean, rel=1e-9)


def test_a_resample_without_treatment_is_counted() -> None:
    weights = [[1, 1, 1, 1, 1, 1], [2, 0, 0, 2, 1, 1]]
    found = clone_censor_weight_bootstrap(TIME, EVENT, START, NONE, weights, grace=5, at=[8])
    assert found.failed == 1
    assert np.isnan(found.survival_at[1]).all()


def test_blocks_of_resamples_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(23)
    time, event, start, x = drawn(generator, 60)
    weights = resample_weights(generator.integers(0, 60, (7, 60)), 60)
    whole = clone_censor_weight_bootstrap(time, event, start, x, weights, grace=60, at=[90])
    monkeypatch.setattr("hepatica.stats.clone_censor_weight._BLOCK", 120)
    parts = clone_censor_weight_bootstrap(time, event, start, x, weights, grace=60, at=[90])
    assert parts.survival_at == pytest.approx(whole.survival_at, nan_ok=True)


def test_an_exposure_before_entry_is_there_from_entry_on() -> None:
    rows = split_at_exposure([10, 10, 10], [1, 1, 1], [2, 5, 7], entry=[3, 5, 5])
    assert rows.patient.tolist() == [2, 0, 1, 2]
    assert rows.entry.tolist() == [5, 3, 5, 7]
    assert rows.exposed.tolist() == [0, 1, 1, 1]
    with pytest.raises(InputError, match="after entry; 1 of 1"):
        split_at_exposure([3], [1], [2], entry=[3])
