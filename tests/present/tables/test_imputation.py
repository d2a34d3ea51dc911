"""The table of imputed beside observed values, and the words of Methods."""

from __future__ import annotations

from typing import Any

from counted import lines, plan, row, traced

from hepatica.analyse.imputation_rows import METHOD, imputed_category
from hepatica.present.imputation_words import imputation_sentences
from hepatica.present.tables.imputation import tables_imputation
from hepatica.protocol.model import Protocol
from hepatica.results import Results

VARIABLES: list[dict[str, Any]] = [
    {"id": "age", "label": "Age", "column": "AGE", "kind": "measured", "summary": "mean_sd"},
    {"id": "alt", "label": "ALT", "column": "ALT", "kind": "measured"},
    {"id": "sex", "label": "Sex", "column": "SEX", "kind": "categorical", "levels": ["F", "M"]},
    {"id": "hbv", "label": "HBV", "column": "HBV", "kind": "categorical", "levels": ["Yes", "No"]},
]
AFP = {"id": "afp", "label": "Alpha-fetoprotein", "column": "AFPBL", "unit": "ng/mL"}


def protocol(**parts: Any) -> Protocol:
    parts = {"imputation": {"variables": ["age", "alt", "sex", "hbv"], "imputations": 5}} | parts
    analysis = {"kind": "baseline", "variables": ["age"], "title": "Factors of survival"}
    return plan(analysis, variables=VARIABLES, biomarkers=[AFP], **parts)


def rows() -> Results:
    def of(statistic: str, value: float, level: str = "", shown: str = "integer") -> Any:
        return row(
            statistic,
            value,
            variable="imputation",
            variable_level=level,
            format=shown,
            method=METHOD,
        )

    found = [of("imputations", 5), of("iterations", 10), of("n", 48)]
    for name in ("age", "alt"):
        found += [of("missing", 7, name), of("r_hat", 1.04, name, "decimal2")]
        for source, shift in (("observed", 0.0), ("imputed", 1.0)):
            found += [
                of(f"{source}_{one}", value + shift, name, "decimal1")
                for one, value in (("mean", 60), ("sd", 8), ("median", 61), ("q1", 55), ("q3", 66))
            ]
    found.append(of("missing", 2, "sex"))
    for label, share in (("F", 25.0), ("M", 75.0)):
        for source in ("observed", "imputed"):
            found.append(of(f"{source}_percent", share, imputed_category("sex", label), "percent"))
    return Results(found)


def test_each_imputed_variable_stands_beside_what_was_observed() -> None:
    (table,) = tables_imputation(rows(), protocol())
    assert lines(table) == [
        ("Age, mean (standard deviation)", "7", "60.0 (8.0)", "61.0 (9.0)", "1.04"),
        ("ALT, median (interquartile range)", "7", "61.0 (55.0–66.0)", "62.0 (56.0–67.0)", "1.04"),
        ("Sex, %", "2", "–"),
        ("  F", "25.0", "25.0"),
        ("  M", "75.0", "75.0"),
    ]
    assert table.id == "one-imputation"
    assert table.title.startswith("Imputed baseline values for: factors of survival")
    assert "chained equations" in table.footnotes[0]
    assert "R-hat" in table.footnotes[0]
    traced(table, rows())


def test_there_is_no_table_where_nothing_was_imputed() -> None:
    assert tables_imputation(rows(), protocol(imputation=None)) == ()
    assert tables_imputation(Results([]), protocol()) == ()


def test_methods_say_what_was_done() -> None:
    said = imputation_sentences(protocol())
    assert "imputed 5 times by chained equations of 10 steps" in said
    assert "hold age, ALT, sex and HBV, the arm, and the outcome" in said
    assert "logarithm" not in said
    marker = protocol(imputation={"variables": ["afp"], "imputations": 5})
    assert "logarithm" in imputation_sentences(marker)
    assert imputation_sentences(protocol(imputation=None)) == ""
