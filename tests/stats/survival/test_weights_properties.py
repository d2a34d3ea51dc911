"""What holds for any weights and any delayed entry."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hepatica.stats.survival import (
    KaplanMeier,
    fleming_harrington,
    kaplan_meier,
    kaplan_meier_by_group,
    nelson_aalen,
    reverse_kaplan_meier,
)

ROWS = ("time", "at_risk", "events", "censored", "survival", "std_error", "lower", "upper")
CONF_TYPES = ("log-log", "log", "plain", "logit", "arcsine", "rothman-wilson")
RULES = ("midpoint_or_missing", "midpoint_or_first", "first_time")

# Time, event, group, entry as a share of the time, weight.
row = st.tuples(
    st.integers(1, 25), st.booleans(), st.integers(0, 2), st.integers(0, 11), st.integers(1, 4)
)
subjects = st.lists(row, min_size=1, max_size=30).map(lambda rows: np.array(rows, dtype=np.int64))


def entry_of(rows: np.ndarray) -> np.ndarray:
    return rows[:, 0] * rows[:, 3] // 12


def same_rows(one: KaplanMeier, other: KaplanMeier, exact: bool = True) -> None:
    for name in ROWS:
        ours, theirs = getattr(one, name), getattr(other, name)
        if exact:
            np.testing.assert_array_equal(ours, theirs, err_msg=name)
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=name)


@given(subjects, st.sampled_from(CONF_TYPES), st.booleans())
def test_whole_weights_are_copies(rows: np.ndarray, conf_type: str, late: bool) -> None:
    entry, weights = entry_of(rows) if late else None, rows[:, 4]
    many = np.repeat(rows, weights, axis=0)
    copied = kaplan_meier(
        *many.T[:2], entry=None if entry is None else np.repeat(entry, weights), conf_type=conf_type
    )
    same_rows(kaplan_meier(*rows.T[:2], weights=weights, entry=entry, conf_type=conf_type), copied)
    floats = kaplan_meier(*rows.T[:2], weights=weights / 1.0, entry=entry, conf_type=conf_type)
    same_rows(floats, copied, exact=False)


@given(subjects, st.floats(0.01, 100))
def test_scaling_weights_leaves_the_robust_curve(rows: np.ndarray, factor: float) -> None:
    entry, weights = entry_of(rows), rows[:, 4] / 3.0
    one = kaplan_meier(*rows.T[:2], weights=weights, entry=entry, variance="robust")
    other = kaplan_meier(*rows.T[:2], weights=factor * weights, entry=entry, variance="robust")
    for name in ("survival", "std_error", "lower", "upper"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-7, atol=1e-9)


@given(subjects, st.sampled_from(["nelson-aalen", "fleming-harrington"]), st.booleans())
def test_weights_of_one_are_none(rows: np.ndarray, ties: str, late: bool) -> None:
    entry = entry_of(rows) if late else None
    ones = np.ones(len(rows))
    same_rows(
        kaplan_meier(*rows.T[:2], weights=ones, entry=entry), kaplan_meier(*rows.T[:2], entry=entry)
    )
    one = nelson_aalen(*rows.T[:2], weights=ones, entry=entry, ties=ties)
    other = nelson_aalen(*rows.T[:2], entry=entry, ties=ties)
    for name in ("time", "at_risk", "events", "hazard", "std_error", "lower", "upper", "entered"):
        ours, theirs = getattr(one, name), getattr(other, name)
        np.testing.assert_allclose(ours, theirs, rtol=1e-13, err_msg=name)


@given(subjects, st.data())
def test_a_subject_followed_in_two_parts_is_one(rows: np.ndarray, data: st.DataObject) -> None:
    time, event, entry = rows[:, 0], rows[:, 1], entry_of(rows)
    long = np.flatnonzero(time - entry > 1)
    cut = np.array([data.draw(st.integers(int(entry[i]) + 1, int(time[i]) - 1)) for i in long])
    first_part = time.copy(), event.copy()
    if len(long):
        first_part[0][long], first_part[1][long] = cut, 0
        both = [
            np.concatenate(pair) for pair in zip(first_part, (time[long], event[long]), strict=True)
        ]
        starts = np.concatenate([entry, cut])
    else:
        both, starts = list(first_part), entry
    split = kaplan_meier(*both, entry=starts)
    whole = kaplan_meier(time, event, entry=entry)
    with_events = split.events > 0
    there = whole.events > 0
    for name in ("time", "at_risk", "events", "survival", "std_error", "lower", "upper"):
        np.testing.assert_array_equal(
            getattr(split, name)[with_events], getattr(whole, name)[there]
        )
    hazards = (nelson_aalen(*both, entry=starts), nelson_aalen(time, event, entry=entry))
    np.testing.assert_array_equal(hazards[0].hazard[with_events], hazards[1].hazard[there])


@given(subjects, st.sampled_from(RULES), st.sampled_from([2.0, 0.25, 1 / 3, 30.4375]))
def test_scaling_time_scales_the_quantiles(rows: np.ndarray, rule: str, factor: float) -> None:
    time, event, entry, weights = rows[:, 0], rows[:, 1], entry_of(rows), rows[:, 4] / 7.0
    one = kaplan_meier(time, event, weights=weights, entry=entry, median_rule=rule)
    other = kaplan_meier(
        time * factor, event, weights=weights, entry=entry * factor, median_rule=rule
    )
    for p in (0.25, 0.5, 0.75):
        ours, theirs = one.quantile(p), other.quantile(p)
        np.testing.assert_allclose(
            np.array([ours.estimate, ours.lower, ours.upper]) * factor,
            [theirs.estimate, theirs.lower, theirs.upper],
        )


@given(subjects, st.randoms(use_true_random=False), st.sampled_from(["greenwood", "robust"]))
def test_the_order_of_subjects_changes_nothing(
    rows: np.ndarray, random: object, variance: str
) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    curves = [
        kaplan_meier(*some.T[:2], weights=some[:, 4] / 7.0, entry=entry_of(some), variance=variance)
        for some in (rows, rows[order])
    ]
    same_rows(*curves, exact=False)


@given(subjects, st.sampled_from(["greenwood", "robust"]), st.booleans())
def test_groups_are_curves_of_their_own(rows: np.ndarray, variance: str, weighted: bool) -> None:
    time, event, group, entry = rows[:, 0], rows[:, 1], rows[:, 2], entry_of(rows)
    weights = rows[:, 4] if weighted else None
    grouped = kaplan_meier_by_group(
        time, event, group, weights=weights, entry=entry, variance=variance
    )
    for code, curve in zip(grouped.groups, grouped.curves, strict=True):
        inside = group == code
        alone = kaplan_meier(
            time[inside],
            event[inside],
            weights=None if weights is None else weights[inside],
            entry=entry[inside],
            variance=variance,
        )
        same_rows(curve, alone)


@given(subjects)
def test_reading_at_risk_with_entry_and_weights(rows: np.ndarray) -> None:
    time, event, entry = rows[:, 0], rows[:, 1], entry_of(rows)
    for weights in (rows[:, 4], rows[:, 4] / 7.0):
        curve = kaplan_meier(time, event, weights=weights, entry=entry)
        asked = np.arange(0, 28) + 0.5
        there = (entry < asked[:, None]) & (time >= asked[:, None])
        np.testing.assert_allclose(curve.at(asked).at_risk, there @ weights, atol=1e-12)
        np.testing.assert_allclose(curve.at(curve.time).at_risk, curve.at_risk, atol=1e-12)


@given(subjects, st.booleans())
def test_fleming_harrington_lies_above_kaplan_meier(rows: np.ndarray, corrected: bool) -> None:
    ties = "fleming-harrington" if corrected else "nelson-aalen"
    entry = entry_of(rows)
    hazard = nelson_aalen(*rows.T[:2], entry=entry, ties=ties)
    curve = fleming_harrington(hazard)
    limit = kaplan_meier(*rows.T[:2], entry=entry)
    assert (curve.survival >= limit.survival).all()
    assert (np.diff(hazard.hazard) >= 0).all()
    assert ((curve.survival > 0) & (curve.survival <= 1)).all()


@given(subjects)
def test_follow_up_turns_events_and_censorings_round(rows: np.ndarray) -> None:
    entry, weights = entry_of(rows), rows[:, 4]
    one = reverse_kaplan_meier(*rows.T[:2], weights=weights, entry=entry)
    same_rows(one, kaplan_meier(rows[:, 0], 1 - rows[:, 1], weights=weights, entry=entry))
