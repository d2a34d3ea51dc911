"""Early response of a marker: who had the decline, who had not, and in whom it is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.derive import Datasets
from hepatica.derive.adsl import limit_column
from hepatica.errors import AnalysisError
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import EarlyResponseAnalysis
from hepatica.protocol.variables import Biomarker

#: Levels of the variable ``early_response``, in the order of their codes.
STANDINGS = ("response", "no_response", "no_baseline", "no_value", "ended", "below_limit")
RESPONSE, NO_RESPONSE, NO_BASELINE, NO_VALUE, ENDED, BELOW_LIMIT = range(6)

_Numbers = NDArray[np.float64]
#: Shares of a threshold within which two floats are compared as the decimals they were told as.
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class EarlyGroups:
    """One value a patient, in the order of the members.

    Attributes
    ----------
    code : int array (n,)
        Position in `STANDINGS`; ``ended`` is given by `with_ended` only.
    baseline : float array (n,)
        The marker at baseline; NaN where it is not known or below a limit.
    change : float array (n,)
        Change in percent, NaN where one of the values is not known.
    """

    code: NDArray[np.int64]
    baseline: _Numbers
    change: _Numbers


def with_ended(groups: EarlyGroups, ended: NDArray[np.bool_]) -> EarlyGroups:
    """Tell patients whose time had ended apart from others without a value in the window."""
    code = np.where((groups.code == NO_VALUE) & ended, ENDED, groups.code)
    return EarlyGroups(code, groups.baseline, groups.change)


def is_at_most(value: _Numbers, baseline: _Numbers, percent: float) -> NDArray[np.bool_]:
    """Return whether values lie a share of the baseline below it, or more.

    Where floats cannot tell, the decimals as they were told decide, so that a decline of exactly
    the share counts.

    Examples
    --------
    >>> is_at_most(np.array([75.0, 0.3, 75.01]), np.array([100.0, 0.4, 100.0]), 25.0).tolist()
    [True, True, False]
    """
    least = baseline * (100.0 - percent)
    found: NDArray[np.bool_] = value * 100.0 < least
    near = np.abs(value * 100.0 - least) <= _NEAR * np.abs(least)
    left = Decimal(100) - Decimal(repr(percent))
    for place in np.flatnonzero(near):
        told, start = (Decimal(repr(float(one[place]))) for one in (value, baseline))
        found[place] = told * 100 <= start * left
    return found


def early_groups(
    protocol: Protocol,
    members: nw.DataFrame[Any],
    datasets: Datasets,
    analysis: EarlyResponseAnalysis,
) -> EarlyGroups:
    """Return what is known of the early response of each patient.

    Parameters
    ----------
    protocol : Protocol
        Defines the marker.
    members : frame
        Records of ADSL.
    datasets : mapping
        ADBM is read where the analysis names no column of a later value.
    analysis : EarlyResponseAnalysis
        Threshold, time and window.

    Returns
    -------
    EarlyGroups
        A result below a limit of detection lies anywhere from 0 to the limit: it is a response
        where that is certain, no response where that is certain, and else cannot be decided.

    Raises
    ------
    AnalysisError
        If a column is not there.
    """
    biomarker = next(one for one in protocol.biomarkers if one.id == analysis.marker)
    low, high = _between(members, biomarker.column, biomarker, f"{biomarker.label} at baseline")
    if analysis.value is not None:
        what = f"the later value of {biomarker.label}"
        later_low, later_high = _between(members, analysis.value.column, biomarker, what)
        outside = ~_in_window(members, analysis)
        later_low[outside] = later_high[outside] = np.nan
    else:
        later_low, later_high = _from_records(members, datasets, biomarker, analysis)
    has_baseline = high > 0
    has_value = np.isfinite(later_high)
    certain = has_baseline & has_value
    code = np.full(len(members), BELOW_LIMIT, dtype=np.int64)
    with np.errstate(invalid="ignore"):
        code[certain & is_at_most(later_high, low, analysis.decline_percent)] = RESPONSE
        code[certain & ~is_at_most(later_low, high, analysis.decline_percent)] = NO_RESPONSE
        measured = certain & (low == high) & (later_low == later_high)
    base = np.where(measured, low, np.nan)
    change = 100.0 * (later_low - base) / base
    code[~has_value] = NO_VALUE
    code[~has_baseline] = NO_BASELINE
    return EarlyGroups(code, np.where(low == high, low, np.nan), change)


def _between(
    members: nw.DataFrame[Any], column: str, biomarker: Biomarker, what: str
) -> tuple[_Numbers, _Numbers]:
    """Return the least and the largest that each value can be; NaN where it is not known."""
    if column not in members.columns:
        raise AnalysisError(f"ADSL has no column {column} for {what}. Look at it in study.yaml.")
    value = _numbers(members, column)
    low, high = value.copy(), value.copy()
    limit = biomarker.lower_limit_of_detection
    if limit is not None:
        below = value < limit
        low[below], high[below] = 0.0, limit
    if limit_column(column) in members.columns:
        limits = _numbers(members, limit_column(column))
        below = np.isnan(value) & np.isfinite(limits)
        low[below], high[below] = 0.0, limits[below]
    return low, high


def _numbers(members: nw.DataFrame[Any], column: str) -> _Numbers:
    found: _Numbers = (
        members[column].cast(nw.Float64).fill_null(math.nan).to_numpy().astype(np.float64)
    )
    return found


def _in_window(members: nw.DataFrame[Any], analysis: EarlyResponseAnalysis) -> NDArray[np.bool_]:
    """Return whose later value was measured in the window; without a day all were."""
    if analysis.value is None or analysis.value.day is None:
        return np.ones(len(members), dtype=np.bool_)
    if analysis.value.day not in members.columns:
        raise AnalysisError(
            f"ADSL has no column {analysis.value.day} with the day of the later value. Look at "
            "value in study.yaml."
        )
    return _is_near(_numbers(members, analysis.value.day), analysis)


def _is_near(day: _Numbers, analysis: EarlyResponseAnalysis) -> NDArray[np.bool_]:
    window = analysis.window.days if analysis.window is not None else analysis.at.days - 1
    last = analysis.from_landmark.days if analysis.window is None else analysis.at.days + window
    found: NDArray[np.bool_] = (day >= analysis.at.days - window) & (day <= last)
    return found


def _from_records(
    members: nw.DataFrame[Any],
    datasets: Datasets,
    biomarker: Biomarker,
    analysis: EarlyResponseAnalysis,
) -> tuple[_Numbers, _Numbers]:
    """Return the result of ADBM nearest to the time in its window; of two the earlier."""
    if "ADBM" not in datasets:
        raise AnalysisError(
            f"There are no results of {biomarker.label}: add BM under data.tables, or name the "
            "column of the later value."
        )
    low = np.full(len(members), np.nan)
    high = low.copy()
    records = nw.from_native(datasets["ADBM"], eager_only=True)
    records = records.filter(nw.col("PARAMCD") == biomarker.parameter).join(
        members.select("USUBJID", "TRTSDT").with_row_index("__place__"), on="USUBJID", how="inner"
    )
    day = (records["ADT"] - records["TRTSDT"]).dt.total_minutes().cast(nw.Float64) / 1440.0
    days = day.fill_null(math.nan).to_numpy() + 1.0
    below = (records["BLOQFL"] == "Y").fill_null(value=False).to_numpy().astype(bool)
    value, limit = _numbers(records, "AVAL"), _numbers(records, "LLOQ")
    usable = _is_near(days, analysis) & (np.isfinite(value) | (below & np.isfinite(limit)))
    distance = np.abs(days - analysis.at.days)
    place = records["__place__"].to_numpy()
    order = np.lexsort((-days, -distance))
    for record in order[usable[order]]:
        low[place[record]] = 0.0 if below[record] else value[record]
        high[place[record]] = limit[record] if below[record] else value[record]
    return low, high
