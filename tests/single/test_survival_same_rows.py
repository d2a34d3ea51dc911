"""The rows of `hepatica survival` are those of a study's analysis of the same patients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.comparison import Comparison
from hepatica.protocol.read import read_protocol
from hepatica.records import read_records, require
from hepatica.results import ResultRow
from hepatica.single.survival import survival
from hepatica.single.survival_request import SurvivalRequest

_OWN = {"event_reason", "censoring_reason", "historical", "plain", "window_end"}


def by_place(rows: Any) -> dict[tuple[Any, ...], ResultRow]:
    return {
        (row.level, row.reference, row.variable, row.variable_level, row.time, row.statistic): row
        for row in rows
        if row.variable not in _OWN
    }


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("strata", [(), ("SEX",)])
def test_the_same_rows_as_a_study(
    root: Path, tmp_path: Path, engine: str, strata: tuple[str, ...]
) -> None:
    folder = root / "tests" / "ready"
    protocol = read_protocol(folder / "study.yaml")
    plan = next(
        one
        for one in protocol.analyses
        if isinstance(one, TimeToEventAnalysis) and one.endpoint == "pfs"
    )
    plan = plan.model_copy(
        update={"compare": Comparison(reference="Cohort 1", strata=("sex",) if strata else ())}
    )
    protocol = protocol.model_copy(update={"analyses": (plan,), "dialect": "hepatica"})
    tables = require(read_records(protocol, folder)).tables
    datasets = derive_datasets(protocol, {name: one.frame for name, one in tables.items()})
    expected = by_place(analyse(protocol, datasets))
    adsl = datasets["ADSL"].filter(pl.col("FASFL") == "Y").select("USUBJID", "TRT01P", "SEX")
    table = adsl.join(datasets["ADTTE"].filter(pl.col("PARAMCD") == "PFS"), on="USUBJID")
    path = tmp_path / "adtte.parquet"
    table.select("USUBJID", "TRT01P", "SEX", "AVAL", "CNSR").write_parquet(path)
    asked = SurvivalRequest(
        table=str(path), time="AVAL", event="CNSR==0", by="TRT01P", strata=strata, at=(84.0, 168.0),
        reference="Cohort 1", engine=engine,
    )  # fmt: skip
    found = by_place(survival(asked).results)
    assert set(found) == set(expected)
    assert len(found) > 100
    for place, row in expected.items():
        other = found[place]
        assert (other.status, other.unit, other.format) == (row.status, row.unit, row.format), place
        assert (other.conf_level, other.denominator) == (row.conf_level, row.denominator), place
        assert other.value == (
            None if row.value is None else pytest.approx(row.value, rel=1e-10)
        ), place
        method = row.method.replace("stratified by sex", "stratified by SEX")
        assert other.method == method, place
