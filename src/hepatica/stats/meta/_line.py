"""Effects on one characteristic of the studies: weighted line, and tau2 around it, in a batch.

The design is a column of ones and x. With weights w = 1/(v + tau2), x centred on its weighted mean
and P = W - WX(X'WX)^-1 X'W, the sums are those of `_moments`. Sources: Viechtbauer, J Educ Behav
Stat 2005;30:261; DerSimonian and Laird for a regression, Thompson and Sharp, Stat Med
1999;18:2693; Sidik and Jonkman, J R Stat Soc C 2005;54:367.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._moments import dot
from hepatica.stats.meta._studies import Studies

#: Estimators of tau2 around a line.
METHODS = ("common", "DL", "HE", "HS", "SJ", "ML", "REML", "PM", "EB")
#: Steps; after the first ones every other step halves the bracket.
STEPS, NEWTON_STEPS = 200, 20
#: A Newton step this small (share of tau2 + typical variance) leaves an error of its square.
SMALL_STEP = 3e-9


@dataclass(frozen=True, slots=True)
class Line:
    """Weighted lines, every array (o,): y = level + slope x, x as given.

    `level_error` and `slope_error` are the errors at the weights taken as known; `rss` is the
    weighted sum of squared residuals.
    """

    level: FloatArray
    slope: FloatArray
    level_error: FloatArray
    slope_error: FloatArray
    rss: FloatArray
    tau2: FloatArray


@dataclass(frozen=True, slots=True)
class _Sums:
    rss: FloatArray
    trace_p: FloatArray
    trace_pp: FloatArray
    ypp: FloatArray
    yppp: FloatArray
    sum_w: FloatArray
    sum_w2: FloatArray
    log_spread: FloatArray  # log det of X'WX


def weighted_line(y: FloatArray, x: FloatArray, w: FloatArray) -> Line:
    """Return the line with weights w; all (k, o). A weight of 0 leaves a study out."""
    sum_w: FloatArray = w.sum(axis=0)
    x_mean = dot(w, x) / sum_w
    y_mean = dot(w, y) / sum_w
    off = x - x_mean
    spread = dot(w * off, off)
    slope = dot(w * off, y - y_mean) / spread
    r = y - y_mean - slope * off
    return Line(
        level=y_mean - slope * x_mean,
        slope=slope,
        level_error=np.sqrt(1.0 / sum_w + x_mean**2 / spread),
        slope_error=1.0 / np.sqrt(spread),
        rss=dot(w * r, r),
        tau2=np.zeros_like(slope),
    )


def mixed_line(studies: Studies, x: FloatArray, method: str) -> Line:
    """Return the line at the tau2 of the method; x is (k, o) and finite, 0 where missing."""
    tau2 = np.zeros(len(studies.k)) if method == "common" else _TAU2[method](studies, x)
    line = weighted_line(studies.y, x, 1.0 / (studies.v + tau2))
    return Line(line.level, line.slope, line.level_error, line.slope_error, line.rss, tau2)


def _sums(studies: Studies, x: FloatArray, w: FloatArray) -> _Sums:
    y = studies.y
    sum_w: FloatArray = w.sum(axis=0)
    off = x - dot(w, x) / sum_w
    wx = w * off
    spread = dot(wx, off)
    y_off = y - dot(w, y) / sum_w
    r = y_off - dot(wx, y_off) / spread * off
    w2, wr = w * w, w * r
    sum_w2: FloatArray = w2.sum(axis=0)
    # X'W^2 X and X'W^3 X in the orthogonal columns 1 and off, over X'WX = diag(sum_w, spread)
    a, b, c = sum_w2 / sum_w, dot(w, wx), dot(wx, wx) / spread
    cubed = dot(w2, w) / sum_w + dot(w * wx, wx) / spread
    drift, drift_x = dot(w, wr), dot(wx, wr)
    wwr2 = wr * wr
    return _Sums(
        rss=dot(wr, r),
        trace_p=sum_w - a - c,
        trace_pp=sum_w2 - 2.0 * cubed + a * a + c * c + 2.0 * b * b / (sum_w * spread),
        ypp=wwr2.sum(axis=0),
        yppp=dot(w, wwr2) - drift * drift / sum_w - drift_x * drift_x / spread,
        sum_w=sum_w,
        sum_w2=sum_w2,
        log_spread=np.log(sum_w) + np.log(spread),
    )


def _at_zero(studies: Studies, x: FloatArray) -> _Sums:
    return _sums(studies, x, 1.0 / studies.v)


def _dersimonian_laird(studies: Studies, x: FloatArray) -> FloatArray:
    found = _at_zero(studies, x)
    return np.maximum((found.rss - (studies.k - 2)) / found.trace_p, 0.0)


def _hunter_schmidt(studies: Studies, x: FloatArray) -> FloatArray:
    found = _at_zero(studies, x)
    return np.maximum((found.rss - studies.k) / found.sum_w, 0.0)


def _hedges(studies: Studies, x: FloatArray) -> FloatArray:
    w = studies.present.astype(np.float64)
    v = np.where(studies.present, studies.v, 0.0)
    line = weighted_line(studies.y, x, w)
    off = w * (x - dot(w, x) / studies.k)
    trace = v.sum(axis=0) * (1.0 - 1.0 / studies.k) - dot(off * v, off) / dot(off, off)
    tau2: FloatArray = np.maximum((line.rss - trace) / (studies.k - 2), 0.0)
    return tau2


def _sidik_jonkman(studies: Studies, x: FloatArray) -> FloatArray:
    w = studies.present.astype(np.float64)
    r = w * (studies.y - studies.y.sum(axis=0) / studies.k)
    rough = dot(r, r) / studies.k
    line = weighted_line(studies.y, x, 1.0 / (studies.v + rough))
    return rough * line.rss / (studies.k - 2)


def _paule_mandel(studies: Studies, x: FloatArray) -> FloatArray:
    """Solve rss(tau2) = k - 2 by Newton's steps from the left, where they cannot overshoot."""
    tau2 = np.zeros(len(studies.k))
    unit = studies.k / (1.0 / studies.v).sum(axis=0)
    for _ in range(STEPS):
        found = _sums(studies, x, 1.0 / (studies.v + tau2))
        move = np.maximum((found.rss - (studies.k - 2)) / found.ypp, 0.0)
        move = np.where(np.isfinite(move), move, 0.0)
        tau2 = tau2 + move
        if (move <= 1e-14 * (tau2 + unit)).all():
            break
    return tau2


def _restricted(studies: Studies, x: FloatArray) -> FloatArray:
    return _likeliest(studies, x, restricted=True)


def _likelihood(studies: Studies, x: FloatArray) -> FloatArray:
    return _likeliest(studies, x, restricted=False)


def _likeliest(studies: Studies, x: FloatArray, *, restricted: bool) -> FloatArray:
    """Climb from two starts, as in `_likelihood`, and from 0; the highest maximum wins."""
    starts = (_dersimonian_laird(studies, x), _hedges(studies, x))
    best = _climb(studies, x, starts[0], restricted=restricted)
    height = _loglik(studies, x, best, restricted=restricted)
    for rival in (_climb(studies, x, starts[1], restricted=restricted), np.zeros_like(best)):
        other = _loglik(studies, x, rival, restricted=restricted)
        # a difference within rounding is the same maximum, found twice
        higher = other > height + 1e-12 * np.abs(height)
        best, height = np.where(higher, rival, best), np.where(higher, other, height)
    return best


def _loglik(studies: Studies, x: FloatArray, tau2: FloatArray, *, restricted: bool) -> FloatArray:
    found = _sums(studies, x, 1.0 / (studies.v + tau2))
    spread = np.where(studies.present, studies.v + tau2, 1.0)
    out: FloatArray = -0.5 * (np.log(spread).sum(axis=0) + found.rss)
    return out - 0.5 * found.log_spread if restricted else out


def _climb(studies: Studies, x: FloatArray, start: FloatArray, *, restricted: bool) -> FloatArray:
    """Return a tau2 >= 0 where the score is 0, or 0: Newton's steps kept within a bracket."""
    tau2 = np.maximum(start, 0.0)
    unit = studies.k / (1.0 / studies.v).sum(axis=0)
    active = np.arange(len(tau2))
    low, high = np.full(len(tau2), -1.0), np.full(len(tau2), np.inf)
    some, at_x = studies, x
    for step in range(STEPS):
        at = tau2[active]
        found = _sums(some, at_x, 1.0 / (some.v + at))
        trace, information = found.trace_p, found.trace_pp
        if not restricted:
            trace, information = found.sum_w, found.sum_w2
        score, slope = found.ypp - trace, information - 2.0 * found.yppp
        low, high = np.where(score > 0.0, at, low), np.where(score < 0.0, at, high)
        new = at + score / np.where(slope < 0.0, -slope, information)
        new = np.where(new >= 0.0, new, np.where(at > 0.05 * unit[active], 0.2 * at, 0.0))
        out = (new <= low) | (new >= high)
        if step > NEWTON_STEPS and step % 2:
            out |= np.isfinite(high)
        out &= np.isfinite(high) & (score != 0.0)
        bottom = np.maximum(low, 0.0)
        middle = bottom + 0.5 * (np.where(out, high, bottom) - bottom)
        ended = ((at == 0.0) & (score <= 0.0)) | (score == 0.0) | ~np.isfinite(score)
        new = np.where(ended, at, np.where(out, middle, new))
        moved, scale = np.abs(new - at), new + unit[active]
        done = ended | (~out & (slope < 0.0) & (moved <= SMALL_STEP * scale))
        done |= out & (moved <= 1e-16 * scale)
        tau2[active] = new
        if done.all():
            break
        keep = ~done
        active, low, high = active[keep], low[keep], high[keep]
        some, at_x = some.pick(keep), at_x[:, keep]
    return tau2


_TAU2 = {
    "DL": _dersimonian_laird,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "ML": _likelihood,
    "REML": _restricted,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
}
