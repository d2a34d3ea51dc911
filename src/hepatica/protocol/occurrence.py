"""Records that say that something happened: in a dataset, under a condition, on a date."""

from __future__ import annotations

from hepatica.protocol.base import Column, Frozen
from hepatica.protocol.conditions import Where

#: Analysis datasets whose records can make a column of ADSL.
RECORDS = ("ADAE", "ADBM", "ADCM", "ADEX", "ADLB", "ADRS", "ADTR")


class Occurrence(Frozen):
    """Records of an analysis dataset that meet a condition, and the date they have."""

    dataset: Column
    where: Where | None = None
    date: Column


class Occurs(Occurrence):
    """What a variable is about: Y for patients who have such a record, N for all others.

    A record dated after the data cut-off does not count; one without a date does.

    Attributes
    ----------
    after_baseline : bool
        Whether it can have happened after the time origin, as a later therapy; then patients had
        to live long enough, and every analysis of times in these groups says so. A prior therapy
        says ``false``.
    """

    after_baseline: bool = True
