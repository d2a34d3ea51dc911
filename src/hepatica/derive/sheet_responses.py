"""ADRS from a sheet with one row per patient: the best response of each reading, as recorded."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.protocol.model import Protocol
from hepatica.protocol.reading import dataset_of_reading
from hepatica.records.response_words import response_in

_PARAMETER, _LABEL = "BOR", "Best Overall Response"


def derive_sheet_responses(
    protocol: Protocol, patients: nw.DataFrame[Any]
) -> dict[str, nw.DataFrame[Any]]:
    """Return the best responses that a sheet holds, a dataset for each reading.

    Parameters
    ----------
    protocol : Protocol
        Its assessments and their readings name the columns.
    patients : frame
        One row per patient.

    Returns
    -------
    dict
        ADRS for the reading of the assessments, ADRS with the id in capitals for each further
        one: USUBJID, PARAMCD (BOR), PARAM, AVALC, SRCDOM, SRCVAR. A patient without a recorded
        response has no record. Empty where the protocol names no column.
    """
    plan = protocol.assessments
    columns = {} if plan is None else plan.best_responses
    return {
        dataset_of_reading("ADRS", reading): _records(patients, column)
        for reading, column in columns.items()
    }


def _records(patients: nw.DataFrame[Any], column: str) -> nw.DataFrame[Any]:
    records = patients.select(
        nw.col("USUBJID"),
        nw.lit(_PARAMETER).alias("PARAMCD"),
        nw.lit(_LABEL).alias("PARAM"),
        response_in(column).alias("AVALC"),
        nw.lit("PATIENTS").alias("SRCDOM"),
        nw.lit(column).alias("SRCVAR"),
    )
    return records.filter(~nw.col("AVALC").is_null()).sort("USUBJID")
