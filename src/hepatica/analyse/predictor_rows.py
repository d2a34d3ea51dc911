"""Ratios of a predictor with the penalised ones beside them where the plain ones have no limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from hepatica.analyse.column_names import without_advice
from hepatica.analyse.comparison_rows import Ratios
from hepatica.analyse.selection import RowMaker
from hepatica.errors import InputError
from hepatica.results import ResultRow
from hepatica.stats.logistic import logistic
from hepatica.stats.logistic_firth import logistic_firth
from hepatica.stats.survival import NoFiniteEstimateError, cox, cox_firth

_Numbers = NDArray[np.float64]
#: Why nothing is fitted.
NOBODY = "No patient is left for this model."


def ratio_rows(
    selection: RowMaker,
    ratio: str,
    fits: tuple[Callable[[], Ratios], Callable[[], Ratios]],
    common: dict[str, Any],
    methods: tuple[str, str],
    names: Sequence[str] = (),
) -> list[ResultRow]:
    """Return the ratio of the first column of a model, or why there is none and Firth's instead.

    Parameters
    ----------
    selection : RowMaker
        Makes the rows.
    ratio : {"hazard_ratio", "odds_ratio"}
        The statistic.
    fits : tuple of callable
        Fit the model by maximum likelihood, and with Firth's penalty.
    common : dict
        Columns of all rows; Firth's have ``_firth`` after the variable.
    methods : tuple of str
        Names of both.
    names : sequence of str
        What readers call the columns, for messages.
    """
    plain = common | {"method": methods[0]}
    try:
        return _rows(selection, ratio, fits[0](), plain)
    except NoFiniteEstimateError as error:
        told = f"{without_advice(error, names)} The penalised estimate is given beside it."
        why = [_without(selection, ratio, told, plain)]
    except InputError as error:
        return [_without(selection, ratio, without_advice(error, names), plain)]
    penalised = common | {"method": methods[1], "variable": f"{common['variable']}_firth"}
    try:
        return why + _rows(selection, ratio, fits[1](), penalised)
    except InputError as error:
        return [*why, _without(selection, ratio, without_advice(error, names), penalised)]


def _without(selection: RowMaker, ratio: str, told: str, common: dict[str, Any]) -> ResultRow:
    """Return the row that says why there is no ratio, after what all rows are told."""
    message = " ".join(part for part in (common.get("message", ""), told) if part)
    return selection.row(ratio, **(common | {"status": "not_estimable", "message": message}))


def _rows(selection: RowMaker, ratio: str, fit: Ratios, common: dict[str, Any]) -> list[ResultRow]:
    values = (
        (ratio, float(np.exp(fit.coef[0])), "ratio"),
        (f"{ratio}_lower", float(fit.lower[0]), "ratio"),
        (f"{ratio}_upper", float(fit.upper[0]), "ratio"),
        ("coef", float(fit.coef[0]), "decimal3"),
        ("std_error", float(fit.std_error[0]), "decimal3"),
        ("p_value", float(fit.p_value[0]), "p_value"),
    )
    return [selection.row(name, value, format=form, **common) for name, value, form in values]


def hazard_ratio_of(
    selection: RowMaker,
    time: tuple[_Numbers, NDArray[np.int64], _Numbers | None],
    x: _Numbers,
    common: dict[str, Any],
    how: tuple[str, str, float],
    names: Sequence[str] = (),
) -> list[ResultRow]:
    """Return the hazard ratio of the first column of x.

    Parameters
    ----------
    selection : RowMaker
        Makes the rows.
    time : tuple
        Times, events and entries, or None where all are followed from the origin.
    x : float array (n, p)
        The predictor and what the model is adjusted for.
    common : dict
        Columns of all rows.
    how : tuple
        What stands after the name of the model in the method, ties, and the confidence level.
    names : sequence of str
        What readers call the columns, for messages.
    """
    days, event, entry = time
    said, ties, level = how
    if not len(x):
        return [_without(selection, "hazard_ratio", NOBODY, common)]
    given: dict[str, Any] = {"entry": entry, "ties": ties, "conf_level": level}
    fits = (lambda: cox(days, event, x, **given), lambda: cox_firth(days, event, x, **given))
    name = f"proportional hazards model{said}, {ties.title()} ties"
    methods = (f"{name}, Wald interval", f"{name}, Firth's penalty, profile interval")
    common = common | {"conf_level": level}
    return ratio_rows(selection, "hazard_ratio", fits, common, methods, names)


def odds_ratio_of(
    selection: RowMaker,
    event: NDArray[np.int64],
    x: _Numbers,
    common: dict[str, Any],
    how: tuple[str, float],
    names: Sequence[str] = (),
) -> list[ResultRow]:
    """Return the odds ratio of the first column of x; `how` is the words and the level."""
    said, level = how
    if not len(x):
        return [_without(selection, "odds_ratio", NOBODY, common)]
    fits = (
        lambda: logistic(event, x, conf_level=level),
        lambda: logistic_firth(event, x, conf_level=level),
    )
    name = f"logistic model{said}"
    methods = (f"{name}, Wald interval", f"{name}, Firth's penalty, profile interval")
    common = common | {"conf_level": level}
    return ratio_rows(selection, "odds_ratio", fits, common, methods, names)


def likelihood_ratio_rows(
    selection: RowMaker, statistic: float, df: int, common: dict[str, Any]
) -> list[ResultRow]:
    """Return a likelihood-ratio test of two models, of which one holds the other.

    Parameters
    ----------
    selection : RowMaker
        Makes the rows.
    statistic : float
        Twice the difference of the log likelihoods.
    df : int
        Columns that only one model has.
    common : dict
        Columns of all rows.
    """
    p_value = float(chdtrc(df, max(statistic, 0.0)))
    return [
        selection.row("test_statistic", statistic, format="statistic", **common),
        selection.row("df", float(df), format="integer", **common),
        selection.row("p_value", p_value, format="p_value", **common),
    ]
