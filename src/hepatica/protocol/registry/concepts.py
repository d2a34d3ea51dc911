"""What a registered outcome measures, where its words name a thing the house knows."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

#: Concept to the words that name it, most specific first; a name that is a preset is computed.
_CONCEPTS: tuple[tuple[str, str], ...] = (
    ("pfs", r"\bprogress\w*[- ]free survival\b|\bpfs\b|\bprogress free survival\b"),
    ("dfs", r"\b(?:disease|recurrence|relapse)[- ]free survival\b|\b[dr]fs\b"),
    ("efs", r"\bevent[- ]free survival\b|\befs\b"),
    ("ttp", r"\btime to (?:tumou?r |disease )?progression\b|\bttp\b"),
    ("os", r"\boverall survival\b|\bos\b"),
    ("dor", r"\bduration of (?:overall |objective )?response\b|\bdo[ro]r?\b"),
    ("ttr", r"\btime to (?:first |objective )?response\b|\bttr\b"),
    ("orr", r"\bobjective (?:response|remission)(?: rate)?\b|\boverall response rate\b|\borr\b"),
    ("dcr", r"\bdisease control(?: rate)?\b|\bdcr\b"),
    ("cbr", r"\bclinical benefit(?: rate)?\b|\bcbr\b"),
    ("time-on-treatment", r"\btime (?:on|to) treatment (?:failure|discontinuation)?\b"),
    ("qol", r"\bquality of life\b|\bqlq\b|\beq-5d\b"),
    (
        "adverse-events",
        r"\badverse (?:events?|reactions?|effects?)\b|\btolerab\w+\b|\btoxicit\w+\b",
    ),
)
#: Below this likeness of their words two outcomes are different outcomes.
_ALIKE = 0.75


def concept_of(measure: str) -> str:
    """Return the concept that a measure names; empty where it names none that is known.

    Examples
    --------
    >>> concept_of("Progress free survival (PFS)"), concept_of("LDL cholesterol")
    ('pfs', '')
    """
    words = measure.lower()
    return next((name for name, pattern in _CONCEPTS if re.search(pattern, words)), "")


def likeness(measure: str, other: str) -> float:
    """Return how alike two measures are, from 0 to 1; the same concept is 1, two concepts are 0.

    Examples
    --------
    >>> likeness("Overall Survival (OS)", "overall survival"), likeness("PFS", "OS")
    (1.0, 0.0)
    """
    concepts = concept_of(measure), concept_of(other)
    if all(concepts):
        return float(concepts[0] == concepts[1])
    own, others = (" ".join(re.findall(r"[a-z0-9]+", one.lower())) for one in (measure, other))
    return SequenceMatcher(None, own, others, autojunk=False).ratio()


def pairs_of(measures: list[str], others: list[str]) -> list[tuple[int, int]]:
    """Return which measures are the same outcome, each used once, the most alike first."""
    scored = sorted(
        (
            (-likeness(one, other), at, there)
            for at, one in enumerate(measures)
            for there, other in enumerate(others)
        ),
    )
    found: dict[int, int] = {}
    for score, at, there in scored:
        if -score >= _ALIKE and at not in found and there not in found.values():
            found[at] = there
    return sorted(found.items())
