"""Which numbers of data sets the printed I2 and P of all results allow together.

Alone, one result allows some numbers. Outcomes that print the same total of data sets pool the
same studies, so a group has one number in all of them; and the groups of a grouping add up to the
total, so that the others leave only so many. A P of .000 is none that exists: where groups do not
add up, results with an exact P are heard, and those with .000 have to fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.published.review_print import PrintedPool, step_of
from hepatica.stats.consistency import DataSets, data_sets

#: Largest number tried where the print tells no total.
MOST = 100


@dataclass(frozen=True, slots=True)
class Implied:
    """Numbers of data sets that a printed result allows.

    Attributes
    ----------
    alone : DataSets or None
        By its own I2 and P; ``None`` where they are not printed.
    together : tuple of int
        After the other results were heard; empty when nothing is known or nothing is left.
    contradicted : bool
        Whether no number fits.
    reason : str
        Why the other results leave none.
    most : int
        Largest number tried.
    """

    alone: DataSets | None
    together: tuple[int, ...]
    contradicted: bool
    reason: str
    most: int


def implied_sets(printed: Sequence[PrintedPool]) -> tuple[Implied, ...]:
    """Return what each printed result allows, alone and together.

    Parameters
    ----------
    printed : sequence of PrintedPool
        All results of a print.
    """
    most = _total(printed)
    alone = [_alone(one, most) for one in printed]
    return tuple(_implied(at, printed, alone, most) for at in range(len(printed)))


def _total(printed: Sequence[PrintedPool]) -> int:
    """Return the largest total that the print tells, filled studies taken off."""
    told = [one.data_sets - (one.filled or 0) for one in printed if one.data_sets is not None]
    return max([*told, 2]) if told else MOST


def _alone(one: PrintedPool, most: int) -> DataSets | None:
    if not one.i2 or not one.p:
        return None
    text = one.p.lstrip("< ")
    return data_sets(
        float(one.i2) / 100.0,
        float(text),
        i2_step=step_of(one.i2) / 100.0,
        p_step=step_of(text),
        p_below=one.p.startswith("<"),
        most=most,
    )


def _implied(
    at: int, printed: Sequence[PrintedPool], alone: Sequence[DataSets | None], most: int
) -> Implied:
    own, found = printed[at], alone[at]
    if found is None:
        return Implied(None, (), False, "", most)
    if not len(found.k):
        return Implied(found, (), True, "", most)
    together = set(found.k.tolist())
    same = _same_studies(own, printed)
    if own.level and same:
        left = most - sum(
            min(_of_level(level, own.subgroup, same, printed, alone), default=1)
            for level in _levels(own.subgroup, same, printed)
            if level != own.level
        )
        together = {k for k in together if k <= left}
        if not together:
            reason = f"The other groups leave at most {max(left, 0)} of {most}."
            return Implied(found, (), True, reason, most)
    return Implied(found, tuple(sorted(together)), False, "", most)


def _same_studies(own: PrintedPool, printed: Sequence[PrintedPool]) -> frozenset[str]:
    """Return the outcomes that print the same total as this one, itself among them."""
    totals = {
        one.outcome: one.data_sets
        for one in printed
        if not one.level and one.kind == "pooled" and one.data_sets is not None
    }
    own_total = totals.get(own.outcome)
    if own_total is None:
        return frozenset()
    return frozenset(outcome for outcome, total in totals.items() if total == own_total)


def _levels(subgroup: str, same: frozenset[str], printed: Sequence[PrintedPool]) -> list[str]:
    return list(
        dict.fromkeys(
            one.level for one in printed if one.subgroup == subgroup and one.outcome in same
        )
    )


def _of_level(
    level: str,
    subgroup: str,
    same: frozenset[str],
    printed: Sequence[PrintedPool],
    alone: Sequence[DataSets | None],
) -> set[int]:
    """Return the numbers that all outcomes with an exact P allow for a group."""
    allowed: set[int] | None = None
    for one, found in zip(printed, alone, strict=True):
        if found is None or not len(found.k) or not _is_exact(one):
            continue
        if one.level == level and one.subgroup == subgroup and one.outcome in same:
            numbers = set(found.k.tolist())
            allowed = numbers if allowed is None else allowed & numbers
    return allowed or set()


def _is_exact(one: PrintedPool) -> bool:
    return not one.p.startswith("<") and float(one.p) > 0.0


def groups_need(
    own: PrintedPool, printed: Sequence[PrintedPool], implied: Sequence[Implied]
) -> dict[str, int]:
    """Return how many data sets the groups of each grouping need at least, for all studies of one.

    Parameters
    ----------
    own : PrintedPool
        The result of all studies.
    printed, implied : sequences
        All results, and what they imply.
    """
    need: dict[str, int] = {}
    for one, found in zip(printed, implied, strict=True):
        if one.outcome == own.outcome and one.level:
            heard = found.alone is not None and len(found.alone.k) > 0 and _is_exact(one)
            least = int(found.alone.k[0]) if heard and found.alone is not None else 1
            need[one.subgroup] = need.get(one.subgroup, 0) + least
    return need
