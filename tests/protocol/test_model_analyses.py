"""Faults of planned models are told with their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hepatica.errors import ProtocolError
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import CoxAnalysis
from hepatica.protocol.read import read_protocol

BASE = Path(__file__).with_name("base.yaml")
COX = {"id": "factors", "kind": "cox", "set": "full", "endpoint": "pfs", "covariates": ["age"]}
LOGISTIC = {"id": "chances", "kind": "logistic", "set": "full", "endpoint": "orr"}


def read(folder: Path, **keys: Any) -> Protocol:
    """Return the base study with one more analysis."""
    yaml = YAML(typ="safe")
    study = yaml.load(BASE)
    study["analyses"].append({**COX, **keys})
    path = folder / "study.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(study, file)
    return read_protocol(path)


def told(folder: Path, **keys: Any) -> str:
    with pytest.raises(ProtocolError) as caught:
        read(folder, **keys)
    return "\n".join(f"{one.path}: {one.message}" for one in caught.value.problems)


def test_a_model_is_read_with_its_defaults(tmp_path: Path) -> None:
    found = read(tmp_path, select={"p_below": 0.05}, centre={"variable": "sex", "as": "cluster"})
    analysis = found.analyses[-1]
    assert isinstance(analysis, CoxAnalysis)
    assert analysis.select is not None
    assert analysis.select.test == "wald"
    assert analysis.centre is not None
    assert analysis.centre.roles == ("cluster",)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"endpoint": "orr"}, "The endpoint 'orr' is not of the kind time_to_event."),
        ({"covariates": ["age", "age"]}, "The covariate 'age' stands here for the second time."),
        ({"covariates": ["age", "agee"]}, "There is no covariate 'agee'."),
        ({"covariates": []}, "covariates"),
        ({"references": {"sex": "Female"}}, "There is no covariate 'sex'. Covariates are: age."),
        (
            {"covariates": ["sex"], "references": {"sex": "Woman"}},
            "There is no category 'Woman'.",
        ),
        ({"covariates": ["sex"], "per": {"sex": 2}}, "'sex' has categories, and so no unit."),
        ({"interactions": [["age", "age"]]}, "A covariate has no interaction with itself."),
        ({"functional_form": ["sex"]}, "There is no covariate 'sex'."),
        (
            {"covariates": ["sex"], "functional_form": ["sex"]},
            "'sex' has categories, and so no functional form.",
        ),
        ({"centre": {"variable": "age", "as": ["stratum"]}}, "There is no group 'age'."),
        (
            {"covariates": ["sex"], "centre": {"variable": "sex", "as": ["stratum"]}},
            "'sex' is a covariate already.",
        ),
        ({"imputed": True}, "Say under 'imputation' which variables are imputed"),
        ({"select": {"p_below": 2}}, "p_below"),
        ({**LOGISTIC, "endpoint": "pfs"}, "The endpoint 'pfs' is not of the kind response."),
        ({**LOGISTIC, "alternatives": ["penalised"]}, "alternatives"),
    ],
)
def test_a_fault_of_a_model_is_told(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    assert message in told(tmp_path, **keys)
