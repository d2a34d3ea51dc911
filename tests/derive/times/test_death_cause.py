"""DTHCAUS: one subject for each source, the expected cause beside it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from collected_tables import ENGINES, on_engine, table

from hepatica.derive.adsl_from_domains import derive_adsl_from_domains
from hepatica.protocol.model import Protocol

PLAN = Protocol.model_validate(
    {
        "study": {"id": "S", "title": "T", "data_cut_off": "2020-06-30"},
        "data": {"tables": {"DM": {"file": "dm.csv"}}},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
    }
)


def fatal(**more: Any) -> tuple[str, dict[str, Any]]:
    return "AE", {"AEOUT": "FATAL", "AEENDTC": "2020-03-01", "AEDECOD": "Sepsis"} | more


def died(term: str | None, decoded: str = "DEATH") -> tuple[str, dict[str, Any]]:
    return "DS", {"DSDECOD": decoded, "DSTERM": term, "DSSTDTC": "2020-03-01"}


DEAD = ("DM", {"DTHFL": "Y", "DTHDTC": "2020-03-01"})

# What was collected, and the cause that ADSL then holds.
SUBJECTS: dict[str, tuple[list[tuple[str, dict[str, Any]]], str | None]] = {
    "alive": ([], None),
    "death alone": ([DEAD], "Not recorded"),
    "fatal event": ([fatal()], "Sepsis"),
    "fatal event without a standardised name": (
        [fatal(AEDECOD=None, AETERM="Blood poisoning")],
        "Blood poisoning",
    ),
    "first of two fatal events": (
        [fatal(AESEQ=9, AEDECOD="Shock"), fatal(AESEQ=2)],
        "Sepsis",
    ),
    "event of grade 5": ([fatal(AEOUT=None, AETOXGR="5")], "Sepsis"),
    "event that was survived": ([DEAD, fatal(AEOUT="RECOVERED")], "Not recorded"),
    "event before what DM names": (
        [fatal(), ("DM", {"DTHFL": "Y", "DTHCAUS": "Cancer"})],
        "Sepsis",
    ),
    "DM before the disposition": (
        [("DM", {"DTHFL": "Y", "DTHCAUS": "Cancer"}), died("DEATH DUE TO SEPSIS")],
        "Cancer",
    ),
    "disposition": ([died("Hepatic failure")], "Hepatic failure"),
    "disposition that says due to": ([died("Death due to variceal bleeding")], "variceal bleeding"),
    "disposition that says death only": ([died("DEATH")], "Not recorded"),
    "end of treatment": ([died("TREATMENT ENDED: DEATH")], "Not recorded"),
    "cause unknown": ([died("DEATH DUE TO UNKNOWN CAUSE")], "Not recorded"),
    "disposition without words": ([died(None)], "Not recorded"),
    "two dispositions": ([died("DEATH"), died("DEATH: CANCER")], "CANCER"),
    "other disposition": ([DEAD, died("Toxicity", "ADVERSE EVENT")], "Not recorded"),
    "survival status": (
        [("SS", {"SSSTRESC": "DEAD", "SSTESTCD": "SURVSTAT", "SSDTC": "2020-03-01",
                 "DTHCAUS": "Cancer"})],
        "Cancer",
    ),
    "death after the cut-off": ([fatal(AEENDTC="2020-07-01")], None),
}  # fmt: skip


def collected() -> dict[str, pl.DataFrame]:
    records: dict[str, list[dict[str, Any]]] = {}
    for name, (rows, _) in SUBJECTS.items():
        told = [row for domain, row in rows if domain == "DM"]
        records.setdefault("DM", []).append({"USUBJID": name, "ARM": "A"} | (told or [{}])[0])
        for domain, row in rows:
            if domain != "DM":
                records.setdefault(domain, []).append({"USUBJID": name} | row)
    return {domain: table(rows) for domain, rows in records.items()}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_cause_of_each_death(engine: str) -> None:
    adsl = derive_adsl_from_domains(PLAN, on_engine(collected(), engine))
    frame = adsl.collect(backend="polars").to_native()
    found = dict(frame.select("USUBJID", "DTHCAUS").rows())
    assert found == {name: cause for name, (_, cause) in SUBJECTS.items()}
