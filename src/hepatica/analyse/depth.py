"""Depth of response: the best change of the sum of target lesions of each patient."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.lesion_changes import has_lesion_sums, lesion_changes
from hepatica.analyse.selection import Selection
from hepatica.analyse.summaries import QUANTILE_NAMES
from hepatica.derive import Datasets
from hepatica.dialect import TrialDialect
from hepatica.results import ResultRow
from hepatica.stats.quantiles import quantile

#: Level of patients whose target lesions shrank at any assessment that counts.
SHRUNK = "shrunk"
_QUARTILES = (("median", 0.5), ("q1", 0.25), ("q3", 0.75))


def depth_rows(selection: Selection, datasets: Datasets, dialect: TrialDialect) -> list[ResultRow]:
    """Return median and quartiles of the best change, and the share with any shrinkage.

    Parameters
    ----------
    selection : Selection
        Patients and groups of an analysis of response.
    datasets : mapping
        ADTR; ADRS and ADCM where they are there, see `lesion_changes`.
    dialect : TrialDialect
        Names the definition of quantiles.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists under depth of response; none where the study has no sums of
        target lesions. Patients without a sum after baseline are not in it, and `n` says how many
        are.
    """
    if not has_lesion_sums(datasets) or "TRTSDT" not in selection.members.columns:
        return []
    changes = lesion_changes(selection.members, datasets)
    best = changes.group_by("USUBJID", "__group__").agg(nw.col("PCHG").min())
    levels = selection.levels if len(selection.levels) == 1 else (*selection.levels, "")
    rows = []
    for level in levels:
        own = best.filter(nw.col("__group__") == level) if level else best
        rows += _rows(selection, level, np.sort(own["PCHG"].to_numpy()), dialect)
    return rows


def _rows(
    selection: Selection, level: str, best: NDArray[np.float64], dialect: TrialDialect
) -> list[ResultRow]:
    definition = dialect.quantile_definition
    where: dict[str, Any] = {"dataset": "ADTR", "parameter": "SDIAM", "variable": "depth"}
    where |= {"level": level} if level else {}
    size = selection.size(level)
    rows = [selection.row("n", len(best), denominator=size, format="integer", **where)]
    message = "No patient has a sum of target lesions after baseline."
    for statistic, share in _QUARTILES:
        shown: dict[str, Any] = {
            "unit": "%",
            "format": "decimal1",
            "method": QUANTILE_NAMES[definition],
        }
        if len(best):
            value = quantile(best, share, definition=definition)
            rows.append(selection.row(statistic, value, **shown, **where))
        else:
            rows.append(
                selection.row(statistic, status="not_estimable", message=message, **shown, **where)
            )
    shrunk = int((best < 0).sum())
    where |= {"variable_level": SHRUNK, "denominator": len(best)}
    rows.append(selection.row("n", shrunk, format="integer", **where))
    where |= {"unit": "%", "format": "percent"}
    if len(best):
        rows.append(selection.row("percent", 100.0 * shrunk / len(best), **where))
    else:
        rows.append(selection.row("percent", status="not_estimable", message=message, **where))
    return rows
