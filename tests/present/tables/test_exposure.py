"""The table of exposure: one drug that all received, and two drugs."""

from __future__ import annotations

from counted import lines, plan, row, shares, sizes, traced

from hepatica.present.table import Table
from hepatica.present.tables import table_exposure
from hepatica.protocol.analyses import ExposureAnalysis
from hepatica.results import ResultRow, Results

MONTH = 30.4375
QUANTILES = "quantiles by SAS definition 5 (R type 2)"


def exposure(rows: Results) -> Table:
    protocol = plan({"kind": "exposure"})
    (analysis,) = protocol.analyses
    assert isinstance(analysis, ExposureAnalysis)
    return table_exposure(rows, protocol, analysis)


def measured(
    drug: str, parameter: str, shown: str, unit: str, values: dict[str, float | None]
) -> list[ResultRow]:
    rows = []
    for level in ("A", "B", ""):
        where = {"variable": drug, "parameter": parameter, "unit": unit}
        rows.append(row("missing", 1 if level != "A" else 0, level, format="integer", **where))
        for statistic, value in values.items():
            columns = {"format": shown, "method": QUANTILES, **where}
            columns |= {} if value is not None else {"status": "not_estimable"}
            rows.append(row(statistic, value, level, **columns))
    return rows


def of_drug(drug: str, received: tuple[int, int]) -> list[ResultRow]:
    spread = {"median": 5.0, "q1": 2.0, "q3": 9.0, "min": 1.0, "max": 12.0, "mean": 5.5, "sd": None}
    months = {name: value and value * MONTH for name, value in spread.items()}
    return [
        *shares(drug, "", received),
        *measured(drug, "DURD", "months", "days", months),
        *measured(drug, "TDOSE", "integer", "ug", spread),
        *shares(drug, ">=90", (20, 10), of=received, parameter="RDI"),
        *shares(drug, "70-<90", (0, 4), of=received, parameter="RDI"),
        *shares(drug, ">=1", (8, 6), of=received, parameter="REDUCT"),
        *shares(drug, "MISSING", (1, 0), of=received, parameter="REDUCT"),
        *shares(drug, "12 mg", (22, 14), of=received, parameter="LDOSE"),
    ]


def test_one_drug_that_everybody_received() -> None:
    rows = Results([*sizes(), *of_drug("Anlotinib", (30, 20))])
    table = exposure(rows)
    assert lines(table) == [
        ("Duration of treatment, months",),
        ("  Median (interquartile range)", *["5.0 (2.0–9.0)"] * 3),
        ("  Range", *["1.0–12.0"] * 3),
        ("  Mean (standard deviation)", *["5.5 (NE)"] * 3),
        ("  Missing", "0", "1", "1"),
        ("Total dose, median (range), µg", *["5 (1–12)"] * 3),
        ("  Missing", "0", "1", "1"),
        ("Relative dose intensity, n (%)",),
        ("  90% or more", "20 (66.7)", "10 (50.0)", "30 (60.0)"),
        ("  70% to below 90%", "0", "4 (20.0)", "4 (8.0)"),
        ("Dose reduced at least once, n (%)", "8 (26.7)", "6 (30.0)", "14 (28.0)"),
        ("  Missing", "1 (3.3)", "0", "1 (2.0)"),
        ("Lowest dose, n (%)",),
        ("  12 mg", "22 (73.3)", "14 (70.0)", "36 (72.0)"),
    ]
    traced(table, rows)
    assert "1 month = 30.4375 days." in table.footnotes[0]
    assert QUANTILES in table.footnotes[0]
    assert "Percentages are shares of the n of their column" in table.footnotes[0]


def test_two_drugs_are_named_and_counted() -> None:
    rows = Results([*sizes(), *of_drug("Anlotinib", (30, 20)), *of_drug("Sintilimab", (24, 0))])
    table = exposure(rows)
    found = {label: cells for label, *cells in lines(table)}
    assert found["Received sintilimab, n (%)"] == ["24 (80.0)", "0", "24 (48.0)"]
    assert found["Sintilimab: dose reduced at least once, n (%)"][0] == "8 (33.3)"
    assert "Anlotinib: duration of treatment, months" in found
    assert "shares of the patients who received it" in table.footnotes[0]
    traced(table, rows)


def test_no_dose_is_said() -> None:
    assert exposure(Results(sizes())).message == "No dose was recorded for these patients."
