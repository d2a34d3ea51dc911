"""Rows of planned comparisons of times, beside R, and where something cannot be had."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compared_groups import PINNED, carried_out, cohort, study, value

from hepatica.results import Results

FULL: dict[str, Any] = {
    "strata": ["level"],
    "stratified": "both",
    "weighted": [{"rho": 1, "gamma": 0}, {"rho": 0, "gamma": 1}],
    "max_combo": True,
    "proportionality": True,
    "cluster": "centre",
    "frailty": "centre",
}


def compared(
    rows: list[dict[str, Any]], arms: tuple[str, ...] = ("A", "B"), **plan: Any
) -> Results:
    analysis = {
        "kind": "time_to_event",
        "endpoint": "os",
        "compare": {"reference": "A"} | plan,
    }
    return carried_out(study(analysis, arms=arms), rows)


@pytest.fixture(scope="module")
def several() -> Results:
    return compared(cohort("several"), **FULL, restricted_mean=f"{PINNED['several']['tau']} days")


def test_weighted_tests_and_both_log_rank_tests(several: Results) -> None:
    theirs = PINNED["several"]
    early = {"variable": "weighted_logrank", "variable_level": "rho 1, gamma 0"}
    assert value(several, "test_statistic", **early) == pytest.approx(
        theirs["rho_1_strata"], rel=1e-10
    )
    one = several.one(analysis="one", statistic="p_value", variable="logrank")
    other = several.one(analysis="one", statistic="p_value", variable="logrank_unstratified")
    assert "stratified by level" in one.method
    assert other.method == "log-rank test, two-sided"
    assert one.value != other.value


def test_restricted_means(several: Results) -> None:
    theirs = PINNED["several"]
    place = {"variable": "restricted_mean", "time": float(theirs["tau"])}
    means = [value(several, "restricted_mean", level=one, **place) for one in "AB"]
    assert means == pytest.approx(theirs["restricted_mean"], rel=1e-10)
    found = {"level": "B", "reference": "A"} | place
    assert value(several, "restricted_mean_difference", **found) == means[1] - means[0]
    assert value(several, "restricted_mean_ratio", **found) == pytest.approx(means[1] / means[0])
    assert 0 < value(several, "restricted_mean_difference_p_value", **found) < 1


def test_proportionality_and_what_the_figure_shows(several: Results) -> None:
    theirs = np.array(PINNED["several"]["zph_strata"]["table"])
    place = {"variable": "proportionality", "level": "", "reference": "A"}
    assert value(several, "test_statistic", **place) == pytest.approx(theirs[-1][0], rel=1e-8)
    assert value(several, "p_value", **place) == pytest.approx(theirs[-1][2], rel=1e-8)
    events = sum(one["event"] for one in cohort("several"))
    points = several.where(analysis="one", variable="schoenfeld", level="B")
    assert sum(one.denominator or 0 for one in points) == events
    # The residuals scatter about the coefficient: their mean is it.
    coef = value(several, "coef", variable="cox", level="B", reference="A")
    assert np.mean([one.value or 0.0 for one in points]) == pytest.approx(coef, abs=1e-8)
    smooth = several.where(analysis="one", variable="schoenfeld_smooth", statistic="coef")
    lower = several.where(analysis="one", variable="schoenfeld_smooth", statistic="coef_lower")
    assert [one.time for one in smooth] == sorted({one.time or 0.0 for one in smooth})
    assert all((a.value or 0) > (b.value or 0) for a, b in zip(smooth, lower, strict=True))


@pytest.mark.parametrize("name", ["several", "three_groups"])
def test_robust_variance_by_centre(name: str) -> None:
    arms = ("A", "B") if name == "several" else ("A", "B", "C")
    rows = compared(cohort(name), arms, cluster="centre")
    theirs = PINNED[name]["cluster"]
    for at, level in enumerate(arms[1:]):
        place = {"variable": "cox_cluster", "level": level, "reference": "A"}
        assert value(rows, "coef", **place) == pytest.approx(
            np.atleast_1d(theirs["coef"])[at], rel=1e-8
        )
        assert value(rows, "std_error", **place) == pytest.approx(
            np.atleast_1d(theirs["std_error"])[at], rel=1e-8
        )
    centres = len(set(PINNED[name]["data"]["centre"]))
    assert value(rows, "n_clusters", variable="cox_cluster") == centres


def test_frailties_of_centres(several: Results) -> None:
    centres = sorted(set(PINNED["several"]["data"]["centre"]), key=str)
    found = several.where(analysis="one", variable="frailty", statistic="frailty")
    assert [one.variable_level for one in found] == [str(one) for one in centres]
    assert np.mean([one.value or 0.0 for one in found]) == pytest.approx(1.0, rel=1e-9)
    assert value(several, "theta", variable="cox_frailty") > 0.05
    assert 0 < value(several, "frailty_p_value", variable="cox_frailty") < 0.05
    method = several.one(
        analysis="one", statistic="hazard_ratio", variable="cox_frailty", level="B"
    ).method
    assert "gamma frailty shared within centre" in method
    assert "stratified by level" in method


def test_strata_by_the_centre_itself_leave_its_frailty_alone() -> None:
    rows = compared(cohort("several"), strata=["centre"], frailty="centre", cluster="centre")
    for variable in ("cox_frailty", "cox_cluster"):
        found = rows.one(analysis="one", statistic="hazard_ratio", variable=variable, level="B")
        assert "stratified" not in found.method
    stratified = rows.one(analysis="one", statistic="hazard_ratio", variable="cox", level="B")
    assert stratified.method.endswith("stratified by centre")


def test_a_centre_that_is_not_known() -> None:
    patients = cohort("several")
    patients[4]["centre"] = None
    rows = compared(patients, cluster="centre", frailty="centre")
    for variable in ("cox_cluster", "cox_frailty"):
        assert value(rows, "n", variable=variable, variable_level="Missing") == 1


def test_a_group_without_events() -> None:
    patients = [
        {"arm": arm, "time": 10 + n, "event": int(arm == "A"), "centre": n % 3 + 1}
        for n, arm in enumerate("AB" * 10)
    ]
    rows = compared(patients, frailty="centre", proportionality=True, restricted_mean="20 days")
    place = {"level": "B", "reference": "A"}
    for variable in ("cox", "cox_frailty"):
        found = rows.one(analysis="one", statistic="hazard_ratio", variable=variable, **place)
        assert (found.status, found.value) == ("not_estimable", None)
    told = rows.one(analysis="one", statistic="hazard_ratio", variable="cox", **place).message
    assert "there is no event in B" in told
    assert "Firth's penalty" in told
    firth = value(rows, "hazard_ratio", variable="cox_firth", **place)
    assert 0 < firth < 1
    assert value(rows, "hazard_ratio_upper", variable="cox_firth", **place) > firth
    tested = rows.one(analysis="one", variable="proportionality", statistic="p_value")
    assert tested.status == "not_estimable"


def test_a_time_beyond_follow_up_has_no_restricted_mean() -> None:
    rows = compared(cohort("several"), restricted_mean="20 years")
    for level in "AB":
        found = rows.one(
            analysis="one", statistic="restricted_mean", variable="restricted_mean", level=level
        )
        assert (found.status, "Name a shorter time" in found.message) == ("not_estimable", True)
    found = rows.one(analysis="one", statistic="restricted_mean_difference", level="B")
    assert found.status == "not_estimable"


def test_max_combo_of_three_groups_is_against_the_reference() -> None:
    rows = compared(cohort("three_groups"), ("A", "B", "C"), max_combo=True)
    found = rows.where(analysis="one", variable="max_combo", statistic="p_value")
    assert [(one.level, one.reference) for one in found] == [("B", "A"), ("C", "A")]


def test_hazards_that_cross_are_called_not_proportional() -> None:
    early = [{"arm": "A", "time": 1 + n, "event": 1} for n in range(40)]
    early += [{"arm": "A", "time": 400 + 20 * n, "event": 1} for n in range(20)]
    late = [{"arm": "B", "time": 60 + 3 * n, "event": 1} for n in range(60)]
    rows = compared([*early, *late], proportionality=True)
    place = {"variable": "proportionality", "level": "", "reference": "A"}
    assert value(rows, "p_value", **place) < 0.05
    assert rows.one(analysis="one", statistic="verdict", **place).text == "not proportional"


def test_what_was_compared_before_is_unchanged() -> None:
    """A plan that names none of the new keys has the rows it always had."""
    rows = compared(cohort("several"))
    variables = {one.variable for one in rows.where(analysis="one")}
    assert variables & {"logrank", "cox"} == {"logrank", "cox"}
    new = ("weighted_logrank", "max_combo", "restricted_mean", "proportionality", "schoenfeld")
    new += ("cox_cluster", "cox_frailty", "cox_firth", "logrank_unstratified", "frailty")
    assert variables.isdisjoint(new)
