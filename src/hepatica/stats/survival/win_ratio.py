"""Win ratio, net benefit and win odds of prioritised outcomes, unmatched and stratified.

Sources: Pocock et al., Eur Heart J 2012;33:176; Buyse, Stat Med 2010;29:3245 (net benefit);
Bebu and Lachin, Biostatistics 2016;17:178, and Dong et al., Stat Biopharm Res 2018;10:317
(U-statistics, strata); Brunner, Vandemeulebroecke and Mutze, Stat Med 2021;40:3367 (win odds);
DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837 (variance from structural components).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._contrast import Contrast, difference, log_ratio, single
from hepatica.stats.survival._tally import SAME_TIME

#: Pairs that are looked at together: a few megabytes, whatever the number of subjects.
_BLOCK = 1 << 19
_NEVER = np.iinfo(np.int32).max

_Ranks = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One outcome, made by `time_outcome` or `value_outcome`.

    Attributes
    ----------
    reach : float array (n,)
        How far each subject is known to have come; -inf if nothing is known.
    open : bool array (n,)
        Whether the subject is known to have come further than `reach` (censored there).
    bar : float array (n,)
        What another must pass to win against the subject; +inf if nobody can.
    """

    reach: FloatArray
    open: npt.NDArray[np.bool_]
    bar: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class WinRatio:
    """Prioritised outcomes of two groups, compared pair by pair.

    Attributes
    ----------
    win_ratio : Contrast
        Probability that a treated subject wins over that of losing; above 1 is better.
    net_benefit : Contrast
        Difference of these probabilities, between -1 and 1.
    win_odds : Contrast
        The ratio, ties counted half on each side.
    wins, losses, ties : int
        Pairs, over all strata.
    wins_by_outcome, losses_by_outcome : int array (m,)
        Pairs that each outcome decided, in the order of priority.
    win_probability, loss_probability : float
        Shares of pairs, weighted over strata.
    covariance : float array (2, 2)
        Covariance matrix of these two.
    n_treated, n_control : int
        Subjects.
    conf_level : float
        As given.
    """

    win_ratio: Contrast
    net_benefit: Contrast
    win_odds: Contrast
    wins: int
    losses: int
    ties: int
    wins_by_outcome: IntArray
    losses_by_outcome: IntArray
    win_probability: float
    loss_probability: float
    covariance: FloatArray
    n_treated: int
    n_control: int
    conf_level: float


def time_outcome(time: npt.ArrayLike, event: npt.ArrayLike, *, margin: float = 0.0) -> Outcome:
    """Return an outcome for which a later event is better, such as death or progression.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    margin : float
        A win must be by more than this time.

    Notes
    -----
    A subject wins against another whose event was seen, if the own follow-up without event is
    known to be longer (by more than the margin). A censoring at the time of an event counts as
    later. All else is undecided and goes to the next outcome: so pairs are judged over the
    follow-up that both have, and the result depends on the length of follow-up.

    Examples
    --------
    >>> time_outcome([3, 5], [1, 0]).bar.tolist()
    [3.0, inf]
    """
    checked = _checks.times(time).astype(np.float64)
    flags = _checks.events(event, len(checked))
    gap = _margin(margin)
    return Outcome(
        reach=freeze(checked),
        open=freeze(~flags),
        bar=freeze(np.where(flags, checked + gap, np.inf)),
    )


def value_outcome(value: npt.ArrayLike, *, better: str = "higher", margin: float = 0.0) -> Outcome:
    """Return an outcome that is a number, such as a score, a count or 0 and 1.

    Parameters
    ----------
    value : array (n,)
        Values; NaN is "not measured", and its pairs are undecided.
    better : {"higher", "lower"}
        What wins.
    margin : float
        A win must be by more than this.

    Examples
    --------
    >>> value_outcome([1, 2], better="lower").reach.tolist()
    [-1.0, -2.0]
    """
    _checks.check_option("better", better, ("higher", "lower"))
    array = _checks.as_array("value", value)
    if array.dtype.kind not in "biuf" or array.ndim != 1 or array.size == 0:
        raise InputError("value must be a list of numbers, one for each subject.")
    array = array.astype(np.float64)
    if np.isinf(array).any():
        raise InputError("value must not be infinite.")
    if better == "lower":
        array = -array
    missing = np.isnan(array)
    return Outcome(
        reach=freeze(np.where(missing, -np.inf, array)),
        open=freeze(np.zeros(len(array), dtype=np.bool_)),
        bar=freeze(np.where(missing, np.inf, array + _margin(margin))),
    )


def win_ratio(
    treated: npt.ArrayLike,
    outcomes: Sequence[Outcome],
    *,
    strata: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> WinRatio:
    """Compare every treated subject with every control by outcomes in order of priority.

    Parameters
    ----------
    treated : array (n,)
        1 for the treated, 0 for controls.
    outcomes : sequence of Outcome
        Highest priority first; the first that decides a pair counts.
    strata : array (n,), optional
        Whole-number codes; only subjects of one stratum are compared. A stratum is weighted by
        treated x control / subjects (Mantel-Haenszel); one with a single group counts nothing.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays cannot be used, or no stratum has two subjects of each group.

    Notes
    -----
    The variance is that of two-sample U-statistics, from the share of wins and losses of each
    subject, with n - 1 in the denominators (for one outcome that is a number it is DeLong's).
    Limits of win ratio and win odds are made on the logarithmic scale.

    Time grows with the number of pairs; memory does not.

    Examples
    --------
    >>> deaths = time_outcome([5, 6, 7, 3, 4, 8], [1, 0, 1, 1, 1, 0])
    >>> result = win_ratio([1, 1, 1, 0, 0, 0], [deaths])
    >>> result.wins, result.losses, result.ties, round(result.win_ratio.estimate, 6)
    (6, 2, 1, 3.0)
    """
    level = _checks.check_conf_level(conf_level)
    array = _checks.numbers("treated", treated)
    n = len(array)
    chosen = array == 1
    if not (chosen | (array == 0)).all():
        raise InputError("treated must be 1 (treated) or 0 (control).")
    if not outcomes:
        raise InputError("There must be at least one outcome.")
    if not all(isinstance(outcome, Outcome) for outcome in outcomes):
        raise InputError("Each outcome must be made by time_outcome or value_outcome.")
    for outcome in outcomes:
        _checks.check_length("Each outcome", outcome.reach, n)
    _, stratum = _checks.codes("strata", np.zeros(n, np.int64) if strata is None else strata, n)
    keys = [_as_ranks(outcome) for outcome in outcomes]
    decided = np.zeros((2, len(keys)), dtype=np.int64)
    probability, covariance, total, pairs = np.zeros(2), np.zeros((2, 2)), 0.0, 0
    for code in range(int(stratum.max()) + 1):
        one = np.flatnonzero(chosen & (stratum == code))
        other = np.flatnonzero(~chosen & (stratum == code))
        if not (len(one) and len(other)):
            continue
        if min(len(one), len(other)) < 2:
            raise InputError(
                "Each stratum needs at least two subjects of each group for a variance; join "
                "small strata."
            )
        part = _compare(one, other, keys)
        weight = len(one) * len(other) / (len(one) + len(other))
        probability += weight * part.probability
        covariance += weight**2 * part.covariance
        decided += part.decided
        total += weight
        pairs += len(one) * len(other)
    if not total:
        raise InputError("There must be treated subjects and controls to compare.")
    probability, covariance = probability / total, covariance / total**2
    wins, losses = (int(side) for side in decided.sum(axis=1))
    return WinRatio(
        *_estimates(probability, covariance, level),
        wins=wins,
        losses=losses,
        ties=pairs - wins - losses,
        wins_by_outcome=freeze(decided[0]),
        losses_by_outcome=freeze(decided[1]),
        win_probability=float(probability[0]),
        loss_probability=float(probability[1]),
        covariance=freeze(covariance),
        n_treated=int(np.count_nonzero(chosen)),
        n_control=int(np.count_nonzero(~chosen)),
        conf_level=level,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Stratum:
    probability: FloatArray
    covariance: FloatArray
    decided: IntArray


def _estimates(
    probability: FloatArray, covariance: FloatArray, level: float
) -> tuple[Contrast, Contrast, Contrast]:
    win, loss = probability
    plain = np.array([1.0, -1.0])
    benefit = win - loss
    spread = np.array([plain @ covariance @ plain])
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = plain / probability
        ratio = log_ratio(
            np.log(win) - np.log(loss) + np.zeros(1), np.array([slope @ covariance @ slope]), level
        )
        odds = log_ratio(
            np.log1p(benefit) - np.log1p(-benefit) + np.zeros(1),
            spread * (2.0 / (1.0 - benefit**2)) ** 2,
            level,
        )
    return single(ratio), single(difference(np.array([benefit]), spread, level)), single(odds)


def _compare(one: IntArray, other: IntArray, keys: list[tuple[_Ranks, _Ranks]]) -> _Stratum:
    """Compare all pairs of one stratum in blocks of rows."""
    rows = max(_BLOCK // len(other), 1)
    by_row = np.empty((2, len(one)))
    by_column = np.zeros((2, len(other)))
    decided = np.zeros((2, len(keys)), dtype=np.int64)
    for begin in range(0, len(one), rows):
        block = one[begin : begin + rows]
        shape = (len(block), len(other))
        won, lost = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        for position, (reach, bar) in enumerate(keys):
            still = ~(won | lost)
            wins = (reach[block][:, None] > bar[other][None, :]) & still
            losses = (bar[block][:, None] < reach[other][None, :]) & still
            decided[0, position] += np.count_nonzero(wins)
            decided[1, position] += np.count_nonzero(losses)
            won |= wins
            lost |= losses
        for side, pairs in enumerate((won, lost)):
            by_row[side, begin : begin + rows] = np.count_nonzero(pairs, axis=1)
            by_column[side] += np.count_nonzero(pairs, axis=0)
    shares = by_row / len(other), by_column / len(one)
    # Structural components: each subject's share of wins and losses against the other group.
    covariance = sum(np.cov(share) / share.shape[1] for share in shares)
    return _Stratum(shares[0].mean(axis=1), np.asarray(covariance), decided)


def _as_ranks(outcome: Outcome) -> tuple[_Ranks, _Ranks]:
    """Return whole numbers `reach` and `bar`, so that one wins when its reach is above the bar.

    Values that differ by rounding alone share a rank. Twice the rank leaves room for those who
    are known to have come further (censored) and so pass a bar at the same value.
    """
    finite = np.concatenate([a[np.isfinite(a)] for a in (outcome.reach, outcome.bar)])
    ordered = np.unique(finite)
    apart = np.diff(ordered) > SAME_TIME * np.abs(ordered[1:])
    rank = np.concatenate(([0], np.cumsum(apart))) if len(ordered) else np.zeros(0)
    known = np.isfinite(outcome.reach)
    reach = np.full(len(known), -1, dtype=np.int32)
    reach[known] = 2 * rank[np.searchsorted(ordered, outcome.reach[known])] + outcome.open[known]
    bar = np.full(len(known), _NEVER, dtype=np.int32)
    passable = np.isfinite(outcome.bar)
    bar[passable] = 2 * rank[np.searchsorted(ordered, outcome.bar[passable])]
    return reach, bar


def _margin(margin: float) -> float:
    if not 0.0 <= _checks.number("margin", margin) < np.inf:
        raise InputError(f"margin must be 0 or above; it is {margin!r}.")
    return float(margin)
