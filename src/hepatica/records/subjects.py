"""Rules about the table with one row for each subject: flags, arms, levels."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.protocol.conditions import OneOf
from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import AnalysisSet
from hepatica.protocol.variables import Variable
from hepatica.records.checks_eligibility import check_enrolled
from hepatica.records.findings import Outcome, Rule, broken_rows, listed
from hepatica.records.loaded import Loaded
from hepatica.records.masks import matching, nowhere, screening_failures
from hepatica.records.needs import used_variables

#: Columns of DM that become the arm variables of ADSL.
_ARMS = {"TRT01P": "ARM", "TRT01A": "ACTARM"}


def check_subjects(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    """Give the outcome of each rule about flags, arms and levels.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : Loaded
        ADSL, or the sheet of patients.
    """
    failed = screening_failures(protocol, table.frame)
    flags = dict.fromkeys(one.flag for one in protocol.analysis_sets if one.where is None)
    for flag in flags:
        if table.has(flag):
            rule = Rule(f"{flag} is Y, N or empty.", "Write Y, N or leave the cell empty.", flag)
            yield broken_rows(table.place, rule, table.frame, ~pl.col(flag).is_in(["Y", "N"]))
    for variable in dict.fromkeys(one.arm_variable for one in protocol.analysis_sets):
        recorded = _recorded_arm(table, variable)
        if recorded:
            sets = [one for one in protocol.analysis_sets if one.arm_variable == variable]
            yield _arm(protocol, table, recorded, sets, failed)
    if table.place.table != "DM":
        yield from check_enrolled(protocol, table)
    for one in used_variables(protocol):
        if one.kind == "categorical" and one.levels and table.has(one.column):
            yield _levels(table, one, failed)


def _recorded_arm(table: Loaded, variable: str) -> str:
    """Return the column that names the arm: of DM, ARM and ACTARM stand in for TRT01P and TRT01A.

    Empty when there is none.
    """
    name = variable
    if table.place.table == "DM" and not table.has(variable):
        name = _ARMS.get(variable, variable)
    there = table.has(name) and (name == variable or table.frame.get_column(name).count() > 0)
    return name if there else ""


def _arm(
    protocol: Protocol,
    table: Loaded,
    variable: str,
    sets: list[AnalysisSet],
    failed: pl.Series,
) -> Outcome:
    """Every recorded arm is one of the protocol's, and every member of a set has one."""
    recorded = tuple(one.recorded for one in protocol.arms)
    known = matching(table.frame, OneOf(variable, recorded))
    if known is None:
        return None
    member = nowhere(table.frame)
    for one in sets:
        condition = OneOf(one.flag, ("Y",)) if one.where is None else one.where
        belongs = matching(table.frame, condition)
        member = member if belongs is None else member | belongs
    value = table.frame.get_column(variable)
    wrong = ~known & ~failed & (value.is_not_null() | member)
    or_failed = ", or the subject is a screening failure" if protocol.screening else ""
    screening = "" if protocol.screening else " Name screening failures under screening."
    allowed = listed([f"'{one}'" for one in recorded], "or")
    rule = Rule(
        f"{variable} names an arm of the protocol{or_failed}.",
        f"Write {allowed}, or correct the values of the arms in study.yaml.{screening}",
        variable,
    )
    return broken_rows(table.place, rule, table.frame, wrong)


def _levels(table: Loaded, variable: Variable, failed: pl.Series) -> Outcome:
    matched = nowhere(table.frame)
    for level in variable.levels:
        condition = (
            OneOf(variable.column, (level.recorded,)) if level.where is None else level.where
        )
        match = matching(table.frame, condition)
        if match is None:
            return None
        matched = matched | match
    value = table.frame.get_column(variable.column)
    labels = listed([f"'{one.label}'" for one in variable.levels], "and")
    rule = Rule(
        f"Each value of {variable.column} belongs to a level of {variable.label}.",
        f"The levels are {labels}. Correct the value, add its level in study.yaml, or name it as "
        f"missing under data.tables.{table.place.table}.missing.",
        variable.column,
    )
    return broken_rows(table.place, rule, table.frame, value.is_not_null() & ~matched & ~failed)
