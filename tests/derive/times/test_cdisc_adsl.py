"""ADSL from the domains of the CDISC pilot against the reference, subject by subject."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from collected_tables import ENGINES, adam, collected, on_engine, sdtm

from hepatica.derive.adsl_from_domains import derive_adsl_from_domains
from hepatica.protocol.model import Protocol

pytestmark = pytest.mark.shared

PROTOCOL = Protocol.model_validate(
    {
        "study": {"id": "S", "title": "T", "randomised": True},
        "data": {"tables": {"DM": {"file": "dm.csv"}}},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
    }
)
SAME = (
    "TRT01P", "TRT01A", "RANDDT", "TRTSDT", "EOSSTT", "EOSDT", "DTHDT", "DTHFL",
)  # fmt: skip
#: The last interval has no end: the day on which it started is the last known day of dosing here.
#: The reference takes the end of the interval before it, or leaves TRTEDT empty.
OPEN_INTERVALS = {
    "01-704-1233", "01-705-1018", "01-705-1031", "01-705-1303", "01-705-1377", "01-705-1382",
}  # fmt: skip


def derived(tables: dict[str, pl.DataFrame], engine: str = "polars") -> pl.DataFrame:
    return collected(derive_adsl_from_domains(PROTOCOL, on_engine(tables, engine))).sort("USUBJID")


def different(found: pl.DataFrame, reference: pl.DataFrame, column: str) -> set[Any]:
    both = found.select("USUBJID", column).join(
        reference.select("USUBJID", pl.col(column).alias("theirs")), on="USUBJID", how="full"
    )
    return set(both.filter(pl.col(column).ne_missing(pl.col("theirs")))["USUBJID"])


@pytest.mark.parametrize("engine", ENGINES)
def test_the_subjects_of_the_pilot(shared: Path, engine: str) -> None:
    found = derived(sdtm(shared, "dm", "ds", "ex", "ae", "lb", "sv"), engine)
    reference = adam(shared, "adsl")
    assert found.height == reference.height == 306
    assert {column: different(found, reference, column) for column in SAME} == {
        column: set() for column in SAME
    }
    assert different(found, reference, "TRTEDT") == OPEN_INTERVALS
    assert different(found, reference, "TRTDURD") == OPEN_INTERVALS
    theirs = reference.with_columns(pl.col("SAFFL").fill_null("N"))
    assert different(found, theirs, "SAFFL") == set()
    failed = found.filter(ENRLFL="N")
    assert set(failed["SCRFREAS"]) == {"SCREEN FAILURE"}
    assert set(failed["USUBJID"]) == set(reference.filter(TRT01P="Screen Failure")["USUBJID"])


def test_last_contact_reads_more_domains_than_the_reference(shared: Path) -> None:
    """The reference looks at adverse events, laboratory samples and the last dose only."""
    domains = sdtm(shared, "dm", "ds", "ex", "ae", "lb", "sv")
    reference = adam(shared, "adsl")
    found = derived(domains)
    both = found.join(reference.select("USUBJID", theirs="LSTALVDT"), on="USUBJID")
    enrolled = both.filter(ENRLFL="Y")
    assert enrolled.filter(pl.col("LSTALVDT") < pl.col("theirs")).is_empty()
    assert enrolled.filter(pl.col("LSTALVDT") > pl.col("theirs")).height == 93
    few = {name: domains[name] for name in ("EX", "AE", "LB")}
    bare = domains["DM"].drop("RFSTDT", "RFXSTDT", "RFXENDT", "RFICDT")
    fewer = derived({"DM": bare, **few})
    kept = reference.filter(pl.col("LSTALVDT").is_not_null())["USUBJID"]
    left = different(
        fewer.filter(pl.col("USUBJID").is_in(kept.to_list())),
        reference.filter(pl.col("USUBJID").is_in(kept.to_list())),
        "LSTALVDT",
    )
    # An interval without an end shows a living subject on the day on which it started.
    assert left == {"01-705-1018", "01-705-1382"}
