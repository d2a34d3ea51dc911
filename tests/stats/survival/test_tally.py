"""Counting at distinct times: every path gives what the definition says."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepatica.errors import InputError
from hepatica.stats.survival import _tally, kaplan_meier, kaplan_meier_by_group
from hepatica.stats.survival._tally import Tally, tally


def by_definition(time: np.ndarray, event: np.ndarray, position: np.ndarray, k: int) -> Tally:
    distinct = np.unique(time + 0.0)
    here = time[:, None] == distinct
    group = position[:, None] == np.arange(k)
    events = (group & event[:, None]).T.astype(int) @ here
    return Tally(distinct, events, group.T.astype(int) @ here - events)


def same(one: Tally, other: Tally) -> None:
    for name in Tally.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


# None of these is nearer to another than the tolerance for equal times.
VALUES = (0.0, -0.0, 1e-300, 2e-300, 1e-7, 1 / 3, 0.5, 1.0, 2.0, 2.25, 7.77, 1e3, 1e15, 1e300)
rows = st.lists(
    st.tuples(st.sampled_from(VALUES), st.booleans(), st.integers(0, 8)), min_size=1, max_size=40
)


@given(rows, st.sampled_from([1, 2, 3, 9]), st.sampled_from([1e-7, 0.0, 1e-310]))
def test_any_times(some: list[tuple[float, bool, int]], k: int, shortest: float) -> None:
    kept = [row for row in some if row[0] >= shortest or row[0] == 0.0]
    if not kept:
        return
    time, event, position = (np.array(column) for column in zip(*kept, strict=True))
    position = position % k
    same(tally(time, event, position, k), by_definition(time, event, position, k))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 5]), st.sampled_from([1, 7, 100]))
def test_blocks(seed: int, k: int, divisor: int) -> None:
    # More rows than a block; sevenths are sorted, hundredths and whole numbers counted.
    rng = np.random.default_rng(seed)
    n = _tally._BLOCK + int(rng.integers(1, 4000))
    time, event = rng.integers(0, 50, n), rng.integers(0, 2, n) == 1
    position = rng.integers(0, k, n)
    found = tally(time if divisor == 1 else time / divisor, event, position, k)
    assert found.time.tolist() == (np.arange(50) / divisor).tolist()
    for code in range(k):
        inside = position == code
        events = np.bincount(time[inside & event], minlength=50)
        assert found.events[code].tolist() == events.tolist()
        total = np.bincount(time[inside], minlength=50)
        assert (found.events + found.censored)[code].tolist() == total.tolist()


def test_the_last_value_leaves_the_lattice() -> None:
    time = np.append(np.arange(1.0, 101.0), 0.1 + 0.2)
    found = tally(time, np.ones(101, bool), np.empty(0, np.int64), 1)
    assert found.time.tolist() == sorted(time.tolist())


def test_an_integer_event_that_is_neither_is_refused_wherever_it_stands() -> None:
    time, event = np.ones(40_000, np.int64), np.ones(40_000, np.int64)
    for value in (2, -1, 3):
        event[-1] = value
        for times in (time, time / 7.0, time * 10**9):
            with pytest.raises(InputError, match="event must be 0 or 1; 1 of 40000"):
                kaplan_meier(times, event)
        with pytest.raises(InputError, match="event must be 0 or 1; 1 of 40000"):
            kaplan_meier_by_group(time, event, time)


def test_strided_and_small_types_give_the_same() -> None:
    rng = np.random.default_rng(4)
    time, event = rng.integers(0, 90, 500), rng.integers(0, 2, 500)
    wanted = kaplan_meier(time, event)
    table = np.column_stack([time, event])
    for times, events in (
        (table[:, 0], table[:, 1]),
        (time.astype(np.int16), event.astype(np.uint8)),
        (time.astype(np.float32), event.astype(bool)),
        (time.astype(">f8"), event.astype(np.float64)),
        (time.tolist(), event.tolist()),
    ):
        found = kaplan_meier(times, events)
        np.testing.assert_array_equal(found.survival, wanted.survival)
        np.testing.assert_array_equal(found.time, wanted.time)


def peak(time: np.ndarray, event: np.ndarray) -> int:
    tracemalloc.start()
    try:
        kaplan_meier(time, event)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_days_are_not_copied_and_measured_times_once() -> None:
    rng = np.random.default_rng(6)
    n = 1_000_000
    event = rng.integers(0, 2, n)
    assert peak(rng.integers(1, 900, n), event) < n * 8 // 8
    # Beside the result, eight arrays of a row a subject, one copy of the input and its flags.
    assert peak(rng.exponential(300.0, n), event) < (8 + 2.2) * n * 8


def test_times_are_not_altered_by_packing() -> None:
    time = np.random.default_rng(8).exponential(3.0, 5000)
    curve = kaplan_meier(time, np.arange(5000) % 2)
    assert curve.time.tolist() == np.sort(time).tolist()
