"""iRECIST as tables of verdicts: progression has to be confirmed, and can be forgotten.

Source: Seymour 2017, doi 10.1016/S1470-2045(17)30074-8, by its tables 2 and 3 as PMC5648544 and
PMC6600249 print them, and the questions and answers at recist.eortc.org/irecist. A line that ends
in "our reading" decides what these leave open.

Inside, the responses have the words of RECIST 1.1, with ``UPD`` for a progression that is not
confirmed; `WORDS` is how they are written in the records.
"""

from __future__ import annotations

from dataclasses import replace

from hepatica.derive.criteria.recist_1_1 import RECIST_1_1
from hepatica.derive.criteria.verdicts import Confirmed, Criteria, Sizes, Verdict, Verdicts

_SIZES = Sizes(
    response_percent=30,
    progression_percent=20,
    progression_least=500,
    normal_node=1000,
    too_small=500,
    confirming_least=500,
    confirming_days=26,
)

#: How responses are written: of a visit and of a subject, and of the parts of a visit.
WORDS = {
    "CR": "iCR",
    "PR": "iPR",
    "SD": "iSD",
    "NON-CR/NON-PD": "NON-iCR/NON-iUPD",
    "UPD": "iUPD",
    "PD": "iCPD",
}
PART_WORDS = {**WORDS, "PD": "iUPD"}

_LATER = {"LATER": True, "SOON": False}

_PROGRESSION = (
    Verdict(
        "icpd-before",
        "PD",
        {"AFTER_CONFIRMED": True},
        "Progression was confirmed at an earlier visit.",
        "iRECIST, Table 2; our reading",
    ),
    Verdict(
        "icr-kept",
        "CR",
        {"KEPT": True, "TRG": "CR", "NTRG": ["CR", None]},
        "The lesions from before treatment are gone, while a new lesion stays as it was.",
        "iRECIST FAQ, new lesions that persist",
    ),
    Verdict(
        "ipr-kept",
        "PR",
        {"KEPT": True},
        "The lesions from before treatment respond further, while a new lesion stays as it was.",
        "iRECIST FAQ, new lesions that persist",
    ),
    Verdict(
        "iupd-soon",
        "UPD",
        {"LATER": True, "SOON": True},
        "Progression seen again too early to confirm it: less than 4 weeks (less 2 days) later.",
        "iRECIST FAQ, confirmation",
    ),
    Verdict(
        "icpd-sum",
        "PD",
        {**_LATER, "SUM_FURTHER": True},
        "Confirmed: the sum is at least 5 mm larger than when it showed progression.",
        "iRECIST, Table 2",
    ),
    Verdict(
        "icpd-non-target",
        "PD",
        {**_LATER, "NON_TARGET_FURTHER": True},
        "Confirmed: a non-target lesion that had progressed has grown further.",
        "iRECIST, Table 2",
        "non_target",
    ),
    Verdict(
        "icpd-new",
        "PD",
        {**_LATER, "NEW_FURTHER": True},
        "Confirmed: more new lesions, or their sum at least 5 mm larger.",
        "iRECIST, Table 2",
        "new",
    ),
    Verdict(
        "icpd-other-part",
        "PD",
        {**_LATER, "OTHER_PART": True},
        "Confirmed: progression of lesions of a kind that had not progressed before.",
        "iRECIST FAQ, confirmation in another category",
    ),
    Verdict(
        "iupd-still",
        "UPD",
        {"LATER": True},
        "Progression that is neither worse nor gone: not confirmed.",
        "iRECIST, Table 2",
    ),
    Verdict(
        "iupd-first",
        "UPD",
        {"PROGRESSING": True},
        "Progression by RECIST 1.1, which a later visit has to confirm.",
        "iRECIST, Table 2, first time",
    ),
)

_UNCONFIRMED = Verdict(
    "bor-upd",
    "UPD",
    {"OVR": "UPD"},
    "Progression that was not confirmed, and nothing better.",
    "iRECIST, Table 3",
)


def _with_unconfirmed(best: Verdicts, identifier: str) -> Verdicts:
    """Return the table of best responses with UPD before what is not evaluable."""
    place = next(n for n, one in enumerate(best) if one.then == "NE")
    return (*best[:place], replace(_UNCONFIRMED, id=identifier), *best[place:])


def _with_all(confirmed: Confirmed) -> Confirmed:
    return replace(confirmed, best=_with_unconfirmed(confirmed.best, "cbor-upd"))


IRECIST = Criteria(
    name="iRECIST",
    sizes=_SIZES,
    target=RECIST_1_1.target,
    non_target=RECIST_1_1.non_target,
    new_lesion=RECIST_1_1.new_lesion,
    overall=RECIST_1_1.overall,
    best=_with_unconfirmed(RECIST_1_1.best, "bor-upd"),
    response=RECIST_1_1.response,
    benefit=RECIST_1_1.benefit,
    confirmed={name: _with_all(one) for name, one in RECIST_1_1.confirmed.items()},
    progression=_PROGRESSION,
    words=WORDS,
    part_words=PART_WORDS,
)
