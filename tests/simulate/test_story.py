"""Constructed patients tell one consistent story, whatever the seed and the number of patients."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import CommandError
from hepatica.protocol import Protocol, parse_protocol, read_protocol
from hepatica.simulate import (
    Collected,
    CollectedTables,
    simulate_collected,
    simulate_truth,
    tell_story,
)

ROOT = Path(__file__).resolve().parents[2]
ALTER = read_protocol(ROOT / "studies" / "alter-0802" / "study.yaml")
CUT_OFF = date(2019, 12, 18)
#: A date column of each table that says when a record was made, and the columns of its key.
DATES = {
    "DS": "DSSTDTC",
    "SV": "SVSTDTC",
    "EX": "EXSTDTC",
    "TU": "TUDTC",
    "TR": "TRDTC",
    "RS": "RSDTC",
    "AE": "AESTDTC",
    "LB": "LBDTC",
    "VS": "VSDTC",
    "CM": "CMSTDTC",
    "SS": "SSDTC",
    "BM": "BMDTC",
}
IMAGING = ("TU", "TR")

Told = tuple[dict[str, pl.DataFrame], pl.DataFrame]


def told(seed: int, patients: int, protocol: Protocol = ALTER, **options: Any) -> Told:
    story = tell_story(protocol.model_copy(update={"seed": seed}), patients, Collected(**options))
    return dict(CollectedTables(story)), simulate_truth(story)


seeds = st.integers(0, 2**32)
counts = st.integers(1, 200)
story = settings(max_examples=12, deadline=None)


def days(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return dates as days; those without a day become null."""
    return frame.with_columns(pl.col(columns).str.to_date("%Y-%m-%d", strict=False))


def with_subject(tables: dict[str, pl.DataFrame], name: str) -> pl.DataFrame:
    subjects = days(tables["DM"], "RFICDTC", "RFXSTDTC", "RFXENDTC", "RFPENDTC", "DTHDTC").select(
        "USUBJID", "RFICDTC", "RFXSTDTC", "RFXENDTC", "RFPENDTC", "DTHDTC"
    )
    column = DATES[name]
    return days(tables[name], column).rename({column: "DAY"}).join(subjects, on="USUBJID")


@story
@given(seeds, counts)
def test_nothing_is_recorded_before_consent_but_imaging_and_history(seed: int, n: int) -> None:
    tables, _ = told(seed, n)
    for name in set(tables) & set(DATES):
        frame = with_subject(tables, name)
        if name == "CM":
            frame = frame.filter(pl.col("CMCAT") != "PRIOR ANTICANCER THERAPY")
        early = frame.filter(pl.col("DAY") < pl.col("RFICDTC"))
        assert early.is_empty() or name in IMAGING, name
        if name in IMAGING:
            assert (early["DAY"] < early["RFXSTDTC"]).all()
            assert ((early["RFXSTDTC"] - early["DAY"]).dt.total_days() <= 28).all()


@story
@given(seeds, counts, st.sampled_from([0, 45]))
def test_nothing_is_recorded_after_death_or_the_end_of_records(
    seed: int, n: int, after: int
) -> None:
    tables, truth = told(seed, n, after_cut_off=after)
    latest = truth.select(pl.col("FUENDDT").max()).item()
    assert (latest - CUT_OFF).days <= after
    for name in set(tables) & set(DATES):
        frame = with_subject(tables, name)
        assert frame.filter(pl.col("DAY") > pl.col("DTHDTC")).is_empty(), name
        assert frame.filter(pl.col("DAY") > pl.col("RFPENDTC")).is_empty(), name
    for name, start, end in (("EX", "EXSTDTC", "EXENDTC"), ("AE", "AESTDTC", "AEENDTC")):
        frame = days(with_subject(tables, name), end) if name in tables else None
        if frame is not None:
            assert frame.filter(pl.col(end) > pl.col("RFPENDTC")).is_empty(), name
            assert frame.filter(pl.col(end) < pl.col("DAY")).is_empty(), start


def test_records_after_the_cut_off_come_only_when_asked_for() -> None:
    tables, _ = told(3, 200, after_cut_off=60)
    assert with_subject(tables, "EX").filter(pl.col("DAY") > CUT_OFF).height > 0
    assert with_subject(told(3, 200)[0], "EX").filter(pl.col("DAY") > CUT_OFF).is_empty()


@story
@given(seeds, counts)
def test_doses_lie_between_the_first_and_the_last(seed: int, n: int) -> None:
    tables, truth = told(seed, n)
    doses = days(with_subject(tables, "EX"), "EXENDTC")
    first = doses.group_by("USUBJID").agg(
        pl.col("DAY").min(), pl.col("EXENDTC").max(), pl.col("RFXSTDTC", "RFXENDTC").first()
    )
    assert (first["DAY"] == first["RFXSTDTC"]).all()
    assert (first["EXENDTC"] == first["RFXENDTC"]).all()
    assert set(first["USUBJID"]) == set(truth["USUBJID"])
    ordered = doses.sort("USUBJID", "DAY").with_columns(
        gap=(pl.col("DAY") - pl.col("EXENDTC").shift().over("USUBJID")).dt.total_days(),
        lower=pl.col("EXDOSE").diff().over("USUBJID"),
    )
    assert (ordered["gap"].drop_nulls() >= 8).all()  # two weeks on, one week off
    assert set(ordered["EXDOSE"]) <= {12.0, 10.0, 8.0}
    assert (ordered["lower"].drop_nulls() <= 0).all()
    reduced = (ordered["lower"] < 0).fill_null(value=False)
    assert (ordered["EXADJ"].eq_missing("ADVERSE EVENT") == reduced).all()


@story
@given(seeds, counts)
def test_scans_are_in_order_and_within_the_window(seed: int, n: int) -> None:
    tables, truth = told(seed, n)
    if "RS" not in tables:
        assert truth["SCANS"].sum() == 0
        return
    scans = with_subject(tables, "RS").filter(pl.col("RSTESTCD") == "OVRLRESP")
    ordered = scans.sort("USUBJID", "VISITNUM")
    gaps = ordered.select((pl.col("DAY").diff().over("USUBJID")).dt.total_days().alias("gap"))
    assert (gaps["gap"].drop_nulls() > 0).all()
    weeks = scans.filter(pl.col("VISIT").str.starts_with("WEEK")).with_columns(
        due=42 * (pl.col("VISITNUM") - 1),
        day=(pl.col("DAY") - pl.col("RFXSTDTC")).dt.total_days(),
    )
    assert ((weeks["day"] - weeks["due"]).abs() <= 7).all()
    assert weeks.select(pl.col("VISIT") == pl.format("WEEK {}", (pl.col("due") / 7).cast(int)))[
        "VISIT"
    ].all()


@story
@given(seeds, counts)
def test_lesions_are_measurable_and_known_before_they_are_measured(seed: int, n: int) -> None:
    tables, _ = told(seed, n)
    lesions, measured = days(tables["TU"], "TUDTC"), days(tables["TR"], "TRDTC")
    targets = lesions.filter(pl.col("TUORRES") == "TARGET")
    assert targets.group_by("USUBJID").len()["len"].is_between(1, 5).all()
    assert targets.group_by("USUBJID", "TULOC").len()["len"].max() <= 2
    joined = measured.join(
        lesions.rename({"TULNKID": "TRLNKID"}).select("USUBJID", "TRLNKID", "TULOC", "TUDTC"),
        on=["USUBJID", "TRLNKID"],
        how="left",
    )
    assert joined.height == measured.height
    assert (joined["TRDTC"] >= joined["TUDTC"]).all()
    sizes = joined.filter(pl.col("TRGRPID") == "TARGET")
    node = sizes["TULOC"] == "LYMPH NODE"
    assert (sizes["TRTESTCD"] == node.replace_strict({True: "LPERP", False: "LDIAM"})).all()
    baseline = sizes.filter(pl.col("VISIT") == "SCREENING")
    least = pl.when(pl.col("TULOC") == "LYMPH NODE").then(15.0).otherwise(10.0)
    assert baseline.filter(pl.col("TRSTRESN") < least).is_empty()
    assert baseline["TRSTRESN"].null_count() == 0
    assert (sizes["TRSTRESN"].drop_nulls() >= 0).all()
    tenths = sizes["TRSTRESN"].drop_nulls() * 10
    assert ((tenths - tenths.round(0)).abs() < 1e-9).all()
    undone = sizes.filter(pl.col("TRSTRESN").is_null())
    assert (undone["TRSTAT"] == "NOT DONE").all()


def first_progression(tables: dict[str, pl.DataFrame]) -> dict[str, date]:
    """Return the first day with progression by RECIST 1.1, from the lesions, by hand."""
    visits: dict[str, dict[date, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in days(tables["TR"], "TRDTC").to_dicts():
        visits[row["USUBJID"]][row["TRDTC"]].append(row)
    found: dict[str, date] = {}
    for subject, by_day in visits.items():
        nadir: int | None = None
        for day in sorted(by_day):
            rows = by_day[day]
            targets = [row for row in rows if row["TRGRPID"] == "TARGET"]
            sizes = [round(row["TRSTRESN"] * 100) for row in targets if row["TRSTRESN"] is not None]
            total = sum(sizes)
            grown = nadir is not None and 5 * (total - nadir) >= nadir and total - nadir >= 500
            other = any(str(row["TRSTRESC"]).startswith("UNEQUIVOCAL") for row in rows)
            if grown or other:
                found[subject] = day
                break
            if len(sizes) == len(targets):
                nadir = total if nadir is None else min(nadir, total)
    return found


@story
@given(seeds, counts)
def test_true_progression_is_what_the_lesions_show(seed: int, n: int) -> None:
    tables, truth = told(seed, n)
    known = truth.filter(pl.col("PDDT").is_not_null())
    assert first_progression(tables) == dict(zip(known["USUBJID"], known["PDDT"], strict=True))


@story
@given(seeds, counts)
def test_the_recorded_response_follows_from_the_sums(seed: int, n: int) -> None:
    tables, truth = told(seed, n)
    if "RS" not in tables:
        return
    sums = (
        tables["TR"]
        .filter(pl.col("TRGRPID") == "TARGET")
        .with_columns(hundredths=(pl.col("TRSTRESN") * 100).round(0).cast(pl.Int64))
        .group_by("USUBJID", "VISITNUM")
        .agg(pl.col("hundredths").sum(), missing=pl.col("TRSTRESN").null_count())
    )
    base = sums.filter(pl.col("VISITNUM") == 1).select("USUBJID", base="hundredths")
    coded = tables["RS"].filter(pl.col("RSTESTCD") == "TRGRESP")
    joined = coded.join(sums, on=["USUBJID", "VISITNUM"]).join(base, on="USUBJID")
    assert joined.height == coded.height
    ne = joined.filter(pl.col("RSSTRESC") == "NE")
    assert (ne["missing"] > 0).all()
    deep = joined.filter(
        (10 * pl.col("hundredths") <= 7 * pl.col("base")) & (pl.col("missing") == 0)
    )
    assert set(deep["RSSTRESC"]) <= {"PR", "CR", "PD"}
    overall = tables["RS"].filter(pl.col("RSTESTCD") == "OVRLRESP")
    order = {"CR": 0, "PR": 1, "SD": 2, "PD": 3, "NE": 4}
    best: dict[str, str] = {}
    for subject, response in overall.select("USUBJID", "RSSTRESC").rows():
        best[subject] = min(best.get(subject, response), response, key=order.__getitem__)
    seen = truth.filter(pl.col("BOVR").is_not_null())
    assert best == dict(zip(seen["USUBJID"], seen["BOVR"], strict=True))


@story
@given(seeds, counts)
def test_survival_is_at_least_as_long_as_progression_free_survival(seed: int, n: int) -> None:
    tables, truth = told(seed, n)
    both = truth.filter(pl.col("PDDT").is_not_null() & pl.col("DTHDT").is_not_null())
    assert (both["PDDT"] < both["DTHDT"]).all()
    assert (truth["FUENDDT"] >= truth["PDDT"].fill_null(CUT_OFF.replace(year=2000))).all()
    scans = with_subject(tables, "TR")
    late = scans.join(truth.select("USUBJID", "PDDT"), on="USUBJID")
    assert late.filter(pl.col("DAY") > pl.col("PDDT")).is_empty()


@story
@given(seeds, counts)
def test_deaths_agree_in_all_tables(seed: int, n: int) -> None:
    tables, truth = told(seed, n)
    alive = tables["SS"].filter(pl.col("SSSTRESC") == "ALIVE")
    last = dict(alive.group_by("USUBJID").agg(pl.col("SSDTC").max()).rows())
    living = truth.filter(pl.col("DTHDT").is_null())
    known = living.select("USUBJID", pl.col("FUENDDT").dt.to_string()).rows()
    assert dict(known).items() <= last.items()
    dead = dict(
        truth.filter(pl.col("DTHDT").is_not_null())
        .select("USUBJID", pl.col("DTHDT").dt.to_string())
        .rows()
    )
    subjects = tables["DM"].filter(pl.col("DTHFL") == "Y")
    assert dict(subjects.select("USUBJID", "DTHDTC").rows()) == dead
    status = tables["SS"].filter(pl.col("SSSTRESC") == "DEAD")
    assert dict(status.select("USUBJID", "SSDTC").rows()) == dead
    fatal = tables["AE"].filter(pl.col("AETOXGR") == 5)
    assert (fatal["AESDTH"] == "Y").all()
    assert (fatal["AEOUT"] == "FATAL").all()
    assert dict(fatal.select("USUBJID", "AEENDTC").rows()).items() <= dead.items()
    assert fatal["USUBJID"].is_unique().all()
    participation = tables["DS"].filter(
        (pl.col("DSSCAT") == "STUDY PARTICIPATION") & (pl.col("DSDECOD") == "DEATH")
    )
    assert dict(participation.select("USUBJID", "DSSTDTC").rows()) == dead


@story
@given(seeds, counts)
def test_another_therapy_comes_only_after_the_end_of_treatment(seed: int, n: int) -> None:
    tables, _ = told(seed, n, partial_dates=0.0)
    later = tables.get("CM", pl.DataFrame(schema={"CMCAT": pl.String, "USUBJID": pl.String}))
    later = later.filter(pl.col("CMCAT") == "SUBSEQUENT ANTICANCER THERAPY")
    if later.is_empty():
        return
    ends = tables["DS"].filter(pl.col("DSSCAT") == "STUDY TREATMENT")
    joined = later.join(ends, on="USUBJID", how="left")
    assert joined["DSSTDTC"].null_count() == 0
    assert (joined["CMSTDTC"] > joined["DSSTDTC"]).all()
    doses = tables["EX"].group_by("USUBJID").agg(pl.col("EXENDTC").max())
    assert (
        joined.join(doses, on="USUBJID")["CMSTDTC"] > joined.join(doses, on="USUBJID")["EXENDTC"]
    ).all()


@story
@given(seeds, counts)
def test_a_reduction_and_a_stop_for_toxicity_have_their_event(seed: int, n: int) -> None:
    tables, _ = told(seed, n)
    events = tables["AE"].group_by("USUBJID").agg(pl.col("AEACN"))
    actions = dict(events.rows())
    for subject in tables["EX"].filter(pl.col("EXADJ") == "ADVERSE EVENT")["USUBJID"]:
        assert "DOSE REDUCED" in actions[subject]
    stopped = tables["DS"].filter(
        (pl.col("DSSCAT") == "STUDY TREATMENT") & (pl.col("DSDECOD") == "ADVERSE EVENT")
    )
    for subject in stopped["USUBJID"]:
        assert "DRUG WITHDRAWN" in actions[subject]


@story
@given(seeds, counts)
def test_keys_are_unique(seed: int, n: int) -> None:
    tables, truth = told(seed, n)
    assert truth["USUBJID"].is_unique().all()
    assert tables["DM"]["USUBJID"].is_unique().all()
    assert tables["DM"].height == n
    for name, frame in tables.items():
        number = f"{name}SEQ"
        if number in frame.columns:
            assert frame.select(pl.struct("USUBJID", number).is_unique().all()).item(), name
        assert set(frame["USUBJID"]) <= set(tables["DM"]["USUBJID"])
    for name, key in (
        ("TU", ["TULNKID"]),
        ("TR", ["TRLNKID", "VISITNUM"]),
        ("RS", ["RSTESTCD", "VISITNUM"]),
        ("LB", ["LBTESTCD", "VISITNUM"]),
        ("SV", ["VISITNUM"]),
        ("SS", ["SSDTC"]),
        ("EX", ["EXTRT", "EXSTDTC"]),
    ):
        if name in tables:
            assert tables[name].select(pl.struct("USUBJID", *key).is_unique().all()).item(), name


def test_a_share_of_the_dates_is_partial_when_asked_for() -> None:
    whole = told(11, 200, partial_dates=0.0)[0]["AE"]["AESTDTC"]
    assert (whole.str.len_chars() == 10).all()
    partial = told(11, 200, partial_dates=0.2)[0]["AE"]["AESTDTC"]
    lengths = partial.str.len_chars()
    assert set(lengths) == {4, 7, 10}
    assert 0.14 < (lengths < 10).mean() < 0.26
    assert (partial.str.head(4) == whole.str.head(4)).all()


@pytest.mark.parametrize("wrong", [{"partial_dates": 1.5}, {"after_cut_off": -1}])
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        Collected(**wrong)


def test_a_table_draws_from_a_stream_of_its_own() -> None:
    """Other partial dates change events and therapies, and nothing else."""
    one, other = told(5, 60)[0], told(5, 60, partial_dates=0.5)[0]
    changed = {name for name in one if not one[name].equals(other[name])}
    assert changed == {"AE", "CM"}


TWO_DRUGS = """
study: {id: S-2, title: Two drugs, randomised: true}
data: {tables: {ADSL: {file: adsl.csv}, ADTTE: {file: adtte.csv}, ADRS: {file: adrs.csv}}}
screening: {failure: {ELIGFL: N}}
arms:
  - {id: both, label: Both, planned: 20, treatments: [weekly, weight]}
  - {id: control, label: Control, planned: 10}
treatments:
  - {id: weekly, drug: Weekly, route: intravenous, dose: {amount: 200, unit: mg},
     schedule: {first_day: 8, last_day: 8, cycle_days: 21}}
  - {like: lenvatinib-by-weight, id: weight}
analysis_sets: [{like: full, id: full}]
assessments: {like: recist-1.1, every_days: 60, window_days: 5, evaluator: INDEPENDENT ASSESSOR}
endpoints: [{like: pfs, id: pfs}, {like: orr, id: orr}]
biomarkers: [{id: il-6, label: IL-6, column: IL6BL, unit: pg/mL, lower_limit_of_detection: 40}]
analyses: [{id: pfs-time, kind: time_to_event, set: full, endpoint: pfs}]
"""


def test_other_protocols_give_cause_for_other_records() -> None:
    protocol = parse_protocol(TWO_DRUGS)
    tables = simulate_collected(protocol, 300, Collected(screen_failures=0.2))
    failed = tables["DM"].filter(pl.col("ARMNRS") == "SCREEN FAILURE")
    assert 30 < failed.height < 90
    assert (failed["ELIGFL"] == "N").all()
    assert set(tables["IE"]["USUBJID"]) == set(failed["USUBJID"])
    assert not set(tables["EX"]["USUBJID"]) & set(failed["USUBJID"])
    assert not set(tables["TU"]["USUBJID"]) & set(failed["USUBJID"])
    randomised = tables["DS"].filter(pl.col("DSDECOD") == "RANDOMIZED")
    assert randomised.height == 300 - failed.height
    assert set(tables["EX"]["EXTRT"]) == {"WEEKLY", "LENVATINIB", "CONTROL"}
    weights = tables["VS"].filter(
        (pl.col("VSTESTCD") == "WEIGHT") & (pl.col("VISIT") == "SCREENING")
    )
    doses = tables["EX"].filter(pl.col("EXTRT") == "LENVATINIB").join(weights, on="USUBJID")
    assert ((doses["EXDOSE"] == 12) == (doses["VSSTRESN"] >= 60)).all()
    assert set(tables["TR"]["TREVAL"]) == {"INDEPENDENT ASSESSOR"}
    assert "DAY 60" in set(tables["RS"]["VISIT"])
    below = tables["BM"].filter(pl.col("BMSTRESN").is_null())
    assert set(below["BMSTRESC"]) == {"<40"}
    assert tables["BM"]["BMSTRESN"].min() >= 40


@pytest.mark.parametrize("name", ["alter-0802", "tcga-lihc", "cdisc-onco"])
def test_every_study_of_the_repository_can_be_constructed(name: str) -> None:
    protocol = read_protocol(ROOT / "studies" / name / "study.yaml")
    tables = simulate_collected(protocol, 40)
    assert {"DM", "DS", "EX", "TU", "TR", "AE", "LB", "VS"} <= set(tables)
    for variable in protocol.variables:
        assert (variable.column in tables["DM"].columns) == (variable.occurs is None)
