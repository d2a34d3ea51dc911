"""Concordance and proportionality on R's own data sets, from the folder of shared data."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import (
    CoxFit,
    brier_score,
    concordance_of,
    cox,
    deviance_residuals,
    dfbeta,
    dfbetas,
    martingale_residuals,
    predict_survival,
    proportionality_test,
    schoenfeld_residuals,
    score_residuals,
    time_auc,
)

pytestmark = pytest.mark.shared

PINNED = Path(__file__).parents[3] / "validation" / "r-cox-diagnostics" / "shared.json"
CLOSED = 1e-10
# R stops by its default criterion here; the largest difference seen is 1.2e-8.
R_NEWTON = 3e-8


class Table:
    """A data set, without the rows that lack one of the columns asked for."""

    def __init__(self, shared: Path, name: str, columns: list[str]) -> None:
        path = shared / "data" / "survival" / "data" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.rows = [row for row in rows if all(row[key] not in ("", "NA") for key in columns)]

    def numbers(self, name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in self.rows])

    def codes(self, name: str) -> np.ndarray:
        return np.unique([row[name] for row in self.rows], return_inverse=True)[1]

    def term(self, text: str) -> np.ndarray:
        """Return the columns of a term of a formula: (n, k)."""
        wrapped = re.fullmatch(r"(\w+)\((.+)\)", text)
        if wrapped and wrapped[1] == "log":
            return np.log(self.numbers(wrapped[2]))[:, None]
        name = wrapped[2] if wrapped else text
        try:
            if not wrapped:
                return self.numbers(name)[:, None]
        except ValueError:
            pass
        codes = self.codes(name)
        return (codes[:, None] == np.arange(1, codes.max() + 1)).astype(float)


def fit_of(shared: Path, case: dict[str, Any]) -> tuple[CoxFit, np.ndarray]:
    """Return the fit of a formula, and the term of each column."""
    terms = [term.strip() for term in case["formula"].split("~")[1].split("+")]
    names = [re.sub(r"^\w+\((.+)\)$", r"\1", term) for term in terms]
    table = Table(shared, case["dataset"], ["time", "event", *names])
    given: dict[str, np.ndarray] = {}
    blocks: list[np.ndarray] = []
    for term, name in zip(terms, names, strict=True):
        if term.startswith("strata("):
            given["strata"] = table.codes(name)
        elif term.startswith("cluster("):
            given["cluster"] = table.codes(name)
        else:
            blocks.append(table.term(term))
    owner = np.repeat(np.arange(len(blocks)), [block.shape[1] for block in blocks])
    time, event = table.numbers("time"), table.numbers("event")
    return cox(time, event, np.hstack(blocks), ties=case["ties"], **given), owner


@pytest.fixture
def cases(shared: Path) -> list[dict[str, Any]]:
    path = shared / "data" / "survival" / "golden.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cox"]
    assert len(found) == 25
    return found


def test_concordance(shared: Path, cases: list[dict[str, Any]]) -> None:
    for case in cases:
        ours = concordance_of(fit_of(shared, case)[0])
        label = f"{case['dataset']} {case['formula']}"
        np.testing.assert_allclose(
            [ours.c, ours.std_error], case["concordance"], rtol=CLOSED, err_msg=label
        )


def test_proportionality(shared: Path, cases: list[dict[str, Any]]) -> None:
    checked = 0
    for case in cases:
        if case["ties"] == "exact" or case["zph_km"] is None:
            continue
        fit, terms = fit_of(shared, case)
        for transform in ("km", "rank", "identity"):
            theirs = list(case[f"zph_{transform}"].values())
            ours = proportionality_test(fit, transform=transform, terms=terms)
            label = f"{case['dataset']} {case['formula']} {transform}"
            for name, key in (("statistic", "chisq"), ("df", "df"), ("p_value", "p")):
                found = [*getattr(ours, name), getattr(ours.overall, name)]
                wanted = [row[key] for row in theirs]
                np.testing.assert_allclose(found, wanted, rtol=R_NEWTON, err_msg=label)
            checked += 1
    assert checked == 60


STRATA = {"veteran": "celltype"}
CLUSTERS = {"kidney": "id"}
SETS = ("lung", "veteran", "gbsg", "ovarian", "kidney", "heart_tv")
CASES = [(name, ties) for name in SETS for ties in ("efron", "breslow")]


def answers() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(PINNED.read_text(encoding="utf-8"))["answers"]
    return found


def pinned_fit(shared: Path, theirs: dict[str, Any]) -> tuple[CoxFit, Table]:
    name = theirs["set"]
    entry, time = ("start", "stop") if name == "heart_tv" else (None, "time")
    extra = [column for column in (STRATA.get(name), CLUSTERS.get(name)) if column]
    table = Table(shared, name, [time, "event", *theirs["covariates"], *extra])
    x = np.column_stack([table.numbers(key) for key in theirs["covariates"]])
    given: dict[str, Any] = {}
    if name in STRATA:
        given["strata"] = table.codes(STRATA[name])
    if name in CLUSTERS:
        given["cluster"] = table.codes(CLUSTERS[name])
    if entry:
        given["entry"] = table.numbers(entry)
    fit = cox(table.numbers(time), table.numbers("event"), x, ties=theirs["ties"], **given)
    return fit, table


def fingerprint(residuals: np.ndarray) -> np.ndarray:
    """Return sums of squares, and of products with cos(1), cos(2), ..., of each column."""
    table = residuals.reshape(len(residuals), -1)
    wave = np.cos(np.arange(1, len(table) + 1))
    return np.array([(table**2).sum(axis=0), wave @ table])


def test_all_pinned_answers_are_there() -> None:
    assert [(theirs["set"], theirs["ties"]) for theirs in answers()] == CASES


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda i: "-".join(CASES[i]))
def test_diagnostics(shared: Path, index: int) -> None:
    theirs = answers()[index]
    fit, _ = pinned_fit(shared, theirs)
    np.testing.assert_allclose(fit.coef, theirs["coef"], rtol=1e-8)
    schoenfeld = schoenfeld_residuals(fit)
    ours = {
        "martingale": martingale_residuals(fit),
        "deviance": deviance_residuals(fit),
        "score": score_residuals(fit),
        "schoenfeld": schoenfeld.residual,
        "scaledsch": schoenfeld.scaled,
        "dfbeta": dfbeta(fit),
        "dfbetas": dfbetas(fit),
    }
    assert list(ours) == list(theirs["residuals"])
    for kind, values in ours.items():
        wanted = np.array(theirs["residuals"][kind], dtype=float)
        size = np.sqrt(wanted[0] * len(values))
        found = fingerprint(values)
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-9, err_msg=kind)
        assert (np.abs(found[1] - wanted[1]) <= 1e-10 * size).all(), kind
    for row, transform in zip(theirs["proportionality"], ("km", "rank", "identity"), strict=True):
        tested = proportionality_test(fit, transform=transform)
        statistics = [*tested.statistic, tested.overall.statistic]
        np.testing.assert_allclose(statistics, row, rtol=1e-9, err_msg=transform)
    agreed = concordance_of(fit)
    np.testing.assert_allclose([agreed.c, agreed.std_error**2], theirs["concordance"], rtol=CLOSED)


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda i: "-".join(CASES[i]))
def test_predictions(shared: Path, index: int) -> None:
    theirs = answers()[index]
    fit, _ = pinned_fit(shared, theirs)
    row = fit.data.X.mean(axis=0)[None, :]
    stratum = [0] if theirs["set"] in STRATA else None
    ours = predict_survival(fit, row, times=theirs["asked"], stratum=stratum)
    np.testing.assert_allclose(ours.survival[0], theirs["survival"], rtol=CLOSED)
    np.testing.assert_allclose(ours.std_error[0], theirs["std_error"], rtol=1e-8)
    if "score" not in theirs:
        return
    at = float(np.quantile(fit.data.time, 0.5))
    survival = predict_survival(fit, fit.data.X, times=[at]).survival
    auc = time_auc(fit.data.time, fit.data.event, 1.0 - survival, [at])
    brier = brier_score(fit.data.time, fit.data.event, survival, [at])
    found = [auc.auc[0], auc.std_error[0], brier.score[0], brier.std_error[0]]
    np.testing.assert_allclose(found, theirs["score"], rtol=CLOSED)
