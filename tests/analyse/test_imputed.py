"""Completed tables: what is filled, what follows from it, and what is left alone."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest
from few_patients import plan

from hepatica.analyse.imputation_rows import imputation_rows
from hepatica.analyse.imputed import impute, imputed_members
from hepatica.analyse.selection import Selection, select
from hepatica.derive.adsl import derive_adsl
from hepatica.errors import AnalysisError
from hepatica.protocol.model import Protocol

VARIABLES = [
    {"id": "age", "label": "Age", "column": "AGE", "kind": "measured"},
    {
        "id": "age-65",
        "label": "Age group",
        "column": "AGE",
        "kind": "categorical",
        "levels": [
            {"label": "Below 65", "where": {"AGE": {"lt": 65}}},
            {"label": "65 or more", "where": {"AGE": {"ge": 65}}},
        ],
    },
    {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical", "levels": ["F", "M"]},
    {"id": "ecog", "label": "ECOG", "column": "ECOG", "kind": "categorical", "levels": ["0", "1"]},
]
AFP = {
    "id": "afp",
    "label": "AFP",
    "column": "AFPBL",
    "unit": "ng/mL",
    "cut_points": [
        {"id": "afp-400", "at": 400, "below": "Low", "at_or_above": "High", "source": "Usual"}
    ],
}


def study(variables: list[str], **parts: Any) -> Protocol:
    analysis = {"kind": "baseline", "variables": ["age"]}
    imputation = {"variables": variables, "imputations": 3, "iterations": 2}
    parts = {"variables": VARIABLES, "biomarkers": [AFP], "imputation": imputation} | parts
    return plan(analysis, "ADSL", **parts)


def selected(protocol: Protocol, n: int = 40) -> Selection:
    rng = np.random.default_rng(8)
    age = rng.integers(40, 80, n).astype(float)
    afp = np.exp(rng.normal(5.0, 2.0, n))
    frame = pl.DataFrame(
        {
            "USUBJID": [f"P{number:03}" for number in range(n)],
            "FASFL": "Y",
            "ENRLFL": "Y",
            "TRT01P": ["A", "B"] * (n // 2),
            "AGE": [None if number % 5 == 0 else one for number, one in enumerate(age)],
            "SEX": rng.choice(["F", "M"], n),
            "ECOG": [None if number % 4 == 1 else str(number % 2) for number in range(n)],
            "AFPBL": [None if number % 3 == 0 else one for number, one in enumerate(afp)],
            "AFPBL_LLOQ": [2.0 if number == 3 else None for number in range(n)],
        }
    )
    adsl = derive_adsl(protocol, nw.from_native(frame, eager_only=True))
    return select(protocol, {"ADSL": adsl.to_native()}, protocol.analyses[0])


def outcome(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(1.0, n + 1.0), (np.arange(n) % 2).astype(float)


def test_completed_tables_fill_what_is_listed_and_nothing_else() -> None:
    protocol = study(["age", "afp", "ecog", "sex"])
    selection = selected(protocol)
    members = imputed_members(protocol, selection, *outcome())
    assert len(members) == 3
    for one in members:
        assert one["USUBJID"].to_list() == selection.members["USUBJID"].to_list()
        for column in ("AGE", "AFPBL", "ECOG_CAT", "SEX_CAT", "AFP_400_CAT", "AGE_65_CAT"):
            assert one[column].null_count() == 0
        # The recorded column of a category stays as it was collected.
        assert one["ECOG"].to_list() == selection.members["ECOG"].to_list()
    before, after = selection.members["AGE"].to_list(), members[0]["AGE"].to_list()
    pairs = zip(before, after, strict=True)
    assert all(new == old for old, new in pairs if old is not None)
    assert set(after) <= {age for age in before if age is not None}


def test_categories_follow_from_imputed_numbers() -> None:
    protocol = study(["age", "afp", "age-65"])
    for one in imputed_members(protocol, selected(protocol), *outcome()):
        high = [value >= 400 for value in one["AFPBL"].to_list()]
        assert one["AFP_400_CAT"].to_list() == ["High" if flag else "Low" for flag in high]
        old = [value >= 65 for value in one["AGE"].to_list()]
        assert one["AGE_65_CAT"].to_list() == ["65 or more" if flag else "Below 65" for flag in old]


def test_below_the_limit_of_detection_counts_as_half_the_limit() -> None:
    protocol = study(["afp"])
    for one in imputed_members(protocol, selected(protocol), None, None):
        assert one["AFPBL"].to_list()[3] == pytest.approx(1.0, rel=1e-12)
        assert one["AFP_400_CAT"].to_list()[3] == "Low"


def test_patients_without_an_outcome_are_left_as_they_are() -> None:
    protocol = study(["age", "ecog"])
    selection = selected(protocol)
    time, event = outcome()
    time[[0, 1]] = np.nan
    for one in imputed_members(protocol, selection, time, event):
        assert one["AGE"].to_list()[0] is None
        assert one["ECOG_CAT"].to_list()[1] is None
        assert one["AGE"].null_count() == one["ECOG_CAT"].null_count() == 1


def test_a_response_is_an_outcome_too() -> None:
    protocol = study(["age", "ecog"])
    found = impute(protocol, selected(protocol), None, outcome()[1])
    assert all(one["AGE"].null_count() == 0 for one in found.members)


def test_same_seed_same_tables_and_another_seed_others() -> None:
    def ages(seed: int) -> list[list[float]]:
        protocol = study(["age", "afp", "ecog"], seed=seed)
        return [
            one["AGE"].to_list()
            for one in imputed_members(protocol, selected(protocol), *outcome())
        ]

    assert ages(1) == ages(1)
    assert ages(1) != ages(2)


def test_more_imputations_leave_the_first_as_they_are() -> None:
    few, more = (
        study(["age", "ecog"], imputation={"variables": ["age", "ecog"], "imputations": m})
        for m in (2, 4)
    )
    one, two = (imputed_members(plan_, selected(plan_), *outcome()) for plan_ in (few, more))
    assert [a["AGE"].to_list() for a in one] == [b["AGE"].to_list() for b in two[:2]]


def test_what_nobody_has_cannot_be_imputed() -> None:
    protocol = study(["age", "ecog"])
    selection = selected(protocol)
    empty = nw.lit(None, dtype=nw.Float64).alias("AGE")
    selection = Selection(
        selection.members.with_columns(empty), selection.group, selection.levels, selection.base
    )
    with pytest.raises(AnalysisError, match="age has no known value"):
        imputed_members(protocol, selection, *outcome())


def test_a_plan_is_needed() -> None:
    protocol = study(["age"], imputation=None)
    with pytest.raises(AnalysisError, match="under 'imputation'"):
        imputed_members(protocol, selected(protocol), *outcome())


def rows_of(variables: list[str]) -> dict[tuple[str, str], Any]:
    protocol = study(variables)
    selection = selected(protocol)
    rows = imputation_rows(selection, impute(protocol, selection, *outcome()))
    assert len({row.id for row in rows}) == len(rows)
    return {(row.variable_level, row.statistic): row.value for row in rows}


def test_what_was_imputed_stands_beside_what_was_observed() -> None:
    protocol = study(["age", "ecog", "sex"])
    selection = selected(protocol)
    imputed = impute(protocol, selection, *outcome())
    found = rows_of(["age", "ecog", "sex"])
    assert (found["", "imputations"], found["", "iterations"], found["", "n"]) == (3, 2, 40)
    known = [age for age in selection.members["AGE"].to_list() if age is not None]
    assert found["age", "missing"] == 8
    assert found["age", "observed_mean"] == pytest.approx(np.mean(known))
    assert found["age", "observed_sd"] == pytest.approx(np.std(known, ddof=1))
    lacking = [at for at, age in enumerate(selection.members["AGE"].to_list()) if age is None]
    drawn = [one["AGE"].to_list()[at] for one in imputed.members for at in lacking]
    assert found["age", "imputed_mean"] == pytest.approx(np.mean(drawn))
    assert found["age", "imputed_median"] == pytest.approx(np.median(drawn))
    assert found["ecog", "missing"] == 10
    assert found["ecog: 0", "observed_percent"] == pytest.approx(100 * 20 / 30)
    shares = [found[f"ecog: {label}", "imputed_percent"] for label in ("0", "1")]
    assert sum(shares) == pytest.approx(100.0)
    # Nobody lacks the sex.
    assert not [key for key in found if key[0].startswith("sex")]


def test_markers_are_told_as_they_were_measured() -> None:
    found = rows_of(["afp"])
    protocol = study(["afp"])
    known = [one for one in selected(protocol).members["AFPBL"].to_list() if one is not None]
    # One patient lies below the limit of 2 and counts as 1.
    assert found["afp", "observed_median"] == pytest.approx(np.median([*known, 1.0]))
