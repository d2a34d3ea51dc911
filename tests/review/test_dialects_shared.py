"""Each dialect from a table on disk to result rows, beside the golden numbers of its software."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import Any

import pytest

from hepatica.results import Results
from hepatica.single.pool import plan_of, pool_evidence

pytestmark = pytest.mark.shared

CLOSED, ITERATIVE, GLMM = 1e-9, 1e-6, 1e-4
#: meta leaves metafor's search for tau2 at its default tolerance.
META_STEP = 2e-4
PLAN = """
review: {{id: R-1, title: Golden}}
files: [{{file: extracted.csv}}]
dialect: {dialect}
model: {{{model}}}
outcomes: [{{id: x, label: An outcome, {outcome}}}]
"""
DIALECTS = ("stata", "revman", "meta", "metafor")
MEASURES = {"RR": "risk_ratio", "OR": "odds_ratio", "RD": "risk_difference"}


@functools.cache
def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def golden(shared: Path) -> dict[str, Any]:
    return read(shared / "data" / "meta" / "golden.json")


def pooled(folder: Path, table: list[str], outcome: str, dialect: str, model: str = "") -> Results:
    (folder / "extracted.csv").write_text("\n".join(table) + "\n", encoding="utf-8")
    text = PLAN.format(dialect=dialect, model=model, outcome=outcome)
    (folder / "review.yaml").write_text(text, encoding="utf-8")
    return pool_evidence(plan_of(folder)).results


def value(results: Results, model: str, statistic: str) -> float:
    row = results.one(
        analysis="x", variable="pooled", variable_level=model, statistic=statistic, subgroup=""
    )
    assert row.value is not None, row.message
    return row.value


def values(results: Results, model: str, *statistics: str) -> list[float]:
    return [value(results, model, one) for one in statistics]


def bcg(golden: dict[str, Any]) -> list[str]:
    rows = ["study,arm,role,outcome,events,total"]
    for one in golden["bcg"]["data"]:
        for arm, role, letter in (("vaccine", "arm", "t"), ("none", "control", "c")):
            events, others = one[f"{letter}pos"], one[f"{letter}neg"]
            rows.append(f"{one['trial']},{arm},{role},x,{events},{events + others}")
    return rows


def egger(golden: dict[str, Any]) -> list[str]:
    rows = ["study,arm,role,outcome,events,total"]
    for one in golden["egger2001"]["data"]:
        rows.append(f"{one['id']},new,arm,x,{one['ai']},{one['n1i']}")
        rows.append(f"{one['id']},old,control,x,{one['ci']},{one['n2i']}")
    return rows


def pritz(golden: dict[str, Any]) -> list[str]:
    rows = [f"{one['study']},x,{one['xi']},{one['ni']}" for one in golden["pritz1997"]["data"]]
    return ["study,outcome,events,total", *rows]


def near(ours: list[float], theirs: list[float], bound: float = CLOSED) -> None:
    assert ours == pytest.approx(theirs, rel=bound, abs=1e-12)


def limits(results: Results, model: str, measure: str) -> list[float]:
    shown = values(results, model, "estimate_lower", "estimate_upper")
    return shown if measure == "RD" else [math.log(one) for one in shown]


def effect(results: Results, model: str, measure: str) -> list[float]:
    """Return estimate, error and limits on the scale of pooling, as meta prints them."""
    on_scale = values(results, model, "effect", "effect_std_error")
    return [*on_scale, *limits(results, model, measure)]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_common_effect_of_tables(
    tmp_path: Path, golden: dict[str, Any], dialect: str, measure: str
) -> None:
    outcome = f"measure: {MEASURES[measure]}"
    found = pooled(tmp_path, bcg(golden), outcome, dialect, "tau2: DL")
    method = "Inverse" if dialect == "metafor" else "MH"
    theirs = golden["package_meta"]["bcg"][f"{measure}_{method}_DL"]
    near(effect(found, "common", measure), theirs["common"])
    near(values(found, "common", "q", "q_p_value"), [theirs["Q"][0], theirs["pQ"][0]])
    near(values(found, "common", "i2"), theirs["I2"][:1])
    if method == "MH" and measure != "RD":
        printed = golden["bcg"]["fixed_2x2"][f"MH_{measure}"]
        near(values(found, "common", "effect", "effect_std_error", "p_value", "q"),
             [printed["est"], printed["se"], printed["pval"], printed["QE"]])  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_dersimonian_laird_of_tables(
    tmp_path: Path, golden: dict[str, Any], dialect: str, measure: str
) -> None:
    outcome = f"measure: {MEASURES[measure]}"
    model = "tau2: DL, prediction: t(k-2)"
    found = pooled(tmp_path, bcg(golden), outcome, dialect, model)
    method = "Inverse" if dialect == "metafor" else "MH"
    theirs = golden["package_meta"]["bcg"][f"{measure}_{method}_DL"]
    near(effect(found, "random", measure), theirs["random"])
    near(values(found, "random", "tau2", "q", "i2"),
         [theirs["tau2"][0], theirs["Q"][0], theirs["I2"][0]])  # fmt: skip
    ends = values(found, "random", "prediction_lower", "prediction_upper")
    near(ends if measure == "RD" else [math.log(one) for one in ends], theirs["pi"])


@pytest.mark.parametrize("measure", ["RR", "OR"])
def test_meta_takes_the_usual_q_beside_restricted_likelihood(
    tmp_path: Path, golden: dict[str, Any], measure: str
) -> None:
    found = pooled(tmp_path, bcg(golden), f"measure: {MEASURES[measure]}", "meta")
    theirs = golden["package_meta"]["bcg"][f"{measure}_MH_REML"]
    near(effect(found, "common", measure), theirs["common"])
    near(values(found, "random", "q", "i2"), [theirs["Q"][0], theirs["I2"][0]])
    near(values(found, "random", "tau2"), theirs["tau2"], META_STEP)


@pytest.mark.parametrize(
    ("dialect", "model", "name"),
    [
        ("meta", "", "classic"),
        ("meta", "ci: hartung-knapp", "HK"),
        ("metafor", "ci: hartung-knapp-floor", "HK_se"),
    ],
)
def test_limits_of_restricted_likelihood(
    tmp_path: Path, golden: dict[str, Any], dialect: str, model: str, name: str
) -> None:
    found = pooled(tmp_path, bcg(golden), "measure: risk_ratio", dialect, model)
    theirs = golden["package_meta"]["bcg_random_ci"][name]
    near(effect(found, "random", "RR"), theirs, ITERATIVE)


@pytest.mark.parametrize(
    ("ci", "prediction", "name"),
    [("", "", "z"), ("ci: hartung-knapp", "", "knha"), ("ci: t", "", "t")],
)
def test_prediction_and_i2_of_metafor(
    tmp_path: Path, golden: dict[str, Any], ci: str, prediction: str, name: str
) -> None:
    found = pooled(tmp_path, bcg(golden), "measure: risk_ratio", "metafor", ci)
    theirs = golden["bcg"]["measures"]["RR"]["fits"][f"REML_{name}"]
    ends = values(found, "random", "prediction_lower", "prediction_upper")
    near([math.log(one) for one in ends], [theirs["pi_lb"], theirs["pi_ub"]], ITERATIVE)
    near(values(found, "random", "i2", "h2", "tau2"),
         [theirs["I2"] / 100.0, theirs["H2"], theirs["tau2"]], ITERATIVE)  # fmt: skip


def test_prediction_of_meta_by_name(tmp_path: Path, golden: dict[str, Any]) -> None:
    theirs = golden["package_meta"]["bcg_prediction"]
    for model, name in (('prediction: "z"', "S"), ("prediction: t(k-2)", "HTS")):
        found = pooled(tmp_path, bcg(golden), "measure: risk_ratio", "meta", model)
        ends = values(found, "random", "prediction_lower", "prediction_upper")
        near([math.log(one) for one in ends], theirs[name], ITERATIVE)


@pytest.mark.parametrize(
    ("dialect", "name"), [("meta", "MHexact0"), ("stata", "MHexact1"), ("revman", "MHexact1")]
)
def test_empty_cells(tmp_path: Path, golden: dict[str, Any], dialect: str, name: str) -> None:
    found = pooled(tmp_path, egger(golden), "measure: odds_ratio", dialect, "tau2: REML")
    theirs = golden["package_meta"]["egger2001_incr"][f"OR_only0_{name}"]
    near(effect(found, "common", "OR"), theirs["common"])
    near(values(found, "random", "q", "i2"), [theirs["Q"][0], theirs["I2"][0]])
    near(values(found, "random", "tau2"), theirs["tau2"], META_STEP)


@pytest.mark.parametrize("dialect", ["stata", "revman"])
def test_raw_proportions_of_metan(tmp_path: Path, golden: dict[str, Any], dialect: str) -> None:
    found = pooled(tmp_path, pritz(golden), "measure: proportion", dialect)
    theirs = golden["pritz1997"]["stata_metan_raw"]
    for model, name in (("common", "fixed"), ("random", "random")):
        printed = theirs[name]
        statistics = ("estimate", "effect_std_error", "estimate_lower", "estimate_upper")
        near(values(found, model, *statistics), [printed["est"], printed["se"], *printed["ci"]])
    near(values(found, "random", "data_sets", "df", "q", "q_p_value", "i2", "tau2"),
         [theirs["k"], theirs["df"], theirs["Q"], theirs["p_Q"], theirs["I2"] / 100.0,
          theirs["tau2_DL"]])  # fmt: skip
    [reason] = found.where(analysis="x", variable="not_pooled")
    assert reason.value == theirs["dropped"]


META_SCALES = {"raw": "PRAW", "log": "PLN", "logit": "PLOGIT", "arcsine": "PAS"} | {
    "freeman-tukey": "PFT"
}


@pytest.mark.parametrize("scale", META_SCALES)
@pytest.mark.parametrize("tau2", ["DL", "REML"])
def test_proportions_of_meta(tmp_path: Path, golden: dict[str, Any], scale: str, tau2: str) -> None:
    outcome = f"measure: proportion, scale: {scale}"
    found = pooled(tmp_path, pritz(golden), outcome, "meta", f"tau2: {tau2}")
    theirs = golden["package_meta"]["pritz"][f"{META_SCALES[scale]}_{tau2}"]
    bound = CLOSED if tau2 == "DL" else META_STEP
    near(values(found, "common", "effect", "effect_std_error"), theirs["common"][:2])
    near(values(found, "random", "effect", "effect_std_error"), theirs["random"][:2], bound)
    near(values(found, "random", "q", "i2"), [theirs["Q"][0], theirs["I2"][0]])
    near(values(found, "random", "tau2"), theirs["tau2"], bound * 10.0)
    rows = found.where(analysis="x", variable="study", statistic="effect")
    near([one.value or 0.0 for one in rows], theirs["TE"])
    if scale == "freeman-tukey":
        printed = golden["package_meta"]["pritz_PFT_printed"]["harmonic"][0]
        near(values(found, "common", "estimate"), [printed])


def test_binomial_normal_model_of_meta(tmp_path: Path, golden: dict[str, Any]) -> None:
    found = pooled(tmp_path, pritz(golden), "measure: proportion", "meta", "prediction: t(k-2)")
    theirs = golden["package_meta"]["pritz"]["GLMM"]
    for model in ("common", "random"):
        near(values(found, model, "effect", "effect_std_error"), theirs[model][:2], GLMM)
    near(values(found, "random", "tau2"), theirs["tau2"], GLMM)
    near(values(found, "random", "q", "q_p_value", "i2"),
         [theirs["Q"][0], theirs["pQ"][0], theirs["I2"][0]], ITERATIVE)  # fmt: skip
    ends = values(found, "random", "prediction_lower", "prediction_upper")
    near([math.log(one / (1.0 - one)) for one in ends], theirs["pi"], 2.0 * GLMM)
    rows = [found.where(analysis="x", variable="study", statistic=f"estimate_{end}")
            for end in ("lower", "upper")]  # fmt: skip
    exact = golden["package_meta"]["pritz_study_ci"]["CP"]
    near([one.value or 0.0 for one in rows[0]], exact["lower"])
    near([one.value or 0.0 for one in rows[1]], exact["upper"])


@pytest.mark.parametrize(
    ("scale", "measure"), [("raw", "PR"), ("log", "PLN"), ("logit", "PLO"), ("arcsine", "PAS")]
)
def test_proportions_of_metafor(
    tmp_path: Path, golden: dict[str, Any], scale: str, measure: str
) -> None:
    outcome = f"measure: proportion, scale: {scale}"
    theirs = golden["pritz1997"]["measures"][measure]
    for model, name, bound in (("tau2: DL", "DL_z", CLOSED), ("", "REML_z", ITERATIVE)):
        found = pooled(tmp_path, pritz(golden), outcome, "metafor", model)
        fit = theirs["fits"][name]
        near(values(found, "random", "effect", "effect_std_error"),
             [fit["beta"]["intrcpt"][0], fit["se"][0]], bound)  # fmt: skip
        near(values(found, "random", "tau2", "i2"), [fit["tau2"], fit["I2"] / 100.0], bound * 100)
        rows = found.where(analysis="x", variable="study", statistic="effect")
        near([one.value or 0.0 for one in rows], theirs["yi"])


def test_binomial_normal_model_of_metafor(tmp_path: Path, golden: dict[str, Any]) -> None:
    outcome = "measure: proportion, scale: glmm"
    found = pooled(tmp_path, pritz(golden), outcome, "metafor")
    theirs = golden["pritz1997"]["glmm_PLO"]["ML"]
    shown = ("estimate", "estimate_lower", "estimate_upper")
    near(
        values(found, "random", *shown), [theirs[f"prop{end}"] for end in ("", "_lb", "_ub")], GLMM
    )
    near(values(found, "random", "i2"), [theirs["I2"] / 100.0], GLMM)
    near(values(found, "random", "q"), [theirs["QE_Wld"]], ITERATIVE)


@pytest.mark.parametrize(
    ("dialect", "scale"),
    [("stata", "raw"), ("revman", "raw"), ("metafor", "log"), ("meta", "log")],
)
def test_medians(tmp_path: Path, golden: dict[str, Any], dialect: str, scale: str) -> None:
    block = golden["medians_synthetic"]
    rows = [f"{one['study']},x,{one['median']},{one['lb']},{one['ub']},months"
            for one in block["data"]]  # fmt: skip
    table = ["study,outcome,estimate,lower,upper,unit", *rows]
    found = pooled(tmp_path, table, "measure: median, unit: months", dialect, "tau2: DL")
    for model, name in (("random", "DL_z"), ("common", "EE_z")):
        theirs = block[scale]["fits"][name]
        near(values(found, model, "effect", "effect_std_error"),
             [theirs["beta"]["intrcpt"][0], theirs["se"][0]])  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES)
def test_mantel_haenszel_by_name(tmp_path: Path, golden: dict[str, Any], measure: str) -> None:
    # Asked for by the plan, with the variance of the risk difference that metafor takes.
    outcome = f"measure: {MEASURES[measure]}"
    found = pooled(tmp_path, bcg(golden), outcome, "metafor", "common: mantel-haenszel")
    printed = golden["bcg"]["fixed_2x2"][f"MH_{measure}"]
    names = ("effect", "effect_std_error", "p_value")
    near(values(found, "common", *names), [printed["est"], printed["se"], printed["pval"]])
