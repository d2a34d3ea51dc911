"""One subject per awkward lesion, with the expected records beside it; as `response_scenarios`.

``T1.1`` is a fragment of T1, ``T1/T2`` are T1 and T2 grown together, TREATED was treated locally.
"""

from __future__ import annotations

from response_scenarios import LESIONS, Scenario

SMALL = "4.2: a target too small to measure is 5 mm; one that is measured counts as measured"
SPLIT = "Appendix II: the longest diameters of the fragments of a lesion are added"
MERGED = "Appendix II: lesions that merged have one longest diameter"
NODE = "4.3.1 and 4.3.2: the short axis of a node that is normal again stays in the sum"
PARTLY = "4.4.2: not all targets measured: NE, unless the rest alone is progression"
TREATED = "EORTC Q&A: a lesion treated locally is no longer part of the assessment"
DOUBT = "4.3.5: an equivocal new lesion that is confirmed dates progression at its first scan"


def _series(
    name: str, line: str, lesions: str, shown: str, *cases: tuple[str, str, str, str]
) -> tuple[Scenario, ...]:
    """Return a subject for each case: what is shown before, and the visit that is judged."""
    before = tuple((42 * n, part) for n, part in enumerate(shown.split(" | ")))
    return tuple(
        Scenario(
            f"{name}-{case}", line, lesions, (*before, (42 * len(before), now, overall, rules))
        )
        for case, now, overall, rules in cases
    )


EDGE_LESIONS = (
    *_series(
        "small", SMALL, "T1 T2", "T1=20 T2=10",
        ("on", "T1=16 T2=TOO", "PR", "trg-pr ovr-pr"),
        ("below", "T1=15.9 T2=TOO", "PR", "trg-pr ovr-pr"),
        ("above", "T1=16.1 T2=TOO", "SD", "trg-sd ovr-sd"),
        ("measured", "T1=16.1 T2=4.9", "PR", "trg-pr ovr-pr"),
        ("measured-above", "T1=16.2 T2=4.9", "SD", "trg-sd ovr-sd"),
    ),
    *_series(
        "small-regrows", SMALL, "T1 T2", "T1=20 T2=20 | T1=20 T2=TOO",
        ("on", "T1=20 T2=10", "PD", "trg-pd ovr-target-pd"),
        ("below", "T1=20 T2=9.9", "PR", "trg-pr-kept ovr-pr"),
        ("above", "T1=20 T2=10.1", "PD", "trg-pd ovr-target-pd"),
    ),
    *_series(
        "split", SPLIT, "T1 T2", "T1=50 T2=30",
        ("pr-on", "T1.1=16 T1.2=10 T2=30", "PR", "trg-pr ovr-pr"),
        ("pr-below", "T1.1=16 T1.2=9.9 T2=30", "PR", "trg-pr ovr-pr"),
        ("pr-above", "T1.1=16 T1.2=10.1 T2=30", "SD", "trg-sd ovr-sd"),
        ("pd-on", "T1.1=36 T1.2=30 T2=30", "PD", "trg-pd newl-no ovr-target-pd"),
        ("pd-below", "T1.1=36 T1.2=29.9 T2=30", "SD", "trg-sd ovr-sd"),
        ("pd-above", "T1.1=36 T1.2=30.1 T2=30", "PD", "trg-pd ovr-target-pd"),
        ("gone", "T1.1=0 T1.2=ABSENT T2=0", "CR", "trg-cr ovr-cr"),
        ("too-small", "T1.1=TOO T1.2=TOO T2=46", "PR", "trg-pr ovr-pr"),
        ("too-small-above", "T1.1=TOO T1.2=TOO T2=46.1", "SD", "trg-sd ovr-sd"),
    ),
    *_series(
        "fragment", SPLIT, "T1 T2", "T1=50 T2=30 | T1.1=16 T1.2=10 T2=10",
        ("left-out", "T1.1=16 T2=10", "NE", "trg-missing ovr-ne"),
        ("not-done", "T1.1=16 T1.2=ND T2=10", "NE", "trg-missing ovr-ne"),
        ("gone", "T1.1=16 T1.2=0 T2=10", "PR", "trg-pr ovr-pr"),
        ("one-more", "T1.1=16 T1.2=7 T1.3=10.2 T2=10", "PD", "trg-pd ovr-target-pd"),
        ("one-more-below", "T1.1=16 T1.2=7 T1.3=10.1 T2=10", "PR", "trg-pr ovr-pr"),
        ("others-on", "T1.1=33.2 T1.2=ND T2=10", "PD", "trg-pd-measured-part"),
        ("others-below", "T1.1=33.1 T1.2=ND T2=10", "NE", "trg-missing ovr-ne"),
        ("rejoined", "T1=33.1 T2=10", "PR", "trg-pr ovr-pr"),
        ("rejoined-grown", "T1=33.2 T2=10", "PD", "trg-pd ovr-target-pd"),
        ("beside-the-whole", "T1=30 T1.1=16 T1.2=10 T2=10", "PR", "trg-pr ovr-pr"),
    ),
    *_series(
        "node-split", SPLIT + "; each fragment of a node is normal below 10 mm",
        "T1n T2", "T1=30 T2=20",
        ("below", "T1.1=9.9 T1.2=9 T2=0", "CR", "trg-cr ovr-cr"),
        ("on", "T1.1=10 T1.2=9 T2=0", "PR", "trg-pr ovr-pr"),
        ("above", "T1.1=10.1 T1.2=9 T2=0", "PR", "trg-pr ovr-pr"),
    ),
    *_series(
        "called-like-fragments", SPLIT + "; a name alone makes no fragment",
        "T1.1 T1.2", "T1.1=50 T1.2=30",
        ("one-missing", "T1.1=40", "NE", "trg-missing ovr-ne"),
        ("both", "T1.1=40 T1.2=16", "PR", "trg-pr ovr-pr"),
    ),
    *_series(
        "merged", MERGED, "T1 T2 T3", "T1=30 T2=20 T3=30",
        ("pr-on", "T1/T2=26 T3=30", "PR", "trg-pr ovr-pr"),
        ("pr-below", "T1/T2=25.9 T3=30", "PR", "trg-pr ovr-pr"),
        ("pr-above", "T1/T2=26.1 T3=30", "SD", "trg-sd ovr-sd"),
        ("pd-on", "T1/T2=66 T3=30", "PD", "trg-pd newl-no ovr-target-pd"),
        ("pd-below", "T1/T2=65.9 T3=30", "SD", "trg-sd ovr-sd"),
        ("pd-above", "T1/T2=66.1 T3=30", "PD", "trg-pd ovr-target-pd"),
        ("gone", "T1/T2=0 T3=0", "CR", "trg-cr ovr-cr"),
        ("not-done", "T1/T2=ND T3=30", "NE", "trg-missing ovr-ne"),
        ("all-three", "T1/T2/T3=56", "PR", "trg-pr ovr-pr"),
        ("all-three-above", "T1/T2/T3=56.1", "SD", "trg-sd ovr-sd"),
    ),
    *_series(
        "merged-with-non-target", MERGED + "; with the target", "T1 NT1", "T1=20 NT1=PRESENT",
        ("on", "NT1/T1=14", "PR", "trg-pr ovr-pr"),
        ("above", "NT1/T1=14.1", "SD", "trg-sd ovr-sd"),
        ("below", "NT1/T1=13.9", "PR", "trg-pr ovr-pr"),
    ),
    *_series(
        "merged-non-targets", MERGED, "T1 NT1 NT2", "T1=20 NT1=PRESENT NT2=PRESENT",
        ("left", "T1=0 NT1/NT2=PRESENT", "PR", "trg-cr ntrg-non-cr-non-pd"),
        ("gone", "T1=0 NT1/NT2=ABSENT", "CR", "trg-cr ntrg-cr ovr-cr"),
        ("worse", "T1=0 NT1/NT2=UNEQUIVOCAL", "PD", "ntrg-pd ovr-non-target-pd"),
    ),
    *_series(
        "fragment-merges", MERGED + "; " + SPLIT, "T1 T2", "T1=30 T2=20 | T1.1=10 T1.2=10 T2=20",
        ("on", "T1.1=10 T1.2/T2=25", "PR", "trg-pr ovr-pr"),
        ("above", "T1.1=10 T1.2/T2=25.1", "SD", "trg-sd ovr-sd"),
        ("below", "T1.1=10 T1.2/T2=24.9", "PR", "trg-pr ovr-pr"),
    ),
    *_series(
        "normal-node", NODE, "T1 T2n", "T1=40 T2=20",
        ("on", "T1=35 T2=7", "PR", "trg-pr ovr-pr"),
        ("above", "T1=35.1 T2=7", "SD", "trg-sd ovr-sd"),
        ("below", "T1=34.9 T2=7", "PR", "trg-pr ovr-pr"),
    ),
    *_series(
        "partly", PARTLY, "T1 T2", "T1=40 T2=20",
        ("on", "T1=72 T2=ND", "PD", "trg-pd-measured-part ovr-target-pd"),
        ("above", "T1=72.1 T2=ND", "PD", "trg-pd-measured-part ovr-target-pd"),
        ("below", "T1=71.9 T2=ND", "NE", "trg-missing ovr-ne"),
    ),
    *_series(
        "treated", TREATED, "T1 T2", "T1=40 T2=20 | T1=20 T2=10 | T1=TREATED T2=10",
        ("gone", "T1=0 T2=0", "NE", "trg-treated ovr-ne"),
        ("grown", "T1=90 T2=10", "NE", "trg-treated ovr-ne"),
        ("left-out", "T2=10", "NE", "trg-treated ovr-ne"),
        ("others-on", "T1=0 T2=36", "PD", "trg-pd-measured-part ovr-target-pd"),
        ("others-below", "T1=0 T2=35.9", "NE", "trg-treated ovr-ne"),
        ("others-above", "T1=0 T2=36.1", "PD", "trg-pd-measured-part ovr-target-pd"),
        ("new", "T1=0 T2=10 N1=UNEQUIVOCAL", "PD", "trg-treated newl-yes ovr-new-lesion"),
    ),
    *_series(
        "treated-now", TREATED, "T1 T2", "T1=40 T2=20",
        ("with-a-length", "T1=10 T1=TREATED T2=10", "NE", "trg-treated ovr-ne"),
        ("both", "T1=TREATED T2=TREATED", "NE", "trg-treated ovr-ne"),
    ),
    *_series(
        "treated-before", TREATED + "; from the first dose on", "T1 T2", "T1=40 T1=TREATED T2=20",
        ("then-pr", "T1=32 T2=10", "PR", "trg-pr ovr-pr"),
    ),
    *_series(
        "treated-non-target", TREATED, "T1 NT1", "T1=20 NT1=PRESENT | T1=20 NT1=TREATED",
        ("then-cr", "T1=0 NT1=ABSENT", "PR", "trg-cr ntrg-treated ovr-cr-non-target-ne"),
        ("then-worse", "T1=14 NT1=UNEQUIVOCAL", "PR", "trg-pr ntrg-treated ovr-pr"),
    ),
    Scenario(
        "equivocal-then-gone", DOUBT, "T1",
        (
            (0, "T1=20"), (42, "T1=20 N1=EQUIVOCAL", "SD", "newl-equivocal ovr-sd"),
            (84, "T1=20 N1=ABSENT", "SD", "newl-no ovr-sd"),
        ),
        {"PD": "N none", "BOR": "SD@42 bor-sd"},
    ),
    Scenario(
        "equivocal-twice-then-sure", DOUBT, "T1",
        (
            (0, "T1=20"), (42, "T1=20 N1=EQUIVOCAL", "PD", "newl-confirmed-later ovr-new-lesion"),
            (84, "T1=20 N1=EQUIVOCAL", "PD", "newl-confirmed-later ovr-new-lesion"),
            (126, "T1=20 N1=UNEQUIVOCAL", "PD", "newl-yes ovr-new-lesion"),
        ),
        {"PD": "Y@42 pd", "BOR": "PD@42 bor-pd"},
    ),
    Scenario(
        "equivocal-beside-another", DOUBT + "; only its own scan confirms it", "T1",
        (
            (0, "T1=20"), (42, "T1=20 N1=EQUIVOCAL", "SD", "newl-equivocal ovr-sd"),
            (84, "T1=20 N1=EQUIVOCAL N2=UNEQUIVOCAL", "PD", "newl-yes ovr-new-lesion"),
        ),
        {"PD": "Y@84 pd", "BOR": "SD@42 bor-sd"},
    ),
    Scenario(
        "new-lesion-splits", SPLIT + "; the fragments of a new lesion are no further lesions", "T1",
        (
            (0, "T1=20"), (42, "T1=20 N1=12", "PD", "newl-yes ovr-new-lesion"),
            (84, "T1=20 N1.1=6 N1.2=5", "PD", "newl-yes ovr-new-lesion"),
        ),
        {"PD": "Y@42 pd"},
    ),
)  # fmt: skip
ALL_LESIONS = (*LESIONS, *EDGE_LESIONS)
