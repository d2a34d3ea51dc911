"""Two real cohorts from their own files, beside what R finds in the same files.

The numbers are those of ``validation/r-real-cohorts`` (R 4.2.2, survival 3.5-3), which read the
sheets by other means: every number of the reference is compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hepatica.study.run import Finished, run_study

pytestmark = pytest.mark.shared

ROOT = Path(__file__).resolve().parents[2]
REFERENCE: dict[str, Any] = json.loads(
    (ROOT / "validation" / "r-real-cohorts" / "reference.json").read_text(encoding="utf-8")
)
MONTH = 30.4375
UNIVARIABLE = {
    "age10": "age",
    "SEX": "sex",
    "ecog": "ecog-group",
    "stage": "stage-group",
    "cp": "child-pugh",
    "vi": "vascular-invasion",
    "afp": "afp-400",
}
Way = Callable[[Finished], list[float]]


def rows(**where: Any) -> Way:
    """Values of the rows that fit, in their order, without those that were not estimated."""

    def way(finished: Finished) -> list[float]:
        return [float(r.value) for r in finished.results.where(**where) if r.value is not None]

    return way


def several(names: tuple[str, ...], scale: float = 1.0, **where: Any) -> Way:
    def way(finished: Finished) -> list[float]:
        return [rows(statistic=name, **where)(finished)[0] / scale for name in names]

    return way


def ratios(analysis: str, level: str, part: str = "") -> Way:
    return rows(analysis=analysis, level=level, statistic=f"hazard_ratio{part}")


def sizes(analysis: str, level: str) -> Way:
    return several(("n", "events"), analysis=analysis, level=level, variable="")


AFP, STAGE = "overall-survival-by-afp", "overall-survival-by-stage"
EARLY = "overall-survival-after-early-recurrence"
MEDIAN = ("median", "median_lower", "median_upper")
LIMITS = ("hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper")
RESECTED = {"level": "Resected", "variable": ""}
WAYS: dict[str, Way] = {
    "os_median": several(MEDIAN, MONTH, analysis="overall-survival", **RESECTED),
    "dfs_median": several(MEDIAN, MONTH, analysis="disease-free-survival", **RESECTED),
    "os_surv": rows(analysis="overall-survival", statistic="survival", **RESECTED),
    "os_low": rows(analysis="overall-survival", statistic="survival_lower", **RESECTED),
    "os_up": rows(analysis="overall-survival", statistic="survival_upper", **RESECTED),
    "os_stage_hr": rows(analysis=STAGE, statistic="hazard_ratio", variable="cox"),
    "os_stage_lr": rows(analysis=STAGE, statistic="test_statistic", variable="logrank"),
    "os_afp_lr": rows(analysis=AFP, statistic="p_value", variable="logrank"),
    "os_afp": several(LIMITS, analysis=AFP, variable="cox"),
    "os_afp_cluster": several(LIMITS[1:], analysis=AFP, variable="cox_cluster"),
    "os_multi": ratios("os-factors", "multivariable"),
    "os_multi_low": ratios("os-factors", "multivariable", "_lower"),
    "os_multi_n": sizes("os-factors", "multivariable"),
    "os_multi_c": rows(analysis="os-factors", level="multivariable", statistic="concordance"),
    "os_all": ratios("os-factors", "prespecified"),
    "os_all_n": sizes("os-factors", "prespecified"),
    "os_strat": ratios("os-factors", "stratified"),
    "dfs_multi": ratios("dfs-factors", "multivariable"),
    "dfs_multi_n": sizes("dfs-factors", "multivariable"),
    "nomo": ratios("os-nomogram", "prognostic"),
    "kw_age": rows(analysis="baseline-by-vascular-invasion", statistic="p_value", variable="age"),
    "chi_sex": rows(analysis="baseline-by-vascular-invasion", statistic="p_value", variable="sex"),
}
WAYS |= {
    f"{endpoint}_uni_{name}": rows(
        analysis=f"{endpoint}-factors",
        level="univariable",
        variable=variable,
        statistic="hazard_ratio",
    )
    for endpoint in ("os", "dfs")
    for name, variable in UNIVARIABLE.items()
}
LOGISTIC: dict[str, Way] = {
    "u_multi": rows(analysis="alive-factors", level="multivariable", statistic="odds_ratio")
} | {
    key: rows(analysis="alive-factors", level="univariable", variable=name, statistic="odds_ratio")
    for key, name in {"u_e": "ecog", "u_asc": "ascites", "u_age": "age", "u_alb": "albumin"}.items()
}
#: Compared by tests of their own.
OTHERS = {"os_n", "dfs_n", "os_stage_zph", "os_afp_zph", "landmark", "nomo_n", "versions"}


@pytest.fixture(scope="module")
def tcga(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return run_study(ROOT / "studies" / "tcga-lihc", tmp_path_factory.mktemp("tcga") / "out")


@pytest.fixture(scope="module")
def uci(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return run_study(ROOT / "studies" / "uci-hcc", tmp_path_factory.mktemp("uci") / "out")


def listed(value: Any) -> list[float]:
    return [float(one) for one in (value if isinstance(value, list) else [value])]


def test_every_number_of_the_reference_is_compared() -> None:
    assert set(REFERENCE) == set(WAYS) | set(LOGISTIC) | OTHERS


@pytest.mark.parametrize("key", sorted(WAYS))
def test_resected_patients_agree_with_r(tcga: Finished, key: str) -> None:
    assert WAYS[key](tcga) == pytest.approx(listed(REFERENCE[key]), rel=1e-8)


@pytest.mark.parametrize("key", sorted(LOGISTIC))
def test_survival_of_a_year_agrees_with_r(uci: Finished, key: str) -> None:
    assert LOGISTIC[key](uci) == pytest.approx(listed(REFERENCE[key]), rel=1e-8)


def test_a_landmark_forms_the_groups_that_r_forms(tcga: Finished) -> None:
    expected = REFERENCE["landmark"]
    counts = {
        row.level: row.value
        for row in tcga.results.where(analysis=EARLY, statistic="events", variable="")
    }
    assert [counts["None within a year"], counts["Within a year"]] == expected[2:4]
    found = several(LIMITS, analysis=EARLY, variable="cox")(tcga)
    assert found == pytest.approx(expected[4:], rel=1e-8)


def test_those_without_a_time_are_counted_and_all_died_without_recurrence(tcga: Finished) -> None:
    missing = rows(analysis="disease-free-survival", statistic="missing", **RESECTED)(tcga)
    assert missing == [377 - REFERENCE["dfs_n"][0]]
    events = rows(analysis="disease-free-survival", statistic="events", **RESECTED)(tcga)
    assert events == [REFERENCE["dfs_n"][1]]


def test_nothing_failed_and_hazards_of_the_marker_are_told_not_to_be_proportional(
    tcga: Finished,
) -> None:
    assert not [row for row in tcga.results if row.status == "failed"]
    (p,) = {
        row.value
        for row in tcga.results.where(analysis=AFP, statistic="p_value", variable="proportionality")
        if not row.variable_level
    }
    assert p == pytest.approx(REFERENCE["os_afp_zph"], rel=1e-6)
