"""Eligibility of collected subjects: what is enrolled all the same, and every engine alike."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from collected_tables import ENGINES, collected, on_engine
from hypothesis import given
from hypothesis import strategies as st

from hepatica.derive.adsl import derive_adsl
from hepatica.protocol.conditions import parse_condition
from hepatica.protocol.eligibility import Criterion
from hepatica.protocol.model import Protocol
from hepatica.records.conditions import condition_expr
from hepatica.records.eligibility import criterion_met, first_reason, is_ineligible

CRITERIA: list[dict[str, Any]] = [
    {"id": "stage", "kind": "inclusion", "text": "Stage B", "where": {"STAGE": "B"}},
    {
        "id": "afp", "kind": "exclusion", "text": "AFP above 400", "where": {"AFPBL": {"gt": 400}},
        "unknown": "included",
    },
]  # fmt: skip


def protocol(table: str = "DM", **parts: Any) -> Protocol:
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T"},
            "data": {"tables": {table: {"file": "a.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "all", "label": "All", "flag": "ALLFL", "where": {"ONE": 1}}],
            "eligibility": CRITERIA,
            "analyses": [{"id": "b", "kind": "baseline", "set": "all", "variables": ["age"]}],
        }
        | parts
    )


def adsl(rows: dict[str, list[Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows | {"ONE": [1] * len(rows["USUBJID"])})


SUBJECTS = {
    "USUBJID": ["a", "b", "c", "d", "e", "f"],
    "STAGE": ["B", "A", "A", "A", None, "B"],
    "AFPBL": [10.0, 900.0, 900.0, None, 10.0, None],
    "RANDDT": [None, None, "2020-01-02", None, None, None],
    "TRTSDT": [None, None, None, "2020-01-03", None, None],
    "ENRLFL": ["N", "Y", "Y", "Y", "Y", "Y"],
    "SCRFREAS": ["Withdrew", None, None, None, None, None],
    "EOSSTT": [None, "ONGOING", "ONGOING", "ONGOING", "ONGOING", "ONGOING"],
}


def derived(table: str) -> pl.DataFrame:
    frame = nw.from_native(adsl(SUBJECTS), eager_only=True)
    return derive_adsl(protocol(table), frame).to_native()


def test_who_was_randomised_or_treated_stays_enrolled() -> None:
    found = derived("DM").select("USUBJID", "ENRLFL", "SCRFREAS", "EOSSTT", "ALLFL").rows()
    assert found == [
        ("a", "N", "Withdrew", None, "N"),
        ("b", "N", "Not met: Stage B", None, "N"),
        ("c", "Y", None, "ONGOING", "Y"),
        ("d", "Y", None, "ONGOING", "Y"),
        ("e", "N", "Not known: Stage B", None, "N"),
        ("f", "Y", None, "ONGOING", "Y"),
    ]


def test_a_table_of_subjects_enrols_nobody_who_fails() -> None:
    found = derived("ADSL").select("USUBJID", "ENRLFL", "SCRFREAS").rows()
    assert [row[0] for row in found if row[1] == "Y"] == ["f"]
    assert [row[2] for row in found if row[0] in "cd"] == ["Not met: Stage B"] * 2


def test_enrolled_although_a_criterion_is_not_met_is_counted() -> None:
    from hepatica.analyse.sets import analyse_sets

    rows = analyse_sets(protocol(), {"ADSL": derived("DM")})
    counted = {
        (row.variable_level, row.statistic): row.value
        for row in rows
        if row.variable == "eligibility"
    }
    assert counted == {
        ("stage", "n_met"): 2,
        ("stage", "n_unmet"): 3,
        ("stage", "n_unknown"): 1,
        ("stage", "n_enrolled_unmet"): 2,
        ("afp", "n_met"): 2,
        ("afp", "n_unmet"): 2,
        ("afp", "n_unknown"): 2,
        ("afp", "n_enrolled_unmet"): 1,
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_finds_the_same(engine: str) -> None:
    frame = on_engine({"ADSL": adsl(SUBJECTS)}, engine)["ADSL"]
    criteria = [Criterion.model_validate(one) for one in CRITERIA]
    schema = frame.collect_schema()
    found = frame.select(
        "USUBJID",
        out=is_ineligible(criteria, schema),
        why=first_reason(criteria, schema),
        afp=criterion_met(criteria[1], schema),
    ).sort("USUBJID")
    assert collected(found).rows() == [
        ("a", False, None, True),
        ("b", True, "Not met: Stage B", False),
        ("c", True, "Not met: Stage B", False),
        ("d", True, "Not met: Stage B", None),
        ("e", True, "Not known: Stage B", True),
        ("f", False, None, None),
    ]


@given(
    values=st.lists(st.sampled_from([1, 2, 3, None]), min_size=1, max_size=20),
    kinds=st.lists(st.sampled_from(["inclusion", "exclusion"]), min_size=1, max_size=3),
    unknown=st.sampled_from(["excluded", "included", "Own reason"]),
)
def test_a_reason_is_given_exactly_to_those_who_fail(
    values: list[int | None], kinds: list[str], unknown: str
) -> None:
    frame = nw.from_native(pl.DataFrame({"X": pl.Series(values, dtype=pl.Int64)}))
    criteria = [
        Criterion.model_validate(
            {"id": f"c{n}", "kind": kind, "text": f"T{n}", "where": {"X": n}, "unknown": unknown}
        )
        for n, kind in enumerate(kinds, start=1)
    ]
    found = frame.select(
        out=is_ineligible(criteria, frame.schema), why=first_reason(criteria, frame.schema)
    )
    for value, out, why in zip(values, found["out"], found["why"], strict=True):
        fails = [
            unknown != "included" if value is None else (value == n) == (kind == "exclusion")
            for n, kind in enumerate(kinds, start=1)
        ]
        assert out is any(fails)
        assert (why is not None) is out
        if out:
            first = criteria[fails.index(True)]
            assert why == (first.reason_unknown if value is None else first.reason_unmet)


def test_exclusion_is_the_negation_of_inclusion() -> None:
    where = parse_condition({"any": [{"X": {"gt": 1}}, {"Y": None}]})
    frame = nw.from_native(pl.DataFrame({"X": [0, 2, None, None], "Y": ["a", "a", "a", None]}))
    rule = Criterion(id="x", kind="exclusion", text="T", where=where)
    found = frame.select(
        met=criterion_met(rule, frame.schema), holds=condition_expr(where, frame.schema)
    )
    assert found["met"].to_list() == [True, False, None, False]
    assert found["holds"].to_list() == [False, True, None, True]
