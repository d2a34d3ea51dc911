"""Who could take part, and how criteria were counted, in words."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.present.wording import listed, lower_first
from hepatica.protocol.eligibility import EXCLUDED, INCLUDED, Criterion
from hepatica.protocol.model import Protocol

_ORDER = (
    "A patient who fails several criteria is counted in the flow of participants for the first in "
    "this order."
)


def eligibility_sentences(protocol: Protocol) -> str:
    """Return the criteria in the words of the protocol, and what is done where one is not known.

    Parameters
    ----------
    protocol : Protocol
        Has the criteria; nothing is said where there are none.

    Returns
    -------
    str
        Criteria of inclusion and of exclusion, which of them the records do not answer, what a
        missing value means, and which reason is counted.
    """
    criteria = protocol.eligibility
    parts = []
    for kind, head in (
        ("inclusion", "Patients were eligible with"),
        ("exclusion", "Excluded were"),
    ):
        own = [one for one in criteria if one.kind == kind]
        if own:
            parts.append(f"{head}: {'; '.join(one.text.rstrip('.') for one in own)}.")
    screened = [one for one in criteria if one.where is not None]
    by_hand = [one for one in criteria if one.where is None]
    if by_hand and screened:
        parts.append(
            f"Records do not answer these criteria, which were judged by investigators: "
            f"{_texts(by_hand)}."
        )
    elif by_hand:
        parts.append("No criterion was screened from the records.")
    parts += _unknown(screened)
    if len(screened) > 1:
        parts.append(_ORDER)
    return " ".join(parts)


def _unknown(criteria: list[Criterion]) -> list[str]:
    included = [one for one in criteria if one.unknown == INCLUDED]
    apart = [one for one in criteria if one.unknown not in (INCLUDED, EXCLUDED)]
    if not criteria:
        return []
    if len(included) == len(criteria):
        return ["Patients of whom a criterion is not known are included."]
    but = f", but included where this is not known: {_texts(included)}" if included else ""
    told = ["Patients of whom a criterion is not known are not included" + but + "."]
    if apart:
        told.append(f"They are counted apart where this is not known: {_texts(apart)}.")
    return told


def _texts(criteria: Iterable[Criterion]) -> str:
    return listed(lower_first(one.text.rstrip(".")) for one in criteria)
