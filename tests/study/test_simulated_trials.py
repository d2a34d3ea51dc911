"""Trials simulated as arrays give what the full plan gives on the tables of the same patients."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.records import require
from hepatica.stats.design import (
    DrawnPatients,
    TrialArm,
    TrialPlan,
    analyse_single_arm,
    draw_patients,
    exponential_from_rate,
    follow_up,
    recorded,
)
from hepatica.study.check import check_study

TRIALS, PATIENTS, EVERY = 200, 28, 42
START = date(2020, 1, 1)
STUDY = """
study: {{id: TRIALS, title: Simulated trials, data_status: constructed, status_note: Simulated.}}
data:
  folder: data
  tables:
    DM: {{file: dm.csv}}
    EX: {{file: ex.csv}}
    RS: {{file: rs.csv}}
    SS: {{file: ss.csv}}
arms: [{{id: a, label: Anlotinib}}]
analysis_sets: [{{like: full, id: full}}]
assessments: {{like: recist-1.1, every_days: 42, window_days: 7, response_from: coded}}
endpoints:
  - {{like: pfs, id: pfs, time_points: [85 days]}}
  - {{like: os, id: os}}
  - {{like: orr, id: orr}}
variables:
  - {{id: trial, label: Trial, column: SITEID, kind: categorical, levels: [{trials}]}}
analyses:
  - {{id: pfs, kind: time_to_event, set: full, endpoint: pfs, by: trial, figure: false}}
  - {{id: os, kind: time_to_event, set: full, endpoint: os, by: trial, figure: false}}
  - {{id: response, kind: response, set: full, endpoints: [orr], by: trial}}
"""


def _day(number: int) -> str:
    return (START + timedelta(days=int(number))).isoformat()


def _tables(drawn: DrawnPatients, folder: Path) -> None:
    """Write what a trial would collect of the patients."""
    tables: dict[str, list[dict[str, object]]] = {"dm": [], "ex": [], "rs": [], "ss": []}
    for trial in range(TRIALS):
        for patient in range(PATIENTS):
            entry, growth, death, last = (
                int(getattr(drawn, name)[trial, patient])
                for name in ("entry", "progression", "death", "last_contact")
            )
            name = f"{trial:03d}-{patient:02d}"
            died = death <= last
            known = min(death, last)
            tables["dm"].append({
                "USUBJID": name, "SITEID": f"T{trial:03d}", "ARM": "Anlotinib",
                "ACTARM": "Anlotinib", "RFICDTC": _day(entry), "RFSTDTC": _day(entry),
                "RFXSTDTC": _day(entry), "DTHDTC": _day(entry + death) if died else "",
                "DTHFL": "Y" if died else "",
            })  # fmt: skip
            tables["ex"].append({
                "USUBJID": name, "EXTRT": "ANLOTINIB", "EXDOSE": 12, "EXDOSU": "mg",
                "EXSTDTC": _day(entry), "EXENDTC": _day(entry),
            })  # fmt: skip
            tables["ss"].append({
                "USUBJID": name, "SSTESTCD": "SURVSTAT",
                "SSSTRESC": "DEAD" if died else "ALIVE", "SSDTC": _day(entry + known),
            })  # fmt: skip
            for number, day in enumerate(range(EVERY, known + 1, EVERY), start=1):
                seen = growth <= day
                good = number == 1 and bool(drawn.responds[trial, patient])
                tables["rs"].append({
                    "USUBJID": name, "RSTESTCD": "OVRLRESP", "RSEVAL": "INVESTIGATOR",
                    "RSSTRESC": "PD" if seen else "PR" if good else "SD",
                    "VISIT": f"WEEK {6 * number}", "VISITNUM": number, "RSDTC": _day(entry + day),
                })  # fmt: skip
                if seen:
                    break
    (folder / "data").mkdir()
    for name, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / "data" / f"{name}.csv")
    names = ", ".join(f"T{trial:03d}" for trial in range(TRIALS))
    (folder / "study.yaml").write_text(STUDY.format(trials=names))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, DrawnPatients]:
    arm = TrialArm(PATIENTS, exponential_from_rate(0.5, 120), exponential_from_rate(0.5, 300), 0.3)
    plan = TrialPlan((arm,), follow_up(200, 250, dropout=(0.2, 300)), EVERY)
    drawn = draw_patients(plan, TRIALS, np.random.default_rng(7))
    folder = tmp_path_factory.mktemp("trials")
    _tables(drawn, folder)
    checked = check_study(folder)
    tables = {name: one.frame for name, one in require(checked.records).tables.items()}
    results = analyse(checked.protocol, derive_datasets(checked.protocol, tables))
    return results.to_polars(), drawn


def _of_trials(rows: pl.DataFrame, analysis: str, statistic: str, variable: str = "") -> np.ndarray:
    found = rows.filter(
        (pl.col("analysis") == analysis)
        & (pl.col("statistic") == statistic)
        & (pl.col("variable") == variable)
        & (pl.col("level") != "")
    ).sort("level")
    assert found.height == TRIALS
    return found["value"].to_numpy()


def test_every_result_of_two_hundred_trials_is_that_of_the_full_plan(
    both: tuple[pl.DataFrame, DrawnPatients],
) -> None:
    rows, drawn = both
    null = exponential_from_rate(0.65, 84)
    found = analyse_single_arm(recorded(drawn, EVERY), null, landmark=85.0)
    equal = {
        ("pfs", "events"): found.pfs_events,
        ("pfs", "median"): found.pfs_median,
        ("pfs", "median_lower"): found.pfs_median_lower,
        ("pfs", "median_upper"): found.pfs_median_upper,
        ("pfs", "survival"): found.pfs_rate,
        ("pfs", "survival_lower"): found.pfs_rate_lower,
        ("pfs", "survival_upper"): found.pfs_rate_upper,
        ("os", "events"): found.os_events,
        ("os", "median"): found.os_median,
    }
    for (analysis, statistic), values in equal.items():
        np.testing.assert_allclose(
            values.astype(float), _of_trials(rows, analysis, statistic), rtol=1e-12, atol=1e-12
        )
    for statistic, values in (
        ("n", found.responses),
        ("percent_lower", 100 * found.response_lower),
        ("percent_upper", 100 * found.response_upper),
    ):
        of_plan = _of_trials(rows, "response", statistic, "orr")
        np.testing.assert_allclose(values.astype(float), of_plan, rtol=1e-12, atol=1e-12)


def test_the_trials_are_not_all_alike(both: tuple[pl.DataFrame, DrawnPatients]) -> None:
    rows, drawn = both
    times = recorded(drawn, EVERY)
    assert len(set(_of_trials(rows, "pfs", "median"))) > 5
    assert not times.pfs_event.all()
    assert not times.os_event.all()
    # Deaths without progression, and patients without a scan, are among them.
    assert ((times.pfs_time - 1) % EVERY != 0).any()
    assert (times.pfs_time == 1).any()
