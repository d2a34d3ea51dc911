"""Further readings stand beside the main one, and endpoints can be read from them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from hepatica.derive import Datasets, derive_datasets
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping

START = date(2024, 1, 1)
READERS = ("INVESTIGATOR", "INDEPENDENT ASSESSOR")


def day(number: int) -> date:
    return START + timedelta(number)


def protocol(*readings: dict[str, Any]) -> Protocol:
    endpoints = [
        dict(preset_mapping("endpoints", "pfs")),
        dict(preset_mapping("endpoints", "pfs"))
        | {"id": "pfs-irc", "parameter": "PFSIRC", "reading": "irc"},
    ]
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T"},
            "data": {"tables": {"ADSL": {"file": "s"}, "TU": {"file": "u"}, "TR": {"file": "r"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "assessments": {
                "every_days": 42,
                "window_days": 7,
                "criteria": "RECIST 1.1",
                "readings": list(readings),
            },
            "endpoints": endpoints if readings else endpoints[:1],
            "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
        }
    )


IRC = {"id": "irc", "label": "Independent review", "evaluator": "INDEPENDENT ASSESSOR"}
MRECIST = {"id": "mr", "label": "mRECIST", "criteria": "mRECIST"}
#: Day, whole and viable diameter by the investigator, whole diameter by the independent reader.
MEASURED = ((-7, 50, 40, 50), (42, 50, 25, 61), (84, 61, 25, 62))


def tables() -> dict[str, pl.DataFrame]:
    """One patient: stable then progression by the investigator, earlier by the other reader."""
    adsl = pl.DataFrame(
        {"USUBJID": ["1"], "TRTSDT": [START], "ENRLFL": ["Y"], "TRT01P": ["A"], "DTHFL": ["N"]}
    ).with_columns(DTHDT=pl.lit(None, dtype=pl.Date), LSTALVDT=pl.lit(day(100)))
    tu = pl.DataFrame(
        [
            {"USUBJID": "1", "TULNKID": "T1", "TUORRES": "TARGET", "TULOC": "LIVER",
             "TUDT": day(-7), "TUEVAL": reader, "VISITNUM": 0.0, "TUSEQ": n}
            for n, reader in enumerate(READERS, start=1)
        ]
    )  # fmt: skip
    tr = [
        {"USUBJID": "1", "TRLNKID": "T1", "TRTESTCD": test, "TRSTRESN": float(length),
         "TRDT": day(on), "TREVAL": reader, "VISITNUM": float(max(on, 0))}
        for on, *lengths in MEASURED
        for length, test, reader in zip(
            lengths, ("LDIAM", "VLDIAM", "LDIAM"), (READERS[0], READERS[0], READERS[1]),
            strict=True,
        )
    ]  # fmt: skip
    measured = pl.DataFrame(tr).with_columns(TRSEQ=pl.int_range(1, pl.len() + 1))
    return {"ADSL": adsl, "TU": tu, "TR": measured}


@pytest.fixture(scope="module")
def datasets() -> Datasets:
    return derive_datasets(protocol(IRC, MRECIST), tables())


def overall(datasets: Datasets, name: str) -> list[str]:
    return datasets[name].filter(PARAMCD="OVR").sort("ADT")["AVALC"].to_list()


def test_each_reading_has_responses_of_its_own(datasets: Datasets) -> None:
    assert overall(datasets, "ADRS") == ["SD", "PD"]
    assert overall(datasets, "ADRSIRC") == ["PD", "PD"]
    assert overall(datasets, "ADRSMR") == ["PR", "PR"]
    assert set(datasets["ADRSIRC"]["RSEVAL"]) == {"INDEPENDENT ASSESSOR"}
    assert {"ADTRIRC", "ADTRMR"} <= set(datasets)


def test_the_main_reading_is_as_without_others(datasets: Datasets) -> None:
    alone = derive_datasets(protocol(), tables())
    assert set(alone) == {"ADSL", "ADTR", "ADRS", "ADTTE"}
    for name in ("ADTR", "ADRS"):
        assert datasets[name].equals(alone[name])


def test_an_endpoint_reads_its_reading(datasets: Datasets) -> None:
    found = {
        row["PARAMCD"]: (row["AVAL"], row["CNSR"])
        for row in datasets["ADTTE"].iter_rows(named=True)
    }
    assert found == {"PFS": (85.0, 0), "PFSIRC": (43.0, 0)}


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ({**IRC, "id": "review"}, "readings"),
        ({**IRC, "id": "IRC"}, "readings"),
    ],
)
def test_the_id_of_a_reading_fits_a_name_of_a_dataset(reading: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        protocol(reading)
