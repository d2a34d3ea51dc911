"""Study days of what happened after the start, beside the times of an endpoint."""

from __future__ import annotations

import math
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.entry import with_entry
from hepatica.analyse.model_matrix import ModelMatrix, model_matrix, places_of
from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times, required_times
from hepatica.derive import Datasets
from hepatica.errors import AnalysisError
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import Adjusted, StudyDay
from hepatica.results import ResultRow

_Numbers = NDArray[np.float64]


def times_of(
    selection: Selection, datasets: Datasets, endpoint: TimeToEvent
) -> tuple[Times, list[ResultRow]]:
    """Return the usable times of an endpoint, entries included.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, or no patient with a time.
    """
    return with_entry(selection, required_times(selection, datasets, endpoint), endpoint)


def days_of(selection: Selection, records: nw.DataFrame[Any], what: StudyDay) -> _Numbers:
    """Return the study day of each record's patient; NaN where it never happened.

    Raises
    ------
    AnalysisError
        If ADSL does not have the column.
    """
    if what.day not in selection.members.columns:
        raise AnalysisError(
            f"ADSL has no column {what.day} with the day of {what.label}. Look at it in study.yaml."
        )
    days = selection.members[what.day].cast(nw.Float64).fill_null(math.nan).to_numpy()
    found: _Numbers = days.astype(np.float64)[places_of(selection, records)]
    return found


def useful_columns(
    protocol: Protocol,
    selection: Selection,
    records: nw.DataFrame[Any],
    analysis: Adjusted,
) -> tuple[ModelMatrix, list[int], list[ResultRow]]:
    """Return the covariates of the records' patients, and the columns that a model can hold.

    A column that does not vary, or follows from the others, changes no adjustment: it is left out
    and named in a row.
    """
    matrix = model_matrix(protocol, selection, analysis.covariates, analysis.references)
    matrix = matrix.rows(places_of(selection, records))
    dropped = dict.fromkeys(matrix.constant, "It does not vary in these patients")
    kept = [place for place, one in enumerate(matrix.columns) if one not in dropped]
    for together in matrix.collinear:
        if together[-1] not in dropped:
            dropped[together[-1]] = "It follows from the other covariates"
    kept = [place for place in kept if matrix.columns[place] not in dropped]
    rows = [
        selection.row(
            "n",
            0.0,
            variable="left_out",
            variable_level=column.label,
            format="integer",
            message=f"{reason}, so it is left out of the model. Remove it from covariates.",
        )
        for column, reason in dropped.items()
    ]
    return matrix, kept, rows


def without_covariate(selection: Selection, n: int) -> list[ResultRow]:
    """Count patients who are left out of a model because a covariate is not known."""
    if not n:
        return []
    return [
        selection.row(
            "n",
            float(n),
            variable="covariates",
            variable_level="Missing",
            format="integer",
            message="Patients without a known covariate are not in the model.",
        )
    ]
