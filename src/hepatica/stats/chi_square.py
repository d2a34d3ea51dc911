"""The chi-square test of a statistic, as models and their comparisons give it."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import chdtrc


@dataclass(frozen=True, slots=True)
class TestResult:
    """A chi-square test.

    Attributes
    ----------
    statistic : float
        Chi-square statistic.
    df : int
        Degrees of freedom.
    p_value : float
        Its p-value.
    """

    # pytest collects classes by this name; this one is a value.
    __test__ = False

    statistic: float
    df: int
    p_value: float


def chi_square_test(statistic: float, df: int) -> TestResult:
    """Return the test of a statistic, which rounding may have put below 0.

    Examples
    --------
    >>> found = chi_square_test(3.841458820694124, 1)
    >>> round(found.p_value, 12), chi_square_test(-1e-16, 1).p_value
    (0.05, 1.0)
    """
    statistic = max(float(statistic), 0.0)
    return TestResult(statistic=statistic, df=df, p_value=float(chdtrc(df, statistic)))
