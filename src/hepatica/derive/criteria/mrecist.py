"""mRECIST for hepatocellular carcinoma as tables of verdicts.

Source: Lencioni and Llovet 2010, doi 10.1055/s-0030-1247132, as restated in the Korean practice
guideline 2022 (PMC9747269, Table 11) and in PMC5771991 (Table 4). The paper itself was not at
hand; what rests on general knowledge of it is named "our reading", and stands in
``docs/criteria.md``.

The verdicts are those of RECIST 1.1 on other measures: of a lesion in the liver the longest
diameter of its viable (arterially enhancing) part. IR/SD, the paper's word for non-target lesions
that are left, is written ``NON-CR/NON-PD`` as in RECIST 1.1.
"""

from __future__ import annotations

from dataclasses import replace

from hepatica.derive.criteria.recist_1_1 import RECIST_1_1
from hepatica.derive.criteria.verdicts import Criteria, Sizes, Verdicts

_TABLE = "mRECIST, target lesions"
_OWN = "as RECIST 1.1, our reading"

_SIZES = Sizes(
    response_percent=30,
    progression_percent=20,
    progression_least=0,
    normal_node=1000,
    too_small=500,
    normal_hilar_node=2000,
    new_in_liver=1000,
)

#: Verdicts that mRECIST words differently: id to sentence and line.
_WORDS = {
    "trg-cr": (
        "No target lesion shows arterial enhancement any more, and every target lymph node is "
        "below 10 mm, at the hilum of the liver below 20 mm.",
        f"{_TABLE}, CR; lymph nodes: our reading",
    ),
    "trg-pd": (
        "The sum of viable diameters is at least 20% above the smallest sum before.",
        f"{_TABLE}, PD",
    ),
    "trg-pd-measured-part": (
        "The lesions that were measured alone are at least 20% above the smallest sum before.",
        f"{_TABLE}, PD; RECIST 1.1, 4.4.2",
    ),
    "trg-pr": ("The sum of viable diameters is at least 30% below baseline.", f"{_TABLE}, PR"),
    "trg-sd": (
        "The sum of viable diameters has neither fallen enough for a response nor grown to "
        "progression.",
        f"{_TABLE}, SD",
    ),
    "ntrg-pd": (
        "A non-target lesion, such as a tumour thrombus of the portal vein, has unequivocally "
        "progressed.",
        "mRECIST, non-target lesions, PD",
    ),
    "ntrg-cr": (
        "No non-target lesion shows arterial enhancement any more.",
        "mRECIST, non-target lesions, CR",
    ),
    "ntrg-non-cr-non-pd": (
        "A non-target lesion still shows enhancement without unequivocal progression (IR/SD).",
        "mRECIST, non-target lesions, IR/SD",
    ),
    "newl-yes": (
        "A new lesion: in the liver at least 10 mm and typical, or grown by 10 mm.",
        "mRECIST, new lesions; 10 mm: our reading",
    ),
    "newl-confirmed-later": (
        "A new lesion, too small or atypical at this visit, that a later visit showed to be one.",
        "mRECIST, new lesions; dated at first detection: our reading",
    ),
    "newl-equivocal": (
        "A new lesion that is too small or atypical, which does not count until it is confirmed.",
        "mRECIST, new lesions",
    ),
    "ovr-cr": (
        "Complete response of target lesions and of any non-target lesions.",
        "mRECIST, overall response, line 1",
    ),
    "ovr-cr-non-target-left": (
        "Complete response of the target lesions, while a non-target lesion is left (IR/SD).",
        "mRECIST, overall response, line 2",
    ),
    "ovr-pr": (
        "Partial response of the target lesions without progression elsewhere.",
        "mRECIST, overall response, line 3",
    ),
    "ovr-sd": (
        "Stable target lesions without progression elsewhere.",
        "mRECIST, overall response, line 4",
    ),
    "ovr-target-pd": ("Progression of the target lesions.", "mRECIST, overall response, line 5"),
    "ovr-non-target-pd": (
        "Unequivocal progression of non-target lesions.",
        "mRECIST, overall response, line 6",
    ),
    "ovr-new-lesion": ("Progression: a new lesion.", "mRECIST, overall response, line 7"),
}


def _worded(table: Verdicts) -> Verdicts:
    """Return the table in the words of mRECIST; what it leaves open follows RECIST 1.1."""
    return tuple(
        replace(one, sentence=_WORDS[one.id][0], line=_WORDS[one.id][1])
        if one.id in _WORDS
        else replace(one, line=f"{one.line}; mRECIST {_OWN}")
        for one in table
    )


MRECIST = Criteria(
    name="mRECIST",
    sizes=_SIZES,
    target=_worded(RECIST_1_1.target),
    non_target=_worded(RECIST_1_1.non_target),
    new_lesion=_worded(RECIST_1_1.new_lesion),
    overall=_worded(RECIST_1_1.overall),
    best=RECIST_1_1.best,
    response=RECIST_1_1.response,
    benefit=RECIST_1_1.benefit,
    confirmed=RECIST_1_1.confirmed,
    measure="viable",
)
