"""References of every kind of model, and late entry where it is not allowed for, are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hepatica.errors import ProtocolError
from hepatica.protocol.read import read_protocol

BASE = Path(__file__).with_name("base.yaml")
KINDS: dict[str, dict[str, Any]] = {
    "cox": {},
    "competing_risks": {
        "causes": [
            {"label": "One", "events": ["Disease progression"]},
            {"label": "Other", "events": ["Death"]},
        ]
    },
    "prognostic_model": {"at": ["6 months"]},
    "time_varying": {"exposure": {"label": "Local therapy", "day": "LOCALDY"}},
    "clone_censor_weight": {
        "from": {"label": "progression", "day": "PROGDY"},
        "treatment": {"label": "next therapy", "day": "NEXTDY"},
        "grace": "60 days",
        "at": ["6 months"],
    },
}


def told(folder: Path, analysis: dict[str, Any], **endpoint: Any) -> str:
    yaml = YAML(typ="safe")
    study = yaml.load(BASE)
    study["analyses"].append({"id": "extra", "set": "full", **analysis})
    for one in study["endpoints"]:
        if "pfs" in (one.get("id"), one.get("like")):
            one.update(endpoint)
    path = folder / "study.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(study, file)
    with pytest.raises(ProtocolError) as caught:
        read_protocol(path)
    return "\n".join(one.message for one in caught.value.problems)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reference_that_is_no_category_is_told(kind: str, tmp_path: Path) -> None:
    keys = {"kind": kind, "endpoint": "pfs", "covariates": ["age", "sex"], **KINDS[kind]}
    found = told(tmp_path, keys | {"references": {"sex": "Woman", "age": "60"}})
    assert "There is no category 'Woman'. " in found
    assert "Categories are: " in found
    assert "'age' is a number, and so has no reference." in found


def test_sensitivity_does_not_ignore_late_entry(tmp_path: Path) -> None:
    late = {"entry": {"label": "first dose", "variable": "TRTSDT"}}
    found = told(tmp_path, {"kind": "sensitivity", "endpoints": ["pfs", "os"]}, **late)
    assert "Patients enter late in 'pfs', which is not allowed for here." in found


def test_a_span_of_no_length_is_told(tmp_path: Path) -> None:
    keys = {"kind": "time_to_event", "endpoint": "pfs", "landmark": "0 days"}
    assert "It has to be longer than 0" in told(tmp_path, keys)
