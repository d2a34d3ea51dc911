"""One subject per rule, written as a clinician's table, with the expected records beside it.

A lesion is T1 (target), NT1 (non-target) or N1 (new); a small n behind it marks a lymph node. What
a visit shows of it is a length in mm (the longest diameter, or the short axis of a lymph node), a
state, ND for not done, TOO for too small to measure, or SEEN for a new lesion that is identified
and not described. ``T1=20@45`` was scanned on day 45. Day 0 is the first dose.

What is expected of a visit is the overall response and the rules, of its parts and of the whole.
What is expected of a subject is ``value@day rule``, without ``@day`` when there is no date.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Visit = tuple[int, str] | tuple[int, str, str, str]


@dataclass(frozen=True)
class Scenario:
    """A subject with lesions: the guideline line, the lesions, the visits and what follows."""

    name: str
    line: str
    lesions: str
    visits: tuple[Visit, ...]
    subject: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Coded:
    """A subject whose visit responses are recorded."""

    name: str
    line: str
    visits: str
    subject: dict[str, str]
    therapy: int | None = None


def _one(name: str, line: str, before: str, now: str, overall: str, rules: str) -> Scenario:
    """One target lesion: baseline, one visit."""
    return Scenario(name, line, "T1", ((0, f"T1={before}"), (42, f"T1={now}", overall, rules)))


def _two(name: str, line: str, lengths: str, overall: str, rules: str) -> Scenario:
    """One target lesion: baseline, a smaller sum, and the visit that is judged."""
    before, least, now = lengths.split()
    visits = ((0, f"T1={before}"), (42, f"T1={least}"), (84, f"T1={now}", overall, rules))
    return Scenario(name, line, "T1", visits)


PR = "4.3.1 PR: at least a 30% decrease in the sum, taking baseline as reference"
PD = "4.3.1 PD: at least a 20% increase over the smallest sum, and at least 5 mm"
CR = "4.3.1 CR: all target lesions gone, any pathological node below 10 mm short axis"
MISSING = "4.4.2 one target not measured: NE, unless the rest alone is progression (50 to 80 mm)"
AFTER_CR = "Table 3, footnote a: any disease after a true CR is PD"

LESIONS = (
    _one("pr-on", PR, "100", "70.0", "PR", "trg-pr newl-no ovr-pr"),
    _one("pr-tenth-below", PR, "100", "69.9", "PR", "trg-pr ovr-pr"),
    _one("pr-tenth-above", PR, "100", "70.1", "SD", "trg-sd ovr-sd"),
    _one("pr-hundredth-below", PR, "100", "69.99", "PR", "trg-pr ovr-pr"),
    _one("pr-hundredth-above", PR, "100", "70.01", "SD", "trg-sd ovr-sd"),
    _one("pr-on-90", PR, "90", "63", "PR", "trg-pr ovr-pr"),
    _one("pr-on-170", PR, "170", "119", "PR", "trg-pr ovr-pr"),
    Scenario(
        "pr-on-three-lesions",
        PR,
        "T1 T2 T3",
        ((0, "T1=10.1 T2=20.2 T3=29.7"), (42, "T1=10.1 T2=10.2 T3=21.7", "PR", "trg-pr ovr-pr")),
    ),
    _two("pd-5-mm-on", PD, "25 20 25.0", "PD", "trg-pd newl-no ovr-target-pd"),
    _two("pd-5-mm-tenth-below", PD, "25 20 24.9", "SD", "trg-sd ovr-sd"),
    _two("pd-5-mm-tenth-above", PD, "25 20 25.1", "PD", "trg-pd ovr-target-pd"),
    _two("pd-5-mm-hundredth-below", PD, "25 20 24.99", "SD", "trg-sd ovr-sd"),
    _two("pd-5-mm-hundredth-above", PD, "25 20 25.01", "PD", "trg-pd ovr-target-pd"),
    _one("pd-20-percent-on", PD, "100", "120.0", "PD", "trg-pd ovr-target-pd"),
    _one("pd-20-percent-tenth-below", PD, "100", "119.9", "SD", "trg-sd ovr-sd"),
    _one("pd-20-percent-tenth-above", PD, "100", "120.1", "PD", "trg-pd ovr-target-pd"),
    _one("pd-20-percent-hundredth-below", PD, "100", "119.99", "SD", "trg-sd ovr-sd"),
    _one("pd-20-percent-hundredth-above", PD, "100", "120.01", "PD", "trg-pd ovr-target-pd"),
    _two("pd-over-nadir-not-baseline", PD, "100 50 60", "PD", "trg-pd ovr-target-pd"),
    *(
        Scenario(
            f"cr-node-{short}",
            CR,
            "T1 T2n",
            ((0, "T1=30 T2=20"), (42, f"T1=0 T2={short}", overall, rules)),
        )
        for short, overall, rules in (
            ("9.9", "CR", "trg-cr newl-no ovr-cr"), ("10.0", "PR", "trg-pr ovr-pr"),
            ("9.99", "CR", "trg-cr ovr-cr"), ("10.01", "PR", "trg-pr ovr-pr"),
            ("10.1", "PR", "trg-pr ovr-pr"),
        )
    ),
    Scenario(
        "cr-node-stays-normal",
        CR + "; a normal node that grows by 5 mm is still normal",
        "T1n",
        (
            (0, "T1=20"), (42, "T1=2", "CR", "trg-cr ovr-cr"),
            (84, "T1=9.5", "CR", "trg-cr ovr-cr"), (126, "T1=10", "PD", "trg-after-cr"),
        ),
    ),
    Scenario(
        "cr-with-a-lesion-not-measured",
        MISSING,
        "T1 T2",
        ((0, "T1=30 T2=20"), (42, "T1=0 T2=ND", "NE", "trg-missing newl-no ovr-ne")),
        {"BOR": "NE@42 bor-ne"},
    ),
    Scenario(
        "cr-with-a-lesion-left-out",
        MISSING,
        "T1 T2",
        ((0, "T1=30 T2=20"), (42, "T1=0", "NE", "trg-missing ovr-ne")),
    ),
    Scenario(
        "pd-without-baseline",
        "4.1 baseline: the sum to compare with",
        "T1",
        (
            (42, "T1=50", "NE", "trg-no-baseline newl-no ovr-ne"),
            (84, "T1=90", "NE", "trg-no-baseline ovr-ne"),
        ),
        {"PD": "N none", "BOR": "NE@42 bor-ne"},
    ),
    Scenario(
        "baseline-incomplete",
        "4.1 baseline: the sum to compare with",
        "T1 T2",
        ((0, "T1=50 T2=ND"), (42, "T1=90 T2=60", "NE", "trg-no-baseline ovr-ne")),
    ),
    Scenario(
        "baseline-last-complete-before-the-first-dose",
        "4.2 baseline sum",
        "T1 T2",
        (
            (-20, "T1=100 T2=100"), (-10, "T1=50 T2=50"), (-1, "T1=60 T2=ND"),
            (42, "T1=60 T2=60", "PD", "trg-pd ovr-target-pd"),
        ),
    ),
    Scenario(
        "measured-part-on",
        MISSING,
        "T1 T2",
        ((0, "T1=40 T2=20"), (42, "T1=72.0 T2=ND", "PD", "trg-pd-measured-part ovr-target-pd")),
    ),
    Scenario(
        "measured-part-tenth-below",
        MISSING,
        "T1 T2",
        ((0, "T1=40 T2=20"), (42, "T1=71.9 T2=ND", "NE", "trg-missing ovr-ne")),
    ),
    Scenario(
        "measured-part-50-to-80",
        MISSING,
        "T1 T2 T3",
        (
            (0, "T1=20 T2=20 T3=10"),
            (42, "T1=40 T2=40 T3=ND", "PD", "trg-pd-measured-part ovr-target-pd"),
        ),
    ),
    Scenario(
        "nothing-measured",
        "4.4.2 no measurement at all: NE",
        "T1 T2",
        ((0, "T1=40 T2=20"), (42, "T1=ND T2=ND", "NE", "trg-not-assessed ovr-ne")),
    ),
    Scenario(
        "incomplete-sum-is-no-nadir",
        PD,
        "T1 T2",
        (
            (0, "T1=40 T2=40"), (42, "T1=20 T2=ND", "NE", "trg-missing ovr-ne"),
            (84, "T1=40 T2=40", "SD", "trg-sd ovr-sd"),
        ),
    ),
    Scenario(
        "pr-kept",
        "EORTC Q&A: 100, 70, 80, 80 mm stays PR",
        "T1",
        (
            (0, "T1=100"), (42, "T1=70", "PR", "trg-pr ovr-pr"),
            (84, "T1=80", "PR", "trg-pr-kept ovr-pr"), (126, "T1=80", "PR", "trg-pr-kept ovr-pr"),
        ),
    ),
    Scenario(
        "pr-not-kept-after-pd",
        "EORTC Q&A; 4.3.1 PD",
        "T1",
        (
            (0, "T1=100"), (42, "T1=60", "PR", "trg-pr"), (84, "T1=80", "PD", "trg-pd"),
            (126, "T1=71", "SD", "trg-sd"),
        ),
        {"BOR": "PR@42 bor-pr", "PD": "Y@84 pd", "LSTA": "SD@126 last"},
    ),
    Scenario(
        "back-after-cr",
        AFTER_CR,
        "T1",
        (
            (0, "T1=20"), (42, "T1=0", "CR", "trg-cr ovr-cr"),
            (84, "T1=3", "PD", "trg-after-cr ovr-target-pd"),
        ),
        {"BOR": "CR@42 bor-cr", "CBOR": "SD@42 cbor-sd", "PD": "Y@84 pd"},
    ),
    Scenario(
        "nadir-0-below-5-mm",
        "EORTC Q&A: after target CR without overall CR the sum rule decides",
        "T1 NT1",
        (
            (0, "T1=20 NT1=PRESENT"),
            (42, "T1=0 NT1=PRESENT", "PR", "trg-cr ntrg-non-cr-non-pd ovr-cr-non-target-left"),
            (84, "T1=4.9 NT1=PRESENT", "PR", "trg-pr ntrg-non-cr-non-pd ovr-pr"),
        ),
    ),
    Scenario(
        "nadir-0-on-5-mm",
        "EORTC Q&A: after target CR without overall CR the sum rule decides",
        "T1 NT1",
        (
            (0, "T1=20 NT1=PRESENT"), (42, "T1=0 NT1=PRESENT", "PR", "ovr-cr-non-target-left"),
            (84, "T1=5.0 NT1=PRESENT", "PD", "trg-pd ovr-target-pd"),
        ),
    ),
    Scenario(
        "too-small-to-measure",
        "4.2: a lesion too small to measure is 5 mm",
        "T1 T2",
        (
            (0, "T1=10 T2=10"), (42, "T1=TOO T2=TOO", "PR", "trg-pr ovr-pr"),
            (84, "T1=TOO T2=ABSENT", "PR", "trg-pr ovr-pr"),
        ),
    ),
    Scenario(
        "not-target-progression",
        "4.3.3 PD: unequivocal progression; Table 1, line 8",
        "T1 NT1",
        (
            (0, "T1=20 NT1=PRESENT"),
            (42, "T1=10 NT1=UNEQUIVOCAL", "PD", "trg-pr ntrg-pd newl-no ovr-non-target-pd"),
        ),
    ),
    Scenario(
        "non-target-back-after-cr",
        AFTER_CR,
        "T1 NT1",
        (
            (0, "T1=20 NT1=PRESENT"), (42, "T1=0 NT1=ABSENT", "CR", "trg-cr ntrg-cr ovr-cr"),
            (84, "T1=0 NT1=PRESENT", "PD", "trg-cr ntrg-after-cr ovr-non-target-pd"),
        ),
    ),
    Scenario(
        "non-target-node-back-after-cr",
        "EORTC Q&A: a non-target node after CR needs unequivocal worsening",
        "T1 NT1n",
        (
            (0, "T1=20 NT1=12"), (42, "T1=0 NT1=9.9", "CR", "trg-cr ntrg-cr ovr-cr"),
            (84, "T1=0 NT1=10", "PR", "ntrg-non-cr-non-pd ovr-cr-non-target-left"),
        ),
    ),
    Scenario(
        "cr-non-target-not-assessed",
        "Table 1, line 3: CR, not evaluated, no new lesion: PR",
        "T1 NT1 NT2",
        (
            (0, "T1=20 NT1=PRESENT NT2=PRESENT"),
            (42, "T1=0 NT1=ABSENT NT2=ND", "PR", "trg-cr ntrg-missing ovr-cr-non-target-ne"),
        ),
    ),
    Scenario(
        "pr-non-target-not-assessed",
        "Table 1, line 4: PR, non-PD or not all evaluated, no new lesion: PR",
        "T1 NT1",
        ((0, "T1=20 NT1=PRESENT"), (42, "T1=10 NT1=ND", "PR", "trg-pr ntrg-missing ovr-pr")),
    ),
    Scenario(
        "only-non-target",
        "Table 2, lines 1 to 4",
        "NT1 NT2",
        (
            (0, "NT1=PRESENT NT2=PRESENT"),
            (42, "NT1=PRESENT NT2=ABSENT", "NON-CR/NON-PD", "ntrg-non-cr-non-pd "
             "newl-no ovr-non-target-left"),
            (84, "NT1=ABSENT NT2=ND", "NE", "ntrg-missing ovr-non-target-ne"),
            (126, "NT1=ABSENT NT2=ABSENT", "CR", "ntrg-cr ovr-non-target-cr"),
            (168, "NT1=UNEQUIVOCAL NT2=ABSENT", "PD", "ntrg-pd ovr-non-target-pd"),
        ),
        {"BOR": "CR@126 bor-cr", "MDIS": "N measurable", "PD": "Y@168 pd"},
    ),
    Scenario(
        "new-lesion",
        "Table 1, line 9: any, any, new lesion: PD",
        "T1",
        ((0, "T1=20"), (42, "T1=0 N1=UNEQUIVOCAL", "PD", "trg-cr newl-yes ovr-new-lesion")),
    ),
    Scenario(
        "new-lesion-only-identified",
        "4.3.5 a new lesion",
        "T1",
        ((0, "T1=20"), (42, "T1=20 N1=SEEN", "PD", "trg-sd newl-yes ovr-new-lesion")),
    ),
    Scenario(
        "new-lesion-equivocal",
        "4.3.5 an equivocal new lesion: treatment goes on",
        "T1",
        ((0, "T1=20"), (42, "T1=20 N1=EQUIVOCAL", "SD", "trg-sd newl-equivocal ovr-sd")),
    ),
    Scenario(
        "new-lesion-confirmed-later",
        "4.3.5 confirmed later: PD on the day of the first scan",
        "T1",
        (
            (0, "T1=20"), (42, "T1=20 N1=EQUIVOCAL", "PD", "newl-confirmed-later ovr-new-lesion"),
            (84, "T1=20 N1=UNEQUIVOCAL", "PD", "newl-yes ovr-new-lesion"),
        ),
        {"PD": "Y@42 pd", "BOR": "PD@42 bor-pd"},
    ),
    Scenario(
        "no-lesion-known",
        "4.3: nothing to compare with",
        "",
        ((42, "N1=EQUIVOCAL", "NE", "newl-equivocal ovr-no-lesion"),),
    ),
    Scenario(
        "scan-days-of-progression",
        "Progression is dated on the first scan day of the visit",
        "T1 T2",
        ((0, "T1=20 T2=20"), (42, "T1=30@40 T2=30@45", "PD", "trg-pd")),
        {"PD": "Y@40 pd", "BOR": "PD@40 bor-pd"},
    ),
    Scenario(
        "scan-days-of-response",
        "Anything else is dated on the last scan day of the visit",
        "T1 T2",
        ((0, "T1=20 T2=20"), (42, "T1=10@40 T2=10@45", "PR", "trg-pr")),
        {"RSP": "Y@45 rsp", "BOR": "PR@45 bor-pr", "MDIS": "Y measurable"},
    ),
)  # fmt: skip

PAIR = "Table 3"
CODED = (
    Coded("cr-confirmed-on-28", PAIR, "42:CR 70:CR",
          {"CBOR": "CR@42 cbor-cr", "CRSP": "Y@42 crsp", "CCB": "Y@42 ccb-response"}),
    Coded("cr-confirmed-day-early", PAIR, "42:CR 69:CR",
          {"CBOR": "SD@42 cbor-sd", "CRSP": "N none", "CCB": "Y@42 ccb-stable"}),
    Coded("cr-confirmed-day-late", PAIR, "42:CR 71:CR", {"CBOR": "CR@42 cbor-cr"}),
    Coded("pr-then-pr", PAIR, "42:PR 84:PR", {"CBOR": "PR@42 cbor-pr", "BOR": "PR@42 bor-pr"}),
    Coded("pr-then-cr", PAIR, "42:PR 84:CR", {"CBOR": "PR@42 cbor-pr", "BOR": "CR@84 bor-cr"}),
    Coded("one-ne-between", "4.4.3 and protocol: one NE between", "42:PR 84:NE 126:PR",
          {"CBOR": "PR@42 cbor-pr"}),
    Coded("two-ne-between", "4.4.3 and protocol: one NE between", "42:PR 84:NE 126:NE 168:PR",
          {"CBOR": "SD@42 cbor-sd"}),
    Coded("sd-between", PAIR, "42:PR 84:SD 126:PR", {"CBOR": "SD@42 cbor-sd"}),
    Coded("pr-then-sd-early", PAIR + ", PR then SD: SD", "21:PR 35:SD",
          {"CBOR": "SD@21 cbor-pr-then-sd", "BOR": "PR@21 bor-pr"}),
    Coded("cr-then-sd-early", PAIR + ", CR then SD: otherwise PD", "21:CR 35:SD",
          {"CBOR": "PD@35 cbor-after-cr", "BOR": "CR@21 bor-cr"}),
    Coded("cr-then-pr-lasted", PAIR + ", CR then PR: SD when it lasted", "42:CR 84:PR 126:PR",
          {"CBOR": "SD@42 cbor-sd", "CRSP": "N none"}),
    Coded("cr-then-pr-early", PAIR + ", CR then PR: otherwise PD", "21:CR 63:PR 105:PR",
          {"CBOR": "PD@63 cbor-after-cr", "CRSP": "N none"}),
    Coded("cr-then-pd", PAIR + ", CR then PD", "42:CR 84:PD", {"CBOR": "SD@42 cbor-sd"}),
    Coded("cr-then-pd-early", PAIR + ", CR then PD: otherwise PD", "21:CR 63:PD",
          {"CBOR": "PD@63 cbor-pd"}),
    Coded("pr-then-pd-early", PAIR + ", PR then PD: otherwise PD", "21:PR 63:PD",
          {"CBOR": "PD@63 cbor-pd", "CB": "Y@21 cb-response", "CCB": "N none"}),
    Coded("pr-then-ne-early", PAIR + ", PR then NE: otherwise NE", "21:PR 63:NE",
          {"CBOR": "NE@21 cbor-ne"}),
    Coded("sd-day-41", "4.7.3 SD from the start, 42 days", "41:SD",
          {"BOR": "NE@41 bor-ne", "CBOR": "NE@41 cbor-ne", "CB": "N none"}),
    Coded("sd-day-42", "4.7.3 SD from the start, 42 days", "42:SD",
          {"BOR": "SD@42 bor-sd", "CBOR": "SD@42 cbor-sd", "CB": "Y@42 cb-stable"}),
    Coded("sd-day-43", "4.7.3 SD from the start, 42 days", "43:SD", {"BOR": "SD@43 bor-sd"}),
    Coded("non-target-only", "Table 2", "42:NON-CR/NON-PD",
          {"BOR": "NON-CR/NON-PD@42 bor-non-cr-non-pd",
           "CBOR": "NON-CR/NON-PD@42 cbor-non-cr-non-pd", "CB": "Y@42 cb-stable"}),
    Coded("non-target-only-early", "Table 2", "41:NON-CR/NON-PD", {"BOR": "NE@41 bor-ne"}),
    Coded("sd-early-then-pd", "4.4.1", "21:SD 63:PD", {"BOR": "PD@63 bor-pd"}),
    Coded("only-ne", "4.4.2", "42:NE 84:NE", {"BOR": "NE@42 bor-ne", "CBOR": "NE@42 cbor-ne"}),
    Coded("no-visit", "No assessment after the start", "",
          {"BOR": "MISSING no-visit", "CBOR": "MISSING no-visit", "RSP": "N none", "PD": "N none"}),
    Coded("response-after-pd", "4.4.1 until progression", "42:PD 84:PR 126:PR",
          {"BOR": "PD@42 bor-pd", "RSP": "N none", "LSTA": "PR@126 last"}),
    Coded("response-after-therapy", "4.4.1 until further treatment", "42:SD 84:PR",
          {"BOR": "SD@42 bor-sd", "RSP": "N none"}, therapy=83),
    Coded("response-on-the-day-of-therapy", "4.4.1 until further treatment", "42:SD 84:PR",
          {"BOR": "PR@84 bor-pr", "RSP": "Y@84 rsp"}, therapy=84),
    Coded("pd-after-therapy", "Progression is dated whatever was given", "42:SD 84:PD",
          {"BOR": "SD@42 bor-sd", "PD": "Y@84 pd"}, therapy=50),
    Coded("two-on-a-day", "The worst of a day counts", "42:PR 42:PD",
          {"BOR": "PD@42 bor-pd", "RSP": "N none"}),
    Coded("before-the-start", "From the start of treatment", "-10:CR 42:SD",
          {"BOR": "SD@42 bor-sd"}),
)  # fmt: skip
