"""Faults of planned comparisons and subgroups, told in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hepatica.errors import ProtocolError
from hepatica.protocol import parse_protocol
from hepatica.protocol.model import Protocol

STUDY = """
study: {id: PLANS, title: Planned comparisons, randomised: false}
data: {tables: {ADSL: {file: a.csv}, ADTTE: {file: b.csv}, ADRS: {file: c.csv}}}
arms: [{id: a, label: A}, {id: b, label: B}]
analysis_sets: [{like: full, id: full}]
endpoints:
  - {like: os, id: os}
  - {like: orr, id: orr}
variables:
  - {id: sex, label: Sex, column: SEX, kind: categorical, levels: [Female, Male]}
  - {id: centre, label: Centre, column: CENTRE, kind: categorical, levels: [North, South]}
  - {id: age, label: Age, column: AGE, unit: years, kind: measured}
"""
TIMES: dict[str, Any] = {"id": "one", "kind": "time_to_event", "set": "full", "endpoint": "os"}
RESPONSE: dict[str, Any] = {"id": "one", "kind": "response", "set": "full", "endpoints": ["orr"]}
SUBGROUPS: dict[str, Any] = {
    "id": "one",
    "kind": "subgroups",
    "set": "full",
    "endpoint": "os",
    "reference": "B",
}


def parsed(analysis: dict[str, Any], **parts: Any) -> Protocol:
    keys = {"analyses": [analysis]} | parts
    return parse_protocol(STUDY + "".join(f"{key}: {json.dumps(keys[key])}\n" for key in keys))


def told(analysis: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ProtocolError) as caught:
        parsed(analysis)
    return [
        (problem.path.removeprefix("analyses[0]."), problem.message)
        for problem in caught.value.problems
    ]


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    (
        TIMES | {"compare": {"strata": ["sex"], "cluster": "centre"}},
        "compare.cluster",
        "name the reference",
    ),
    (
        TIMES | {"compare": {"proportionality": True}},
        "compare.proportionality",
        "name the reference",
    ),
    (
        TIMES | {"compare": {"reference": "B", "hazard_ratio": False, "frailty": "centre"}},
        "compare.frailty",
        "about a hazard ratio",
    ),
    (TIMES | {"compare": {"restricted_mean": "1 year"}}, "compare.restricted_mean", "name it"),
    (TIMES | {"compare": {"stratified": "both"}}, "compare.stratified", "There are no strata"),
    (
        TIMES | {"by": "sex", "compare": {"reference": "Male", "cluster": "sex"}},
        "compare.cluster",
        "cannot be the cluster as well",
    ),
    (TIMES | {"compare": {"reference": "B", "frailty": "age"}}, "compare.frailty", "is measured"),
    (TIMES | {"compare": {"weighted": [{"rho": -1}]}}, "compare.weighted[0].rho", "0"),
    (TIMES | {"compare": {"restricted_mean": "soon"}}, "compare.restricted_mean", "12 weeks"),
    (RESPONSE | {"compare": {}}, "compare.reference", "the label of the group"),
    (RESPONSE | {"compare": {"reference": "C"}}, "compare.reference", "There is no group 'C'"),
    (
        RESPONSE | {"compare": {"reference": "B", "strata": ["age"]}},
        "compare.strata[0]",
        "is measured",
    ),
    (
        RESPONSE | {"compare": {"reference": "B", "difference": "exact"}},
        "compare.difference",
        "newcombe",
    ),
    (SUBGROUPS, "subgroups", "There are no subgroups"),
    (SUBGROUPS | {"subgroups": ["age"]}, "subgroups[0]", "is measured"),
    (SUBGROUPS | {"subgroups": ["sex", "sex"]}, "subgroups[1]", "List it once"),
    (
        SUBGROUPS | {"subgroups": ["sex"], "by": "sex", "reference": "Male"},
        "subgroups[0]",
        "as well",
    ),
    (SUBGROUPS | {"subgroups": ["sex"], "reference": "C"}, "reference", "There is no group 'C'"),
    (SUBGROUPS | {"subgroups": ["sex"], "endpoint": "orr"}, "endpoint", "time_to_event"),
]


@pytest.mark.parametrize(("analysis", "path", "words"), FAULTS)
def test_a_fault_is_told(analysis: dict[str, Any], path: str, words: str) -> None:
    found = told(analysis)
    assert [place for place, _ in found] == [path]
    assert words in found[0][1]


def test_a_plan_with_everything() -> None:
    compare = {
        "reference": "B",
        "strata": ["sex"],
        "stratified": "both",
        "weighted": [{"rho": 0, "gamma": 1}],
        "max_combo": True,
        "restricted_mean": "12 months",
        "proportionality": True,
        "cluster": "centre",
        "frailty": "centre",
    }
    plan = parsed(TIMES | {"compare": compare}).analyses[0].compare  # type: ignore[union-attr]
    assert plan is not None
    assert plan.variables == ("sex", "centre")
    assert plan.restricted_mean is not None
    assert plan.restricted_mean.days == 365.25


def test_subgroups_of_the_study_serve_where_none_are_listed() -> None:
    protocol = parsed(SUBGROUPS, subgroups=["sex"])
    assert protocol.analyses[0].subgroups == ()  # type: ignore[union-attr]
