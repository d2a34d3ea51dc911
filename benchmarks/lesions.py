"""Time lesions to endpoints on constructed patients: ADTR, ADRS and ADTTE from TU and TR.

Each size runs in a process of its own; peak memory is VmHWM of that process, the making of the
tables is in it but not in the time. Every patient has three target lesions at six visits. One line
is of one criterion (RECIST 1.1) and the endpoints of the study; the other of all criteria, each
with its own ADTR and ADRS, and of every set of rules for the time to progression, with OS.

    python benchmarks/lesions.py              sizes 1,000 to 1,000,000
    python benchmarks/lesions.py 100000       one size
    python benchmarks/lesions.py 100000 all   one size, all criteria and rules
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from hepatica.derive.adtte_rules import derive_adtte
from hepatica.derive.responses import derive_readings
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.nodes import plain, read_nodes
from hepatica.protocol.read import read_protocol
from hepatica.protocol.reading import Reading

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000, 100_000, 1_000_000)
VISITS, LESIONS = 6, 3
PRESETS = ROOT / "src" / "hepatica" / "protocol" / "presets" / "endpoints"
RULES = ("pfs", "pfs-fda-table-a", "pfs-fda-table-a-one-missed", "pfs-fda-table-b",
         "pfs-fda-table-c", "pfs-ema", "ttp", "os")  # fmt: skip
READINGS = (
    Reading(id="mrec", label="mRECIST", criteria="mRECIST"),
    Reading(id="irec", label="iRECIST", criteria="iRECIST"),
)


def constructed(patients: int) -> dict[str, pl.DataFrame]:
    """Return ADSL, ADCM, TU and TR of patients who do not exist."""
    draw = np.random.default_rng(20_241)
    ids = pl.Series("USUBJID", [f"S{number:07d}" for number in range(patients)])
    start = date(2017, 1, 1)
    adsl = pl.DataFrame({"USUBJID": ids}).with_columns(
        TRTSDT=pl.lit(start),
        LSTALVDT=pl.lit(start).dt.offset_by("300d"),
        DTHDT=pl.when(pl.Series(draw.random(patients) < 0.3)).then(
            pl.lit(start).dt.offset_by("310d")
        ),
        ENRLFL=pl.lit("Y"),
    )
    other = np.random.default_rng(20_242)
    stopped = np.where(other.random(patients) < 0.1, "CLINICAL PROGRESSION", "OTHER")
    adsl = adsl.with_columns(DCTREAS=pl.Series(stopped), TRTEDT=pl.lit(start).dt.offset_by("150d"))
    adsl = adsl.with_columns(DTHFL=pl.when(pl.col("DTHDT").is_not_null()).then(pl.lit("Y")))
    lesion = pl.DataFrame(
        {"LINK": [f"T{n}" for n in range(1, LESIONS + 1)], "TULOC": ["LIVER", "LUNG", "LYMPH NODE"]}
    )
    tu = adsl.select("USUBJID").join(lesion, how="cross").select(
        "USUBJID", pl.col("LINK").alias("TULNKID"), "TULOC", TUORRES=pl.lit("TARGET"),
        TUDT=pl.lit(start), TUSEQ=pl.int_range(pl.len()).over("USUBJID"),
    )  # fmt: skip
    visit = pl.DataFrame({"VISITNUM": [float(n) for n in range(VISITS)]})
    tr = tu.join(visit, how="cross")
    size = draw.uniform(15, 60, tr.height // VISITS).repeat(VISITS)
    factor = np.cumprod(draw.normal(0.97, 0.2, (tr.height // VISITS, VISITS)).clip(0, 2), axis=1)
    length = np.round(size * factor.ravel(), 1)
    length[length < 4] = 0
    tr = tr.select(
        "USUBJID", pl.col("TULNKID").alias("TRLNKID"), "VISITNUM",
        TRTESTCD=pl.when(pl.col("TULOC") == "LYMPH NODE").then(pl.lit("LPERP"))
        .otherwise(pl.lit("LDIAM")),
        TRSTRESN=pl.Series(length), TRSTAT=pl.Series(draw.random(tr.height) < 0.02),
        TRDT=pl.lit(start).dt.offset_by(pl.format("{}d", (pl.col("VISITNUM") * 42).cast(int))),
        TRSEQ=pl.int_range(pl.len()).over("USUBJID"),
    )  # fmt: skip
    missing = pl.col("TRSTAT")
    tr = tr.with_columns(
        pl.when(~missing).then("TRSTRESN").alias("TRSTRESN"),
        pl.when(missing).then(pl.lit("NOT DONE")).alias("TRSTAT"),
    )
    therapy = adsl.filter(pl.Series(other.random(patients) < 0.2)).select(
        "USUBJID", ASTDT=pl.lit(start).dt.offset_by("120d"), NEWTHFL=pl.lit("Y"),
        ASEQ=pl.lit(1, pl.Int64),
    )  # fmt: skip
    return {"ADSL": adsl, "TU": tu, "TR": tr, "ADCM": therapy}


def protocol_of(scope: str) -> Protocol:
    """Return the protocol of the study with PFS, TTP and OS, or with all criteria and rules."""
    protocol = read_protocol(ROOT / "studies" / "alter-0802" / "study.yaml")
    plan = protocol.assessments
    if scope != "all" or plan is None:
        few = tuple(one for one in protocol.endpoints if one.id in ("pfs", "ttp", "os"))
        return protocol.model_copy(update={"endpoints": few})
    endpoints = tuple(
        TimeToEvent.model_validate(
            plain(read_nodes((PRESETS / f"{name}.yaml").read_text("utf-8"))[0])
        )
        for name in RULES
    )
    assessments = plan.model_copy(update={"readings": READINGS})
    return protocol.model_copy(update={"assessments": assessments, "endpoints": endpoints})


def rows_of(frames: Mapping[str, nw.DataFrame[Any]], name: str) -> int:
    """Return the rows of a dataset, of all readings together."""
    return sum(len(frame) for key, frame in frames.items() if key.startswith(name))


def measure(patients: int, scope: str) -> str:
    """Return one line of the table."""
    tables = {name: nw.from_native(frame) for name, frame in constructed(patients).items()}
    protocol = protocol_of(scope)
    if scope != "all":
        del tables["ADCM"]
    start, worked = time.perf_counter(), time.process_time()
    derived = derive_readings(protocol, tables)
    half, half_worked = time.perf_counter(), time.process_time()
    times = derive_adtte(protocol, tables | derived)
    adtte = {} if times is None else {"ADTTE": times.collect()}
    end, ended = time.perf_counter(), time.process_time()
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    frames = tables | derived | adtte
    counts = " | ".join(f"{rows_of(frames, name):,}" for name in ("TR", "ADTR", "ADRS", "ADTTE"))
    return (
        f"| {patients:,} | {scope} | {counts} | {half - start:.2f} | {end - half:.2f} "
        f"| {end - start:.2f} | {half_worked - worked:.2f} + {ended - half_worked:.2f} "
        f"| {peak / 1024:.0f} |"
    )


def main() -> None:
    """Print the table, one process for each line."""
    if len(sys.argv) > 1:
        print(measure(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "one"))
        return
    print(f"{os.cpu_count()} cores, Polars {pl.__version__}\n")
    print(
        "| patients | criteria | rows of TR | ADTR | ADRS | ADTTE | ADTR and ADRS, s | ADTTE, s "
        "| all, s | processor, s | peak MiB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for scope in ("one", "all"):
        for patients in SIZES:
            subprocess.run([sys.executable, __file__, str(patients), scope], check=False)


if __name__ == "__main__":
    main()
