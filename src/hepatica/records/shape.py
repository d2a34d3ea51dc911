"""Simple spreadsheets become domains: columns that stand in, and one row for each measurement."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from hepatica.records.cast import WIDE, as_text
from hepatica.records.domains import Domain
from hepatica.records.domains.lesions import DIAMETERS
from hepatica.records.findings import ROW, SUBJECT, Rule, about_file, listed
from hepatica.records.loaded import Loaded

#: Columns of one lesion sheet that become rows of TR.
_WIDE_RESULTS = (*DIAMETERS, "TUMSTATE")
#: Signs of a result outside the limits of detection.
_LIMIT = r"^\s*[<>≤≥]"
#: Words and signs that mean yes in a column that flags lymph nodes.
_YES = ("Y", "YES", "1", "TRUE", "X")
_NODE = "LYMPH NODE"

#: Columns whose absence says something: without doses, every interval of EX is one.
_MEANS_SOMETHING = ("EXDOSE",)


def shape_domain(table: Loaded, domain: Domain) -> Loaded:
    """Give a table the columns of its domain that other columns of the file hold.

    Parameters
    ----------
    table : Loaded
        Columns under our names, not yet typed.
    domain : Domain
        The domain.

    Returns
    -------
    Loaded
        With a problem where none of the columns is there that could hold the result.
    """
    frame = _numbers_and_words(table.frame, domain.name)
    for ours, other in domain.stands_in.items():
        if ours not in frame.columns and other in frame.columns:
            column = pl.col(other)
            number = ours.endswith("STRESN") and frame.schema[other] == pl.String
            frame = frame.with_columns((_as_number(column) if number else column).alias(ours))
    if domain.name == "TR":
        frame = _one_row_a_measurement(frame)
    if domain.name == "TU":
        frame = _nodes(frame)
    for ours, value in domain.defaults.items():
        if ours not in frame.columns:
            frame = frame.with_columns(pl.lit(value).alias(ours))
    return _any_of(replace(table, frame=frame), domain)


def finish_domain(table: Loaded, domain: Domain) -> Loaded:
    """Add what rules read and the table lacks, number the records and clean coded words.

    Parameters
    ----------
    table : Loaded
        Typed columns.
    domain : Domain
        The domain.
    """
    frame = table.frame
    types = {name: one.dtype for name, one in domain.schema.columns().items()}
    kept_absent = {domain.sequence, *_MEANS_SOMETHING}
    absent = [name for name in types if name not in frame.columns and name not in kept_absent]
    frame = frame.with_columns(pl.lit(None, types[name]).alias(name) for name in absent)
    if domain.sequence and domain.sequence not in frame.columns:
        within = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(SUBJECT)
        frame = frame.with_columns(within.alias(domain.sequence))
    coded = [name for name, one in domain.columns().items() if one.get("coded")]
    frame = frame.with_columns(_coded(name) for name in coded)
    if domain.name == "RS":
        frame = frame.with_columns(
            pl.col("RSSTRESC").str.replace_all(r"\bI(CR|PR|SD|UPD|CPD)\b", "i$1")
        )
    return replace(table, frame=frame)


def _coded(name: str) -> pl.Expr:
    """Return a coded word in capitals, with single spaces and plain hyphens."""
    plain = pl.col(name).str.replace_all(r"\s+", " ").str.replace_all("[‐‑‒–—−]", "-")
    return plain.str.to_uppercase().str.replace_all(r"^NON[ -]?TARGET$", "NON-TARGET")


def _as_number(column: pl.Expr) -> pl.Expr:
    return column.str.replace_many(WIDE).cast(pl.Float64, strict=False)


def _numbers_and_words(frame: pl.DataFrame, domain: str) -> pl.DataFrame:
    """Keep a result such as ``<0.5`` as text where one column holds numbers and text."""
    number, words = f"{domain}STRESN", f"{domain}STRESC"
    if number not in frame.columns or words in frame.columns:
        return frame
    frame = frame.with_columns(as_text(frame.get_column(number)).alias(words))
    if frame.schema[number] != pl.String:
        return frame
    outside = pl.col(number).str.contains(_LIMIT)
    return frame.with_columns(pl.when(~outside).then(pl.col(number)).alias(number))


def _one_row_a_measurement(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn columns of diameters into rows; without a test, a number is the one to be summed."""
    if "TRTESTCD" in frame.columns:
        return frame
    wide = [name for name in _WIDE_RESULTS if name in frame.columns]
    if not wide:
        held = [name for name in ("TRSTRESN", "TRSTRESC") if name in frame.columns]
        if not held:
            return frame
        measured = pl.col(held[0]).is_not_null() & pl.lit(held[0] == "TRSTRESN")
        test = pl.when(measured).then(pl.lit("DIAMETER")).otherwise(pl.lit("TUMSTATE"))
        return frame.with_columns(test.alias("TRTESTCD"))
    kept = frame.drop(wide)
    parts = [
        kept.with_columns(
            pl.lit(name).alias("TRTESTCD"),
            as_text(frame.get_column(name)).alias("TRSTRESC"),
            pl.Series("__part__", [n], pl.UInt8).new_from_index(0, frame.height),
        ).with_columns(
            pl.when(pl.lit(name != "TUMSTATE")).then(pl.col("TRSTRESC")).alias("TRSTRESN")
        )
        for n, name in enumerate(wide)
    ]
    # A row without any result stays, once: the lesion was not measured.
    measured_any = pl.col("TRSTRESC").is_not_null().any().over(ROW)
    first = pl.col("__part__") == 0
    rows = pl.concat(parts).filter(pl.col("TRSTRESC").is_not_null() | (~measured_any & first))
    return rows.sort(ROW, "__part__").drop("__part__")


def _nodes(frame: pl.DataFrame) -> pl.DataFrame:
    """Write the site of a lesion that is flagged as a lymph node as such."""
    if "NODEFL" not in frame.columns:
        return frame
    flag = as_text(frame.get_column("NODEFL")).str.to_uppercase().is_in(_YES)
    site = pl.col("TULOC").cast(pl.String) if "TULOC" in frame.columns else pl.lit(None, pl.String)
    named = site.str.to_uppercase().str.contains("NODE", literal=True).fill_null(value=False)
    flagged = pl.lit(flag.fill_null(value=False)) & ~named
    return frame.with_columns(pl.when(flagged).then(pl.lit(_NODE)).otherwise(site).alias("TULOC"))


def _any_of(table: Loaded, domain: Domain) -> Loaded:
    for group in domain.any_of:
        there = any(name in table.frame.columns for name in group)
        rule = Rule(
            f"The table has one of the columns {listed(group, 'or')}.",
            "Add the column, or name the one that holds it under "
            f"data.tables.{domain.name}.columns in study.yaml.",
        )
        outcome = None if there else about_file(table.place, rule, "none of them")
        table = table.plus(outcome)
        if not there:
            table = replace(table, spoiled=table.spoiled | set(group))
    return table
