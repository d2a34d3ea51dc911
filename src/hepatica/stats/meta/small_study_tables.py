"""Tests of asymmetry for trials with events in two arms, free of the tie of effect and error.

Sources: Harbord, Egger and Sterne, Stat Med 2006;25:3443; Peters et al., JAMA 2006;295:676; Deeks,
Macaskill and Irwig, J Clin Epidemiol 2005;58:882; Macaskill, Walter and Irwig, Stat Med
2001;20:641.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray
from hepatica.stats.meta import _line
from hepatica.stats.meta._studies import Studies, read_studies
from hepatica.stats.meta.effects import counts, given
from hepatica.stats.meta.small_study_tests import SmallStudyTest, enough, of_line, varied
from hepatica.stats.meta.two_by_two import two_arm_effects

Table = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def harbord(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> SmallStudyTest:
    """Test by regressing the efficient score of the odds ratio, Z/V, on 1/sqrt(V).

    Parameters
    ----------
    events1, n1, events2, n2 : int array (k,)
        Patients with the event, and all, of each arm; NaN for a study without the outcome.
        Studies without an event, or with events only, say nothing and are left out.

    Raises
    ------
    InputError
        With fewer than three studies, or counts that are not possible.

    Examples
    --------
    >>> found = harbord([4, 6, 3, 9], [20, 40, 60, 90], [8, 9, 5, 10], [20, 40, 60, 90])
    >>> round(found.estimate, 4), round(found.p_value, 4)
    (-2.5466, 0.1733)
    """
    a, size1, c, size2 = _table(events1, n1, events2, n2)
    n, events = size1 + size2, a + c
    with np.errstate(divide="ignore", invalid="ignore"):
        v = size1 * size2 * events * (n - events) / (n**2 * (n - 1.0))
        score = (a - size1 * events / n) / v
        variance = np.where(v > 0.0, 1.0 / v, np.nan)
    return _regress("harbord", score, variance, np.sqrt(variance))


def peters(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> SmallStudyTest:
    """Test by regressing the log odds ratio on 1/n, with weights of events and others over both.

    Parameters and errors are those of `harbord`; empty cells get half an event added.

    Examples
    --------
    >>> found = peters([4, 6, 3, 9], [20, 40, 60, 90], [8, 9, 5, 10], [20, 40, 60, 90])
    >>> round(found.estimate, 4), round(found.p_value, 4)
    (-41.4951, 0.0618)
    """
    a, size1, c, size2 = _table(events1, n1, events2, n2)
    n = size1 + size2
    events = a + c
    with np.errstate(divide="ignore"):
        variance = 1.0 / events + 1.0 / (n - events)
    return _regress("peters", _log_odds(a, size1, c, size2), variance, 1.0 / n)


def deeks(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> SmallStudyTest:
    """Test by regressing the log odds ratio on 1/sqrt(effective sample size), weighted with it.

    The effective size is 4 n1 n2 / (n1 + n2). Parameters and errors are those of `harbord`.

    Examples
    --------
    >>> found = deeks([4, 6, 3, 9], [20, 40, 60, 90], [8, 9, 5, 10], [20, 40, 60, 90])
    >>> round(found.estimate, 4), round(found.p_value, 4)
    (-9.9336, 0.0947)
    """
    a, size1, c, size2 = _table(events1, n1, events2, n2)
    effective = 4.0 * size1 * size2 / (size1 + size2)
    y = _log_odds(a, size1, c, size2)
    return _regress("deeks", y, 1.0 / effective, 1.0 / np.sqrt(effective))


def macaskill(yi: npt.ArrayLike, vi: npt.ArrayLike, n: npt.ArrayLike) -> SmallStudyTest:
    """Test by regressing effects on the number of patients, weights 1/vi.

    Parameters
    ----------
    yi, vi, n : float array (k,)
        Estimates, variances and patients; NaN in all for a study without the outcome.

    Raises
    ------
    InputError
        With fewer than three studies, or studies of one size.

    Examples
    --------
    >>> found = macaskill([0.1, 0.3, 0.2, 0.8], [0.01, 0.02, 0.04, 0.16], [400, 190, 100, 30])
    >>> round(found.estimate, 6), round(found.p_value, 4)
    (-0.00085, 0.235)
    """
    y, v, size = given(yi=yi, vi=vi, n=n)
    return _regress("macaskill", y, v, size)


def _table(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> Table:
    a, size1, c, size2 = given(events1=events1, n1=n1, events2=events2, n2=n2)
    counts(a, size1, "events1")
    counts(c, size2, "events2")
    return a, size1, c, size2


def _log_odds(a: FloatArray, n1: FloatArray, c: FloatArray, n2: FloatArray) -> FloatArray:
    return two_arm_effects(a, n1, c, n2, measure="OR").yi


def _regress(test: str, y: FloatArray, v: FloatArray, x: FloatArray) -> SmallStudyTest:
    there = np.isfinite(y) & np.isfinite(v) & np.isfinite(x)
    studies: Studies = enough(_read(y[there], v[there]))
    line = _line.weighted_line(studies.y, varied(x[there][:, None]), 1.0 / studies.v)
    return of_line(test, "regression", studies, line, scaled=True)


def _read(y: FloatArray, v: FloatArray) -> Studies:
    if not len(y):
        return Studies(
            np.zeros((0, 1)), np.zeros((0, 1)), np.zeros((0, 1), np.bool_), np.zeros(1, np.int64)
        )
    return read_studies(y, v, 1)
