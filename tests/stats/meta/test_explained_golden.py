"""Agreement with metafor on the golden numbers about heterogeneity in the shared data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats import meta

pytestmark = pytest.mark.shared

CLOSED, ITERATIVE = 1e-9, 1e-6
#: metafor was run with steps of 1e-5 in tau2 (1.2e-4 for PM) in these blocks: only figures that
#: follow from tau2 can be compared more closely, which validation/metafor does to 1e-9.
STEP = 2e-5
CI = {"z": "wald", "t": "t", "knha": "hartung-knapp", "adhoc": "hartung-knapp-floor"}


@pytest.fixture
def bcg(shared: Path) -> dict[str, Any]:
    text = (shared / "data" / "meta" / "golden.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)["bcg"]
    return found


def effects(bcg: dict[str, Any], measure: str = "RR") -> tuple[np.ndarray, np.ndarray]:
    found = bcg["measures"][measure]
    return np.array(found["yi"], dtype=float), np.array(found["vi"], dtype=float)


def column(bcg: dict[str, Any], name: str) -> np.ndarray:
    return np.array([row[name] for row in bcg["data"]])


def designs(bcg: dict[str, Any]) -> dict[str, np.ndarray]:
    latitude, year = column(bcg, "ablat").astype(float), column(bcg, "year").astype(float)
    random, systematic = (column(bcg, "alloc") == name for name in ("random", "systematic"))
    return {
        "~ ablat": latitude[:, None],
        "~ ablat + year": np.column_stack([latitude, year]),
        "~ factor(alloc)": np.column_stack([random, systematic]).astype(float),
        "~ ablat * factor(alloc)": np.column_stack(
            [latitude, random, systematic, latitude * random, latitude * systematic]
        ),
    }


def close(ours: Any, theirs: Any, bound: float) -> bool:
    theirs = np.array(theirs, dtype=float).ravel()
    return np.ravel(ours) == pytest.approx(theirs, rel=bound, abs=bound * 1e-3, nan_ok=True)


def test_meta_regression(bcg: dict[str, Any]) -> None:
    y, v = effects(bcg)
    seen = 0
    for formula, x in designs(bcg).items():
        for name, theirs in bcg["metareg"][formula].items():
            method, test = name.split("_")
            method = "common" if method == "EE" else method
            ours = meta.meta_regression(y, v, x, method=method, ci=CI[test])
            assert close([ours.q, ours.q_p_value], [theirs["QE"], theirs["QEp"]], CLOSED)
            seen += 1
            if method in ("REML", "ML", "PM", "EB"):
                assert abs(ours.tau2 - theirs["tau2"]) < STEP
                continue
            assert close(ours.coefficients, list(theirs["beta"].values()), CLOSED)
            assert close(ours.std_error, theirs["se"], CLOSED)
            assert close(ours.p_value, theirs["pval"], CLOSED)
            assert close([ours.lower, ours.upper], [theirs["ci_lb"], theirs["ci_ub"]], CLOSED)
            assert close([ours.qm, ours.qm_p_value], [theirs["QM"], theirs["QMp"]], CLOSED)
            assert close(ours.tau2, theirs["tau2"], CLOSED)
            if method != "common":
                assert close(ours.r2, theirs["R2"] / 100, CLOSED)
    assert seen == 16 + 6 + 6 + 2


def test_line_of_a_bubble_plot(bcg: dict[str, Any]) -> None:
    theirs = bcg["metareg_bubble"]
    fit = meta.meta_regression(*effects(bcg), designs(bcg)["~ ablat"])
    ours = meta.predict_effects(fit, [0.0, 13.0, 33.0, 44.0, 55.0, 60.0], prediction="z")
    for own, other in {"estimate": "pred", "std_error": "se", "prediction_upper": "pi_ub"}.items():
        assert getattr(ours, own) == pytest.approx(np.array(theirs[other]), abs=3 * STEP)


def test_groups(bcg: dict[str, Any]) -> None:
    y, v = effects(bcg)
    code = np.unique(column(bcg, "alloc"), return_inverse=True)[1]
    assert set(bcg["subgroup_alloc"]) == {"EE", "DL", "REML"}
    for name, theirs in bcg["subgroup_alloc"].items():
        method, bound = ("common", CLOSED) if name == "EE" else (name, CLOSED)
        bound = STEP if name == "REML" else bound
        for tau2 in ("separate", "common"):
            ours = meta.subgroups(y, v, code, method=method, tau2=tau2)
            printed = theirs[f"{tau2}_tau2"]
            assert close(ours.q_between, printed["Q_between"], bound)
            assert close(ours.p_value, printed["p"], bound)
        assert close(ours.pooled.tau2[0], theirs["common_tau2"]["tau2"], bound)


def test_permutations(bcg: dict[str, Any]) -> None:
    y, v = (values[:6] for values in effects(bcg))
    x = designs(bcg)["~ ablat"][:6]
    for name in ("EE", "DL"):
        theirs = bcg["permutest_exact_k6"][name]
        method = "common" if name == "EE" else name
        fit = meta.meta_regression(y, v, x, method=method)
        ours = meta.permutation_test(y, v, x, fit=fit)
        assert close(ours.p_value, theirs["pval"], CLOSED)
        assert close(ours.qm_p_value, theirs["QMp"], CLOSED)
        alone = meta.permutation_test(y, v, (), fit=meta.meta_regression(y, v, (), method=method))
        assert close(alone.p_value, theirs["intercept_only_pval"], CLOSED)
    # metafor leaves out the one of 360 permutations for which its search for REML fails: 13 of 359
    # where ours, which finds the maximum, are 14 of 360
    fit = meta.meta_regression(y, v, x)
    ours = meta.permutation_test(y, v, x, fit=fit)
    assert close(ours.qm_p_value, 14 / 360, CLOSED)
    assert close(13 / 359, bcg["permutest_exact_k6"]["REML"]["QMp"], CLOSED)


@pytest.mark.parametrize("measure", ["RR", "OR"])
@pytest.mark.parametrize("name", ["EE", "DL"])
def test_influence(bcg: dict[str, Any], measure: str, name: str) -> None:
    # golden.json holds no rows of left-out studies (they were lost when it was written):
    # validation/metafor/explained.json does
    y, v = effects(bcg, measure)
    theirs = bcg["measures"][measure]["sensitivity"]
    method = "common" if name == "EE" else name
    ours = meta.influence(y, v, method=method)
    assert close(ours.dfbetas, theirs["influence"][name]["dfbs"], CLOSED)
    assert ours.flagged.tolist() == theirs["influence"][name]["is_infl"]


def test_baujat_and_best_predictions(bcg: dict[str, Any]) -> None:
    y, v = effects(bcg)
    theirs = bcg["measures"]["RR"]["sensitivity"]
    ours = meta.influence(y, v, method="common")
    assert close([ours.baujat_x, ours.baujat_y], [theirs["baujat_EE"][n] for n in "xy"], CLOSED)
    ours = meta.influence(y, v)
    assert close([ours.baujat_x, ours.baujat_y], [theirs["baujat_REML"][n] for n in "xy"], 1e-5)
    blup = meta.study_predictions(y, v)
    assert close(blup.estimate, theirs["blup_REML"]["pred"], 1e-5)
    assert close(blup.std_error, theirs["blup_REML"]["se"], 1e-5)
