"""By which reading of the patients a response analysis counts."""

from __future__ import annotations

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
