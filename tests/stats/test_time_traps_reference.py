"""Agreement with R on landmarks, exposures that start later, and cloning, censoring, weighting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.clone_censor_weight import clone_censor_weight
from hepatica.stats.counting_process import split_at_exposure
from hepatica.stats.survival import cox, kaplan_meier, logrank

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = json.loads(
    (ROOT / "validation" / "r-time-traps" / "reference.json").read_text(encoding="utf-8")
)["cases"]
NAMES = ("days", "few", "ties", "continuous")
#: R's Newton iteration and ours end on the same estimate to this.
NEWTON = 1e-8
CLOSED = 1e-10


class Patients:
    """The data of a case as arrays."""

    def __init__(self, name: str) -> None:
        data = REFERENCE[name]["data"]
        self.time = np.array(data["time"], dtype=np.float64)
        self.event = np.array(data["event"])
        self.start = np.array(data["start"], dtype=np.float64)
        self.x = np.stack([np.array(data["x1"]), np.array(data["x2"])], axis=1).astype(np.float64)


def test_the_whole_grid_is_there() -> None:
    assert tuple(REFERENCE) == NAMES
    for case in REFERENCE.values():
        assert set(case["counting"]) == {"efron", "breslow"}
        assert [one["at"] for one in case["landmark"]] == [30, 60]
        plans = [(one["grace"], one["percentile"], one["covariates"]) for one in case["strategies"]]
        wanted = [(100, True), (95, True), (100, False)]
        assert plans == [(grace, *one) for grace in (45, 60) for one in wanted]


def check_model(fit: Any, told: dict[str, Any]) -> None:
    assert fit.coef == pytest.approx(np.atleast_1d(told["coef"]), rel=NEWTON)
    assert fit.std_error == pytest.approx(np.atleast_1d(told["std_error"]), rel=NEWTON)
    assert fit.loglik == pytest.approx(told["loglik"], rel=CLOSED)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_an_exposure_that_starts_later(name: str, ties: str) -> None:
    patients, told = Patients(name), REFERENCE[name]["counting"][ties]
    rows = split_at_exposure(patients.time, patients.event, patients.start)
    exposed = rows.exposed.astype(np.float64)[:, None]
    x = np.concatenate([exposed, patients.x[rows.patient]], axis=1)
    how: dict[str, Any] = {"entry": rows.entry, "ties": ties}
    check_model(cox(rows.time, rows.event, exposed, **how), told["alone"])
    check_model(cox(rows.time, rows.event, x, **how), told["adjusted"])
    ever = (patients.start < patients.time).astype(np.float64)
    check_model(cox(patients.time, patients.event, ever, ties=ties), told["naive"])
    for state in (0, 1):
        own = rows.exposed == state
        assert rows.event[own].sum() == told["events"][state]
        days = (rows.time - rows.entry)[own].sum()
        assert days == pytest.approx(told["person_time"][state], rel=CLOSED)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [0, 1])
def test_a_landmark(name: str, place: int) -> None:
    patients, told = Patients(name), REFERENCE[name]["landmark"][place]
    at = told["at"]
    group = (patients.start <= at).astype(np.int64)
    kept = patients.time > at
    assert int((~kept & (patients.event == 1)).sum()) == told["event_before"]
    assert int((~kept & (patients.event == 0)).sum()) == told["censored_before"]
    time, event, group = patients.time[kept] - at, patients.event[kept], group[kept]
    assert np.bincount(group).tolist() == told["n"]
    check_model(cox(time, event, group.astype(np.float64)), told["model"])
    assert logrank(time, event, group).statistic == pytest.approx(told["chisq"], rel=CLOSED)
    for one in (0, 1):
        median = kaplan_meier(time[group == one], event[group == one]).median.estimate
        assert median == pytest.approx(told["median"][one], rel=CLOSED)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", range(6))
def test_two_strategies(name: str, place: int) -> None:
    patients, told = Patients(name), REFERENCE[name]["strategies"][place]
    found = clone_censor_weight(
        patients.time,
        patients.event,
        patients.start,
        patients.x if told["covariates"] else patients.x[:, :0],
        grace=told["grace"],
        at=told["at"],
        percentile=told["percentile"],
    )
    assert found.coef == pytest.approx(np.array(told["coef"], dtype=np.float64), rel=NEWTON)
    for strategy, curve in enumerate(told["survival"]):
        own = found.events[strategy] > 0
        assert found.time[own] == pytest.approx(np.array(curve["time"], dtype=np.float64))
        wanted = np.array(curve["survival"], dtype=np.float64)
        assert found.survival[strategy, own] == pytest.approx(wanted, rel=NEWTON, abs=CLOSED)
    assert found.survival_at == pytest.approx(np.array(told["survival_at"]), rel=NEWTON)
    assert found.restricted_mean == pytest.approx(np.array(told["restricted_mean"]), rel=NEWTON)
    assert found.effective_size == pytest.approx(np.array(told["effective_size"]), rel=NEWTON)
    assert found.largest_weight == pytest.approx(np.array(told["largest_weight"]), rel=NEWTON)
