"""Early response of a marker as predictor of what happens after a landmark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.column_names import without_advice
from hepatica.analyse.early_control import control_rows
from hepatica.analyse.early_groups import (
    NO_RESPONSE,
    RESPONSE,
    STANDINGS,
    EarlyGroups,
    early_groups,
    with_ended,
)
from hepatica.analyse.early_times import NOBODY, kept_at, naive_rows, time_rows
from hepatica.analyse.landmark import after
from hepatica.analyse.model_matrix import model_matrix, places_of
from hepatica.analyse.predictor_rows import hazard_ratio_of, likelihood_ratio_rows
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.times import Times, endpoint_columns, endpoint_named, usable_times
from hepatica.derive import Datasets
from hepatica.derive.adsl import category_column
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.endpoints import Response, TimeToEvent
from hepatica.protocol.groups import group_labels
from hepatica.protocol.landmark import from_landmark
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import EarlyResponseAnalysis
from hepatica.results import ResultRow
from hepatica.stats.survival import cox

#: What patients are grouped by.
GROUP = "early_response"


def response_labels(protocol: Protocol, analysis: EarlyResponseAnalysis) -> tuple[str, str]:
    """Return what patients with and without the decline are called."""
    biomarker = next(one for one in protocol.biomarkers if one.id == analysis.marker)
    short = biomarker.id.upper() if len(biomarker.id) <= 5 else biomarker.label
    return f"{short} response", f"No {short} response"


@dataclass(frozen=True, slots=True)
class _Part:
    """Patients of one repetition of the analysis."""

    selection: Selection
    groups: EarlyGroups
    chosen: NDArray[np.bool_]


def analyse_early_response(
    protocol: Protocol, datasets: Datasets, analysis: EarlyResponseAnalysis
) -> list[ResultRow]:
    """Analyse an early response from its landmark, in all patients and in parts of them.

    Parameters
    ----------
    protocol : Protocol
        Defines marker, endpoints and strata.
    datasets : mapping
        ADSL and ADTTE are read; ADBM and ADRS where the analysis names no columns.
    analysis : EarlyResponseAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``early_response``.

    Raises
    ------
    AnalysisError
        If a column or dataset is not there, or nobody is left at the landmark.
    """
    selection = select(protocol, datasets, analysis)
    groups = early_groups(protocol, selection.members, datasets, analysis)
    groups = with_ended(groups, _ended(protocol, datasets, selection, analysis))
    labels = response_labels(protocol, analysis)
    label = np.array([*labels, *(None for _ in STANDINGS[2:])], dtype=object)[groups.code]
    series = nw.new_series(
        "__group__", label.tolist(), nw.String, backend=nw.get_native_namespace(selection.members)
    )
    grouped = replace(
        selection, members=selection.members.with_columns(series), group=GROUP, levels=labels
    )
    endpoints = [endpoint_named(protocol, name) for name in analysis.endpoints]
    times = {one.id: usable_times(grouped, datasets, one) for one in endpoints}
    rows = [selection.row("n", float(selection.size()), format="integer")]
    for part in _parts(protocol, grouped, groups, analysis):
        rows += _standing_rows(part)
        if analysis.response is not None:
            rows += control_rows(
                protocol, datasets, part.selection, analysis, _endpoint(protocol, analysis)
            )
        for endpoint in endpoints:
            own = _of(part.selection, times[endpoint.id])
            rows += time_rows(protocol, part.selection, own, endpoint, analysis)
    for endpoint in endpoints:
        rows += _adjusted(protocol, grouped, times[endpoint.id], endpoint, analysis)
        rows += _interaction(protocol, grouped, times[endpoint.id], endpoint, analysis)
        rows += naive_rows(protocol, grouped, times[endpoint.id], endpoint)
    return rows


def _ended(
    protocol: Protocol, datasets: Datasets, selection: Selection, analysis: EarlyResponseAnalysis
) -> NDArray[np.bool_]:
    """Return whose event or end of follow-up, in any endpoint, came up to the landmark."""
    found: set[str] = set()
    for name in analysis.endpoints:
        if "ADTTE" not in datasets:
            raise AnalysisError("There is no ADTTE table. Add it under data.tables.")
        times = usable_times(selection, datasets, endpoint_named(protocol, name))
        found |= set(kept_at(times, analysis.from_landmark.days))
    names = selection.members["USUBJID"].to_list()
    return np.array([one in found for one in names], dtype=np.bool_)


def _endpoint(protocol: Protocol, analysis: EarlyResponseAnalysis) -> Response:
    return next(
        one
        for one in protocol.endpoints
        if isinstance(one, Response) and one.id == analysis.response
    )


def _of(selection: Selection, times: Times) -> Times:
    """Return the times of the patients of a part."""
    members = set(selection.members["USUBJID"].to_list())
    kept = [name in members for name in times.records["USUBJID"].to_list()]
    return times.where(np.array(kept, dtype=np.bool_))


def _parts(
    protocol: Protocol,
    selection: Selection,
    groups: EarlyGroups,
    analysis: EarlyResponseAnalysis,
) -> Iterator[_Part]:
    """Give all patients, then each stratum, then those at or above each floor."""
    everybody = np.ones(len(selection.members), dtype=np.bool_)
    yield _Part(selection, groups, everybody)
    if analysis.strata is not None:
        column = category_column(analysis.strata)
        if column not in selection.members.columns:
            raise AnalysisError(f"ADSL lacks the column from which {analysis.strata} is made.")
        known = selection.members[column].to_list()
        for level in group_labels(protocol, analysis.strata):
            chosen = np.array([one == level for one in known], dtype=np.bool_)
            yield _part(selection, groups, chosen, (analysis.strata, level))
    unit = next(one.unit for one in protocol.biomarkers if one.id == analysis.marker)
    for floor in analysis.floors:
        named = f"Baseline at or above {floor:g} {unit}"
        with np.errstate(invalid="ignore"):
            yield _part(selection, groups, groups.baseline >= floor, ("floor", named))


def _part(
    selection: Selection,
    groups: EarlyGroups,
    chosen: NDArray[np.bool_],
    subgroup: tuple[str, str],
) -> _Part:
    base = replace(selection.base, subgroup=subgroup[0], subgroup_level=subgroup[1])
    members = selection.members.filter(chosen.tolist())
    return _Part(replace(selection, members=members, base=base), groups, chosen)


def _standing_rows(part: _Part) -> list[ResultRow]:
    """Count responses, none, and those in whom it is not known, by reason."""
    codes = part.groups.code[part.chosen]
    rows = []
    for code, name in enumerate(STANDINGS):
        n = int((codes == code).sum())
        place: dict[str, Any] = {"variable": GROUP, "variable_level": name}
        rows.append(
            part.selection.row("n", float(n), format="integer", denominator=len(codes), **place)
        )
        if len(codes):
            share = 100.0 * n / len(codes)
            rows.append(
                part.selection.row(
                    "percent", share, unit="%", format="percent", denominator=len(codes), **place
                )
            )
    return rows


def _place(selection: Selection, endpoint: TimeToEvent) -> dict[str, Any]:
    return endpoint_columns(endpoint) | {
        "group": GROUP,
        "level": selection.levels[RESPONSE],
        "reference": selection.levels[NO_RESPONSE],
    }


def _adjusted(
    protocol: Protocol,
    selection: Selection,
    times: Times,
    endpoint: TimeToEvent,
    analysis: EarlyResponseAnalysis,
) -> list[ResultRow]:
    """Return the hazard ratio with the covariates of the plan, where it has some."""
    if not analysis.covariates:
        return []
    landmark = analysis.from_landmark
    left = after(times, landmark.days)
    matrix = model_matrix(protocol, selection, analysis.covariates, analysis.references)
    matrix = matrix.rows(places_of(selection, left.records))
    left, matrix = left.where(matrix.complete), matrix.rows(matrix.complete)
    x = np.column_stack([(left.group == RESPONSE).astype(np.float64), matrix.x])
    place = _place(selection, from_landmark(endpoint, landmark)) | {"variable": "cox_adjusted"}
    said = f" adjusted for {', '.join(matrix.labels)}"
    how = (said, trial_dialect(protocol.dialect).ties, protocol.conf_level)
    names = [selection.levels[RESPONSE], *(one.label for one in matrix.columns)]
    given = (left.time, left.event, left.entry)
    rows = hazard_ratio_of(selection, given, x, place, how, names)
    for statistic, n in (("n", len(left.time)), ("events", int(left.event.sum()))):
        rows.append(selection.row(statistic, float(n), format="integer", **place))
    return rows


def _interaction(
    protocol: Protocol,
    selection: Selection,
    times: Times,
    endpoint: TimeToEvent,
    analysis: EarlyResponseAnalysis,
) -> list[ResultRow]:
    """Test whether the hazard ratio differs between strata, by the likelihood ratio."""
    if analysis.strata is None:
        return []
    landmark = analysis.from_landmark
    left = after(times, landmark.days)
    matrix = model_matrix(protocol, selection, [analysis.strata])
    matrix = matrix.rows(places_of(selection, left.records))
    left, matrix = left.where(matrix.complete), matrix.rows(matrix.complete)
    response = (left.group == RESPONSE).astype(np.float64)[:, None]
    without = np.concatenate([response, matrix.x], axis=1)
    product = np.concatenate([without, response * matrix.x], axis=1)
    ties = trial_dialect(protocol.dialect).ties
    place = _place(selection, from_landmark(endpoint, landmark)) | {
        "variable": "interaction",
        "variable_level": analysis.strata,
        "method": f"likelihood-ratio test of interaction, Cox model, {ties.title()} ties",
    }
    if not len(left.time):
        return [selection.row("p_value", status="not_estimable", message=NOBODY, **place)]
    try:
        small, large = (
            cox(left.time, left.event, x, ties=ties, entry=left.entry) for x in (without, product)
        )
    except InputError as error:
        names = [selection.levels[RESPONSE], *(one.label for one in matrix.columns)]
        names += [f"{names[0]} and {one.label}" for one in matrix.columns]
        message = without_advice(error, names)
        return [selection.row("p_value", status="not_estimable", message=message, **place)]
    statistic = 2.0 * (large.loglik - small.loglik)
    df = product.shape[1] - without.shape[1]
    return likelihood_ratio_rows(selection, statistic, df, place)
