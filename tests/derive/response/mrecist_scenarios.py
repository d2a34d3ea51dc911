"""One subject per line of mRECIST that is not RECIST 1.1, with the expected records beside it.

As in `response_scenarios`; ``40v22`` is a lesion of 40 mm whose viable part measures 22 mm, a small
h behind a lesion marks a lymph node at the hilum of the liver, and NL is a new lesion in the liver.
"""

from __future__ import annotations

from response_scenarios import Scenario

VIABLE = "Target lesions: the longest diameter of the viable, arterially enhancing part"
PR = "PR: at least a 30% decrease in the sum of viable diameters, taking baseline as reference"
PD = "PD: at least a 20% increase in the sum of viable diameters over the smallest sum"
CR = "CR: no arterial enhancement left in any target lesion"
NODE = "Lymph nodes at the hilum: malignant from a short axis of 20 mm on"
NEW = "New lesion in the liver: at least 10 mm and typical, or grown by 10 mm"
THROMBUS = "Tumour thrombus of the portal vein: a non-target lesion"


def _one(name: str, line: str, before: str, now: str, overall: str, rules: str) -> Scenario:
    return Scenario(name, line, "T1", ((0, f"T1={before}"), (42, f"T1={now}", overall, rules)))


MRECIST_LESIONS = (
    _one("viable-pr-on", PR, "50v40", "50v28", "PR", "trg-pr newl-no ovr-pr"),
    _one("viable-pr-above", PR, "50v40", "50v28.1", "SD", "trg-sd ovr-sd"),
    _one("viable-pr-below", PR, "50v40", "50v27.9", "PR", "trg-pr ovr-pr"),
    _one("whole-shrinks-viable-stays", VIABLE, "50v40", "30v39", "SD", "trg-sd ovr-sd"),
    _one("viable-pd-on", PD, "50v40", "50v48", "PD", "trg-pd newl-no ovr-target-pd"),
    _one("viable-pd-below", PD, "50v40", "50v47.9", "SD", "trg-sd ovr-sd"),
    _one("viable-pd-above", PD, "50v40", "50v48.1", "PD", "trg-pd ovr-target-pd"),
    _one("pd-without-5-mm", PD + "; no least length", "30v15", "30v18", "PD", "trg-pd"),
    Scenario(
        "regrowth-from-nothing",
        PD + "; from a smallest sum of nothing any growth, unless it was a complete response",
        "T1 NT1",
        (
            (0, "T1=30v20 NT1=PRESENT"),
            (42, "T1=30v0 NT1=PRESENT", "PR", "trg-cr ntrg-non-cr-non-pd ovr-cr-non-target-left"),
            (84, "T1=30v0 NT1=PRESENT", "PR", "trg-cr ovr-cr-non-target-left"),
            (126, "T1=30v3 NT1=PRESENT", "PD", "trg-pd ovr-target-pd"),
        ),
    ),
    _one("no-enhancement-left", CR, "50v40", "50v0", "CR", "trg-cr newl-no ovr-cr"),
    _one("a-little-enhancement-left", CR, "50v40", "50v1", "PR", "trg-pr ovr-pr"),
    _one("whole-gone", CR, "50v40", "ABSENT", "CR", "trg-cr ovr-cr"),
    _one("viable-part-not-measured", VIABLE, "50v40", "50", "NE", "trg-not-assessed ovr-ne"),
    Scenario(
        "without-a-viable-part",
        VIABLE + "; a lesion without enhancement is followed by its whole size",
        "T1 T2",
        (
            (0, "T1=50v30 T2=30"),
            (42, "T1=50v20 T2=22", "PR", "trg-pr newl-no ovr-pr"),
            (84, "T1=50v20 T2=22.1", "PR", "trg-pr-kept"),
        ),
    ),
    *(
        Scenario(
            f"hilar-node-{short}",
            NODE,
            "T1 T2h",
            ((0, "T1=50v40 T2=30"), (42, f"T1=50v0 T2={short}", overall, rules)),
        )
        for short, overall, rules in (
            ("19.9", "CR", "trg-cr ovr-cr"),
            ("20", "PR", "trg-pr ovr-pr"),
            ("20.1", "PR", "trg-pr ovr-pr"),
        )
    ),
    Scenario(
        "node-elsewhere",
        NODE + "; elsewhere as RECIST 1.1",
        "T1 T2n",
        ((0, "T1=50v40 T2=30"), (42, "T1=50v0 T2=19.9", "PR", "trg-pr ovr-pr")),
    ),
    *(
        Scenario(
            f"split-viable-{case}",
            VIABLE + "; the viable parts of fragments are added",
            "T1",
            ((0, "T1=50v40"), (42, f"T1.1=30v15 T1.2=10v{second}", overall, rules)),
        )
        for case, second, overall, rules in (
            ("on", "13", "PR", "trg-pr ovr-pr"),
            ("below", "12.9", "PR", "trg-pr ovr-pr"),
            ("above", "13.1", "SD", "trg-sd ovr-sd"),
        )
    ),
    Scenario(
        "treated-on-study",
        "EORTC Q&A: a lesion treated locally is no longer part of the assessment, our reading",
        "T1 T2",
        (
            (0, "T1=50v40 T2=30v20"),
            (42, "T1=TREATED T2=30v10", "NE", "trg-treated ovr-ne"),
            (84, "T1=50v0 T2=30v0", "NE", "trg-treated ovr-ne"),
        ),
    ),
    Scenario(
        "thrombus-progresses",
        THROMBUS,
        "T1 NT1",
        (
            (0, "T1=50v40 NT1=PRESENT"),
            (42, "T1=50v20 NT1=UNEQUIVOCAL", "PD", "trg-pr ntrg-pd ovr-non-target-pd"),
        ),
    ),
    Scenario(
        "thrombus-loses-enhancement",
        THROMBUS,
        "T1 NT1",
        (
            (0, "T1=50v40 NT1=PRESENT"),
            (42, "T1=50v0 NT1=ABSENT", "CR", "trg-cr ntrg-cr ovr-cr"),
        ),
    ),
    *(
        Scenario(
            f"new-in-liver-{length}",
            NEW,
            "T1",
            ((0, "T1=50v40"), (42, f"T1=50v40 NL1=SEEN NL1={length}", overall, rules)),
        )
        for length, overall, rules in (
            ("9.9", "SD", "newl-equivocal ovr-sd"),
            ("10", "PD", "newl-yes ovr-new-lesion"),
            ("10.1", "PD", "newl-yes ovr-new-lesion"),
        )
    ),
    Scenario(
        "new-in-liver-confirmed",
        NEW + "; dated at the first detection",
        "T1",
        (
            (0, "T1=50v40"),
            (42, "T1=50v40 NL1=SEEN NL1=8", "PD", "newl-confirmed-later ovr-new-lesion"),
            (84, "T1=50v40 NL1=12", "PD", "newl-yes ovr-new-lesion"),
        ),
        {"PD": "Y@42 pd"},
    ),
    Scenario(
        "atypical-in-liver-grows",
        NEW + "; an atypical nodule counts once it has grown by 10 mm",
        "T1",
        (
            (0, "T1=50v40"),
            (42, "T1=50v40 NL1=SEEN NL1=12 NL1=EQUIVOCAL", "PD", "newl-confirmed-later"),
            (84, "T1=50v40 NL1=22 NL1=EQUIVOCAL", "PD", "newl-yes ovr-new-lesion"),
        ),
    ),
    Scenario(
        "atypical-in-liver-stays",
        NEW + "; an atypical nodule that grows by less stays equivocal",
        "T1",
        (
            (0, "T1=50v40"),
            (42, "T1=50v40 NL1=SEEN NL1=12 NL1=EQUIVOCAL", "SD", "newl-equivocal ovr-sd"),
            (84, "T1=50v40 NL1=21.9 NL1=EQUIVOCAL", "SD", "newl-equivocal ovr-sd"),
        ),
    ),
    Scenario(
        "new-outside-the-liver",
        NEW + "; outside the liver as RECIST 1.1",
        "T1",
        ((0, "T1=50v40"), (42, "T1=50v40 N1=SEEN N1=6", "PD", "newl-yes ovr-new-lesion")),
    ),
)
