"""How groups differ at baseline: one named test for each variable, and standardised differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.errors import InputError
from hepatica.protocol.baseline_analysis import BaselineComparison
from hepatica.results import ResultRow
from hepatica.stats.contingency import association_test
from hepatica.stats.rank_sum import kruskal_wallis, rank_sum
from hepatica.stats.standardised_difference import (
    StandardisedDifference,
    standardised_category_difference,
    standardised_mean_difference,
    standardised_rank_difference,
)
from hepatica.stats.t_test import compare_means, t_test

PEARSON = "Pearson chi-square test without continuity correction"
FISHER = "Fisher exact test, as an expected count is below 5"
FREEMAN_HALTON = "Fisher–Freeman–Halton exact test, as an expected count is below 5"
_RANK_SUM = {
    "exact": "Wilcoxon rank-sum test, exact",
    "normal": "Wilcoxon rank-sum test, normal approximation with corrections for ties and "
    "continuity",
}
_TWO_MEANS = {True: "Student t test", False: "Welch t test"}
_MEANS = {True: "analysis of variance", False: "Welch test of several means"}
_DIFFERENCE = {
    "means": "absolute standardised difference of means (Austin 2009)",
    "ranks": "absolute standardised difference of ranks (Yang and Dalton 2012)",
    "shares": "absolute standardised difference of shares (Austin 2009; Yang and Dalton 2012)",
}
_NOT_TWO = "Fewer than two groups have patients with a known value."


@dataclass(frozen=True, slots=True)
class _Test:
    """A test as its rows give it."""

    statistic: float
    df: float
    p_value: float
    method: str
    df_error: float = float("nan")


@dataclass(frozen=True, slots=True)
class BaselineComparer:
    """Compares the groups of one analysis.

    Attributes
    ----------
    selection : Selection
        Makes the rows.
    compare : BaselineComparison
        What is asked for.
    equal_variances : bool
        How means are compared.
    conf_level : float
        Level of the limits of standardised differences.
    """

    selection: Selection
    compare: BaselineComparison
    equal_variances: bool
    conf_level: float

    def measured(
        self, identifier: str, groups: Sequence[NDArray[np.float64]], *, means: bool
    ) -> list[ResultRow]:
        """Return the rows of a measured variable.

        Parameters
        ----------
        identifier : str
            The variable.
        groups : sequence of float array
            Known values of each group.
        means : bool
            Whether means are compared, or ranks.
        """
        known = [one for one in groups if len(one)]
        test = self._of_means if means else _of_ranks
        apart = standardised_mean_difference if means else standardised_rank_difference
        rows = self._tests(identifier, test, known)
        return rows + self._differences(
            identifier,
            _DIFFERENCE["means" if means else "ranks"],
            [partial(apart, *pair, conf_level=self.conf_level) for pair in combinations(known, 2)],
        )

    def categories(self, identifier: str, counts: NDArray[np.int64]) -> list[ResultRow]:
        """Return the rows of a categorical variable from counts (categories, groups)."""
        counts = counts[:, counts.sum(axis=0) > 0]
        counts = counts[counts.sum(axis=1) > 0]
        rows = self._tests(identifier, _of_counts, list(counts.T))
        return rows + self._differences(
            identifier,
            _DIFFERENCE["shares"],
            [
                partial(
                    standardised_category_difference,
                    counts[:, list(pair)],
                    conf_level=self.conf_level,
                )
                for pair in combinations(range(counts.shape[1]), 2)
            ],
        )

    def _of_means(self, groups: Sequence[NDArray[np.float64]]) -> _Test:
        equal = self.equal_variances
        if len(groups) == 2:
            two = t_test(groups[0], groups[1], equal_variances=equal)
            return _Test(two.statistic, two.df, two.p_value, _TWO_MEANS[equal])
        found = compare_means(*_stacked(groups), equal_variances=equal)
        return _Test(found.statistic, found.df, found.p_value, _MEANS[equal], found.df_error)

    def _tests(
        self, identifier: str, test: Callable[[Any], _Test], groups: Sequence[Any]
    ) -> list[ResultRow]:
        if not self.compare.tests:
            return []
        where: dict[str, Any] = {"dataset": "ADSL", "variable": identifier}
        if len(groups) < 2:
            return [self._unknown("p_value", "p_value", _NOT_TWO, where)]
        try:
            found = test(groups)
        except InputError as error:
            return [self._unknown("p_value", "p_value", str(error), where)]
        where |= {"method": found.method}
        rows = [self.selection.row("p_value", found.p_value, format="p_value", **where)]
        for name, value in (
            ("test_statistic", found.statistic),
            ("df", found.df),
            ("df_error", found.df_error),
        ):
            if np.isfinite(value) and not (name == "df" and value == 0):
                rows.append(self.selection.row(name, value, format="statistic", **where))
        return rows

    def _differences(
        self,
        identifier: str,
        method: str,
        pairs: Sequence[Callable[[], StandardisedDifference]],
    ) -> list[ResultRow]:
        if not self.compare.standardised_differences:
            return []
        name = "standardised_difference"
        where: dict[str, Any] = {"dataset": "ADSL", "variable": identifier}
        if not pairs:
            return [self._unknown(name, "decimal2", _NOT_TWO, where)]
        try:
            found = [one() for one in pairs]
        except InputError as error:
            return [self._unknown(name, "decimal2", str(error), where)]
        largest = max(found, key=lambda one: one.estimate)
        if not np.isfinite(largest.estimate):
            message = "Two groups differ, and their values have no spread to measure it by."
            return [self._unknown(name, "decimal2", message, where)]
        several = len(self.selection.levels) > 2
        where |= {
            "format": "decimal2",
            "method": f"{method}{', the largest of all pairs of groups' if several else ''}",
        }
        rows = [self.selection.row(name, largest.estimate, **where)]
        if several:
            return rows  # the largest of several has other limits than one of a pair
        where |= {"conf_level": self.conf_level}
        return [
            *rows,
            self.selection.row(f"{name}_lower", largest.lower, **where),
            self.selection.row(f"{name}_upper", largest.upper, **where),
        ]

    def _unknown(
        self, statistic: str, shown: str, message: str, where: dict[str, Any]
    ) -> ResultRow:
        return self.selection.row(
            statistic, status="not_estimable", format=shown, message=message, **where
        )


def _stacked(
    groups: Sequence[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    sizes = [len(one) for one in groups]
    return np.concatenate(list(groups)), np.repeat(np.arange(len(groups)), sizes)


def _of_ranks(groups: Sequence[NDArray[np.float64]]) -> _Test:
    known = np.concatenate(list(groups))
    if (known == known[0]).all():
        raise InputError("All patients with a known value have the same.")
    if len(groups) == 2:
        two = rank_sum(groups[0], groups[1])
        return _Test(two.statistic, float("nan"), two.p_value, _RANK_SUM[two.method])
    found = kruskal_wallis(*_stacked(groups))
    return _Test(found.statistic, found.df, found.p_value, "Kruskal–Wallis test")


def _of_counts(groups: Sequence[NDArray[np.int64]]) -> _Test:
    counts = np.array(groups)
    if counts.shape[1] < 2:
        raise InputError("All patients with a known value have the same.")
    found = association_test(counts)
    if found.method == "pearson":
        return _Test(found.statistic, found.df, found.p_value, PEARSON)
    exact = FISHER if counts.shape == (2, 2) else FREEMAN_HALTON
    return _Test(float("nan"), float("nan"), found.p_value, exact)
