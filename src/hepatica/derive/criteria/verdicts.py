"""What response criteria are made of: verdicts in priority order, and the sizes they compare.

A criterion is one file beside this one. The machinery that measures, compares and chooses is the
same for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals.stable.v2 as nw

from hepatica.derive.rules import Rule
from hepatica.protocol.conditions import parse_condition
from hepatica.records.conditions import condition_expr

Part = Literal["target", "non_target", "new"]
#: What is measured of a lesion that is no lymph node: its longest diameter, or that of its viable
#: (arterially enhancing) part where the evaluator recorded that.
Measure = Literal["longest", "viable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a table of the criteria.

    Attributes
    ----------
    id : str
        Stands in the record as RULEID.
    then : str
        The response.
    where : mapping
        When it holds, on the facts of one visit, as a condition of the protocol is written.
    sentence : str
        The rule as a clinician reads it.
    line : str
        Where the criteria say so.
    part : str
        Which lesions decided: where the record points to (SRCDOM, SRCVAR, SRCSEQ).
    """

    id: str
    then: str
    where: Mapping[str, Any]
    sentence: str
    line: str
    part: Part = "target"

    @property
    def told(self) -> str:
        """The sentence with its source, as it stands in RULE."""
        return f"{self.sentence} [{self.line}]"

    @property
    def rule(self) -> Rule:
        """The verdict as a rule of `hepatica.derive.rules`."""
        return Rule(self.id, self.told, parse_condition(self.where), self.then)


Verdicts = tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that the criteria compare; lengths in hundredths of a millimetre.

    Attributes
    ----------
    response_percent : int
        A sum has to fall by this share of baseline for a partial response.
    progression_percent : int
        A sum has to rise by this share of the smallest sum before, ...
    progression_least : int
        ... and by at least this length.
    normal_node : int
        A lymph node with a smaller short axis is normal.
    too_small : int
        Length of a lesion that is seen but too small to measure.
    normal_hilar_node : int, optional
        The same as `normal_node` for a lymph node at the liver's hilum; not told apart when None.
    new_in_liver : int
        A new lesion in the liver that was measured counts from this length on, or once it has
        grown by it; until then it is equivocal.
    confirming_least, confirming_days : int
        Progression is confirmed by a sum that is larger by at least this length, at least so many
        days later.
    """

    response_percent: int
    progression_percent: int
    progression_least: int
    normal_node: int
    too_small: int
    normal_hilar_node: int | None = None
    new_in_liver: int = 0
    confirming_least: int = 0
    confirming_days: int = 0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Best response, response and clinical benefit when responses have to be confirmed."""

    best: Verdicts
    response: Verdicts
    benefit: Verdicts


@dataclass(frozen=True, slots=True)
class Criteria:
    """Response criteria as data; each table is in priority order, the first match wins.

    Attributes
    ----------
    target, non_target, new_lesion, overall : tuple of Verdict
        What one visit shows.
    best : tuple of Verdict
        Best response without confirmation: the first verdict that any visit meets.
    response, benefit : tuple of Verdict
        Which visits count without confirmation; the earliest dates the record.
    confirmed : mapping of str to Confirmed
        The same with confirmation, for each reading of unconfirmed responses.
    measure : {"longest", "viable"}
        What is measured of a lesion.
    progression : tuple of Verdict
        What a visit comes to within a block of visits, where progression has to be confirmed;
        empty where it has not.
    words, part_words : mapping of str to str
        How responses are written in the records, where not in the words of RECIST 1.1: of a visit
        or subject, and of the parts of a visit.
    """

    name: str
    sizes: Sizes
    target: Verdicts
    non_target: Verdicts
    new_lesion: Verdicts
    overall: Verdicts
    best: Verdicts
    response: Verdicts
    benefit: Verdicts
    confirmed: Mapping[str, Confirmed]
    measure: Measure = "longest"
    progression: Verdicts = ()
    words: Mapping[str, str] = field(default_factory=dict)
    part_words: Mapping[str, str] = field(default_factory=dict)


def place_of(verdicts: Verdicts, columns: Mapping[str, Any], name: str) -> nw.Expr:
    """Return the place of the first verdict that matches each row; null when none does."""
    chosen = nw.lit(None, dtype=nw.Int64)
    for place, verdict in reversed(list(enumerate(verdicts))):
        # What is unknown is no match: a condition that is null goes on to the next verdict.
        matched = condition_expr(verdict.rule.where, columns)
        chosen = nw.when(matched).then(nw.lit(place, dtype=nw.Int64)).otherwise(chosen)
    return chosen.alias(name)


def told(verdicts: Verdicts) -> dict[str, list[str]]:
    """Return what follows from each verdict (AVALC), with RULEID and RULE."""
    return {
        "AVALC": [one.then for one in verdicts],
        "RULEID": [one.id for one in verdicts],
        "RULE": [one.told for one in verdicts],
    }


def all_verdicts(criteria: Criteria) -> Verdicts:
    """Return the verdicts of all tables of the criteria."""
    tables = [
        criteria.target, criteria.non_target, criteria.new_lesion, criteria.overall,
        criteria.progression, criteria.best, criteria.response, criteria.benefit,
    ]  # fmt: skip
    for confirmed in criteria.confirmed.values():
        tables += [confirmed.best, confirmed.response, confirmed.benefit]
    return tuple(one for table in tables for one in table)
