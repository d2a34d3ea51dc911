"""Changes of biomarkers have the printed quartiles and p-values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from printed_patients import ARMS, reprinted, study, with_arm

from hepatica.derive.adbm import derive_adbm
from hepatica.errors import CommandError, InputError
from hepatica.simulate.rebuild.biomarkers import biomarker_table, matched_patients
from hepatica.simulate.rebuild.construction import Analyte
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.pair_ranks import departures, p_value_of
from hepatica.simulate.rebuild.paired_values import Differences, PrintedChange, find_differences
from hepatica.simulate.rebuild.sample_values import Split, sample_values
from hepatica.stats.quantiles import quantile
from hepatica.stats.signed_rank import signed_rank

ANALYTE = Analyte(limit=1.0, level=20.0)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def summary(differences: np.ndarray) -> tuple[str, ...]:
    found = [quantile(differences, share) for share in (0.25, 0.5, 0.75)]
    return (*(f"{one:.1f}" for one in found), f"{signed_rank(differences).p_value:.4f}")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        # All of one sign: 2 of 16.
        (PrintedChange(4, 7.4, 2.4, 16.0, 0.125), ("2.4", "7.4", "16.0", "0.1250")),
        # Quartiles that are changes themselves, and one that is the average of two.
        (PrintedChange(9, 3.5, -2.2, 6.8, 0.2031), ("-2.2", "3.5", "6.8", "0.2031")),
        (PrintedChange(8, -16.6, -23.1, -6.9, 0.0234), ("-23.1", "-16.6", "-6.9", "0.0234")),
        # Needs a zero and a tie.
        (PrintedChange(15, 0.0, -1.3, 9.9, 0.1882), ("-1.3", "0.0", "9.9", "0.1882")),
    ],
)
def test_differences_have_what_is_printed(
    printed: PrintedChange, shown: tuple[str, ...], seed: int
) -> None:
    found = find_differences(printed, rng(seed))
    assert len(found.units) == printed.n
    assert summary(found.units / 10**found.decimals) == shown


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=15).filter(any))
def test_the_p_value_of_the_search_is_that_of_the_signed_rank_test(changes: list[int]) -> None:
    test = signed_rank(changes)
    assert p_value_of(changes) == pytest.approx(test.p_value, rel=1e-12)
    sizes = sorted(abs(one) for one in changes)
    alike = sum(one == two != 0 for one, two in pairwise(sizes))
    assert departures(changes) == sizes.count(0) + alike


def test_equal_changes_to_one_decimal_never_give_the_p_value_of_fgf_2() -> None:
    # Printed -3.5, 3.5 and 5.5 are the second, third and fourth of five changes. The first two are
    # tied in size, and whatever the first and the last are, p stays below the printed 1.0000.
    largest = max(
        signed_rank([first, -35, 35, 55, last]).p_value
        for first in range(-70, -34)
        for last in range(55, 71)
    )
    assert largest < 0.95
    found = find_differences(PrintedChange(5, 3.5, -3.5, 5.5, 1.0), rng())
    assert found.decimals == 2
    assert signed_rank(found.units).p_value == 1.0


def test_a_p_value_that_no_signs_give_is_refused() -> None:
    # Four changes have p-values of at least 2 in 16.
    with pytest.raises(InputError, match="No 4 differences were found"):
        find_differences(PrintedChange(4, 7.4, 2.4, 16.0, 0.01), rng())


def test_quartiles_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InputError, match="does not lie between the quartiles"):
        find_differences(PrintedChange(8, -16.6, -6.9, -23.1, 0.0234), rng())


def values_of(split: Split | None = None, units: tuple[int, ...] = (-60, 15, 20)) -> Iterator:
    for seed in range(20):
        found = Differences(np.array(units), 1)
        yield sample_values(ANALYTE, found, [0, 2, 3, 5], 7, rng(seed), split)


def test_changes_are_kept_and_all_values_can_be_quantified() -> None:
    for values in values_of():
        changes = [
            round(later - base, 1)
            for base, later in zip(values.baseline, values.later, strict=True)
            if base is not None and later is not None
        ]
        assert sorted(changes) == [-6.0, 1.5, 2.0]
        measured = [one for one in (*values.baseline, *values.later) if one is not None]
        assert min(measured) > ANALYTE.limit
        assert [values.later[place] for place in (1, 4, 6)] == [None] * 3


def test_baseline_values_lie_on_their_side_of_the_threshold_which_is_their_median() -> None:
    high = (True, False, True, False, False, True)
    for seed in range(20):
        found = Differences(np.array([-60, 15, 20]), 1)
        values = sample_values(ANALYTE, found, [0, 1, 2], 6, rng(seed), Split(7.6, high, True))
        baseline = [one for one in values.baseline if one is not None]
        assert [one > 7.6 for one in baseline] == list(high)
        assert quantile(baseline, 0.5) == 7.6


def test_a_decrease_larger_than_the_threshold_needs_a_high_value() -> None:
    split = Split(7.6, (False,) * 7, is_median=False)
    with pytest.raises(InputError, match="decreases are larger"):
        list(values_of(split, (-80, 15, 20)))


def test_a_median_between_groups_of_unequal_size_is_refused() -> None:
    with pytest.raises(InputError, match="2 patients lie below and 5 above"):
        list(values_of(Split(7.6, (True, True, True, False, False, True, True), True)))


def test_more_pairs_than_samples_are_refused() -> None:
    with pytest.raises(InputError, match="5 pairs are printed, but 4 patients"):
        list(values_of(units=(1, 2, 3, 4, 5)))


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return biomarker_table(study())


@pytest.fixture(scope="module")
def derived(table: pl.DataFrame) -> pl.DataFrame:
    """ADBM with the arm, as the pipeline derives it from the collected table."""
    typed = table.with_columns(pl.col("BMDTC").str.to_date().alias("BMDT"), BMDTP=pl.lit("D"))
    courses = study().courses
    adsl = courses.select("USUBJID", TRTSDT="first_dose")
    day = pl.col("first_dose") + pl.duration(days=pl.col("pfs_days") - 1)
    progression = courses.filter(pl.col("pfs_end") == "progression").select("USUBJID", ADT=day)
    frames = (nw.from_native(one) for one in (typed, adsl, progression))
    bm, subjects, progressed = frames
    adbm = derive_adbm(study().protocol, bm, subjects, progressed)
    return with_arm(adbm.collect().to_polars())


def test_table_3_is_met(derived: pl.DataFrame) -> None:
    paired = derived.filter((pl.col("PAIRFL") == "Y") & pl.col("CHG").is_not_null())
    markers = list(study().construction.analytes)
    assert len(markers) == 13
    for marker in markers:
        for arm in ARMS:
            changes = paired.filter(PARAMCD=marker.upper(), ARM=arm)["CHG"].to_numpy()
            found = {
                "n": float(len(changes)),
                "q1": quantile(changes, 0.25),
                "median": quantile(changes, 0.5),
                "q3": quantile(changes, 0.75),
                "p_value": signed_rank(changes).p_value,
            }
            for statistic, value in found.items():
                printed = study().published.get(
                    place="Table 3", variable=marker, level=arm, statistic=statistic
                )
                assert printed is not None
                assert printed.value is not None
                assert abs(value - printed.value) <= 0.5 * 10**-printed.decimals, (marker, arm)


def test_samples_are_as_many_as_printed(derived: pl.DataFrame) -> None:
    chosen = study().construction.samples
    for arm, baseline, matched in (("Cohort 1", 18, 15), ("Cohort 2", 20, 15)):
        rows = derived.filter(ARM=arm, PARAMCD="VEGF-A")
        assert rows.filter(pl.col("ABLFL") == "Y").height == baseline
        assert rows.filter(pl.col("PAIRFL") == "Y").height == matched
        assert chosen.matched[arm.lower().replace(" ", "-")] == matched


def test_results_below_the_limit_have_no_value(table: pl.DataFrame) -> None:
    below = table.filter(pl.col("BMSTRESN").is_null())
    assert below.height > 20
    assert below["BMSTRESC"].str.starts_with("<").all()
    assert table.select((pl.col("BMSTRESN") > pl.col("BMLLOQ")).all()).item()


def test_samples_are_taken_before_the_first_dose_and_at_progression(table: pl.DataFrame) -> None:
    frame = with_arm(table).with_columns(pl.col("BMDTC").str.to_date())
    since = (pl.col("BMDTC") - pl.col("first_dose")).dt.total_days()
    before = frame.filter(VISIT="BASELINE").select(since).to_series()
    assert before.is_between(-2, 0).all()
    later = frame.filter(VISIT="PROGRESSION")
    assert (later["pfs_end"] == "progression").all()
    after = later.select(since - (pl.col("pfs_days") - 1)).to_series()
    assert after.is_between(0, study().protocol.assessments.window_days).all()
    alive = since + 1 < pl.col("os_days") + (pl.col("os_end") == "censored")
    assert later.select(alive.all()).item()
    assert set(later["USUBJID"]) == matched_patients(study())


def test_cxcl1_divides_the_patients_as_the_courses_say(table: pl.DataFrame) -> None:
    frame = with_arm(table.filter(BMTESTCD="CXCL1", VISIT="BASELINE"))
    assert frame.select(((pl.col("BMSTRESN") > 7.6) == (pl.col("cxcl1") == "high")).all()).item()
    second = np.sort(frame.filter(ARM="Cohort 2")["BMSTRESN"].to_numpy())
    assert len(second) == 20
    assert second[9] < 7.6 < second[10]
    assert quantile(second, 0.5) == 7.6


def test_records_are_in_order_and_the_same_each_time(table: pl.DataFrame) -> None:
    for _, rows in table.group_by("USUBJID"):
        assert rows["BMSEQ"].to_list() == list(range(1, rows.height + 1))
        assert all(one <= two for one, two in pairwise(rows["BMDTC"]))
    again = biomarker_table(only(study(), "cd137"))
    assert again.drop("BMSEQ").equals(table.filter(BMTESTCD="CD137").drop("BMSEQ"))


def only(rebuild: Rebuild, marker: str) -> Rebuild:
    """Return the study with one biomarker in the plan."""
    plans = [
        one.model_copy(update={"biomarkers": (marker,)}) if one.kind == "biomarker_change" else one
        for one in rebuild.protocol.analyses
    ]
    return replace(rebuild, protocol=rebuild.protocol.model_copy(update={"analyses": tuple(plans)}))


def test_another_print_gives_other_changes() -> None:
    rebuild = reprinted(9.9, variable="ccl11", level="Cohort 2", statistic="median")
    rows = biomarker_table(only(rebuild, "ccl11"))
    wide = with_arm(rows.pivot(on="VISIT", index="USUBJID", values="BMSTRESN"))
    pairs = wide.filter(ARM="Cohort 2").drop_nulls(["BASELINE", "PROGRESSION"])
    changes = (pairs["PROGRESSION"] - pairs["BASELINE"]).to_numpy()
    assert summary(changes) == ("0.2", "9.9", "16.4", "0.0413")


def test_a_change_that_cannot_be_names_biomarker_and_arm() -> None:
    rebuild = reprinted(-99.0, variable="il-2", level="Cohort 1", statistic="q3")
    with pytest.raises(InputError, match="Change of IL-2 in Cohort 1: The median"):
        biomarker_table(only(rebuild, "il-2"))


def test_an_analyte_without_limit_and_level_is_told() -> None:
    construction = study().construction.model_copy(update={"analytes": {}})
    rebuild = replace(study(), construction=construction)
    with pytest.raises(CommandError, match="says nothing of il-2"):
        biomarker_table(rebuild)
