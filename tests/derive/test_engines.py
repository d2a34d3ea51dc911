"""The whole chain from collected tables to analysis datasets gives the same on every engine.

Equality proves that the code is portable, not that its rules are right.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl
import pytest

from hepatica.derive.adae import derive_adae
from hepatica.derive.adbm import derive_adbm
from hepatica.derive.adcm import derive_adcm
from hepatica.derive.adex import derive_adex
from hepatica.derive.adlb import derive_adlb
from hepatica.derive.adrs import derive_adrs
from hepatica.derive.adsl_from_domains import derive_adsl_from_domains
from hepatica.derive.adtr import derive_adtr
from hepatica.derive.adtte_rules import derive_adtte
from hepatica.derive.occurrences import derive_occurrences
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.records import read_records
from hepatica.study.simulate import simulate_collected_study

Place = Callable[[pl.DataFrame], Any]
_ENDPOINTS = ("pfs-fda-table-c", "os", "os-first-line")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Protocol, dict[str, pl.DataFrame]]:
    root = Path(__file__).resolve().parents[2]
    folder = tmp_path_factory.mktemp("collected") / "study"
    simulate_collected_study(root / "studies" / "alter-0802", 40, folder)
    protocol = read_protocol(folder / "study.yaml")
    records = read_records(protocol, folder)
    # Planning takes seconds for each endpoint on Spark; these have every kind of rule.
    endpoints = tuple(one for one in protocol.endpoints if one.id in _ENDPOINTS)
    assert len(endpoints) == len(_ENDPOINTS)
    protocol = protocol.model_copy(update={"endpoints": endpoints})
    return protocol, {name: table.frame for name, table in records.tables.items()}


def derived(
    protocol: Protocol, tables: dict[str, pl.DataFrame], place: Place
) -> dict[str, pl.DataFrame]:
    """Derive step by step; each dataset is materialised once, as the job does."""
    own = {name: place(frame) for name, frame in tables.items()}
    found: dict[str, pl.DataFrame] = {}

    def keep(name: str, frame: Any) -> Any:
        native = frame.lazy().collect("polars").to_native()
        found[name] = native.sort(native.columns, nulls_last=True)
        return place(native)

    adsl = keep("ADSL", derive_adsl_from_domains(protocol, own))
    keep("ADEX", derive_adex(protocol, own["EX"], adsl))
    keep("ADAE", derive_adae(protocol, own["AE"], adsl))
    keep("ADLB", derive_adlb(protocol, own["LB"], adsl))
    adcm = keep("ADCM", derive_adcm(protocol, own["CM"], None, adsl))
    keep("ADTR", derive_adtr(protocol, own["TU"], own["TR"], adsl))
    adrs = keep(
        "ADRS", derive_adrs(protocol, adsl, tu=own["TU"], tr=own["TR"], rs=own["RS"], adcm=adcm)
    )
    keep("ADTTE", derive_adtte(protocol, {"ADSL": adsl, "ADRS": adrs, "ADCM": adcm}))
    keep("OCCURRED", derive_occurrences(protocol, {"ADSL": adsl, "ADCM": adcm}))
    first = (nw.col("PARAMCD") == "PD") & (nw.col("AVALC") == "Y")
    keep("ADBM", derive_adbm(protocol, own["BM"], adsl, adrs.filter(first)))
    return found


def eager(frame: pl.DataFrame) -> Any:
    return nw.from_native(frame)


def compare(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    for name, frame in one.items():
        types = dict(frame.schema)
        assert other[name].select(frame.columns).cast(types).equals(frame), name


@pytest.fixture(scope="module")
def on_polars(study: tuple[Protocol, dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    return derived(*study, eager)


def test_lazy_frames_and_duckdb_agree(
    study: tuple[Protocol, dict[str, pl.DataFrame]], on_polars: dict[str, pl.DataFrame]
) -> None:
    assert min(frame.height for frame in on_polars.values()) > 20
    compare(on_polars, derived(*study, lambda frame: nw.from_native(frame.lazy())))
    compare(
        on_polars,
        derived(*study, lambda frame: nw.from_native(duckdb.from_arrow(frame.to_arrow()))),
    )


@pytest.mark.spark
@pytest.mark.filterwarnings("default")
def test_spark_agrees(
    study: tuple[Protocol, dict[str, pl.DataFrame]],
    on_polars: dict[str, pl.DataFrame],
    spark: Any,
) -> None:
    compare(
        on_polars,
        derived(*study, lambda frame: nw.from_native(spark.createDataFrame(frame.to_arrow()))),
    )
