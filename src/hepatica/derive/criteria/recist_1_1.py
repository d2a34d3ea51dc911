"""RECIST 1.1 as tables of verdicts.

Source: Eisenhauer 2009, doi 10.1016/j.ejca.2008.10.026 (sections and tables named in each line),
with the EORTC questions and answers (recist.eortc.org) where the paper leaves a case open, named
"EORTC Q&A". A line that ends in "our reading" decides what neither does.
"""

from __future__ import annotations

from hepatica.derive.criteria.best_responses import ADMIRAL, BENEFIT, BEST, RESPONSE, TABLE_3
from hepatica.derive.criteria.verdicts import Criteria, Sizes, Verdict

_SIZES = Sizes(
    response_percent=30,
    progression_percent=20,
    progression_least=500,
    normal_node=1000,
    too_small=500,
)

_TARGET = (
    Verdict(
        "trg-after-cr",
        "PD",
        {"TARGETS": True, "BACK": True},
        "A target lesion is back after a complete response.",
        "RECIST 1.1, Table 3, footnote a",
    ),
    Verdict(
        "trg-cr",
        "CR",
        {"TARGETS": True, "BASELINE": True, "GONE": True},
        "Every target lesion is gone, and every target lymph node is below 10 mm.",
        "RECIST 1.1, 4.3.1; before the sum rule, our reading",
    ),
    Verdict(
        "trg-pd",
        "PD",
        {"TARGETS": True, "COMPLETE": True, "GROWN": True},
        "The sum is at least 20% and at least 5 mm above the smallest sum before.",
        "RECIST 1.1, 4.3.1",
    ),
    Verdict(
        "trg-pd-measured-part",
        "PD",
        {"TARGETS": True, "COMPLETE": False, "GROWN": True},
        "The lesions that were measured alone are at least 20% and at least 5 mm above the "
        "smallest sum before.",
        "RECIST 1.1, 4.4.2",
    ),
    Verdict(
        "trg-no-baseline",
        "NE",
        {"TARGETS": True, "BASELINE": False},
        "No complete measurement of the target lesions before treatment to compare with.",
        "RECIST 1.1, 4.1; our reading",
    ),
    Verdict(
        "trg-treated",
        "NE",
        {"TARGETS": True, "COMPLETE": False, "TARGET_TREATED": True},
        "A target lesion was treated locally, and cannot be evaluated from then on.",
        "EORTC Q&A, surgery and radiotherapy",
    ),
    Verdict(
        "trg-not-assessed",
        "NE",
        {"TARGETS": True, "ASSESSED": False},
        "No target lesion was measured at this visit.",
        "RECIST 1.1, 4.4.2",
    ),
    Verdict(
        "trg-missing",
        "NE",
        {"TARGETS": True, "COMPLETE": False},
        "Not every target lesion was measured at this visit.",
        "RECIST 1.1, 4.4.2",
    ),
    Verdict(
        "trg-pr",
        "PR",
        {"TARGETS": True, "SHRUNK": True},
        "The sum is at least 30% below baseline.",
        "RECIST 1.1, 4.3.1",
    ),
    Verdict(
        "trg-pr-kept",
        "PR",
        {"TARGETS": True, "RESPONDED": True},
        "An earlier response is kept while the sum has not grown to progression.",
        "EORTC Q&A, partial response kept",
    ),
    Verdict(
        "trg-sd",
        "SD",
        {"TARGETS": True},
        "The sum has neither fallen enough for a response nor grown to progression.",
        "RECIST 1.1, 4.3.1 and EORTC Q&A",
    ),
)

_NON_TARGET = (
    Verdict(
        "ntrg-pd",
        "PD",
        {"NON_TARGETS": True, "NON_TARGET_WORSE": True},
        "A non-target lesion has unequivocally progressed.",
        "RECIST 1.1, 4.3.3",
        "non_target",
    ),
    Verdict(
        "ntrg-after-cr",
        "PD",
        {"NON_TARGETS": True, "NON_TARGET_BACK": True},
        "A non-target lesion other than a lymph node is back after a complete response.",
        "RECIST 1.1, Table 3, footnote a",
        "non_target",
    ),
    Verdict(
        "ntrg-treated",
        "NE",
        {"NON_TARGETS": True, "NON_TARGETS_COMPLETE": False, "NON_TARGET_TREATED": True},
        "A non-target lesion was treated locally, and cannot be evaluated from then on.",
        "EORTC Q&A, surgery and radiotherapy",
        "non_target",
    ),
    Verdict(
        "ntrg-missing",
        "NE",
        {"NON_TARGETS": True, "NON_TARGETS_COMPLETE": False},
        "Not every non-target lesion was assessed at this visit.",
        "RECIST 1.1, Table 1",
        "non_target",
    ),
    Verdict(
        "ntrg-cr",
        "CR",
        {"NON_TARGETS": True, "NON_TARGETS_LEFT": 0},
        "Every non-target lesion is gone.",
        "RECIST 1.1, 4.3.3",
        "non_target",
    ),
    Verdict(
        "ntrg-non-cr-non-pd",
        "NON-CR/NON-PD",
        {"NON_TARGETS": True},
        "A non-target lesion is still there without unequivocal progression.",
        "RECIST 1.1, 4.3.3",
        "non_target",
    ),
)

_NEW_LESION = (
    Verdict(
        "newl-yes",
        "Y",
        {"NEW_UNEQUIVOCAL": {"gt": 0}},
        "An unequivocal new lesion.",
        "RECIST 1.1, 4.3.5",
        "new",
    ),
    Verdict(
        "newl-confirmed-later",
        "Y",
        {"NEW_CONFIRMED": {"gt": 0}},
        "A new lesion, equivocal at this visit, that a later visit showed to be one.",
        "RECIST 1.1, 4.3.5",
        "new",
    ),
    Verdict(
        "newl-equivocal",
        "EQUIVOCAL",
        {"NEW_EQUIVOCAL": {"gt": 0}},
        "An equivocal new lesion, which does not count until it is confirmed.",
        "RECIST 1.1, 4.3.5",
        "new",
    ),
    Verdict(
        "newl-no",
        "N",
        {"ON_STUDY": True},
        "No new lesion is recorded.",
        "RECIST 1.1, 4.3.5",
        "new",
    ),
)

_NOT_NEW = {"NEWL": ["N", "EQUIVOCAL", None]}

_OVERALL = (
    Verdict(
        "ovr-new-lesion",
        "PD",
        {"NEWL": "Y"},
        "Progression: a new lesion.",
        "RECIST 1.1, Table 1, line 9; Table 2, line 5",
        "new",
    ),
    Verdict(
        "ovr-target-pd",
        "PD",
        {"TRG": "PD"},
        "Progression of the target lesions.",
        "RECIST 1.1, Table 1, line 7",
    ),
    Verdict(
        "ovr-non-target-pd",
        "PD",
        {"NTRG": "PD"},
        "Unequivocal progression of non-target lesions.",
        "RECIST 1.1, Table 1, line 8; Table 2, line 4",
        "non_target",
    ),
    Verdict(
        "ovr-cr",
        "CR",
        {"TRG": "CR", "NTRG": ["CR", None], **_NOT_NEW},
        "Complete response of target lesions and of any non-target lesions.",
        "RECIST 1.1, Table 1, line 1",
    ),
    Verdict(
        "ovr-cr-non-target-left",
        "PR",
        {"TRG": "CR", "NTRG": "NON-CR/NON-PD", **_NOT_NEW},
        "Complete response of the target lesions, while a non-target lesion is left.",
        "RECIST 1.1, Table 1, line 2",
    ),
    Verdict(
        "ovr-cr-non-target-ne",
        "PR",
        {"TRG": "CR", "NTRG": "NE", **_NOT_NEW},
        "Complete response of the target lesions, while non-target lesions were not all assessed.",
        "RECIST 1.1, Table 1, line 3",
    ),
    Verdict(
        "ovr-pr",
        "PR",
        {"TRG": "PR", **_NOT_NEW},
        "Partial response of the target lesions without progression elsewhere.",
        "RECIST 1.1, Table 1, line 4",
    ),
    Verdict(
        "ovr-sd",
        "SD",
        {"TRG": "SD", **_NOT_NEW},
        "Stable target lesions without progression elsewhere.",
        "RECIST 1.1, Table 1, line 5",
    ),
    Verdict(
        "ovr-ne",
        "NE",
        {"TRG": "NE", **_NOT_NEW},
        "The target lesions cannot be evaluated, and nothing shows progression.",
        "RECIST 1.1, Table 1, line 6",
    ),
    Verdict(
        "ovr-non-target-cr",
        "CR",
        {"TRG": None, "NTRG": "CR", **_NOT_NEW},
        "Only non-target lesions: all are gone.",
        "RECIST 1.1, Table 2, line 1",
        "non_target",
    ),
    Verdict(
        "ovr-non-target-left",
        "NON-CR/NON-PD",
        {"TRG": None, "NTRG": "NON-CR/NON-PD", **_NOT_NEW},
        "Only non-target lesions: some are left without progression.",
        "RECIST 1.1, Table 2, line 2",
        "non_target",
    ),
    Verdict(
        "ovr-non-target-ne",
        "NE",
        {"TRG": None, "NTRG": "NE", **_NOT_NEW},
        "Only non-target lesions: not all were assessed.",
        "RECIST 1.1, Table 2, line 3",
        "non_target",
    ),
    Verdict(
        "ovr-no-lesion",
        "NE",
        {"TRG": None, "NTRG": None, **_NOT_NEW},
        "No lesion is known from before treatment to compare with.",
        "RECIST 1.1, 4.3; our reading",
    ),
)

RECIST_1_1 = Criteria(
    name="RECIST 1.1",
    sizes=_SIZES,
    target=_TARGET,
    non_target=_NON_TARGET,
    new_lesion=_NEW_LESION,
    overall=_OVERALL,
    best=BEST,
    response=RESPONSE,
    benefit=BENEFIT,
    confirmed={"recist": TABLE_3, "admiral": ADMIRAL},
)
