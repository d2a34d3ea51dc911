"""The texts that records of ADRS are made of, as lists where the engine profits from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.derive.controlled_at import OTHERWISE, RULES
from hepatica.derive.criteria.verdicts import Criteria, Verdict, all_verdicts, told
from hepatica.derive.lesion_records import LazyFrame
from hepatica.derive.lists import list_of
from hepatica.derive.visit_response import CODED_ID, CODED_RULE
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol

#: Parameters and their labels.
PARAMETERS = {
    "OVR": "Overall response",
    "TRG": "Target response",
    "NTRG": "Non-target response",
    "NEWL": "New lesion",
    "BOR": "Best overall response (confirmation not required)",
    "CBOR": "Best overall response (confirmed)",
    "RSP": "Response (confirmation not required)",
    "CRSP": "Response (confirmed)",
    "CB": "Clinical benefit (confirmation not required)",
    "CCB": "Clinical benefit (confirmed)",
    "PD": "Disease progression",
    "DEATH": "Death",
    "LSTA": "Last disease assessment",
    "MDIS": "Measurable disease at baseline",
}
PD = Verdict("pd", "Y", {"OVR": "PD"}, "The first visit that shows progression.",
             "RECIST 1.1, 4.3")  # fmt: skip
CONFIRMED_PD = Verdict(
    "pd-block",
    "Y",
    {"OVR": ["UPD", "PD"]},
    "The first progression of the visits that end in confirmed progression; where none is "
    "confirmed, of those that no disease control followed.",
    "iRECIST, Table 3; not confirmed: our reading",
)
#: AVALC, RULEID and RULE where no visit decides.
NO_VISIT = ("MISSING", "no-visit", "No tumour assessment after the start counts.")
NO_VISIT_NE = ("NE", *NO_VISIT[1:])
NO = ("N", "none", "No visit that counts shows it.")
#: RULEID and RULE of records that follow from no verdict.
LAST = ("last", "The last tumour assessment, whatever it showed.")
DEATH = ("death", "Death from any cause.")
MEASURABLE = ("measurable", "Target lesions were chosen before treatment. [RECIST 1.1, 4.2]")
CODED = (CODED_ID, CODED_RULE)

_SOURCES = {
    "SRCDOM": ("TU", "TR", "RS", "ADSL"),
    "SRCVAR": ("TUORRES", "TRSTRESC", "TRSTRESN", "TRGRPID", "RSSTRESC", "DTHDT"),
}


def text_kinds(
    frame: LazyFrame, criteria: Criteria, protocol: Protocol, *, coded: bool
) -> Mapping[str, Any]:
    """Return the type of each text column of ADRS whose texts are known before it is derived.

    Lists where subjects are numbers, as they are while all readings of a study are derived.

    Parameters
    ----------
    frame : frame
        Of the engine that derives.
    criteria : Criteria
        Their verdicts and words.
    protocol : Protocol
        Endpoints with a parameter of their own.
    coded : bool
        Whether responses are taken as recorded; they may then be any word.
    """
    texts = told((*all_verdicts(criteria), *RULES, PD, CONFIRMED_PD))
    for value, rule, sentence in (NO_VISIT, NO_VISIT_NE, NO, OTHERWISE):
        texts["AVALC"].append(value)
        texts["RULEID"].append(rule)
        texts["RULE"].append(sentence)
    texts["AVALC"] += [*criteria.words.values(), *criteria.part_words.values(), "PD", "Y", "N"]
    for rule, sentence in (LAST, DEATH, MEASURABLE, CODED):
        texts["RULEID"].append(rule)
        texts["RULE"].append(sentence)
    at = [one for one in protocol.endpoints if isinstance(one, Response) and one.at is not None]
    texts["PARAMCD"] = [*PARAMETERS, *(one.parameter for one in at)]
    texts["PARAM"] = [*PARAMETERS.values(), *(one.label for one in at)]
    known = {**texts, **_SOURCES, "ANL01FL": ["Y"], "ANL02FL": ["Y"]}
    if not frame.collect_schema()["USUBJID"].is_integer():
        return dict.fromkeys(known, nw.String)  # a single call, whose records are wanted as texts
    kinds = {name: list_of(frame, values) for name, values in known.items()}
    return {**kinds, "AVALC": nw.String} if coded else kinds
