"""Compare Hepatica with the pinned answers of R, number by number.

The test runs `comparisons`; ``python validation/r-competing/agreement.py`` prints the table of
README.md: the largest relative difference per statistic.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats import survival as hs

PINNED = Path(__file__).with_name("reference.json")
CLOSED = 1e-10
NEWTON = 1e-8

#: What is compared, R's answer, ours, and the bound of the relative difference.
Comparison = tuple[str, np.ndarray, np.ndarray, float]


def pinned() -> dict[str, Any]:
    """Return R's answers and the data they belong to."""
    return json.loads(PINNED.read_text(encoding="utf-8"))


def numbers(values: object) -> np.ndarray:
    """Return an array in which R's NA is NaN."""
    return np.array(values, dtype=np.float64)


def largest_difference(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Return the largest difference relative to R's value (to 0.001 for smaller values)."""
    if theirs.shape != ours.shape or (np.isnan(theirs) != np.isnan(ours)).any():
        return np.inf
    there = ~np.isnan(theirs)
    size = np.maximum(np.abs(theirs[there]), 1e-3)
    return float(np.max(np.abs(ours - theirs)[there] / size, initial=0.0))


def comparisons(case: dict[str, Any]) -> Iterator[Comparison]:
    """Yield all comparisons of one data set."""
    data = {name: np.array(values) for name, values in case["data"].items()}
    for part in (curves, gray, regression, means, pseudo, wins):
        yield from part(data, case)


def curves(data: dict[str, np.ndarray], case: dict[str, Any]) -> Iterator[Comparison]:
    theirs = case["curves"]
    time, cause = data["time"], data["cause"]
    ours = hs.cumulative_incidence(time, cause)
    aalen = hs.cumulative_incidence(time, cause, variance="aalen")
    yield "survival without event", numbers(theirs["survival"]), ours.survival, CLOSED
    yield "cumulative incidence", numbers(theirs["incidence"]), ours.incidence, CLOSED
    variance = aalen.std_error**2
    yield "its variance, Aalen (cuminc)", numbers(theirs["aalen_variance"]), variance, CLOSED
    yield "its standard error (survfit)", numbers(theirs["std_error"]), ours.std_error, CLOSED
    for conf_type, limits in theirs["limits"].items():
        limited = hs.cumulative_incidence(time, cause, conf_type=conf_type)
        # survfit gives limits of 0 or 1 where the incidence is 0; here there are none.
        there = limited.incidence > 0
        for side in ("lower", "upper"):
            wanted, found = numbers(limits[side])[there], getattr(limited, side)[there]
            yield f"limits, {conf_type}", wanted, found, CLOSED


def gray(data: dict[str, np.ndarray], case: dict[str, Any]) -> Iterator[Comparison]:
    for theirs in case["gray"]:
        tests = [
            hs.gray_test(
                data["time"],
                data["cause"],
                data["group"],
                cause_of_interest=cause + 1,
                strata=data["stratum"] if theirs["strata"] else None,
                rho=theirs["rho"],
            )
            for cause in range(len(theirs["statistic"]))
        ]
        found = np.array([test.statistic for test in tests])
        yield "Gray's statistic", numbers(theirs["statistic"]), found, CLOSED
        found = np.array([test.p_value for test in tests])
        yield "Gray's p-value", numbers(theirs["p_value"]), found, CLOSED


def regression(data: dict[str, np.ndarray], case: dict[str, Any]) -> Iterator[Comparison]:
    theirs = case["regression"]
    x = np.column_stack([data["x1"], data["x2"]])
    for one in theirs["fits"]:
        fit = hs.fine_gray(data["time"], data["cause"], x, cause_of_interest=one["cause"])
        yield "Fine-Gray coefficient", numbers(one["coef"]), fit.coef, NEWTON
        yield "Fine-Gray covariance, robust", numbers(one["vcov"]), fit.vcov, NEWTON
        yield "Fine-Gray covariance, naive", numbers(one["naive"]), fit.naive_vcov, NEWTON
        found = np.array([fit.loglik_null, fit.loglik])
        yield "Fine-Gray log pseudo-likelihood", numbers(one["loglik"]), found, NEWTON
        shown = hs.predict_incidence(fit, [[0, 0], [1, 2]], one["time"])
        yield "predicted incidence", numbers(one["incidence"]), shown.incidence, NEWTON
    one = theirs["grouped"]
    fit = hs.fine_gray(data["time"], data["cause"], x, censoring_group=data["group"])
    yield "coefficient, censoring by group", numbers(one["coef"]), fit.coef, NEWTON
    yield "naive covariance, censoring by group", numbers(one["naive"]), fit.naive_vcov, NEWTON
    found = np.array([fit.loglik_null, fit.loglik])
    yield "log pseudo-likelihood, censoring by group", numbers(one["loglik"]), found, NEWTON
    if len(np.unique(data["time"][data["cause"] > 0])) == (data["cause"] > 0).sum():
        fit = hs.fine_gray(data["time"], data["cause"], x)
        wanted = numbers(theirs["finegray"])
        yield "coefficient of finegray and coxph, no ties", wanted, fit.coef, NEWTON


def means(data: dict[str, np.ndarray], case: dict[str, Any]) -> Iterator[Comparison]:
    event = data["cause"] > 0
    curve = hs.kaplan_meier(data["time"], event)
    for theirs in case["means"]:
        ours = hs.restricted_mean(curve, theirs["tau"])
        wanted = numbers([theirs["estimate"], theirs["std_error"]])
        found = np.array([ours.estimate, ours.std_error])
        yield "restricted mean, standard error", wanted, found, CLOSED
        values = hs.pseudo_restricted_mean(data["time"], event, theirs["tau"])
        yield "pseudo-values of restricted mean", numbers(theirs["pseudo"]), values, CLOSED


def pseudo(data: dict[str, np.ndarray], case: dict[str, Any]) -> Iterator[Comparison]:
    theirs = case["pseudo"]
    values = hs.pseudo_survival(data["time"], data["cause"] > 0, theirs["time"])
    yield "pseudo-values of survival", numbers(theirs["survival"]), values, CLOSED
    values = hs.pseudo_incidence(data["time"], data["cause"], theirs["time"])
    yield "pseudo-values of incidence", numbers(theirs["incidence"]), values, CLOSED


def wins(data: dict[str, np.ndarray], case: dict[str, Any]) -> Iterator[Comparison]:
    theirs = case["win_ratio"]
    treated = data["group"] == 0
    death = hs.time_outcome(data["time"], data["cause"] == 1)
    ours = hs.win_ratio(treated, [death, hs.value_outcome(data["x2"])])
    wanted = numbers([*theirs["wins"], *theirs["losses"], theirs["ties"]])
    found = numbers([*ours.wins_by_outcome, *ours.losses_by_outcome, ours.ties])
    yield "wins, losses and ties", wanted, found, CLOSED
    yield "their covariance", numbers(theirs["covariance"]), ours.covariance, CLOSED
    one = hs.win_ratio(treated, [hs.value_outcome(data["x1"])]).net_benefit
    wanted = numbers([2 * theirs["area"] - 1, 4 * theirs["delong"]])
    found = np.array([one.estimate, one.std_error**2])
    yield "net benefit and its variance (pROC)", wanted, found, CLOSED


def delayed(case: dict[str, Any]) -> Iterator[Comparison]:
    """Yield the comparisons of curves with delayed entry."""
    data = {name: np.array(values) for name, values in case["data"].items()}
    curve = hs.cumulative_incidence(data["time"], data["cause"], entry=data["entry"])
    read = curve.at(case["time"])
    yield "incidence, delayed entry (etm)", numbers(case["incidence"]), read.incidence, CLOSED
    variance = read.std_error**2
    yield "its variance, delayed entry (etm)", numbers(case["variance"]), variance, CLOSED
    read = curve.at(case["survfit"]["time"])
    wanted = numbers(case["survfit"]["incidence"])
    yield "incidence, delayed entry (survfit)", wanted, read.incidence, CLOSED


def main() -> None:
    answers = pinned()
    largest: dict[str, float] = defaultdict(float)
    compared: dict[str, int] = defaultdict(int)
    for case in [*answers["cases"].values(), answers["delayed"]]:
        for name, theirs, ours, _ in (comparisons if "curves" in case else delayed)(case):
            largest[name] = max(largest[name], largest_difference(theirs, ours))
            compared[name] += theirs.size
    print("| statistic | values | largest difference |\n|---|---|---|")
    for name, difference in largest.items():
        print(f"| {name} | {compared[name]} | {difference:.0e} |")


if __name__ == "__main__":
    main()
