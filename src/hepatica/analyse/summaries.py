"""Measured values in one line each: mean, standard deviation, median, quartiles and range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.dialect import TrialDialect
from hepatica.results import ResultRow
from hepatica.stats.quantiles import quantile

#: Names of the definitions of quantiles, as footnotes give them.
QUANTILE_NAMES = {
    "average": "quantiles by SAS definition 5 (R type 2)",
    "linear": "quantiles by linear interpolation (R type 7)",
    "weibull": "quantiles by SAS definition 4 (R type 6)",
}


@dataclass(frozen=True, slots=True)
class Formats:
    """How a summary is displayed: mean and spread, median and quartiles, smallest and largest."""

    mean: str
    median: str
    extreme: str


def summary_rows(
    selection: Selection,
    known: NDArray[np.float64],
    dialect: TrialDialect,
    formats: Formats,
    where: dict[str, Any],
) -> list[ResultRow]:
    """Summarise the known values of some patients.

    Parameters
    ----------
    selection : Selection
        Makes the rows.
    known : ndarray of float, shape (n,)
        Values without the missing ones.
    dialect : TrialDialect
        How quantiles are defined.
    formats : Formats
        Display formats.
    where : dict
        Columns that the rows share, the unit among them.

    Returns
    -------
    list of ResultRow
        ``mean``, ``sd``, ``median``, ``q1``, ``q3``, ``min`` and ``max``; not estimable where too
        few values are known.
    """
    definition = dialect.quantile_definition
    quartiles = QUANTILE_NAMES[definition]

    def row(statistic: str, enough: int, value: float, shown: str, method: str = "") -> ResultRow:
        common: dict[str, Any] = {"method": method, "format": shown, **where}
        if len(known) < enough:
            message = f"Needs at least {enough} known values."
            return selection.row(statistic, status="not_estimable", message=message, **common)
        return selection.row(statistic, value, **common)

    def quantile_row(statistic: str, share: float) -> ResultRow:
        value = quantile(some, share, definition=definition)
        return row(statistic, 1, value, formats.median, quartiles)

    some = known if len(known) else np.zeros(1)
    spread = float(np.std(known, ddof=1)) if len(known) > 1 else 0.0
    return [
        row("mean", 1, float(np.mean(some)), formats.mean),
        row("sd", 2, spread, formats.mean, "standard deviation with n - 1"),
        quantile_row("median", 0.5),
        quantile_row("q1", 0.25),
        quantile_row("q3", 0.75),
        row("min", 1, float(np.min(some)), formats.extreme),
        row("max", 1, float(np.max(some)), formats.extreme),
    ]
