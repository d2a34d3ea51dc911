"""A column of ADSL from records of another dataset: one patient for each case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.derive import derive_datasets
from hepatica.derive.occurrences import derive_occurrences
from hepatica.protocol.model import Protocol

LATER = {"all": [{"NEWTHFL": "Y"}, {"CMSCAT": "TARGETED THERAPY"}]}
#: Patient: class of the therapy, whether it is a subsequent one, its start; then what follows.
THERAPIES: dict[str, tuple[list[tuple[str, str | None, date | None]], str]] = {
    "has one": ([("TARGETED THERAPY", "Y", date(2020, 3, 1))], "Y"),
    "has two": ([("TARGETED THERAPY", "Y", date(2020, m, 1)) for m in (3, 5)], "Y"),
    "of another class": ([("CHEMOTHERAPY", "Y", date(2020, 3, 1))], "N"),
    "before the study": ([("TARGETED THERAPY", None, date(2019, 3, 1))], "N"),
    "after the cut-off": ([("TARGETED THERAPY", "Y", date(2021, 1, 1))], "N"),
    "without a date": ([("TARGETED THERAPY", "Y", None)], "Y"),
    "no record": ([], "N"),
}
#: How a frame is handed in: in memory, lazy, and in DuckDB.
PLACES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": nw.from_native,
    "lazy": lambda frame: nw.from_native(frame.lazy()),
    "duckdb": lambda frame: nw.from_native(duckdb.from_arrow(frame.to_arrow())),
}


def protocol(**occurs: Any) -> Protocol:
    variable = {
        "id": "later",
        "label": "Later targeted therapy",
        "column": "LATERFL",
        "kind": "categorical",
        "occurs": {"dataset": "ADCM", "where": LATER, "date": "ASTDT"} | occurs,
        "levels": [{"label": "With", "value": "Y"}, {"label": "Without", "value": "N"}],
    }
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T", "data_cut_off": "2020-12-31"},
            "data": {"tables": {"ADSL": {"file": "adsl.csv"}, "CM": {"file": "cm.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "variables": [variable],
            "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["later"]}],
        }
    )


def frames() -> dict[str, pl.DataFrame]:
    records = [
        {"USUBJID": name, "CMSCAT": kind, "NEWTHFL": subsequent, "ASTDT": start}
        for name, (therapies, _) in THERAPIES.items()
        for kind, subsequent, start in therapies
    ]
    return {"ADSL": pl.DataFrame({"USUBJID": list(THERAPIES)}), "ADCM": pl.DataFrame(records)}


@pytest.mark.parametrize("place", PLACES)
def test_each_patient_has_it_or_not(place: str) -> None:
    datasets = {name: PLACES[place](frame) for name, frame in frames().items()}
    found = derive_occurrences(protocol(), datasets)
    assert found is not None
    rows = found.collect("polars").to_native().select("USUBJID", "LATERFL").rows()
    assert dict(rows) == {name: expected for name, (_, expected) in THERAPIES.items()}


def test_a_column_that_is_there_stays_and_one_without_records_is_left_out() -> None:
    datasets = {name: nw.from_native(frame) for name, frame in frames().items()}
    recorded = {"ADSL": datasets["ADSL"].with_columns(LATERFL=nw.lit("U"))}
    assert derive_occurrences(protocol(), datasets | recorded) is None
    assert derive_occurrences(protocol(), {"ADSL": datasets["ADSL"]}) is None
    assert derive_occurrences(protocol(date="CMSTART"), datasets) is None


def test_groups_are_made_after_the_records_they_read() -> None:
    adsl = pl.DataFrame(
        {
            "USUBJID": ["1", "2"],
            "TRTSDT": [date(2020, 1, 1)] * 2,
            "TRTEDT": [date(2020, 2, 1)] * 2,
        }
    )
    therapies = pl.DataFrame(
        {
            "USUBJID": ["1", "2"],
            "CMTRT": ["Sorafenib", "Aspirin"],
            "CMCAT": ["SUBSEQUENT ANTICANCER THERAPY", "CONCOMITANT"],
            "CMSCAT": ["TARGETED THERAPY", None],
            "CMSTDT": [date(2020, 3, 1)] * 2,
            "CMSTDTP": ["D", "D"],
            "CMSEQ": [1, 1],
        }
    )
    datasets = derive_datasets(protocol(), {"ADSL": adsl, "CM": therapies})
    assert datasets["ADSL"].select("USUBJID", "LATERFL", "LATER_CAT").rows() == [
        ("1", "Y", "With"),
        ("2", "N", "Without"),
    ]
