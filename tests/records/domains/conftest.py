"""A small collected study whose tables are good, to be spoiled one thing at a time."""

# ruff: noqa: E501 - tables are read best as tables

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hepatica.errors import Problem
from hepatica.protocol.model import Protocol
from hepatica.records import Records, read_records

Row = dict[str, str]

#: C1 responds and is alive, C2 progresses and dies, C3 is stable on treatment, C4 fails screening.
TABLES = {
    "DM": """
USUBJID SITEID ARM           RFICDTC    RFXSTDTC   RFXENDTC   DTHDTC     DTHFL AGE SEX RACE
C1      01     Anlotinib     2019-01-02 2019-01-14 2019-07-28 -          -     61  M   ASIAN
C2      01     Anlotinib     2019-01-09 2019-01-21 2019-04-14 2019-06-30 Y     54  F   ASIAN
C3      02     Comparator    2019-02-01 2019-02-11 2019-10-06 -          N     47  M   ASIAN
C4      02     Screen_Failure 2019-02-04 -         -          -          -     70  F   -
""",
    "DS": """
USUBJID DSCAT              DSDECOD             DSTERM              DSSTDTC
C1      PROTOCOL_MILESTONE RANDOMIZED          Randomised          2019-01-12
C1      DISPOSITION_EVENT  COMPLETED           Completed           2019-07-28
C2      PROTOCOL_MILESTONE RANDOMIZED          Randomised          2019-01-19
C2      DISPOSITION_EVENT  PROGRESSIVE_DISEASE Progression         2019-04-20
C2      DISPOSITION_EVENT  DEATH               Death               2019-06-30
C3      PROTOCOL_MILESTONE RANDOMIZED          Randomised          2019-02-09
C4      DISPOSITION_EVENT  SCREEN_FAILURE      Bilirubin_too_high  2019-02-06
""",
    "EX": """
USUBJID EXTRT      EXDOSE EXDOSU EXSTDTC    EXENDTC    EXADJ
C1      ANLOTINIB  12     mg     2019-01-14 2019-01-27 -
C1      ANLOTINIB  10     mg     2019-02-04 2019-07-28 TOXICITY
C2      ANLOTINIB  12     mg     2019-01-21 2019-04-14 -
C3      COMPARATOR 400    mg     2019-02-11 2019-10-06 -
""",
    "TU": """
USUBJID TULNKID TUORRES    TULOC      TUEVAL       VISIT    VISITNUM TUDTC
C1      T01     TARGET     LIVER      INVESTIGATOR BASELINE 1        2019-01-05
C1      T02     TARGET     LYMPH_NODE INVESTIGATOR BASELINE 1        2019-01-05
C1      NT01    NON-TARGET LUNG       INVESTIGATOR BASELINE 1        2019-01-05
C2      T01     TARGET     LIVER      INVESTIGATOR BASELINE 1        2019-01-15
C2      NEW01   NEW        BONE       INVESTIGATOR WEEK_12  3        2019-04-15
C3      T01     TARGET     LUNG       INVESTIGATOR BASELINE 1        2019-02-05
""",
    "TR": """
USUBJID TRGRPID    TRLNKID TRTESTCD TRSTRESN TRSTRESC TRSTRESU TREVAL       VISIT    VISITNUM TRDTC
C1      TARGET     T01     LDIAM    40       40       mm       INVESTIGATOR BASELINE 1        2019-01-05
C1      TARGET     T02     LPERP    20       20       mm       INVESTIGATOR BASELINE 1        2019-01-05
C1      NON-TARGET NT01    TUMSTATE -        PRESENT  -        INVESTIGATOR BASELINE 1        2019-01-05
C1      TARGET     T01     LDIAM    24       24       mm       INVESTIGATOR WEEK_6   2        2019-02-25
C1      TARGET     T02     LPERP    12       12       mm       INVESTIGATOR WEEK_6   2        2019-02-25
C1      NON-TARGET NT01    TUMSTATE -        PRESENT  -        INVESTIGATOR WEEK_6   2        2019-02-25
C1      TARGET     T01     LDIAM    24       24       mm       INVESTIGATOR WEEK_12  3        2019-04-08
C1      TARGET     T02     LPERP    10       10       mm       INVESTIGATOR WEEK_12  3        2019-04-08
C1      NON-TARGET NT01    TUMSTATE -        PRESENT  -        INVESTIGATOR WEEK_12  3        2019-04-08
C2      TARGET     T01     LDIAM    30       30       mm       INVESTIGATOR BASELINE 1        2019-01-15
C2      TARGET     T01     LDIAM    31       31       mm       INVESTIGATOR WEEK_6   2        2019-03-04
C2      TARGET     T01     LDIAM    45       45       mm       INVESTIGATOR WEEK_12  3        2019-04-15
C2      NEW        NEW01   TUMSTATE -        PRESENT  -        INVESTIGATOR WEEK_12  3        2019-04-15
C3      TARGET     T01     LDIAM    25.5     25.5     mm       INVESTIGATOR BASELINE 1        2019-02-05
C3      TARGET     T01     LDIAM    24.0     24       mm       INVESTIGATOR WEEK_6   2        2019-03-25
C3      TARGET     T01     LDIAM    23.1     23.1     mm       INVESTIGATOR WEEK_12  3        2019-05-06
""",
    "RS": """
USUBJID RSTESTCD RSCAT      RSSTRESC      RSEVAL       VISIT   VISITNUM RSDTC
C1      TRGRESP  RECIST_1.1 PR            INVESTIGATOR WEEK_6  2        2019-02-25
C1      NTRGRESP RECIST_1.1 NON-CR/NON-PD INVESTIGATOR WEEK_6  2        2019-02-25
C1      OVRLRESP RECIST_1.1 PR            INVESTIGATOR WEEK_6  2        2019-02-25
C1      TRGRESP  RECIST_1.1 PR            INVESTIGATOR WEEK_12 3        2019-04-08
C1      OVRLRESP RECIST_1.1 PR            INVESTIGATOR WEEK_12 3        2019-04-08
C2      TRGRESP  RECIST_1.1 SD            INVESTIGATOR WEEK_6  2        2019-03-04
C2      OVRLRESP RECIST_1.1 SD            INVESTIGATOR WEEK_6  2        2019-03-04
C2      TRGRESP  RECIST_1.1 PD            INVESTIGATOR WEEK_12 3        2019-04-15
C2      NEWLPROG RECIST_1.1 Y             INVESTIGATOR WEEK_12 3        2019-04-15
C2      OVRLRESP RECIST_1.1 PD            INVESTIGATOR WEEK_12 3        2019-04-15
C3      OVRLRESP RECIST_1.1 SD            INVESTIGATOR WEEK_6  2        2019-03-25
C3      OVRLRESP RECIST_1.1 SD            INVESTIGATOR WEEK_12 3        2019-05-06
""",
    "AE": """
USUBJID AETERM         AEDECOD      AEBODSYS AETOXGR AESEV    AESER AEREL   AEACN        AEOUT              AESDTH AESTDTC    AEENDTC
C1      high_pressure  Hypertension Vascular 3       SEVERE   N     RELATED DOSE_REDUCED RECOVERED/RESOLVED N      2019-01-25 2019-02-03
C1      tired          Fatigue      General  1       MILD     N     RELATED NONE         RECOVERED/RESOLVED N      2019-03    2019-04
C2      tumour_bleeding Haemorrhage Vascular 5       SEVERE   Y     -       -            FATAL              Y      2019-06-28 2019-06-30
C3      protein        Proteinuria  Renal    2       MODERATE N     RELATED NONE         -                  -      2019-03-11 -
""",
    "LB": """
USUBJID LBTESTCD LBTEST   LBSTRESN LBSTRESC LBSTRESU LBSTNRLO LBSTNRHI LBDTC            VISIT    VISITNUM
C1      ALT      Alanine  30       30       U/L      5        40       2019-01-13T08:15 BASELINE 1
C1      ALT      Alanine  55       55       U/L      5        40       2019-02-25T09:00 WEEK_6   2
C1      BILI     Bilirubin 12      12       umol/L   3        21       2019-01-13T08:15 BASELINE 1
C2      ALT      Alanine  22       22       U/L      5        40       2019-01-20       BASELINE 1
C2      BILI     Bilirubin 18      18       umol/L   3        21       2019-01-20       BASELINE 1
C3      ALT      Alanine  41       41       U/L      5        40       2019-02-10       BASELINE 1
""",
    "VS": """
USUBJID VSTESTCD VSSTRESN VSSTRESU VSDTC      VISIT    VISITNUM
C1      WEIGHT   70.5     kg       2019-01-13 BASELINE 1
C2      WEIGHT   55       kg       2019-01-20 BASELINE 1
C3      WEIGHT   81.2     kg       2019-02-10 BASELINE 1
""",
    "MH": """
USUBJID MHTERM       MHDECOD      MHCAT   MHSTDTC
C1      hepatitis_B  Hepatitis_B  GENERAL 1998
C2      cirrhosis    Cirrhosis    GENERAL 2015-06
""",
    "CM": """
USUBJID CMTRT     CMDECOD   CMCAT      CMSTDTC    CMENDTC
C1      sorafenib Sorafenib PRIOR      2018-03    2018-10
C2      nivolumab Nivolumab SUBSEQUENT 2019-05-02 -
""",
    "PR": """
USUBJID PRTRT   PRDECOD PRCAT PRSTDTC    PRENDTC
C1      TACE    TACE    PRIOR 2017-11-20 2017-11-20
C2      autopsy Autopsy OTHER 2019-07-01 2019-07-01
""",
    "IE": """
USUBJID IETESTCD IETEST              IECAT     IEORRES
C4      INCL07   Bilirubin_below_34  INCLUSION N
""",
    "DV": """
USUBJID DVTERM            DVDECOD DVCAT DVSTDTC
C3      scan_10_days_late Visit   MINOR 2019-05-06
""",
    "SS": """
USUBJID SSTESTCD SSSTRESC SSDTC
C1      SURVSTAT ALIVE    2019-12-01
C2      SURVSTAT ALIVE    2019-06-10
C2      SURVSTAT DEAD     2019-07-15
C3      SURVSTAT ALIVE    2019-12-03
""",
    "SV": """
USUBJID VISIT     VISITNUM SVSTDTC    SVENDTC
C1      BASELINE  1        2019-01-13 2019-01-13
C1      WEEK_6    2        2019-02-25 2019-02-26
C2      BASELINE  1        2019-01-20 2019-01-20
C3      BASELINE  1        2019-02-10 2019-02-10
C4      SCREENING 0        2019-02-05 2019-02-05
""",
    "BM": """
USUBJID BMTESTCD BMTEST      BMSTRESN BMSTRESC BMSTRESU BMLLOQ BMDTC      VISIT
C1      AFP      Fetoprotein 410      410      ng/mL    0.5    2019-01-13 BASELINE
C2      AFP      Fetoprotein -        <0.5     ng/mL    0.5    2019-01-20 BASELINE
C3      AFP      Fetoprotein 12.5     12.5     ng/mL    0.5    2019-02-10 BASELINE
""",
}


def parse(text: str) -> list[Row]:
    header, *lines = (line.split() for line in text.strip().splitlines())
    return [
        {
            name: "" if value == "-" else value.replace("_", " ")
            for name, value in zip(header, line, strict=True)
        }
        for line in lines
    ]


def rule(identifier: str, dataset: str, parameter: str) -> dict[str, Any]:
    return {
        "id": identifier, "sentence": f"{identifier}.", "description": identifier,
        "dataset": dataset, "where": {"PARAMCD": parameter}, "date": "ADT",
    }  # fmt: skip


def protocol_mapping() -> dict[str, Any]:
    return {
        "study": {"id": "S", "title": "A study", "data_cut_off": "2019-12-31"},
        "data": {"tables": {name: {"file": f"{name.lower()}.csv"} for name in TABLES}},
        "arms": [{"id": "anlotinib", "label": "Anlotinib"}, {"id": "other", "label": "Comparator"}],
        "screening": {"failure": {"ARM": "Screen Failure"}},
        "analysis_sets": [
            {"id": "full", "label": "Full analysis set", "flag": "FASFL"},
            {
                "id": "safety", "label": "Safety analysis set", "flag": "SAFFL",
                "arm_variable": "TRT01A", "where": {"TRTSDT": {"ge": "1900-01-01"}},
            },
        ],
        "assessments": {"every_days": 42, "window_days": 7, "criteria": "RECIST 1.1"},
        "endpoints": [
            {
                "kind": "time_to_event", "id": "pfs", "label": "Progression-free survival",
                "parameter": "PFS", "origin": {"label": "first dose", "variable": "TRTSDT"},
                "events": [rule("progression", "ADRS", "PD"), rule("death", "ADRS", "DEATH")],
                "censoring": [rule("free", "ADRS", "LSTA")],
            },
            {"kind": "response", "id": "orr", "label": "Response", "counted": ["CR", "PR"]},
        ],
        "variables": [{"id": "age", "label": "Age", "column": "AGE", "kind": "measured"}],
        "biomarkers": [{"id": "afp", "label": "AFP", "column": "AFP", "unit": "ng/mL"}],
        "analyses": [
            {"id": "b", "kind": "baseline", "set": "full", "variables": ["age", "afp"]},
            {"id": "pfs", "kind": "time_to_event", "set": "full", "endpoint": "pfs"},
            {"id": "r", "kind": "response", "set": "full", "endpoints": ["orr"]},
            {
                "id": "ae", "kind": "adverse_events", "set": "safety",
                "severity": {"column": "ATOXGR", "at_least": 3, "label": "Grade 3 or higher"},
            },
        ],
    }  # fmt: skip


class Collected:
    """Tables and protocol as mutable values; `read` writes the files and reads the records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mapping = protocol_mapping()
        self.tables = {name: parse(text) for name, text in TABLES.items()}

    def rows(self, table: str, subject: str, **having: str) -> list[Row]:
        """Return the rows of a subject that hold these values."""
        found = [
            row
            for row in self.tables[table]
            if row["USUBJID"] == subject and all(row[key] == one for key, one in having.items())
        ]
        assert found
        return found

    def add(self, table: str, **values: str) -> None:
        """Add a row; columns that are not given are empty."""
        self.tables[table].append(dict.fromkeys(self.tables[table][0], "") | values)

    def text(self, table: str) -> str:
        rows = self.tables[table]
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()

    def protocol(self) -> Protocol:
        return Protocol.model_validate(self.mapping)

    def write(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        for table, source in self.mapping["data"]["tables"].items():
            if table in self.tables:
                path = self.folder / "data" / source["file"]
                path.write_text(self.text(table), encoding="utf-8")

    def read(self) -> Records:
        self.write()
        return read_records(self.protocol(), self.folder)


@pytest.fixture
def collected(tmp_path: Path) -> Collected:
    return Collected(tmp_path)


def told(problem: Problem) -> str:
    """Return a problem as plain lines."""
    lines = [f"{problem.severity} {problem.table} {problem.rule}"]
    entries = {
        "column": problem.column,
        "found": problem.found,
        "who": ", ".join(problem.subjects),
        "where": problem.where,
        "do": problem.do,
    }
    return "\n".join(lines + [f"  {name:7}{text}" for name, text in entries.items() if text])


@pytest.fixture
def tell() -> Callable[[Records], str]:
    return lambda records: "\n\n".join(map(told, records.problems)) + "\n"
