"""Small-study effects beside golden numbers of metafor and meta in the folder of shared data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.meta.fail_safe import excess_significance, fail_safe
from hepatica.stats.meta.selection_model import selection_model
from hepatica.stats.meta.small_study_tables import deeks, harbord, macaskill, peters
from hepatica.stats.meta.small_study_tests import begg, egger
from hepatica.stats.meta.trim_and_fill import trim_and_fill

pytestmark = pytest.mark.shared

CLOSED, ITERATIVE = 1e-9, 1e-6
#: metafor's search for tau2 ends at steps of 1e-5 unless told otherwise; PM at 1e-4.
METAFOR_STEP = {"DL": CLOSED, "REML": 1e-3, "ML": 1e-3, "PM": 1e-2}
#: Its optimiser of selection models.
OPTIMISER = 1e-4


@pytest.fixture
def golden(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "data" / "meta" / "golden.json").read_text(encoding="utf-8"))


def sets(golden: dict[str, Any]) -> Iterator[dict[str, Any]]:
    blocks = [
        *golden["bcg"]["measures"].values(),
        *golden["pritz1997"]["measures"].values(),
        golden["medians_synthetic"]["raw"],
        golden["medians_synthetic"]["log"],
    ]
    yield from (one for one in blocks if "pubbias" in one)


def near(ours: Any, theirs: Any, bound: float, size: float = 1e-3) -> None:
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), size), initial=0.0) < bound


def test_egger(golden: dict[str, Any]) -> None:
    seen = 0
    for found in sets(golden):
        tests = found["pubbias"]["regtest"]
        for key, theirs in tests.items():
            model, predictor, test = key.split("_")
            if predictor != "sei" or "error" in theirs:
                continue
            method = {"t": "regression", "z": "random-effects"}.get(
                test, "random-effects-hartung-knapp"
            )
            tau2 = "REML" if model == "lm" else model
            ours = egger(found["yi"], found["vi"], method=method, tau2=tau2)
            bound = METAFOR_STEP.get(model, CLOSED)
            near(
                [ours.estimate, ours.std_error, ours.statistic, ours.p_value],
                [theirs[name] for name in ("slope", "slope_se", "stat", "pval")],
                bound,
            )
            near(ours.limit_estimate, theirs["intercept"], bound)
            seen += 1
        original = found["pubbias"]["egger_original"]
        ours = egger(found["yi"], found["vi"])
        near([ours.estimate, ours.p_value], [original["bias"], original["p"]], CLOSED)
    assert seen >= 8 * 9


def test_begg(golden: dict[str, Any]) -> None:
    for found in sets(golden):
        pair, theirs = (found["yi"], found["vi"]), found["pubbias"]["begg"]
        near(begg(*pair, method="normal").p_value, theirs["p_nocc"], CLOSED)
        corrected = begg(*pair, method="continuity-corrected")
        near([corrected.p_value, corrected.std_error], [theirs["p_cc"], theirs["se_S"]], CLOSED)
        assert corrected.estimate == theirs["S"]
        exact = found["pubbias"]["ranktest_exact"]
        if exact.get("pval") is not None:
            ours = begg(*pair)
            near([ours.p_value, ours.correlation], [exact["pval"], exact["tau"]], CLOSED)


def test_tests_of_tables(golden: dict[str, Any]) -> None:
    rows = golden["bcg"]["data"]
    a, b, c, d = (
        np.array([row[name] for row in rows]) for name in ("tpos", "tneg", "cpos", "cneg")
    )
    theirs = golden["package_meta"]["metabias_bcg_OR"]
    odds = golden["bcg"]["measures"]["OR"]
    told = {
        "Harbord": harbord(a, a + b, c, c + d),
        "Peters": peters(a, a + b, c, c + d),
        "Deeks": deeks(a, a + b, c, c + d),
        "Macaskill": macaskill(odds["yi"], odds["vi"], a + b + c + d),
        "Egger": egger(odds["yi"], odds["vi"]),
        "Thompson": egger(odds["yi"], odds["vi"], method="random-effects-t", tau2="DL"),
    }
    for name, ours in told.items():
        near(ours.p_value, theirs[name]["p"][0], CLOSED)
        near(ours.statistic, theirs[name]["stat"][0], CLOSED)
        near(ours.estimate, theirs[name]["est"]["bias"][0], CLOSED, size=1e-9)
        near(ours.limit_std_error, theirs[name]["est"]["se.intercept"][0], CLOSED)


def test_trim_and_fill_as_metafor(golden: dict[str, Any]) -> None:
    seen = 0
    for found in sets(golden):
        for key, theirs in found["pubbias"]["trimfill"].items():
            model, estimator, side = key.split("_")
            ours = trim_and_fill(
                found["yi"],
                found["vi"],
                method="common" if model == "EE" else model,
                estimator=estimator,
                side=side,
                convention="metafor",
            )
            seen += 1
            if "error" in theirs:
                assert ours.status == "undefined"
                continue
            assert (ours.k0, ours.side, ours.status) == (theirs["k0"], theirs["side"], "ok")
            bound = METAFOR_STEP.get(model, CLOSED)
            near(
                [ours.pooled.estimate, ours.pooled.std_error, ours.pooled.lower, ours.pooled.tau2],
                [theirs[name] for name in ("est", "se", "ci_lb", "tau2")],
                bound,
                size=1e-3 if bound == CLOSED else 0.01,
            )
            near(ours.yi[ours.filled], theirs["filled_yi"] or [], bound)
            near(ours.vi[ours.filled], theirs["filled_vi"] or [], CLOSED)
    assert seen >= 9 * 27


def test_trim_and_fill_as_metatrim(golden: dict[str, Any]) -> None:
    seen = 0
    for found in sets(golden):
        for key, theirs in found["pubbias"]["trimfill_stata_style"].items():
            model, estimator, side = key.split("_")
            ours = trim_and_fill(
                found["yi"],
                found["vi"],
                method="DL",
                estimator=estimator,
                side=side,
                trim_by="common" if model == "FE" else "model",
                convention="stata",
            )
            seen += 1
            if "error" in theirs:
                assert ours.status == "undefined"
                continue
            assert (ours.k0, ours.iterations) == (theirs["k0"], theirs["iterations"])
            near(ours.path_centre, [step["estimate"] for step in theirs["path"]], CLOSED)
            assert ours.path_k0.tolist() == [step["k0"] for step in theirs["path"]]
            near(ours.pooled.estimate, theirs["dl"]["est"], CLOSED)
    assert seen >= 9 * 8


def test_trim_and_fill_as_meta(golden: dict[str, Any]) -> None:
    odds = golden["bcg"]["measures"]["OR"]
    for key, theirs in golden["package_meta"]["trimfill_bcg_OR"].items():
        ours = trim_and_fill(
            odds["yi"],
            odds["vi"],
            method="DL",
            trim_by="common" if key.startswith("common") else "model",
            estimator=f"{key[-1]}0",
        )
        assert ours.k0 == theirs["k0"][0]
        assert (ours.side == "left") == theirs["left"][0]
        near([ours.pooled.estimate, ours.pooled.std_error], theirs["random"], CLOSED)
        near(ours.pooled.tau2, theirs["tau2"][0], CLOSED)


def test_fail_safe_and_excess(golden: dict[str, Any]) -> None:
    for found in sets(golden):
        pair = found["yi"], found["vi"]
        for name, theirs in found["pubbias"]["fsn"].items():
            assert fail_safe(*pair, method=name.lower()).needed == theirs["fsnum"]
        theirs = found["pubbias"]["tes"]
        if "error" in theirs:
            continue
        ours = excess_significance(*pair)
        assert ours.observed == theirs["O"]
        near([ours.expected, ours.effect], [theirs["E"], theirs["theta"]], CLOSED)
        if theirs["test"] == "exact":
            near(ours.p_value, theirs["pval"], CLOSED)


def test_selection_model(golden: dict[str, Any]) -> None:
    seen = 0
    for found in sets(golden):
        for key, theirs in found["pubbias"]["selmodel"].items():
            kind, *rest = key.split("_")
            if kind != "stepfun" or "error" in theirs:
                continue
            steps = [float(one) for one in rest[0].split("-")]
            z = np.array(found["yi"]) / np.sqrt(found["vi"])
            first = z > 1.959963984540054 if rest[1] == "greater" else z < -1.959963984540054
            if not first.any():  # metafor's weight then runs to the bound of its search
                continue
            ours = selection_model(found["yi"], found["vi"], steps=steps, alternative=rest[1])
            near(
                [ours.estimate, ours.std_error, ours.tau2, ours.lrt, ours.loglik],
                [theirs[name] for name in ("est", "se", "tau2", "LRT", "logLik")],
                OPTIMISER,
            )
            near(ours.weights, theirs["delta"], OPTIMISER)
            seen += 1
    assert seen >= 6
