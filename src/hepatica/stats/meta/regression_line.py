"""The line of a meta-regression: fitted effects at given moderators, with both kinds of limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta._design_fit import quantile, read_design
from hepatica.stats.meta.meta_regression import MetaRegression

PREDICTION = ("t(k-p)", "t(k-p-1)", "z")


@dataclass(frozen=True, slots=True)
class RegressionPredictions:
    """Fitted effects at given moderators, e.g. the line of a bubble plot; arrays are (n,).

    Attributes
    ----------
    estimate, std_error, lower, upper : float array (n,)
        Mean effect of studies with these moderators.
    prediction_lower, prediction_upper : float array (n,)
        Limits for the effect in one new study; NaN in the common-effect model.
    """

    estimate: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    prediction_lower: FloatArray
    prediction_upper: FloatArray


def predict_effects(
    fit: MetaRegression, x: npt.ArrayLike, *, prediction: str = "t(k-p)"
) -> RegressionPredictions:
    """Return fitted effects with limits and prediction limits at given moderators.

    Parameters
    ----------
    fit : MetaRegression
        The fit; its `ci` is that of the limits.
    x : float array (n,) or (n, m)
        Moderators in the columns of the fit, without the intercept.
    prediction : {"t(k-p)", "t(k-p-1)", "z"}
        Distribution of the prediction interval; its variance is tau2 + std_error squared.

    Raises
    ------
    InputError
        If the columns are not those of the fit.

    Examples
    --------
    >>> from hepatica.stats.meta import meta_regression
    >>> fit = meta_regression([1.0, 2.0, 3.0, 5.0], [1.0] * 4, [0.0, 1.0, 2.0, 3.0], method="HE")
    >>> predict_effects(fit, [0.0, 10.0]).estimate.round(9).tolist()
    [0.8, 13.8]
    """
    _checks.check_option("prediction", prediction, PREDICTION)
    given = np.atleast_1d(np.asarray(x))
    rows = given[:, None] if given.ndim == 1 and fit.p - fit.intercept == 1 else given
    rows = read_design(rows, len(rows), intercept=fit.intercept)
    if rows.shape[1] != fit.p:
        raise InputError(
            f"x must have one column for each moderator of the fit: {fit.p - fit.intercept}."
        )
    estimate = rows @ fit.coefficients
    error = np.sqrt(np.einsum("np,pq,nq->n", rows, fit.covariance, rows))
    half = quantile(fit.reference_df, fit.conf_level) * error
    df = {"t(k-p)": float(fit.df), "t(k-p-1)": float(fit.df - 1), "z": np.inf}[prediction]
    wide = quantile(df, fit.conf_level) * np.sqrt(fit.tau2 + error**2)
    if fit.method == "common":
        wide = np.full(len(rows), np.nan)
    return RegressionPredictions(
        estimate=freeze(estimate),
        std_error=freeze(error),
        lower=freeze(estimate - half),
        upper=freeze(estimate + half),
        prediction_lower=freeze(estimate - wide),
        prediction_upper=freeze(estimate + wide),
    )
