"""Rows of competing risks on mgus2 of R's survival, against survfit, cmprsk and coxph."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from few_patients import carried_out, plan

from hepatica.results import Results

pytestmark = pytest.mark.shared

PINNED = Path(__file__).parents[2] / "validation" / "r-prognostic" / "mgus2.json"
MONTH = 30.4375
CLOSED, NEWTON = 1e-10, 1e-8
CAUSES = ("Malignancy", "Death")


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


@pytest.fixture
def rows(shared: Path) -> Results:
    return rows_of(shared)


@cache
def rows_of(shared: Path) -> Results:
    path = shared / "data" / "survival" / "data" / "mgus2.csv"
    table = pl.read_csv(path, null_values="NA").filter(pl.col("etime") > 0)
    adsl = table.select(
        pl.col("id").cast(pl.String).alias("USUBJID"),
        pl.lit("Y").alias("FASFL"),
        pl.col("sex").alias("TRT01P"),
        pl.col("age").alias("AGE"),
        pl.col("hgb").alias("HGB"),
    )
    adtte = table.select(
        pl.col("id").cast(pl.String).alias("USUBJID"),
        pl.lit("TTM").alias("PARAMCD"),
        (pl.col("etime") * MONTH).alias("AVAL"),
        (pl.col("etype") == 0).cast(pl.Int64).alias("CNSR"),
        pl.col("etype")
        .replace_strict({0: None, 1: "Malignancy", 2: "Death"}, return_dtype=pl.String)
        .alias("EVNTDESC"),
    )
    protocol = plan(
        {
            "kind": "competing_risks",
            "endpoint": "ttm",
            "causes": [{"label": one, "events": [one]} for one in CAUSES],
            "reference": "Women",
            "at": ["60 months", "120 months", "240 months"],
            "covariates": ["arm", "age", "hgb"],
        },
        "ADSL",
        "ADTTE",
        arms=[
            {"id": "f", "label": "Women", "value": "F"},
            {"id": "m", "label": "Men", "value": "M"},
        ],
        variables=[
            {"id": one, "label": one, "column": one.upper(), "kind": "measured"}
            for one in ("age", "hgb")
        ],
        endpoints=[
            {
                "kind": "time_to_event",
                "id": "ttm",
                "label": "Time to malignancy",
                "parameter": "TTM",
                "origin": {"label": "diagnosis", "variable": "TRTSDT"},
                "events": [
                    {"id": one.lower(), "sentence": f"{one}.", "description": one} for one in CAUSES
                ],
            }
        ],
    )
    return carried_out(protocol, ADSL=adsl, ADTTE=adtte)


def value(rows: Results, statistic: str, **columns: Any) -> float:
    found = rows.one(analysis="one", statistic=statistic, **columns)
    assert found.value is not None, found
    return found.value


@pytest.mark.parametrize("number", [0, 1])
def test_incidences_with_limits(rows: Results, number: int) -> None:
    theirs = pinned()["causes"][number]
    assert [value(rows, "n", level=one) for one in ("Women", "Men")] == pinned()["n"]
    for place, level in enumerate(("Women", "Men")):
        for suffix, name in (("", "incidence"), ("_lower", "lower"), ("_upper", "upper")):
            ours = [
                value(
                    rows,
                    f"cumulative_incidence{suffix}",
                    level=level,
                    variable="cause",
                    variable_level=CAUSES[number],
                    time=day,
                )
                for day in pinned()["at"]
            ]
            assert ours == pytest.approx(theirs[name][place], rel=CLOSED), (level, name)


@pytest.mark.parametrize("number", [0, 1])
def test_gray(rows: Results, number: int) -> None:
    theirs = pinned()["gray"]
    place = {"variable": "gray", "variable_level": CAUSES[number]}
    assert value(rows, "test_statistic", **place) == pytest.approx(
        theirs["statistic"][number], rel=CLOSED
    )
    assert value(rows, "p_value", **place) == pytest.approx(theirs["p_value"][number], rel=CLOSED)


@pytest.mark.parametrize("suffix", ["", "_adjusted"])
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("model", ["fine_gray", "cause_specific"])
def test_hazard_ratios(rows: Results, model: str, number: int, suffix: str) -> None:
    theirs = pinned()["adjusted" if suffix else "plain"][number][model]
    place = {
        "level": "Men",
        "reference": "Women",
        "variable": model + suffix,
        "variable_level": CAUSES[number],
    }
    ours = [value(rows, one, **place) for one in ("coef", "std_error")]
    assert ours == pytest.approx(theirs, rel=NEWTON)
