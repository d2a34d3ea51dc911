"""Agreement with R on its own data sets, from the folder of shared data."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import (
    KaplanMeier,
    cox,
    kaplan_meier,
    kaplan_meier_by_group,
    logrank,
    reverse_kaplan_meier,
)

pytestmark = pytest.mark.shared

# R stops by its default criterion here; the largest difference seen is 5e-9.
R_NEWTON = 1e-8
CLOSED = 1e-10


@pytest.fixture
def golden(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "data" / "survival" / "golden.json").read_text(encoding="utf-8"))


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    path = shared / "data" / "survival" / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns(table: list[dict[str, str]], *names: str) -> list[np.ndarray]:
    """Return columns of the rows that have all of them; categories become codes."""
    kept = [row for row in table if all(row[name] not in ("", "NA") for name in names)]
    return [codes([row[name] for row in kept]) for name in names]


def codes(values: list[str]) -> np.ndarray:
    try:
        return np.array([float(value) for value in values])
    except ValueError:
        return np.unique(values, return_inverse=True)[1].astype(np.float64)


def check_curve(ours: KaplanMeier, theirs: dict[str, Any]) -> None:
    curve = theirs["curve"]
    wanted = {
        "time": "time",
        "at_risk": "n_risk",
        "events": "n_event",
        "censored": "n_censor",
        "survival": "surv",
    }
    for name, key in wanted.items():
        np.testing.assert_allclose(getattr(ours, name), curve[key], rtol=CLOSED, err_msg=name)
    for name, key in (("lower", "lcl"), ("upper", "ucl")):
        if key in curve:
            np.testing.assert_allclose(
                getattr(ours, name), np.array(curve[key], dtype=float), rtol=CLOSED, err_msg=name
            )
    assert (ours.n, ours.n_events) == (theirs["n"], theirs["events"])
    median = [ours.median.estimate, ours.median.lower, ours.median.upper]
    printed = [theirs["median"], theirs["median_lcl"], theirs["median_ucl"]]
    np.testing.assert_allclose(median, np.array(printed, dtype=float))
    landmark = theirs["landmark"]
    read = ours.at(landmark["time"])
    wanted = {"survival": "surv", "std_error": "std_err", "lower": "lcl", "upper": "ucl"}
    for name, key in wanted.items():
        there = np.array(landmark[key], dtype=float)
        found = getattr(read, name)
        past = np.isnan(found) & (read.time > ours.last_time)
        np.testing.assert_allclose(found[~past], there[~past], rtol=CLOSED, err_msg=name)


def test_kaplan_meier(shared: Path, golden: dict[str, Any]) -> None:
    checked = 0
    for case in golden["km"]:
        group = case["formula"].split("~")[1].strip()
        table = rows(shared, case["dataset"])
        names = ["time", "event"] + ([] if group == "1" else [group])
        found = columns(table, *names)
        for conf_type, strata in case["by_conf_type"].items():
            if group == "1":
                check_curve(kaplan_meier(*found[:2], conf_type=conf_type), strata["all"])
                checked += 1
                continue
            ours = kaplan_meier_by_group(*found, conf_type=conf_type)
            for curve, (_, theirs) in zip(ours.curves, sorted(strata.items()), strict=True):
                check_curve(curve, theirs)
                checked += 1
    assert checked >= 30


def test_follow_up(shared: Path, golden: dict[str, Any]) -> None:
    case = golden["followup_reverse_km"]
    time, event, sex = columns(rows(shared, "lung"), "time", "event", "sex")
    for index, code in enumerate((1, 2)):
        chosen = sex == code
        ours = reverse_kaplan_meier(time[chosen], event[chosen], conf_type=case["conf_type"]).median
        theirs = [case["median"][index], case["lcl"][index], case["ucl"][index]]
        np.testing.assert_allclose(
            [ours.estimate, ours.lower, ours.upper], np.array(theirs, dtype=float)
        )


def terms(formula: str) -> tuple[list[str], list[str]]:
    """Return covariates and strata of a formula without functions."""
    right = formula.split("~")[1]
    strata: list[str] = []
    if "strata(" in right:
        right, inside = right.split("strata(")
        strata = [name.strip() for name in inside.rstrip(") ").split(",")]
    return [name.strip() for name in right.split("+") if name.strip()], strata


def test_logrank(shared: Path, golden: dict[str, Any]) -> None:
    cases = [case for case in golden["logrank"] if case["rho"] == 0]
    assert len(cases) == 10
    for case in cases:
        (group,), strata = terms(case["formula"])
        table = rows(shared, case["dataset"])
        time, event, codes_, *stratum = columns(table, "time", "event", group, *strata)
        joint = None
        if stratum:
            joint = np.unique(np.column_stack(stratum), axis=0, return_inverse=True)[1].ravel()
        ours = logrank(time, event, codes_, strata=joint)
        assert ours.statistic == pytest.approx(case["chisq"], rel=CLOSED), case["formula"]
        assert ours.df == case["df"]
        assert ours.p_value == pytest.approx(case["p"], rel=1e-9)


def test_cox(shared: Path, golden: dict[str, Any]) -> None:
    checked = 0
    for case in golden["cox"]:
        simple = not any(word in case["formula"] for word in ("log(", "factor(", "cluster("))
        if case["ties"] == "exact" or not simple or "celltype +" in case["formula"]:
            continue
        names, strata = terms(case["formula"])
        table = rows(shared, case["dataset"])
        time, event, *values = columns(table, "time", "event", *names, *strata)
        x = np.column_stack(values[: len(names)])
        ours = cox(time, event, x, ties=case["ties"], strata=values[-1] if strata else None)
        np.testing.assert_allclose(
            np.abs(ours.coef), np.abs(case["coef"]), rtol=R_NEWTON, err_msg=case["formula"]
        )
        np.testing.assert_allclose(ours.std_error, case["se"], rtol=R_NEWTON)
        checked += 1
    assert checked >= 14
