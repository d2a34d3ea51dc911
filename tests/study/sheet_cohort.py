"""A cohort of twelve patients in one sheet, small enough to count by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

#: Screened are twelve. Seven are out: P03 by stage (and by liver function, which counts second),
#: P04 because the stage is not known, P05 by liver function, P06 because it is not known, P08 by
#: brain metastases, P09 because these are not known, and P12 withdrew. P07 has no age and is in.
PATIENTS = """
No  Drug Stage CPS Age Brain PFS   PFSstat     OS   OSstat RECIST     mRECIST Start      Withdrew
P01 A    B     5   61  N     4.0   Progression 9.0  dead   PR         CR      2019-03-01 -
P02 A    C     6   54  N     12.0  Censored    12.0 alive  SD         pr      2019-06-01 -
P03 A    A     9   70  N     3.0   Death       3.0  dead   PD         PD      2019-07-01 -
P04 B    -     6   66  N     2.0   Progression 8.0  dead   SD         SD      2019-08-01 -
P05 B    C     8   47  N     6.0   Progression 7.0  dead   SD         SD      2019-08-15 -
P06 B    B     -   58  N     5.0   Progression 9.5  alive  PD         PD      2019-09-01 -
P07 B    B     7   -   N     5.0   Death       5.0  dead   -          SD      2020-01-15 -
P08 A    C     5   49  Y     1.0   Death       1.0  dead   NE         NE      2020-02-01 -
P09 A    C     5   50  -     2.5   Progression 6.0  alive  PD         PD      2020-02-15 -
P10 B    C     6   63  N     8.0   Progression 15.0 alive  partial_response PR 2020-03-01 -
P11 A    B     7   72  N     1.5   Toxicity    11.0 alive  -          PD      2020-04-01 -
P12 -    B     5   40  N     -     -           -    -      -          -       -          Y
"""
EVENTS = """
No  Event        Grade
P01 Hypertension 3
P01 Hypertension 1
P02 Fatigue      2
P07 Hypertension 2
P10 Proteinuria  4
P05 Rash         3
"""
#: What is counted of whom is out, in the order of the criteria.
REASONS = {
    "Not BCLC stage B or C": 1,
    "BCLC stage not recorded": 1,
    "Not met: Child-Pugh score of at most 7": 1,
    "Not known: Child-Pugh score of at most 7": 1,
    "Brain metastases": 1,
    "Not known: Brain metastases": 1,
    "Not recorded": 1,
}
ENROLLED = ["P01", "P02", "P07", "P10", "P11"]


def frame(text: str) -> pl.DataFrame:
    header, *lines = (line.split() for line in text.strip().splitlines())
    rows = [[None if cell == "-" else cell.replace("_", " ") for cell in line] for line in lines]
    return pl.DataFrame(rows, schema=header, orient="row").cast(pl.String)


STUDY = """
study: {id: COHORT-1, title: Drug A against drug B in one sheet}
data:
  tables:
    PATIENTS:
      file: cohort.csv
      columns:
        USUBJID: "No"
        TRT01P: Drug
        BCLCBL: Stage
        CPSBL: {name: CPS, type: number}
        AGE: {name: Age, type: number}
        BRAIN: Brain
        PFS: {name: PFS, type: number}
        PFSSTAT: PFSstat
        OS: {name: OS, type: number}
        OSSTAT: OSstat
        RECISTBOR: RECIST
        MRECBOR: mRECIST
        INDEXDT: {name: Start, type: date}
        WITHDREW: Withdrew
    AE: {file: events.csv, columns: {USUBJID: "No", AEDECOD: Event, AETOXGR: Grade}}
arms: [{id: a, label: Drug A, value: A}, {id: b, label: Drug B, value: B}]
analysis_sets: [{like: full, id: full}]
screening: {failure: {WITHDREW: Y}}
eligibility:
  - id: bclc
    kind: inclusion
    text: BCLC stage B or C
    where: {BCLCBL: [B, C]}
    reason: Not BCLC stage B or C
    unknown: BCLC stage not recorded
  - {id: child-pugh, kind: inclusion, text: Child-Pugh score of at most 7, where: {CPSBL: {le: 7}}}
  - {id: adult, kind: inclusion, text: At least 18 years old, where: {AGE: {ge: 18}},
     unknown: included}
  - {id: brain, kind: exclusion, text: Brain metastases, where: {BRAIN: Y}}
  - {id: consent, kind: inclusion, text: Written informed consent}
assessments:
  criteria: RECIST 1.1
  best_response: RECISTBOR
  readings: [{id: mrec, label: mRECIST, criteria: mRECIST, best_response: MRECBOR}]
endpoints:
  - like: os
    sheet: {time: OS, unit: months, event: {OSSTAT: dead}, censored: {OSSTAT: alive}}
  - like: pfs
    sheet:
      time: PFS
      unit: months
      events: {progression: {PFSSTAT: Progression}, death: {PFSSTAT: Death}}
      censoring: {last-assessment: {PFSSTAT: Censored}, new-therapy: {PFSSTAT: Toxicity}}
  - {like: orr}
  - {like: dcr}
  - {like: orr, id: orr-mrecist, label: "Objective response rate, mRECIST", reading: mrec}
variables:
  - {id: age, label: Age, column: AGE, kind: measured}
  - id: period
    label: Calendar period
    column: INDEXDT
    kind: categorical
    levels:
      - {label: Before 2020, where: {INDEXDT: {lt: 2020-01-01}}}
      - {label: From 2020, where: {INDEXDT: {ge: 2020-01-01}}}
analyses:
  - {id: baseline, kind: baseline, set: full, variables: [age, period]}
  - {id: overall-survival, kind: time_to_event, set: full, endpoint: os}
  - {id: progression-free-survival, kind: time_to_event, set: full, endpoint: pfs}
  - {id: response, kind: response, set: full, endpoints: [orr, dcr]}
  - {id: response-mrecist, kind: response, set: full, endpoints: [orr-mrecist]}
  - {id: agreement, kind: agreement, set: full, readings: [main, mrec]}
  - id: adverse-events
    kind: adverse_events
    set: full
    severity: {column: ATOXGR, at_least: 3, label: Grade 3 or higher}
"""


def write_csv(folder: Path, patients: pl.DataFrame | None = None, study: str = STUDY) -> Path:
    """Write the study with one file for each table."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    (frame(PATIENTS) if patients is None else patients).write_csv(folder / "data" / "cohort.csv")
    frame(EVENTS).write_csv(folder / "data" / "events.csv")
    return folder


def write_xlsx(folder: Path) -> Path:
    """Write the same study as one workbook of two sheets, with numbers and dates as such."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    one = STUDY.replace("file: cohort.csv", "file: cohort.xlsx\n      sheet: Patients")
    one = one.replace("{file: events.csv,", "{file: cohort.xlsx, sheet: Events,")
    (folder / "study.yaml").write_text(one, encoding="utf-8")
    numbers: dict[str, Any] = dict.fromkeys(("CPS", "Age", "PFS", "OS"), pl.Float64)
    patients = frame(PATIENTS).cast(numbers).with_columns(pl.col("Start").str.to_date())
    book = openpyxl.Workbook()
    for title, table in (
        ("Patients", patients),
        ("Events", frame(EVENTS).cast({"Grade": pl.Int64})),
    ):
        sheet = book.create_sheet(title)
        sheet.append(table.columns)
        for row in table.iter_rows():
            sheet.append(row)
    book.save(folder / "data" / "cohort.xlsx")
    return folder
