"""mRECIST on subjects written by hand."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from mrecist_scenarios import MRECIST_LESIONS
from response_scenarios import Scenario
from response_tables import adrs_of_lesions, wrong

from hepatica.derive.best_response import Reading
from hepatica.derive.criteria.mrecist import MRECIST
from hepatica.derive.criteria.recist_1_1 import RECIST_1_1

READING = Reading(stable_disease_days=42)
CHANGED = {
    "a least length of 5 mm for progression": replace(
        MRECIST, sizes=replace(MRECIST.sizes, progression_least=500)
    ),
    "all lymph nodes alike": replace(MRECIST, sizes=replace(MRECIST.sizes, normal_hilar_node=None)),
    "new lesions of any length": replace(MRECIST, sizes=replace(MRECIST.sizes, new_in_liver=0)),
    "whole lesions": replace(MRECIST, measure="longest"),
}


@pytest.fixture(scope="module")
def adrs() -> pl.DataFrame:
    return adrs_of_lesions(MRECIST_LESIONS, "mRECIST")


@pytest.mark.parametrize("scenario", MRECIST_LESIONS, ids=lambda one: one.name)
def test_lesions_give_the_expected_records(scenario: Scenario, adrs: pl.DataFrame) -> None:
    assert wrong(adrs, (scenario,)) == []


@pytest.mark.parametrize("name", CHANGED)
def test_what_sets_mrecist_apart_changes_a_scenario(name: str) -> None:
    reading = replace(READING, criteria=CHANGED[name])
    changed = adrs_of_lesions(MRECIST_LESIONS, "mRECIST", reading=reading)
    assert wrong(changed, MRECIST_LESIONS) != []


def test_the_tables_of_verdicts_are_those_of_recist_in_other_words() -> None:
    for table in ("target", "non_target", "new_lesion", "overall"):
        own, other = getattr(MRECIST, table), getattr(RECIST_1_1, table)
        assert [(one.id, one.then, one.where) for one in own] == [
            (one.id, one.then, one.where) for one in other
        ]
        assert all("mRECIST" in one.line for one in own)
