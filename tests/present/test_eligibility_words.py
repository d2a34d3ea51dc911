"""The paragraph on eligibility: criteria in the protocol's words, and what is not known."""

from __future__ import annotations

from hepatica.present.eligibility_words import eligibility_sentences
from hepatica.protocol.read import parse_protocol

STUDY = """
study: {id: S, title: T}
data: {tables: {ADSL: {file: a.csv}}}
arms: [{id: a, label: A}]
analysis_sets: [{like: full, id: full}]
variables: [{id: age, label: Age, column: AGE, kind: measured}]
analyses: [{id: baseline, kind: baseline, set: full, variables: [age]}]
"""
CRITERIA = """
eligibility:
  - {id: bclc, kind: inclusion, text: BCLC stage B or C, where: {BCLCBL: [B, C]}}
  - {id: adult, kind: inclusion, text: At least 18 years old, where: {AGE: {ge: 18}},
     unknown: included}
  - {id: brain, kind: exclusion, text: Brain metastases, where: {BRAIN: Y},
     unknown: Brain not imaged}
  - {id: consent, kind: inclusion, text: Written informed consent}
"""


def test_without_criteria_nothing_is_said() -> None:
    assert eligibility_sentences(parse_protocol(STUDY)) == ""


def test_criteria_missing_values_and_order() -> None:
    assert eligibility_sentences(parse_protocol(STUDY + CRITERIA.lstrip())) == (
        "Patients were eligible with: BCLC stage B or C; At least 18 years old; Written informed "
        "consent. Excluded were: Brain metastases. Records do not answer these criteria, which "
        "were judged by investigators: written informed consent. Patients of whom a criterion is "
        "not known are not included, but included where this is not known: at least 18 years old. "
        "They are counted apart where this is not known: brain metastases. A patient who fails "
        "several criteria is counted in the flow of participants for the first in this order."
    )
