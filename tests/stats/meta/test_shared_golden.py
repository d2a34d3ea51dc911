"""Agreement with metafor and meta on the golden numbers of the folder of shared data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats import meta

pytestmark = pytest.mark.shared

CLOSED, ITERATIVE, GLMM = 1e-9, 1e-6, 1e-4
#: metafor's search for limits stops at this distance unless told otherwise (uniroot's tolerance).
UNIROOT = 1.3e-4
#: Its search for tau2 ends at steps of this size unless told otherwise.
METAFOR_STEP = 2e-5
CI = {"z": "wald", "t": "t", "knha": "hartung-knapp", "adhoc": "hartung-knapp-floor"}
ESTIMATORS = ("EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM")
SEARCHED = ("ML", "REML", "PM", "PMM", "EB")
ROW = {"estimate": 0, "std_error": 1, "lower": 2, "upper": 3}


@pytest.fixture
def golden(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "data" / "meta" / "golden.json").read_text(encoding="utf-8"))


def one(value: Any) -> float:
    value = value[0] if isinstance(value, list) else value
    return np.nan if value is None else float(value)


def many(values: list[Any]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def near(ours: Any, theirs: Any, bound: float, size: float = 1e-3) -> None:
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert ours.shape == theirs.shape
    assert (np.isnan(ours) == np.isnan(theirs)).all()
    there = ~np.isnan(theirs)
    off = np.abs(ours - theirs)[there] / np.maximum(np.abs(theirs[there]), size)
    assert np.max(off, initial=0.0) < bound


def pooled_sets(golden: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in golden.values():
        if not isinstance(block, dict):
            continue
        for found in [*block.values(), *block.get("measures", {}).values()]:
            if isinstance(found, dict) and {"yi", "vi", "fits"} <= set(found):
                yield found


def check_fit(yi: np.ndarray, vi: np.ndarray, theirs: dict[str, Any]) -> None:
    name, test = theirs["method"], theirs["test"]
    method = "common" if name in ("EE", "FE") else name
    prediction = "z" if test == "z" else "t(k-1)"
    ours = meta.pool(yi, vi, method=method, ci=CI[test], prediction=prediction)
    bound = ITERATIVE if method in SEARCHED else CLOSED
    names = {"std_error": "se", "statistic": "stat", "p_value": "pval", "lower": "ci_lb"}
    names |= {"upper": "ci_ub", "tau2": "tau2", "tau2_std_error": "se_tau2", "q": "QE"}
    names |= {"q_p_value": "QEp"}
    near(ours.estimate, one(theirs["beta"]["intrcpt"]), bound)
    for own, other in names.items():
        near(getattr(ours, own), one(theirs[other]), bound)
    for own, other in {"prediction_lower": "pi_lb", "prediction_upper": "pi_ub"}.items():
        near(getattr(ours, own), one(theirs.get(other)), bound)
    suffix = "" if method == "common" else "_tau2"
    near(getattr(ours, "i2" + suffix), one(theirs["I2"]) / 100, bound)
    near(getattr(ours, "h2" + suffix), one(theirs["H2"]), bound)
    if "weights_pct" in theirs:
        near(ours.weights[~np.isnan(yi)], many(theirs["weights_pct"]) / 100, bound)


def test_pooled(golden: dict[str, Any]) -> None:
    seen = 0
    for found in pooled_sets(golden):
        yi, vi = many(found["yi"]), many(found["vi"])
        for name, theirs in found["fits"].items():
            if name.split("_")[0] in ESTIMATORS and "error" not in theirs:
                check_fit(yi, vi, theirs)
                seen += 1
    assert seen >= 12 * 43


def test_limits_of_tau2(golden: dict[str, Any]) -> None:
    seen = 0
    for found in pooled_sets(golden):
        yi, vi = many(found["yi"]), many(found["vi"])
        for name, theirs in found.get("tau2_ci", {}).items():
            if "error" in theirs:
                continue
            estimator, kind = name.split("_")
            method = "q-profile" if kind == "QP" else f"profile-{estimator}"
            ours = meta.tau2_limits(yi, vi, method=method)
            for own, other in (("lower", "ci_lb"), ("upper", "ci_ub")):
                value, printed = getattr(ours, own), one(theirs["tau^2"][other])
                if kind == "PL":
                    assert abs(value - printed) < UNIROOT
                else:
                    near(value, printed, ITERATIVE, size=1e-6)
                    near(getattr(ours, f"i2_{own}"), one(theirs["I^2(%)"][other]) / 100, ITERATIVE)
                seen += 1
    assert seen >= 200


def bcg_counts(golden: dict[str, Any]) -> list[np.ndarray]:
    column = {
        name: np.array([row[name] for row in golden["bcg"]["data"]])
        for name in ("tpos", "tneg", "cpos", "cneg")
    }
    treated, control = column["tpos"] + column["tneg"], column["cpos"] + column["cneg"]
    return [column["tpos"], treated, column["cpos"], control]


def egger_counts(golden: dict[str, Any]) -> list[np.ndarray]:
    rows = golden["egger2001"]["data"]
    return [np.array([row[name] for row in rows]) for name in ("ai", "n1i", "ci", "n2i")]


def pritz_counts(golden: dict[str, Any]) -> list[np.ndarray]:
    rows = golden["pritz1997"]["data"]
    return [np.array([row[name] for row in rows]) for name in ("xi", "ni")]


def test_measures(golden: dict[str, Any]) -> None:
    for measure, theirs in golden["bcg"]["measures"].items():
        ours = meta.two_arm_effects(*bcg_counts(golden), measure=measure)
        near(ours.yi, many(theirs["yi"]), CLOSED)
        near(ours.vi, many(theirs["vi"]), CLOSED, size=1e-12)
    for measure, theirs in golden["pritz1997"]["measures"].items():
        ours = meta.proportion_effects(*pritz_counts(golden), measure=measure)
        near(ours.yi, many(theirs["yi"]), CLOSED)
        near(ours.vi, many(theirs["vi"]), CLOSED, size=1e-12)
    rows = golden["medians_synthetic"]["data"]
    printed = [[row[name] for row in rows] for name in ("median", "lb", "ub")]
    for scale in ("raw", "log"):
        theirs = golden["medians_synthetic"][scale]
        ours = meta.median_effects(*printed, scale=scale)
        near(ours.yi, many(theirs["yi"]), CLOSED)
        near(ours.vi, many(theirs["vi"]), CLOSED, size=1e-12)


def test_rules_for_empty_cells(golden: dict[str, Any]) -> None:
    for name, theirs in golden["egger2001"]["zero_cell"].items():
        measure, correction, rule = name.split("_")
        ours = meta.two_arm_effects(
            *egger_counts(golden),
            measure=measure,
            correction=float(correction),
            rule=rule,
            double_zero="keep",
        )
        near(ours.yi, many(theirs["yi"]), CLOSED)
        near(ours.vi, many(theirs["vi"]), CLOSED, size=1e-12)
        for model in ("EE", "DL"):
            check_fit(ours.yi, ours.vi, theirs[model])
        # REML of this block was made with metafor's default tolerance, 1e-5 in tau2
        found, printed = meta.pool(ours.yi, ours.vi), theirs["REML"]
        assert abs(found.tau2 - printed["tau2"]) < METAFOR_STEP
        w = 1.0 / (ours.vi[~ours.excluded] + printed["tau2"])
        mean = (w * ours.yi[~ours.excluded]).sum() / w.sum()
        near([mean, w.sum() ** -0.5], [one(printed["beta"]["intrcpt"]), one(printed["se"])], CLOSED)


def test_mantel_haenszel_and_peto(golden: dict[str, Any]) -> None:
    for measure in ("RR", "OR", "RD"):
        theirs = golden["bcg"]["fixed_2x2"][f"MH_{measure}"]
        ours = meta.mantel_haenszel(*bcg_counts(golden), measure=measure)
        names = {"estimate": "est", "std_error": "se", "statistic": "z", "p_value": "pval"}
        names |= {"lower": "ci_lb", "upper": "ci_ub", "q": "QE", "q_p_value": "QEp"}
        for own, other in names.items():
            near(getattr(ours, own), theirs[other], CLOSED)
        if theirs["MH"] is not None:
            near([ours.cmh, ours.cmh_p_value], [theirs["MH"], theirs["MHp"]], CLOSED)
    rules = {"default": "none", "all_half": "only0", "none": "never"}
    for name, theirs in golden["egger2001"]["mh_peto"].items():
        if name == "Peto":
            effects = meta.two_arm_effects(*egger_counts(golden), measure="PETO")
            found: Any = meta.pool(effects.yi, effects.vi, method="common")
        else:
            measure, _, rule = name.partition("_")
            found = meta.mantel_haenszel(*egger_counts(golden), measure=measure, rule=rules[rule])
        for own, other in {"estimate": "est", "std_error": "se", "q": "QE"}.items():
            near(getattr(found, own), theirs[other], CLOSED)


def test_freeman_tukey_goes_back(golden: dict[str, Any]) -> None:
    block = golden["pritz1997"]
    yi, vi = many(block["measures"]["PFT"]["yi"]), many(block["measures"]["PFT"]["vi"])
    _, n = pritz_counts(golden)
    sizes = {"harmonic": "harmonic_mean", "arithmetic": "arithmetic_mean"}
    sizes |= {"geometric": "geometric_mean", "1/v": "one_over_v", "1/4v": "one_over_4v"}
    for model, theirs in block["pft_backtransform"].items():
        ours = meta.pool(yi, vi, method="common" if model == "EE" else model)
        bound = ITERATIVE if model == "REML" else CLOSED
        for size, name in sizes.items():
            n_back = meta.freeman_tukey_size(n, variance=ours.std_error**2, size=size)
            back = meta.freeman_tukey_inverse([ours.estimate, ours.lower, ours.upper], n_back)
            printed = theirs["by_n"][name]
            near(n_back, printed["n"], bound)
            near(back, [printed["est"], *printed["ci"]], bound)
        plain = meta.freeman_tukey_inverse([ours.estimate], float("inf"))
        near(plain, [theirs["sin2"]], bound)


def test_raw_proportions_as_metan_pools_them(golden: dict[str, Any]) -> None:
    theirs = golden["pritz1997"]["stata_metan_raw"]
    effects = meta.proportion_effects(*pritz_counts(golden), measure="PR", rule="drop")
    assert effects.excluded.sum() == theirs["dropped"]
    common = meta.pool(effects.yi, effects.vi, method="common")
    random = meta.pool(effects.yi, effects.vi, method="DL")
    assert common.k == theirs["k"]
    near([common.q, common.i2, common.q_p_value], [theirs["Q"], theirs["I2"] / 100, theirs["p_Q"]],
         CLOSED)  # fmt: skip
    near(random.tau2, theirs["tau2_DL"], CLOSED)
    for ours, model in ((common, "fixed"), (random, "random")):
        near([ours.estimate, ours.std_error], [theirs[model]["est"], theirs[model]["se"]], CLOSED)
        near([ours.lower, ours.upper], theirs[model]["ci"], CLOSED)


def test_binomial_normal_models(golden: dict[str, Any]) -> None:
    # One node is Laplace's approximation; lme4 maximises another form of it and is left out.
    cases = {"EE": 7, "ML": 7, "ML_nAGQ7": 7, "ML_nAGQ15": 15}
    for name, nodes in cases.items():
        theirs = golden["pritz1997"]["glmm_PLO"][name]
        ours = meta.proportion_glmm(*pritz_counts(golden), random_effects=name != "EE", nodes=nodes)
        near([ours.estimate, ours.std_error, ours.tau2],
             [theirs["est"], theirs["se"], theirs["tau2"]], GLMM)  # fmt: skip
        if "QE_LRT" in theirs:
            near(ours.q_lrt, theirs["QE_LRT"], CLOSED)
    models = {"CM.AL": "conditional", "UM.FS": "unconditional"}
    for name, model in models.items():
        for effects in ("EE", "ML"):
            theirs = golden["bcg"]["glmm"][f"{name}_{effects}"]
            ours = meta.odds_ratio_glmm(
                *bcg_counts(golden), model=model, random_effects=effects == "ML", nodes=7
            )
            near([ours.estimate, ours.std_error, ours.tau2, ours.q_lrt],
                 [theirs["est"], theirs["se"], theirs["tau2"], theirs["QE_LRT"]], GLMM)  # fmt: skip


def row(found: Any) -> list[float]:
    return [getattr(found, name) for name in ROW]


def check_random(ours: meta.Pooled, theirs: dict[str, Any]) -> None:
    near(row(ours), many(theirs["random"]), CLOSED)
    near(ours.tau2, one(theirs["tau2"]), CLOSED)
    near([ours.prediction_lower, ours.prediction_upper], many(theirs["pi"]), CLOSED)


def test_package_meta(golden: dict[str, Any]) -> None:
    for name, theirs in golden["package_meta"]["bcg"].items():
        measure, pooling, method = name.split("_")
        effects = meta.two_arm_effects(*bcg_counts(golden), measure=measure)
        haenszel = meta.mantel_haenszel(
            *bcg_counts(golden), measure=measure, variance="greenland-robins"
        )
        inverse = meta.pool(effects.yi, effects.vi, method="common")
        common: Any = haenszel if pooling == "MH" else inverse
        ours = meta.pool(
            effects.yi,
            effects.vi,
            method=method,
            prediction="t(k-2)",
            q_about=common.estimate if method == "DL" else None,
        )
        near(row(common), many(theirs["common"]), CLOSED)
        if method == "DL":
            check_random(ours, theirs)
        else:  # meta leaves metafor's tolerance as it is: their figures follow from their tau2
            assert abs(ours.tau2 - one(theirs["tau2"])) < UNIROOT
            w = 1.0 / (effects.vi + one(theirs["tau2"]))
            center, error = (w * effects.yi).sum() / w.sum(), w.sum() ** -0.5
            near([center, error], many(theirs["random"])[:2], CLOSED)
        near([ours.q, ours.q_p_value], [one(theirs["Q"]), one(theirs["pQ"])], CLOSED)
        limits = meta.inconsistency_limits(ours.q, ours.k)
        near([limits.i2, limits.i2_lower, limits.i2_upper], many(theirs["I2"]), CLOSED)
        near([limits.h, limits.h_lower, limits.h_upper], many(theirs["H"]), CLOSED)


def test_jackson_limits_as_meta_gives_them(golden: dict[str, Any]) -> None:
    for name, theirs in golden["package_meta"]["bcg"].items():
        if name.endswith("Inverse_DL"):
            effects = meta.two_arm_effects(*bcg_counts(golden), measure=name.split("_")[0])
            ours = meta.tau2_limits(effects.yi, effects.vi, method="jackson")
            for value, printed in zip((ours.lower, ours.upper), theirs["tau2_ci"], strict=True):
                assert abs(value - printed) < UNIROOT


def test_raw_proportions_as_meta_pools_them(golden: dict[str, Any]) -> None:
    theirs = golden["package_meta"]["pritz"]["PRAW_DL"]
    effects = meta.proportion_effects(*pritz_counts(golden), measure="PR", rule="variance-only")
    near(effects.yi, many(theirs["TE"]), CLOSED)
    near(np.sqrt(effects.vi), many(theirs["seTE"]), CLOSED)
    ours = meta.pool(effects.yi, effects.vi, method="DL")
    near(row(ours)[:2], many(theirs["random"])[:2], CLOSED)
