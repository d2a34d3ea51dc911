"""Rules about units: one unit for each test and drug, and lesions in mm."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.records.domains.lesions import DIAMETERS
from hepatica.records.facts import Study, Told
from hepatica.records.findings import Outcome, Rule, broken_rows
from hepatica.records.loaded import Loaded

#: Domain to what is measured, the number and its unit.
_MEASURED = {
    "LB": ("LBTESTCD", "LBSTRESN", "LBSTRESU"),
    "VS": ("VSTESTCD", "VSSTRESN", "VSSTRESU"),
    "BM": ("BMTESTCD", "BMSTRESN", "BMSTRESU"),
    "EX": ("EXTRT", "EXDOSE", "EXDOSU"),
}
#: Diameters in mm of which the largest is below this look like centimetres.
_SMALL, _MANY = 20.0, 10


def check_units(study: Study) -> Iterator[Told]:
    """Give the outcome of each rule about units."""
    for name, (test, value, unit) in _MEASURED.items():
        table = study.domain(name)
        if table is not None and table.has(test, value, unit):
            for outcome in _one_unit(table, test, value, unit):
                yield name, outcome
    lesions = study.domain("TR")
    if lesions is not None:
        for outcome in _millimetres(lesions):
            yield "TR", outcome


def _one_unit(table: Loaded, test: str, value: str, unit: str) -> Iterator[Outcome]:
    frame = table.frame
    given, told = pl.col(value).is_not_null(), pl.col(unit).str.to_lowercase()
    commonest = (
        frame.filter(given & told.is_not_null())
        .group_by(test, told.alias("UNIT"))
        .agg(pl.len().alias("ROWS"))
        .sort(test, "ROWS", "UNIT", descending=[False, True, False])
        .group_by(test, maintain_order=True)
        .agg(pl.col("UNIT").first().alias("COMMONEST"))
    )
    frame = frame.join(commonest, on=test, how="left", maintain_order="left")
    mixed = Rule(
        f"Each {test} has one unit.",
        f"Convert {value} to one unit and write it in {unit}. Told are the rows whose unit is not "
        "the commonest.",
        unit,
    )
    yield broken_rows(table.place, mixed, frame, given & (told != pl.col("COMMONEST")))
    missing = Rule(f"Within one {test}, each result has its unit.", f"Fill in {unit}.", unit)
    without = given & told.is_null()
    yield broken_rows(table.place, missing, frame, without & pl.col("COMMONEST").is_not_null())
    if frame.get_column(unit).count() == 0:
        never = Rule(
            f"The unit of each {test} is known.",
            f"Taken to be in one unit. Add {unit} so that it can be checked.",
            unit,
            severity="note",
        )
        yield broken_rows(table.place, never, frame, without)


def _millimetres(table: Loaded) -> Iterator[Outcome]:
    frame = table.frame
    measured = pl.col("TRTESTCD").is_in(DIAMETERS) & pl.col("TRSTRESN").is_not_null()
    unit = pl.col("TRSTRESU").str.to_lowercase()
    rule = Rule(
        "Diameters are given in mm.",
        "Convert TRSTRESN to mm and write mm in TRSTRESU.",
        "TRSTRESU",
    )
    yield broken_rows(table.place, rule, frame, measured & (unit != "mm"))
    missing = Rule("Each diameter has its unit, or none has.", "Fill in TRSTRESU.", "TRSTRESU")
    some = frame.select((measured & unit.is_not_null()).any()).item()
    yield broken_rows(table.place, missing, frame, measured & unit.is_null() & pl.lit(some))
    diameters = frame.filter(measured & unit.is_null()).get_column("TRSTRESN")
    small = len(diameters) >= _MANY and float(diameters.max() or 0) < _SMALL  # type: ignore[arg-type]
    likely = Rule(
        "Diameters look like mm.",
        f"Kept as recorded. All are below {_SMALL:g}, as centimetres would be; look at the unit.",
        "TRSTRESN",
        severity="note",
    )
    yield broken_rows(table.place, likely, frame, measured & pl.lit(small))
