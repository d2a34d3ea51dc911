"""Transport files: read back, the same bytes every time, and what the format cannot hold."""

from __future__ import annotations

import re
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.derive.labels import DATASET_LABELS, LONGEST_LABEL, VARIABLE_LABELS, variable_label
from hepatica.errors import DataError
from hepatica.protocol.model import Protocol
from hepatica.records.transport import is_whole_transport, tables_in_transport
from hepatica.study.transport import (
    FIXED_TIME,
    dataset_label,
    study_labels,
    transport_files,
    transport_names,
    transport_outputs,
)

ADSL = pl.DataFrame(
    {
        "USUBJID": ["S-1", "S-2", "S-3"],
        "TRTSDT": [date(2020, 2, 29), date(1959, 12, 31), None],
        "AGE": [64, None, 8],
        "AFPBL": [1.1, float("nan"), -400000.25],
        "EVER": [True, False, None],
        "SEEN": [datetime(2020, 1, 1, 8, 30), None, None],  # noqa: DTZ001 - site-local
        "NOTHING": [None, None, None],
        "AFP_400_CAT": ["Low", "", None],
        "Größe": ["é", "一二", "x"],
    },
    schema_overrides={"NOTHING": pl.Null},
)


def back(content: bytes, folder: Path) -> tuple[pl.DataFrame, Any]:
    path = folder / "table.xpt"
    path.write_bytes(content)
    frame, about = pyreadstat.read_xport(path, output_format="polars")
    return frame, about


def protocol(**study: Any) -> Protocol:
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T", **study},
            "data": {"tables": {"ADSL": {"file": "adsl.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full analysis set", "flag": "FASFL"}],
            "variables": [
                {
                    "id": "vi",
                    "label": "Vascular invasion or extrahepatic spread, yes or no",
                    "column": "VIEHFL",
                    "kind": "categorical",
                    "levels": ["Y", "N"],
                }
            ],
            "biomarkers": [
                {
                    "id": "afp",
                    "label": "AFP",
                    "column": "AFPBL",
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
            "analyses": [{"kind": "baseline", "id": "b", "set": "full", "variables": ["vi"]}],
        }
    )


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    files = transport_files({"ADSL": ADSL})
    frame, about = back(files["adsl.xpt"], tmp_path)
    assert frame.columns == [
        *("USUBJID", "TRTSDT", "AGE", "AFPBL", "EVER", "SEEN", "NOTHING", "AFP400CT", "GR_SSE")
    ]
    assert frame["USUBJID"].to_list() == ["S-1", "S-2", "S-3"]
    assert frame["TRTSDT"].to_list() == [date(2020, 2, 29), date(1959, 12, 31), None]
    assert frame["AGE"].to_list() == [64, None, 8]
    assert frame["AFPBL"].to_list() == [1.1, None, -400000.25]
    assert frame["EVER"].to_list() == ["Y", "N", ""]
    assert frame["SEEN"].to_list() == ["2020-01-01T08:30:00", "", ""]
    assert frame["NOTHING"].to_list() == ["", "", ""]
    assert frame["AFP400CT"].to_list() == ["Low", "", ""]
    assert frame["GR_SSE"].to_list() == ["é", "一二", "x"]
    assert about.table_name == "ADSL"
    assert about.file_label == "Subject-level analysis"
    assert about.original_variable_types["TRTSDT"] == "DATE9"
    assert about.column_names_to_labels["TRTSDT"] == "Date of first study treatment"
    assert about.column_names_to_labels["AFP400CT"] == "AFP_400_CAT"


def test_version_is_5_and_the_file_is_whole() -> None:
    content = transport_files({"ADSL": ADSL})["adsl.xpt"]
    assert content.startswith(b"HEADER RECORD*******LIBRARY HEADER RECORD")
    assert is_whole_transport(content)
    assert tables_in_transport(content) == 1


def test_equal_data_give_equal_bytes() -> None:
    first = transport_files({"ADSL": ADSL})
    time.sleep(1.1)  # the times of the format count seconds
    assert transport_files({"ADSL": ADSL}) == first
    content = first["adsl.xpt"]
    assert content.count(FIXED_TIME) == 4
    assert re.findall(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d", content) == [FIXED_TIME] * 4


def test_a_table_without_records_keeps_its_columns(tmp_path: Path) -> None:
    frame, _ = back(transport_files({"ADSL": ADSL.head(0)})["adsl.xpt"], tmp_path)
    assert (frame.height, frame.width) == (0, ADSL.width)


def test_labels_of_the_study_come_first(tmp_path: Path) -> None:
    files = transport_files({"ADSL": ADSL}, {"ADSL": {"AFPBL": "Alpha-fetoprotein"}})
    _, about = back(files["adsl.xpt"], tmp_path)
    assert about.column_names_to_labels["AFPBL"] == "Alpha-fetoprotein"
    assert study_labels(protocol())["ADSL"] == {
        "AFPBL": "AFP",
        "FASFL": "Full analysis set flag",
        "VIEHFL": "Vascular invasion or extrahepatic spread",
        "VI_CAT": "Vascular invasion or extrahepatic spread",
        "AFP_400_CAT": "AFP, cut at 400",
    }


def test_constructed_data_say_so(tmp_path: Path) -> None:
    plan = protocol(data_status="constructed", status_note="Not for inference.")
    files = transport_outputs(plan, {"ADSL": ADSL, "ADCM": ADSL})
    assert sorted(files) == ["xpt/adcm.xpt", "xpt/adsl.xpt", "xpt/names.csv"]
    _, about = back(files["xpt/adsl.xpt"], tmp_path)
    assert about.file_label == "CONSTRUCTED: Subject-level analysis"
    assert files["xpt/names.csv"].decode().splitlines()[:3] == [
        "dataset,variable,name in the transport file",
        "ADSL,AFP_400_CAT,AFP400CT",
        "ADSL,Größe,GR_SSE",
    ]


def test_no_list_of_names_when_none_was_shortened() -> None:
    files = transport_outputs(protocol(), {"ADSL": ADSL.select("USUBJID", "AGE")})
    assert list(files) == ["xpt/adsl.xpt"]


LONG = "a recorded text that is far too long " * 6


@pytest.mark.parametrize(
    ("frame", "rule", "found"),
    [
        (
            pl.DataFrame({"USUBJID": ["S-1", "S-2"], "TERM": [LONG, "short"]}),
            "A text has at most 200 bytes in a transport file.",
            "1 of 2 rows",
        ),
        (
            pl.DataFrame({"USUBJID": ["S-1"], "TERM": ["一" * 67]}),
            "A text has at most 200 bytes in a transport file.",
            "1 of 1 row",
        ),
        (
            pl.DataFrame({"USUBJID": ["S-1", "S-2"], "AVAL": [float("inf"), 1.0]}),
            "A number is at most 7.2e+75 in a transport file.",
            "1 of 2 rows",
        ),
        (
            pl.DataFrame({"USUBJID": ["S-1"], "PARTS": [[1, 2]]}),
            "A transport file holds numbers, dates and text only.",
            "",
        ),
    ],
)
def test_what_the_format_cannot_hold_is_refused(frame: pl.DataFrame, rule: str, found: str) -> None:
    with pytest.raises(DataError) as caught:
        transport_files({"ADAE": frame})
    (problem,) = caught.value.problems
    assert (problem.table, problem.rule, problem.found) == ("ADAE", rule, found)
    assert problem.do
    assert problem.subjects == (("S-1",) if found else ())
    assert "recorded text" not in repr(problem)
    assert "inf" not in repr(problem)


def test_every_fault_is_told_at_once() -> None:
    frame = pl.DataFrame({"USUBJID": ["S-1"], "TERM": [LONG], "PARTS": [[1]]})
    with pytest.raises(DataError) as caught:
        transport_files(
            {"ADAE": frame, "ADVERSE_EVENTS": frame.select("USUBJID")},
            {"ADAE": {"TERM": "A label that has more than forty characters"}},
        )
    told = [(problem.table, problem.column) for problem in caught.value.problems]
    assert told == [("ADAE", "TERM"), ("ADAE", "TERM"), ("ADAE", "PARTS"), ("ADVERSE_EVENTS", "")]


def test_200_bytes_and_40_are_allowed(tmp_path: Path) -> None:
    frame = pl.DataFrame({"USUBJID": ["S-1"], "TERM": ["x" * 200]})
    files = transport_files({"ADAE": frame}, {"ADAE": {"TERM": "y" * 40}})
    read, about = back(files["adae.xpt"], tmp_path)
    assert read["TERM"].to_list() == ["x" * 200]
    assert about.column_names_to_labels["TERM"] == "y" * 40


NAMES = st.lists(
    st.text(alphabet="ABCaeiou_019-é ", min_size=1, max_size=14), unique=True, max_size=12
)


@given(NAMES)
@settings(max_examples=200, deadline=None)
def test_names_are_allowed_and_tell_columns_apart(columns: list[str]) -> None:
    names = transport_names(columns)
    assert list(names) == columns
    assert len(set(names.values())) == len(columns)
    assert all(re.fullmatch(r"[A-Z_][A-Z0-9_]{0,7}", name) for name in names.values())
    allowed = [one for one in columns if re.fullmatch(r"[A-Z_][A-Z0-9_]{0,7}", one)]
    assert all(names[one] == one for one in allowed)


def test_labels_fit_the_format() -> None:
    for dataset, variables in VARIABLE_LABELS.items():
        assert all(0 < len(label.encode()) <= LONGEST_LABEL for label in variables.values())
        for status in ("constructed", "interim", "draft", "confirmed"):
            full = dataset_label(dataset, status)
            assert full.endswith(DATASET_LABELS[dataset])
            assert len(full) <= LONGEST_LABEL


def test_every_variable_of_the_contract_has_a_label(root: Path) -> None:
    text = (root / "docs" / "datasets.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (AD[A-Z]+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    assert {name for name, _ in rows} == set(DATASET_LABELS)
    for dataset, columns in rows:
        outside = re.sub(r"\([^()]*\)", "", columns)
        for variable in re.findall(r"\b[A-Z][A-Z0-9]{2,7}\b", outside):
            assert variable_label(dataset, variable) != variable, (dataset, variable)
