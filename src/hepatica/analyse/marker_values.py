"""The values of a biomarker at baseline as arrays, with results below the limit in their place."""

from __future__ import annotations

import math
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.derive.adsl import limit_column
from hepatica.errors import AnalysisError
from hepatica.protocol.variables import Biomarker


def marker_values(members: nw.DataFrame[Any], biomarker: Biomarker) -> NDArray[np.float64]:
    """Return the marker of each patient in the order of the records.

    Parameters
    ----------
    members : frame
        Records of ADSL.
    biomarker : Biomarker
        Names the column.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where the value is not known. Results below a limit are minus infinity, so that they
        come before all others, when that limit is not above the smallest value that was measured;
        otherwise they are not known, because they may lie on either side of it.

    Raises
    ------
    AnalysisError
        If ADSL does not have the column.
    """
    if biomarker.column not in members.columns:
        raise AnalysisError(
            f"ADSL has no column {biomarker.column} for {biomarker.label}. Add it, or give the "
            "biomarker its parameter so that it is filled from BM."
        )
    values = members[biomarker.column].cast(nw.Float64).fill_null(math.nan).to_numpy().copy()
    limit = limit_column(biomarker.column)
    if limit in members.columns:
        limits = members[limit].cast(nw.Float64).fill_null(math.nan).to_numpy()
        smallest = np.nanmin(values) if np.isfinite(values).any() else math.inf
        values[np.isnan(values) & (limits <= smallest)] = -math.inf
    found: NDArray[np.float64] = values
    return found


def ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return known values with results below the limit at a value below all that were measured."""
    finite = values[np.isfinite(values)]
    lowest = float(finite.min()) - 1.0 if len(finite) else 0.0
    return np.where(np.isneginf(values), lowest, values)


def is_known(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whose value is known, if only as below the limit."""
    known: NDArray[np.bool_] = ~np.isnan(values)
    return known
