"""Response criteria: one file each, as data."""

from __future__ import annotations

from hepatica.derive.criteria.irecist import IRECIST
from hepatica.derive.criteria.mrecist import MRECIST
from hepatica.derive.criteria.recist_1_1 import RECIST_1_1
from hepatica.derive.criteria.verdicts import Criteria
from hepatica.errors import AnalysisError

_KNOWN = {criteria.name: criteria for criteria in (RECIST_1_1, MRECIST, IRECIST)}


def criteria_named(name: str) -> Criteria:
    """Return the response criteria that a protocol names.

    Raises
    ------
    AnalysisError
        If responses cannot be derived by these criteria yet.

    Examples
    --------
    >>> criteria_named("RECIST 1.1").sizes.response_percent
    30
    """
    if name not in _KNOWN:
        message = f"Responses by {name} cannot be derived; known criteria: {', '.join(_KNOWN)}."
        raise AnalysisError(message)
    return _KNOWN[name]
