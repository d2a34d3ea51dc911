"""Cut-points chosen by rule from the data, and the groups they make in ADSL."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from hepatica.analyse.marker_values import is_known, marker_values, ranked
from hepatica.analyse.maximal import maximal_logrank
from hepatica.analyse.selection import origin_of, set_members
from hepatica.derive import Datasets
from hepatica.derive.adsl import add_categories, category_column
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.cut_points import CUT_POINTS, fill_cut_points
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.groups import analysis_set
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker, Choice, CutPoint
from hepatica.results import ResultRow
from hepatica.stats.quantiles import quantile
from hepatica.stats.roc import roc, youden_cut_point


@dataclass(frozen=True, slots=True)
class _Choosers:
    """The patients whose data choose a cut-point, and the row that all rows start from."""

    members: nw.DataFrame[Any]
    values: NDArray[np.float64]
    base: dict[str, Any]

    def row(self, statistic: str, value: float | None = None, **columns: Any) -> ResultRow:
        number = None if value is None else float(value)
        return ResultRow(**(self.base | {"statistic": statistic, "value": number} | columns))


def choose_cut_points(protocol: Protocol, datasets: Datasets) -> list[ResultRow]:
    """Return the cut-points that the data choose, each with how it was chosen and by whom.

    Parameters
    ----------
    protocol : Protocol
        Biomarkers with cut-points that have ``choose``.
    datasets : mapping
        ADSL, and ADTTE where an outcome chooses.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for cut-points; one that cannot be chosen is a row that says
        why.
    """
    rows: list[ResultRow] = []
    for biomarker in protocol.biomarkers:
        for cut in biomarker.cut_points:
            if cut.choose is not None:
                rows += _chosen(protocol, datasets, biomarker, cut, cut.choose)
    return rows


def with_cut_points(
    protocol: Protocol, datasets: Datasets, rows: Iterable[ResultRow]
) -> tuple[Protocol, Datasets]:
    """Return protocol and datasets with the chosen cut-points in place.

    Parameters
    ----------
    protocol : Protocol
        As it was read.
    datasets : mapping
        As they were derived; they are not changed.
    rows : iterable of ResultRow
        Rows of a run; those of `choose_cut_points` are read.

    Returns
    -------
    tuple of Protocol and mapping
        Labels hold the values, and ADSL the groups; without a cut-point to choose, both as given.
    """
    wanted = {
        cut.id
        for biomarker in protocol.biomarkers
        for cut in biomarker.cut_points
        if cut.choose is not None
    }
    if not wanted:
        return protocol, datasets
    values = {
        row.variable: row.value
        for row in rows
        if row.analysis == CUT_POINTS and row.statistic == "cut_point" and row.value is not None
    }
    filled = fill_cut_points(protocol, values)
    extended = add_categories(filled, nw.from_native(datasets["ADSL"], eager_only=True))
    without = [
        nw.lit(None, dtype=nw.String).alias(category_column(name))
        for name in sorted(wanted)
        if category_column(name) not in extended.columns
    ]
    adsl: pl.DataFrame = extended.with_columns(*without).to_native()
    return filled, {**datasets, "ADSL": adsl}


def _chosen(
    protocol: Protocol, datasets: Datasets, biomarker: Biomarker, cut: CutPoint, choice: Choice
) -> list[ResultRow]:
    counted = analysis_set(protocol, choice.set)
    arm = next((one for one in protocol.arms if one.id == choice.arm), None)
    base: dict[str, Any] = {
        "study": protocol.study.id,
        "origin": origin_of(protocol),
        "analysis": CUT_POINTS,
        "dataset": "ADSL",
        "population": counted.flag,
        "variable": cut.id,
    }
    if arm is not None:
        base |= {"group": "arm", "level": arm.label}
    try:
        members = set_members(protocol, counted, nw.from_native(datasets["ADSL"], eager_only=True))
        if arm is not None:
            members = members.filter(nw.col("__arm__") == arm.label)
        members = members.sort("USUBJID")
        choosers = _Choosers(members, marker_values(members, biomarker), base)
        return _by_rule(protocol, datasets, biomarker, choice, choosers)
    except (AnalysisError, InputError) as error:
        place: dict[str, Any] = {"status": "not_estimable", "message": str(error)}
        return [ResultRow(**base, **place, statistic="cut_point", unit=biomarker.unit)]


def _by_rule(
    protocol: Protocol,
    datasets: Datasets,
    biomarker: Biomarker,
    choice: Choice,
    choosers: _Choosers,
) -> list[ResultRow]:
    if choice.by == "median":
        return _median(protocol, biomarker, choosers)
    times = _with_times(protocol, datasets, choice, choosers)
    if choice.by == "roc":
        return _roc(protocol, biomarker, choice, times)
    return _logrank(protocol, biomarker, times)


def _cut_rows(
    choosers: _Choosers, biomarker: Biomarker, at: float, n: int, method: str, undecided: int = 0
) -> list[ResultRow]:
    below = int(np.isneginf(choosers.values).sum())
    return [
        choosers.row("n", n, format="integer"),
        choosers.row("n_below_limit", below, format="integer"),
        choosers.row("missing", len(choosers.members) - n - undecided, format="integer"),
        choosers.row(
            "cut_point",
            # Twelve digits: what halving a sum of two recorded values adds is no difference.
            float(f"{at:.12g}"),
            unit=biomarker.unit,
            format=f"decimal{_decimals(at, biomarker.decimals)}",
            method=method,
        ),
    ]


def _decimals(at: float, recorded: int) -> int:
    """Return the decimals in which a cut-point is shown: one more where it lies between values."""
    finer = min(recorded + 1, 4)
    return recorded if math.isclose(round(at, recorded), round(at, finer)) else finer


def _median(protocol: Protocol, biomarker: Biomarker, choosers: _Choosers) -> list[ResultRow]:
    known = choosers.values[is_known(choosers.values)]
    if not len(known):
        raise AnalysisError(f"No patient has a known value of {biomarker.label}.")
    definition = trial_dialect(protocol.dialect).quantile_definition
    placed = ranked(known)
    at = quantile(placed, 0.5, definition=definition)
    lower = np.where(np.isneginf(known), placed - 1.0, placed)
    if quantile(lower, 0.5, definition=definition) != at:
        raise AnalysisError(f"Half or more of the values of {biomarker.label} lie below its limit.")
    return _cut_rows(choosers, biomarker, at, len(known), "median")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Choosers with a known marker and a time."""

    choosers: _Choosers
    values: NDArray[np.float64]
    time: NDArray[np.float64]
    event: NDArray[np.int64]


def _with_times(
    protocol: Protocol, datasets: Datasets, choice: Choice, choosers: _Choosers
) -> _Outcome:
    endpoint = next(
        one
        for one in protocol.endpoints
        if isinstance(one, TimeToEvent) and one.id == choice.endpoint
    )
    if "ADTTE" not in datasets:
        raise AnalysisError("There is no ADTTE table. Add it under data.tables.")
    if endpoint.entry is not None:
        raise AnalysisError(f"{endpoint.label} has delayed entry; no cut-point is chosen by it.")
    records = nw.from_native(datasets["ADTTE"], eager_only=True)
    records = records.filter(nw.col("PARAMCD") == endpoint.parameter)
    members = choosers.members.select("USUBJID").with_columns(
        nw.new_series("_VALUE", choosers.values, backend=nw.get_native_namespace(choosers.members))
    )
    joined = members.join(records.select("USUBJID", "AVAL", "CNSR"), on="USUBJID", how="inner")
    joined = joined.filter(~nw.col("AVAL").is_null() & ~nw.col("CNSR").is_null()).sort("USUBJID")
    values = joined["_VALUE"].to_numpy()
    kept = is_known(values)
    if not kept.any():
        raise AnalysisError(f"No patient has both the marker and a time for {endpoint.parameter}.")
    base = choosers.base | {
        "parameter": endpoint.parameter,
        "time_origin": endpoint.origin.label,
    }
    return _Outcome(
        choosers=_Choosers(choosers.members, choosers.values, base),
        values=values[kept],
        time=joined["AVAL"].cast(nw.Float64).to_numpy()[kept],
        event=(joined["CNSR"].cast(nw.Int64) == 0).cast(nw.Int64).to_numpy()[kept],
    )


def _roc(
    protocol: Protocol, biomarker: Biomarker, choice: Choice, found: _Outcome
) -> list[ResultRow]:
    if choice.at is None:
        raise AnalysisError("A cut-point by ROC needs the time by which an event counts.")
    had = (found.event == 1) & (found.time <= choice.at.days)
    had_not = found.time > choice.at.days
    had_not |= (found.event == 0) & (found.time == choice.at.days)
    decided = had | had_not
    values = found.values[decided]
    if not (had.any() and had_not.any()):
        raise AnalysisError(
            f"A ROC curve needs patients with and without the event by {choice.at.text}."
        )
    curve = roc(ranked(values), had[decided].astype(np.int64), conf_level=protocol.conf_level)
    best = youden_cut_point(curve)
    if best.youden <= 0.0 or not math.isfinite(best.cut_point):
        raise AnalysisError("No cut-point tells patients with the event from those without.")
    method = (
        f"largest sum of sensitivity and specificity for an event by {choice.at.text}; patients "
        "at or above the cut-point are taken to have it"
    )
    choosers = found.choosers
    undecided = int((~decided).sum())
    rows = _cut_rows(choosers, biomarker, best.cut_point, len(values), method, undecided)
    common: dict[str, Any] = {"format": "decimal2", "conf_level": protocol.conf_level}
    rows += [
        choosers.row("n_events", int(had.sum()), format="integer"),
        choosers.row("censored_before", undecided, format="integer"),
        choosers.row("sensitivity", best.sensitivity, format="fraction"),
        choosers.row("specificity", best.specificity, format="fraction"),
        choosers.row("auc", curve.auc, method="area under the ROC curve, DeLong", **common),
    ]
    for name, limit in (("auc_lower", curve.lower), ("auc_upper", curve.upper)):
        if math.isnan(limit):
            why = "Limits need two patients with and two without the event."
            rows.append(choosers.row(name, status="not_estimable", message=why, **common))
        else:
            rows.append(choosers.row(name, limit, **common))
    return rows


def _logrank(protocol: Protocol, biomarker: Biomarker, found: _Outcome) -> list[ResultRow]:
    choosers = found.choosers
    best = maximal_logrank(
        found.time,
        found.event,
        found.values,
        seed=protocol.seed,
        name=f"{biomarker.id} {choosers.base['parameter']}",
    )
    method = "largest log-rank statistic"
    return [
        *_cut_rows(choosers, biomarker, best.cut_point, len(found.values), method),
        choosers.row("test_statistic", best.statistic, format="statistic", method=best.method),
        choosers.row("p_value", best.p_value, format="p_value", method=best.method),
    ]
