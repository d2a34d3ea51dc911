"""Real domains made by others, and a large constructed study."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hepatica.protocol.model import Protocol
from hepatica.records import Records, read_records

ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")


def mapping(files: dict[str, str], **assessments: Any) -> dict[str, Any]:
    return {
        "study": {"id": "CDISC", "title": "Pilot"},
        "data": {"tables": {name: {"file": f"{file}.parquet"} for name, file in files.items()}},
        "arms": [{"id": f"arm{n}", "label": label} for n, label in enumerate(ARMS)],
        "screening": {"failure": {"ARM": "Screen Failure"}},
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "assessments": {
            "every_days": 42, "window_days": 7, "criteria": "RECIST 1.1", **assessments
        },
        "endpoints": [
            {"kind": "response", "id": "orr", "label": "R", "parameter": "CBOR", "counted": ["CR"]}
        ],
        "analyses": [{"id": "r", "kind": "response", "set": "full", "endpoints": ["orr"]}],
    }  # fmt: skip


def pilot(onco: str) -> dict[str, str]:
    plain = {name: name.lower() for name in ("DM", "DS", "EX", "AE", "LB", "SV")}
    return plain | {name: f"{name.lower()}_{onco}" for name in ("TU", "TR", "RS")}


def read(shared: Path, onco: str, **assessments: Any) -> Records:
    given = mapping(pilot(onco), **assessments)
    given["data"]["folder"] = str(shared / "data/cdisc/sdtm")
    return read_records(Protocol.model_validate(given), Path("study"))


@pytest.mark.shared
@pytest.mark.parametrize(("source", "severity"), [("lesions", "note"), ("coded", "problem")])
def test_visits_that_are_progression_by_nadir(shared: Path, source: str, severity: str) -> None:
    """168 visits are 20 % and 5 mm above the smallest earlier recorded sum and coded SD or PR."""
    records = read(shared, "onco", response_from=source)
    (found,) = (one for one in records.problems if "smallest earlier sum is coded" in one.rule)
    assert (found.table, found.column, found.severity) == ("RS", "RSSTRESC", severity)
    assert found.found.startswith("168 of ")
    assert len(found.subjects) == 68
    contradictions = [one for one in records.problems if one.table == "RS" and "coded" in one.rule]
    assert contradictions == [found]


def earliest(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01")


@pytest.mark.shared
def test_the_visits_counted_one_by_one(shared: Path) -> None:
    """The same count from the recorded sums, in a loop over readers."""
    folder = shared / "data/cdisc/sdtm"
    sums: dict[tuple[Any, ...], list[tuple[date, int]]] = {}
    results = pl.read_parquet(folder / "tr_onco.parquet").filter(pl.col("TRTESTCD") == "SUMDIAM")
    for row in results.iter_rows(named=True):
        who = (row["USUBJID"], row["TREVAL"], row["TREVALID"])
        hundredths = round(100 * row["TRSTRESN"])
        sums.setdefault(who, []).append((earliest(row["TRDTC"]), hundredths))
    progressed = set()
    for who, series in sums.items():
        nadir = None
        for day, total in sorted(series):
            if nadir is not None and 5 * (total - nadir) >= nadir and total - nadir >= 500:
                progressed.add((*who, day))
            nadir = total if nadir is None else min(nadir, total)
    coded = pl.read_parquet(folder / "rs_onco.parquet").filter(pl.col("RSTESTCD") == "TRGRESP")
    wrong = [
        row
        for row in coded.iter_rows(named=True)
        if row["RSSTRESC"] in ("SD", "PR")
        and (row["USUBJID"], row["RSEVAL"], row["RSEVALID"], earliest(row["RSDTC"])) in progressed
    ]
    assert len(wrong) == 168
    found = read(shared, "onco").problems
    (problem,) = (one for one in found if "smallest earlier sum is coded" in one.rule)
    assert set(problem.subjects) == {row["USUBJID"] for row in wrong}


@pytest.mark.shared
def test_what_is_odd_in_the_pilot(shared: Path) -> None:
    problems = read(shared, "onco_recist").problems
    stopping = {
        (one.table, one.rule, one.subjects) for one in problems if one.severity == "problem"
    }
    assert stopping == {
        ("AE", "The date of death is the same as in DM.", ("01-704-1445",)),
        ("SV", "No record of a living subject is dated after death.", ("01-710-1083",)),
    }
    notes = {(one.table, one.rule, one.found) for one in problems if one.severity == "note"}
    assert notes == {
        ("AE", "No adverse event is told twice.", "460 of 1191 rows"),
        ("LB", "Visits with higher numbers come later.", "30 of 59580 rows: 01-716-1026 visit 4"),
        (
            "SV",
            "Visits with higher numbers come later.",
            "2 of 3559 rows: 01-701-1118 visit 11.1, 01-708-1406 visit 11.1",
        ),
        (
            "TR",
            "The smallest earlier sum, with which a sum is compared, is above zero.",
            "3 of 75 rows: 01-701-1133 visit 4",
        ),
        ("TR", "No row is a copy of another.", "39 of 546 rows"),
    }


SUBJECTS, VISITS, TESTS = 10_000, 10, 3


def large(folder: Path) -> None:
    """10,000 subjects with 200,000 rows of lesions and 300,000 of laboratory values."""
    number = pl.Series("n", range(SUBJECTS))
    subjects = pl.DataFrame({"USUBJID": pl.select(pl.format("S{}", number)).to_series()})
    start = pl.lit("2019-02-01").alias
    dm = subjects.with_columns(
        pl.lit(ARMS[0]).alias("ARM"), start("RFXSTDTC"), pl.lit("2019-01-10").alias("RFICDTC")
    )
    ex = subjects.with_columns(
        pl.lit("PLACEBO").alias("EXTRT"), start("EXSTDTC"), pl.lit("mg").alias("EXDOSU"),
        pl.lit(0.0).alias("EXDOSE"), pl.lit("2020-02-01").alias("EXENDTC"),
    )  # fmt: skip
    visits = pl.DataFrame({"VISITNUM": [float(n) for n in range(VISITS)]}).with_columns(
        (pl.date(2019, 1, 20) + pl.duration(days=pl.col("VISITNUM") * 42))
        .dt.to_string("%Y-%m-%d").alias("DAY"),
        pl.format("VISIT {}", pl.col("VISITNUM").cast(pl.Int64)).alias("VISIT"),
    )  # fmt: skip
    lesions = pl.DataFrame({"LNK": ["T01", "T02"]})
    tu = subjects.join(lesions, how="cross").select(
        "USUBJID", pl.col("LNK").alias("TULNKID"), pl.lit("TARGET").alias("TUORRES"),
        pl.lit("2019-01-20").alias("TUDTC"),
    )  # fmt: skip
    tr = subjects.join(visits, how="cross").join(lesions, how="cross").select(
        "USUBJID", pl.col("LNK").alias("TRLNKID"), pl.lit("TARGET").alias("TRGRPID"),
        pl.lit("LDIAM").alias("TRTESTCD"), (pl.col("VISITNUM") / 10 + 20).alias("TRSTRESN"),
        pl.lit("mm").alias("TRSTRESU"), pl.col("DAY").alias("TRDTC"), "VISIT", "VISITNUM",
    )  # fmt: skip
    rs = subjects.join(visits.tail(VISITS - 1), how="cross").select(
        "USUBJID", pl.lit("OVRLRESP").alias("RSTESTCD"), pl.lit("SD").alias("RSSTRESC"),
        pl.col("DAY").alias("RSDTC"), "VISIT", "VISITNUM",
    )  # fmt: skip
    tests = pl.DataFrame({"LBTESTCD": ["ALT", "AST", "BILI"]})
    lb = subjects.join(visits, how="cross").join(tests, how="cross").select(
        "USUBJID", "LBTESTCD", pl.lit(20.5).alias("LBSTRESN"), pl.lit("U/L").alias("LBSTRESU"),
        pl.col("DAY").alias("LBDTC"), "VISIT", "VISITNUM",
    )  # fmt: skip
    frames = {"DM": dm, "EX": ex, "TU": tu, "TR": tr, "RS": rs, "LB": lb}
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name.lower()}.parquet")


def test_a_large_study_is_read_and_checked(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    large(folder)
    names = ("DM", "EX", "TU", "TR", "RS", "LB")
    protocol = Protocol.model_validate(mapping({name: name.lower() for name in names}))
    records = read_records(protocol, tmp_path)
    assert records.problems == ()
    rows = {name: table.rows for name, table in records.tables.items()}
    assert (rows["TR"], rows["LB"]) == (200_000, 300_000)
