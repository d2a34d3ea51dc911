"""Lesions and sums: axes, baseline, smallest sum before, readers, visits without a number."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
from response_scenarios import Scenario
from response_tables import day, lesion_tables, protocol

from hepatica.derive.adtr import derive_adtr

SUBJECT = Scenario(
    "1",
    "4.2 sum of diameters; 4.3.1",
    "T1 T2n",
    (
        (-10, "T1=40.15 T2=20"), (-3, "T1=40.15 T2=20.1"), (42, "T1=20 T2=15"),
        (84, "T1=0 T2=ND"), (126, "T1=30 T2=15"),
    ),
)  # fmt: skip


def _adtr(tables: dict[str, pl.DataFrame], **other: Any) -> pl.DataFrame:
    frames = {name: nw.from_native(frame) for name, frame in tables.items()}
    adtr = derive_adtr(protocol(**other), frames["TU"], frames["TR"], frames["ADSL"])
    return adtr.collect().to_native().sort("USUBJID", "PARAMCD", "ADT")


def test_sums_change_from_baseline_and_smallest_sum_before() -> None:
    sums = _adtr(lesion_tables((SUBJECT,))).filter(PARAMCD="SDIAM")
    columns = ["AVISITN", "AVALH", "BASEH", "NADIRH", "CHG", "LSEXP", "LSASS", "ABLFL", "ANL01FL"]
    assert sums.select(columns).rows() == [
        (-10.0, 6015, None, None, None, 2, 2, None, None),
        (-3.0, 6025, 6025, None, None, 2, 2, "Y", "Y"),
        (42.0, 3500, 6025, 6025, -25.25, 2, 2, None, "Y"),
        (84.0, 0, 6025, 3500, None, 2, 1, None, None),
        (126.0, 4500, 6025, 3500, -15.25, 2, 2, None, "Y"),
    ]
    last = sums.row(4, named=True)
    assert (last["AVAL"], last["BASE"], last["NADIR"]) == (45.0, 60.25, 35.0)
    assert (last["PCHG"], last["PCHGNAD"]) == (-25.3112033195, 28.5714285714)


def test_the_sum_of_nothing_is_null() -> None:
    one = Scenario("1", "", "T1", ((0, "T1=10"), (42, "T1=ND")))
    sums = _adtr(lesion_tables((one,))).filter(PARAMCD="SDIAM")
    assert sums["AVALH"].to_list() == [1000, None]


def test_a_lymph_node_enters_with_its_short_axis() -> None:
    tables = lesion_tables((Scenario("1", "", "T1 T2n", ((0, "T1=30 T2=15"),)),))
    both = tables["TR"].with_columns(
        TRTESTCD=pl.col("TRTESTCD").replace({"LDIAM": "LPERP", "LPERP": "LDIAM"}),
        TRSTRESN=pl.col("TRSTRESN") - 2 * (pl.col("TRTESTCD") == "LDIAM").cast(pl.Float64)
        + 5 * (pl.col("TRTESTCD") == "LPERP").cast(pl.Float64),
        TRSEQ=pl.col("TRSEQ") + 10,
    )  # fmt: skip
    tables["TR"] = pl.concat([tables["TR"], both])
    rows = _adtr(tables).select("PARAMCD", "AVALH", "NODALFL", "ANL01FL", "SRCSEQ").rows()
    assert rows == [
        ("LDIAM1", 3000, "N", "Y", 1), ("LDIAM2", 2000, "Y", None, 12),
        ("NLDIAM1", 2800, "N", None, 11), ("NLDIAM2", 1500, "Y", "Y", 2),
        ("SDIAM", 4500, None, "Y", 1),
    ]  # fmt: skip


def _read_by(tables: dict[str, pl.DataFrame], reader: str, accepted: str | None, add: float) -> Any:
    who = {"TREVAL": pl.lit("INDEPENDENT ASSESSOR"), "TREVALID": pl.lit(reader)}
    return tables["TR"].with_columns(
        **who, TRACPTFL=pl.lit(accepted, pl.String), TRSTRESN=pl.col("TRSTRESN") + add
    )


def test_the_accepted_reader_counts_else_the_first() -> None:
    tables = lesion_tables((Scenario("1", "", "T1", ((0, "T1=30"),)),))
    investigator = tables["TR"].with_columns(
        TREVALID=pl.lit(None, pl.String), TRACPTFL=pl.lit(None, pl.String)
    )
    tables["TU"] = tables["TU"].with_columns(TUEVAL=pl.lit(None, pl.String))
    for accepted, expected in (("Y", 3200), (None, 3100)):
        readers = [_read_by(tables, "R1", None, 1.0), _read_by(tables, "R2", accepted, 2.0)]
        tr = {**tables, "TR": pl.concat([investigator, *readers])}
        assert _adtr(tr).filter(PARAMCD="SDIAM")["AVALH"].to_list() == [3000]
        central = _adtr(tr, evaluator="INDEPENDENT ASSESSOR").filter(PARAMCD="SDIAM")
        assert central["AVALH"].to_list() == [expected]


def test_visits_without_a_number_go_by_name_and_unscheduled_ones_by_day() -> None:
    one = Scenario("1", "", "T1", ((0, "T1=30"), (42, "T1=20"), (60, "T1=19"), (70, "T1=18")))
    tables = lesion_tables((one,))
    no_number = pl.lit(None, pl.Float64).alias("VISITNUM")
    unscheduled = pl.when(pl.col("VISITNUM") > 50).then(pl.lit("Unscheduled")).otherwise("VISIT")
    tables["TR"] = tables["TR"].with_columns(unscheduled.alias("VISIT")).with_columns(no_number)
    tables["TU"] = tables["TU"].with_columns(no_number)
    sums = _adtr(tables).filter(PARAMCD="SDIAM")
    assert sums.select("AVALH", "ADT").rows() == [
        (3000, day(0)), (2000, day(42)), (1900, day(60)), (1800, day(70)),
    ]  # fmt: skip


def test_a_partial_date_of_a_visit_is_no_date_unless_a_rule_says_so() -> None:
    tables = lesion_tables((Scenario("1", "", "T1", ((0, "T1=30"), (42, "T1=20"))),))
    month = pl.col("VISITNUM") == 42
    tables["TR"] = tables["TR"].with_columns(
        TRDT=pl.when(month).then(pl.lit(date(2024, 2, 1))).otherwise("TRDT"),
        TRDTP=pl.when(month).then(pl.lit("M")).otherwise("TRDTP"),
    )
    frames = {name: nw.from_native(frame) for name, frame in tables.items()}
    for how, expected in (("none", (None, None)), ("last", (date(2024, 2, 29), "D"))):
        plan = protocol()
        plan.dates = plan.dates.model_copy(update={"assessment": how})
        adtr = derive_adtr(plan, frames["TU"], frames["TR"], frames["ADSL"]).collect().to_native()
        row = adtr.filter(PARAMCD="SDIAM", AVISITN=42)
        assert row.select("ADT", "ADTF", "CHG").rows() == [(*expected, -10.0)]


def test_lengths_are_exact_where_sums_of_tenths_are_not() -> None:
    one = Scenario("1", "", "T1 T2 T3", ((0, "T1=10.1 T2=20.2 T3=30.3"),))
    sums = _adtr(lesion_tables((one,))).filter(PARAMCD="SDIAM")
    assert 10.1 + 20.2 + 30.3 != 60.6
    assert sums["AVAL"].to_list() == [60.6]


def test_a_recorded_sum_is_no_lesion() -> None:
    tables = lesion_tables((Scenario("1", "", "T1", ((0, "T1=30"), (42, "T1=20"))),))
    recorded = tables["TR"].with_columns(
        TRLNKID=pl.lit(None, pl.String), TRTESTCD=pl.lit("SUMDIAM"), TRGRPID=pl.lit("TARGET"),
        TRSTRESN=pl.lit(99.0),
    )  # fmt: skip
    tables["TR"] = pl.concat([tables["TR"], recorded])
    sums = _adtr(tables).filter(PARAMCD="SDIAM")
    assert sums.select("AVALH", "LSEXP", "CHG").rows() == [(3000, 1, None), (2000, 1, -10.0)]
