"""Lesions that split, merge, are treated or hard to measure; their handling can be taken away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from edge_scenarios import EDGE_LESIONS
from response_scenarios import Scenario
from response_tables import adrs_of_lesions, day, lesion_tables, on_engine, protocol, wrong

from hepatica.derive import lesions as lesions_module
from hepatica.derive.adrs import derive_adrs
from hepatica.derive.adtr import derive_adtr
from hepatica.derive.best_response import Reading
from hepatica.derive.criteria.recist_1_1 import RECIST_1_1
from hepatica.derive.criteria.verdicts import Sizes
from hepatica.derive.responses import derive_responses

READING = Reading(stable_disease_days=42)


@pytest.fixture(scope="module")
def adrs() -> pl.DataFrame:
    return adrs_of_lesions(EDGE_LESIONS)


@pytest.mark.parametrize("scenario", EDGE_LESIONS, ids=lambda one: one.name)
def test_lesions_give_the_expected_records(scenario: Scenario, adrs: pl.DataFrame) -> None:
    assert wrong(adrs, (scenario,)) == []


def _changed(found: list[str]) -> set[str]:
    """Return the groups of scenarios that came out otherwise."""
    return {one.split(",")[0] for one in found}


@pytest.mark.parametrize(
    ("handling", "scenarios"),
    [
        ("parts_of_lesions", {"split-pr-on", "merged-pr-on", "fragment-gone"}),
        ("treated_lesions", {"treated-gone", "treated-grown", "treated-non-target-then-cr"}),
    ],
)
def test_a_handling_taken_away_changes_scenarios(
    handling: str, scenarios: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> None:
        """Find no part and no treatment."""

    monkeypatch.setattr(lesions_module, handling, nothing)
    assert scenarios <= _changed(wrong(adrs_of_lesions(EDGE_LESIONS), EDGE_LESIONS))


def _sizes(**other: int) -> Sizes:
    return replace(RECIST_1_1.sizes, **other)


@pytest.mark.parametrize(
    ("sizes", "scenarios"),
    [
        (_sizes(too_small=0), {"small-above", "small-regrows-below", "split-too-small-above"}),
        (_sizes(normal_node=0), {"node-split-below"}),
    ],
)
def test_a_size_taken_away_changes_scenarios(sizes: Sizes, scenarios: set[str]) -> None:
    reading = replace(READING, criteria=replace(RECIST_1_1, sizes=sizes))
    changed = wrong(adrs_of_lesions(EDGE_LESIONS, reading=reading), EDGE_LESIONS)
    assert scenarios <= _changed(changed)


def test_sums_hold_the_parts_with_their_lesion() -> None:
    """ADTR: fragments are added, and merged lesions stand with the first target named."""
    frames = {name: nw.from_native(frame) for name, frame in lesion_tables(EDGE_LESIONS).items()}
    adtr = derive_adtr(protocol(), frames["TU"], frames["TR"], frames["ADSL"]).collect().to_native()

    def told(subject: str, on: int) -> dict[str, tuple[Any, ...]]:
        rows = adtr.filter(USUBJID=subject, AVISITN=float(on))
        return {one["PARAMCD"]: (one["TRLNKID"], one["AVAL"]) for one in rows.rows(named=True)}

    assert told("split-pr-on", 42) == {
        "LDIAM1": ("T1", 26.0), "LDIAM2": ("T2", 30.0), "SDIAM": (None, 56.0),
    }  # fmt: skip
    assert told("merged-pr-on", 42) == {
        "LDIAM1": ("T1", 26.0), "LDIAM2": ("T2", 0.0), "LDIAM3": ("T3", 30.0),
        "SDIAM": (None, 56.0),
    }  # fmt: skip
    row = adtr.filter(USUBJID="fragment-left-out", AVISITN=84.0, PARAMCD="SDIAM").row(0, named=True)
    assert (row["AVAL"], row["LSEXP"], row["LSASS"], row["ANL01FL"]) == (26.0, 2, 1, None)
    treated = adtr.filter(USUBJID="treated-gone", AVISITN=126.0, PARAMCD="LDIAM1")
    assert treated["AVAL"].to_list() == [None]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("treated", "overall"), [(41, "NE"), (42, "PR"), (43, "PR"), (0, "PR"), (1, "NE")]
)
def test_a_procedure_that_names_a_lesion(engine: str, treated: int, overall: str) -> None:
    """A scan on the day of the procedure came before it; the first dose is on day 0."""
    one = Scenario("named", "EORTC Q&A", "T1 T2", ((0, "T1=40 T2=20"), (42, "T1=20 T2=10")))
    frames = {n: on_engine(frame, engine) for n, frame in lesion_tables((one,)).items()}
    rows = {"USUBJID": ["named", "named"], "PRTRT": ["TACE", "TACE"], "PRLNKID": ["T1", None],
            "PRSTDT": [day(treated), day(5)]}  # fmt: skip
    pr = on_engine(pl.DataFrame(rows, schema_overrides={"PRSTDT": pl.Date}), engine)
    adrs = derive_adrs(protocol(), frames["ADSL"], tu=frames["TU"], tr=frames["TR"], pr=pr)
    shown = adrs.collect("polars").to_native().filter(PARAMCD="OVR", AVISITN=42.0)
    assert shown["AVALC"].to_list() == [overall]
    assert isinstance(shown["ADT"][0], date)


def test_procedures_of_the_study_reach_the_responses() -> None:
    one = Scenario("named", "EORTC Q&A", "T1 T2", ((0, "T1=40 T2=20"), (42, "T1=20 T2=10")))
    tables = {n: nw.from_native(x, eager_only=True) for n, x in lesion_tables((one,)).items()}
    pr = pl.DataFrame({"USUBJID": ["named"], "PRLNKID": ["T1"], "PRSTDT": [day(20)]})
    tables["PR"] = nw.from_native(pr, eager_only=True)
    adrs = derive_responses(protocol(), tables)["ADRS"].to_native()
    assert adrs.filter(PARAMCD="OVR")["AVALC"].to_list() == ["NE"]
