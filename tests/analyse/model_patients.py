"""The patients of validation/r-models as a study, and small ones that spoil a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
from few_patients import plan

from hepatica.analyse import analyse
from hepatica.derive.adsl import derive_adsl
from hepatica.protocol.model import Protocol
from hepatica.results import Results

PINNED = json.loads(
    (Path(__file__).parents[2] / "validation" / "r-models" / "reference.json").read_text("utf-8")
)
COVARIATES = ["arm", "age", "sex", "ecog", "afp"]
VARIABLES: list[dict[str, Any]] = [
    {"id": "age", "label": "Age", "column": "AGE", "unit": "years", "kind": "measured"},
    {
        "id": "sex",
        "label": "Sex",
        "column": "SEX",
        "kind": "categorical",
        "levels": ["Male", "Female"],
    },
    {
        "id": "ecog",
        "label": "ECOG",
        "column": "ECOG",
        "kind": "categorical",
        "levels": ["0", "1", "2"],
    },
    {
        "id": "centre",
        "label": "Centre",
        "column": "CENTRE",
        "kind": "categorical",
        "levels": [str(n) for n in range(1, 7)],
    },
]
AFP = {"id": "afp", "label": "AFP", "column": "AFPBL", "unit": "ng/mL"}
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
]


def study(analysis: Mapping[str, Any], **parts: Any) -> Protocol:
    """Return a protocol with one analysis of the endpoint it names."""
    base = {"variables": VARIABLES, "biomarkers": [AFP], "endpoints": ENDPOINTS}
    return plan(analysis, "ADSL", "ADTTE", "ADRS", **(base | parts))


def datasets(protocol: Protocol, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return ADSL, ADTTE and ADRS of patients with arm, age, sex, ecog, afp, time and outcomes."""
    subject = [f"P{n:04d}" for n in range(len(rows))]
    adsl = pl.DataFrame(
        {
            "USUBJID": subject,
            "FASFL": ["Y"] * len(rows),
            "TRT01P": [one["arm"] for one in rows],
            "AGE": [one.get("age") for one in rows],
            "SEX": [one.get("sex") for one in rows],
            "ECOG": [one.get("ecog") for one in rows],
            "AFPBL": [one.get("afp") for one in rows],
            "CENTRE": [None if one.get("centre") is None else str(one["centre"]) for one in rows],
        },
        schema_overrides={
            "AGE": pl.Float64,
            "AFPBL": pl.Float64,
            "SEX": pl.String,
            "ECOG": pl.String,
            "CENTRE": pl.String,
        },
    )
    made = derive_adsl(protocol, nw.from_native(adsl, eager_only=True)).to_native()
    adtte = pl.DataFrame(
        {
            "USUBJID": subject,
            "PARAMCD": ["OS"] * len(rows),
            "AVAL": [float(one["time"]) for one in rows],
            "CNSR": [1 - int(one["event"]) for one in rows],
        }
    )
    adrs = pl.DataFrame(
        {
            "USUBJID": subject,
            "PARAMCD": ["BOR"] * len(rows),
            "AVALC": ["PR" if one.get("response") else "SD" for one in rows],
        }
    )
    return {"ADSL": made, "ADTTE": adtte, "ADRS": adrs}


def carried_out(
    analysis: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], **parts: Any
) -> Results:
    """Return the rows of one analysis of some patients."""
    protocol = study(analysis, **parts)
    return analyse(protocol, datasets(protocol, rows))


def value(results: Results, statistic: str, level: str, **columns: Any) -> float:
    """Return the value of the one row with these columns."""
    found = results.one(analysis="one", statistic=statistic, level=level, **columns)
    assert found.status == "ok", found.message
    assert found.value is not None
    return found.value
