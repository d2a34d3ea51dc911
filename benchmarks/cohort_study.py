"""A constructed cohort of any size as a sheet and a plan: two treatments, fourteen covariates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

ARMS = ("Combination", "Regorafenib")
#: Covariates with two categories or three: id, column, categories, shares, log hazard ratios.
CATEGORIES = (
    ("sex", "SEX", ("Male", "Female"), (0.8, 0.2), (0.0, 0.05)),
    ("ecog", "ECOG", ("0", "1"), (0.55, 0.45), (0.0, 0.6)),
    ("child-pugh", "CHILDPUGH", ("A", "B"), (0.7, 0.3), (0.0, 0.5)),
    ("bclc", "BCLC", ("B", "C"), (0.35, 0.65), (0.0, 0.3)),
    ("hbv", "HBV", ("No", "Yes"), (0.4, 0.6), (0.0, 0.0)),
    ("hcv", "HCV", ("No", "Yes"), (0.75, 0.25), (0.0, 0.02)),
    ("cirrhosis", "CIRRHOSIS", ("No", "Yes"), (0.4, 0.6), (0.0, 0.1)),
    ("pvtt", "PVTT", ("No", "Yes"), (0.6, 0.4), (0.0, 0.4)),
    ("extrahepatic", "EHS", ("No", "Yes"), (0.5, 0.5), (0.0, 0.2)),
    ("albi", "ALBI", ("Grade 1", "Grade 2", "Grade 3"), (0.3, 0.5, 0.2), (0.0, 0.3, 0.6)),
    ("local", "LOCAL", ("No", "Yes"), (0.6, 0.4), (0.0, -0.1)),
)
SUBGROUPS = ("sex", "ecog", "child-pugh", "bclc", "hbv", "afp-400", "pvtt", "extrahepatic")
COVARIATES = ("arm", "age", *(one[0] for one in CATEGORIES), "afp-400")

PLAN = """
study: {{id: COHORT, title: A constructed cohort, design: Two treatments, data_status: constructed,
        randomised: false, status_note: Drawn at random to be timed., data_cut_off: 2026-01-01}}
dialect: hepatica
seed: 8
data:
  folder: data
  tables:
    PATIENTS:
      file: patients.csv
      columns:
        USUBJID: USUBJID
        TRT01P: ARM
        TRT01A: ARM
        TRTSDT: {{name: FIRSTDOSE, type: date}}
        AGE: {{name: AGE, type: number}}
        AFPBL: {{name: AFP, type: number}}
        RECISTBOR: RECIST
        OS_DAYS: {{name: OS_DAYS, type: number}}
        OS_STATUS: OS_STATUS
{columns}
arms:
  - {{id: combination, label: Combination, value: Combination}}
  - {{id: regorafenib, label: Regorafenib, value: Regorafenib}}
analysis_sets:
  - {{like: full, id: full}}
assessments: {{criteria: RECIST 1.1, best_response: RECISTBOR}}
endpoints:
  - like: os
    id: os
    role: primary
    sheet:
      {{time: OS_DAYS, unit: days, event: {{OS_STATUS: Dead}}, censored: {{OS_STATUS: Alive}}}}
  - {{like: orr, id: orr, parameter: BOR}}
  - {{like: dcr, id: dcr, parameter: BOR}}
variables:
  - {{id: age, label: Age, column: AGE, unit: years, kind: measured, summary: mean_sd}}
{variables}
biomarkers:
  - id: afp
    label: Alpha-fetoprotein
    column: AFPBL
    unit: ng/mL
    cut_points:
      - {{id: afp-400, at: 400, below: Below 400, at_or_above: 400 or more, source: Convention}}
subgroups: [{subgroups}]
analyses:
  - id: baseline
    kind: baseline
    set: full
    variables: [{baseline}]
    compare: {{tests: true, standardised_differences: true}}
  - {{id: response, kind: response, set: full, endpoints: [orr, dcr],
     compare: {{reference: Regorafenib}}}}
  - {{id: survival, kind: time_to_event, set: full, endpoint: os,
     compare: {{reference: Regorafenib}}}}
  - id: factors
    kind: cox
    set: full
    endpoint: os
    covariates: [{covariates}]
    references: {{arm: Regorafenib}}
    select: {{p_below: 0.05}}
  - {{id: forest, kind: subgroups, set: full, endpoint: os, reference: Regorafenib}}
"""


def patients(n: int) -> pl.DataFrame:
    """Return n patients: whole days, about a quarter censored, the same for the same n."""
    rng = np.random.default_rng(n)
    arm = rng.integers(0, 2, n)
    age = np.clip(np.rint(rng.normal(58.0, 11.0, n)), 19, 90).astype(np.int64)
    afp = np.maximum(np.round(np.exp(rng.normal(5.5, 2.2, n)), 1), 0.5)
    log_hazard = -0.25 * (arm == 0) + 0.01 * (age - 58) + 0.4 * (afp >= 400)
    columns: dict[str, object] = {}
    for _, column, labels, shares, effects in CATEGORIES:
        code = rng.choice(len(labels), n, p=shares)
        log_hazard += np.array(effects)[code]
        columns[column] = np.array(labels)[code]
    died = np.rint(rng.exponential(700.0 * np.exp(-log_hazard))).astype(np.int64) + 1
    lost = np.rint(rng.uniform(200.0, 1500.0, n)).astype(np.int64)
    shares = np.array([[0.05, 0.30, 0.35, 0.30], [0.03, 0.17, 0.40, 0.40]])[arm].cumsum(axis=1)
    best = (rng.random(n)[:, None] > shares[:, :3]).sum(axis=1)
    return pl.DataFrame(
        {
            "USUBJID": [f"P-{one:06d}" for one in range(1, n + 1)],
            "ARM": np.array(ARMS)[arm],
            "FIRSTDOSE": "2020-01-01",
            "AGE": age,
            "AFP": afp,
            **columns,
            "RECIST": np.array(["CR", "PR", "SD", "PD"])[best],
            "OS_DAYS": np.minimum(died, lost),
            "OS_STATUS": np.where(died <= lost, "Dead", "Alive"),
        }
    )


def write_study(folder: Path, n: int) -> Path:
    """Write the sheet and the plan, and return the folder."""
    (folder / "data").mkdir(parents=True)
    patients(n).write_csv(folder / "data" / "patients.csv")
    identifiers = [one[0] for one in CATEGORIES]
    variables = [
        f"  - {{id: {name}, label: {name}, column: {column}, kind: categorical, "
        f"levels: [{_quoted(labels)}]}}"
        for name, column, labels, _, _ in CATEGORIES
    ]
    plan = PLAN.format(
        columns="\n".join(f"        {one[1]}: {one[1]}" for one in CATEGORIES),
        variables="\n".join(variables),
        subgroups=", ".join(SUBGROUPS),
        baseline=", ".join(("age", "afp", "afp-400", *identifiers)),
        covariates=", ".join(COVARIATES),
    )
    (folder / "study.yaml").write_text(plan.lstrip(), encoding="utf-8")
    return folder


def _quoted(labels: tuple[str, ...]) -> str:
    return ", ".join(f'"{one}"' for one in labels)
