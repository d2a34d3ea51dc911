"""Criteria of eligibility as data: what the protocol asks for, and how the records answer it."""

from __future__ import annotations

from typing import Literal

from hepatica.protocol.base import Frozen, Id, Text
from hepatica.protocol.conditions import Where, condition_columns

#: What a missing value means, besides a reason of its own.
EXCLUDED, INCLUDED = "excluded", "included"


class Criterion(Frozen):
    """One inclusion or exclusion criterion.

    The order of the criteria decides which reason is counted for a patient who fails several.

    Attributes
    ----------
    kind : {"inclusion", "exclusion"}
        An inclusion criterion is met where its condition holds, an exclusion criterion where its
        condition is known not to hold.
    text : str
        The sentence of the protocol.
    where : Condition, optional
        The condition on ADSL; without it the criterion is not screened automatically.
    reason : str
        What is counted of patients who fail; made from `text` when empty.
    unknown : str
        What a missing value means: ``excluded``, ``included``, or the reason that is counted of
        patients who are excluded because it is not known.
    """

    id: Id
    kind: Literal["inclusion", "exclusion"]
    text: Text
    where: Where | None = None
    reason: str = ""
    unknown: Text = EXCLUDED

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of ADSL that the condition reads; none where it has no condition."""
        return () if self.where is None else condition_columns(self.where)

    @property
    def reason_unmet(self) -> str:
        """What is counted of patients who do not meet it.

        Examples
        --------
        >>> Criterion(id="a", kind="inclusion", text="Child-Pugh class A").reason_unmet
        'Not met: Child-Pugh class A'
        >>> Criterion(id="b", kind="exclusion", text="Brain metastases").reason_unmet
        'Brain metastases'
        """
        return self.reason or (f"Not met: {self.text}" if self.kind == "inclusion" else self.text)

    @property
    def reason_unknown(self) -> str:
        """What is counted of patients of whom it is not known; empty where they are included.

        Examples
        --------
        >>> Criterion(id="a", kind="inclusion", text="Child-Pugh class A").reason_unknown
        'Not known: Child-Pugh class A'
        """
        if self.unknown == INCLUDED:
            return ""
        return f"Not known: {self.text}" if self.unknown == EXCLUDED else self.unknown
