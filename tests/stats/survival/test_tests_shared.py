"""Log-rank tests with weights and strata on data sets of R, from the folder of shared data."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from hepatica.stats.survival import count_survival, logrank, logrank_from_counts

pytestmark = pytest.mark.shared

CLOSED = 1e-10


def read(shared: Path, name: str, keys: list[str]) -> list[np.ndarray]:
    """Return columns of the rows that have all of them; categories become codes."""
    path = shared / "data" / "survival" / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[k] not in ("", "NA") for k in keys)]
    columns = []
    for key in keys:
        values = [row[key] for row in rows]
        try:
            columns.append(np.array([float(value) for value in values]))
        except ValueError:
            columns.append(np.unique(values, return_inverse=True)[1])
    return columns


def test_every_case(shared: Path) -> None:
    golden = json.loads((shared / "data" / "survival" / "golden.json").read_text(encoding="utf-8"))
    cases = golden["logrank"]
    assert len(cases) == 12
    assert sorted(case["rho"] for case in cases)[-2:] == [1, 1]
    for case in cases:
        right = case["formula"].split("~")[1]
        group, _, inside = right.partition("+ strata(")
        keys = [key.strip() for key in inside.rstrip(")").split(",") if key.strip()]
        time, event, codes, *strata = read(
            shared, case["dataset"], ["time", "event", group.strip(), *keys]
        )
        stratum = np.zeros(len(time), dtype=np.int64)
        if strata:
            stratum = np.unique(np.column_stack(strata), axis=0, return_inverse=True)[1].ravel()
        weight = {"weight": "fleming-harrington", "rho": case["rho"]}
        ours = logrank(time, event, codes, strata=stratum, **weight)
        position = np.unique(codes, return_inverse=True)[1]
        counted = logrank_from_counts(
            count_survival(time, event, position, strata=stratum), **weight
        )
        for test in (ours, counted):
            assert test.statistic == pytest.approx(case["chisq"], rel=CLOSED), case["formula"]
            assert test.p_value == pytest.approx(case["p"], rel=1e-9)
            assert test.df == case["df"]
        for key, theirs in (("observed", case["obs"]), ("expected", case["exp"])):
            summed = np.asarray(theirs, dtype=float)
            summed = summed.sum(axis=1) if summed.ndim == 2 else summed
            # R keeps categories in the order of its factor, here they are sorted by name.
            np.testing.assert_allclose(np.sort(getattr(ours, key)), np.sort(summed), rtol=CLOSED)
