"""Which tables are enough: ready datasets, domains, and both together."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from hepatica.records import require
from hepatica.records.needs import base_table, needed_columns
from hepatica.records.supply import has_dataset, missing_tables

MINIMUM = ("DM", "EX", "TU", "TR", "AE")


def keep(study: Any, *names: str) -> None:
    tables = study.mapping["data"]["tables"]
    study.mapping["data"]["tables"] = {name: tables[name] for name in names}
    study.mapping["biomarkers"] = []
    study.mapping["analyses"][0]["variables"] = ["age"]


@pytest.mark.parametrize(
    ("names", "lacking"),
    [
        (MINIMUM, []),
        (("DM", "RS", "AE"), []),
        (("DM", "TR", "AE"), ["ADRS"]),
        (("DM", "TU", "RS"), ["ADAE"]),
        (("EX", "RS", "AE"), ["ADSL"]),
        (("DM",), ["ADRS", "ADAE"]),
    ],
)
def test_domains_supply_datasets(
    collected: Any, names: tuple[str, ...], lacking: list[str]
) -> None:
    keep(collected, *names)
    assert [one.table for one in missing_tables(collected.protocol())] == lacking


def test_the_minimum_is_read_without_a_problem(collected: Any) -> None:
    keep(collected, *MINIMUM)
    assert collected.read().problems == ()


@pytest.mark.parametrize(("key", "severity"), [("events", "problem"), ("censoring", "note")])
def test_subsequent_therapy_is_asked_for_where_a_rule_reads_it(
    collected: Any, key: str, severity: str
) -> None:
    keep(collected, *MINIMUM)
    rule = collected.mapping["endpoints"][0][key][0]
    rule.update(dataset="ADCM", where={"NEWTHFL": "Y"}, date="ASTDT")
    (problem,) = missing_tables(collected.protocol())
    assert (problem.table, problem.severity) == ("ADCM", severity)


@pytest.mark.parametrize("plan", [{"by": "later"}, {"where": {"LATERFL": "Y"}}])
def test_records_are_asked_for_where_a_variable_that_is_used_is_made_of_them(
    collected: Any, plan: dict[str, Any]
) -> None:
    keep(collected, *MINIMUM)
    variable = {
        "id": "later",
        "label": "Later therapy",
        "column": "LATERFL",
        "kind": "categorical",
        "occurs": {"dataset": "ADCM", "date": "ASTDT"},
        "levels": [{"label": "With", "value": "Y"}, {"label": "Without", "value": "N"}],
    }
    collected.mapping.setdefault("variables", []).append(variable)
    assert list(missing_tables(collected.protocol())) == []
    collected.mapping["analyses"][0].update(plan)
    (problem,) = missing_tables(collected.protocol())
    assert (problem.table, problem.severity) == ("ADCM", "problem")


def test_ready_times_need_no_domains(collected: Any) -> None:
    keep(collected, "DM", "RS", "AE")
    for one in collected.mapping["endpoints"][0]["events"]:
        for key in ("dataset", "where", "date"):
            del one[key]
    assert [one.table for one in missing_tables(collected.protocol())] == ["ADTTE"]
    collected.mapping["data"]["tables"]["ADTTE"] = {"file": "adtte.csv"}
    assert list(missing_tables(collected.protocol())) == []


def test_has_dataset(collected: Any) -> None:
    protocol = collected.protocol()
    assert all(has_dataset(protocol, one) for one in ("ADSL", "ADTR", "ADEX", "ADLB", "ADBM", "LB"))
    assert not has_dataset(protocol, "ADTTE")


def test_the_base_is_adsl_then_patients_then_dm(collected: Any) -> None:
    tables = collected.mapping["data"]["tables"]
    assert base_table(collected.protocol()) == "DM"
    tables["PATIENTS"] = {"file": "p.csv", "columns": {"USUBJID": "id"}}
    assert base_table(collected.protocol()) == "PATIENTS"
    tables["ADSL"] = {"file": "adsl.csv"}
    assert base_table(collected.protocol()) == "ADSL"


def test_dm_need_not_hold_what_adsl_derives(collected: Any) -> None:
    needs = needed_columns(collected.protocol(), "DM")
    assert {"TRT01P", "TRT01A", "TRTSDT", "FASFL", "SAFFL"}.isdisjoint(needs)
    assert needs["AGE"].required
    assert not needs["AFP"].required
    collected.mapping["data"]["tables"] = {"DM": {"file": "dm.csv"}}
    assert needed_columns(collected.protocol(), "DM")["AFP"].required


def test_ready_adsl_with_collected_lesions(collected: Any) -> None:
    keep(collected, "TU", "TR", "RS", "AE")
    collected.mapping["data"]["tables"]["ADSL"] = {"file": "adsl.csv"}
    collected.mapping["screening"] = None
    collected.tables["ADSL"] = [
        {"USUBJID": f"C{n}", "TRT01P": "Anlotinib", "TRT01A": "Anlotinib", "FASFL": "Y",
         "AGE": "60", "TRTSDT": day, "DTHDT": death, "DTHFL": "Y" if death else ""}
        for n, day, death in ((1, "2019-01-14", ""), (2, "2019-01-21", "2019-06-30"),
                              (3, "2019-02-11", ""))
    ]  # fmt: skip
    assert collected.read().problems == ()
    collected.rows("RS", "C2", VISIT="WEEK 12")[0]["RSDTC"] = "2019-07-08"
    collected.rows("TR", "C1", VISIT="BASELINE")[0]["TRDTC"] = "2019-01-05"
    collected.tables["TU"][5]["TUDTC"] = "2018-12-01"
    rules = {(one.table, one.rule[:24]) for one in collected.read().problems}
    assert rules == {
        ("RS", "No record of a living su"),
        ("TU", "The baseline scan lies w"),
    }


SHEET = """patient;lesion;role;site;date;longest;short;node
C1;1;target;liver;2019-01-05;40;22;
C1;2;target;neck;2019-01-05;25;20;x
C1;3;non-target;lung;2019-01-05;;;
C1;1;target;liver;2019-02-25;24;20;
C1;2;target;neck;2019-02-25;20;12;x
C2;1;target;lung;2019-01-15;30;;
C2;1;target;lung;2019-03-04;31;;
C2;4;new;bone;2019-04-15;;;
"""


def sheet(study: Any) -> None:
    """One sheet of lesions, with a row for each lesion and scan."""
    keep(study, "DM", "EX", "AE")
    names = {"USUBJID": "patient", "TULNKID": "lesion", "TUORRES": "role", "TULOC": "site",
             "TUDTC": "date", "NODEFL": "node"}  # fmt: skip
    results = {"USUBJID": "patient", "TRLNKID": "lesion", "TRGRPID": "role", "TRDTC": "date",
               "LDIAM": "longest", "LPERP": "short"}  # fmt: skip
    tables = study.mapping["data"]["tables"]
    tables["TU"] = {"file": "lesions.csv", "delimiter": "semicolon", "columns": names}
    tables["TR"] = {"file": "lesions.csv", "delimiter": "semicolon", "columns": results}
    del study.tables["TU"], study.tables["TR"]
    study.write()
    (study.folder / "data" / "lesions.csv").write_text(SHEET)


def test_a_sheet_of_lesions_becomes_tu_and_tr(collected: Any) -> None:
    sheet(collected)
    records = require(collected.read())
    assert records.problems == ()
    lesions = records.tables["TU"].frame
    assert lesions.select("USUBJID", "TULNKID", "TUORRES", "TULOC").rows() == [
        ("C1", "1", "TARGET", "LIVER"),
        ("C1", "2", "TARGET", "LYMPH NODE"),
        ("C1", "3", "NON-TARGET", "LUNG"),
        ("C2", "1", "TARGET", "LUNG"),
        ("C2", "4", "NEW", "BONE"),
    ]
    results = records.tables["TR"].frame
    assert results.height == 12
    assert results.select("TRLNKID", "TRTESTCD", "TRSTRESN", "TRSEQ").rows()[:5] == [
        ("1", "LDIAM", 40.0, 1), ("1", "LPERP", 22.0, 2), ("2", "LDIAM", 25.0, 3),
        ("2", "LPERP", 20.0, 4), ("3", "LDIAM", None, 5),
    ]  # fmt: skip


def test_a_sheet_with_one_diameter(collected: Any) -> None:
    sheet(collected)
    columns = collected.mapping["data"]["tables"]["TR"]["columns"]
    del columns["LPERP"]
    columns["TRSTRESN"] = columns.pop("LDIAM")
    frame = require(collected.read()).tables["TR"].frame
    tests = frame.group_by("TRTESTCD").agg(pl.col("TRSTRESN").count()).sort("TRTESTCD").rows()
    assert tests == [("DIAMETER", 6), ("TUMSTATE", 0)]


def test_a_visit_sheet_of_responses(collected: Any) -> None:
    collected.tables["RS"] = [
        {"patient": "C1", "date": "2019-02-25", "response": "PR"},
        {"patient": "C2", "date": "2019-04-15", "response": "pd"},
    ]
    collected.mapping["data"]["tables"]["RS"]["columns"] = {
        "USUBJID": "patient", "RSDTC": "date", "RSSTRESC": "response"
    }  # fmt: skip
    frame = require(collected.read()).tables["RS"].frame
    assert frame.select("RSTESTCD", "RSSTRESC", "RSSEQ").rows() == [
        ("OVRLRESP", "PR", 1),
        ("OVRLRESP", "PD", 1),
    ]


def test_results_below_the_limit_stand_in_one_column(collected: Any) -> None:
    for row in collected.tables["BM"]:
        row["BMSTRESN"] = row.pop("BMSTRESC")
    frame = require(collected.read()).tables["BM"].frame
    assert frame["BMSTRESN"].to_list() == [410.0, None, 12.5]
    assert frame["BMSTRESC"].to_list() == ["410", "<0.5", "12.5"]


def test_without_doses_the_column_stays_away(collected: Any) -> None:
    for row in collected.tables["EX"]:
        del row["EXDOSE"]
    records = require(collected.read())
    assert "EXDOSE" not in records.tables["EX"].frame.columns
    collected.tables["DM"][0]["RFICDTC"] = "2019-01-15"
    assert [one.table for one in collected.read().problems] == ["EX"]


@pytest.mark.parametrize(
    ("analysis", "table", "named"),
    [
        ({"kind": "disposition"}, "DS", "data.tables.DS"),
        ({"kind": "deviations"}, "ADDV", "data.tables.DV"),
        ({"kind": "exposure"}, "ADEX", "data.tables.EX"),
        ({"kind": "therapies", "when": "prior"}, "ADCM", "data.tables.CM or data.tables.PR"),
    ],
    ids=lambda value: value.get("kind") if isinstance(value, dict) else value,
)
def test_tables_that_counts_of_patients_need_are_told_beforehand(
    collected: Any, analysis: dict[str, str], table: str, named: str
) -> None:
    keep(collected, "DM", "RS", "AE")
    assert list(missing_tables(collected.protocol())) == []
    own = {"id": "more", "set": collected.mapping["analyses"][0]["set"], **analysis}
    collected.mapping["analyses"].append(own)
    (problem,) = missing_tables(collected.protocol())
    assert (problem.table, problem.severity) == (table, "problem")
    assert named in problem.do
    domain = named.split(maxsplit=1)[0].removeprefix("data.tables.")
    collected.mapping["data"]["tables"][domain] = {"file": f"{domain.lower()}.csv"}
    assert list(missing_tables(collected.protocol())) == []


def test_ready_subject_records_say_how_treatment_ended_and_who_died(collected: Any) -> None:
    collected.mapping["data"]["tables"] = {"ADSL": {"file": "adsl.csv"}}
    chosen = collected.mapping["analyses"][0]["set"]
    needs = needed_columns(collected.protocol(), "ADSL")
    assert not needs["DTHFL"].required
    assert "EOTSTT" not in needs
    collected.mapping["analyses"] += [
        {"id": "ends", "kind": "disposition", "set": chosen},
        {"id": "deaths", "kind": "deaths", "set": chosen},
    ]
    needs = needed_columns(collected.protocol(), "ADSL")
    assert needs["DTHFL"].required
    assert needs["EOTSTT"].required
