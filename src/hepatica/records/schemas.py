"""One dataframely schema for each table: the rules that hold whatever the protocol says.

The schemas are used through ``filter`` only. Each rule function is named as a sentence that is
true of good data; `SENTENCES` gives the wording for readers. A rule that meets a missing value is
unknown and does not fail.
"""

# ruff: noqa: D102, N805 - the name of a rule is its sentence; dataframely passes the class

import dataframely as dy
import polars as pl

from hepatica.records.findings import ROW, Outcome, Place, Rule, problem_of

FLAG = ("Y", "N")


class _Table(dy.Schema):
    row = dy.UInt32(alias=ROW)
    USUBJID = dy.String(nullable=True)

    @dy.rule()
    def each_row_names_its_subject(cls) -> pl.Expr:
        return pl.col("USUBJID").is_not_null()


class _Subjects(_Table):
    @dy.rule()
    def each_subject_has_one_row(cls) -> pl.Expr:
        return pl.col("USUBJID").is_null() | pl.col("USUBJID").is_unique()


class AdslSchema(_Subjects):
    """Subject-level analysis dataset: one row for each subject."""


class PatientsSchema(_Subjects):
    """Sheet with one row for each patient."""


class AdtteSchema(_Table):
    """Times to event: one row for each subject and parameter; times in days."""

    PARAMCD = dy.String(nullable=True)
    AVAL = dy.Float64(nullable=True)
    CNSR = dy.Int64(nullable=True)
    ADT = dy.Date(nullable=True)
    STARTDT = dy.Date(nullable=True)

    @dy.rule()
    def each_row_names_its_parameter(cls) -> pl.Expr:
        return pl.col("PARAMCD").is_not_null()

    @dy.rule()
    def each_subject_has_one_row_of_a_parameter(cls) -> pl.Expr:
        key = pl.struct("USUBJID", "PARAMCD")
        return pl.any_horizontal(pl.col("USUBJID", "PARAMCD").is_null()) | key.is_unique()

    @dy.rule()
    def aval_is_not_negative(cls) -> pl.Expr:
        return pl.col("AVAL") >= 0

    @dy.rule()
    def aval_is_below_a_hundred_years(cls) -> pl.Expr:
        return pl.col("AVAL") < 36525

    @dy.rule()
    def cnsr_is_0_or_more(cls) -> pl.Expr:
        return pl.col("CNSR") >= 0

    @dy.rule()
    def a_row_with_a_time_has_cnsr(cls) -> pl.Expr:
        return pl.col("AVAL").is_null() | pl.col("CNSR").is_not_null()

    @dy.rule()
    def adt_is_not_before_startdt(cls) -> pl.Expr:
        return pl.col("ADT") >= pl.col("STARTDT")

    @dy.rule()
    def aval_counts_the_days_from_startdt_to_adt(cls) -> pl.Expr:
        days = (pl.col("ADT") - pl.col("STARTDT")).dt.total_days() + 1
        ordered = pl.col("ADT") >= pl.col("STARTDT")
        return ~ordered | ((pl.col("AVAL") - days).abs() <= 1)


class AdrsSchema(_Table):
    """Response: one row for each subject, parameter and, where it has visits, visit."""

    PARAMCD = dy.String(nullable=True)
    AVALC = dy.String(nullable=True)

    @dy.rule()
    def each_row_names_its_parameter(cls) -> pl.Expr:
        return pl.col("PARAMCD").is_not_null()


class AdaeSchema(_Table):
    """Adverse events: one row for each event; TERM and GRADE stand for the protocol's columns."""

    TERM = dy.String(nullable=True)
    GRADE = dy.Int64(nullable=True)
    TRTEMFL = dy.String(nullable=True)

    @dy.rule()
    def each_row_names_its_event(cls) -> pl.Expr:
        return pl.col("TERM").is_not_null()

    @dy.rule()
    def a_grade_lies_between_1_and_5(cls) -> pl.Expr:
        return pl.col("GRADE").is_between(1, 5)

    @dy.rule()
    def trtemfl_is_y_n_or_empty(cls) -> pl.Expr:
        return pl.col("TRTEMFL").is_in(FLAG)


#: What the reader is told of each rule.
SENTENCES = {
    "each_row_names_its_subject": Rule(
        "Each row names its subject.", "Fill in USUBJID.", "USUBJID"
    ),
    "each_subject_has_one_row": Rule(
        "Each subject has one row.", "Keep one row for each subject.", "USUBJID"
    ),
    "each_row_names_its_parameter": Rule(
        "Each row names its parameter.", "Fill in PARAMCD.", "PARAMCD"
    ),
    "each_subject_has_one_row_of_a_parameter": Rule(
        "Each subject has one row of a parameter.",
        "Keep one row for each subject and PARAMCD.",
        "PARAMCD",
    ),
    "aval_is_not_negative": Rule(
        "A time to event is not negative.", "Correct AVAL, or the dates it comes from.", "AVAL"
    ),
    "aval_is_below_a_hundred_years": Rule(
        "A time to event is shorter than a hundred years.",
        "Give AVAL in days, or correct the dates it comes from.",
        "AVAL",
    ),
    "cnsr_is_0_or_more": Rule(
        "CNSR is 0 for an event and 1 or more for a censored time.",
        "Write 0 for an event, and 1 or a higher number for a censored time.",
        "CNSR",
    ),
    "a_row_with_a_time_has_cnsr": Rule(
        "A row with a time says in CNSR how the time ended.",
        "Write 0 for an event, and 1 or a higher number for a censored time.",
        "CNSR",
    ),
    "adt_is_not_before_startdt": Rule(
        "A time does not end before it starts.", "Correct ADT or STARTDT.", "ADT"
    ),
    "aval_counts_the_days_from_startdt_to_adt": Rule(
        "AVAL counts the days from STARTDT to ADT, both included.",
        "Give AVAL in days, or correct one of the dates.",
        "AVAL",
    ),
    "each_row_names_its_event": Rule("Each row names its event.", "Fill in the term."),
    "a_grade_lies_between_1_and_5": Rule(
        "A grade is a whole number from 1 to 5.", "Correct the grade, or leave the cell empty."
    ),
    "trtemfl_is_y_n_or_empty": Rule(
        "TRTEMFL is Y, N or empty.", "Write Y, N or leave the cell empty.", "TRTEMFL"
    ),
}

SCHEMAS: dict[str, type[_Table]] = {
    "ADSL": AdslSchema,
    "ADTTE": AdtteSchema,
    "ADRS": AdrsSchema,
    "ADAE": AdaeSchema,
    "PATIENTS": PatientsSchema,
}


def check_schema(
    table: str,
    frame: pl.DataFrame,
    place: Place,
    columns: dict[str, str],
    spoiled: frozenset[str] = frozenset(),
) -> list[Outcome]:
    """Run the rules of a table's schema.

    Parameters
    ----------
    table : str
        Name of the table.
    frame : polars.DataFrame
        Typed columns and `ROW`; columns that are not there count as missing values, and rules
        about them alone are not run.
    place : Place
        For messages.
    columns : dict
        Name in the schema to name in the frame, where they differ.
    spoiled : frozenset of str
        Columns whose values did not fit, which is told already.

    Returns
    -------
    list of Problem or None
        One for each rule.
    """
    schema = SCHEMAS[table]
    given = {name: columns.get(name, name) for name in schema.column_names()}
    there = [name for name, own in given.items() if own in frame.columns]
    tested = frame.select(pl.col(given[name]).alias(name) for name in there)
    absent = [name for name in given if name not in there]
    untested = {*absent, *(name for name, own in given.items() if own in spoiled)}
    dtypes = pl.Schema({name: one.dtype for name, one in schema.columns().items()})
    tested = tested.with_columns(pl.lit(None, dtypes[name]).alias(name) for name in absent)
    _, failure = schema.filter(tested)
    details = failure.details()
    outcomes: list[Outcome] = []
    for name, rule in SENTENCES.items():
        if name not in details.columns:
            continue
        column = columns.get(_subject_of(name), rule.column)
        failing = details.filter(pl.col(name) == "invalid")
        if failing.is_empty() or _ABOUT.get(name) in untested:
            outcomes.append(None)
        else:
            spoken = Rule(rule.sentence, rule.do, column, rule.severity)
            outcomes.append(problem_of(place, spoken, failing, frame.height))
    return outcomes


def _subject_of(rule: str) -> str:
    """Return the schema column whose name the protocol chooses, for the rules about it."""
    return {"each_row_names_its_event": "TERM", "a_grade_lies_between_1_and_5": "GRADE"}.get(
        rule, ""
    )


#: Rules that would fail for a column that is missing altogether, which is told once elsewhere.
_ABOUT = {
    "each_row_names_its_subject": "USUBJID",
    "each_row_names_its_parameter": "PARAMCD",
    "a_row_with_a_time_has_cnsr": "CNSR",
    "each_row_names_its_event": "TERM",
}
