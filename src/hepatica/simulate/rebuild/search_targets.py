"""The printed survival results of an arm, as targets of a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hepatica.published.model import PrintedNumber, Published
from hepatica.simulate.rebuild.targets import Target, target_of

CENSORED, PROGRESSED, DIED = 0, 1, 2

_LIMITS = ("", "_lower", "_upper")


def arm_targets(
    published: Published,
    analysis: str,
    arm: str,
    statistic: str,
    members: Sequence[int],
    events: tuple[int, ...],
    *,
    entry: bool = False,
) -> list[Target]:
    """Return the targets of an arm: estimates and limits, each once.

    Parameters
    ----------
    published : Published
        The printed numbers; a misprint is replaced by the nearest number that can be.
    analysis, arm, statistic : str
        Key of the numbers; the limits are found beside them.
    members : sequence of int
        Positions of the patients.
    events : tuple of int
        Marks that count as events.
    entry : bool
        Whether patients enter late.
    """
    found: dict[tuple[object, ...], Target] = {}
    for end in _LIMITS:
        for number in published.where(
            analysis=analysis, level=arm, variable="", statistic=statistic + end
        ):
            name = (number.column("time"), number.statistic)
            found.setdefault(name, target_of(possible(number), members, events=events, entry=entry))
    return list(found.values())


def comparison_targets(
    published: Published,
    analysis: str,
    first: Sequence[int],
    second: Sequence[int],
    events: tuple[int, ...],
) -> list[Target]:
    """Return the targets of a comparison of two groups; the print names `first` first."""
    groups: dict[str, Sequence[int]] = {}
    targets: list[Target] = []
    for number in published.where(analysis=analysis):
        statistic = number.statistic
        if statistic.startswith("median") and number.level:
            members = groups.setdefault(number.level, second if groups else first)
            targets.append(target_of(possible(number), members, events=events))
        elif statistic.startswith(("hazard_ratio", "p_value")):
            targets.append(target_of(possible(number), first, versus=tuple(second), events=events))
    return targets


def possible(number: PrintedNumber) -> PrintedNumber:
    """Return the number, or where it is a misprint the nearest one that can be."""
    if not (number.misprint and number.possible):
        return number
    return replace(number, value=float(number.possible.rstrip("%")))


def with_scan_before_death(targets: Sequence[Target], days: int) -> Iterator[Target]:
    """Give targets as they are, and with deaths that are no event censored some days earlier.

    What holds with the last scan on the day of death and that many days before it holds in between
    as well, unless two changes cancel.
    """
    for target in targets:
        yield target
        if DIED not in target.events:
            yield replace(target, lag=days)
