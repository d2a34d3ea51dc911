"""ADRS from a sheet with one row per patient: the best response of each reading, as recorded."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol
from hepatica.protocol.reading import MAIN, dataset_of_reading
from hepatica.protocol.response_reading import answers_of_sheet
from hepatica.records.conditions import is_match
from hepatica.records.response_words import response_in

_BEST = ("BOR", "Best Overall Response")


def derive_sheet_responses(
    protocol: Protocol, patients: nw.DataFrame[Any]
) -> dict[str, nw.DataFrame[Any]]:
    """Return the best responses and answers that a sheet holds, a dataset for each reading.

    Parameters
    ----------
    protocol : Protocol
        Its assessments and their readings name the columns; response endpoints with ``sheet``
        have their answers in every one of the datasets.
    patients : frame
        One row per patient.

    Returns
    -------
    dict
        ADRS for the reading of the assessments, ADRS with the id in capitals for each further
        one: USUBJID, PARAMCD (BOR, or that of an endpoint), PARAM, AVALC, SRCDOM, SRCVAR. A
        patient without a recorded response or answer has no record. Empty where the protocol
        names no column.
    """
    plan = protocol.assessments
    columns = {} if plan is None else plan.best_responses
    answers = [_answer(patients, one) for one in answers_of_sheet(protocol)]
    parts = {MAIN: answers} if answers else {}
    for reading, column in columns.items():
        best = _records(patients, _BEST, response_in(column), column)
        parts[reading] = [best, *answers]
    return {
        dataset_of_reading("ADRS", reading): nw.concat(several).sort("USUBJID", "PARAMCD")
        for reading, several in parts.items()
    }


def _answer(patients: nw.DataFrame[Any], endpoint: Response) -> nw.DataFrame[Any]:
    sheet = endpoint.sheet
    if sheet is None:
        return patients
    kinds = dict(patients.schema)
    no = nw.when(is_match(sheet.no, kinds)).then(nw.lit("N"))
    answer = nw.when(is_match(sheet.yes, kinds)).then(nw.lit("Y")).otherwise(no)
    source = condition_columns(sheet.yes)[0]
    return _records(patients, (endpoint.parameter, endpoint.label), answer, source)


def _records(
    patients: nw.DataFrame[Any], parameter: tuple[str, str], value: nw.Expr, source: str
) -> nw.DataFrame[Any]:
    records = patients.select(
        nw.col("USUBJID"),
        nw.lit(parameter[0]).alias("PARAMCD"),
        nw.lit(parameter[1]).alias("PARAM"),
        value.alias("AVALC"),
        nw.lit("PATIENTS").alias("SRCDOM"),
        nw.lit(source).alias("SRCVAR"),
    )
    return records.filter(~nw.col("AVALC").is_null())
