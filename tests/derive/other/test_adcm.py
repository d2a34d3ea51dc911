"""ADCM: one therapy per rule, the expected flags by hand beside it.

Study treatment lasted from 10 March to 30 June 2020.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest
from tables import ENGINES, derived, on_both, protocol, subjects, table

from hepatica.derive.adcm import derive_adcm
from hepatica.errors import AnalysisError

CANCER, SAID = "ANTICANCER THERAPY", "SUBSEQUENT ANTICANCER THERAPY"
PRIOR = "PRIOR ANTICANCER THERAPY"

#: Name, category, start, end; expected PREFL, ONTRTFL, SUBSFL, NEWTHFL as letters p, o, s, n.
CASES: dict[str, tuple[str | None, str | None, str | None, str]] = {
    "prior, ended": ("CONCOMITANT", "2020-01-01", "2020-03-09", "p"),
    "prior, ongoing": ("CONCOMITANT", "2020-01-01", None, "po"),
    "prior, ended on the first dose": ("CONCOMITANT", "2020-01-01", "2020-03-10", "po"),
    "from the first dose": ("CONCOMITANT", "2020-03-10", None, "o"),
    "on the last day": ("CONCOMITANT", "2020-06-30", None, "o"),
    "after the last day": ("CONCOMITANT", "2020-07-01", None, "s"),
    "start unknown, ended before": ("CONCOMITANT", None, "2020-03-09", "p"),
    "no dates": ("CONCOMITANT", None, None, ""),
    "no category": (None, "2020-07-01", None, "s"),
    "anticancer before": (CANCER, "2020-03-09", "2020-03-09", "p"),
    "anticancer on the first day": (CANCER, "2020-03-10", None, "o"),
    "anticancer during treatment": (CANCER, "2020-06-29", None, "o"),
    "anticancer on the last day": (CANCER, "2020-06-30", None, "osn"),
    "anticancer after": (CANCER, "2020-07-15", None, "sn"),
    "anticancer during treatment, said to be subsequent": (SAID, "2020-06-01", None, "osn"),
    "said to be subsequent, before the first dose": (SAID, "2020-03-01", "2020-03-02", "ps"),
    "said to be subsequent, on the first day": (SAID, "2020-03-10", None, "os"),
    "said to be subsequent, no date": (SAID, None, None, "sn"),
    "said to be prior, no date": (PRIOR, None, None, "p"),
    "said to be prior, after the last dose": (PRIOR, "2020-07-15", None, "p"),
    "page for prior and concomitant drugs, after": (
        "PRIOR AND CONCOMITANT MEDICATION",
        "2020-07-15",
        None,
        "s",
    ),
    "page for prior and subsequent anticancer therapy, during": (
        "PRIOR AND SUBSEQUENT ANTICANCER THERAPY",
        "2020-04-15",
        None,
        "o",
    ),
    "page for prior and subsequent anticancer therapy, after": (
        "PRIOR AND SUBSEQUENT ANTICANCER THERAPY",
        "2020-07-15",
        None,
        "sn",
    ),
    "other than anticancer": ("NON-ANTICANCER THERAPY", "2020-07-15", None, "s"),
    "radiotherapy after": ("Radiotherapy", "2020-07-15", None, "sn"),
    "month of the last dose": (CANCER, "2020-06", None, "o"),
    "month after": (CANCER, "2020-07", None, "sn"),
    "month of the first dose": ("CONCOMITANT", "2020-03", None, "o"),
    "month of the first dose, ended before": ("CONCOMITANT", "2020-03", "2020-03-05", "p"),
    "prior in the year of the first dose": (PRIOR, "2020", None, "p"),
}
FLAGS = {"PREFL": "p", "ONTRTFL": "o", "SUBSFL": "s", "NEWTHFL": "n"}
PLAN = {"dates": {"start": "first"}}


@cache
def therapies(engine: str) -> pl.DataFrame:
    """Return all cases, every second one as a procedure."""
    rows = [(name, "T", None, *case[:3], 1) for name, case in CASES.items()]
    drugs = table("USUBJID CMTRT CMDECOD CMCAT CMSTDTC CMENDTC CMSEQ", rows[::2])
    procedures = table("USUBJID PRTRT PRDECOD PRCAT PRSTDTC PRENDTC PRSEQ", rows[1::2])
    adsl = subjects(*((name, "2020-03-10", "2020-06-30") for name in CASES))
    return derived(derive_adcm, engine, drugs, procedures, adsl, plan=protocol(**PLAN))


@ENGINES
@pytest.mark.parametrize("name", CASES)
def test_when_a_therapy_was_given(name: str, engine: str) -> None:
    row = therapies(engine).filter(pl.col("USUBJID") == name).row(0, named=True)
    told = "".join(letter for flag, letter in FLAGS.items() if row[flag] == "Y")
    assert told == CASES[name][3]
    assert all(row[flag] in ("Y", None) for flag in FLAGS)


def test_engines_agree() -> None:
    assert therapies("polars").equals(therapies("duckdb"))
    assert set(therapies("polars")["SRCDOM"]) == {"CM", "PR"}
    assert set(therapies("polars")["SRCVAR"]) == {"CMSTDTC", "PRSTDTC"}


def test_imputed_dates_are_flagged() -> None:
    rows = {row["USUBJID"]: row for row in therapies("polars").iter_rows(named=True)}
    month, year = rows["month of the first dose"], rows["prior in the year of the first dose"]
    assert (month["ASTDT"], month["ASTDTF"]) == (date(2020, 3, 10), "D")
    assert (year["ASTDT"], year["ASTDTF"]) == (date(2020, 1, 1), "M")
    assert rows["anticancer after"]["ASTDTF"] is None


@ENGINES
def test_the_protocol_says_what_is_anticancer_therapy(engine: str) -> None:
    rows: list[tuple[Any, ...]] = [
        ("1", "TACE", "LOCAL", "2020-07-15", 1),
        ("1", "Drug", CANCER, "2020-07-15", 2),
    ]
    cm = table("USUBJID CMTRT CMCAT CMSTDTC CMSEQ", rows)
    plan = protocol(subsequent_therapy={"CMCAT": ["LOCAL", "SYSTEMIC"]})
    (cm_frame, adsl) = on_both([cm, subjects(("1", "2020-03-10", "2020-06-30"))], engine)
    result = derive_adcm(plan, cm_frame, None, adsl).collect(backend="polars").to_native()
    assert result.sort("SRCSEQ")["NEWTHFL"].to_list() == ["Y", None]


@ENGINES
def test_last_dose_not_known(engine: str) -> None:
    """Without a last dose only what was recorded as subsequent is."""
    pr = table(
        "USUBJID PRTRT PRCAT PRSTDTC PRSEQ",
        [("1", "a", CANCER, "2020-07-15", 1), ("1", "b", SAID, "2020-07-15", 2)],
    )
    pr_frame, adsl = on_both([pr, subjects(("1", "2020-03-10", None))], engine)
    result = derive_adcm(protocol(), None, pr_frame, adsl).collect(backend="polars").to_native()
    assert result.sort("SRCSEQ")["NEWTHFL"].to_list() == [None, "Y"]


def test_neither_table() -> None:
    (adsl,) = on_both([subjects(("1", "2020-03-10", None))], "polars")
    with pytest.raises(AnalysisError, match="Neither CM nor PR"):
        derive_adcm(protocol(), None, None, adsl)


#: Category, subcategory; whether a table of anticancer therapies counts it.
KINDS: dict[str, tuple[str | None, str | None, str | None]] = {
    "anticancer": (CANCER, None, "Y"),
    "targeted": ("PRIOR THERAPY", "TARGETED THERAPY", "Y"),
    "surgery": ("SURGERY", None, "Y"),
    "ablation": ("PROCEDURE", "Radiofrequency ablation", "Y"),
    "other drug": ("CONCOMITANT MEDICATION", None, None),
    "said not to be": ("NON-ANTICANCER SURGERY", None, None),
    "no category": (None, None, None),
}


@ENGINES
def test_anticancer_therapies_at_any_time(engine: str) -> None:
    rows = [(name, "T", *kind[:2], "2020-01-15", 1) for name, kind in KINDS.items()]
    pr = table("USUBJID PRTRT PRCAT PRSCAT PRSTDTC PRSEQ", rows)
    adsl = subjects(*((name, "2020-03-10", "2020-06-30") for name in KINDS))
    pr_frame, subject_frame = on_both([pr, adsl], engine)
    result = derive_adcm(protocol(), None, pr_frame, subject_frame)
    found = dict(
        result.collect(backend="polars").to_native().select("USUBJID", "ANTICFL").iter_rows()
    )
    assert found == {name: kind[2] for name, kind in KINDS.items()}
