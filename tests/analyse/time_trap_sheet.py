"""A sheet of patients who were treated with something, or measured again, after the start."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

STUDY = """
study:
  {id: TRAPS, title: What is known only later, design: Retrospective cohort., phase: "",
   randomised: false, data_status: constructed, status_note: The patients were drawn by a program.}
dialect: hepatica
seed: 3
data:
  folder: data
  tables:
    PATIENTS:
      file: patients.csv
      columns:
        USUBJID: ID
        TRT01P: ARM
        ECOGBL: ECOG
        AFPBL: {name: AFP, type: number}
        AFPWK4: {name: AFP4, type: number}
        AFPWK4DY: {name: AFP4D, type: number}
        PFS_DAYS: {name: PFS, type: number}
        PFS_STATUS: PFSE
        OS_DAYS: {name: OS, type: number}
        OS_STATUS: OSE
        LOCALDY: {name: LOC, type: number}
        PROGDY: {name: PROG, type: number}
        NEXTDY: {name: NEXT, type: number}
        BORAFTER: AFTER
arms:
  - {id: len, label: Lenvatinib}
  - {id: reg, label: Regorafenib}
analysis_sets: [{like: full, id: full}]
endpoints:
  - like: pfs
    id: pfs
    sheet: {time: PFS_DAYS, unit: days, event: {PFS_STATUS: "1"}, censored: {PFS_STATUS: "0"}}
  - like: os
    id: os
    time_points: [6 months, 1 year]
    sheet: {time: OS_DAYS, unit: days, event: {OS_STATUS: "1"}, censored: {OS_STATUS: "0"}}
  - {like: dcr, id: dcr, parameter: BOR}
variables:
  - {id: ecog, label: ECOG performance status, column: ECOGBL, kind: categorical,
     levels: ["0", "1"]}
  - {id: later, label: Best response after week 6, column: BORAFTER, kind: categorical,
     known_at: 6 weeks, levels: [PR, SD, PD]}
biomarkers:
  - id: afp
    label: Alpha-fetoprotein
    column: AFPBL
    unit: ng/mL
    decimals: 0
    cut_points:
      - {id: afp-400, at: 400, below: AFP below 400 ng/mL, at_or_above: AFP 400 ng/mL or more,
         source: Fixed threshold}
analyses:
  - {id: os-all, kind: time_to_event, set: full, endpoint: os, compare: {reference: Regorafenib}}
  - {id: os-landmark, kind: time_to_event, set: full, endpoint: os, landmark: 4 weeks,
     compare: {reference: Regorafenib}}
  - {id: os-later, kind: time_to_event, set: full, endpoint: os, by: later,
     compare: {reference: PD}}
  - {id: os-later-landmark, kind: time_to_event, set: full, endpoint: os, by: later,
     landmark: 6 weeks, compare: {reference: PD}}
  - id: afp-response
    kind: early_response
    set: full
    marker: afp
    value: {column: AFPWK4, day: AFPWK4DY}
    at: 4 weeks
    window: 2 weeks
    decline_percent: 25
    floors: [20]
    strata: afp-400
    response: dcr
    judged: BORAFTER
    endpoints: [pfs, os]
    covariates: [arm, ecog]
    references: {arm: Regorafenib}
  - id: tace
    kind: time_varying
    set: full
    endpoint: os
    exposure: {label: TACE or HAIC, day: LOCALDY}
    covariates: [arm, ecog, afp-400]
  - id: later-therapy
    kind: clone_censor_weight
    set: full
    endpoint: os
    from: {label: progression, day: PROGDY}
    treatment: {label: systemic therapy after progression, day: NEXTDY}
    grace: 60 days
    covariates: [arm, ecog, afp-400]
    at: [6 months, 12 months]
    bootstrap: 100
"""


def write_study(folder: Path, n: int = 200, study: str = STUDY) -> Path:
    """Write study.yaml and a sheet of n patients, the same every time."""
    rng = np.random.default_rng(7)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    rows = [_patient(rng, number) for number in range(n)]
    with (folder / "data" / "patients.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _patient(rng: np.random.Generator, number: int) -> dict[str, object]:
    arm, ecog = int(rng.integers(2)), int(rng.integers(2))
    afp = round(float(np.exp(rng.normal(5.5, 2.2))), 1)
    frail = 0.4 * ecog + 0.25 * (afp >= 400) - 0.2 * arm
    responds = bool(rng.random() < 1 / (1 + np.exp(0.3 + frail)))
    ratio = rng.uniform(0.2, 0.75) if responds else rng.uniform(0.76, 1.8)
    progression = int(rng.exponential(170 * np.exp(-frail - (not responds) * 0.5))) + 1
    dies_first = rng.random() < 0.15
    death = progression if dies_first else progression + int(rng.exponential(220)) + 1
    last, week4 = int(rng.integers(250, 800)), round(rng.normal(28, 5))
    followed, shown = min(death, last), progression <= last and not dies_first
    measured = followed > week4 and rng.random() > 0.08
    local = int(rng.exponential(300)) + 1
    following = progression + int(rng.exponential(45)) + 1
    later = rng.choice(["PR", "SD", "PD"], p=[0.25, 0.5, 0.25] if responds else [0.08, 0.42, 0.5])
    return {
        "ID": f"P{number:03d}",
        "ARM": "Lenvatinib" if arm else "Regorafenib",
        "ECOG": ecog,
        "AFP": afp if rng.random() > 0.05 else "",
        "AFP4": round(afp * ratio, 1) if measured else "",
        "AFP4D": week4 if measured else "",
        "PFS": min(progression, last),
        "PFSE": int(progression <= last),
        "OS": followed,
        "OSE": int(death <= last),
        "LOC": local if rng.random() < 0.5 and local < followed + 40 else "",
        "PROG": progression if shown else "",
        "NEXT": following if shown and rng.random() < 0.6 and following < followed else "",
        "AFTER": later if min(progression, last) > 42 else "",
    }
