"""Covariates of a plan as columns, on patients that can be read at a glance."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from few_patients import plan

from hepatica.analyse.model_matrix import ModelMatrix, model_matrix, places_of
from hepatica.analyse.selection import Selection, select
from hepatica.derive.adsl import derive_adsl
from hepatica.errors import AnalysisError
from hepatica.protocol.model import Protocol

VARIABLES = [
    {"id": "age", "label": "Age", "column": "AGE", "unit": "years", "kind": "measured"},
    {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical", "levels": ["F", "M"]},
    {
        "id": "stage",
        "label": "Stage",
        "column": "STAGE",
        "kind": "categorical",
        "levels": ["I", "II", "III"],
    },
]
AFP = {
    "id": "afp",
    "label": "AFP",
    "column": "AFPBL",
    "unit": "ng/mL",
    "cut_points": [
        {"id": "afp-400", "at": 400, "below": "Low", "at_or_above": "High", "source": "Usual"}
    ],
}
#: One patient each: arm, age, sex, stage, AFP.
PATIENTS = [
    ("A", 50, "F", "I", 10.0),
    ("A", 60, "M", "II", 400.0),
    ("B", 70, "M", "III", None),
    ("B", None, "F", "I", 900.0),
    ("A", 40, None, "II", 5.0),
    ("B", 45, "F", "III", 20.0),
]


def protocol() -> Protocol:
    analysis = {"kind": "baseline", "variables": ["age"]}
    return plan(analysis, "ADSL", variables=VARIABLES, biomarkers=[AFP])


def selected(patients: list[tuple[Any, ...]] = PATIENTS) -> tuple[Protocol, Selection]:
    study = protocol()
    adsl = pl.DataFrame(
        [(f"P{n}", "Y", *one) for n, one in enumerate(patients)],
        schema=["USUBJID", "FASFL", "TRT01P", "AGE", "SEX", "STAGE", "AFPBL"],
        orient="row",
        schema_overrides={"AGE": pl.Float64, "AFPBL": pl.Float64, "SEX": pl.String},
    )
    made = derive_adsl(study, nw.from_native(adsl, eager_only=True))
    return study, select(study, {"ADSL": made.to_native()}, study.analyses[0])


def matrix(covariates: list[str], references: dict[str, str] | None = None) -> ModelMatrix:
    study, selection = selected()
    return model_matrix(study, selection, covariates, references)


def test_each_kind_of_covariate_is_coded_against_its_first_level() -> None:
    found = matrix(["arm", "age", "stage", "afp-400", "afp"])
    assert [(one.variable, one.level, one.reference) for one in found.columns] == [
        ("arm", "B", "A"),
        ("age", "", ""),
        ("stage", "II", "I"),
        ("stage", "III", "I"),
        ("afp-400", "High", "Low"),
        ("afp", "", ""),
    ]
    assert [one.label for one in found.columns] == [
        "Treatment: B",
        "Age, per year",
        "Stage: II",
        "Stage: III",
        "AFP: High",
        "AFP, per 1 ng/mL",
    ]
    nan = np.nan
    np.testing.assert_array_equal(
        found.x,
        [
            [0, 50, 0, 0, 0, 10],
            [0, 60, 1, 0, 1, 400],
            [1, 70, 0, 1, nan, nan],
            [1, nan, 0, 0, 1, 900],
            [0, 40, 1, 0, 0, 5],
            [1, 45, 0, 1, 0, 20],
        ],
    )
    assert found.complete.tolist() == [True, True, False, False, True, True]


def test_a_reference_turns_the_indicators() -> None:
    found = matrix(["stage"], {"stage": "II"})
    assert [one.level for one in found.columns] == ["I", "III"]
    assert found.x[:, 0].tolist() == [1, 0, 0, 1, 0, 0]
    assert found.codes[0].tolist() == [1, 0, 2, 1, 0, 2]


def test_some_covariates_and_some_patients_are_a_matrix_too() -> None:
    found = matrix(["arm", "age", "sex"]).only(["sex", "age"])
    assert [one.variable for one in found.columns] == ["sex", "age"]
    assert found.complete.tolist() == [True, True, True, False, False, True]
    some = found.rows(np.array([5, 1]))
    assert some.x.tolist() == [[0, 45], [1, 60]]
    assert some.codes[0].tolist() == [0, 1]


def test_constant_and_collinear_columns_are_told_among_complete_patients() -> None:
    study, selection = selected([("A", 50, "F", "I", 1.0), ("B", 60, "F", "II", 2.0)] * 2)
    found = model_matrix(study, selection, ["arm", "sex", "stage"])
    assert [(one.variable, one.level) for one in found.constant] == [("sex", "M"), ("stage", "III")]
    assert [[one.label for one in columns] for columns in found.collinear] == [
        ["Treatment: B", "Stage: II"]
    ]


def test_a_reference_that_nobody_has_shows_as_a_set_of_its_columns() -> None:
    study, selection = selected([one for one in PATIENTS if one[3] != "I"] * 2)
    found = model_matrix(study, selection, ["stage"])
    assert [[one.level for one in columns] for columns in found.collinear] == [["II", "III"]]


def test_records_in_another_order_find_their_rows() -> None:
    _, selection = selected()
    records = nw.from_native(pl.DataFrame({"USUBJID": ["P4", "P0", "P2"]}), eager_only=True)
    assert places_of(selection, records).tolist() == [4, 0, 2]


@pytest.mark.parametrize(
    ("covariates", "references", "message"),
    [
        (["nothing"], {}, "There is no variable, cut-point or biomarker 'nothing'"),
        (["sex"], {"sex": "Female"}, "The reference Female is no category of sex"),
    ],
)
def test_what_is_not_there_is_named(
    covariates: list[str], references: dict[str, str], message: str
) -> None:
    with pytest.raises(AnalysisError, match=message):
        matrix(covariates, references)


def test_a_column_that_is_not_there_is_named() -> None:
    study, selection = selected()
    without = selection.members.drop("AGE")
    changed = Selection(without, selection.group, selection.levels, selection.base)
    with pytest.raises(AnalysisError, match="ADSL has no column AGE for the covariate age"):
        model_matrix(study, changed, ["age"])
