"""iRECIST on subjects written by hand; a removed line of its table changes one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from irecist_scenarios import IRECIST_CODED, IRECIST_LESIONS
from response_scenarios import Coded, Scenario
from response_tables import adrs_of_coded, adrs_of_lesions, wrong

from hepatica.derive.best_response import Reading
from hepatica.derive.criteria.irecist import IRECIST

READING = Reading(stable_disease_days=42)
REMOVED = [rule.id for rule in IRECIST.progression]


@pytest.fixture(scope="module")
def from_lesions() -> pl.DataFrame:
    return adrs_of_lesions(IRECIST_LESIONS, "iRECIST")


@pytest.fixture(scope="module")
def from_coded() -> pl.DataFrame:
    return adrs_of_coded(IRECIST_CODED, "iRECIST")


@pytest.mark.parametrize("scenario", IRECIST_LESIONS, ids=lambda one: one.name)
def test_lesions_give_the_expected_records(scenario: Scenario, from_lesions: pl.DataFrame) -> None:
    assert wrong(from_lesions, (scenario,)) == []


@pytest.mark.parametrize("scenario", IRECIST_CODED, ids=lambda one: one.name)
def test_responses_give_the_expected_records(scenario: Coded, from_coded: pl.DataFrame) -> None:
    assert wrong(from_coded, (scenario,)) == []


@pytest.mark.parametrize("identifier", REMOVED)
def test_a_removed_rule_changes_a_scenario(identifier: str) -> None:
    left = tuple(rule for rule in IRECIST.progression if rule.id != identifier)
    reading = replace(READING, criteria=replace(IRECIST, progression=left))
    changed = adrs_of_lesions(IRECIST_LESIONS, "iRECIST", reading=reading)
    assert wrong(changed, IRECIST_LESIONS) != []


def test_unconfirmed_progression_is_a_best_response() -> None:
    best = tuple(rule for rule in IRECIST.best if rule.id != "bor-upd")
    reading = replace(READING, criteria=replace(IRECIST, best=best))
    assert wrong(adrs_of_coded(IRECIST_CODED, "iRECIST", reading=reading), IRECIST_CODED) == [
        "never-evaluated-again, BOR: NE@42 bor-ne, not iUPD@42 bor-upd"
    ]


def test_values_rise_from_best_to_worst(from_coded: pl.DataFrame) -> None:
    def value(response: str) -> Any:
        return from_coded.filter(PARAMCD="BOR", AVALC=response)["AVAL"][0]

    order = ("iCR", "iPR", "iSD", "NON-iCR/NON-iUPD", "iCPD", "iUPD")
    assert [value(one) for one in order] == [1, 2, 3, 4, 5, 6]
