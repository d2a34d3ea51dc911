"""Time lesions to endpoints on constructed patients: ADTR, ADRS and ADTTE from TU and TR.

Each size runs in a process of its own; peak memory is VmHWM of that process, the making of the
tables is in it but not in the time. Every patient has three target lesions at six visits.

    python benchmarks/lesions.py            sizes 1,000 to 1,000,000
    python benchmarks/lesions.py 100000     one size
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from hepatica.derive.adtte_rules import derive_adtte
from hepatica.derive.responses import derive_responses
from hepatica.protocol.read import read_protocol

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000, 100_000, 1_000_000)
VISITS, LESIONS = 6, 3


def constructed(patients: int) -> dict[str, pl.DataFrame]:
    """Return ADSL, TU and TR of patients who do not exist."""
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
    return {"ADSL": adsl, "TU": tu, "TR": tr}


def measure(patients: int) -> str:
    """Return one line of the table."""
    tables = {name: nw.from_native(frame) for name, frame in constructed(patients).items()}
    protocol = read_protocol(ROOT / "studies" / "alter-0802" / "study.yaml")
    start, worked = time.perf_counter(), time.process_time()
    responses = derive_responses(protocol, tables)
    half = time.perf_counter()
    times = derive_adtte(protocol, {"ADSL": tables["ADSL"], "ADRS": responses["ADRS"]})
    adtte = times.collect() if times is not None else None
    end, worked = time.perf_counter(), time.process_time() - worked
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    rows = [tables["TR"], responses["ADTR"], responses["ADRS"], adtte]
    counts = " | ".join(f"{0 if one is None else one.shape[0]:,}" for one in rows)
    return (
        f"| {patients:,} | {counts} | {half - start:.2f} | {end - half:.2f} | {end - start:.2f} "
        f"| {worked:.2f} | {peak / 1024:.0f} |"
    )


def main() -> None:
    """Print the table, one process for each size."""
    if len(sys.argv) > 1:
        print(measure(int(sys.argv[1])))
        return
    print(f"{os.cpu_count()} cores, Polars {pl.__version__}\n")
    print(
        "| patients | rows of TR | ADTR | ADRS | ADTTE | ADTR and ADRS, s | ADTTE, s | all, s "
        "| processor, s | peak MiB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for patients in SIZES:
        subprocess.run([sys.executable, __file__, str(patients)], check=False)


if __name__ == "__main__":
    main()
