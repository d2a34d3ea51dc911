"""Models with categories on R's own data sets, from the folder of shared data."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.logistic import NoFiniteEstimateError, logistic
from hepatica.stats.logistic_firth import logistic_firth
from hepatica.stats.splines import harrell_knots, restricted_cubic_spline
from hepatica.stats.survival import concordance_of, cox, nested_comparison, subset_test

pytestmark = pytest.mark.shared

PINNED = json.loads(
    (Path(__file__).parents[2] / "validation" / "r-models" / "shared.json").read_text("utf-8")
)
NEWTON = 1e-8
NAMES = [one["name"] for one in PINNED]


class Table:
    """The complete rows of a data set, with indicators of its factors in R's order."""

    def __init__(self, shared: Path, wanted: dict[str, Any]) -> None:
        self.factors = list(np.atleast_1d(wanted["factors"]))
        self.numbers = list(np.atleast_1d(wanted["numbers"]))
        path = shared / "data" / "survival" / "data" / f"{wanted['name']}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = ["time", "event", *self.factors, *self.numbers]
        self.rows = [row for row in rows if all(row[key] not in ("", "NA") for key in columns)]
        self.time = np.array([float(row["time"]) for row in self.rows])
        self.event = np.array([int(row["event"]) for row in self.rows])
        self.places: dict[str, list[int]] = {}
        parts: list[np.ndarray] = []
        for name in self.factors:
            values = [row[name] for row in self.rows]
            levels = sorted(set(values), key=lambda one: (float(one) if numeric(one) else 0, one))
            self.places[name] = list(range(len(parts), len(parts) + len(levels) - 1))
            parts += [np.array([float(one == level) for one in values]) for level in levels[1:]]
        for name in self.numbers:
            self.places[name] = [len(parts)]
            parts.append(np.array([float(row[name]) for row in self.rows]))
        self.x = np.stack(parts, axis=1)


def numeric(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_models_with_categories_are_those_of_coxph(shared: Path, name: str, ties: str) -> None:
    wanted = PINNED[NAMES.index(name)]
    table = Table(shared, wanted)
    (answer,) = [one for one in wanted["cox"] if one["ties"] == ties]
    fit = cox(table.time, table.event, table.x, ties=ties)
    assert (fit.n, fit.n_events) == (answer["n"], answer["events"])
    np.testing.assert_allclose(fit.coef, answer["coef"], rtol=NEWTON)
    np.testing.assert_allclose(fit.std_error, answer["std_error"], rtol=NEWTON)
    np.testing.assert_allclose(concordance_of(fit).c, answer["concordance"], rtol=1e-10)
    for covariate, test in answer["tests"].items():
        found = subset_test(fit, table.places[covariate])
        assert found.wald.df == test["df"]
        np.testing.assert_allclose(found.wald.statistic, test["wald"], rtol=NEWTON)
        np.testing.assert_allclose(
            found.likelihood_ratio.statistic, test["lr"], rtol=NEWTON, atol=1e-9
        )
    values = table.x[:, table.places[answer["spline"]["variable"]][0]]
    knots = harrell_knots(values, 4)
    np.testing.assert_allclose(knots, answer["spline"]["knots"], rtol=1e-12)
    curve = restricted_cubic_spline(values, knots)
    larger = cox(table.time, table.event, np.column_stack([table.x, curve]), ties=ties)
    gain = nested_comparison(fit, larger).statistic
    np.testing.assert_allclose(gain, answer["spline"]["lr"], rtol=NEWTON, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_logistic_models_with_categories_are_those_of_glm(shared: Path, name: str) -> None:
    wanted = PINNED[NAMES.index(name)]
    table = Table(shared, wanted)
    answer = wanted["glm"]
    penalised = logistic_firth(table.event, table.x)
    found = np.append(penalised.intercept, penalised.coef)
    np.testing.assert_allclose(found, answer["firth"], rtol=NEWTON)
    if answer["converged"]:
        np.testing.assert_allclose(found, answer["brglm2"], rtol=1e-6)
    if answer["separated"]:
        # The only patient of one category died; glm stops somewhere and warns.
        with pytest.raises(NoFiniteEstimateError, match="column 3 has no finite estimate"):
            logistic(table.event, table.x)
        return
    fit = logistic(table.event, table.x)
    np.testing.assert_allclose(np.append(fit.intercept, fit.coef), answer["coef"], rtol=NEWTON)
    np.testing.assert_allclose(
        np.append(fit.intercept_std_error, fit.std_error), answer["std_error"], rtol=NEWTON
    )
    np.testing.assert_allclose(fit.loglik, answer["loglik"], rtol=1e-10)


def test_all_sets_of_the_reference_are_there() -> None:
    assert NAMES == ["lung", "veteran", "gbsg", "pbc"]
    assert all([one["ties"] for one in entry["cox"]] == ["efron", "breslow"] for entry in PINNED)
    assert [one["glm"]["separated"] for one in PINNED] == [True, False, False, False]
