"""From a sheet with one row per patient to datasets, flow, rows and report, counted by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheet_cohort import ENROLLED, EVENTS, PATIENTS, REASONS, STUDY, frame, write_csv, write_xlsx

from hepatica.analyse import analyse
from hepatica.derive import Datasets, derive_datasets
from hepatica.errors import CommandError, ProtocolError
from hepatica.protocol import Protocol, resolved
from hepatica.protocol.read import parse_protocol
from hepatica.records import require
from hepatica.results import Results
from hepatica.study.check import check_study
from hepatica.study.run import Finished, run_study
from hepatica.study.simulate import simulate_collected_study


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return run_study(write_csv(tmp_path_factory.mktemp("cohort")))


@pytest.fixture(scope="module")
def results(finished: Finished) -> Results:
    return finished.results


def derived(folder: Path) -> Datasets:
    checked = check_study(folder)
    tables = require(checked.records).tables
    return derive_datasets(checked.protocol, {name: one.frame for name, one in tables.items()})


def value(results: Results, statistic: str, **where: str) -> float | None:
    where = {"level": "", "variable_level": "", **where}
    (row,) = results.where(statistic=statistic, **where)
    return row.value


def test_the_flow_counts_the_first_criterion_that_is_not_met(results: Results) -> None:
    assert value(results, "screened", analysis="sets") == 12
    assert value(results, "n", analysis="sets", population="", variable="") == 5
    assert value(results, "screening_failures", analysis="sets") == 7
    reasons = results.where(analysis="sets", variable="screening_failure")
    assert {row.variable_level: row.value for row in reasons} == REASONS


def test_every_criterion_is_counted_in_everybody_screened(results: Results) -> None:
    counted = {
        name: [
            value(results, f"n_{what}", analysis="sets", variable_level=name)
            for what in ("met", "unmet", "unknown")
        ]
        for name in ("bclc", "child-pugh", "adult", "brain")
    }
    assert counted == {
        "bclc": [10, 1, 1],
        "child-pugh": [9, 2, 1],
        "adult": [11, 0, 1],
        "brain": [10, 1, 1],
    }
    assert not results.where(analysis="sets", variable_level="consent")
    assert not results.where(analysis="sets", statistic="n_enrolled_unmet")


def test_adsl_has_the_reasons(finished: Finished) -> None:
    adsl = pl.read_parquet(finished.out / "datasets" / "adsl.parquet")
    assert adsl.filter(pl.col("ENRLFL") == "Y")["USUBJID"].to_list() == ENROLLED
    assert adsl.filter(pl.col("FASFL") == "Y")["USUBJID"].to_list() == ENROLLED
    reason = dict(adsl.select("USUBJID", "SCRFREAS").rows())
    assert reason["P03"] == "Not BCLC stage B or C"
    assert reason["P12"] is None
    assert all(reason[name] is None for name in ENROLLED)


def test_times_tell_which_event_and_why_they_were_censored(finished: Finished) -> None:
    adtte = pl.read_parquet(finished.out / "datasets" / "adtte.parquet")
    pfs = adtte.filter((pl.col("PARAMCD") == "PFS") & pl.col("USUBJID").is_in(ENROLLED))
    assert pfs.select("USUBJID", "CNSR", "EVNTDESC", "CNSDTDSC").rows() == [
        ("P01", 0, "Disease progression", None),
        ("P02", 1, None, "Last tumour assessment"),
        ("P07", 0, "Death", None),
        ("P10", 0, "Disease progression", None),
        ("P11", 1, None, "New anticancer therapy"),
    ]
    assert pfs["AVAL"].to_list() == [m * 30.4375 for m in (4, 12, 5, 8, 1.5)]


def test_best_responses_are_read_by_both_criteria(results: Results) -> None:
    def counted(analysis: str) -> dict[str, float | None]:
        rows = results.where(analysis=analysis, variable="best_response", statistic="n", level="")
        return {row.variable_level: row.value for row in rows}

    assert counted("response") == {"CR": 0, "PR": 2, "SD": 1, "PD": 0, "MISSING": 2}
    assert counted("response-mrecist") == {"CR": 1, "PR": 2, "SD": 1, "PD": 1}
    assert value(results, "n", analysis="response", variable="orr") == 2
    assert value(results, "n", analysis="response", variable="dcr") == 3
    assert value(results, "n", analysis="response-mrecist", variable="orr-mrecist") == 3


def test_the_calendar_period_comes_from_a_date(results: Results) -> None:
    rows = results.where(analysis="baseline", variable="period", statistic="n", level="")
    assert {row.variable_level: row.value for row in rows} == {"Before 2020": 2, "From 2020": 3}


def test_events_without_dates_count(results: Results, finished: Finished) -> None:
    """P05 is not enrolled; the hypertension of P01 counts once, at its worst grade."""
    n = {
        (row.variable, row.variable_level): row.value
        for row in results.where(analysis="adverse-events", statistic="n", level="")
    }
    assert n["any", ""] == 4
    assert (n["any", "Hypertension"], n["severe", "Hypertension"]) == (2, 1)
    assert n["severe", ""] == 2
    assert ("any", "Rash") not in n
    assert value(results, "events", analysis="adverse-events", variable="emergence_unknown") == 5
    adae = pl.read_parquet(finished.out / "datasets" / "adae.parquet")
    assert "TRTEMFL" not in adae.columns
    assert adae.filter(pl.col("AOCCFL") == "Y")["USUBJID"].to_list() == [
        *("P01", "P02", "P05", "P07", "P10")
    ]


def test_the_report_shows_flow_criteria_and_notes(finished: Finished) -> None:
    assert finished.failures == ()
    page = finished.report.read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "1. Inclusion: BCLC stage B or C" in text
    assert "5. Inclusion: Written informed consent" in text
    assert "not screened automatically" in text
    assert "Whether an event began during treatment is not known: every event counts." in text
    assert "The best response of each patient was taken as recorded, by RECIST 1.1 and mRECIST" in (
        text
    )
    assert "every 0 days" not in text
    assert "7 more were screened and not enrolled" in text
    flow = (finished.out / "figures" / "participant-flow.svg").read_text(encoding="utf-8")
    places = [flow.index(reason) for reason in REASONS]
    assert places == sorted(places)
    assert "Whoever fails several criteria counts for the first." in flow
    table = (finished.out / "tables" / "eligibility.csv").read_text(encoding="utf-8")
    assert "3. Inclusion: At least 18 years old,Age,0,1" in table.replace('"', "")


def test_a_workbook_gives_the_same_rows(results: Results, tmp_path: Path) -> None:
    assert run_study(write_xlsx(tmp_path)).results.to_polars().equals(results.to_polars())


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing(order: list[int], tmp_path: Path) -> None:
    plain = derived(write_csv(tmp_path / "plain"))
    moved = derived(write_csv(tmp_path / "moved", frame(PATIENTS)[order]))
    assert plain.keys() == moved.keys()
    assert all(one.equals(moved[name]) for name, one in plain.items())


def test_a_spoiled_sheet_tells_everything_at_once(tmp_path: Path) -> None:
    patients = frame(PATIENTS)
    spoiled = patients.with_columns(
        RECIST=pl.when(pl.col("No") == "P01").then(pl.lit("better")).otherwise("RECIST"),
        Drug=pl.when(pl.col("No") == "P02").then(pl.lit("C")).otherwise("Drug"),
        PFS=pl.when(pl.col("No") == "P10").then(pl.lit("-8")).otherwise("PFS"),
        Start=pl.when(pl.col("No") == "P11").then(pl.lit("2020-13-01")).otherwise("Start"),
        # An age that is no number, in somebody whom another criterion excludes.
        Age=pl.when(pl.col("No") == "P03").then(pl.lit("old")).otherwise("Age"),
    )
    study = STUDY.replace("BRAIN: Brain", "BRAIN: Brian").replace(
        "death: {PFSSTAT: Death}", "death: {PFSSTAT: [Death, Progression]}"
    )
    problems = check_study(write_csv(tmp_path, spoiled, study)).records.problems
    told = {one.rule: one for one in problems if one.severity == "problem"}
    assert set(told) == {
        "The table has the column Brian.",
        "AGE is a number.",
        "INDEXDT is a day of the calendar.",
        "TRT01P names an arm of the protocol, or the subject is a screening failure.",
        "A time of Progression-free survival is not negative.",
        "A time of Progression-free survival has one kind of event.",
        "RECISTBOR is a known response.",
    }
    assert "Did you mean 'Brain'?" in told["The table has the column Brian."].do
    assert told["RECISTBOR is a known response."].subjects == ("P01",)
    assert not any("better" in str((one.rule, one.do, one.found)) for one in problems)


def test_a_flag_of_somebody_who_is_not_eligible_is_a_problem(tmp_path: Path) -> None:
    study = STUDY.replace("WITHDREW: Withdrew", "WITHDREW: Withdrew\n        FASFL: FAS")
    patients = frame(PATIENTS).with_columns(FAS=pl.lit("Y"))
    problems = check_study(write_csv(tmp_path, patients, study)).records.problems
    (problem,) = (one for one in problems if one.severity == "problem")
    assert problem.rule == "Nobody in Full analysis set fails a criterion of eligibility."
    assert problem.subjects == ("P03", "P04", "P05", "P06", "P08", "P09")


def test_a_recorded_failure_without_a_reason_is_noted(tmp_path: Path) -> None:
    told = {one.rule: one for one in check_study(write_csv(tmp_path)).records.problems}
    assert all(one.severity == "note" for one in told.values())
    rule = "Each patient who failed screening fails a criterion of eligibility, or has a reason."
    assert told[rule].subjects == ("P12",)
    assert "SCRFREAS" in told[rule].do


def test_without_criteria_everybody_else_is_enrolled(tmp_path: Path) -> None:
    start, end = STUDY.index("eligibility:"), STUDY.index("assessments:")
    study = STUDY[:start] + STUDY[end:]
    adsl = derived(write_csv(tmp_path, study=study))["ADSL"]
    assert adsl.filter(pl.col("ENRLFL") != "Y")["USUBJID"].to_list() == ["P12"]
    protocol = parse_protocol(study)
    rows = analyse(protocol, {"ADSL": adsl}).where(analysis="sets", variable="eligibility")
    assert list(rows) == []


def test_the_resolved_protocol_reads_back() -> None:
    protocol = parse_protocol(STUDY)
    assert Protocol.model_validate(json.loads(json.dumps(resolved(protocol)))) == protocol


ANSWER = """  - kind: response
    id: alive
    label: Alive at the end
    parameter: ALIVE
    counted: ["Y"]
    sheet: {yes: {OSSTAT: alive}, no: {OSSTAT: dead}}
"""


def test_an_answer_of_the_sheet_is_counted_beside_best_responses(tmp_path: Path) -> None:
    """Of those enrolled P02, P10 and P11 are alive; P12, who has no answer, is not enrolled."""
    study = STUDY.replace("variables:\n", f"{ANSWER}variables:\n", 1)
    study = study.replace("endpoints: [orr-mrecist]", "endpoints: [orr-mrecist, alive]")
    with pytest.raises(ProtocolError, match="several readings"):
        parse_protocol(study)
    study = study.replace("[orr-mrecist, alive]", "[orr-mrecist, alive], reading: mrec")
    finished = run_study(write_csv(tmp_path, study=study))
    rows = finished.results
    assert value(rows, "n", analysis="response-mrecist", variable="alive") == 3
    assert value(rows, "percent", analysis="response-mrecist", variable="alive") == 60
    assert value(rows, "n", analysis="response-mrecist", variable="orr-mrecist") == 3
    adrs = pl.read_parquet(finished.out / "datasets" / "adrs.parquet")
    alive = adrs.filter(pl.col("PARAMCD") == "ALIVE").select("USUBJID", "AVALC")
    assert dict(alive.rows()) == {
        **dict.fromkeys(["P01", "P03", "P04", "P05", "P07", "P08"], "N"),
        **dict.fromkeys(["P02", "P06", "P09", "P10", "P11"], "Y"),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("parameter: ALIVE", "parameter: BOR", "Choose a name of its own."),
        ('counted: ["Y"]', "counted: [CR]", "A sheet answers yes or no: write [Y]."),
        ("label: Alive at", "reading: mrec\n    label: Alive at", "of no visit and no reading"),
        (", no: {OSSTAT: dead}", "", "Missing: who has it not"),
    ],
)
def test_faults_of_an_answer_are_named(old: str, new: str, message: str) -> None:
    study = STUDY.replace("variables:\n", f"{ANSWER.replace(old, new)}variables:\n", 1)
    with pytest.raises(ProtocolError, match=re.escape(message)):
        parse_protocol(study)


READY = """
USUBJID AEDECOD      ATOXGR TRTEMFL
P01     Hypertension 3      Y
P02     Fatigue      2      N
P07     Hypertension 2      Y
"""


def test_ready_events_stand_beside_a_sheet(tmp_path: Path) -> None:
    """The fatigue of P02 did not begin during treatment."""
    start = STUDY.index("    AE:")
    study = f"{STUDY[:start]}    ADAE: {{file: adae.csv}}\n{STUDY[STUDY.index('arms:') :]}"
    folder = write_csv(tmp_path, study=study)
    frame(READY).write_csv(folder / "data" / "adae.csv")
    rows = run_study(folder).results
    assert value(rows, "n", analysis="adverse-events", variable="any") == 2
    assert value(rows, "n", analysis="adverse-events", variable="severe") == 1
    assert not rows.where(analysis="adverse-events", variable="emergence_unknown")


def test_a_first_dose_tells_which_events_began_later(tmp_path: Path) -> None:
    """Of P01 one event came before the first dose, one after it; that of P02 has no date."""
    study = STUDY.replace("INDEXDT: {name", "TRTSDT: {name", 1).replace("INDEXDT", "TRTSDT")
    study = study.replace("AETOXGR: Grade", "AETOXGR: Grade, AESTDTC: Begin")
    folder = write_csv(tmp_path, study=study)
    begins = {"P01": "2019-02-27", "P07": "2020-01-20"}
    events = frame(EVENTS).with_columns(Begin=pl.col("No").replace_strict(begins, default=None))
    later = events.with_row_index().select(
        pl.when(pl.col("index") == 0).then(pl.lit("2019-03-05")).otherwise("Begin").alias("Begin")
    )
    events.with_columns(later).write_csv(folder / "data" / "events.csv")
    finished = run_study(folder)
    adae = pl.read_parquet(finished.out / "datasets" / "adae.parquet")
    emergent = adae.filter(pl.col("TRTEMFL") == "Y").select("USUBJID", "ATOXGR").rows()
    assert emergent == [("P01", 3), ("P02", 2), ("P05", 3), ("P07", 2), ("P10", 4)]
    assert value(finished.results, "n", analysis="adverse-events", variable="any") == 4


def test_the_row_stands_for_a_patient_without_a_number(tmp_path: Path) -> None:
    study = STUDY.replace('USUBJID: "No"\n', "USUBJID: {type: row}\n", 1)
    start = study.index("    AE:")
    study = study[:start] + study[study.index("arms:") :]
    study = study[: study.index("  - id: adverse-events")]
    adsl = derived(write_csv(tmp_path, frame(PATIENTS).drop("No"), study))["ADSL"]
    assert sorted(adsl["USUBJID"], key=int) == [str(line) for line in range(2, 14)]
    named = study.replace("{type: row}", "{type: row, name: No}")
    with pytest.raises(ProtocolError, match="The number of the row has no name"):
        parse_protocol(named)
    nameless = study.replace("{name: CPS, type: number}", "{type: number}")
    with pytest.raises(ProtocolError, match="Missing: the name of the column in the file"):
        parse_protocol(nameless)


def test_constructed_patients_come_from_scans_in_place_of_the_sheet(tmp_path: Path) -> None:
    made = simulate_collected_study(write_csv(tmp_path / "cohort"), 30, tmp_path / "s")
    checked = check_study(made)
    assert not checked.has_problems
    plan = checked.protocol
    assert plan.assessments is not None
    assert (plan.assessments.every_days, plan.assessments.best_responses) == (42, {})
    screened = {one.id for one in plan.eligibility if one.where is not None}
    assert screened == {"adult"}
    with_answer = STUDY.replace("variables:\n", f"{ANSWER}variables:\n", 1)
    other = write_csv(tmp_path / "other", study=with_answer)
    with pytest.raises(CommandError, match="is an answer of a sheet"):
        simulate_collected_study(other, 30, tmp_path / "t")


def faults(old: str, new: str) -> list[Any]:
    assert old in STUDY
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(STUDY.replace(old, new, 1))
    return [(one.path, one.message) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (
            "text: Written informed consent",
            "text: Written informed consent, unknown: included",
            "eligibility[4].unknown",
            "Nobody is screened by a criterion without a condition",
        ),
        ("id: adult", "id: bclc", "eligibility[2].id", "already names a criterion"),
        ("kind: exclusion", "kind: excluded", "eligibility[3].kind", "inclusion, exclusion"),
        ("where: {BRAIN: Y}", "where: {AGE: {over: 3}}", "eligibility[3].where", "bounds are ge"),
        (
            "events: {progression: {PFSSTAT: Progression}, death: {PFSSTAT: Death}}",
            "events: {progress: {PFSSTAT: Progression}}",
            "endpoints[1].sheet.events.progress",
            "There is no events rule 'progress'",
        ),
        (
            "      events: {",
            "      event: {PFSSTAT: Death}\n      events: {",
            "endpoints[1].sheet.events",
            "Give event or events, not both.",
        ),
        (", event: {OSSTAT: dead}", "", "endpoints[0].sheet.event", "Missing: which status is an"),
        (
            "  best_response: RECISTBOR\n",
            "",
            "analyses[3]",
            "The reading main has no best_response. Name its column of the sheet.",
        ),
        ("{like: dcr}", "{like: dcr, parameter: CBOR}", "endpoints[3].parameter", "as BOR"),
        (
            "endpoints: [orr, dcr]",
            "endpoints: [orr, orr-mrecist]",
            "analyses[3].endpoints",
            "Plan an analysis for each.",
        ),
        (
            "endpoints: [orr-mrecist]}",
            "endpoints: [orr-mrecist], reading: mrex}",
            "analyses[4].reading",
            "There is no reading 'mrex'",
        ),
        ("{like: dcr}", "{like: dcr, reading: irc}", "endpoints[3].reading", "no reading 'irc'"),
        (
            "  best_response: RECISTBOR\n  readings: [{id: mrec, label: mRECIST, criteria: mRECIST,"
            " best_response: MRECBOR}]",
            "  readings: [{id: mrec, label: mRECIST}]",
            "assessments.every_days",
            "Missing: the days between two tumour assessments",
        ),
        (
            "  - {like: dcr}",
            "  - {like: dcr-at-week, at: 12 weeks}",
            "endpoints[3].at",
            "It needs the window of a visit",
        ),
    ],
)
def test_faults_of_the_plan_are_named(old: str, new: str, path: str, message: str) -> None:
    found = faults(old, new)
    assert any(place.startswith(path) and message in said for place, said in found), found
