"""Coded responses exactly on, one tenth of a millimetre below and above each threshold."""

from __future__ import annotations

from typing import Any

import pytest

PROGRESSED = "A visit whose sum is 20 % and 5 mm above the smallest earlier sum is coded PD."
GROWN = "A target response coded PD has a sum 20 % and 5 mm above the smallest earlier sum."
FALLEN = "A visit coded PR has a sum 30 % below baseline, or keeps an earlier response."
STABLE = "A visit coded SD has a sum less than 30 % below baseline."
NOTHING = "The smallest earlier sum, with which a sum is compared, is above zero."
GONE = "A visit coded CR has no target lesion left; lymph nodes are below 10 mm."

#: Diameter at baseline and at each later visit; the coded words; the rules that are broken.
CASES = [
    ((50, 60), ("SD",), [PROGRESSED]),
    ((50, 59.9), ("SD",), []),
    ((50, 60), ("PD",), []),
    ((50, 59.9), ("PD",), [GROWN]),
    ((20, 24.9), ("SD",), []),
    ((20, 25), ("SD",), [PROGRESSED]),
    ((90, 63), ("PR",), []),
    ((90, 63.1), ("PR",), [FALLEN]),
    ((90, 63), ("SD",), [STABLE]),
    ((90, 63.1), ("SD",), []),
    ((100, 70, 80), ("PR", "PR"), []),
    ((100, 60, 72), ("PR", "PR"), [PROGRESSED]),
    ((100, 60, 71.9), ("PR", "PR"), []),
    ((30, 0), ("CR",), []),
    ((30, 0.1), ("CR",), [GONE]),
    ((30, 0, 5), ("CR", "PD"), [NOTHING]),
    ((30, 0, 4.9), ("CR", "PD"), [NOTHING, GROWN]),
]


@pytest.mark.parametrize(("diameters", "words", "broken"), CASES)
def test_coded_responses(
    collected: Any, diameters: tuple[float, ...], words: tuple[str, ...], broken: list[str]
) -> None:
    for name in ("TR", "RS"):
        collected.tables[name] = [one for one in collected.tables[name] if one["USUBJID"] != "C3"]
    for n, (diameter, word) in enumerate(zip(diameters, ("", *words), strict=True)):
        visit = {"USUBJID": "C3", "VISIT": f"V{n}" if n else "BASELINE", "VISITNUM": f"{n + 1}"}
        collected.add("TR", TRGRPID="TARGET", TRLNKID="T01", TRTESTCD="LDIAM", TRSTRESU="mm",
                      TRSTRESN=str(diameter), TREVAL="INVESTIGATOR", TRDTC=f"2019-0{n + 2}-05",
                      **visit)  # fmt: skip
        if word:
            collected.add("RS", RSTESTCD="TRGRESP", RSSTRESC=word, RSEVAL="INVESTIGATOR",
                          RSCAT="RECIST 1.1", RSDTC=f"2019-0{n + 2}-05", **visit)  # fmt: skip
    assert [one.rule for one in collected.read().problems] == broken


@pytest.mark.parametrize(
    ("day", "told"),
    [("2019-01-13", True), ("2019-01-14", False), ("2019-02-11", False), ("2019-02-12", True)],
)
def test_window_of_the_baseline_scan(collected: Any, day: str, told: bool) -> None:
    """C3 takes the first dose on 2019-02-11: 28 days before is 2019-01-14."""
    for name in ("TU", "TR"):
        for row in collected.rows(name, "C3", VISIT="BASELINE"):
            row[f"{name}DTC"] = day
    problems = [one.table for one in collected.read().problems if one.severity == "problem"]
    assert problems == ["TU"] * told


@pytest.mark.parametrize(
    ("day", "told"),
    [("2019-06-30", False), ("2019-07-01", True), ("2019-06", False), ("2019-07", True)],
)
def test_a_record_after_death(collected: Any, day: str, told: bool) -> None:
    """C2 dies on 2019-06-30; a partial date is told only when no day of it is possible."""
    collected.add("CM", USUBJID="C2", CMTRT="morphine", CMSTDTC=day)
    assert [one.table for one in collected.read().problems] == ["CM"] * told
