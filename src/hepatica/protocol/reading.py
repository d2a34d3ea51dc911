"""Further readings of the same scans: other criteria, or another evaluator, side by side."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from hepatica.protocol.base import Column, Frozen, Text

CriteriaName = Literal["RECIST 1.1", "mRECIST", "iRECIST"]

#: What names a reading: short, because it ends the names of its datasets (ADRSIRC).
ReadingId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,3}$")]

#: The reading that the protocol's assessments describe.
MAIN = "main"

_OF_A_READING = ("ADRS", "ADTR")


class Reading(Frozen):
    """One further reading; what it does not say is as in the protocol's assessments.

    Attributes
    ----------
    id : str
        Up to four small letters or digits; its datasets are ADRS and ADTR with the id in capitals.
    label : str
        What readers call it, for example Independent review.
    criteria, evaluator, response_from : optional
        As in the assessments.
    best_response : str, optional
        The column of a sheet that holds the best response of each patient by this reading.
    """

    id: ReadingId
    label: Text
    criteria: CriteriaName | None = None
    evaluator: str | None = None
    response_from: Literal["lesions", "coded"] | None = None
    best_response: Column | None = None


def dataset_of_reading(dataset: str, reading: str | None) -> str:
    """Return the dataset of a reading that stands for one of the main reading.

    Examples
    --------
    >>> dataset_of_reading("ADRS", "irc"), dataset_of_reading("ADSL", "irc")
    ('ADRSIRC', 'ADSL')
    >>> dataset_of_reading("ADRS", None)
    'ADRS'
    """
    if reading in (None, MAIN) or dataset not in _OF_A_READING:
        return dataset
    return f"{dataset}{str(reading).upper()}"
