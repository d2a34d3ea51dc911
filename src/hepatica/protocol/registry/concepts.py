"""What a registered outcome measures, where its words name a thing the house knows."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

#: Concept to the words that name it; a name that is a preset is computed.
_CONCEPTS: tuple[tuple[str, str], ...] = (
    ("pfs", r"\bprogress\w*[- ]free[- ]survival\b|\bpfs\b|\bprogress free survival\b"),
    ("dfs", r"\b(?:disease|recurrence|relapse)[- ]free[- ]survival\b|\b[dr]fs\b"),
    ("efs", r"(?<!adverse )\bevent[- ]free[- ]survival\b|\befs\b"),
    ("ttp", r"\btime[- ]to[- ](?:tumou?r |disease )?progression\b|\bttp\b"),
    ("os", r"\boverall[- ]survival\b|\bos\b"),
    ("dor", r"\bduration of (?:overall |objective )?response\b|\bdo[ro]r?\b"
            r"|\bobjective response duration\b"),
    ("ttr", r"\btime[- ]to[- ](?:first |objective )?response\b|\bttr\b"),
    ("orr", r"\bobjective (?:response|remission)(?! duration)(?: rate)?\b"
            r"|\boverall response rate\b|\borr\b"),
    ("dcr", r"(?<!duration of )\bdisease control(?: rate)?\b|\bdcr\b"),
    ("cbr", r"\bclinical benefit(?: rate)?\b|\bcbr\b"),
    ("time-on-treatment", r"\btime (?:on treatment|to treatment discontinuation)\b"),
    ("qol", r"\bquality of life\b|\bqlq\b|\beq-5d\b"),
    ("adverse-events", r"\badverse (?:drug )?(?:events?|reactions?|effects?)\b(?![- ]free)"
                       r"|\btolerab\w+\b|\btoxicit\w+\b|\b(?:te|tr|ir|s)?aes?\b|^safety\W*$"),
)  # fmt: skip
#: Words that make another outcome of a known one: a part of the body, a later line, a relation.
_ANOTHER = re.compile(
    r"\b(?:pfs|survival|os)[- ]?\(?[23]\b|\bpfs-?2\b|\bsecond\b.*\bprogress|\bnext[- ]line\b"
    r"|\bsubsequent (?:line|therap|treatment)"
    r"|\b(?:intra|extra)[- ]?(?:cranial|hepatic)|\bcranial|\bcns\b|\bbrain\b|\bhepatic (?:pfs|prog)"
    r"|\bliver[- ](?:pfs|prog|specific)|\bh(?:epatic)?-?pfs\b"
    r"|\bbiochemical|\bsymptomatic|\blocal(?:ly|\b)|\bloco-?regional|\bdistant|\btarget lesion"
    r"|\bportal vein|\bclinical progression"
    r"|\bcorrelat|\bassociat|\brelation|\bpredict|\bprognos|\bratio of|\bbiomarker|\bcosts?\b"
    r"|\bsub-?groups?\b|\bimpact of|\baccording to (?!m?i?recist|ctcae|nci)"
    r"|\btime to (?:the )?(?:first )?deteriorat|\bdose[- ]limiting|\bdlts?\b|\bquality[- ]adjusted"
)
#: Details that two outcomes of one concept may differ in.
_DETAILS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("criteria", (
        ("mRECIST", r"\bm-?recist|\bmodified (?:recist|response evaluation)|\bhcc-?mrecist"),
        ("iRECIST", r"\bi-?recist|\bir-?recist|\bimmune[- ](?:related|modified)?|\bi(?:r|m)?pfs\b"),
        ("RECIST", r"\brecist"), ("EASL", r"\beasl"), ("Choi", r"\bchoi\b"), ("WHO", r"\bwho\b"),
    )),
    ("assessor", (
        ("central", r"\bindependent|\bcentral|\bbicr\b|\birc\b|\birf\b|\birr\b"),
        ("investigator", r"\binvestigator"),
    )),
    ("kind", (
        ("serious", r"\bserious|\bsaes?\b"),
        ("treatment-related",
         r"\b(?:treatment|drug)[- ]related|\btraes?\b|\badverse (?:drug )?rea"),
        ("immune-related", r"\bimmune"), ("severe", r"\bgrades?\W+(?:3|4|iii|≥)|≥\s*(?:grade )?3"),
    )),
)  # fmt: skip
_MOMENT = re.compile(
    r"\b(\d+)[- ]*(day|week|month|year)s?\b"
    r"|\b(one|two|three|four|five|six|twelve)[- ](day|week|month|year)s?\b"
)
#: Words that tell how a thing is counted, not what it is.
_COUNTING = frozenset({
    "a", "an", "the", "of", "in", "to", "by", "for", "from", "with", "and", "or", "as", "at", "on",
    "per", "rate", "rates", "number", "numbers", "percentage", "percent", "proportion",
    "incidence", "frequency", "level", "levels", "mean", "median", "participants", "patients",
    "subjects", "who", "have", "having", "experiencing",
})  # fmt: skip
#: Below this share of common words two outcomes are different outcomes.
_ALIKE = 0.75
_ONE_SILENT = 0.9
_SAME_WORD = 0.85
_SHORT = 5


def concept_of(measure: str) -> str:
    """Return the concept that a measure names; empty where it names none that is known.

    A measure that names several, or a part, a later line or a relation of one, names none: a wrong
    match is worse than none.

    Examples
    --------
    >>> concept_of("Progress free survival (PFS)"), concept_of("LDL cholesterol")
    ('pfs', '')
    >>> concept_of("PFS2"), concept_of("Intracranial PFS"), concept_of("OS and PFS")
    ('', '', '')
    """
    words = measure.lower()
    found = [name for name, pattern in _CONCEPTS if re.search(pattern, words)]
    return found[0] if len(found) == 1 and not _ANOTHER.search(words) else ""


def details_of(measure: str) -> dict[str, str]:
    """Return what narrows a measure: criteria, assessor, kind of event, moment.

    Examples
    --------
    >>> details_of("ORR by mRECIST (investigator)"), details_of("12-month OS rate")
    ({'criteria': 'mRECIST', 'assessor': 'investigator'}, {'moment': '12 month'})
    """
    words = measure.lower()
    found = {
        name: next((label for label, pattern in ways if re.search(pattern, words)), "")
        for name, ways in _DETAILS
    }
    if concept_of(measure) != "adverse-events":
        found["kind"] = ""
    moments = [" ".join(part for part in one if part) for one in _MOMENT.findall(words)]
    found["moment"] = ", ".join(sorted(set(moments)))
    return {name: label for name, label in found.items() if label}


def likeness(measure: str, other: str) -> float:
    """Return how alike two measures are, from 0 to 1.

    One concept with the same details is 1; where one of them is silent on a detail it is less; two
    concepts, a concept beside none, and contrary details are 0. Measures without a concept are
    compared by the words that tell what they are.

    Examples
    --------
    >>> likeness("Overall Survival (OS)", "overall survival"), likeness("PFS", "OS")
    (1.0, 0.0)
    >>> likeness("ORR by mRECIST", "ORR by RECIST 1.1"), likeness("ORR by mRECIST", "ORR")
    (0.0, 0.9)
    """
    concepts = concept_of(measure), concept_of(other)
    if any(concepts):
        return _same_concept(measure, other) if concepts[0] == concepts[1] else 0.0
    own, others = _telling(measure), _telling(other)
    if own == others:
        return 1.0
    alone = [[one for one in first if not _partner(one, second)]
             for first, second in ((own, others), (others, own))]  # fmt: skip
    # A number or a short name (AFP, ALP) on one side, or words alone on both, tell other things.
    if all(alone) or any(len(one) < _SHORT or one[0].isdigit() for side in alone for one in side):
        return 0.0
    return 1.0 - len(alone[0] + alone[1]) / max(len(own), len(others), 1)


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


def _same_concept(measure: str, other: str) -> float:
    own, others = details_of(measure), details_of(other)
    if any(own[name] != others[name] for name in own.keys() & others.keys()):
        return 0.0
    return _ONE_SILENT ** len(own.keys() ^ others.keys()) if own != others else 1.0


def _telling(measure: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+", measure.lower())
    return tuple(one for one in words if one not in _COUNTING)


def _partner(word: str, others: tuple[str, ...]) -> bool:
    if word in others:
        return True
    if len(word) < _SHORT or word[0].isdigit():
        return False
    return any(SequenceMatcher(None, word, one).ratio() >= _SAME_WORD for one in others)
