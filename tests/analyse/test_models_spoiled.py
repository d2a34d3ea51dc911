"""Data that spoil a model end in a named row with advice, and in no number that looks fine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from model_patients import VARIABLES, carried_out, datasets, study, value

from hepatica.analyse.model_matrix import model_matrix
from hepatica.analyse.selection import select
from hepatica.results import ResultRow, Results


def patients(n: int = 60, seed: int = 5) -> list[dict[str, Any]]:
    """Return patients with nothing wrong."""
    generator = np.random.default_rng(seed)
    return [
        {
            "arm": "AB"[int(generator.integers(2))],
            "age": float(generator.integers(40, 80)),
            "sex": ["Male", "Female"][int(generator.integers(2))],
            "ecog": "012"[int(generator.integers(3))],
            "afp": float(generator.integers(1, 400)),
            "centre": int(generator.integers(1, 7)),
            "time": int(generator.integers(10, 300)),
            "event": int(generator.random() < 0.7),
            "response": int(generator.random() < 0.4),
        }
        for _ in range(n)
    ]


def run(
    kind: str, rows: Sequence[dict[str, Any]], covariates: Sequence[str], **keys: Any
) -> Results:
    endpoint = {"cox": "os", "logistic": "orr"}[kind]
    plan = {"kind": kind, "endpoint": endpoint, "covariates": list(covariates), **keys}
    return carried_out(plan, rows)


def refused(rows: Results, level: str, variable: str) -> list[ResultRow]:
    """Return the refused columns of a covariate; no other number of it may be there."""
    found = [
        row
        for row in rows.where(analysis="one", level=level, variable=variable)
        if row.statistic not in ("n", "events", "selected")
    ]
    assert found
    assert {row.statistic for row in found} <= {"hazard_ratio", "odds_ratio"}
    assert all(row.status == "not_estimable" and row.value is None for row in found)
    return found


def test_an_arm_without_an_event_has_no_hazard_ratio_but_firths() -> None:
    rows = patients()
    for row in rows:
        row["event"] = 0 if row["arm"] == "B" else row["event"]
    n = sum(row["arm"] == "B" for row in rows)
    found = run("cox", rows, ["arm", "age"])
    for level in ("univariable", "multivariable"):
        (row,) = refused(found, level, "arm")
        assert row.message == (
            f"None of the {n} patients with Treatment: B has an event, so that no finite hazard "
            "ratio fits best. Firth's penalty gives an estimate, which stands beside it."
        )
        place = {"variable": "arm", "variable_level": "B", "reference": "A"}
        ratio = value(found, "hazard_ratio", f"{level}_firth", **place)
        upper = value(found, "hazard_ratio_upper", f"{level}_firth", **place)
        assert 0 < ratio < upper < 1
    # Age has an estimate of its own, and none in a model that has no maximum.
    assert value(found, "hazard_ratio", "univariable", variable="age") > 0
    (age,) = refused(found, "multivariable", "age")
    assert "Treatment: B" in age.message


def test_a_category_whose_patients_all_respond_has_no_odds_ratio_but_firths() -> None:
    rows = patients()
    for row in rows:
        row["response"] = 1 if row["ecog"] == "2" else row["response"]
    n = sum(row["ecog"] == "2" for row in rows)
    found = run("logistic", rows, ["ecog", "sex"])
    for row in refused(found, "multivariable", "ecog"):
        assert row.message.startswith(f"All {n} patients with ECOG: 2 have the response, so that")
    place = {"variable": "ecog", "variable_level": "2", "reference": "0"}
    assert value(found, "odds_ratio", "multivariable_firth", **place) > 1


def test_a_number_that_separates_perfectly_is_named() -> None:
    rows = patients()
    for row in rows:
        row["response"] = int(row["age"] >= 60)
    found = run("logistic", rows, ["age", "sex"])
    for level in ("univariable", "multivariable"):
        (row,) = refused(found, level, "age")
        assert "Age, per year" in row.message
        assert "separated" in row.message
        assert "logistic_firth" not in row.message
        assert value(found, "odds_ratio", f"{level}_firth", variable="age") > 1


def test_columns_that_separate_only_together_are_found() -> None:
    rows = patients(80)
    for row in rows:
        row["response"] = int(row["age"] + row["afp"] > 250)
    found = run("logistic", rows, ["age", "afp"])
    assert value(found, "odds_ratio", "univariable", variable="age") > 1
    assert value(found, "odds_ratio", "univariable", variable="afp") > 1
    (row,) = refused(found, "multivariable", "afp")
    assert "separated" in row.message


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_a_constant_covariate_is_named_and_the_others_are_estimated(kind: str) -> None:
    rows = patients()
    for row in rows:
        row["sex"], row["afp"] = "Male", 7.0
    found = run(kind, rows, ["arm", "sex", "afp"])
    ratio = {"cox": "hazard_ratio", "logistic": "odds_ratio"}[kind]
    for level in ("univariable", "multivariable"):
        (sex,) = refused(found, level, "sex")
        assert sex.message == "Nobody of the 60 patients is in this category."
        (afp,) = refused(found, level, "afp")
        assert afp.message == (
            "All 60 patients have the same value, so that it explains nothing. Leave AFP out of "
            "covariates."
        )
        place = {"variable": "arm", "variable_level": "B", "reference": "A"}
        assert value(found, ratio, level, **place) > 0
    # One coefficient is left.
    share = found.one(analysis="one", statistic="events_per_variable", level="multivariable")
    assert share.denominator == 1


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_a_collinear_pair_is_named_and_nothing_is_fitted(kind: str) -> None:
    rows = patients()
    for row in rows:
        row["afp"] = 1000.0 - 10.0 * row["age"]
    found = run(kind, rows, ["arm", "age", "afp"])
    message = (
        "Age, per year and AFP, per 1 ng/mL follow from each other in these patients, so that "
        "their effects cannot be told apart. Leave one of them out of covariates."
    )
    for name in ("age", "afp"):
        (row,) = refused(found, "multivariable", name)
        assert row.message == message
    (arm,) = refused(found, "multivariable", "arm")
    assert arm.message == f"Not fitted: {message}"
    # Alone each has its estimate.
    ratio = {"cox": "hazard_ratio", "logistic": "odds_ratio"}[kind]
    assert value(found, ratio, "univariable", variable="age") > 0


def test_a_reference_that_nobody_has_is_named() -> None:
    rows = [row for row in patients(90) if row["ecog"] != "0"]
    found = run("cox", rows, ["ecog", "age"])
    # Of two categories one stands for the other, so that they say the same.
    for row in refused(found, "univariable", "ecog"):
        assert row.message == (
            "No patient is in the reference category 0 of ECOG. Choose another under references."
        )


def test_nobody_with_a_known_value_is_said() -> None:
    rows = patients()
    for row in rows:
        row["age"] = None
    found = run("cox", rows, ["age", "arm"])
    (age,) = refused(found, "univariable", "age")
    assert age.message == "No patient has a known value."
    (age,) = refused(found, "multivariable", "age")
    assert age.message == "No patient has all of the covariates."


def test_an_endpoint_without_events_has_no_model() -> None:
    rows = patients()
    for row in rows:
        row["event"] = row["response"] = 0
    for kind in ("cox", "logistic"):
        found = run(kind, rows, ["arm", "age"])
        for level in ("univariable", "multivariable"):
            for name in ("arm", "age"):
                assert refused(found, level, name)[0].message


def test_no_selected_covariate_is_said() -> None:
    found = run("cox", patients(), ["age", "sex"], select={"p_below": 1e-9})
    row = found.one(analysis="one", level="multivariable", statistic="hazard_ratio")
    assert row.status == "not_estimable"
    assert "No covariate has a univariable P value below 1e-09" in row.message


def test_few_events_for_each_coefficient_are_cautioned_about() -> None:
    found = run("cox", patients(40), ["arm", "age", "sex", "ecog", "afp"])
    row = found.one(analysis="one", level="multivariable", statistic="events_per_variable")
    assert row.value is not None
    assert row.value < 10
    assert "Fewer than 10 events for each coefficient" in row.message


def test_a_separated_covariate_is_judged_by_firths_test() -> None:
    rows = patients(120)
    for row in rows:
        row["event"] = 0 if row["arm"] == "B" else 1
    found = run("cox", rows, ["arm", "age"], select={"p_below": 0.05})
    chosen = found.where(analysis="one", statistic="selected", variable="arm")
    assert [row.text for row in chosen] == ["yes"]


def test_an_interaction_with_an_empty_combination_is_named() -> None:
    rows = [row for row in patients(90) if (row["arm"], row["sex"]) != ("B", "Female")]
    found = run("cox", rows, ["arm", "sex"], interactions=[["arm", "sex"]])
    (row,) = found.where(analysis="one", level="interaction")
    assert row.status == "not_estimable"
    assert row.message.startswith("Some combination of the two has no patient")


def test_rows_are_the_same_every_time() -> None:
    rows = patients(80)
    keys = {"select": {"p_below": 0.9}, "alternatives": ["prespecified", "penalised", "firth"]}
    first = run("cox", rows, ["arm", "age", "ecog"], **keys)
    again = run("cox", rows, ["arm", "age", "ecog"], **keys)
    assert first.to_polars().equals(again.to_polars())


def test_patients_who_are_many_are_counted_to_the_same_estimates() -> None:
    rows = patients(6000, seed=9)
    counted = run("cox", rows, ["ecog"])
    for row in rows:
        row["time"] = row["time"] + 0.5  # no whole days: every patient is a row of the model
    single = run("cox", rows, ["ecog"])
    for level in ("1", "2"):
        place = {"variable": "ecog", "variable_level": level, "reference": "0"}
        for statistic in ("coef", "std_error", "p_value"):
            found = [value(one, statistic, "univariable", **place) for one in (counted, single)]
            assert found[0] == pytest.approx(found[1], rel=1e-9)
    events = run("logistic", rows, ["ecog"])
    few = run("logistic", rows[:4000], ["ecog"])
    assert value(events, "n", "univariable", variable="ecog", variable_level="") == 6000
    assert value(few, "n", "univariable", variable="ecog", variable_level="") == 4000


def test_several_separated_covariates_have_rows_of_their_own() -> None:
    """Firth's estimate stands beside each univariable model, and no two rows have one name."""
    rows = patients()
    for row in rows:
        row["event"] = int(row["arm"] == "A" and row["sex"] == "Male" and row["ecog"] == "2")
    found = run("cox", rows, ["arm", "sex", "ecog"], select={"p_below": 0.05})
    assert len({row.id for row in found}) == len(list(found))
    for name, level in (("arm", "B"), ("sex", "Female"), ("ecog", "2")):
        kept = found.where(
            analysis="one", level="univariable_firth", variable=name, variable_level=level
        )
        assert {"hazard_ratio", "p_value"} <= {row.statistic for row in kept}
    assert not found.where(analysis="one", level="univariable_firth", variable="")
    (test,) = found.where(
        analysis="one",
        level="univariable_firth",
        variable="ecog",
        variable_level="",
        statistic="p_value",
    )
    assert test.method == "penalised likelihood-ratio test of the covariate"


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_a_product_with_a_covariate_that_does_not_vary_is_refused(kind: str) -> None:
    rows = patients()
    for row in rows:
        row["sex"] = "Male"
    n = len(rows)
    found = run(kind, rows, ["arm", "age", "sex"], interactions=[["arm", "sex"], ["sex", "age"]])
    for pair in ("arm:sex", "sex:age"):
        (row,) = found.where(analysis="one", level="interaction", variable=pair)
        assert row.status == "not_estimable"
        assert row.message == f"Nobody of the {n} patients is in this category."


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_where_everybody_lacks_a_covariate_nothing_fails(kind: str) -> None:
    rows = patients()
    for row in rows:
        row["age"] = None
    keys: dict[str, Any] = {"alternatives": ["firth"], "interactions": [["arm", "age"]]}
    if kind == "cox":
        keys |= {
            "functional_form": ["age"],
            "centre": {"variable": "centre", "as": ["stratum", "cluster", "frailty"]},
        }
        keys["alternatives"] = ["firth", "penalised"]
    found = run(kind, rows, ["arm", "age"], **keys)
    assert not [row for row in found if row.status == "failed"]
    told = {row.message for row in found if row.level in ("firth", "penalised", "interaction")}
    assert told - {""} == {"No patient has all of the covariates."}


def test_names_of_covariates_and_not_their_ids_stand_in_methods() -> None:
    found = run(
        "cox", patients(), ["arm", "age", "sex"], interactions=[["arm", "sex"]],
        functional_form=["age"],
    )  # fmt: skip
    (test,) = found.where(analysis="one", level="interaction", statistic="ratio_of_hazard_ratios")
    assert "adjusted for Treatment, Age, Sex" in test.method
    (knots,) = found.where(analysis="one", level="functional_form", statistic="knots")
    assert "adjusted for Treatment, Sex" in knots.method


def test_with_fewer_events_than_coefficients_no_penalty_decides() -> None:
    rows = patients()
    for at, row in enumerate(rows):
        row["event"] = int(at == 7)
    found = run("cox", rows, ["arm", "age", "sex"], alternatives=["firth"])
    refused_rows = found.where(analysis="one", level="firth", statistic="hazard_ratio")
    assert [row.variable for row in refused_rows] == ["arm", "age", "sex"]
    for row in refused_rows:
        assert row.status == "not_estimable"
        assert row.message.startswith("There are fewer events (1) than coefficients (3)")


def test_hundreds_of_categories_are_read() -> None:
    """Conditions of levels stand beside each other: within each other they would be too deep."""
    rows = patients()
    levels = [str(n) for n in range(1, 801)]
    variables = [one | {"levels": levels} if one["id"] == "centre" else one for one in VARIABLES]
    plan = {"kind": "cox", "endpoint": "os", "covariates": ["centre"], "id": "one", "set": "full"}
    protocol = study(plan, variables=variables)
    adsl = datasets(protocol, rows)["ADSL"]
    assert adsl["CENTRE_CAT"].to_list() == [str(row["centre"]) for row in rows]
    selection = select(protocol, {"ADSL": adsl}, protocol.analyses[0])
    code = model_matrix(protocol, selection, ["centre"]).codes[0]
    assert code.tolist() == [row["centre"] - 1 for row in rows]


def test_what_patients_cannot_tell_apart_imputed_values_do_not_either() -> None:
    rows = patients()
    for at, row in enumerate(rows):
        row["ecog"] = "0" if row["sex"] == "Male" else "1"
        row["ecog"] = None if at % 7 == 0 else row["ecog"]
    found = carried_out(
        {"kind": "cox", "endpoint": "os", "covariates": ["sex", "ecog"], "imputed": True},
        rows,
        imputation={"variables": ["sex", "ecog"], "imputations": 3, "iterations": 2},
    )
    for name in ("sex", "ecog"):
        for row in found.where(analysis="one", level="imputed", variable=name):
            assert row.status == "not_estimable"
            assert row.message.startswith("In patients who have all of the covariates: ")
