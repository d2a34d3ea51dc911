"""The times of an analysis as arrays; the one place where CNSR becomes an event indicator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.derive import Datasets
from hepatica.protocol.endpoints import TimeToEvent


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
