"""A treatment begun within a grace period after an event, against none within it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.later_days import (
    days_of,
    times_of,
    useful_columns,
    without_covariate,
)
from hepatica.analyse.model_matrix import ModelMatrix
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.strategy_rows import Resampled, StrategyNumbers, strategy_rows
from hepatica.analyse.times import Times, endpoint_named
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import CloneCensorWeightAnalysis
from hepatica.results import ResultRow
from hepatica.stats.clone_censor_weight import (
    clone_censor_weight,
    clone_censor_weight_bootstrap,
)
from hepatica.stats.random_streams import stream
from hepatica.stats.survival import kaplan_meier, resample_weights

#: What the rows are grouped by.
GROUP = "strategy"
#: Values of one block of resamples.
_BLOCK = 1 << 22


def strategy_labels(analysis: CloneCensorWeightAnalysis) -> tuple[str, str]:
    """Return what the two strategies are called."""
    return f"Treated within {analysis.grace.text}", f"Not treated within {analysis.grace.text}"


@dataclass(frozen=True, slots=True)
class _Patients:
    """Patients from the event on; arrays of one length."""

    time: NDArray[np.float64]
    event: NDArray[np.int64]
    start: NDArray[np.float64]
    x: NDArray[np.float64]


def analyse_clone_censor_weight(
    protocol: Protocol, datasets: Datasets, analysis: CloneCensorWeightAnalysis
) -> list[ResultRow]:
    """Compare two strategies after an event by cloning, censoring and weighting.

    Parameters
    ----------
    protocol : Protocol
        Defines endpoint and covariates; its seed draws the resamples.
    datasets : mapping
        ADSL and ADTTE are read.
    analysis : CloneCensorWeightAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``clone_censor_weight``.

    Raises
    ------
    AnalysisError
        If there are no times, ADSL lacks a column of a day, or a strategy has nobody.
    """
    endpoint = endpoint_named(protocol, analysis.endpoint)
    selection = select(protocol, datasets, analysis)
    times, rows = times_of(selection, datasets, endpoint)
    selection = replace(selection, group=GROUP, levels=strategy_labels(analysis))
    place = {
        "dataset": "ADTTE",
        "parameter": endpoint.parameter,
        "time_origin": analysis.start.label,
    }
    start = days_of(selection, times.records, analysis.start)
    reached = start < times.time
    if times.entry is not None:
        # Before entry nobody was seen, so that nobody can be followed from an event there.
        reached &= start >= times.entry
    rows += _counted(selection, start, reached, place)
    if not reached.any():
        raise AnalysisError(
            f"No patient is followed after {analysis.start.label}, so there is nothing to compare."
        )
    left = times.where(reached)
    matrix, kept, told = useful_columns(protocol, selection, left.records, analysis)
    rows += told + without_covariate(selection, int((~matrix.complete).sum()))
    treated = days_of(selection, left.records, analysis.treatment)
    patients = _patients(left, start[reached], treated, matrix, kept)
    return rows + _estimated(protocol, selection, analysis, patients, (place, matrix, kept))


def _patients(
    times: Times,
    start: NDArray[np.float64],
    treated: NDArray[np.float64],
    matrix: ModelMatrix,
    kept: list[int],
) -> _Patients:
    known = matrix.complete
    return _Patients(
        time=(times.time - start)[known],
        event=times.event[known],
        start=(treated - start)[known],
        x=matrix.x[known][:, kept],
    )


def _counted(
    selection: Selection,
    start: NDArray[np.float64],
    reached: NDArray[np.bool_],
    place: dict[str, Any],
) -> list[ResultRow]:
    """Count patients with the event from which time is counted."""
    known = np.isfinite(start)
    counts = {"followed": reached, "without": ~known, "at_end": known & ~reached}
    rows = [selection.row("n", float(len(start)), format="integer", **place)]
    return rows + [
        selection.row(
            "n",
            float(chosen.sum()),
            variable="from",
            variable_level=name,
            format="integer",
            denominator=len(start),
            **place,
        )
        for name, chosen in counts.items()
    ]


def _estimated(
    protocol: Protocol,
    selection: Selection,
    analysis: CloneCensorWeightAnalysis,
    patients: _Patients,
    about: tuple[dict[str, Any], ModelMatrix, list[int]],
) -> list[ResultRow]:
    place, matrix, kept = about
    how: dict[str, Any] = {
        "grace": analysis.grace.days,
        "at": np.array([one.days for one in analysis.at]),
    }
    data = (patients.time, patients.event, patients.start, patients.x)
    try:
        whole = clone_censor_weight(*data, **how)
    except InputError as error:
        message = f"{error} Look at grace and covariates of the analysis."
        return [selection.row("survival", status="not_estimable", message=message, **place)]
    said = (
        f"cloning, censoring and weighting, grace period {analysis.grace.text}; weights from a "
        "proportional hazards model of the time to treatment"
        + (f" with {', '.join(matrix.labels)}" if kept else " without covariates")
        + f", not stabilised; percentile limits of {analysis.bootstrap} resamples of patients"
    )
    common = place | {"method": said}
    numbers = _resampled(protocol, analysis, data, how, 100.0)
    rows = strategy_rows(selection, StrategyNumbers(whole, numbers, protocol.conf_level), common)
    rows += _treatment_model(
        selection, whole.coef, [matrix.columns[one].label for one in kept], place
    )
    rows += _naive(selection, patients, analysis, place)
    if analysis.truncate_percent is None:
        return rows
    cut = clone_censor_weight(*data, **how, percentile=analysis.truncate_percent)
    numbers = _resampled(protocol, analysis, data, how, analysis.truncate_percent)
    named = f"at the percentile {analysis.truncate_percent:g}"
    common |= {"method": f"{said}; weights truncated {named}"}
    return rows + strategy_rows(
        selection, StrategyNumbers(cut, numbers, protocol.conf_level), common, truncated=named
    )


_Data = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


def _resampled(
    protocol: Protocol,
    analysis: CloneCensorWeightAnalysis,
    data: _Data,
    how: dict[str, Any],
    percentile: float,
) -> Resampled:
    """Return what resamples of the patients give."""
    generator = stream(protocol.seed, f"clone_censor_weight {analysis.id}")
    time, event, start, x = data
    n = len(time)
    size = max(1, _BLOCK // n)
    found = []
    for first in range(0, analysis.bootstrap, size):
        drawn = generator.integers(0, n, (min(size, analysis.bootstrap - first), n))
        found.append(
            clone_censor_weight_bootstrap(
                time, event, start, x, resample_weights(drawn, n), **how, percentile=percentile
            )
        )
    return Resampled(
        survival=np.concatenate([one.survival for one in found]),
        survival_at=np.concatenate([one.survival_at for one in found]),
        restricted_mean=np.concatenate([one.restricted_mean for one in found]),
    )


def _treatment_model(
    selection: Selection, coef: NDArray[np.float64], labels: list[str], place: dict[str, Any]
) -> list[ResultRow]:
    """Return the hazard ratios of beginning treatment within the grace period."""
    return [
        selection.row(
            "hazard_ratio",
            float(np.exp(value)),
            variable="treatment_model",
            variable_level=label,
            format="ratio",
            method="proportional hazards model of the time to treatment, Breslow ties",
            **place,
        )
        for value, label in zip(coef, labels, strict=True)
    ]


def _naive(
    selection: Selection,
    patients: _Patients,
    analysis: CloneCensorWeightAnalysis,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return the difference of those who were treated and those who were not, called biased."""
    treated = (patients.start <= analysis.grace.days) & (patients.start < patients.time)
    days = np.array([one.days for one in analysis.at])
    curves = [
        kaplan_meier(patients.time[one], patients.event[one]).at(days).survival
        for one in (treated, ~treated)
    ]
    told: dict[str, Any] = {
        "variable": "naive",
        "level": selection.levels[0],
        "reference": selection.levels[1],
        "method": "difference of Kaplan–Meier estimates of treated and not treated",
        "message": (
            "Biased, shown as a caution: patients had to live until treatment began (immortal "
            "time), and those who were treated were others from the start (confounding)."
        ),
    }
    rows = []
    for day, first, second in zip(days.tolist(), *curves, strict=True):
        if np.isnan(first - second):
            message = "Past the last follow-up of a group."
            columns = told | {"status": "not_estimable", "message": message}
            rows.append(selection.row("survival_difference", time=day, **columns, **place))
            continue
        shown = {"time": day, "format": "fraction"}
        rows.append(
            selection.row("survival_difference", float(first - second), **shown, **told, **place)
        )
    return rows
