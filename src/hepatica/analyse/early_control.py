"""Disease control after the landmark by early response of a marker."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.column_names import without_advice
from hepatica.analyse.early_groups import RESPONSE
from hepatica.analyse.early_times import kept_at, ratio_columns
from hepatica.analyse.landmark import CENSORED_BEFORE, EVENT_BEFORE, FOLLOWED
from hepatica.analyse.model_matrix import ModelMatrix, model_matrix
from hepatica.analyse.predictor_rows import likelihood_ratio_rows, odds_ratio_of
from hepatica.analyse.selection import Selection
from hepatica.analyse.times import usable_times
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.endpoints import Response, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import EarlyResponseAnalysis
from hepatica.records.response_words import response_in
from hepatica.results import ResultRow
from hepatica.stats.contingency import association_test
from hepatica.stats.logistic import logistic
from hepatica.stats.proportions import proportion_ci

NOT_JUDGED = "not_judged"
#: From the best response to the worst.
_BEST = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
#: Names of the tests, of which the expected-count rule chooses one.
_TESTS = {"pearson": "chi-square test", "fisher": "Fisher's exact test"}


def control_rows(
    protocol: Protocol,
    datasets: Datasets,
    selection: Selection,
    analysis: EarlyResponseAnalysis,
    response: Response,
) -> list[ResultRow]:
    """Return who has the response after the landmark, the test and the odds ratio.

    Parameters
    ----------
    protocol : Protocol
        Dialect, confidence level and endpoints.
    datasets : mapping
        ADTTE, and ADRS where no column says how the response was judged.
    selection : Selection
        Patients with and without early response.
    analysis : EarlyResponseAnalysis
        Its landmark, and the column of the response after it.
    response : Response
        The values that count.

    Returns
    -------
    list of ResultRow
        Counted are patients who are followed without event past the landmark in each endpoint of
        the analysis and whose response was judged after it.
    """
    place = {
        "dataset": "ADSL" if analysis.judged is not None else "ADRS",
        "parameter": response.parameter,
        "time_origin": f"{analysis.from_landmark.text} after {_origin(protocol, analysis)}",
    }
    names = selection.members["USUBJID"].to_list()
    standing = _standing(protocol, datasets, selection, analysis)
    judged = _judged(datasets, selection, analysis, protocol)
    group = selection.codes(selection.members["__group__"].to_list())
    status = np.array(
        [standing.get(name, FOLLOWED if judged.get(name) else NOT_JUDGED) for name in names],
        dtype=object,
    )
    event = np.array([judged.get(name) in response.counted for name in names], dtype=np.int64)
    rows = []
    for code, level in enumerate(selection.levels):
        for reason in (FOLLOWED, EVENT_BEFORE, CENSORED_BEFORE, NOT_JUDGED):
            n = int(((group == code) & (status == reason)).sum())
            told = {"variable": "landmark", "variable_level": reason, "format": "integer"}
            rows.append(selection.row("n", float(n), level=level, **told, **place))
    used = (group >= 0) & (status == FOLLOWED)
    rows += _shares(protocol, selection, (group[used], event[used]), place)
    rows += _tested(protocol, selection, (group[used], event[used]), place)
    if not selection.base.subgroup or selection.base.subgroup == "where":
        rows += _models(protocol, selection, analysis, (group, event, used), place)
    return rows


def _times_of(protocol: Protocol, analysis: EarlyResponseAnalysis) -> list[TimeToEvent]:
    return [
        one
        for one in protocol.endpoints
        if isinstance(one, TimeToEvent) and one.id in analysis.endpoints
    ]


def _origin(protocol: Protocol, analysis: EarlyResponseAnalysis) -> str:
    endpoints = _times_of(protocol, analysis)
    return endpoints[0].origin.label if endpoints else "the start"


def _standing(
    protocol: Protocol, datasets: Datasets, selection: Selection, analysis: EarlyResponseAnalysis
) -> dict[str, str]:
    """Return why patients are left out before the landmark; an event comes before a censoring."""
    found: dict[str, str] = {}
    for endpoint in _times_of(protocol, analysis):
        times = usable_times(selection, datasets, endpoint)
        for name, reason in kept_at(times, analysis.from_landmark.days).items():
            if reason == EVENT_BEFORE or name not in found:
                found[name] = reason
    return found


def _judged(
    datasets: Datasets, selection: Selection, analysis: EarlyResponseAnalysis, protocol: Protocol
) -> dict[str, str]:
    """Return the best response after the landmark by patient."""
    if analysis.judged is not None:
        if analysis.judged not in selection.members.columns:
            raise AnalysisError(
                f"ADSL has no column {analysis.judged} with the response after the landmark. Look "
                "at judged in study.yaml."
            )
        # Words of a sheet count as the responses that they stand for.
        recorded = nw.col(analysis.judged).cast(nw.String)
        response = nw.coalesce(response_in(analysis.judged), recorded).alias("__response")
        told = selection.members.select("USUBJID", response).iter_rows()
        return {name: value for name, value in told if value}
    if "ADRS" not in datasets:
        raise AnalysisError(
            "Disease control after the landmark needs the assessments in ADRS, or the column of "
            "the best response after it: judged."
        )
    endpoints = _times_of(protocol, analysis)
    origin = endpoints[0].origin.variable if endpoints else "TRTSDT"
    if origin not in selection.members.columns:
        raise AnalysisError(f"ADSL has no {origin}, from which the landmark is counted.")
    records = nw.from_native(datasets["ADRS"], eager_only=True)
    records = records.filter(nw.col("PARAMCD") == "OVR").join(
        selection.members.select("USUBJID", nw.col(origin).alias("__origin__")),
        on="USUBJID",
        how="inner",
    )
    day = (nw.col("ADT") - nw.col("__origin__")).dt.total_minutes() / 1440 + 1
    records = records.filter(day > analysis.from_landmark.days).select("USUBJID", "AVALC")
    best: dict[str, str] = {}
    for name, value in records.iter_rows():
        if value in _BEST and (name not in best or _BEST.index(value) < _BEST.index(best[name])):
            best[name] = value
    return best


_Pair = tuple[NDArray[np.int64], NDArray[np.int64]]


def _shares(
    protocol: Protocol, selection: Selection, used: _Pair, place: dict[str, Any]
) -> list[ResultRow]:
    group, event = used
    method = trial_dialect(protocol.dialect).proportion_method
    rows = []
    for code, level in enumerate(selection.levels):
        own = group == code
        n, x = int(own.sum()), int(event[own].sum())
        common = place | {"variable": "response", "level": level, "denominator": n}
        rows.append(selection.row("n", float(x), format="integer", **common))
        if not n:
            message = "No patient of this group was judged after the landmark."
            rows.append(selection.row("percent", status="not_estimable", message=message, **common))
            continue
        found = proportion_ci(x, n, method=method, conf_level=protocol.conf_level)
        told = common | {
            "unit": "%",
            "format": "percent",
            "method": method,
            "conf_level": protocol.conf_level,
        }
        values = {"percent": found.estimate, "percent_lower": found.lower}
        values["percent_upper"] = found.upper
        rows += [selection.row(name, 100.0 * value, **told) for name, value in values.items()]
    return rows


def _tested(
    protocol: Protocol, selection: Selection, used: _Pair, place: dict[str, Any]
) -> list[ResultRow]:
    """Return the test of the table of two by two, and the odds ratio."""
    group, event = used
    table = [[int(((group == g) & (event == e)).sum()) for e in (1, 0)] for g in (0, 1)]
    common = place | {"group": selection.group, "variable": "association"}
    try:
        found = association_test(table)
        rows = [
            selection.row(
                "p_value", found.p_value, format="p_value", method=_TESTS[found.method], **common
            )
        ]
    except InputError:
        message = "Both groups need patients, and both outcomes too."
        rows = [selection.row("p_value", status="not_estimable", message=message, **common)]
    x = (group == RESPONSE).astype(np.float64)[:, None]
    told = ratio_columns(selection, place) | {"variable": "logistic"}
    if not len(x):
        message = "No patient was judged after the landmark."
        return [*rows, selection.row("odds_ratio", status="not_estimable", message=message, **told)]
    names = [selection.levels[RESPONSE]]
    return rows + odds_ratio_of(selection, event, x, told, ("", protocol.conf_level), names)


def _models(
    protocol: Protocol,
    selection: Selection,
    analysis: EarlyResponseAnalysis,
    patients: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]],
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return the adjusted odds ratio and the test of interaction, where they are planned."""
    group, event, used = patients
    response = (group == RESPONSE).astype(np.float64)[:, None]
    rows: list[ResultRow] = []
    if analysis.covariates:
        matrix = model_matrix(protocol, selection, analysis.covariates, analysis.references)
        kept = used & matrix.complete
        told = ratio_columns(selection, place) | {"variable": "logistic_adjusted"}
        x = np.concatenate([response, matrix.x], axis=1)[kept]
        how = (f" adjusted for {', '.join(matrix.labels)}", protocol.conf_level)
        names = [selection.levels[RESPONSE], *(one.label for one in matrix.columns)]
        rows += odds_ratio_of(selection, event[kept], x, told, how, names)
        for statistic, n in (("n", int(kept.sum())), ("events", int(event[kept].sum()))):
            rows.append(selection.row(statistic, float(n), format="integer", **told))
    if analysis.strata is not None:
        matrix = model_matrix(protocol, selection, [analysis.strata])
        rows += _interaction(selection, analysis.strata, matrix, (response, event, used), place)
    return rows


def _interaction(
    selection: Selection,
    strata: str,
    matrix: ModelMatrix,
    patients: tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]],
    place: dict[str, Any],
) -> list[ResultRow]:
    response, event, used = patients
    kept = used & matrix.complete
    without = np.concatenate([response, matrix.x], axis=1)[kept]
    product = np.concatenate([without, (response * matrix.x)[kept]], axis=1)
    common = ratio_columns(selection, place) | {
        "variable": "interaction",
        "variable_level": strata,
        "method": "likelihood-ratio test of interaction, logistic model",
    }
    if not kept.any():
        message = "No patient was judged after the landmark."
        return [selection.row("p_value", status="not_estimable", message=message, **common)]
    try:
        small, large = (logistic(event[kept], x) for x in (without, product))
    except InputError as error:
        names = [selection.levels[RESPONSE], *(one.label for one in matrix.columns)]
        names += [f"{names[0]} and {one.label}" for one in matrix.columns]
        message = without_advice(error, names)
        return [selection.row("p_value", status="not_estimable", message=message, **common)]
    test = large.lr_test.statistic - small.lr_test.statistic
    return likelihood_ratio_rows(selection, test, product.shape[1] - without.shape[1], common)
