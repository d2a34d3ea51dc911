"""One subject per line of iRECIST, with the expected records beside it; as `response_scenarios`."""

from __future__ import annotations

from response_scenarios import Coded, Scenario

FIRST = "Table 2, first time: progression by RECIST 1.1 is unconfirmed"
SUM = "Table 2: confirmed by a sum at least 5 mm above that of the unconfirmed progression"
SOON = "FAQ: a scan less than 4 weeks later (2 days of variance) cannot confirm"
NON_TARGET = "Table 2: confirmed by any further growth of non-target lesions"
NEW = "Table 2: confirmed by more new lesions, or their sum at least 5 mm larger"
OTHER = "FAQ: progression in another category confirms"
RESET = "Reset: disease control after it drops an unconfirmed progression"
KEPT = "FAQ: a new lesion that persists does not block a response of the other lesions"
BEST = "Table 3"


def _sums(name: str, line: str, third: str, overall: str, rule: str, on: int = 84) -> Scenario:
    """Target progression on day 42, and a third sum."""
    visits = ((0, "T1=100"), (42, "T1=120", "iUPD", "iupd-first"), (on, third, overall, rule))
    return Scenario(name, line, "T1", visits)


def _with_other(name: str, line: str, now: str, overall: str, rule: str) -> Scenario:
    """Non-target progression on day 42, and a later visit."""
    visits = (
        (0, "T1=100 NT1=PRESENT"),
        (42, "T1=100 NT1=UNEQUIVOCAL", "iUPD", "ntrg-pd iupd-first"),
        (84, now, overall, rule),
    )
    return Scenario(name, line, "T1 NT1", visits)


def _with_new(name: str, line: str, now: str, overall: str, rule: str) -> Scenario:
    """A new lesion of 8 mm on day 42, and a later visit."""
    visits = (
        (0, "T1=100"),
        (42, "T1=80 N1=8", "iUPD", "newl-yes iupd-first"),
        (84, now, overall, rule),
    )
    return Scenario(name, line, "T1", visits)


IRECIST_LESIONS = (
    _sums("sum-on", SUM, "T1=125", "iCPD", "icpd-sum"),
    _sums("sum-below", SUM, "T1=124.9", "iUPD", "iupd-still"),
    _sums("sum-above", SUM, "T1=125.1", "iCPD", "icpd-sum"),
    _sums("day-25", SOON, "T1=140", "iUPD", "iupd-soon", on=67),
    _sums("day-26", SOON, "T1=140", "iCPD", "icpd-sum", on=68),
    _sums("day-27", SOON, "T1=140", "iCPD", "icpd-sum", on=69),
    _sums("reset-by-stable-disease", RESET, "T1=119", "iSD", "ovr-sd"),
    _sums("reset-by-response", RESET, "T1=70", "iPR", "ovr-pr"),
    _sums("not-evaluable-between", FIRST, "T1=ND", "NE", "ovr-ne"),
    Scenario(
        "reset-and-confirmed-later",
        RESET + "; dated at the first of the visits that end in confirmation",
        "T1",
        (
            (0, "T1=100"),
            (42, "T1=120", "iUPD", "iupd-first"),
            (84, "T1=110", "iSD", "ovr-sd"),
            (126, "T1=121", "iUPD", "iupd-first"),
            (168, "T1=126", "iCPD", "icpd-sum"),
            (210, "T1=90", "iCPD", "icpd-before"),
        ),
        {"PD": "Y@126 pd-block", "BOR": "iSD@84 bor-sd"},
    ),
    Scenario(
        "confirmed-across-a-visit-not-evaluable",
        FIRST + "; a visit that is not evaluable leaves it open",
        "T1",
        (
            (0, "T1=100"),
            (42, "T1=120", "iUPD", "iupd-first"),
            (84, "T1=ND", "NE", "ovr-ne"),
            (126, "T1=125", "iCPD", "icpd-sum"),
        ),
        {"PD": "Y@42 pd-block", "BOR": "iCPD@126 bor-pd"},
    ),
    _with_other("non-target-further", NON_TARGET, "T1=100 NT1=FURTHER", "iCPD", "icpd-non-target"),
    _with_other("non-target-as-it-was", NON_TARGET, "T1=100 NT1=UNEQUIVOCAL", "iUPD", "iupd-still"),
    _with_other("non-target-better", RESET, "T1=100 NT1=PRESENT", "iSD", "ovr-sd"),
    _with_other("then-targets", OTHER, "T1=120 NT1=UNEQUIVOCAL", "iCPD", "icpd-other-part"),
    _with_other("then-new", OTHER, "T1=100 NT1=UNEQUIVOCAL N1=5", "iCPD", "icpd-other-part"),
    _with_new("new-larger-on", NEW, "T1=80 N1=13", "iCPD", "icpd-new"),
    _with_new("new-larger-below", NEW, "T1=80 N1=12.9", "iUPD", "iupd-still"),
    _with_new("new-larger-above", NEW, "T1=80 N1=13.1", "iCPD", "icpd-new"),
    _with_new("one-more-new", NEW, "T1=80 N1=8 N2=2", "iCPD", "icpd-new"),
    _with_new("then-targets-after-new", OTHER, "T1=110 N1=8", "iCPD", "icpd-other-part"),
    _with_new("response-with-new", KEPT, "T1=60 N1=8", "iPR", "ipr-kept"),
    _with_new("complete-with-new", KEPT, "T1=0 N1=8", "iCR", "icr-kept"),
    _with_new(
        "stable-with-new", KEPT + "; only when they shrink", "T1=78 N1=8", "iUPD", "iupd-still"
    ),
    _with_new("new-is-gone", RESET, "T1=80 N1=ABSENT", "iSD", "ovr-sd"),
)


def _coded(name: str, visits: str, best: str, progression: str) -> Coded:
    days = (42 * n for n in range(1, 9))
    shown = " ".join(f"{on}:{value}" for on, value in zip(days, visits.split(), strict=False))
    return Coded(name, BEST, shown, {"BOR": best, "PD": progression})


IRECIST_CODED = (
    _coded("cr-then-confirmed", "iCR iCR iSD iUPD iCPD", "iCR@42 bor-cr", "Y@168 pd-block"),
    _coded("forgotten-then-cr", "iUPD iPR iCR iCR", "iCR@126 bor-cr", "N none"),
    _coded("forgotten-then-pr", "iUPD iPR iSD iSD", "iPR@84 bor-pr", "N none"),
    _coded("forgotten-then-sd", "iUPD iSD iSD iUPD", "iSD@84 bor-sd", "Y@168 pd-block"),
    _coded("confirmed-at-once", "iUPD iCPD", "iCPD@84 bor-pd", "Y@42 pd-block"),
    _coded("confirmed-later", "iUPD iUPD iCPD", "iCPD@126 bor-pd", "Y@42 pd-block"),
    _coded("never-evaluated-again", "iUPD NE NE NE", "iUPD@42 bor-upd", "Y@42 pd-block"),
    _coded(
        "second-block-confirmed",
        "iSD iSD iUPD iPR iPR iUPD iCPD",
        "iPR@168 bor-pr",
        "Y@252 pd-block",
    ),
    _coded(
        "no-targets",
        "NON-iCR/NON-iUPD iUPD iCPD",
        "NON-iCR/NON-iUPD@42 bor-non-cr-non-pd",
        "Y@84 pd-block",
    ),
)
