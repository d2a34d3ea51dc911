"""What every planned analysis says: which patients, grouped by what."""

from __future__ import annotations

from hepatica.protocol.base import Frozen, Id
from hepatica.protocol.conditions import Where


class PlannedAnalysis(Frozen):
    """Patients and groups of an analysis.

    Attributes
    ----------
    set : str
        Analysis set whose patients are counted.
    by : str
        What they are grouped by: ``arm``, or a categorical variable or cut-point.
    where : Condition, optional
        A further restriction on ADSL; ``where_label`` names it for readers.
    post_hoc : bool
        Whether it was planned after the data were seen.
    """

    id: Id
    title: str = ""
    set: Id
    by: Id = "arm"
    where: Where | None = None
    where_label: str = ""
    post_hoc: bool = False
