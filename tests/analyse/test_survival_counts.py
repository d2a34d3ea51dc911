"""Counting in the engine: the same counts as from arrays, on every engine; what is set aside."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.analyse.counts import SurvivalColumns, survival_counts
from hepatica.analyse.standing import Standing
from hepatica.analyse.survival_counts import CountedSurvival
from hepatica.protocol.conditions import parse_condition
from hepatica.records.engine_numbers import with_numbers
from hepatica.stats.survival import count_survival

EVENT = parse_condition({"CNSR": 0})
COLUMNS = SurvivalColumns(time="AVAL", event=EVENT, group="ARM", strata=("REGION",))
ROWS = st.lists(
    st.tuples(
        st.integers(1, 9), st.integers(0, 2), st.sampled_from("AB"), st.sampled_from("EW"),
        st.integers(-2, 8),
    ),
    min_size=1,
    max_size=40,
)  # fmt: skip


def table(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    names = {"AVAL": pl.Int64, "CNSR": pl.Int64, "ARM": pl.String, "REGION": pl.String,
             "ENTRY": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")


def engines(frame: pl.DataFrame) -> dict[str, Any]:
    return {
        "eager": frame,
        "lazy": frame.lazy(),
        "duckdb": duckdb.from_arrow(frame.to_arrow()),
    }


def same(one: CountedSurvival, other: CountedSurvival) -> None:
    assert (one.groups, one.strata) == (other.groups, other.strata)
    assert (one.standing, one.by_group) == (other.standing, other.by_group)
    assert one.unstratified == other.unstratified
    for name in ("events", "censored", "entered"):
        for counts in ("counts", "follow_up"):
            left, right = (getattr(getattr(each, counts), name) for each in (one, other))
            np.testing.assert_array_equal(left, right)


@settings(max_examples=25)
@given(rows=ROWS)
def test_counts_of_a_frame_are_those_of_its_arrays(rows: list[tuple[Any, ...]]) -> None:
    frame = table(rows)
    counted = survival_counts(frame, COLUMNS)
    time, cnsr, arm, region, _ = (frame[name].to_numpy() for name in frame.columns)
    expected = count_survival(
        time,
        cnsr == 0,
        np.searchsorted(np.array(counted.groups), arm.astype(str)),
        strata=np.searchsorted(np.array([one for (one,) in counted.strata]), region.astype(str)),
    )
    np.testing.assert_array_equal(counted.counts.events, expected.events)
    np.testing.assert_array_equal(counted.counts.censored, expected.censored)
    np.testing.assert_array_equal(counted.counts.entered, expected.entered)


@settings(max_examples=25)
@given(rows=ROWS, cut=st.integers(0, 40))
def test_delayed_entry_is_counted_where_it_lies_before_the_time(
    rows: list[tuple[Any, ...]], cut: int
) -> None:
    frame = table(rows)
    columns = SurvivalColumns(time="AVAL", event=EVENT, entry="ENTRY")
    counted = survival_counts(frame, columns)
    time, cnsr, entry = (frame[name].to_numpy() for name in ("AVAL", "CNSR", "ENTRY"))
    followed = np.maximum(entry, 0) < time
    assert counted.standing.get(Standing.ENTRY_NOT_BEFORE, 0) == (~followed).sum()
    if not followed.any():
        return
    time, event, entry = time[followed], cnsr[followed] == 0, np.maximum(entry[followed], 0)
    expected = count_survival(time, event, entry=entry)
    np.testing.assert_array_equal(counted.counts.at_risk, expected.at_risk)
    np.testing.assert_array_equal(counted.counts.events, expected.events)
    ended = count_survival(time - entry, event)
    np.testing.assert_array_equal(counted.follow_up.censored, ended.censored)


def test_engines_count_alike_and_name_what_is_set_aside() -> None:
    frame = table(
        [
            (5, 0, "A", "E", 0), (5, 1, "A", "W", 2), (7, 0, "B", None, 0), (None, 0, "B", "E", 0),
            (4, None, "A", "E", 0), (-1, 0, "A", "E", 0), (3, 0, None, "E", 0),
            (2_000_000, 0, "B", "E", 0), (6, 1, "B", "W", 6), (6, 1, "B", "W", None),
        ]
    )  # fmt: skip
    columns = SurvivalColumns(
        time="AVAL", event=EVENT, group="ARM", strata=("REGION",), entry="ENTRY"
    )
    found = {name: survival_counts(one, columns) for name, one in engines(frame).items()}
    for other in found.values():
        same(found["eager"], other)
    counted = found["eager"]
    assert counted.standing == {
        Standing.COUNTED: 3, Standing.TIME_NEGATIVE: 1, Standing.TIME_TOO_LONG: 1,
        Standing.NO_GROUP: 1, Standing.NO_TIME: 1, Standing.NO_EVENT: 1, Standing.NO_ENTRY: 1,
        Standing.ENTRY_NOT_BEFORE: 1,
    }  # fmt: skip
    assert (counted.groups, counted.strata, counted.unstratified) == (
        ("A", "B"), (("E",), ("W",)), 1,
    )  # fmt: skip
    assert counted.counts.events.shape[0] == 3
    assert counted.stratified.events.sum() == 1


def test_times_that_are_no_whole_days_are_told_and_not_rounded() -> None:
    frame = pl.DataFrame(
        {"AVAL": [1.0, 2.5, float("nan"), float("inf"), 3.0], "CNSR": [0, 0, 0, 0, 1]}
    )
    columns = SurvivalColumns(time="AVAL", event=EVENT)
    for one in engines(frame).values():
        counted = survival_counts(one, columns)
        assert not counted.whole
        assert counted.standing == {
            Standing.COUNTED: 2, Standing.FRACTION: 1, Standing.TIME_NOT_FINITE: 2
        }  # fmt: skip
        assert counted.counts.events[0, 0].tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("engine", ["lazy", "duckdb"])
def test_text_is_read_as_numbers_and_what_is_none_is_counted(engine: str) -> None:
    frame = pl.DataFrame(
        {"AVAL": ["3", " 4 ", "", "soon", None], "CNSR": ["0", "1", "0", "0", "0"]}
    )
    read = with_numbers(nw.from_native(engines(frame)[engine]).lazy(), ["AVAL", "CNSR"])
    counted = survival_counts(read, SurvivalColumns(time="AVAL", event=EVENT))
    assert counted.standing == {
        Standing.COUNTED: 2, Standing.TIME_UNREADABLE: 1, Standing.NO_TIME: 2
    }  # fmt: skip
    assert counted.counts.events[0, 0].tolist() == [0, 0, 0, 1, 0]


def test_merging_counts_of_parts_is_counting_the_whole() -> None:
    frame = table([(day, day % 2, "AB"[day % 2], "E", 0) for day in range(1, 9)])
    whole = survival_counts(frame, COLUMNS).counts
    parts = [survival_counts(frame[first : first + 4], COLUMNS).counts for first in (0, 4)]
    merged = parts[0].merge(parts[1])
    np.testing.assert_array_equal(merged.events, whole.events)
    np.testing.assert_array_equal(merged.censored, whole.censored)
