"""Competing causes need a time that ends with each of them."""

from __future__ import annotations

import pytest

from hepatica.errors import HepaticaError
from hepatica.protocol.read import parse_protocol

STUDY = """
study: {id: ENDS, title: Which event comes first}
data:
  tables:
    ADSL: {file: adsl.csv}
    ADTTE: {file: adtte.csv}
arms: [{id: a, label: A}]
analysis_sets: [{like: full, id: full}]
endpoints:
  - {like: ENDPOINT}
analyses:
  - id: causes
    kind: competing_risks
    set: full
    endpoint: ENDPOINT
    causes:
      - {label: Progression, events: [Disease progression]}
      - {label: Death without progression, events: [Death]}
"""


def test_death_competes_in_progression_free_survival_only() -> None:
    assert parse_protocol(STUDY.replace("ENDPOINT", "pfs")).analyses[0].id == "causes"
    with pytest.raises(HepaticaError, match="a death is a censoring and not an event") as caught:
        parse_protocol(STUDY.replace("ENDPOINT", "ttp"))
    assert "Add one: {like: pfs}" in str(caught.value)


def test_the_fault_names_the_endpoint_that_would_do() -> None:
    both = STUDY.replace("  - {like: ENDPOINT}", "  - {like: pfs}\n  - {like: ttp}")
    with pytest.raises(HepaticaError, match="Write endpoint: pfs"):
        parse_protocol(both.replace("ENDPOINT", "ttp"))
