"""The same records on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from edge_scenarios import ALL_LESIONS
from irecist_scenarios import IRECIST_LESIONS
from mrecist_scenarios import MRECIST_LESIONS
from response_scenarios import Scenario
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


def constructed(patients: int) -> tuple[Scenario, ...]:
    """Return patients who do not exist, with every awkwardness of lesions among them."""
    draw = np.random.default_rng(314)
    shown = {
        "plain": "T1={a} T2={b} NT1=PRESENT", "viable": "T1={a}v{b} T2={b} NT1=ABSENT",
        "split": "T1.1={a} T1.2={b} T2={b} NT1=PRESENT", "merged": "T1/T2={a} NT1=PRESENT",
        "treated": "T1=TREATED T2={b} NT1=PRESENT", "small": "T1=TOO T2={b} NT1=ABSENT",
        "missing": "T1=ND T2={b}", "new": "T1={a} T2={b} NL1=SEEN NL1={c} NT1=PRESENT",
        "doubt": "T1={a} T2={b} N1=EQUIVOCAL NT1=PRESENT", "worse": "T1={a} T2={b} NT1=UNEQUIVOCAL",
    }  # fmt: skip
    chances = [0.3, 0.1, 0.12, 0.12, 0.04, 0.08, 0.08, 0.04, 0.06, 0.06]

    def visits() -> tuple[tuple[int, str], ...]:
        size = draw.uniform(20, 80)
        found = [(0, f"T1={size:.1f}v{size * 0.8:.1f} T2=20 NT1=PRESENT")]
        for on in (42, 84, 126, 168):
            size *= draw.uniform(0.5, 1.3)
            kind = str(draw.choice(list(shown), p=chances))
            other, new = draw.uniform(0, 20), draw.uniform(4, 20)
            found.append(
                (on, shown[kind].format(a=f"{size:.1f}", b=f"{other:.1f}", c=f"{new:.1f}"))
            )
        return tuple(found)

    return tuple(Scenario(f"P{n:03d}", "", "T1 T2 NT1", visits()) for n in range(patients))


BY_CRITERIA = {
    "RECIST 1.1": (*ALL_LESIONS, *constructed(200)),
    "mRECIST": (*MRECIST_LESIONS, *constructed(200)),
    "iRECIST": (*IRECIST_LESIONS, *constructed(200)),
}


@pytest.mark.parametrize("criteria", BY_CRITERIA)
def test_engines_agree_on_awkward_lesions(criteria: str) -> None:
    """Scenarios and 200 constructed patients: Polars eager and lazy, and DuckDB."""
    plan, found = protocol(criteria=criteria), []
    for engine in ("polars", "lazy", "duckdb"):
        tables = lesion_tables(BY_CRITERIA[criteria]).items()
        frames = {name: on_engine(frame, engine) for name, frame in tables}
        own = frames["TU"], frames["TR"], frames["ADSL"]
        seen = tumour_visits(plan, *own)
        adtr = derive_adtr(plan, *own, visits=seen)
        adrs = derive_adrs(plan, frames["ADSL"], tu=frames["TU"], visits=seen)
        whole = [part.collect("polars").to_native() for part in (adtr, adrs)]
        found.append([one.sort(one.columns, nulls_last=True) for one in whole])
    assert [len(one) > 1000 for one in found[0]] == [True, True]
    rules = set(found[0][1]["RULEID"])
    assert {"trg-treated", "trg-missing", "trg-pd-measured-part", "newl-equivocal"} <= rules
    for other in found[1:]:
        assert [a.equals(b) for a, b in zip(found[0], other, strict=True)] == [True, True]
