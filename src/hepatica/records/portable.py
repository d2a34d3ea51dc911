"""The part of a domain's rules that runs on any engine: columns, types, nulls, keys, words.

Dataframely checks Polars frames only. Where the tables are in DuckDB or on Spark, the same schema
class is read here and checked with Narwhals; what is not run is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import dataframely as dy
import narwhals.stable.v2 as nw

from hepatica.errors import Problem, counted
from hepatica.records.domains import SENTENCES, UNIQUE, DomainSchema, within
from hepatica.records.findings import ROW, listed

#: Types of a schema as Narwhals knows them; integers and floats of any width fit.
_TEXT, _NUMBER, _WHOLE, _DATE = "text", "a number", "a whole number", "a date"
_SHOWN_SUBJECTS = 1000


@dataclass(frozen=True, slots=True)
class PortableCheck:
    """What a check on any engine found.

    Attributes
    ----------
    problems : tuple of Problem
        Broken rules; those about rows name the subjects.
    checks : int
        Rules that ran.
    not_run : tuple of str
        Sentences of the rules that run on Polars only.
    """

    problems: tuple[Problem, ...]
    checks: int
    not_run: tuple[str, ...]


def check_portable(frame: Any, schema: type[DomainSchema], *, table: str = "") -> PortableCheck:
    """Check columns, types, nulls, keys and allowed values of a frame of any engine.

    Parameters
    ----------
    frame : native frame
        Of Polars, DuckDB, Spark or another engine that Narwhals knows, eager or lazy.
    schema : type of DomainSchema
        The schema class of the domain; the row number is not asked for.
    table : str
        Name for messages; that of the schema when not given.

    Returns
    -------
    PortableCheck
        Messages hold neither a recorded value nor a text of the engine.

    Examples
    --------
    >>> import polars as pl
    >>> from hepatica.records.domains import DOMAINS
    >>> frame = pl.DataFrame({"USUBJID": ["S1", None]})
    >>> found = check_portable(frame, DOMAINS["MH"].schema, table="MH")
    >>> [problem.rule for problem in found.problems]
    ['The table has the column MHTERM.', 'Each row names its subject.']
    """
    lazy: nw.LazyFrame[Any] = nw.from_native(frame).lazy()
    types = dict(lazy.collect_schema())
    name = table or schema.__name__.removesuffix("Schema").upper()
    columns = {one: told for one, told in schema.columns().items() if one != ROW}
    outcomes: list[Problem | None] = []
    outcomes += _of_columns(name, columns, types)
    fitting = {one: told for one, told in columns.items() if _fits(told, types.get(one))}
    rules = [*_rules(fitting, types)]
    outcomes += _of_rows(name, lazy, rules)
    key = tuple(one for one in schema.KEY if one in types)
    if key:
        own = next((one for one in UNIQUE if one in vars(schema)), "")
        severity = SENTENCES[own].severity if own else "problem"
        outcomes.append(_of_key(name, lazy, key, severity))
    left = [rule for rule in SENTENCES if rule in vars(schema) and rule not in UNIQUE]
    return PortableCheck(
        tuple(one for one in outcomes if one is not None),
        len(outcomes),
        tuple(SENTENCES[rule].sentence for rule in left),
    )


def _of_columns(
    table: str, columns: dict[str, dy.Column], types: dict[str, Any]
) -> Iterator[Problem | None]:
    for name, told in columns.items():
        metadata = told.metadata or {}
        if name not in types:
            lost = metadata.get("required") or not told.nullable
            yield (
                _problem(table, f"The table has the column {name}.", f"Add {name}.", name)
                if (lost)
                else None
            )
        elif _fits(told, types[name]):
            yield None
        else:
            kind = _kind(told)
            yield _problem(table, f"{name} holds {kind}.", f"Cast {name}.", name)


def _kind(told: dy.Column) -> str:
    match told:
        case dy.Date():
            return _DATE
        case dy.Int64() | dy.UInt32():
            return _WHOLE
        case dy.Float64():
            return _NUMBER
        case _:
            return _TEXT


def _fits(told: dy.Column, dtype: Any) -> bool:
    if dtype is None:
        return False
    match _kind(told):
        case "text":
            return bool(dtype == nw.String)
        case "a date":
            return bool(dtype == nw.Date)
        case "a whole number":
            return bool(dtype.is_integer())
        case _:
            return bool(dtype.is_numeric())


Severity = Literal["problem", "note"]


@dataclass(frozen=True, slots=True)
class _Rule:
    sentence: str
    do: str
    column: str
    broken: nw.Expr
    severity: Severity = "problem"


def _rules(columns: dict[str, dy.Column], types: dict[str, Any]) -> Iterator[_Rule]:
    if "USUBJID" in types:
        empty = nw.col("USUBJID").is_null()
        yield _Rule("Each row names its subject.", "Fill in USUBJID.", "USUBJID", empty)
    for name, told in columns.items():
        field = nw.col(name)
        if not told.nullable:
            yield _Rule(f"Each row has {name}.", f"Fill in {name}.", name, field.is_null())
        words = (told.metadata or {}).get("words") or _words(told)
        if words:
            known = f"{name} is one of {listed(words, 'and')}."
            do = f"Write one of these words in {name}, or leave it empty."
            note: Severity = "note" if (told.metadata or {}).get("note") else "problem"
            other = ~field.is_in(list(words)) & ~field.is_null()
            yield _Rule(known, do, name, other, note)
        limits = [(getattr(told, one, None), one) for one in ("min", "max")]
        outside = [
            field < limit if one == "min" else field > limit
            for limit, one in limits
            if limit is not None
        ]
        if outside:
            broken = nw.any_horizontal(*outside, ignore_nulls=True)
            yield _Rule(within(name, told), f"Correct {name}, or leave it empty.", name, broken)


def _words(told: dy.Column) -> tuple[str, ...]:
    """Return the single letters that a pattern such as ``^[DMY]$`` allows."""
    pattern = getattr(told, "regex", None)
    letters = re.fullmatch(r"\^\[(\w+)\]\$", pattern) if pattern else None
    return tuple(letters[1]) if letters else ()


def _of_rows(table: str, lazy: nw.LazyFrame[Any], rules: list[_Rule]) -> Iterator[Problem | None]:
    if not rules:
        return
    broken = [
        nw.when(one.broken.fill_null(value=False)).then(1).otherwise(0).cast(nw.Int64)
        for one in rules
    ]
    marked = lazy.select("USUBJID", *(one.alias(f"r{n}") for n, one in enumerate(broken)))
    sums = [nw.col(f"r{n}").sum().cast(nw.Int64).alias(f"r{n}") for n in range(len(rules))]
    counts = marked.select(nw.len().cast(nw.Int64).alias("rows"), *sums).collect("polars")
    total = counts["rows"].item() or 0
    for n, rule in enumerate(rules):
        failing = counts[f"r{n}"].item() or 0
        yield (
            _problem(
                table,
                rule.sentence,
                rule.do,
                rule.column,
                severity=rule.severity,
                found=f"{failing} of {counted(total, 'row')}",
                subjects=_subjects(marked.filter(nw.col(f"r{n}") == 1)),
            )
            if failing
            else None
        )


def _of_key(
    table: str, lazy: nw.LazyFrame[Any], key: tuple[str, ...], severity: Severity
) -> Problem | None:
    there = list(key)
    repeated = (
        lazy.filter(~nw.col(there[0]).is_null())
        .group_by(there)
        .agg(nw.len().cast(nw.Int64).alias("rows"))
        .filter(nw.col("rows") > 1)
    )
    found = repeated.select(nw.col("rows").sum().cast(nw.Int64)).collect("polars")
    rows = found["rows"].item() or 0
    if not rows:
        return None
    return _problem(
        table,
        f"No two rows have the same {listed(there, 'and')}.",
        "Keep one of the rows.",
        severity=severity,
        found=counted(rows, "row"),
        subjects=_subjects(repeated) if "USUBJID" in there else (),
    )


def _subjects(frame: nw.LazyFrame[Any]) -> tuple[str, ...]:
    named = frame.filter(~nw.col("USUBJID").is_null()).select("USUBJID").unique(subset=["USUBJID"])
    every = named.sort("USUBJID").head(_SHOWN_SUBJECTS).collect("polars")
    return tuple(str(one) for one in every["USUBJID"].to_list())


def _problem(
    table: str,
    rule: str,
    do: str,
    column: str = "",
    *,
    found: str = "",
    subjects: tuple[str, ...] = (),
    severity: Severity = "problem",
) -> Problem:
    return Problem(
        table=table,
        rule=rule,
        do=do,
        column=column,
        found=found,
        subjects=subjects,
        severity=severity,
    )
