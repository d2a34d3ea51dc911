"""Do small studies show larger effects? Tests of asymmetry of a funnel plot.

Sources: Egger et al., BMJ 1997;315:629; Thompson and Sharp, Stat Med 1999;18:2693; Begg and
Mazumdar, Biometrics 1994;50:1088; Kendall, Rank Correlation Methods, 1970 (variance under ties);
the advice to test from ten studies on, Sterne et al., BMJ 2011;343:d4002.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta import _line
from hepatica.stats.meta._studies import Studies, read_studies

LEAST, ENOUGH = 3, 10
EGGER = ("regression", "random-effects", "random-effects-t", "random-effects-hartung-knapp")
BEGG = ("exact", "normal", "continuity-corrected")
#: The exact distribution under more studies than this differs from the normal by nothing one sees.
EXACT_UP_TO = 150


@dataclass(frozen=True, slots=True)
class SmallStudyTest:
    """A test of asymmetry; NaN where a test has no such figure.

    Attributes
    ----------
    test, method : str
        Name of the test, and the distribution or model that was used.
    k : int
        Studies with the outcome.
    estimate, std_error : float
        Slope of the effect on the measure of imprecision; for ranks the score S of Kendall
        (concordant less discordant pairs) and its standard error.
    statistic, df, p_value : float
        Statistic, degrees of freedom of its t-distribution (infinite: normal; NaN: exact), and
        two-sided p-value.
    correlation : float
        Rank correlation (Kendall's tau b); NaN for regressions.
    limit_estimate, limit_std_error : float
        Level of the line: for a regression on an error, the effect in a study without error.
    tau2 : float
        Variance between studies around the line; 0 for models without it.
    little_power : bool
        Whether there are fewer than ten studies: then a large p-value says nothing.
    """

    test: str
    method: str
    k: int
    estimate: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    correlation: float
    limit_estimate: float
    limit_std_error: float
    tau2: float
    little_power: bool


def egger(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "regression", tau2: str = "REML"
) -> SmallStudyTest:
    """Test by regressing effects on their standard errors.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    method : {"regression", "random-effects", "random-effects-t", "random-effects-hartung-knapp"}
        Egger's test: weights 1/vi, residual scale, t(k - 2), the same as the regression of yi/se
        on 1/se. Or a random-effects meta-regression with a normal test, with t(k - 2) (Thompson
        and Sharp, who take DL), or with t(k - 2) and the residual scale of Knapp and Hartung.
    tau2 : {"REML", "DL", "HE", "HS", "SJ", "ML", "PM", "EB"}
        Estimator of tau2 around the line in the last three.

    Raises
    ------
    InputError
        With fewer than three studies, or standard errors that are all the same.

    Examples
    --------
    >>> found = egger([0.1, 0.3, 0.2, 0.8], [0.01, 0.02, 0.04, 0.16])
    >>> round(found.estimate, 4), round(found.p_value, 4), found.little_power
    (2.0575, 0.1299, True)
    """
    _checks.check_option("method", method, EGGER)
    _checks.check_option("tau2", tau2, _line.METHODS[1:])
    studies = enough(read_studies(yi, vi, 1))
    x = np.where(studies.present, np.sqrt(studies.v), 0.0)
    line = _line.mixed_line(studies, varied(x), "common" if method == "regression" else tau2)
    scaled = method in ("regression", "random-effects-hartung-knapp")
    return of_line("egger", method, studies, line, scaled=scaled, t=method != "random-effects")


def begg(yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "exact") -> SmallStudyTest:
    """Test by the rank correlation of standardised effects and variances.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    method : {"exact", "normal", "continuity-corrected"}
        Exact distribution of Kendall's score (normal under ties or for more than 150 studies,
        which `method` of the value then says), its normal approximation, or that with 1 taken off
        the score, which is the line papers quote from Stata.

    Raises
    ------
    InputError
        With fewer than three studies, or variances that are all the same.

    Examples
    --------
    >>> found = begg([0.1, 0.3, 0.2, 0.8], [0.01, 0.02, 0.04, 0.16])
    >>> found.estimate, round(found.p_value, 4)
    (4.0, 0.3333)
    """
    _checks.check_option("method", method, BEGG)
    studies = enough(read_studies(yi, vi, 1))
    there = studies.present[:, 0]
    y, v = studies.y[there, 0], studies.v[there, 0]
    total = (1.0 / v).sum()
    mean = (y / v).sum() / total
    score, error, correlation, tied = kendall((y - mean) / np.sqrt(v - 1.0 / total), v)
    if not error > 0.0:
        raise InputError("Begg's test needs variances that differ between studies.")
    k = len(y)
    used = "normal" if method == "exact" and (tied or k > EXACT_UP_TO) else method
    less = 1.0 if used == "continuity-corrected" else 0.0
    statistic = math.copysign(max(abs(score) - less, 0.0), score) / error
    exact = used == "exact"
    return SmallStudyTest(
        test="begg",
        method=used,
        k=k,
        estimate=score,
        std_error=error,
        statistic=statistic,
        df=math.nan if exact else math.inf,
        p_value=exact_kendall(score, k) if exact else 2.0 * float(ndtr(-abs(statistic))),
        correlation=correlation,
        limit_estimate=math.nan,
        limit_std_error=math.nan,
        tau2=0.0,
        little_power=k < ENOUGH,
    )


def enough(studies: Studies) -> Studies:
    """Return the studies; refuse fewer than three."""
    k = int(studies.k[0])
    if k < LEAST:
        raise InputError(
            f"A test for small-study effects needs at least {LEAST} studies; there "
            f"{'is' if k == 1 else 'are'} {k}. Ten or more are advised."
        )
    return studies


def varied(x: FloatArray) -> FloatArray:
    """Return the measure of imprecision; refuse one that is the same in all studies."""
    there = x[x != 0.0]
    if np.ptp(there) <= 1e-12 * np.abs(there).max():
        raise InputError(
            "A test for small-study effects needs studies of different precision; "
            "these are all the same."
        )
    return x


def of_line(
    test: str, method: str, studies: Studies, line: _line.Line, *, scaled: bool, t: bool = True
) -> SmallStudyTest:
    """Return the test of a slope: with residual scale or not, t(k - 2) or normal."""
    k = int(studies.k[0])
    scale = math.sqrt(float(line.rss[0]) / (k - 2)) if scaled else 1.0
    error = scale * float(line.slope_error[0])
    slope, df = float(line.slope[0]), float(k - 2) if t else math.inf
    if error > 0.0:
        statistic = slope / error
        tail = -abs(statistic)
        p_value = 2.0 * float(stdtr(df, tail) if t else ndtr(tail))
    else:  # the studies lie on a line
        statistic, p_value = math.nan, math.nan
    return SmallStudyTest(
        test=test,
        method=method,
        k=k,
        estimate=slope,
        std_error=error,
        statistic=statistic,
        df=df,
        p_value=p_value,
        correlation=math.nan,
        limit_estimate=float(line.level[0]),
        limit_std_error=scale * float(line.level_error[0]),
        tau2=float(line.tau2[0]),
        little_power=k < ENOUGH,
    )


def kendall(x: FloatArray, y: FloatArray) -> tuple[float, float, float, bool]:
    """Return Kendall's score, its standard error under ties, tau b, and whether there are ties."""
    n = len(x)
    upper = np.triu_indices(n, 1)
    pairs_x = np.sign(x[:, None] - x[None, :])[upper]
    pairs_y = np.sign(y[:, None] - y[None, :])[upper]
    score = float((pairs_x * pairs_y).sum())
    t, u = (np.unique(one, return_counts=True)[1].astype(np.float64) for one in (x, y))
    whole = n * (n - 1.0)
    tx, ty = float((t * (t - 1)).sum()), float((u * (u - 1)).sum())
    variance = (
        whole * (2 * n + 5)
        - float((t * (t - 1) * (2 * t + 5)).sum())
        - float((u * (u - 1) * (2 * u + 5)).sum())
    ) / 18.0 + tx * ty / (2.0 * whole)
    if n > 2:
        triple_x = float((t * (t - 1) * (t - 2)).sum())
        triple_y = float((u * (u - 1) * (u - 2)).sum())
        variance += triple_x * triple_y / (9.0 * whole * (n - 2))
    free = math.sqrt((whole - tx) * (whole - ty)) / 2.0
    correlation = score / free if free > 0.0 else math.nan
    return score, math.sqrt(max(variance, 0.0)), correlation, bool(tx or ty)


def exact_kendall(score: float, n: int) -> float:
    """Return the two-sided p-value of Kendall's score without ties.

    Each number of discordant pairs is an inversion count of a random permutation: the sum of
    independent uniform counts on 0..j for j < n.
    """
    share = np.ones(1)
    for j in range(1, n):
        share = np.convolve(share, np.full(j + 1, 1.0 / (j + 1)))
    discordant = round((n * (n - 1) / 2.0 - abs(score)) / 2.0)
    return min(1.0, 2.0 * float(share[: discordant + 1].sum()))
