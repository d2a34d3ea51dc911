"""Answers of R beside ours, by topic; prints the tables of agreement of README.md.

Run with ``python validation/r-comparison/agreement.py`` from the root of the repository.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.errors import InputError
from hepatica.stats.contingency import chi_square, fisher_exact
from hepatica.stats.meta import mantel_haenszel
from hepatica.stats.odds_ratio import odds_ratio
from hepatica.stats.stratified_tables import cochran_mantel_haenszel
from hepatica.stats.survival import (
    cox,
    cox_frailty,
    kaplan_meier,
    logrank,
    nested_comparison,
    proportionality_test,
    restricted_mean,
)
from hepatica.stats.two_proportions import risk_difference, risk_ratio

PINNED = Path(__file__).with_name("reference.json")
COHORTS = ("several", "ties", "three_groups", "none", "strong", "many")

#: Topic, what R says, what we say.
Pair = tuple[str, Any, Any]


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


def difference(theirs: Any, ours: Any) -> float:
    """Return the largest difference, relative to R's value (to 0.001 for smaller values)."""
    r, own = np.asarray(theirs, dtype=float).ravel(), np.asarray(ours, dtype=float).ravel()
    assert r.shape == own.shape
    return float(np.max(np.abs(own - r) / np.maximum(np.abs(r), 1e-3), initial=0.0))


def limits(found: Any) -> list[float | None]:
    return [None if not np.isfinite(one) else one for one in (found.lower, found.upper)]


def proportion_pairs() -> Iterator[Pair]:
    for one in pinned()["proportions"]:
        counts = tuple(one["counts"])
        for name, level in (("", 0.95), ("90", 0.9)):
            for method in ("newcombe", "miettinen-nurminen"):
                found = risk_difference(*counts, method=method, conf_level=level)
                yield method, one[method.replace("-", "_") + name], limits(found)
        for name, ask in (
            ("wald", lambda c: risk_difference(*c, method="wald")),
            ("katz", lambda c: risk_ratio(*c)),
            ("score", lambda c: risk_ratio(*c, method="score")),
            ("woolf", lambda c: odds_ratio(*c)),
        ):
            theirs = one[name]
            if name == "wald" and theirs[0] is not None:
                # Ours end at -1 and 1.
                theirs = np.clip(theirs, -1.0, 1.0).tolist()
            yield from _limits(name, theirs, ask, counts)
        yield from _tests(one, counts)


def _limits(name: str, theirs: list[float | None], ask: Any, counts: tuple[int, ...]) -> Any:
    try:
        ours = limits(ask(counts))
    except InputError:
        ours = [None, None]
    assert [one is None for one in theirs] == [one is None for one in ours], (name, counts)
    known = [at for at, one in enumerate(theirs) if one is not None]
    if known:
        yield name, [theirs[at] for at in known], [ours[at] for at in known]


def _tests(one: dict[str, Any], counts: tuple[int, ...]) -> Iterator[Pair]:
    x1, n1, x2, n2 = counts
    if one["fisher_p"] is None:
        return
    table = [[x1, n1 - x1], [x2, n2 - x2]]
    pearson, fisher = chi_square(table), fisher_exact(table)
    yield "Pearson", one["pearson"], [pearson.statistic, pearson.p_value]
    yield "smallest expected", one["smallest_expected"], pearson.smallest_expected
    yield "Fisher", one["fisher_p"], fisher.p_value
    exact = odds_ratio(*counts, method="exact")
    ours = [exact.estimate, exact.lower, exact.upper]
    for name, theirs in (("exact", one["exact"]), ("fisher.test", one["fisher_test"])):
        known = [
            at for at, r in enumerate(theirs) if r is not None and r != "Inf" and np.isfinite(r)
        ]
        yield name, [theirs[at] for at in known], [ours[at] for at in known]


def strata_pairs() -> Iterator[Pair]:
    for one in pinned()["strata"]:
        counts = [one[name] for name in ("x1", "n1", "x2", "n2")]
        test = cochran_mantel_haenszel(*counts)
        yield "CMH", [one["statistic"], one["p_value"]], [test.statistic, test.p_value]
        ratio = mantel_haenszel(*counts, measure="OR")
        yield (
            "MH odds ratio",
            one["odds_ratio"],
            np.exp([ratio.estimate, ratio.lower, ratio.upper]),
        )
        risk = mantel_haenszel(*counts, measure="RD")
        yield "MH difference", one["risk_difference"], [risk.estimate, risk.lower, risk.upper]


class Cohort:
    """The columns of one data set and R's answers."""

    def __init__(self, name: str) -> None:
        self.answers = pinned()["survival"][name]
        columns = {key: np.array(values) for key, values in self.answers["data"].items()}
        self.time, self.event = columns["time"], columns["event"]
        self.group, self.level = columns["group"], columns["level"]
        self.centre, self.age = columns["centre"], columns["age"].astype(float)

    def groups(self) -> np.ndarray:
        codes = np.unique(self.group)[1:]
        return (self.group[:, None] == codes[None, :]).astype(float)

    def levels(self) -> np.ndarray:
        return (self.level[:, None] == np.array([1, 2])[None, :]).astype(float)


def survival_pairs(name: str) -> Iterator[Pair]:
    one = Cohort(name)
    answers = one.answers
    for code, mean, error in zip(
        np.unique(one.group),
        answers["restricted_mean"],
        answers["restricted_mean_std_error"],
        strict=True,
    ):
        own = one.group == code
        found = restricted_mean(kaplan_meier(one.time[own], one.event[own]), answers["tau"])
        yield "restricted mean", [mean, error], [found.estimate, found.std_error]
    for key, rho, strata in (
        ("rho_1", 1.0, None),
        ("rho_1_strata", 1.0, one.level),
        ("rho_half", 0.5, None),
    ):
        found = logrank(
            one.time, one.event, one.group, strata=strata, weight="fleming-harrington", rho=rho
        )
        yield "weighted log-rank", answers[key], found.statistic
    yield from _zph(one)
    smaller = cox(one.time, one.event, np.hstack([one.groups(), one.levels()]))
    products = [g * w for w in one.levels().T for g in one.groups().T]
    whole = np.column_stack([one.groups(), one.levels(), *products])
    test = nested_comparison(smaller, cox(one.time, one.event, whole))
    yield "interaction", answers["interaction"], [test.statistic, test.df, test.p_value]
    robust = cox(one.time, one.event, one.groups(), cluster=one.centre)
    theirs = answers["cluster"]
    yield "robust", [theirs["coef"], theirs["std_error"]], [robust.coef, robust.std_error]
    for level, theirs in enumerate(answers["within"]):
        own = one.level == level
        fit = cox(one.time[own], one.event[own], one.groups()[own])
        yield "within levels", [theirs["coef"], theirs["std_error"]], [fit.coef, fit.std_error]


def _zph(one: Cohort) -> Iterator[Pair]:
    for key, strata in (("zph", None), ("zph_strata", one.level)):
        theirs = np.array(one.answers[key]["table"])
        test = proportionality_test(cox(one.time, one.event, one.groups(), strata=strata))
        ours = [*zip(test.statistic, test.df, test.p_value, strict=True)]
        ours.append((test.overall.statistic, test.overall.df, test.overall.p_value))
        yield "cox.zph", theirs, np.array(ours)[: len(theirs)]


def frailty_pairs(name: str, ties: str) -> Iterator[Pair]:
    """Compare at variances that are fixed, where R's search plays no part."""
    one = Cohort(name)
    x = np.column_stack([one.groups(), one.age])
    for theirs in one.answers["frailty"][ties]:
        fit = cox_frailty(one.time, one.event, x, one.centre, theta=theirs["theta"], ties=ties)
        yield "frailty: coefficient", theirs["coef"], fit.coef
        yield "frailty: standard error", theirs["std_error"], fit.std_error
        yield "frailty: log frailties", theirs["log_frailty"], np.log(fit.frailty)
        yield "frailty: log likelihood", theirs["loglik"], fit.loglik


def best_frailty(name: str, ties: str) -> tuple[dict[str, Any], Any]:
    one = Cohort(name)
    x = np.column_stack([one.groups(), one.age])
    fit = cox_frailty(one.time, one.event, x, one.centre, ties=ties)
    return one.answers["frailty_best"][ties], fit


def main() -> None:
    """Print how many values were compared by topic, and the largest difference."""
    worst: dict[str, float] = defaultdict(float)
    size: dict[str, int] = defaultdict(int)
    pairs = [*proportion_pairs(), *strata_pairs()]
    for name in COHORTS:
        pairs += survival_pairs(name)
        for ties in ("efron", "breslow"):
            pairs += frailty_pairs(name, ties)
    for topic, theirs, ours in pairs:
        size[topic] += np.size(theirs)
        worst[topic] = max(worst[topic], difference(theirs, ours))
    for topic, largest in worst.items():
        print(f"| {topic} | {size[topic]} | {largest:.0e} |")
    print()
    for name in COHORTS:
        for ties in ("efron", "breslow"):
            theirs, fit = best_frailty(name, ties)
            more = fit.loglik - theirs["loglik"]
            print(f"| {name} | {ties} | {theirs['theta']:.6f} | {fit.theta:.6f} | {more:.0e} |")


if __name__ == "__main__":
    main()
