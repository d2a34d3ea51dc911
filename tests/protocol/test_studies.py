"""The studies and the template read without a fault, and read back from their resolved form."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hepatica.protocol import Protocol, parse_protocol, read_protocol, resolved
from hepatica.protocol.purposes import _GENERAL, _PURPOSES
from hepatica.protocol.schema import members
from hepatica.protocol.template import template_files

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")

STUDIES = ("alter-0802", "tcga-lihc", "uci-hcc", "cdisc-onco")
TEMPLATE = template_files()


def protocols(root: Path) -> dict[str, Protocol]:
    found = {name: read_protocol(root / "studies" / name / "study.yaml") for name in STUDIES}
    return found | {
        "template": parse_protocol(TEMPLATE["study.yaml"]),
        "base": parse_protocol(BASE),
    }


def test_a_resolved_protocol_reads_back_to_an_equal_one(root: Path) -> None:
    for name, protocol in protocols(root).items():
        text = json.dumps(resolved(protocol), sort_keys=True, allow_nan=False)
        assert Protocol.model_validate(json.loads(text)) == protocol, name
        assert parse_protocol(text) == protocol, name


def test_the_resolved_protocol_differs_when_the_protocol_does() -> None:
    other = parse_protocol(BASE.replace("window_days: 7", "window_days: 6"))
    assert resolved(other) != resolved(parse_protocol(BASE))


def test_alter_0802_is_the_design_that_was_published(root: Path) -> None:
    protocol = protocols(root)["alter-0802"]
    endpoint = protocol.endpoints[0]
    assert [(arm.id, arm.planned) for arm in protocol.arms] == [("cohort-1", 27), ("cohort-2", 24)]
    assert [point.days for point in endpoint.time_points] == [84.0, 168.0]
    assert endpoint.historical.rates == {"cohort-1": 0.65, "cohort-2": 0.5}
    assert protocol.adverse_events.version == "4.0"
    assert (protocol.assessments.every_days, protocol.assessments.criteria) == (42, "RECIST 1.1")


def test_the_template_names_every_section_and_its_tables() -> None:
    text = TEMPLATE["study.yaml"]
    for section in Protocol.model_fields:
        assert re.search(rf"^(# )?{section}:", text, re.M), section
    protocol = parse_protocol(text)
    assert protocol.study.data_status == "constructed"
    files = {f"{protocol.data.folder}/{table.file}" for table in protocol.data.tables.values()}
    assert files == {name for name in TEMPLATE if name.startswith("data/")}
    assert "\t" not in text
    assert all(ord(sign) < 128 or sign == "–" for sign in text)


def test_the_sheet_that_the_template_explains_is_read() -> None:
    """Take the commented sheet and endpoint in place of the tables; then nothing is wrong."""
    lines = TEMPLATE["study.yaml"].splitlines()
    shown = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    after = next(n for n, line in enumerate(shown) if line.startswith("An endpoint then says"))
    data = "\n".join(shown[shown.index("data:") : after])
    start = shown.index("endpoints:")
    endpoints = "\n".join(shown[start : start + 7])
    text = f"""
study: {{id: S-1, title: A study}}
{data}
arms: [{{id: a, label: A}}]
analysis_sets: [{{like: full}}]
{endpoints}
analyses: [{{id: os, kind: time_to_event, set: full, endpoint: os}}]
"""
    protocol = parse_protocol(text)
    assert protocol.data.tables["PATIENTS"].columns["AGE"].type == "number"
    assert protocol.endpoints[0].sheet.unit == "months"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(TEMPLATE[f"data/{name}.csv"])))


def test_the_patients_of_the_template_fit_together() -> None:
    subjects = {row["USUBJID"]: row for row in rows("adsl")}
    assert len(subjects) == 24
    times = {(row["USUBJID"], row["PARAMCD"]): row for row in rows("adtte")}
    assert len(times) == len(rows("adtte")) == 48
    for subject in subjects:
        progression, survival = times[subject, "PFS"], times[subject, "OS"]
        assert int(progression["AVAL"]) <= int(survival["AVAL"])
        if progression["EVNTDESC"] == "Death":
            assert progression["ADT"] == survival["ADT"]
            assert survival["CNSR"] == "0"
    for row in times.values():
        assert (row["CNSR"] == "0") == bool(row["EVNTDESC"]) != bool(row["CNSDTDSC"])
        assert row["ADT"] <= "2024-09-30"
    for name in ("adrs", "adae"):
        assert {row["USUBJID"] for row in rows(name)} <= set(subjects)


def test_the_descriptions_of_the_template_are_those_of_its_endpoints() -> None:
    known = {
        rule.description
        for endpoint in parse_protocol(TEMPLATE["study.yaml"]).endpoints
        if endpoint.kind == "time_to_event"
        for rule in (*endpoint.events, *endpoint.censoring)
    }
    used = {row["EVNTDESC"] or row["CNSDTDSC"] for row in rows("adtte")}
    assert used <= known


def models(annotation: object, seen: set[type]) -> set[type]:
    for one in members(annotation):
        for part in getattr(one, "__args__", ()):
            models(part, seen)
        if hasattr(one, "model_fields") and one not in seen:
            seen.add(one)
            for field in one.model_fields.values():
                models(field.annotation, seen)
    return seen


def test_every_key_that_is_needed_says_what_it_is_for() -> None:
    found = models(Protocol, set())
    needed = {
        (model.__name__, name)
        for model in found
        for name, field in model.model_fields.items()
        if field.is_required() and name != "kind" and model.__name__ != "TimePoint"
    }
    assert len(found) > 25
    untold = [f"{m}.{k}" for m, k in needed if f"{m}.{k}" not in _PURPOSES and k not in _GENERAL]
    assert untold == []
    known = {f"{m.__name__}.{k}" for m in found for k in m.model_fields}
    assert set(_PURPOSES) <= known


@pytest.mark.parametrize("module", ["hepatica.protocol", "hepatica.protocol.template"])
def test_reading_a_protocol_needs_no_data_frames(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "heavy = {'polars', 'numpy', 'scipy', 'matplotlib', 'narwhals'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
