"""Derive responses and endpoints of constructed patients on three engines and compare the records.

    python benchmarks/engines.py            2,000 patients on Polars, DuckDB and Spark
    python benchmarks/engines.py 500 duckdb

Every criterion (RECIST 1.1, mRECIST, iRECIST) and each kind of censoring rule is derived. Equality
proves that the code is portable, not that its rules are right.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import polars as pl

from hepatica.derive.adcm import derive_adcm
from hepatica.derive.adrs import derive_adrs
from hepatica.derive.adsl_from_domains import derive_adsl_from_domains
from hepatica.derive.adtr import derive_adtr
from hepatica.derive.adtte_rules import derive_adtte
from hepatica.derive.lesions import tumour_visits
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping
from hepatica.protocol.read import read_protocol
from hepatica.records import read_records
from hepatica.study.simulate import simulate_collected_study

ROOT = Path(__file__).resolve().parent.parent
CRITERIA = ("RECIST 1.1", "mRECIST", "iRECIST")
#: Together they have every kind of rule: another therapy, missed assessments, planned days, deaths.
PRESETS = ("pfs-fda-table-c", "ttp", "os")
Place = Callable[[pl.DataFrame], Any]


def collected(patients: int) -> tuple[Protocol, dict[str, pl.DataFrame]]:
    """Return the protocol of ALTER-0802 with every preset, and constructed tables."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        simulate_collected_study(ROOT / "studies" / "alter-0802", patients, study)
        protocol = read_protocol(study / "study.yaml")
        tables = read_records(protocol, study).tables
    endpoints = tuple(
        TimeToEvent.model_validate(preset_mapping("endpoints", name)) for name in PRESETS
    )
    return (
        protocol.model_copy(update={"endpoints": endpoints}),
        {name: table.frame for name, table in tables.items()},
    )


def derived(
    protocol: Protocol, tables: dict[str, pl.DataFrame], place: Place
) -> dict[str, pl.DataFrame]:
    """Derive ADTR and ADRS by each of the criteria, and ADTTE, each materialised once."""
    own = {name: place(tables[name]) for name in ("DM", "DS", "EX", "TU", "TR", "CM", "SS", "AE")
           if name in tables}  # fmt: skip
    found: dict[str, pl.DataFrame] = {}

    def keep(name: str, frame: Any) -> Any:
        native = frame.lazy().collect("polars").to_native()
        found[name] = native.sort(native.columns, nulls_last=True)
        return place(native)

    adsl = keep("ADSL", derive_adsl_from_domains(protocol, own))
    adcm = keep("ADCM", derive_adcm(protocol, own["CM"], None, adsl))
    plan = protocol.assessments
    if plan is None:
        raise SystemExit("The protocol plans no assessments.")
    main = None
    for criteria in CRITERIA:
        by = protocol.model_copy(
            update={"assessments": plan.model_copy(update={"criteria": criteria})}
        )
        seen = tumour_visits(by, own["TU"], own["TR"], adsl)
        keep(f"ADTR {criteria}", derive_adtr(by, own["TU"], own["TR"], adsl, visits=seen))
        adrs = derive_adrs(by, adsl, tu=own["TU"], tr=own["TR"], adcm=adcm, visits=seen)
        kept = keep(f"ADRS {criteria}", adrs)
        main = kept if main is None else main
    keep("ADTTE", derive_adtte(protocol, {"ADSL": adsl, "ADRS": main, "ADCM": adcm}))
    return found


def places() -> dict[str, Callable[[], Place]]:
    """Return how a table is put on each engine; Spark starts when it is asked for."""

    def spark() -> Place:
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        return lambda frame: nw.from_native(session.createDataFrame(frame.to_arrow()))

    return {
        "polars": lambda: nw.from_native,
        "duckdb": lambda: lambda frame: nw.from_native(duckdb.from_arrow(frame.to_arrow())),
        "spark": spark,
    }


def main() -> None:
    """Print for each engine how long it took, and which datasets differ from those of Polars."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    wanted = sys.argv[2:] or ["duckdb", "spark"]
    protocol, tables = collected(patients)
    reference: dict[str, pl.DataFrame] = {}
    print(f"{patients:,} constructed patients\n\n| engine | records | seconds | differing |")
    print("|---|---|---|---|")
    differing = False
    for name in ("polars", *wanted):
        start = time.perf_counter()
        found = derived(protocol, tables, places()[name]())
        seconds = time.perf_counter() - start
        reference = reference or found
        other = [
            dataset
            for dataset, frame in reference.items()
            if not found[dataset].select(frame.columns).cast(dict(frame.schema)).equals(frame)
        ]
        differing = differing or bool(other)
        records = sum(frame.height for frame in found.values())
        print(f"| {name} | {records:,} | {seconds:.1f} | {', '.join(other) or 'none'} |")
    raise SystemExit(1 if differing else 0)


if __name__ == "__main__":
    main()
