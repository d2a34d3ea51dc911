"""The same records on every engine."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from response_tables import coded_tables, lesion_tables, on_engine, protocol

from hepatica.derive.adrs import derive_adrs
from hepatica.derive.adtr import derive_adtr
from hepatica.derive.lesions import tumour_visits

KEYS = ["USUBJID", "PARAMCD", "AVISITN", "ADT", "AVALC", "SRCSEQ"]


def _derived(engine: str, session: Any = None) -> dict[str, pl.DataFrame]:
    lesions = {name: on_engine(frame, engine, session) for name, frame in lesion_tables().items()}
    coded = {name: on_engine(frame, engine, session) for name, frame in coded_tables().items()}
    tables = lesions["TU"], lesions["TR"], lesions["ADSL"]
    seen = tumour_visits(protocol(), *tables)
    frames = {
        "ADTR": derive_adtr(protocol(), *tables, visits=seen),
        "ADRS": derive_adrs(protocol(), lesions["ADSL"], tu=lesions["TU"], visits=seen),
        "CODED": derive_adrs(protocol("coded"), coded["ADSL"], rs=coded["RS"], adcm=coded["ADCM"]),
    }
    collected = {name: frame.collect("polars").to_native() for name, frame in frames.items()}
    return {
        name: frame.sort([key for key in KEYS if key in frame.columns])
        for name, frame in collected.items()
    }


@pytest.fixture(scope="module")
def on_polars() -> dict[str, pl.DataFrame]:
    return _derived("polars")


@pytest.mark.parametrize("engine", ["lazy", "duckdb"])
def test_engines_agree_to_the_last_digit(engine: str, on_polars: dict[str, pl.DataFrame]) -> None:
    derived = _derived(engine)
    assert {name: derived[name].equals(frame) for name, frame in on_polars.items()} == {
        "ADTR": True, "ADRS": True, "CODED": True,
    }  # fmt: skip
    assert on_polars["ADRS"].height > 700


@pytest.mark.spark
@pytest.mark.filterwarnings("default")
def test_spark_agrees_to_the_last_digit(spark: Any, on_polars: dict[str, pl.DataFrame]) -> None:
    derived = _derived("spark", spark)
    assert {name: derived[name].equals(frame) for name, frame in on_polars.items()} == {
        "ADTR": True, "ADRS": True, "CODED": True,
    }  # fmt: skip
