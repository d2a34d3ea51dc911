"""What a model of several covariates explains: a time to an event, or a response."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.counted_cox import MANY, count_patterns
from hepatica.analyse.model_matrix import ModelMatrix
from hepatica.stats._checks import FloatArray
from hepatica.stats.chi_square import TestResult, chi_square_test
from hepatica.stats.logistic import LogisticFit, logistic
from hepatica.stats.logistic_firth import LogisticFirthFit, logistic_firth
from hepatica.stats.roc import roc
from hepatica.stats.survival import CoxFit, FirthFit, cox, cox_firth, harrell_c
from hepatica.stats.survival.cox_patterns import cox_from_patterns
from hepatica.stats.survival.cox_sums import CoxSumsFit


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What rows are made of: estimates of p columns of a model, on the scale of ratios too.

    Attributes
    ----------
    coef, std_error, ratio, lower, upper, p_value : float array (p,)
        Estimates with limits and two-sided P values.
    vcov : float array (p, p)
        Covariance of the coefficients.
    loglik : float
        Log likelihood.
    lr_test : TestResult
        Likelihood-ratio test that all coefficients are 0.
    """

    coef: FloatArray
    std_error: FloatArray
    ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    p_value: FloatArray
    vcov: FloatArray
    loglik: float
    lr_test: TestResult

    def wald(self, places: list[int]) -> TestResult:
        """Return the Wald test that some coefficients are all 0."""
        coef = self.coef[places]
        inside = self.vcov[np.ix_(places, places)]
        return chi_square_test(float(coef @ np.linalg.solve(inside, coef)), len(places))


def gained(loglik: float, df: int) -> TestResult:
    """Return the likelihood-ratio test of what a larger model gains in log likelihood."""
    return chi_square_test(2.0 * loglik, df)


@dataclass(frozen=True, slots=True)
class Discrimination:
    """How well the model tells who has the event: an area or a concordance, with limits."""

    name: str
    value: float
    lower: float
    upper: float
    method: str


class Outcome(Protocol):
    """An outcome that models explain; a column has a ratio for each unit."""

    @property
    def ratio(self) -> str:
        """Name of the statistic: ``hazard_ratio`` or ``odds_ratio``."""

    @property
    def model(self) -> str:
        """Name of the model, as methods say it."""

    @property
    def event(self) -> NDArray[np.int64]:
        """1 for an event of a patient, else 0."""

    @property
    def fewest(self) -> int:
        """Number that estimates rest on: events, or the rarer of the two responses."""

    def of(self, rows: NDArray[Any]) -> Outcome:
        """Return the outcome of some patients."""

    def fit(self, x: FloatArray) -> Fitted:
        """Fit by maximum likelihood."""

    def firth(self, x: FloatArray) -> Fitted:
        """Fit with Firth's penalty."""

    def one(self, matrix: ModelMatrix) -> Fitted:
        """Fit a model of one covariate that all patients have."""

    def discrimination(self, score: FloatArray) -> Discrimination:
        """Return how well a linear predictor tells the events."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeOutcome:
    """Times to an event, explained by proportional hazards.

    Attributes
    ----------
    time : float array (n,)
        Days.
    event : int array (n,)
        1 for an event.
    entry : float array (n,), optional
        Days of delayed entry.
    ties : str
        Handling of ties.
    conf_level : float
        Level of limits.
    strata, cluster : int array (n,), optional
        Codes of the centre in a stratified model, or in one with a robust variance.
    """

    time: NDArray[Any]
    event: NDArray[np.int64]
    entry: FloatArray | None
    ties: str
    conf_level: float
    strata: NDArray[np.int64] | None = None
    cluster: NDArray[np.int64] | None = None

    @property
    def ratio(self) -> str:
        """Name of the statistic."""
        return "hazard_ratio"

    @property
    def model(self) -> str:
        """Name of the model."""
        return f"proportional hazards model, {self.ties.title()} ties"

    @property
    def fewest(self) -> int:
        """Number of events."""
        return int(self.event.sum())

    def of(self, rows: NDArray[Any]) -> TimeOutcome:
        """Return the outcome of some patients."""
        return replace(
            self,
            time=self.time[rows],
            event=self.event[rows],
            entry=None if self.entry is None else self.entry[rows],
            strata=None if self.strata is None else self.strata[rows],
            cluster=None if self.cluster is None else self.cluster[rows],
        )

    def plain(self, x: FloatArray) -> CoxFit:
        """Return the fitted model itself."""
        return cox(
            self.time,
            self.event,
            x,
            ties=self.ties,
            strata=self.strata,
            entry=self.entry,
            cluster=self.cluster,
            conf_level=self.conf_level,
        )

    def fit(self, x: FloatArray) -> Fitted:
        """Fit by maximum likelihood."""
        return _of_cox(self.plain(x))

    def firth(self, x: FloatArray) -> Fitted:
        """Fit with Firth's penalty."""
        return _of_cox(
            cox_firth(
                self.time,
                self.event,
                x,
                ties=self.ties,
                strata=self.strata,
                entry=self.entry,
                conf_level=self.conf_level,
            )
        )

    def one(self, matrix: ModelMatrix) -> Fitted:
        """Fit a model of one covariate; categories of many patients with whole days are counted."""
        levels, code = matrix.covariates[0].categories, matrix.codes[0]
        alone = self.entry is None and self.strata is None and self.cluster is None
        if not levels or not alone or self.time.dtype.kind != "i":
            return self.fit(matrix.x)
        cells = count_patterns(
            self.time.astype(np.int64), self.event, code.astype(np.int64), len(levels)
        )
        if cells is None:
            return self.fit(matrix.x)
        patterns = np.eye(len(levels))[:, 1:]
        return _of_cox(
            cox_from_patterns(cells, patterns, ties=self.ties, conf_level=self.conf_level)
        )

    def discrimination(self, score: FloatArray) -> Discrimination:
        """Return Harrell's concordance."""
        found = harrell_c(
            self.time,
            self.event,
            score,
            entry=self.entry,
            strata=self.strata,
            conf_level=self.conf_level,
        )
        method = "Harrell's concordance on the data of the fit, limits by infinitesimal jackknife"
        return Discrimination("concordance", found.c, found.lower, found.upper, method)


@dataclass(frozen=True, slots=True, eq=False)
class ResponseOutcome:
    """A response, explained by a logistic model.

    Attributes
    ----------
    event : int array (n,)
        1 for a response.
    conf_level : float
        Level of limits.
    """

    event: NDArray[np.int64]
    conf_level: float

    @property
    def ratio(self) -> str:
        """Name of the statistic."""
        return "odds_ratio"

    @property
    def model(self) -> str:
        """Name of the model."""
        return "logistic model"

    @property
    def fewest(self) -> int:
        """Number of the rarer of response and no response."""
        events = int(self.event.sum())
        return min(events, len(self.event) - events)

    def of(self, rows: NDArray[Any]) -> ResponseOutcome:
        """Return the outcome of some patients."""
        return replace(self, event=self.event[rows])

    def fit(self, x: FloatArray) -> Fitted:
        """Fit by maximum likelihood."""
        return _of_logistic(logistic(self.event, x, conf_level=self.conf_level))

    def firth(self, x: FloatArray) -> Fitted:
        """Fit with Firth's penalty."""
        return _of_logistic(logistic_firth(self.event, x, conf_level=self.conf_level))

    def one(self, matrix: ModelMatrix) -> Fitted:
        """Fit a model of one covariate; patients of one category are counted."""
        levels, code = matrix.covariates[0].categories, matrix.codes[0]
        if not levels or len(self.event) < MANY:
            return self.fit(matrix.x)
        counted = np.bincount(code.astype(np.int64) * 2 + self.event, minlength=2 * len(levels))
        patterns = np.repeat(np.eye(len(levels))[:, 1:], 2, axis=0)
        event = np.tile([0, 1], len(levels))
        return _of_logistic(logistic(event, patterns, weights=counted, conf_level=self.conf_level))

    def discrimination(self, score: FloatArray) -> Discrimination:
        """Return the area under the receiver operating characteristic."""
        found = roc(score, self.event, conf_level=self.conf_level)
        method = "area under the ROC curve on the data of the fit, limits by DeLong"
        return Discrimination("auc", found.auc, found.lower, found.upper, method)


def _of_cox(fit: CoxFit | CoxSumsFit | FirthFit) -> Fitted:
    return Fitted(
        fit.coef,
        fit.std_error,
        fit.hazard_ratio,
        fit.lower,
        fit.upper,
        fit.p_value,
        fit.vcov,
        fit.loglik,
        fit.lr_test,
    )


def _of_logistic(fit: LogisticFit | LogisticFirthFit) -> Fitted:
    return Fitted(
        fit.coef,
        fit.std_error,
        fit.odds_ratio,
        fit.lower,
        fit.upper,
        fit.p_value,
        fit.vcov[1:, 1:],
        fit.loglik,
        fit.lr_test,
    )
