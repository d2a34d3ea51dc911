"""Rules as data: a condition, what follows from it, and a sentence a clinician can read.

The first rule that matches wins; an unknown condition is no match. A rule compares columns with
literals only: what has to be computed first (a sum against the nadir) is a named flag column.
"""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.protocol.conditions import Condition


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a list in priority order.

    Attributes
    ----------
    id : str
        Short name that stands in the record (RULEID).
    sentence : str
        The rule as a clinician reads it (RULE).
    where : Condition
        When it matches, on the columns of one row.
    then : str
        What follows.
    """

    id: str
    sentence: str
    where: Condition
    then: str
