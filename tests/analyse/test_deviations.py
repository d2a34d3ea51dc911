"""Protocol deviations of five patients, one of them outside the set."""

from __future__ import annotations

import polars as pl
from few_patients import carried_out, counts, failure, frame, plan

SUBJECTS = frame(
    "USUBJID FASFL TRT01P",
    *(("1", "Y", "A"), ("2", "Y", "A"), ("3", "Y", "B"), ("4", "Y", "B"), ("5", "N", "B")),
)
DEVIATIONS = frame(
    "USUBJID DVCAT DVDECOD DVTERM",
    ("1", "MINOR", "LATE VISIT", "Scan 3 days late"),
    ("1", "MINOR", "LATE VISIT", "Scan 9 days late"),
    ("1", "MAJOR", None, "Consent signed late"),
    ("3", "MINOR", "LATE VISIT", "Scan 4 days late"),
    ("3", "MINOR", "DOSE", "Dose forgotten"),
    ("3", None, "DOSE", "Dose doubled"),
    ("5", "MAJOR", "DOSE", "Dose doubled"),
)
PLAN = plan({"kind": "deviations"}, "DM", "DV")


def test_a_patient_counts_once_for_a_category_and_a_kind() -> None:
    rows = carried_out(PLAN, ADSL=SUBJECTS, ADDV=DEVIATIONS)
    assert counts(rows, "any") == {"": ["1/2 50", "1/2 50", "2/4 50"]}
    assert counts(rows, "category") == {
        "MAJOR": ["1/2 50", "0/2 0", "1/4 25"],
        "MINOR": ["1/2 50", "1/2 50", "2/4 50"],
        "Not recorded": ["0/2 0", "1/2 50", "1/4 25"],
    }
    assert counts(rows, "name", "MINOR") == {
        "DOSE": ["0/2 0", "1/2 50", "1/4 25"],
        "LATE VISIT": ["1/2 50", "1/2 50", "2/4 50"],
    }
    assert counts(rows, "name", "MAJOR") == {"Consent signed late": ["1/2 50", "0/2 0", "1/4 25"]}
    assert counts(rows, "name", "Not recorded") == {"DOSE": ["0/2 0", "1/2 50", "1/4 25"]}


def test_an_empty_table_is_not_a_missing_table() -> None:
    rows = carried_out(PLAN, ADSL=SUBJECTS)
    assert counts(rows, "any") == {"": ["0/2 0", "0/2 0", "0/4 0"]}
    assert counts(rows, "category") == {}
    missing = carried_out(plan({"kind": "deviations"}, "DM"), ADSL=SUBJECTS)
    assert "data.tables.DV" in failure(missing)


def test_a_group_without_patients_counts_none_of_none() -> None:
    only_a = SUBJECTS.filter(pl.col("TRT01P") == "A")
    rows = carried_out(PLAN, ADSL=only_a, ADDV=DEVIATIONS)
    assert counts(rows, "any") == {"": ["1/2 50", "0/0 NE", "1/2 50"]}
