"""The times of an analysis as arrays; the one place where CNSR becomes an event indicator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class Times:
    """The usable times of an analysis: arrays of one length, a patient each.

    Attributes
    ----------
    time : ndarray of float
        Days.
    event : ndarray of int
        1 for an event; CNSR is turned round here and nowhere else.
    group : ndarray of int
        Position of the patient's group among the levels.
    records : DataFrame
        The records behind them, in the same order.
    entry : ndarray of float, optional
        Days of delayed entry; without it all are followed from the origin.
    """

    time: NDArray[np.float64]
    event: NDArray[np.int64]
    group: NDArray[np.int64]
    records: nw.DataFrame[Any]
    entry: NDArray[np.float64] | None = None

    def where(self, kept: NDArray[np.bool_]) -> Times:
        """Return the times of some of the patients."""
        if not len(kept):
            return self
        mask = nw.new_series("kept", kept, nw.Boolean, backend=self.records.implementation)
        rows = self.records.filter(mask)
        entry = None if self.entry is None else self.entry[kept]
        return Times(self.time[kept], self.event[kept], self.group[kept], rows, entry)

    def entering(self, entry: NDArray[np.float64]) -> Times:
        """Return the same times with days of delayed entry."""
        return replace(self, entry=entry)


def endpoint_named(protocol: Protocol, name: str) -> TimeToEvent:
    """Return the time to an event of that id."""
    return next(
        one for one in protocol.endpoints if isinstance(one, TimeToEvent) and one.id == name
    )


def endpoint_columns(endpoint: TimeToEvent) -> dict[str, Any]:
    """Return the columns that name an endpoint in each of its rows."""
    return {
        "dataset": "ADTTE",
        "parameter": endpoint.parameter,
        "time_origin": endpoint.origin.label,
    }


def required_times(selection: Selection, datasets: Datasets, endpoint: TimeToEvent) -> Times:
    """Return the usable times of an endpoint that cannot be analysed without any.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, or no patient with a time.
    """
    if "ADTTE" not in datasets:
        raise AnalysisError("There is no ADTTE table. Add it under data.tables.")
    times = usable_times(selection, datasets, endpoint)
    if not len(times.time):
        raise AnalysisError(f"No patient of the analysis has a time for {endpoint.parameter}.")
    return times


def usable_times(selection: Selection, datasets: Datasets, endpoint: TimeToEvent) -> Times:
    """Return the times of the selected patients that belong to a group and have a time."""
    records = nw.from_native(datasets["ADTTE"], eager_only=True)
    records = records.filter(nw.col("PARAMCD") == endpoint.parameter)
    joined = (
        selection.members.select("USUBJID", "__group__")
        .join(records, on="USUBJID", how="inner")
        .filter(~nw.col("__group__").is_null())
        .filter(~nw.col("AVAL").is_null() & ~nw.col("CNSR").is_null())
        .sort("USUBJID")
    )
    return Times(
        time=joined["AVAL"].cast(nw.Float64).to_numpy(),
        event=(joined["CNSR"].cast(nw.Int64) == 0).cast(nw.Int64).to_numpy(),
        group=selection.group_codes(joined),
        records=joined,
    )
