"""Best response by RECIST 1.1, as tables of verdicts that other criteria share.

Source: Eisenhauer 2009, doi 10.1016/j.ejca.2008.10.026, section 4.4 and Table 3.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hepatica.derive.criteria.verdicts import Confirmed, Verdict

_STABLE = ["CR", "PR", "SD"]

BEST = (
    Verdict(
        "bor-cr", "CR", {"OVR": "CR"}, "A complete response at any visit.", "RECIST 1.1, 4.4.1"
    ),
    Verdict("bor-pr", "PR", {"OVR": "PR"}, "A partial response at any visit.", "RECIST 1.1, 4.4.1"),
    Verdict(
        "bor-sd",
        "SD",
        {"OVR": "SD", "LASTED": True},
        "Stable disease for at least the time that the protocol asks for.",
        "RECIST 1.1, 4.4.1 and 4.7.3",
    ),
    Verdict(
        "bor-non-cr-non-pd",
        "NON-CR/NON-PD",
        {"OVR": "NON-CR/NON-PD", "LASTED": True},
        "Only non-target lesions, left without progression for at least the time that stable "
        "disease has to last.",
        "RECIST 1.1, Table 2",
    ),
    Verdict("bor-pd", "PD", {"OVR": "PD"}, "Progression, and nothing better.", "RECIST 1.1, 4.4.1"),
    Verdict(
        "bor-ne",
        "NE",
        {"COUNTS": True},
        "No visit could be evaluated, or stable disease did not last long enough.",
        "RECIST 1.1, 4.4.1 and 4.4.2",
    ),
)

_CONFIRMED_CR = {"OVR": "CR", "CONFIRMED_CR": True}
_CONFIRMED_PR = {"OVR": "PR", "CONFIRMED_PR": True}
_LASTING = {"OVR": [*_STABLE, "NON-CR/NON-PD"], "LASTED": True}
_BEFORE_CR = {"any": [{"OVR": "CR"}, {"AFTER_CR": False}]}

RESPONSE = (
    Verdict("rsp", "Y", {"OVR": ["CR", "PR"]}, "A response at any visit.", "RECIST 1.1, 4.4.1"),
)
_BENEFIT_STABLE = Verdict(
    "cb-stable",
    "Y",
    _LASTING,
    "Disease control for at least the time that stable disease has to last.",
    "RECIST 1.1, 4.7.3",
)
BENEFIT = (
    Verdict("cb-response", "Y", {"OVR": ["CR", "PR"]}, "A response.", "RECIST 1.1, 4.4.1"),
    _BENEFIT_STABLE,
)


def _confirmed(
    pr: dict[str, Any], sd: dict[str, Any], unconfirmed: tuple[Verdict, ...]
) -> Confirmed:
    """Return the tables of one reading: which PR and SD count, and what early ones come to."""
    line = "RECIST 1.1, Table 3"
    response = {"any": [_CONFIRMED_CR, pr]}
    best = (
        Verdict(
            "cbor-cr",
            "CR",
            _CONFIRMED_CR,
            "A complete response that a later visit confirmed.",
            f"{line}, CR then CR",
        ),
        Verdict(
            "cbor-pr",
            "PR",
            pr,
            "A partial response that a later partial or complete response confirmed.",
            f"{line}, PR then CR or PR",
        ),
        Verdict(
            "cbor-sd",
            "SD",
            sd,
            "Stable disease or an unconfirmed response, for at least the time that stable disease "
            "has to last.",
            f"{line}, SD provided the minimum duration is met",
        ),
        *(one for one in unconfirmed if one.then == "SD"),
        Verdict(
            "cbor-non-cr-non-pd",
            "NON-CR/NON-PD",
            {"OVR": "NON-CR/NON-PD", "LASTED": True},
            "Only non-target lesions, left without progression for at least the time that stable "
            "disease has to last.",
            "RECIST 1.1, Table 2",
        ),
        Verdict(
            "cbor-pd",
            "PD",
            {"OVR": "PD"},
            "Progression, and no confirmed response or lasting stable disease before it.",
            f"{line}, otherwise PD",
        ),
        *(one for one in unconfirmed if one.then == "PD"),
        Verdict(
            "cbor-ne",
            "NE",
            {"COUNTS": True},
            "No visit could be evaluated, or an unconfirmed response or stable disease did not "
            "last long enough.",
            f"{line}, otherwise NE",
        ),
    )
    return Confirmed(
        best=best,
        response=(
            Verdict("crsp", "Y", response, "A response that a later visit confirmed.", line),
        ),
        benefit=(
            Verdict("ccb-response", "Y", response, "A confirmed response.", line),
            replace(_BENEFIT_STABLE, id="ccb-stable"),
        ),
    )


#: Table 3 as printed: disease after a complete response is progression, so a PR or SD after it
#: counts for nothing better; a PR that turns out to be SD is SD.
TABLE_3 = _confirmed(
    pr={"all": [_CONFIRMED_PR, {"AFTER_CR": False}]},
    sd={"all": [{"OVR": _STABLE, "LASTED": True}, _BEFORE_CR]},
    unconfirmed=(
        Verdict(
            "cbor-pr-then-sd",
            "SD",
            {"OVR": "PR", "NEXT": "SD", "AFTER_CR": False},
            "A partial response that the next visit showed to be stable disease.",
            "RECIST 1.1, Table 3, PR then SD",
        ),
        Verdict(
            "cbor-after-cr",
            "PD",
            {"OVR": ["SD", "PR"], "AFTER_CR": True},
            "Disease again after a complete response that did not last as long as stable disease "
            "has to.",
            "RECIST 1.1, Table 3, CR then SD or PR, otherwise PD",
        ),
    ),
)
#: As the R package admiralonco reads it: whatever comes after, an unconfirmed response is SD when
#: it lasted, and not evaluable when it did not.
ADMIRAL = _confirmed(pr=_CONFIRMED_PR, sd={"OVR": _STABLE, "LASTED": True}, unconfirmed=())
