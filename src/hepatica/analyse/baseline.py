"""Baseline variables by group: categories as counts, measurements as summaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.baseline_comparison import BaselineComparer
from hepatica.analyse.counts import tally
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.summaries import Formats, summary_rows
from hepatica.derive import Datasets
from hepatica.derive.adsl import category_column
from hepatica.dialect import TrialDialect, trial_dialect
from hepatica.protocol.analyses import BaselineAnalysis
from hepatica.protocol.baseline_analysis import BaselineComparison
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker, Variable
from hepatica.results import ResultRow

#: Label of the row that counts patients without a value.
MISSING = "Missing"


@dataclass(frozen=True, slots=True)
class _Measure:
    """A measured variable as the summary needs it."""

    id: str
    column: str
    unit: str
    decimals: int
    means: bool = False


def analyse_baseline(
    protocol: Protocol, datasets: Datasets, analysis: BaselineAnalysis
) -> list[ResultRow]:
    """Summarise baseline variables by group and for all patients.

    Parameters
    ----------
    protocol : Protocol
        Defines the variables, biomarkers and cut-points that the analysis lists.
    datasets : mapping
        ADSL is read.
    analysis : BaselineAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``baseline``.
    """
    selection = select(protocol, datasets, analysis)
    dialect = trial_dialect(protocol.dialect)
    rows = selection.sizes()
    measures = _measures(protocol)
    compare = analysis.compare or BaselineComparison()
    comparer = BaselineComparer(selection, compare, dialect.equal_variances, protocol.conf_level)
    for identifier in analysis.variables:
        if identifier in measures:
            rows += _measured(selection, measures[identifier], dialect)
        else:
            rows += _categories(selection, identifier, group_labels(protocol, identifier))
        if compare.asks:
            rows += _compared(protocol, comparer, identifier, measures.get(identifier))
    return rows


def _compared(
    protocol: Protocol, comparer: BaselineComparer, identifier: str, measure: _Measure | None
) -> list[ResultRow]:
    selection = comparer.selection
    if measure is not None:
        known = [_known(_of_group(selection, level, measure)) for level in selection.levels]
        return comparer.measured(identifier, known, means=measure.means)
    counted = tally(selection.members, category_column(identifier))
    labels = group_labels(protocol, identifier)
    counts = [[counted.get((level, one), 0) for level in selection.levels] for one in labels]
    return comparer.categories(identifier, np.array(counts, dtype=np.int64))


def _measures(protocol: Protocol) -> dict[str, _Measure]:
    measured: list[Variable | Biomarker] = [
        variable for variable in protocol.variables if variable.kind == "measured"
    ]
    return {
        one.id: _Measure(
            one.id,
            one.column,
            one.unit,
            one.decimals,
            means=isinstance(one, Variable) and one.summary == "mean_sd",
        )
        for one in (*measured, *protocol.biomarkers)
    }


def _categories(selection: Selection, identifier: str, labels: tuple[str, ...]) -> list[ResultRow]:
    counted = tally(selection.members, category_column(identifier))
    shown = [*labels, *([MISSING] if counted.get(("", None)) else [])]
    rows = []
    for level in (*selection.levels, ""):
        size = selection.size(level)
        for label in shown:
            n = counted.get((level, None if label == MISSING else label), 0)
            where: dict[str, Any] = {
                "dataset": "ADSL",
                "variable": identifier,
                "variable_level": label,
            }
            where |= {"level": level} if level else {}
            rows.append(selection.row("n", n, denominator=size, format="integer", **where))
            rows.append(_percent(selection, n, size, where))
    return rows


def _percent(selection: Selection, n: int, size: int, where: dict[str, Any]) -> ResultRow:
    if not size:
        return selection.row(
            "percent", unit="%", status="not_estimable", message="No patients.", **where
        )
    return selection.row(
        "percent", 100.0 * n / size, unit="%", denominator=size, format="percent", **where
    )


def _of_group(selection: Selection, level: str, measure: _Measure) -> nw.Series[Any]:
    """Return the values of a group; of all groups together where the level is empty."""
    values = selection.members[measure.column]
    # Only this column is filtered: tables of many patients are wide.
    return values.filter(selection.members["__group__"] == level) if level else values


def _known(values: nw.Series[Any]) -> NDArray[np.float64]:
    known: NDArray[np.float64] = values.drop_nulls().cast(nw.Float64).to_numpy()
    return known


def _measured(selection: Selection, measure: _Measure, dialect: TrialDialect) -> list[ResultRow]:
    rows: list[ResultRow] = []
    for level in (*selection.levels, ""):
        values = _of_group(selection, level, measure)
        known = _known(values)
        where: dict[str, Any] = {"dataset": "ADSL", "variable": measure.id}
        where |= {"level": level} if level else {}
        same, finer = f"decimal{measure.decimals}", f"decimal{min(measure.decimals + 1, 4)}"
        rows.append(selection.row("n", float(len(known)), format="integer", **where))
        missing = float(len(values) - len(known))
        rows.append(selection.row("missing", missing, format="integer", **where))
        formats = Formats(mean=finer, median=same, extreme=same)
        rows += summary_rows(selection, known, dialect, formats, where | {"unit": measure.unit})
    return rows
