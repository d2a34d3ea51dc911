"""`hepatica survival` on Spark: in this process, and on a master with two worker processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hepatica.analyse import pattern_cells
from hepatica.errors import CommandError, DataError
from hepatica.single.survival import survival
from hepatica.single.survival_request import SurvivalRequest

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    draw = np.random.default_rng(5)
    n = 600
    time = draw.integers(1, 200, n)
    return pl.DataFrame(
        {
            "AVAL": time,
            "CNSR": draw.integers(0, 2, n),
            "ARM": draw.choice(["A", "B"], n),
            "REGION": draw.choice(["E", "W"], n),
            "AGE": draw.integers(30, 80, n),
            "AFP": draw.lognormal(3, 2, n),
            "ENTRY": np.minimum(draw.integers(0, 30, n), time - 1),
        }
    )


@pytest.fixture
def folder(frame: pl.DataFrame, tmp_path: Path) -> Path:
    place = tmp_path / "adtte"
    place.mkdir()
    for part in range(3):
        frame[part * 200 : part * 200 + 200].write_parquet(place / f"part{part}.parquet")
    return place


def rows(table: Path | str, engine: str, **more: Any) -> pl.DataFrame:
    given: dict[str, Any] = {
        "time": "AVAL", "event": "CNSR==0", "by": "ARM", "strata": ("REGION",), "at": (84.0,),
        "tau": 120.0,
    }  # fmt: skip
    asked = SurvivalRequest(table=str(table), engine=engine, **(given | more))
    return survival(asked).results.to_polars()


def test_spark_in_this_process_gives_the_same_rows(
    folder: Path, frame: pl.DataFrame, tmp_path: Path
) -> None:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    for key in ("spark.driver.bindAddress", "spark.driver.host"):
        builder = builder.config(key, "127.0.0.1")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    try:
        assert rows(folder, "spark").equals(rows(folder, "polars"))
        late = {"entry": "ENTRY", "adjust": ("AGE",)}
        assert rows(folder, "spark", **late).equals(rows(folder, "polars", **late))
        text = tmp_path / "adtte.csv"
        frame.with_columns(pl.col("AVAL").cast(pl.String)).write_csv(text)
        assert rows(text, "spark").equals(rows(folder, "polars"))
        session.createDataFrame(frame.to_arrow()).createOrReplaceTempView("adtte")
        assert rows("adtte", "spark").equals(rows(folder, "polars"))
        text.write_text("AVAL,CNSR,ARM,REGION\nPLANTED-7391,0,A,E\n5,1,B,E\n")
        with pytest.raises(DataError) as told:
            rows(text, "spark")
        assert told.value.problems[0].rule == "AVAL is a number of days."
        assert "PLANTED" not in str(told.value)
        with pytest.raises(DataError):
            rows("no_such_table", "spark")
    finally:
        session.stop()


def test_a_cluster_of_two_workers_gives_the_same_rows(
    folder: Path, spark_cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    # The sums of the engine are whole numbers, so that workers change no digit.
    adjusted = {"adjust": ("AGE", "AFP")}
    monkeypatch.setattr(pattern_cells, "MOST_CELLS", 0)
    found = rows(folder, "spark", master=spark_cluster, **adjusted)
    assert found.equals(rows(folder, "polars", **adjusted))


def test_spark_needs_a_table_that_is_there() -> None:
    with pytest.raises(CommandError, match=r"There is no file or folder nowhere\.parquet"):
        rows("nowhere.parquet", "spark")
