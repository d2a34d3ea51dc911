"""The comparing columns of the baseline table: marks, reasons, and what explains them."""

from __future__ import annotations

from typing import Any

from counted import plan, row, sizes, traced

from hepatica.present.tables import table_baseline
from hepatica.protocol.analyses import BaselineAnalysis
from hepatica.results import ResultRow, Results

VARIABLES: list[dict[str, Any]] = [
    {"id": "age", "label": "Age", "column": "AGE", "kind": "measured", "unit": "years"},
    {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical", "levels": ["F", "M"]},
    {"id": "ecog", "label": "ECOG", "column": "ECOG", "kind": "categorical", "levels": ["0", "1"]},
    {"id": "hbv", "label": "HBV", "column": "HBV", "kind": "categorical", "levels": ["Yes", "No"]},
]
NAMES = ["age", "sex", "ecog", "hbv"]


def rows(methods: dict[str, str]) -> Results:
    found: list[ResultRow] = sizes()
    for level in ("A", "B", ""):
        found += [
            row(name, 50, level, variable="age", format="decimal0")
            for name in ("median", "min", "max")
        ]
        for name in NAMES[1:]:
            for label in ("Yes", "No") if name == "hbv" else ("F", "M"):
                shown = {"variable": name, "variable_level": label}
                found.append(row("n", 5, level, format="integer", **shown))
                found.append(row("percent", 50.0, level, format="percent", **shown))
    for name, method in methods.items():
        if method.startswith("Why"):
            found.append(
                row("p_value", None, variable=name, status="not_estimable", message=method)
            )
        else:
            shown = {"variable": name, "method": method, "format": "p_value"}
            found.append(row("p_value", 0.043, **shown))
        shown = {"variable": name, "method": f"difference of {name[:1]}", "format": "decimal2"}
        found.append(row("standardised_difference", 0.214, **shown))
    return Results(found)


METHODS = {"age": "Rank test", "sex": "Pearson", "ecog": "Pearson", "hbv": "Why there is none."}


def made(compare: dict[str, bool] | None = None, **parts: Any) -> Any:
    compare = {"tests": True, "standardised_differences": True} if compare is None else compare
    protocol = plan(
        {"kind": "baseline", "variables": NAMES, "compare": compare}, variables=VARIABLES, **parts
    )
    analysis = protocol.analyses[0]
    assert isinstance(analysis, BaselineAnalysis)
    return table_baseline(rows(METHODS), protocol, analysis)


def test_columns_follow_all_patients() -> None:
    table = made()
    assert [column.label for column in table.columns] == ["A", "B", "All", "P", "SMD"]
    assert [column.slot for column in table.columns] == [1, 2, 0, 0, 0]


def test_each_variable_has_its_comparison_once_with_the_mark_of_its_test() -> None:
    table = made()
    cells = {row.label: row.cells for row in table.rows if "p_value" in row.cells}
    assert {label: cell["p_value"].text for label, cell in cells.items()} == {
        "Age, median (range), years": "0.043†",
        "Sex, n (%)": "0.043‡",
        "ECOG, n (%)": "0.043‡",
        "HBV, n (%)": "NE§",
    }
    assert {cell["standardised_difference"].text for cell in cells.values()} == {"0.21"}
    traced(table, rows(METHODS))


def test_marks_and_reasons_are_explained_in_reading_order() -> None:
    notes = made().footnotes
    assert "† Rank test. ‡ Pearson. § Why there is none." in notes
    assert "SMD: difference of a; difference of s; difference of e; difference of h." in notes
    assert "not adjusted" in notes[0]
    assert "known value" in notes[0]
    assert "not randomised" in notes[0]
    assert notes[-1].startswith("ECOG:")


def test_only_what_was_asked_for() -> None:
    table = made({"standardised_differences": True})
    assert [column.label for column in table.columns][3:] == ["SMD"]
    assert "not adjusted" not in table.footnotes[0]
    assert not any("†" in note for note in table.footnotes)
    assert len(made({}).columns) == 3
