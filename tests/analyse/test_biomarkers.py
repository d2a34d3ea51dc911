"""Change of biomarkers and chosen cut-points, on patients few enough to count by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from hepatica.analyse import analyse, with_cut_points
from hepatica.analyse.chosen_comparison import MOST_SCANNED, _scanned
from hepatica.analyse.maximal import Maximal
from hepatica.derive import derive_datasets
from hepatica.derive.datasets import Datasets
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

#: Subject, arm, marker at baseline (None: below the limit 1.0), marker at progression, day, CNSR.
PATIENTS = [
    ("A1", "A", 2.0, 5.0, 300, 0),
    ("A2", "A", 4.0, 3.0, 280, 0),
    ("A3", "A", 6.0, 10.0, 90, 0),
    ("A4", "A", 8.0, 6.0, 70, 0),
    ("A5", "A", None, 3.0, 250, 1),
    ("B1", "B", 3.0, None, 60, 0),
    ("B2", "B", 5.0, 12.0, 40, 0),
    ("B3", "B", 7.0, 7.0, 200, 1),
    ("B4", "B", 9.0, 17.0, 30, 0),
]


def protocol(**parts: Any) -> Protocol:
    cuts = [
        {
            "id": "m-median",
            "choose": {"by": "median", "set": "full", "arm": "b"},
            "below": "Below {at} u",
            "at_or_above": "{at} u or more",
            "source": "Median of arm B",
        },
        {
            "id": "m-roc",
            "choose": {"by": "roc", "set": "full", "endpoint": "ttp", "at": "100 days"},
            "below": "Low",
            "at_or_above": "High",
            "source": "ROC",
        },
        {
            "id": "m-logrank",
            "choose": {"by": "logrank", "set": "full", "endpoint": "ttp"},
            "below": "Below {at}",
            "at_or_above": "From {at}",
            "source": "Log-rank",
        },
    ]
    marker = {
        "label": "Marker",
        "column": "MBL",
        "parameter": "M",
        "unit": "u",
        "decimals": 1,
        "lower_limit_of_detection": 1.0,
    }
    base: dict[str, Any] = {
        "study": {"id": "HAND", "title": "By hand"},
        "data": {"tables": {name: {"file": "f.csv"} for name in ("ADSL", "ADTTE", "BM")}},
        "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "endpoints": [
            {
                "kind": "time_to_event",
                "id": "ttp",
                "label": "Time to progression",
                "parameter": "TTP",
                "origin": {"label": "start", "variable": "TRTSDT"},
                "events": [{"id": "pd", "sentence": "Progressed.", "description": "PD"}],
            }
        ],
        "biomarkers": [
            {"id": "m", "cut_points": cuts, **marker},
            {"id": "k", **(marker | {"column": "KBL", "parameter": "K", "label": "Other"})},
        ],
        "analyses": [
            {"id": "change", "kind": "biomarker_change", "set": "full", "biomarkers": ["m", "k"]},
            _by_cut("a", "m-median", where={"TRT01P": "A"}, where_label="A"),
            _by_cut("b", "m-median", where={"TRT01P": "B"}, where_label="B"),
            _by_cut("all", "m-median", compare={"reference": "Below {at} u"}),
        ],
    }
    return Protocol.model_validate(base | parts)


def _by_cut(name: str, cut: str, **parts: Any) -> dict[str, Any]:
    common = {"kind": "time_to_event", "set": "full", "endpoint": "ttp", "by": cut}
    return {"id": name, **common, "compare": {"hazard_ratio": False}, **parts}


def tables() -> dict[str, pl.DataFrame]:
    names = ["USUBJID", "TRT01P", "BASE", "LAST", "AVAL", "CNSR"]
    frame = pl.DataFrame(PATIENTS, schema=names, orient="row")
    samples = [
        (subject, number, "M", value, None if value is not None else "<1.0", day, visit)
        for subject, _, first, last, *_ in PATIENTS
        for number, (value, day, visit) in enumerate(
            [(first, "2020-01-01", "SCREENING"), (last, "2020-06-01", "PROGRESSION")], start=1
        )
    ]
    # The other marker was measured in one patient, and at baseline in another.
    samples.append(("A1", 3, "K", 1.5, None, "2020-01-01", "SCREENING"))
    samples.append(("A1", 4, "K", 1.5, None, "2020-06-01", "PROGRESSION"))
    samples.append(("A2", 3, "K", 2.5, None, "2020-01-01", "SCREENING"))
    columns = ["USUBJID", "BMSEQ", "BMTESTCD", "BMSTRESN", "BMSTRESC", "BMDTC", "VISIT"]
    measured = pl.DataFrame(samples, schema=columns, orient="row").with_columns(
        BMDT=pl.col("BMDTC").str.to_date(), BMDTP=pl.lit("D"), BMSTRESU=pl.lit("u")
    )
    return {
        "ADSL": frame.select("USUBJID", "TRT01P").with_columns(
            TRTSDT=pl.lit("2020-01-02").str.to_date()
        ),
        "ADTTE": frame.select(
            "USUBJID", pl.lit("TTP").alias("PARAMCD"), pl.col("AVAL").cast(pl.Float64), "CNSR"
        ),
        "BM": measured,
    }


def run(plan: Protocol | None = None) -> tuple[Protocol, Datasets, Results]:
    plan = plan or protocol()
    datasets = derive_datasets(plan, tables())
    return plan, datasets, analyse(plan, datasets)


@pytest.fixture(scope="module")
def rows() -> Results:
    return run()[2]


def value(rows: Results, statistic: str, **columns: Any) -> float | None:
    return rows.one(analysis="change", statistic=statistic, **columns).value


def test_samples_are_counted_at_baseline_at_both_times_and_with_values(rows: Results) -> None:
    for level, counts in (("A", (5, 5, 4)), ("B", (4, 4, 3))):
        place = {"variable": "m", "variable_level": "", "level": level}
        found = tuple(value(rows, name, **place) for name in ("n_baseline", "n_matched", "n"))
        assert found == counts
    assert value(rows, "n_baseline", variable="k", variable_level="", level="A") == 2
    assert value(rows, "n_matched", variable="k", variable_level="", level="A") == 1


def test_change_is_described_by_sas_quartiles_and_walsh_averages(rows: Results) -> None:
    # Changes in arm A: 3, -1, 4, -2; the ten Walsh averages have the median 1.
    place = {"variable": "m", "variable_level": "change", "level": "A"}
    assert value(rows, "median", **place) == 1.0
    assert value(rows, "q1", **place) == -1.5
    assert value(rows, "q3", **place) == 3.5
    assert value(rows, "hodges_lehmann", **place) == 1.0
    lower = rows.one(analysis="change", statistic="hodges_lehmann_lower", **place)
    assert lower.status == "not_estimable"
    assert lower.message == "Limits at this level need at least 6 pairs."
    baseline = {"variable": "m", "variable_level": "baseline", "level": "A"}
    assert value(rows, "median", **baseline) == 5.0


def test_signed_rank_is_exact_and_leaves_zeros_out(rows: Results) -> None:
    # Arm A: ranks 3, 1, 4, 2 with signs + - + -. The positive ranks sum to 7 of 10, and 5 of the
    # 16 sets of signs reach that: {3, 4}, {1, 2, 4}, {1, 3, 4}, {2, 3, 4} and all.
    place = {"variable": "m", "variable_level": "change"}
    found = rows.one(analysis="change", statistic="p_value", level="A", **place)
    assert found.value == 2 * 5 / 16
    assert "zero changes left out, exact" in found.method
    assert "mid-ranks" in found.method
    # Arm B: changes 7, 0, 8; two are left, both positive.
    assert value(rows, "p_value", level="B", **place) == 0.5
    assert value(rows, "n_zero", level="B", **place) == 1


def test_p_values_are_adjusted_over_the_tests_that_could_be_done(rows: Results) -> None:
    # The other marker did not change in its only pair, so one test is left in each group.
    place = {"variable": "m", "variable_level": "change", "level": "B"}
    holm = rows.one(analysis="change", statistic="p_value_holm", **place)
    assert holm.value == 0.5
    assert holm.message == "Adjusted over 1 test."
    assert value(rows, "tests", level="B") == 1
    other = rows.one(
        analysis="change",
        statistic="p_value_holm",
        level="A",
        variable="k",
        variable_level="change",
    )
    assert (other.status, other.message) == (
        "not_estimable",
        "No value changed: all differences are zero.",
    )
    absent = rows.one(
        analysis="change", statistic="p_value", level="B", variable="k", variable_level="change"
    )
    assert absent.message == "No patient has a value at both times."


def test_changes_are_compared_in_interquartile_ranges_at_baseline(rows: Results) -> None:
    # Baselines of the seven pairs: 2 4 5 6 7 8 9, quartiles 4 and 8.
    assert value(rows, "iqr", variable="m", variable_level="baseline") == 4.0
    scaled = {"variable": "m", "variable_level": "scaled", "level": "A"}
    assert value(rows, "hodges_lehmann", **scaled) == 0.25


def test_a_median_is_chosen_in_one_arm_and_names_the_groups(rows: Results) -> None:
    cut = {"analysis": "cut_points", "variable": "m-median", "level": "B"}
    assert rows.one(statistic="cut_point", **cut).value == 6.0
    assert rows.one(statistic="n", **cut).value == 4
    assert rows.one(analysis="a", level="Below 6 u", statistic="n").value == 3
    assert rows.one(analysis="a", level="6 u or more", statistic="n").value == 2
    assert (
        rows.one(
            analysis="all", statistic="hazard_ratio", variable="cox", level="6 u or more"
        ).reference
        == "Below 6 u"
    )


def test_a_result_below_the_limit_is_below_the_cut_point() -> None:
    plan, datasets, rows = run()
    assert "M_MEDIAN_CAT" not in datasets["ADSL"].columns
    filled, extended = with_cut_points(plan, datasets, rows)
    adsl = extended["ADSL"].sort("USUBJID")
    assert adsl["MBL"].to_list()[4] is None
    assert adsl["MBL_LLOQ"].to_list()[4] == 1.0
    assert adsl["M_MEDIAN_CAT"].to_list()[4] == "Below 6 u"
    assert filled.biomarkers[0].cut_points[0].at == 6.0
    assert plan.biomarkers[0].cut_points[0].at is None


def test_half_of_the_values_below_the_limit_leave_no_median() -> None:
    plan = protocol()
    datasets = dict(derive_datasets(plan, tables()))
    low = pl.col("USUBJID").is_in(["B1", "B2"])
    datasets["ADSL"] = datasets["ADSL"].with_columns(
        MBL=pl.when(low).then(None).otherwise("MBL"),
        MBL_LLOQ=pl.when(low).then(1.0).otherwise("MBL_LLOQ"),
    )
    rows = analyse(plan, datasets)
    found = rows.one(analysis="cut_points", variable="m-median", statistic="cut_point")
    assert found.status == "not_estimable"
    failed = rows.one(analysis="a", statistic="analysis")
    assert failed.message == (
        "The cut-point m-median could not be chosen. Half or more of the values of Marker lie "
        "below its limit."
    )


def test_roc_leaves_out_patients_censored_before(rows: Results) -> None:
    # By day 100: A3, A4, B1, B2, B4 progressed; A1, A2, A5 and B3 were followed beyond it.
    cut = {"analysis": "cut_points", "variable": "m-roc"}
    assert rows.one(statistic="n", **cut).value == 9
    assert rows.one(statistic="n_events", **cut).value == 5
    assert rows.one(statistic="censored_before", **cut).value == 0
    # Events have 6 8 3 5 9, the others 2 4 7 and one below the limit.
    assert rows.one(statistic="auc", **cut).value == pytest.approx((3 + 4 + 2 + 3 + 4) / 20)
    assert rows.one(statistic="cut_point", **cut).value == 5.0
    assert rows.one(statistic="sensitivity", **cut).value == pytest.approx(0.8)
    assert rows.one(statistic="specificity", **cut).value == pytest.approx(0.75)


def test_a_patient_censored_before_the_time_is_counted_apart() -> None:
    plan = protocol()
    datasets = dict(derive_datasets(plan, tables()))
    early = pl.when(pl.col("USUBJID") == "B3").then(50.0).otherwise("AVAL")
    datasets["ADTTE"] = datasets["ADTTE"].with_columns(AVAL=early)
    rows = analyse(plan, datasets)
    cut = {"analysis": "cut_points", "variable": "m-roc"}
    assert rows.one(statistic="censored_before", **cut).value == 1
    assert rows.one(statistic="n", **cut).value == 8
    assert rows.one(statistic="missing", **cut).value == 0


def test_the_largest_logrank_statistic_begins_the_upper_group(rows: Results) -> None:
    cut = {"analysis": "cut_points", "variable": "m-logrank"}
    at = rows.one(statistic="cut_point", **cut)
    scan = rows.where(analysis="all", variable="cut_point_scan")
    best = max(scan, key=lambda row: row.value or 0.0)
    assert at.value == float(best.variable_level)
    assert rows.one(statistic="test_statistic", **cut).value == best.value
    p_value = rows.one(statistic="p_value", **cut)
    assert p_value.value is not None
    assert 0.0 < p_value.value <= 1.0
    assert "9999 random permutations" in p_value.method


def test_the_corrected_p_stands_first_where_the_same_patients_chose(rows: Results) -> None:
    for analysis in ("b", "all"):
        tests = [
            row
            for row in rows.where(analysis=analysis)
            if row.variable in ("maximally_selected", "logrank") and row.statistic == "p_value"
        ]
        assert [row.variable for row in tests] == ["maximally_selected", "logrank"]
        assert tests[1].message == "Not corrected for the choice of the cut-point."
    # Arm A takes the cut-point of arm B: nothing is to be corrected.
    other = rows.where(analysis="a")
    assert not [row for row in other if row.variable == "maximally_selected"]
    assert rows.one(analysis="a", variable="logrank", statistic="p_value").message == ""


def test_the_same_seed_gives_the_same_p() -> None:
    def corrected(rows: Results) -> ResultRow:
        return rows.one(analysis="all", variable="maximally_selected", statistic="p_value")

    first = run()[2]
    assert corrected(first) == corrected(run()[2])
    # The same patients, marker and outcome, by another cut-point, have the same P value.
    chosen = first.one(analysis="cut_points", variable="m-logrank", statistic="p_value")
    assert chosen.value == corrected(first).value


def test_a_marker_in_two_units_is_refused() -> None:
    plan = protocol()
    datasets = dict(derive_datasets(plan, tables()))
    unit = pl.when(pl.col("USUBJID") == "A1").then(pl.lit("v")).otherwise("AVALU")
    datasets["ADBM"] = datasets["ADBM"].with_columns(AVALU=unit)
    failed = analyse(plan, datasets).one(analysis="change", statistic="analysis")
    assert failed.message.startswith("Marker was measured in more than one unit.")


def test_of_very_many_cut_points_some_and_the_largest_have_rows() -> None:
    statistics = np.linspace(0.0, 1.0, 3000)
    statistics[1234] = 5.0
    best = Maximal(1234.0, 5.0, 0.1, np.arange(3000.0), statistics, "")
    shown = _scanned(best)
    assert len(shown) == MOST_SCANNED + 1
    assert (1234.0, 5.0) in shown
    assert shown[0][0] == 0.0
    assert shown[-1][0] == 2999.0
