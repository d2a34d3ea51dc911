"""Two accounts of one trial, side by side: what was added, dropped, switched or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hepatica.protocol.registry.concepts import details_of, pairs_of
from hepatica.protocol.registry.record import Outcome, RegistryRecord
from hepatica.protocol.registry.time_frame import TimeFrame

Verdict = Literal["same", "added", "dropped", "switched", "changed", "not told"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in both accounts.

    Attributes
    ----------
    what : str
        Outcome, time frame, size, arms, allocation or phase; criteria, assessor, kind or moment
        where the words of an outcome name them.
    name : str
        Which outcome; empty for the others.
    before, after : str
        What the two accounts say; empty where one says nothing.
    verdict : str
        ``same``; ``added`` or ``dropped`` (in one only); ``switched`` (an outcome of another
        role); ``changed``; ``not told`` (one of them says nothing of it).
    """

    what: str
    name: str
    before: str
    after: str
    verdict: Verdict


def compare_records(before: RegistryRecord, after: RegistryRecord) -> tuple[Difference, ...]:
    """Return every outcome of both accounts, and their size and design, with a verdict.

    Parameters
    ----------
    before, after : RegistryRecord
        For example as registered, and as the protocol plans or the report tells it.

    Returns
    -------
    tuple of Difference
        Outcomes in the order of ``before``, those added last, then size and design. An outcome is
        found again by the concept that its words name (PFS), or by the likeness of its words.

    Examples
    --------
    >>> old = RegistryRecord(outcomes=(Outcome(role="primary", measure="PFS"),), enrolment=28)
    >>> new = RegistryRecord(outcomes=(Outcome(role="secondary", measure="PFS"),), enrolment=35)
    >>> [(one.what, one.verdict) for one in compare_records(old, new)]
    [('outcome', 'switched'), ('size', 'changed')]
    """
    pairs = dict(
        pairs_of([one.measure for one in before.outcomes], [one.measure for one in after.outcomes])
    )
    found: list[Difference] = []
    for at, one in enumerate(before.outcomes):
        if at in pairs:
            found += _pair(one, after.outcomes[pairs[at]])
        else:
            found.append(Difference("outcome", one.measure, one.role, "", "dropped"))
    found += [
        Difference("outcome", one.measure, "", one.role, "added")
        for at, one in enumerate(after.outcomes)
        if at not in pairs.values()
    ]
    return (*found, *_design(before, after))


def _pair(before: Outcome, after: Outcome) -> list[Difference]:
    verdict: Verdict = "same" if before.role == after.role else "switched"
    found = [Difference("outcome", before.measure, before.role, after.role, verdict)]
    details = details_of(before.measure), details_of(after.measure)
    # Outcomes of contrary details are never paired, so that one of the two is silent here.
    found += [
        Difference(
            name,
            before.measure,
            details[0].get(name, ""),
            details[1].get(name, ""),
            _told(details[0].get(name, ""), details[1].get(name, "")),
        )
        for name in dict.fromkeys((*details[0], *details[1]))
    ]
    frames = before.time_frame, after.time_frame
    if any(one.text for one in frames):
        found.append(
            Difference(
                "time frame", before.measure, frames[0].text, frames[1].text, _frames(*frames)
            )
        )
    return found


def _frames(before: TimeFrame, after: TimeFrame) -> Verdict:
    """Compare what both time frames tell; words alone never differ when the days agree."""
    if not before.text or not after.text:
        return "not told"
    if before.text.lower() == after.text.lower():
        return "same"
    if not (before.understood and after.understood) or before.unread != after.unread:
        return "changed"
    parts = (
        (before.every, after.every),
        (before.later, after.later),
        (before.changes, after.changes),
        (before.up_to, after.up_to),
        (before.after_end, after.after_end),
        (before.at, after.at),
    )
    told: list[bool] = [one == other for one, other in parts if one and other]
    # "Every 8 weeks" alone says that the interval does not change.
    told += [before.later == after.later] if before.every and after.every else []
    for one, other in ((before, after), (after, before)):
        # "12 weeks" and "at 12 weeks" are one; a moment within a period contradicts nothing.
        if one.up_to is not None and other.at and not one.at and other.up_to is None:
            told += [] if max(other.at) < one.up_to else [max(other.at) == one.up_to]
    if not all(told):
        return "changed"
    return "same" if told else "not told"


def _design(before: RegistryRecord, after: RegistryRecord) -> list[Difference]:
    things = (
        ("size", _number(before.enrolment), _number(after.enrolment)),
        ("arms", _number(len(before.arms) or None), _number(len(after.arms) or None)),
        ("allocation", before.allocation, after.allocation),
        ("phase", "/".join(before.phases), "/".join(after.phases)),
    )
    return [
        Difference(what, "", one, other, _told(one, other))
        for what, one, other in things
        if one or other
    ]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _told(before: str, after: str) -> Verdict:
    if not before or not after:
        return "not told"
    return "same" if before == after else "changed"
