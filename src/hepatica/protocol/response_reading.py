"""By which reading of the patients a response analysis counts."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol


def reading_of_response(protocol: Protocol, analysis: ResponseAnalysis) -> str | None:
    """Return the further reading of a response analysis: its own, else that of its endpoints.

    Parameters
    ----------
    protocol : Protocol
        A checked protocol: the endpoints of one analysis have one reading.
    analysis : ResponseAnalysis
        The planned analysis.

    Returns
    -------
    str or None
        Id of the reading; ``None`` for the reading that the assessments describe.
    """
    if analysis.reading is not None:
        return analysis.reading
    readings = (
        one.reading
        for one in protocol.endpoints
        if isinstance(one, Response) and one.id in analysis.endpoints
    )
    return next((one for one in readings if one is not None), None)


def answers_of_sheet(protocol: Protocol) -> Iterator[Response]:
    """Give the response endpoints whose answer stands in the sheet of patients."""
    for one in protocol.endpoints:
        if isinstance(one, Response) and one.sheet is not None:
            yield one


def sheet_gives_responses(protocol: Protocol) -> bool:
    """Return whether the sheet of patients holds best responses, or answers of an endpoint."""
    plan = protocol.assessments
    if "PATIENTS" not in protocol.data.tables:
        return False
    return bool(plan is not None and plan.best_responses) or any(answers_of_sheet(protocol))
