"""ADTTE against the reference analysis dataset, record by record, from the reference ADRS and ADSL.

The rules are those of admiralonco's sources: death_event, pd_event, lasta_censor,
lastalive_censor and rand_censor. They differ from the presets on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from collected_tables import ENGINES, adam, collected, on_engine

from hepatica.derive.adtte_rules import derive_adtte
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping
from hepatica.study.explain import derive_study

pytestmark = pytest.mark.shared


def rule(
    identifier: str, description: str, dataset: str, date: str, **where: str
) -> dict[str, Any]:
    return {
        "id": identifier,
        "sentence": f"{description}.",
        "description": description,
        "dataset": dataset,
        "date": date,
    } | ({"where": where} if where else {})


DEATH = rule("death", "Death", "ADRS", "ADT", PARAMCD="DEATH", AVALC="Y", ANL01FL="Y")
PROGRESSION = rule("pd", "Disease Progression", "ADRS", "ADT", PARAMCD="PD", AVALC="Y", ANL01FL="Y")
LAST = rule("lasta", "Last Tumor Assessment", "ADRS", "ADT", PARAMCD="LSTA", ANL01FL="Y")
ALIVE = rule("lastalive", "Alive During Study", "ADSL", "LSTALVDT")
RANDOMISED = {"id": "rand", "sentence": "Randomization.", "description": "Randomization"}
RANDOMISATION = {"label": "randomisation", "variable": "RANDDT"}
RESPONSE = {
    "label": "response",
    "variable": "RSPDT",
    "first": {"dataset": "ADRS", "where": {"PARAMCD": "RSP", "AVALC": "Y"}, "date": "ADT"},
}


def endpoint(
    parameter: str, label: str, origin: dict[str, Any], events: list[Any], censoring: list[Any]
) -> dict[str, Any]:
    return {
        "kind": "time_to_event",
        "id": parameter.lower(),
        "label": label,
        "parameter": parameter,
        "origin": origin,
        "events": events,
        "censoring": censoring,
    }


PROTOCOL = Protocol.model_validate(
    {
        "study": {"id": "S", "title": "T"},
        "data": {"tables": {"DM": {"file": "dm.csv"}}},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "endpoints": [
            endpoint("OS", "Overall Survival", RANDOMISATION, [DEATH], [ALIVE, RANDOMISED]),
            endpoint(
                "PFS",
                "Progression Free Survival",
                RANDOMISATION,
                [PROGRESSION, DEATH],
                [LAST, RANDOMISED],
            ),
            endpoint("RSD", "Duration of Response", RESPONSE, [PROGRESSION, DEATH], [LAST]),
        ],
        "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
    }
)
KEY = ["USUBJID", "PARAMCD"]
#: Last contact before or on the day of randomisation: the reference takes the later of the two
#: dates and names randomisation, here the rule that stands first names the reason. Dates, days
#: and censoring are the same.
NAMED_OTHERWISE = {("01-705-1018", "OS"), ("01-705-1382", "OS"), ("01-708-1236", "OS")}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_record_of_the_reference_is_reproduced(shared: Path, engine: str) -> None:
    reference = adam(shared, "adtte_onco").sort(KEY)
    tables = {"ADSL": adam(shared, "adsl"), "ADRS": adam(shared, "adrs_onco")}
    tables = {name: one.select(pl.exclude(pl.Datetime)) for name, one in tables.items()}
    derived = derive_adtte(PROTOCOL, on_engine(tables, engine))
    assert derived is not None
    found = collected(derived).sort(KEY)
    assert found.height == reference.height == 512
    assert found.select(KEY).equals(reference.select(KEY))
    same = ["PARAM", "STARTDT", "ADT", "AVAL"]
    assert found.select(same).equals(reference.select(same))
    assert (found["CNSR"] > 0).to_list() == (reference["CNSR"] > 0).to_list()
    told = ["EVNTDESC", "CNSDTDSC", "SRCDOM", "SRCVAR", "SRCSEQ"]
    # The reference fills EVNTDESC of censored records too, and holds SRCSEQ as text.
    expected = reference.with_columns(
        pl.when(pl.col("CNSR") == 0).then("EVNTDESC").alias("EVNTDESC"),
        pl.col("SRCSEQ").cast(pl.Int64),
    )
    different = {
        (mine["USUBJID"], mine["PARAMCD"])
        for mine, theirs in zip(found.to_dicts(), expected.to_dicts(), strict=True)
        if any(mine[name] != theirs[name] for name in told)
    }
    assert different == NAMED_OTHERWISE


@pytest.fixture(scope="module")
def study() -> Mapping[str, pl.DataFrame]:
    root = Path(__file__).resolve().parents[3]
    return derive_study(root / "studies" / "cdisc-onco")[1]


def differing(found: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Return the records that differ in start, end or censoring, or that one side lacks."""
    both = found.join(reference, on=KEY, how="full", suffix="_theirs", coalesce=True)
    unlike = [pl.col(name).ne_missing(pl.col(f"{name}_theirs")) for name in ("STARTDT", "ADT")]
    censored = (pl.col("CNSR") > 0).ne_missing(pl.col("CNSR_theirs") > 0)
    return both.filter(pl.any_horizontal(*unlike, censored))


def derived_from(study: Mapping[str, pl.DataFrame], protocol: Protocol) -> pl.DataFrame:
    derived = derive_adtte(protocol, on_engine(study, "polars"))
    assert derived is not None
    return collected(derived)


def test_from_the_domains_only_the_last_contact_differs(
    shared: Path, study: Mapping[str, pl.DataFrame]
) -> None:
    """Our own ADSL and ADRS as input: survival is followed further where more domains are read."""
    unlike = differing(derived_from(study, PROTOCOL), adam(shared, "adtte_onco"))
    assert set(unlike["PARAMCD"]) == {"OS"}
    assert unlike.filter((pl.col("CNSR") == 0) | (pl.col("CNSR_theirs") == 0)).is_empty()
    assert unlike.filter(pl.col("ADT") <= pl.col("ADT_theirs")).is_empty()
    contact = (
        study["ADSL"]
        .select("USUBJID", "LSTALVDT", "ENRLFL")
        .join(adam(shared, "adsl").select("USUBJID", theirs="LSTALVDT"), on="USUBJID")
    )
    later = contact.filter((pl.col("ENRLFL") == "Y") & (pl.col("LSTALVDT") > pl.col("theirs")))[
        "USUBJID"
    ]
    # Last seen on the day of randomisation, on which the reference ends, too.
    assert set(later) - set(unlike["USUBJID"]) == {"01-705-1382"}
    assert unlike.height == 92


def test_the_presets_give_the_same_progression_and_response_times(
    shared: Path, study: Mapping[str, pl.DataFrame]
) -> None:
    presets = [
        dict(preset_mapping("endpoints", "pfs")) | {"origin": RANDOMISATION},
        dict(preset_mapping("endpoints", "dor")) | {"parameter": "RSD"},
    ]
    protocol = Protocol.model_validate(PROTOCOL.model_dump() | {"endpoints": presets})
    reference = adam(shared, "adtte_onco").filter(pl.col("PARAMCD") != "OS")
    found = derived_from(study, protocol)
    assert found.height == reference.height == 258
    assert differing(found, reference).is_empty()
