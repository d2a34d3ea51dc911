"""Heart transplants (Crowley and Hu 1977): the classical exposure that starts during follow-up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hepatica.stats.counting_process import split_at_exposure
from hepatica.stats.survival import cox

pytestmark = pytest.mark.shared


def test_transplants_as_in_r(shared: Path) -> None:
    folder = shared / "data" / "survival"
    told = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["cox_time_varying"]
    rows = pl.read_csv(folder / "data" / "heart_tv.csv", infer_schema_length=None)
    exposed = pl.col("transplant").cast(pl.Int64) == 1
    patients = rows.group_by("id").agg(
        pl.col("stop").max(),
        pl.col("event").max(),
        pl.col("age").first(),
        pl.col("start").filter(exposed).min().alias("day"),
    )
    time, event = patients["stop"].to_numpy(), patients["event"].to_numpy()
    day = patients["day"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    split = split_at_exposure(time, event, day)
    x = np.column_stack([split.exposed, patients["age"].to_numpy()[split.patient]])
    fit = cox(split.time, split.event, x, entry=split.entry)
    assert fit.coef == pytest.approx(np.array(told["coef"]), rel=1e-8)
    assert fit.std_error == pytest.approx(np.array(told["se"]), rel=1e-8)
    naive = cox(time, event, np.isfinite(day).astype(np.float64))
    assert naive.hazard_ratio[0] < 0.5
