"""Faults of a plan of imputation and of missing data."""

from __future__ import annotations

import pytest

from hepatica.errors import ProtocolError
from hepatica.protocol.read import parse_protocol

STUDY = """
study: {{id: X, title: X}}
data: {{tables: {{ADSL: {{file: adsl.csv}}}}}}
arms: [{{id: a, label: A}}]
analysis_sets: [{{like: full, id: full}}]
variables: [{{id: age, label: Age, column: AGE, kind: measured}}]
biomarkers:
  - id: afp
    label: AFP
    column: AFPBL
    unit: ng/mL
    cut_points: [{{id: afp-400, at: 400, below: Low, at_or_above: High, source: Usual}}]
imputation: {imputation}
analyses:
  - {{id: one, kind: missing_data, set: full, variables: {variables}}}
"""


def read(imputation: str = "{variables: [age]}", variables: str = "[age, afp, afp-400]") -> object:
    return parse_protocol(STUDY.format(imputation=imputation, variables=variables)).imputation


def test_a_plan_with_its_defaults() -> None:
    plan = read("{variables: [age, afp]}")
    assert plan.model_dump() == {  # type: ignore[attr-defined]
        "variables": ("age", "afp"),
        "imputations": 20,
        "iterations": 10,
    }


@pytest.mark.parametrize(
    ("imputation", "said"),
    [
        ("{variables: [weight]}", "There is no variable 'weight'"),
        ("{variables: [age, age]}", "stands here for the second time"),
        ("{variables: [afp, afp-400]}", "'afp-400' follows from 'afp'. List one of them."),
        ("{variables: [age], imputations: 1}", "imputations"),
        ("{}", "the variables that are imputed or predict"),
    ],
)
def test_faults_of_imputation(imputation: str, said: str) -> None:
    with pytest.raises(ProtocolError, match=said.replace("(", r"\(")):
        read(imputation)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ("[weight]", "There is no variable 'weight'"),
        ("[age, age]", "second time"),
        ("[]", "variables"),
    ],
)
def test_faults_of_missing_data(variables: str, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        read(variables=variables)
