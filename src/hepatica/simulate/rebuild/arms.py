"""Whether the arms that ``construction.yaml`` names are those of the protocol."""

from __future__ import annotations

from collections.abc import Iterator

from hepatica.errors import CommandError
from hepatica.protocol.faults import guess
from hepatica.protocol.model import Protocol
from hepatica.simulate.rebuild.construction import Construction


def check_arms(construction: Construction, protocol: Protocol) -> None:
    """Refuse a number of patients of an arm that is not there; it would be left out unseen.

    Parameters
    ----------
    construction : Construction
        What was chosen.
    protocol : Protocol
        The arms.

    Raises
    ------
    CommandError
        With the first place that names an unknown arm.
    """
    arms = tuple(arm.id for arm in protocol.arms)
    for place, named in _named(construction):
        if named not in arms:
            raise CommandError(
                f"construction.yaml names the arm '{named}' under {place}; study.yaml has no such "
                f"arm. {guess(named, arms)}Write one of: {', '.join(arms)}."
            )


def _named(construction: Construction) -> Iterator[tuple[str, str]]:
    """Give each place with each arm it names."""
    therapies = construction.therapies
    drugs = {
        "first_line": therapies.first_line,
        "later_targeted": therapies.later_targeted,
        "later_checkpoint": therapies.later_checkpoint,
        "local": therapies.local,
        "concomitant": therapies.concomitant,
    }
    places = [
        ("samples.baseline", construction.samples.baseline),
        ("samples.matched", construction.samples.matched),
        ("dose_reductions", construction.dose_reductions),
        *(("deviations", one.subjects) for one in construction.deviations),
        *((f"therapies.{name}", drug.subjects) for name, some in drugs.items() for drug in some),
    ]
    for place, counts in places:
        yield from ((place, arm) for arm in counts)
    yield from (("events.serious", one.arm) for one in construction.events.serious)
