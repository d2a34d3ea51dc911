"""Agreement of two readings of the same scans: best response, and the day of progression."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from hepatica.analyse.readings import of_reading
from hepatica.analyse.response import order_of_responses
from hepatica.analyse.selection import Selection, select
from hepatica.derive import Datasets
from hepatica.derive.portable import day_number
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import AgreementAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.agreement import kappa
from hepatica.stats.quantiles import quantile

_Frame = nw.DataFrame[Any]
_MISSING = "MISSING"
#: What responses by iRECIST count as beside those by other criteria.
_PLAIN = {
    "iCR": "CR",
    "iPR": "PR",
    "iSD": "SD",
    "NON-iCR/NON-iUPD": "NON-CR/NON-PD",
    "iCPD": "PD",
    "iUPD": "PD",
}
_MIXED = "Responses by iRECIST count as those without i; iCPD and iUPD as PD."


def analyse_agreement(
    protocol: Protocol, datasets: Datasets, analysis: AgreementAnalysis
) -> list[ResultRow]:
    """Compare the best responses and the days of progression of two readings.

    Parameters
    ----------
    protocol : Protocol
        Confidence level.
    datasets : mapping
        ADSL and ADRS of both readings.
    analysis : AgreementAnalysis
        Which two readings, and the parameter that is compared.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``agreement``; all groups together.

    Raises
    ------
    AnalysisError
        If there is no ADRS of a reading.
    """
    if "ADRS" not in datasets:
        raise AnalysisError("There is no ADRS table. Add it under data.tables.")
    selection = select(protocol, datasets, analysis)
    pair = [
        nw.from_native(of_reading(datasets, one)["ADRS"], eager_only=True)
        for one in analysis.readings
    ]
    rows = selection.sizes()
    rows += _best(protocol, selection, analysis, pair)
    # Best responses of a sheet say nothing of the day of progression.
    dated = all("ADT" in frame.columns for frame in pair)
    return rows + _progressions(selection, pair) if dated else rows


def _joined(selection: Selection, pair: list[_Frame], column: str, parameter: str) -> _Frame:
    """Return one row for each patient, with the column of both readings as FIRST and SECOND."""
    both = selection.members.select("USUBJID")
    for frame, name in zip(pair, ("FIRST", "SECOND"), strict=True):
        own = frame.filter(nw.col("PARAMCD") == parameter)
        own = own.select("USUBJID", nw.col(column).alias(name))
        both = both.join(own, on="USUBJID", how="left")
    return both


def _best(
    protocol: Protocol, selection: Selection, analysis: AgreementAnalysis, pair: list[_Frame]
) -> list[ResultRow]:
    both = _joined(selection, pair, "AVALC", analysis.parameter).select("FIRST", "SECOND")
    found = [tuple(one or _MISSING for one in row) for row in both.iter_rows()]
    mixed = len({_is_confirmed(row[at] for row in found) for at in (0, 1)}) > 1
    tally: dict[tuple[str, str], int] = {}
    for first, second in found:
        key = (_PLAIN.get(first, first), _PLAIN.get(second, second)) if mixed else (first, second)
        tally[key] = tally.get(key, 0) + 1
    names = order_of_responses({name for key in tally for name in key})
    n = selection.size()
    place: dict[str, Any] = {
        "dataset": "ADRS",
        "parameter": analysis.parameter,
        "denominator": n,
    }
    cross = place | {"variable": "cross_table", "format": "integer"}
    cross |= {"message": _MIXED} if mixed else {}
    rows = [
        selection.row("n", tally.get((a, b), 0), variable_level=a, reference=b, **cross)
        for a in names
        for b in names
    ]
    same = sum(count for (a, b), count in tally.items() if a == b)
    shown = place | {"variable": "best_response"}
    rows.append(selection.row("n_agree", same, format="integer", **shown))
    if not n:
        return rows
    rows.append(selection.row("percent_agree", 100 * same / n, unit="%", format="percent", **shown))
    return rows + _kappa(protocol, selection, names, tally, shown)


def _is_confirmed(responses: Iterable[str]) -> bool:
    return any(one in _PLAIN for one in responses)


def _kappa(
    protocol: Protocol,
    selection: Selection,
    names: tuple[str, ...],
    tally: dict[tuple[str, str], int],
    shown: dict[str, Any],
) -> list[ResultRow]:
    shown = shown | {
        "method": "Cohen’s kappa, limits by its large-sample standard error",
        "conf_level": protocol.conf_level,
        "format": "decimal2",
    }
    why = "Both readings put every patient into one and the same category."
    if len(names) < 2:
        return [selection.row("kappa", status="not_estimable", message=why, **shown)]
    table = np.array([[tally.get((a, b), 0) for b in names] for a in names])
    found = kappa(table, conf_level=protocol.conf_level)
    if np.isnan(found.estimate):
        return [selection.row("kappa", status="not_estimable", message=why, **shown)]
    return [
        selection.row("kappa", found.estimate, **shown),
        selection.row("kappa_lower", found.lower, **shown),
        selection.row("kappa_upper", found.upper, **shown),
    ]


def _progressions(selection: Selection, pair: list[_Frame]) -> list[ResultRow]:
    """Count who progressed by which reading, and compare the days of those who did by both."""
    first = [frame.filter(nw.col("AVALC") == "Y") for frame in pair]
    both = _joined(selection, first, "ADT", "PD").with_columns(
        *(day_number(nw.col(name)).alias(name) for name in ("FIRST", "SECOND"))
    )
    days = [tuple(row) for row in both.select("FIRST", "SECOND").iter_rows()]
    later = [b - a for a, b in days if a is not None and b is not None]
    counts = {
        "both": len(later),
        "first_only": sum(a is not None and b is None for a, b in days),
        "second_only": sum(a is None and b is not None for a, b in days),
        "neither": sum(a is None and b is None for a, b in days),
        "same_day": sum(one == 0 for one in later),
        "first_earlier": sum(one > 0 for one in later),
        "second_earlier": sum(one < 0 for one in later),
    }
    place = {"dataset": "ADRS", "parameter": "PD", "variable": "progression"}
    rows = [
        selection.row(
            "n",
            count,
            variable_level=name,
            format="integer",
            denominator=selection.size(),
            **place,
        )
        for name, count in counts.items()
    ]
    apart = [abs(one) for one in later if one]
    if not apart:
        return rows
    shown = place | {"unit": "days", "format": "decimal0", "denominator": len(apart)}
    rows.append(selection.row("median", quantile(apart, 0.5), variable_level="days_apart", **shown))
    rows.append(selection.row("max", float(max(apart)), variable_level="days_apart", **shown))
    return rows
