"""Other therapies of four patients, one of them outside the set."""

from __future__ import annotations

import pytest
from few_patients import carried_out, counts, failure, frame, plan

SUBJECTS = frame(
    "USUBJID FASFL TRT01P",
    *(("1", "Y", "A"), ("2", "Y", "A"), ("3", "Y", "B"), ("4", "N", "B")),
)
PRIOR, LATER = "PRIOR ANTICANCER THERAPY", "SUBSEQUENT ANTICANCER THERAPY"
THERAPIES = frame(
    "USUBJID SRCDOM CMTRT CMDECOD CMCAT CMSCAT PREFL SUBSFL ANTICFL",
    ("1", "CM", "Nexavar", "SORAFENIB", PRIOR, "TARGETED THERAPY", "Y", None, "Y"),
    ("1", "CM", "sorafenib", "SORAFENIB", PRIOR, "TARGETED THERAPY", "Y", None, "Y"),
    ("1", "PR", "Liver resection", None, "SURGERY", None, "Y", None, "Y"),
    ("1", "CM", "Entecavir", "ENTECAVIR", "CONCOMITANT", None, "Y", None, None),
    ("2", "CM", "Lenvatinib", "LENVATINIB", LATER, "TARGETED THERAPY", None, "Y", "Y"),
    ("3", "CM", "Something", None, None, None, "Y", None, "Y"),
    ("3", "CM", "Aspirin", None, None, None, None, "Y", None),
    ("4", "CM", "Lenvatinib", "LENVATINIB", LATER, "TARGETED THERAPY", None, "Y", "Y"),
)


def therapies(when: str) -> dict[str, str]:
    return {"kind": "therapies", "when": when}


def test_prior_therapies_and_procedures_by_category_and_name() -> None:
    rows = carried_out(plan(therapies("prior"), "DM", "CM"), ADSL=SUBJECTS, ADCM=THERAPIES)
    assert counts(rows, "any") == {"": ["1/2 50", "1/1 100", "2/3 66.6667"]}
    assert counts(rows, "category") == {
        "Not recorded": ["0/2 0", "1/1 100", "1/3 33.3333"],
        "SURGERY": ["1/2 50", "0/1 0", "1/3 33.3333"],
        "TARGETED THERAPY": ["1/2 50", "0/1 0", "1/3 33.3333"],
    }
    assert counts(rows, "name", "TARGETED THERAPY") == {
        "SORAFENIB": ["1/2 50", "0/1 0", "1/3 33.3333"]
    }
    assert counts(rows, "name", "SURGERY") == {
        "Liver resection": ["1/2 50", "0/1 0", "1/3 33.3333"]
    }


def test_subsequent_therapies_leave_out_other_patients_and_other_drugs() -> None:
    rows = carried_out(plan(therapies("subsequent"), "DM", "CM"), ADSL=SUBJECTS, ADCM=THERAPIES)
    assert counts(rows, "any") == {"": ["1/2 50", "0/1 0", "1/3 33.3333"]}
    assert counts(rows, "category") == {"TARGETED THERAPY": ["1/2 50", "0/1 0", "1/3 33.3333"]}


@pytest.mark.parametrize("table", ["CM", "PR"])
def test_an_empty_table_is_not_a_missing_table(table: str) -> None:
    rows = carried_out(plan(therapies("prior"), "DM", table), ADSL=SUBJECTS)
    assert counts(rows, "any") == {"": ["0/2 0", "0/1 0", "0/3 0"]}
    missing = carried_out(plan(therapies("prior"), "DM"), ADSL=SUBJECTS)
    assert "data.tables.CM or data.tables.PR" in failure(missing)
