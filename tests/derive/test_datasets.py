"""Analysis datasets: one subject for each rule, the expected record beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from hepatica.derive import derive_datasets
from hepatica.protocol.model import Protocol


def protocol(**parts: Any) -> Protocol:
    base: dict[str, Any] = {
        "study": {"id": "S", "title": "T", "data_cut_off": "2020-01-31"},
        "data": {"tables": {"ADSL": {"file": "adsl.csv"}}},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [
            {"id": "full", "label": "Full", "flag": "FASFL"},
            {"id": "old", "label": "Old", "flag": "OLDFL", "where": {"AGE": {"ge": 65}}},
        ],
        "screening": {"failure": {"TRT01P": "Screen Failure"}},
        "variables": [
            {
                "id": "stage",
                "label": "Stage",
                "column": "STAGE",
                "kind": "categorical",
                "levels": [
                    {"label": "Early", "where": {"STAGE": ["A", "B"]}},
                    {"label": "Late", "value": "C"},
                ],
            }
        ],
        "biomarkers": [
            {
                "id": "afp",
                "label": "AFP",
                "column": "AFP",
                "unit": "ng/mL",
                "cut_points": [
                    {
                        "id": "afp-400",
                        "at": 400,
                        "below": "Low",
                        "at_or_above": "High",
                        "source": "fixed",
                    }
                ],
            }
        ],
        "endpoints": [
            {
                "kind": "time_to_event",
                "id": "os",
                "label": "Overall survival",
                "parameter": "OS",
                "origin": {"label": "diagnosis", "variable": "DIAGDT"},
                "events": [{"id": "death", "sentence": "Died.", "description": "Death"}],
                "censoring": [{"id": "alive", "sentence": "Alive.", "description": "Alive"}],
                "sheet": {
                    "time": "MONTHS",
                    "unit": "months",
                    "event": {"STATUS": "dead"},
                    "censored": {"STATUS": "alive"},
                },
            }
        ],
        "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["stage"]}],
    }
    return Protocol.model_validate(base | parts)


ADSL = [
    # USUBJID, TRT01P, AGE, STAGE, AFP     expected ENRLFL, OLDFL, STAGE_CAT, AFP_400_CAT
    ("below the cut-point", "A", 64, "A", 399.9, "Y", "N", "Early", "Low"),
    ("on the cut-point", "A", 65, "B", 400.0, "Y", "Y", "Early", "High"),
    ("marker missing", "A", None, "C", None, "Y", "N", "Late", None),
    ("stage unknown", "A", 70, None, 401.0, "Y", "Y", None, "High"),
    ("screening failed", "Screen Failure", 80, "A", 1.0, "N", "N", "Early", "Low"),
]


def test_each_subject_has_the_expected_flags_and_categories() -> None:
    columns = ["USUBJID", "TRT01P", "AGE", "STAGE", "AFP"]
    expected = ["ENRLFL", "OLDFL", "STAGE_CAT", "AFP_400_CAT"]
    frame = pl.DataFrame(ADSL, schema=[*columns, *expected], orient="row")
    derived = derive_datasets(protocol(), {"ADSL": frame.select(columns)})["ADSL"]
    assert derived.select("USUBJID", *expected).to_dicts() == (
        frame.select("USUBJID", *expected).sort("USUBJID").to_dicts()
    )
    assert derived["FASFL"].to_list() == derived["ENRLFL"].to_list()


TIMES = [
    # AVAL from 2020-01-01, event        expected AVAL, CNSR, EVNTDESC, CNSDTDSC
    ("event on the cut-off", 31, 0, 31.0, 0, "Death", None),
    ("event a day after it", 32, 0, 31.0, 1, None, "Data cut-off"),
    ("censored after it", 60, 1, 31.0, 1, None, "Data cut-off"),
    ("censored before it", 20, 1, 20.0, 1, None, "Alive"),
]


def test_nothing_after_the_cut_off_counts() -> None:
    start = date(2020, 1, 1)
    adtte = pl.DataFrame(
        {
            "USUBJID": [row[0] for row in TIMES],
            "PARAMCD": ["OS"] * 4,
            "STARTDT": [start] * 4,
            "ADT": [date.fromordinal(start.toordinal() + row[1] - 1) for row in TIMES],
            "AVAL": [float(row[1]) for row in TIMES],
            "CNSR": [row[2] for row in TIMES],
            "EVNTDESC": [None if row[2] else "Death" for row in TIMES],
            "CNSDTDSC": ["Alive" if row[2] else None for row in TIMES],
        }
    )
    adsl = pl.DataFrame({"USUBJID": adtte["USUBJID"], "TRT01P": ["A"] * 4, "AGE": [1] * 4})
    tables = {
        "ADSL": adsl.with_columns(STAGE=pl.lit("A"), AFP=pl.lit(1.0)),
        "ADTTE": adtte,
    }
    derived = derive_datasets(protocol(), tables)["ADTTE"]
    found = {row["USUBJID"]: row for row in derived.to_dicts()}
    for name, _days, _cnsr, aval, cnsr, event, reason in TIMES:
        row = found[name]
        assert (row["AVAL"], row["CNSR"], row["EVNTDESC"], row["CNSDTDSC"]) == (
            aval,
            cnsr,
            event,
            reason,
        ), name
        assert row["ADT"] <= date(2020, 1, 31)


SHEET = [
    # MONTHS, STATUS          AVAL, CNSR, EVNTDESC, CNSDTDSC
    ("died", 12.0, "dead", 365.25, 0, "Death", None),
    ("alive", 24.0, "alive", 730.5, 1, None, "Alive"),
    ("no time", None, "dead", None, None, None, None),
    ("status unknown", 5.0, "lost", None, None, None, None),
    ("status missing", 5.0, None, None, None, None, None),
]


def test_times_of_a_sheet_become_records_with_reasons() -> None:
    patients = pl.DataFrame(
        {
            "USUBJID": [row[0] for row in SHEET],
            "MONTHS": [row[1] for row in SHEET],
            "STATUS": [row[2] for row in SHEET],
            "AGE": [1] * 5,
            "STAGE": ["A"] * 5,
            "AFP": [1.0] * 5,
            "TRT01P": ["A"] * 5,
        }
    )
    derived = derive_datasets(protocol(), {"PATIENTS": patients})["ADTTE"]
    found = {row["USUBJID"]: row for row in derived.to_dicts()}
    for name, _months, _status, *expected in SHEET:
        row = found[name]
        assert [row[key] for key in ("AVAL", "CNSR", "EVNTDESC", "CNSDTDSC")] == (
            pytest.approx(expected)
        ), name
        assert (row["SRCDOM"], row["SRCVAR"]) == ("PATIENTS", "MONTHS")


def test_enrolment_is_as_recorded_where_the_protocol_does_not_say_how_to_know_it() -> None:
    adsl = pl.DataFrame(
        {"USUBJID": ["1", "2", "3"], "TRT01P": ["A"] * 3, "ENRLFL": ["Y", "N", None]}
        | {"AGE": [70, 70, 70], "STAGE": ["A"] * 3, "AFP": [1.0] * 3}
    )
    derived = derive_datasets(protocol(screening=None), {"ADSL": adsl})["ADSL"]
    assert derived["ENRLFL"].to_list() == ["Y", "N", "N"]
    assert derived["FASFL"].to_list() == ["Y", "N", "N"]
    assert derived["OLDFL"].to_list() == ["Y", "N", "N"]
    derived = derive_datasets(protocol(), {"ADSL": adsl})["ADSL"]
    assert derived["ENRLFL"].to_list() == ["Y", "Y", "Y"]
