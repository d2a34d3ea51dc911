"""Each rule on subjects written by hand; each rule, once removed, changes at least one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from edge_scenarios import ALL_LESIONS
from response_scenarios import CODED, LESIONS, Coded, Scenario
from response_tables import adrs_of_coded, adrs_of_lesions, lesion_tables, protocol, wrong

from hepatica.derive.adrs import derive_adrs
from hepatica.derive.best_response import Reading
from hepatica.derive.criteria import criteria_named
from hepatica.derive.criteria.recist_1_1 import RECIST_1_1
from hepatica.derive.criteria.verdicts import Criteria
from hepatica.derive.lesions import TumourVisits, tumour_visits
from hepatica.errors import AnalysisError

READING = Reading(stable_disease_days=42)
VISIT_TABLES = ("target", "non_target", "new_lesion", "overall")
BEST_TABLES = ("best", "response", "benefit")


@pytest.fixture(scope="module")
def from_lesions() -> pl.DataFrame:
    return adrs_of_lesions()


@pytest.fixture(scope="module")
def from_coded() -> pl.DataFrame:
    return adrs_of_coded()


@pytest.fixture(scope="module")
def seen() -> TumourVisits:
    tables = lesion_tables(ALL_LESIONS)
    frames = {name: nw.from_native(frame) for name, frame in tables.items()}
    return tumour_visits(protocol(), frames["TU"], frames["TR"], frames["ADSL"])


@pytest.mark.parametrize("scenario", LESIONS, ids=lambda one: one.name)
def test_lesions_give_the_expected_records(scenario: Scenario, from_lesions: pl.DataFrame) -> None:
    assert wrong(from_lesions, (scenario,)) == []


@pytest.mark.parametrize("scenario", CODED, ids=lambda one: one.name)
def test_responses_give_the_expected_records(scenario: Coded, from_coded: pl.DataFrame) -> None:
    assert wrong(from_coded, (scenario,)) == []


def _without() -> Iterator[tuple[str, Criteria]]:
    """Yield the id of each rule, and the criteria without it."""
    for table in (*VISIT_TABLES, *BEST_TABLES):
        rules = getattr(RECIST_1_1, table)
        for rule in rules:
            left = tuple(one for one in rules if one is not rule)
            yield f"{table}: {rule.id}", replace(RECIST_1_1, **{table: left})
    confirmed = RECIST_1_1.confirmed["recist"]
    for table in BEST_TABLES:
        for rule in getattr(confirmed, table):
            left = tuple(one for one in getattr(confirmed, table) if one is not rule)
            changed = replace(confirmed, **{table: left})
            yield (
                f"confirmed {table}: {rule.id}",
                replace(RECIST_1_1, confirmed={"recist": changed}),
            )


REMOVED = dict(_without())


@pytest.mark.parametrize("name", REMOVED)
def test_a_removed_rule_changes_a_scenario(name: str, seen: TumourVisits) -> None:
    reading = replace(READING, criteria=REMOVED[name])
    if name.split(":", maxsplit=1)[0] in VISIT_TABLES:
        adsl = nw.from_native(lesion_tables(ALL_LESIONS)["ADSL"])
        adrs = derive_adrs(protocol(), adsl, visits=seen, reading=reading).collect().to_native()
        assert wrong(adrs, tuple(replace(one, subject={}) for one in ALL_LESIONS)) != []
    else:
        assert wrong(adrs_of_coded(reading=reading), CODED) != []


def test_every_rule_names_its_source_and_is_told_in_the_record(from_lesions: pl.DataFrame) -> None:
    rules = {
        rule.id: rule for table in (*VISIT_TABLES, "best") for rule in getattr(RECIST_1_1, table)
    }
    assert all(rule.line and rule.sentence.endswith(".") for rule in rules.values())
    told = from_lesions.filter(pl.col("RULEID").is_in(list(rules)))
    assert told.height > 100
    assert set(told.select("RULEID", "RULE").unique().rows()) <= {
        (rule.id, rule.told) for rule in rules.values()
    }


def test_the_reading_of_admiralonco_differs_only_in_early_unconfirmed_responses() -> None:
    adrs = adrs_of_coded(reading=replace(READING, unconfirmed="admiral"))
    assert wrong(adrs, CODED) == [
        "pr-then-sd-early, CBOR: NE@21 cbor-ne, not SD@21 cbor-pr-then-sd",
        "cr-then-sd-early, CBOR: NE@21 cbor-ne, not PD@35 cbor-after-cr",
        "cr-then-pr-lasted, CBOR: PR@84 cbor-pr, not SD@42 cbor-sd",
        "cr-then-pr-lasted, CRSP: Y@84 crsp, not N none",
        "cr-then-pr-early, CBOR: PR@63 cbor-pr, not PD@63 cbor-after-cr",
        "cr-then-pr-early, CRSP: Y@63 crsp, not N none",
    ]


def test_sources_lead_to_the_record_that_decided(from_lesions: pl.DataFrame) -> None:
    tables = lesion_tables()
    row = from_lesions.filter(USUBJID="new-lesion-only-identified", PARAMCD="OVR").row(
        0, named=True
    )
    assert (row["SRCDOM"], row["SRCVAR"]) == ("TU", "TUORRES")
    found = tables["TU"].filter(TUSEQ=row["SRCSEQ"]).row(0, named=True)
    assert (found["USUBJID"], found["TUORRES"]) == ("new-lesion-only-identified", "NEW")
    row = from_lesions.filter(USUBJID="not-target-progression", PARAMCD="PD").row(0, named=True)
    found = tables["TR"].filter(TRSEQ=row["SRCSEQ"]).row(0, named=True)
    assert (row["SRCDOM"], found["TRSTRESC"]) == ("TR", "UNEQUIVOCAL")
    best = from_lesions.filter(USUBJID="pr-on", PARAMCD="BOR").row(0, named=True)
    assert (best["SRCDOM"], best["SRCVAR"], best["AVISIT"]) == ("TR", "TRSTRESN", "DAY 42")


def test_criteria_that_are_not_there_are_named() -> None:
    with pytest.raises(AnalysisError, match="Responses by WHO cannot be derived"):
        criteria_named("WHO")


@pytest.mark.parametrize(
    ("response_from", "missing"), [("coded", "no table RS"), ("lesions", "no table TR")]
)
def test_a_table_that_is_not_there_is_named(response_from: str, missing: str) -> None:
    adsl = nw.from_native(lesion_tables()["ADSL"])
    with pytest.raises(AnalysisError, match=missing):
        derive_adrs(protocol(response_from), adsl)


def test_subjects_who_were_not_enrolled_have_no_record() -> None:
    frames = {name: nw.from_native(frame) for name, frame in lesion_tables().items()}
    adsl = nw.from_native(
        lesion_tables()["ADSL"].with_columns(
            ENRLFL=pl.when(pl.col("USUBJID") == "pr-on").then(pl.lit("N")).otherwise(pl.lit("Y"))
        )
    )
    adrs = derive_adrs(protocol(), adsl, tu=frames["TU"], tr=frames["TR"]).collect().to_native()
    assert set(adsl["USUBJID"]) - set(adrs["USUBJID"]) == {"pr-on"}


def test_nothing_is_confirmed_without_an_interval() -> None:
    frames = {name: nw.from_native(frame) for name, frame in lesion_tables().items()}
    adrs = derive_adrs(
        protocol(confirmation_days=None), frames["ADSL"], tu=frames["TU"], tr=frames["TR"]
    ).collect()
    assert set(adrs["PARAMCD"]) == {
        "OVR", "TRG", "NTRG", "NEWL", "BOR", "RSP", "CB", "PD", "DEATH", "LSTA", "MDIS",
    }  # fmt: skip


def test_missing_is_ne_when_asked() -> None:
    adrs = adrs_of_coded(reading=replace(READING, missing_as_ne=True))
    assert wrong(adrs, CODED) == [
        "no-visit, BOR: NE no-visit, not MISSING no-visit",
        "no-visit, CBOR: NE no-visit, not MISSING no-visit",
    ]
