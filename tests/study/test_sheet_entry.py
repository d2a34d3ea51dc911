"""Delayed entry in a sheet: five times by hand, and each kind of analysis honours it or says no."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from hepatica.errors import HepaticaError
from hepatica.protocol.read import parse_protocol
from hepatica.results import ResultRow
from hepatica.stats.survival import cox, logrank, proportionality_test
from hepatica.study.run import Finished, run_study

DAYS = 30.4375
STUDY = """
study: {id: LATE, title: A cohort that patients enter late, randomised: false}
dialect: r
data:
  folder: data
  tables:
    PATIENTS:
      file: patients.csv
      columns:
        USUBJID: ID
        TRT01P: ARM
        AGE: {name: AGE, type: number}
        OS: {name: OS, type: number}
        OSSTAT: STATUS
        ENTRY: {name: ENTRY, type: number}
        LOCALDY: {name: LOCALDY, type: number}
arms: [{id: a, label: A}, {id: b, label: B}]
analysis_sets: [{like: full, id: full}]
endpoints:
  - like: os
    id: os
    time_points: [6 months]
    sheet: {time: OS, unit: months, entry: ENTRY, event: {OSSTAT: dead}, censored: {OSSTAT: alive}}
variables:
  - {id: age, label: Age, column: AGE, kind: measured}
analyses:
  - {id: curve, kind: time_to_event, set: full, endpoint: os}
"""
COX = "  - {id: factors, kind: cox, set: full, endpoint: os, covariates: [age]}\n"
EXPOSED = """
  - {id: local, kind: time_varying, set: full, endpoint: os,
     exposure: {label: Local therapy, day: LOCALDY}}
"""
COMPARED = """
  - id: compared
    kind: time_to_event
    set: full
    endpoint: os
    compare: {reference: A, proportionality: true, cluster: old, weighted: [{rho: 0, gamma: 1}]}
"""
OLD = (
    "  - {id: old, label: Age group, column: AGE, kind: categorical, levels:"
    " [{label: Old, where: {AGE: {gt: 60}}}, {label: Young, where: {AGE: {le: 60}}}]}\n"
)
#: Entry, time, status, all in months. Of group A at risk: 3 at 2 months, 3 at 5, 2 at 6, 1 at 9.
SMALL = [
    ("A", 0.0, 2.0, "dead"),
    ("A", -1.0, 5.0, "dead"),
    ("A", 1.0, 6.0, "dead"),
    ("A", 4.0, 9.0, "dead"),
    ("A", 7.0, 7.0, "dead"),
    ("A", None, 8.0, "dead"),
    ("B", 0.0, 3.0, "alive"),
]


def written(folder: Path, rows: list[dict[str, object]], more: str = "") -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY + more.lstrip("\n"), encoding="utf-8")
    with (folder / "data" / "patients.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def value(finished: Finished, **where: object) -> float:
    (row,) = finished.results.where(**where)
    assert isinstance(row, ResultRow)
    assert row.value is not None
    return float(row.value)


def cohort() -> list[dict[str, object]]:
    rng = np.random.default_rng(4)
    rows: list[dict[str, object]] = []
    for number in range(120):
        entry = round(float(rng.exponential(4.0)), 2)
        stay = round(entry + float(rng.exponential(10.0)) + 0.01, 2)
        rows.append(
            {
                "ID": f"P{number:03}",
                "ARM": "AB"[number % 2],
                "AGE": int(rng.integers(40, 80)),
                "OS": stay,
                "STATUS": "dead" if rng.random() < 0.7 else "alive",
                "ENTRY": entry,
                "LOCALDY": int(rng.integers(1, 400)) if rng.random() < 0.5 else "",
            }
        )
    return rows


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("late")
    made = written(folder / "study", cohort(), COX + EXPOSED + COMPARED)
    plan = made / "study.yaml"
    plan.write_text(plan.read_text().replace("analyses:\n", OLD + "analyses:\n"))
    return run_study(made, folder / "out")


def test_five_times_by_hand(tmp_path: Path) -> None:
    rows = [
        {"ID": f"P{n}", "ARM": arm, "AGE": 60, "OS": time, "STATUS": status,
         "ENTRY": "" if entry is None else entry, "LOCALDY": ""}
        for n, (arm, entry, time, status) in enumerate(SMALL)
    ]  # fmt: skip
    finished = run_study(written(tmp_path / "study", rows), tmp_path / "out")
    # A: (1 - 1/3) at 2 months, (1 - 1/3) at 5, (1 - 1/2) at 6 months.
    share = value(finished, analysis="curve", statistic="survival", level="A", time=6 * DAYS,
                  variable="")  # fmt: skip
    assert share == pytest.approx(2 / 3 * 2 / 3 / 2)
    counts = {
        row.variable_level: row.value
        for row in finished.results.where(analysis="curve", statistic="n", variable="entry")
        if row.level == "A"
    }
    assert (counts["followed"], counts["unknown"], counts["not_after"]) == (4, 1, 1)


def test_the_model_counts_patients_from_their_entry(late: Finished) -> None:
    rows = cohort()
    time, entry, age = (np.array([float(str(r[k])) for r in rows]) for k in ("OS", "ENTRY", "AGE"))
    event = np.array([r["STATUS"] == "dead" for r in rows])
    found = next(
        row.value
        for row in late.results.where(analysis="factors", statistic="hazard_ratio")
        if row.value is not None
    )
    right = cox(time * DAYS, event, age[:, None], entry=entry * DAYS).hazard_ratio[0]
    wrong = cox(time * DAYS, event, age[:, None]).hazard_ratio[0]
    assert found == pytest.approx(right, rel=1e-9)
    assert abs(right / wrong - 1) > 1e-4


def test_an_exposure_during_follow_up_is_counted_from_entry(late: Finished) -> None:
    rows = cohort()
    time, entry = (np.array([float(str(r[k])) * DAYS for r in rows]) for k in ("OS", "ENTRY"))
    found = late.results.where(analysis="local", statistic="person_time")
    assert len(found) == 2
    assert sum(float(r.value or 0) for r in found) == pytest.approx(float((time - entry).sum()))


def test_groups_are_compared_from_entry_on(late: Finished) -> None:
    rows = cohort()
    time, entry = (np.array([float(str(r[k])) * DAYS for r in rows]) for k in ("OS", "ENTRY"))
    event = np.array([r["STATUS"] == "dead" for r in rows])
    group = np.array([r["ARM"] == "B" for r in rows]).astype(int)
    old = np.array([int(str(r["AGE"])) > 60 for r in rows]).astype(int)
    model = cox(time, event, group[:, None], entry=entry)
    robust = cox(time, event, group[:, None], entry=entry, cluster=old)
    right = {
        ("logrank", "p_value"): logrank(time, event, group, entry=entry).p_value,
        ("weighted_logrank", "p_value"): logrank(
            time, event, group, entry=entry, weight="fleming-harrington", gamma=1.0
        ).p_value,
        ("cox", "hazard_ratio"): model.hazard_ratio[0],
        ("cox", "hazard_ratio_lower"): model.lower[0],
        ("cox_cluster", "hazard_ratio_upper"): robust.upper[0],
        ("proportionality", "p_value"): proportionality_test(model).overall.p_value,
    }
    for (variable, statistic), expected in right.items():
        found = late.results.where(analysis="compared", variable=variable, statistic=statistic)
        values = {row.value for row in found}
        assert values, (variable, statistic)
        assert all(one == pytest.approx(expected, rel=1e-8) for one in values), variable
    assert abs(model.hazard_ratio[0] / cox(time, event, group[:, None]).hazard_ratio[0] - 1) > 1e-4


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            "  - {id: compared, kind: time_to_event, set: full, endpoint: os,"
            " compare: {reference: A, max_combo: true}}\n",
            "It does not allow for patients who enter late",
        ),
        (
            "  - {id: compared, kind: time_to_event, set: full, endpoint: os,"
            " compare: {reference: A, restricted_mean: 6 months}}\n",
            "It does not allow for patients who enter late",
        ),
        (
            "  - {id: sub, kind: subgroups, set: full, endpoint: os, reference: A,"
            " subgroups: [grown]}\n",
            "Groups are not compared where patients enter late",
        ),
        (
            "  - {id: models, kind: cox, set: full, endpoint: os, covariates: [age],"
            " centre: {variable: grown, as: frailty}}\n",
            "Frailty is not estimated where patients enter late",
        ),
        (
            "  - {id: causes, kind: competing_risks, set: full, endpoint: os, causes:"
            " [{label: Liver, where: {AGE: {gt: 60}}}, {label: Other, where: {AGE: {le: 60}}}]}\n",
            "not analysed where patients enter late",
        ),
        (
            "  - {id: points, kind: prognostic_model, set: full, endpoint: os,"
            " covariates: [age], at: [6 months]}\n",
            "where patients enter late",
        ),
    ],
)
def test_what_does_not_honour_entry_says_so(more: str, told: str) -> None:
    grown = (
        "  - {id: grown, label: Age group, column: AGE, kind: categorical, levels:"
        " [{label: Old, where: {AGE: {gt: 60}}}, {label: Young, where: {AGE: {le: 60}}}]}\n"
    )
    text = STUDY.replace("analyses:\n", grown + "analyses:\n") + more
    with pytest.raises(HepaticaError, match=told):
        parse_protocol(text)


def test_an_entry_without_its_column_is_a_fault() -> None:
    named = STUDY.replace("entry: ENTRY, event", "event").replace(
        "    id: os\n", "    id: os\n    entry: {label: registration, variable: ENTRY}\n"
    )
    with pytest.raises(HepaticaError, match=r"sheet: \{entry: ...\}"):
        parse_protocol(named)
    other = STUDY.replace(
        "    id: os\n", "    id: os\n    entry: {label: registration, variable: AGE}\n"
    )
    with pytest.raises(HepaticaError, match="Write the same column here"):
        parse_protocol(other)
