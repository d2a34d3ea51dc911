"""Missing values by variable and by pattern, counted by hand."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
from few_patients import carried_out, failure, plan

from hepatica.derive.adsl import derive_adsl
from hepatica.results import Results

VARIABLES: list[dict[str, Any]] = [
    {"id": "age", "label": "Age", "column": "AGE", "kind": "measured"},
    {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical", "levels": ["F", "M"]},
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
#: Arm, age, sex, AFP, limit of detection.
PATIENTS = [
    ("A", 50, "F", 10.0, None),
    ("A", 60, None, None, None),
    ("A", None, None, None, None),
    ("A", 55, "X", 5.0, None),
    ("B", 70, "M", None, 2.0),
    ("B", 71, "M", None, None),
    ("B", 40, None, None, None),
]


def rows_of(variables: list[str]) -> Results:
    protocol = plan(
        {"kind": "missing_data", "variables": variables},
        "ADSL",
        variables=VARIABLES,
        biomarkers=[AFP],
    )
    adsl = pl.DataFrame(
        [(f"P{n}", "Y", "Y", *one) for n, one in enumerate(PATIENTS)],
        schema=["USUBJID", "FASFL", "ENRLFL", "TRT01P", "AGE", "SEX", "AFPBL", "AFPBL_LLOQ"],
        orient="row",
    )
    derived = derive_adsl(protocol, nw.from_native(adsl, eager_only=True))
    return carried_out(protocol, ADSL=derived.to_native())


def values(rows: Results, variable: str, statistic: str) -> dict[str, float | None]:
    return {
        row.level: row.value
        for row in rows.where(analysis="one")
        if (row.variable, row.statistic) == (variable, statistic)
    }


def test_missing_by_variable_and_group() -> None:
    rows = rows_of(["age", "sex", "afp", "afp-400"])
    assert values(rows, "age", "missing") == {"A": 1, "B": 0, "": 1}
    # A sex that is none of the levels is not known.
    assert values(rows, "sex", "missing") == {"A": 3, "B": 1, "": 4}
    assert values(rows, "sex", "missing_percent") == {"A": 75.0, "B": 100 / 3, "": 400 / 7}
    # Below the limit of detection is known.
    assert values(rows, "afp", "missing") == {"A": 2, "B": 2, "": 4}
    assert values(rows, "afp-400", "missing") == {"A": 2, "B": 2, "": 4}
    assert values(rows, "complete", "n") == {"A": 1, "B": 1, "": 2}


def test_patterns_name_what_is_missing_together_the_most_frequent_first() -> None:
    rows = rows_of(["age", "sex", "afp"])
    patterns = [
        (row.variable_level, row.value, row.denominator)
        for row in rows
        if row.variable == "pattern" and row.statistic == "n"
    ]
    assert patterns == [
        ("sex+afp", 2, 7),
        ("afp", 1, 7),
        ("sex", 1, 7),
        ("age+sex+afp", 1, 7),
    ]
    complete = values(rows, "complete", "n")[""]
    assert complete is not None
    assert complete + sum(n for _, n, _ in patterns if n is not None) == 7


def test_nobody_lacks_anything() -> None:
    protocol = plan({"kind": "missing_data", "variables": ["age"]}, "ADSL", variables=VARIABLES)
    adsl = pl.DataFrame(
        {"USUBJID": ["P1"], "FASFL": ["Y"], "ENRLFL": ["Y"], "TRT01P": ["A"], "AGE": [50]}
    )
    rows = carried_out(protocol, ADSL=adsl)
    assert not [row for row in rows if row.variable == "pattern"]
    assert values(rows, "complete", "percent")[""] == 100.0
    assert [row.status for row in rows if row.statistic == "percent" and row.level == "B"] == [
        "not_estimable"
    ]


def test_a_column_that_is_not_there_is_named() -> None:
    protocol = plan({"kind": "missing_data", "variables": ["age"]}, "ADSL", variables=VARIABLES)
    adsl = pl.DataFrame({"USUBJID": ["P1"], "FASFL": ["Y"], "ENRLFL": ["Y"], "TRT01P": ["A"]})
    assert "lack a column for the variable age" in failure(carried_out(protocol, ADSL=adsl))
