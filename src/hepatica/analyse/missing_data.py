"""Who lacks which baseline value, and which values are missing together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.imputed_columns import marker_numbers
from hepatica.analyse.selection import Selection, select
from hepatica.derive import Datasets
from hepatica.derive.adsl import category_column
from hepatica.errors import AnalysisError
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

#: Stands between the ids of the variables that a pattern lacks.
TOGETHER = "+"


def analyse_missing_data(
    protocol: Protocol, datasets: Datasets, analysis: MissingDataAnalysis
) -> list[ResultRow]:
    """Count missing baseline values by variable and by pattern.

    Parameters
    ----------
    protocol : Protocol
        Defines variables, biomarkers and cut-points.
    datasets : mapping
        ADSL is read.
    analysis : MissingDataAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``missing_data``. A marker below its limit of detection is
        not missing.
    """
    selection = select(protocol, datasets, analysis)
    missing = np.column_stack(
        [_is_missing(protocol, selection, name) for name in analysis.variables]
    )
    group = np.array(selection.members["__group__"].to_list(), dtype=object)
    rows = selection.sizes()
    for level in (*selection.levels, ""):
        own = missing[group == level] if level else missing
        where: dict[str, Any] = {"dataset": "ADSL"} | ({"level": level} if level else {})
        for name, count in zip(analysis.variables, own.sum(axis=0), strict=True):
            rows += _share(selection, "missing", int(count), len(own), where | {"variable": name})
        complete = int((~own.any(axis=1)).sum())
        rows += _share(selection, "n", complete, len(own), where | {"variable": "complete"})
    return rows + _patterns(selection, missing, analysis.variables)


def _is_missing(protocol: Protocol, selection: Selection, name: str) -> NDArray[np.bool_]:
    columns = {one.id: one.column for one in protocol.variables if one.kind == "measured"}
    columns |= {one.id: one.column for one in protocol.biomarkers}
    column = columns.get(name, category_column(name))
    if column not in selection.members.columns:
        raise AnalysisError(
            f"The datasets lack a column for the variable {name}. Look at its column, levels and "
            "occurs in study.yaml."
        )
    if name in columns:
        return np.isnan(marker_numbers(selection, column))
    missing: NDArray[np.bool_] = selection.members[column].is_null().to_numpy()
    return missing


def _share(
    selection: Selection, statistic: str, count: int, size: int, where: dict[str, Any]
) -> list[ResultRow]:
    percent = "percent" if statistic == "n" else f"{statistic}_percent"
    rows = [selection.row(statistic, count, denominator=size, format="integer", **where)]
    if not size:
        message = "No patients."
        return [
            *rows,
            selection.row(percent, unit="%", status="not_estimable", message=message, **where),
        ]
    share = 100.0 * count / size
    return [
        *rows,
        selection.row(percent, share, unit="%", denominator=size, format="percent", **where),
    ]


def _patterns(
    selection: Selection, missing: NDArray[np.bool_], variables: tuple[str, ...]
) -> list[ResultRow]:
    """Return a row for each set of variables that somebody lacks, the most frequent first."""
    found, counts = np.unique(np.packbits(missing, axis=1), axis=0, return_counts=True)
    patterns = np.unpackbits(found, axis=1, count=missing.shape[1]).astype(bool)
    named = [
        (-int(n), int(one.sum()), TOGETHER.join(np.array(variables)[one]))
        for one, n in zip(patterns, counts, strict=True)
        if one.any()
    ]
    rows = []
    for less, _, text in sorted(named):
        where = {"dataset": "ADSL", "variable": "pattern", "variable_level": text}
        rows += _share(selection, "n", -less, len(missing), where)
    return rows
