"""Concordance and proportionality on R's own data sets, from the folder of shared data."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import CoxFit, concordance_of, cox, proportionality_test

pytestmark = pytest.mark.shared

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
