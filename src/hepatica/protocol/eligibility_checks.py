"""What must hold of criteria of eligibility."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.protocol.eligibility import EXCLUDED
from hepatica.protocol.findings import Finding
from hepatica.protocol.model import Protocol


def check_eligibility(protocol: Protocol) -> Iterator[Finding]:
    """Find criteria that say what follows from a condition they do not have.

    Returns
    -------
    iterator of (path, str)
        Place and sentence of everything that does not hold.
    """
    for position, criterion in enumerate(protocol.eligibility):
        if criterion.where is not None:
            continue
        for key, given in (
            ("unknown", criterion.unknown != EXCLUDED),
            ("reason", bool(criterion.reason)),
        ):
            if given:
                message = "Nobody is screened by a criterion without a condition: add 'where', or"
                yield ("eligibility", position, key), f"{message} remove the key."
