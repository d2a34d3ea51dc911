"""Patients whose groups are compared: the cohorts of validation/r-comparison, and small ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.analyse import analyse
from hepatica.derive.adsl import derive_adsl
from hepatica.protocol.model import Protocol
from hepatica.results import Results

PINNED = json.loads(
    (Path(__file__).parents[2] / "validation" / "r-comparison" / "reference.json").read_text(
        encoding="utf-8"
    )
)["survival"]
CENTRES = [str(n) for n in range(1, 61)]
VARIABLES: list[dict[str, Any]] = [
    {"id": name, "label": label, "column": name.upper(), "kind": "categorical", "levels": levels}
    for name, label, levels in (
        ("level", "Level", ["0", "1", "2"]),
        ("centre", "Centre", CENTRES),
        ("sex", "Sex", ["Female", "Male"]),
    )
]
ENDPOINTS: list[dict[str, Any]] = [
    {
        "kind": "time_to_event",
        "id": "os",
        "label": "Overall survival",
        "parameter": "OS",
        "outcome": "Patients alive",
        "origin": {"label": "first dose", "variable": "TRTSDT"},
        "events": [{"id": "death", "sentence": "Death.", "description": "Death"}],
        "censoring": [{"id": "alive", "sentence": "Alive.", "description": "Alive"}],
    },
    {"kind": "response", "id": "orr", "label": "Response", "counted": ["CR", "PR"]},
    {"kind": "response", "id": "dcr", "label": "Control", "counted": ["CR", "PR", "SD"]},
]


def study(*analyses: Mapping[str, Any], arms: Sequence[str] = ("A", "B"), **parts: Any) -> Protocol:
    """Return a protocol of the arms with these analyses, ``one``, ``two`` and so on."""
    names = ("one", "two", "three")
    base: dict[str, Any] = {
        "study": {"id": "GROUPS", "title": "Compared groups", "randomised": False},
        "data": {"tables": {name: {"file": "x.csv"} for name in ("ADSL", "ADTTE", "ADRS")}},
        "arms": [{"id": f"arm-{name.lower()}", "label": name} for name in arms],
        "analysis_sets": [{"id": "full", "label": "Full analysis set", "flag": "FASFL"}],
        "variables": VARIABLES,
        "endpoints": ENDPOINTS,
        "analyses": [
            {"id": name, "set": "full", **one} for name, one in zip(names, analyses, strict=False)
        ],
    }
    return Protocol.model_validate(base | parts)


def datasets(protocol: Protocol, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return ADSL, ADTTE and ADRS of patients with arm, time, event, response and categories."""
    subject = [f"P{n:04d}" for n in range(len(rows))]
    adsl = pl.DataFrame(
        {"USUBJID": subject, "FASFL": ["Y"] * len(rows), "TRT01P": [one["arm"] for one in rows]}
        | {
            one["column"]: pl.Series(
                [None if (v := row.get(one["id"])) is None else str(v) for row in rows],
                dtype=pl.String,
            )
            for one in VARIABLES
        }
    )
    timed = [(who, one) for who, one in zip(subject, rows, strict=True) if "time" in one]
    adtte = pl.DataFrame(
        {
            "USUBJID": [who for who, _ in timed],
            "PARAMCD": ["OS"] * len(timed),
            "AVAL": [float(one["time"]) for _, one in timed],
            "CNSR": [1 - int(one["event"]) for _, one in timed],
        },
        schema={"USUBJID": pl.String, "PARAMCD": pl.String, "AVAL": pl.Float64, "CNSR": pl.Int64},
    )
    judged = [(who, one) for who, one in zip(subject, rows, strict=True) if one.get("response")]
    adrs = pl.DataFrame(
        {
            "USUBJID": [who for who, _ in judged],
            "PARAMCD": ["BOR"] * len(judged),
            "AVALC": [one["response"] for _, one in judged],
        },
        schema={"USUBJID": pl.String, "PARAMCD": pl.String, "AVALC": pl.String},
    )
    made = derive_adsl(protocol, nw.from_native(adsl, eager_only=True)).to_native()
    return {"ADSL": made, "ADTTE": adtte, "ADRS": adrs}


def carried_out(protocol: Protocol, rows: Sequence[Mapping[str, Any]]) -> Results:
    """Return the rows of all analyses."""
    return analyse(protocol, datasets(protocol, rows))


def cohort(name: str) -> list[dict[str, Any]]:
    """Return the patients of a cohort of the reference; group 0 is arm A."""
    columns = PINNED[name]["data"]
    return [
        {"arm": "ABC"[group], "time": time, "event": event, "level": level, "centre": centre}
        for group, time, event, level, centre in zip(
            *(columns[key] for key in ("group", "time", "event", "level", "centre")), strict=True
        )
    ]


def responders(*counts: tuple[str, int, int], **more: Any) -> list[dict[str, Any]]:
    """Return patients of (arm, responders, patients)."""
    return [
        {"arm": arm, "response": "PR" if number < yes else "PD", **more}
        for arm, yes, n in counts
        for number in range(n)
    ]


def value(results: Results, statistic: str, *, analysis: str = "one", **columns: Any) -> float:
    """Return the value of the one row with these columns."""
    found = results.one(analysis=analysis, statistic=statistic, **columns)
    assert found.status == "ok", found.message
    assert found.value is not None
    return found.value
