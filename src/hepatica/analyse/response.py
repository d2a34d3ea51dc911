"""Best overall response by group, and the endpoints that count it."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import tally
from hepatica.analyse.depth import depth_rows
from hepatica.analyse.historical import compare_proportion
from hepatica.analyse.readings import of_reading
from hepatica.analyse.response_comparison import compare_response
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.spider_deciles import analyse_change_deciles
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol
from hepatica.protocol.response_reading import reading_of_response
from hepatica.results import ResultRow
from hepatica.stats.proportions import proportion_ci

#: Best overall response in the order of tables.
RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING")
#: The same where progression has to be confirmed (iRECIST).
CONFIRMED_RESPONSES = (*("iCR", "iPR", "iSD", "NON-iCR/NON-iUPD", "iCPD", "iUPD", "NE", "MISSING"),)

_INTERVALS = {
    "clopper-pearson": "Clopper–Pearson",
    "wilson": "Wilson",
    "jeffreys": "Jeffreys",
    "agresti-coull": "Agresti–Coull",
    "wald": "Wald",
}


def analyse_response(
    protocol: Protocol, datasets: Datasets, analysis: ResponseAnalysis
) -> list[ResultRow]:
    """Count best overall response by group; patients without a record count as ``MISSING``.

    Parameters
    ----------
    protocol : Protocol
        Defines the endpoints that the analysis lists.
    datasets : mapping
        ADSL and ADRS are read.
    analysis : ResponseAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``response``. Every patient of the analysis set is in the
        denominator, with or without an assessment.

    Raises
    ------
    AnalysisError
        If there is no ADRS.
    """
    datasets = of_reading(datasets, reading_of_response(protocol, analysis))
    if "ADRS" not in datasets:
        raise AnalysisError("There is no ADRS table. Add it under data.tables.")
    selection = select(protocol, datasets, analysis)
    endpoints = [
        endpoint
        for endpoint in protocol.endpoints
        if isinstance(endpoint, Response) and endpoint.id in analysis.endpoints
    ]
    rows = selection.sizes()
    for parameter in dict.fromkeys(endpoint.parameter for endpoint in endpoints):
        counted = _best_responses(selection, datasets, parameter)
        own = [endpoint for endpoint in endpoints if endpoint.parameter == parameter]
        if not all(endpoint.is_yes_or_no for endpoint in own):
            rows += _best_response(selection, counted, parameter)
        for endpoint in own:
            rows += _endpoint(protocol, selection, counted, endpoint)
            if analysis.compare is not None:
                rows += compare_response(protocol, selection, datasets, analysis.compare, endpoint)
    dialect = trial_dialect(protocol.dialect)
    rows += depth_rows(selection, datasets, dialect)
    return rows + analyse_change_deciles(selection, datasets, dialect)


def _best_responses(
    selection: Selection, datasets: Datasets, parameter: str
) -> dict[tuple[str, str], int]:
    records = nw.from_native(datasets["ADRS"], eager_only=True)
    best = records.filter(nw.col("PARAMCD") == parameter).select("USUBJID", "AVALC")
    joined = selection.members.select("USUBJID", "__group__").join(best, on="USUBJID", how="left")
    missing = nw.when(nw.col("AVALC").is_null()).then(nw.lit("MISSING"))
    return tally(joined.with_columns(missing.otherwise(nw.col("AVALC")).alias("AVALC")), "AVALC")


def _words(found: set[str]) -> tuple[str, ...]:
    """Return the responses of the criteria that the records are written in, in order."""
    confirmed = found & (set(CONFIRMED_RESPONSES) - set(RESPONSES))
    return CONFIRMED_RESPONSES if confirmed else RESPONSES


def order_of_responses(found: set[str]) -> tuple[str, ...]:
    """Return the responses that were found from best to worst; unknown words come last.

    Examples
    --------
    >>> order_of_responses({"PD", "CR", "NE"})
    ('CR', 'PD', 'NE')
    """
    words = (*CONFIRMED_RESPONSES[:-2], *RESPONSES)
    return tuple(sorted(found, key=lambda one: (words.index(one) if one in words else 99, one)))


def _levels(selection: Selection) -> tuple[str, ...]:
    return selection.levels if len(selection.levels) == 1 else (*selection.levels, "")


def _best_response(
    selection: Selection, counted: dict[tuple[str, str], int], parameter: str
) -> list[ResultRow]:
    rows = []
    names = _words({name for _, name in counted})
    always = {*names[:3], names[4]}
    seen = [name for name in names if counted.get(("", name)) or name in always]
    for level in _levels(selection):
        size = selection.size(level)
        for response in seen:
            n = counted.get((level, response), 0)
            where: dict[str, Any] = {
                "dataset": "ADRS",
                "parameter": parameter,
                "variable": "best_response",
                "variable_level": response,
                "denominator": size,
            }
            where |= {"level": level} if level else {}
            rows.append(selection.row("n", n, format="integer", **where))
            if size:
                share = 100.0 * n / size
                rows.append(selection.row("percent", share, unit="%", format="percent", **where))
    return rows


def _endpoint(
    protocol: Protocol,
    selection: Selection,
    counted: dict[tuple[str, str], int],
    endpoint: Response,
) -> list[ResultRow]:
    dialect = trial_dialect(protocol.dialect)
    rows = []
    for level in _levels(selection):
        size = selection.size(level)
        n = sum(counted.get((level, response), 0) for response in endpoint.counted)
        where: dict[str, Any] = {
            "dataset": "ADRS",
            "parameter": endpoint.parameter,
            "variable": endpoint.id,
            "denominator": size,
        }
        where |= {"level": level} if level else {}
        rows.append(selection.row("n", n, format="integer", **where))
        shown: dict[str, Any] = {
            "unit": "%",
            "format": "percent",
            "method": _INTERVALS[dialect.proportion_method],
            "conf_level": protocol.conf_level,
        }
        if not size:
            message = "No patients."
            rows.append(
                selection.row("percent", status="not_estimable", message=message, **shown, **where)
            )
            continue
        interval = proportion_ci(
            n, size, method=dialect.proportion_method, conf_level=protocol.conf_level
        )
        rows += [
            selection.row("percent", 100.0 * interval.estimate, **shown, **where),
            selection.row("percent_lower", 100.0 * interval.lower, **shown, **where),
            selection.row("percent_upper", 100.0 * interval.upper, **shown, **where),
        ]
        if endpoint.historical is not None and level:
            rows += compare_proportion(protocol, selection, endpoint, level, n, size)
    return rows
