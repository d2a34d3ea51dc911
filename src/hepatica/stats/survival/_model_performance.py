"""Measures of many models of one sample: each in its resample, and in the whole sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._batch import BoolArray
from hepatica.stats.survival._cox_steps import distinct_times
from hepatica.stats.survival._resample_pairs import PairOrder, later_pairs, pair_order
from hepatica.stats.survival._resample_splines import basis, fit_scores, knots_of
from hepatica.stats.survival._resample_sums import (
    Followed,
    Tallied,
    areas,
    followed,
    hazard_at,
    survival_at,
    tallied,
    uncensored_before,
)
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.cox_batch import Resampled, shared_rows

_EDGES = (0.02, 0.98)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Measures of b models: (b, 1), or (b, t) at times; `curve` is (b, t, g)."""

    concordance: FloatArray
    concordance_uno: FloatArray
    slope: FloatArray
    auc: FloatArray
    brier: FloatArray
    accuracy: FloatArray
    calibration_error: FloatArray
    curve: FloatArray

    MEASURES: ClassVar[tuple[str, ...]] = (
        "concordance",
        "concordance_uno",
        "slope",
        "auc",
        "brier",
        "accuracy",
        "calibration_error",
    )

    @classmethod
    def joined(cls, parts: Sequence[Judged], rows: IntArray, r: int) -> Judged:
        """Put blocks into their places among r resamples; the others are NaN."""
        made = []
        for name in (*cls.MEASURES, "curve"):
            values = np.concatenate([getattr(one, name) for one in parts])
            whole = np.full((r, *values.shape[1:]), np.nan)
            whole[rows] = values
            made.append(whole)
        return cls(*made)


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """What measures need of resamples, or of the whole sample, whatever the model."""

    counts: IntArray
    tally: Tallied
    inverse: FloatArray
    past_inverse: FloatArray
    survival: FloatArray

    @property
    def n(self) -> FloatArray:
        """Subjects of each: (b,)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Judges:
    """One sample, whose subjects stand by time, and what all of its models share.

    Attributes
    ----------
    subjects : Followed
        Subjects by time.
    patterns : float array (k, p)
        Different rows of covariates, centred.
    pattern : int array (n,)
        The row of each subject.
    by_pattern : tuple of int array
        Subjects by pattern, and where each pattern begins.
    pairs : PairOrder
        For concordance.
    rows : Resampled
        For models of scores.
    whole : _Sample
        The whole sample.
    early : bool array (n,)
        Whether an event opens a pair of Uno's concordance.
    efron : bool
        Handling of ties.
    """

    subjects: Followed
    patterns: FloatArray
    pattern: IntArray
    by_pattern: tuple[IntArray, IntArray]
    pairs: PairOrder
    rows: Resampled
    whole: _Sample
    early: BoolArray
    efron: bool

    def grid(self, coef: FloatArray, points: int) -> FloatArray:
        """Return predicted survival at which calibration is read: (t, points)."""
        score = (self.patterns @ coef)[self.pattern]
        ends = np.quantile(score, _EDGES)
        hazard = self._hazard(self.whole, score[None, :])[0]
        edges = np.exp(-hazard[:, None] * np.exp(ends)[None, :])
        share = np.linspace(1.0, 0.0, points)
        return np.asarray(edges[:, :1] + (edges[:, 1:] - edges[:, :1]) * share)

    def judge(
        self, coef: FloatArray, counts: IntArray, predicted: FloatArray
    ) -> tuple[Judged, Judged]:
        """Measure models (b, p) in the resamples that they were fitted in, and in the sample.

        Parameters
        ----------
        coef : float array (b, p)
            Models.
        counts : int array (b, n)
            Their resamples.
        predicted : float array (t, g)
            Where calibration curves are read.
        """
        sample = _sample(self.subjects, counts[:, self.subjects.order])
        by_pattern = coef @ self.patterns.T
        order = np.argsort(by_pattern, axis=1)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(order.shape[1])[None, :], axis=1)
        score = by_pattern[:, self.pattern]
        hazard = self._hazard(sample, score)
        slope = fit_scores(self.rows, score[:, :, None], self._ones(len(coef)), self.efron)
        harrell, uno = self._concordances(sample, rank)
        found = []
        for place, (one, own) in enumerate(((sample, np.ones_like(slope)), (self.whole, slope))):
            error, curve = self._calibration(one, score, hazard, predicted, own)
            brier, accuracy = self._brier(one, score, hazard)
            found.append(
                Judged(
                    concordance=harrell[place][:, None],
                    concordance_uno=uno[place][:, None],
                    slope=own,
                    auc=self._auc(one, rank),
                    brier=brier,
                    accuracy=accuracy,
                    calibration_error=error,
                    curve=curve,
                )
            )
        return found[0], found[1]

    def _ones(self, b: int) -> IntArray:
        return np.ones((b, len(self.pattern)), dtype=np.int64)

    def _hazard(self, sample: _Sample, score: FloatArray) -> FloatArray:
        return hazard_at(self.subjects, sample.tally, sample.counts, score, self.efron)

    def _concordances(
        self, sample: _Sample, rank: IntArray
    ) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
        """Return Harrell's and Uno's concordance, each in the resample and in the sample."""
        below, same, total, below_once, same_once = later_pairs(self.pairs, rank, sample.counts)
        event = self.subjects.event
        once = (len(event) - self.pairs.later).astype(np.float64)
        won, won_once = below + same / 2.0, below_once + same_once / 2.0
        opens = (sample.counts * event).astype(np.float64)
        late = opens * (sample.inverse * self.early) ** 2
        whole = (self.whole.inverse[0] * self.early) ** 2 * event
        return (
            (_share(opens, won, total), _share(event.astype(np.float64), won_once, once)),
            (_share(late, won, total), _share(whole, won_once, once)),
        )

    def _auc(self, sample: _Sample, rank: IntArray) -> FloatArray:
        found = [
            areas(
                self.by_pattern,
                rank,
                sample.counts * sample.inverse * (self.subjects.event & ~past),
                (sample.counts * past).astype(np.float64),
            )
            for past in self.subjects.past
        ]
        return np.stack(found, axis=1)

    def _brier(
        self, sample: _Sample, score: FloatArray, hazard: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        risk = np.exp(score)
        made = np.empty((2, len(score), len(self.subjects.at)))
        for place, past in enumerate(self.subjects.past):
            weight = sample.counts * np.where(
                past,
                sample.past_inverse[:, place, None],
                sample.inverse * (self.subjects.event & ~past),
            )
            survival = np.exp(-hazard[:, place, None] * risk)
            made[0, :, place] = (weight * (past - survival) ** 2).sum(axis=1) / sample.n
            flat = sample.survival[:, place, None]
            made[1, :, place] = (weight * (past - flat) ** 2).sum(axis=1) / sample.n
        brier, reference = made
        with np.errstate(divide="ignore", invalid="ignore"):
            return brier, np.where(reference > 0, 1.0 - brier / reference, np.nan)

    def _calibration(
        self,
        sample: _Sample,
        score: FloatArray,
        hazard: FloatArray,
        predicted: FloatArray,
        slope: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Return the integrated calibration index (b, t), and the curve (b, t, g)."""
        b, n = score.shape
        counts = np.broadcast_to(sample.counts, (b, n))
        knots = knots_of(score, counts)
        columns = basis(score, knots)
        coef = fit_scores(self.rows, columns, counts, self.efron)
        straight = np.concatenate((slope, np.zeros_like(slope)), axis=1)
        coef = np.where(np.isnan(coef), straight, coef)[:, None, :]
        smooth = (columns * coef).sum(axis=2)
        middle = smooth.mean(axis=1, keepdims=True)
        base = self._hazard(sample, smooth - middle)
        with np.errstate(all="ignore"):
            at = np.log(-np.log(predicted)) - np.log(hazard)[:, :, None]
        read = basis(at.reshape(b, -1), knots)
        curved = ((read * coef).sum(axis=2) - middle).reshape(at.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            curve = np.exp(-base[:, :, None] * np.exp(curved))
            observed = np.exp(smooth - middle)
        error = np.empty_like(hazard)
        for place in range(hazard.shape[1]):
            apart = np.exp(-base[:, place, None] * observed) - np.exp(
                -hazard[:, place, None] * np.exp(score)
            )
            error[:, place] = (sample.counts * np.abs(apart)).sum(axis=1) / sample.n
        return error, curve


def judges_of(
    time: FloatArray, event: BoolArray, x: FloatArray, at: FloatArray, tau: float, ties: str
) -> Judges:
    """Prepare a sample for measures of its models.

    Parameters
    ----------
    time, event : array (n,)
        Times and events.
    x : float array (n, p)
        Covariates.
    at : float array (t,)
        Times of predictions.
    tau : float
        Truncation of Uno's concordance.
    ties : str
        Handling of ties.
    """
    distinct, tick = distinct_times(time)
    subjects = followed(distinct, tick, event, at)
    patterns, pattern = np.unique(x[subjects.order], axis=0, return_inverse=True)
    pattern = pattern.reshape(-1)
    pairs = pair_order(subjects.tick, subjects.event, pattern)
    ordered, flags = time[subjects.order], subjects.event
    return Judges(
        subjects=subjects,
        patterns=patterns - x.mean(axis=0),
        pattern=pattern,
        by_pattern=(pairs.by_pattern, np.cumsum(pairs.size) - pairs.size),
        pairs=pairs,
        rows=shared_rows(ordered, flags, np.zeros((len(ordered), 1))),
        whole=_sample(subjects, np.ones((1, len(ordered)), dtype=np.int64)),
        early=subjects.event & (ordered <= tau * (1.0 + SAME_TIME)),
        efron=ties == "efron",
    )


def _sample(subjects: Followed, counts: IntArray) -> _Sample:
    tally = tallied(subjects, counts)
    curve = uncensored_before(subjects, tally)
    with np.errstate(divide="ignore"):
        past = np.where(curve[:, subjects.at] > 0, 1.0 / curve[:, subjects.at], np.nan)
        inverse = np.where(curve > 0, 1.0 / curve, 0.0)[:, subjects.tick]
    # Without anybody past a time there is no weight: the resample cannot tell.
    nobody = ~(counts[:, None, :] * subjects.past).any(axis=2)
    return _Sample(
        counts=counts,
        tally=tally,
        inverse=inverse,
        past_inverse=np.where(nobody, np.nan, past),
        survival=survival_at(subjects, tally),
    )


def _share(opens: FloatArray, won: FloatArray, total: FloatArray) -> FloatArray:
    pairs = (opens * total).sum(axis=-1)
    number = (opens * won).sum(axis=-1)
    pairs = np.broadcast_to(pairs, number.shape)
    found: FloatArray = np.divide(number, pairs, out=np.full(number.shape, np.nan), where=pairs > 0)
    return found
