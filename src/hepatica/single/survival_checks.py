"""What a table has to keep before its survival is estimated, and what a reader should know."""

from __future__ import annotations

import difflib
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.standing import BROKEN, Standing, SurvivalColumns
from hepatica.analyse.survival_counts import CountedSurvival, collected
from hepatica.analyse.survival_data import ARRAY_ROWS
from hepatica.errors import CommandError, DataError, Problem, counted
from hepatica.protocol.comparison_text import condition_from_text
from hepatica.protocol.conditions import Bound, Condition, Not, OneOf, condition_columns
from hepatica.records.engines import EngineTable
from hepatica.single.survival_request import SurvivalRequest, where_of

#: Most groups that are compared; more are an identifier rather than groups.
MOST_GROUPS = 50
MOST_STRATA = 1_000


def check_columns(table: EngineTable, asked: SurvivalRequest, columns: SurvivalColumns) -> None:
    """Refuse a table without the columns, or with an identifier where groups should be."""
    schema = dict(table.frame.collect_schema())
    event = condition_columns(columns.event)
    wanted = {
        "--time": (asked.time,),
        "--event": event,
        "--where": () if (where := where_of(asked)) is None else condition_columns(where),
        "--by": (asked.by,) if asked.by else (),
        "--strata": asked.strata,
        "--entry": (asked.entry,) if asked.entry else (),
        "--adjust": asked.adjust,
    }
    problems = [
        _problem(asked, one, f"The table has the column {one}.", _did_you_mean(option, one, schema))
        for option, names in wanted.items()
        for one in dict.fromkeys(names)
        if one not in schema
    ]
    problems += [
        _problem(
            asked,
            one,
            f"{one} holds numbers: days from the origin.",
            f"Name a column of numbers with {option}.",
            found=f"a column of type {schema[one]}",
        )
        for option, one in (("--time", asked.time), ("--entry", asked.entry))
        if one in schema and not (schema[one].is_numeric() or schema[one] == nw.String)
    ]
    if problems:
        raise DataError(problems)
    for option, one, most in (
        ("--by", asked.by, MOST_GROUPS),
        *(("--strata", name, MOST_STRATA) for name in asked.strata),
    ):
        if one:
            _refuse_many(table, asked, option, one, most)


_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _did_you_mean(option: str, name: str, schema: dict[str, Any]) -> str:
    near = difflib.get_close_matches(name, schema, n=1, cutoff=0.6)
    same = [one for one in schema if one.lower() == name.lower()]
    if same or near:
        return f"Did you mean {(same or near)[0]}?"
    for sign, told in _SEPARATORS.items():
        if len(schema) == 1 and sign in next(iter(schema)):
            return f"Its columns are parted by {told}: export it again, parted by commas."
    listed = ", ".join(list(schema)[:12]) + (", ..." if len(schema) > 12 else "")
    return f"Name with {option} one of its columns: {listed}."


def _refuse_many(
    table: EngineTable, asked: SurvivalRequest, option: str, name: str, most: int
) -> None:
    """Refuse an identifier before an engine makes a group of each of its values."""
    first = table.frame.select(name).head(10_000)
    found = collected(first.group_by(name).agg(nw.len().alias("n"))).height
    if found > most:
        raise DataError([_many(asked, option, name, most)])


def _many(asked: SurvivalRequest, option: str, name: str, most: int) -> Problem:
    return _problem(
        asked,
        name,
        f"{name} has at most {most} different values.",
        f"Name with {option} a column of few groups, not an identifier or a measurement.",
        found=f"more than {most}",
    )


_RULES = {
    Standing.TIME_UNREADABLE: ("time", "{} is a number of days.", "Write {} as a number."),
    Standing.TIME_NOT_FINITE: (
        "time",
        "{} is a finite number of days.",
        "Leave a time that is not known empty.",
    ),
    Standing.TIME_NEGATIVE: (
        "time",
        "{} is not negative.",
        "Count days from the origin on: 0 or more.",
    ),
    Standing.TIME_TOO_LONG: (
        "time",
        "{} is at most 1,000,000 days.",
        "Look at the unit: times are days, not seconds.",
    ),
    Standing.ENTRY_UNREADABLE: ("entry", "{} is a number of days.", "Write {} as a number."),
    Standing.ENTRY_NOT_FINITE: (
        "entry",
        "{} is a finite number of days.",
        "Leave an entry that is not known empty.",
    ),
    Standing.EVENT_UNREADABLE: (
        "event",
        "{} is a number, as the condition of the event compares it with one.",
        "Write {} as a number, or put the value of --event in quotation marks.",
    ),
}


def check_counted(asked: SurvivalRequest, columns: SurvivalColumns, found: CountedSurvival) -> None:
    """Refuse records against a rule, all rules at once."""
    total = sum(found.standing.values())
    event = condition_columns(columns.event)[0]
    names = {"time": asked.time, "entry": asked.entry, "event": event}
    problems = []
    for one in BROKEN:
        if n := found.standing.get(one, 0):
            role, rule, do = _RULES[one]
            column = names[role]
            told = f"{n} of {counted(total, 'record')}"
            problems.append(
                _problem(asked, column, rule.format(column), do.format(column), found=told)
            )
    usable = found.standing.get(Standing.COUNTED, 0) + found.standing.get(Standing.FRACTION, 0)
    if len(found.groups) > MOST_GROUPS:
        problems.append(_many(asked, "--by", asked.by, MOST_GROUPS))
    if not problems and not usable:
        problems.append(
            _problem(
                asked,
                asked.time,
                "At least one record has a time, a known event and a group.",
                f"Look at the columns named with {_named(asked)}.",
                found=f"0 of {counted(total, 'record')}",
            )
        )
    parts = found.standing.get(Standing.FRACTION, 0)
    if parts and usable > ARRAY_ROWS:
        problems.append(
            _problem(
                asked,
                asked.time,
                f"Times are whole days, or the table has at most {ARRAY_ROWS:,} records.",
                "Record times in whole days, or name a part of the table. Times are never "
                "rounded or put into classes.",
                found=f"{parts} of {counted(total, 'record')} are not whole days",
            )
        )
    if problems:
        raise DataError(problems)
    if asked.reference and asked.reference not in found.groups:
        raise CommandError(
            f"The reference {asked.reference} is not a group; groups are {', '.join(found.groups)}."
        )


def _named(asked: SurvivalRequest) -> str:
    """Return the options that can leave no record."""
    given = {"--where": asked.where, "--by": asked.by, "--entry": asked.entry}
    options = ["--time", *(name for name, value in given.items() if value)]
    return f"{', '.join(options)} and --event"


def _problem(
    asked: SurvivalRequest, column: str, rule: str, do: str, *, found: str = ""
) -> Problem:
    return Problem(
        table=asked.study, rule=rule, do=do, found=found, where=asked.table, column=column
    )


_ASIDE = {
    Standing.NO_GROUP: "a known group",
    Standing.NO_TIME: "a time",
    Standing.NO_EVENT: "a known event",
    Standing.NO_ENTRY: "a known day of entry",
    Standing.ENTRY_NOT_BEFORE: "a time after entry",
}


def notes_of(asked: SurvivalRequest, found: CountedSurvival) -> tuple[Problem, ...]:
    """Return what was set aside, with its count."""
    total = sum(found.standing.values())
    notes = [
        _note(
            asked, f"Each record has {what}.", "These records are set aside and counted.", n, total
        )
        for standing, what in _ASIDE.items()
        if (n := found.standing.get(standing, 0))
    ]
    if found.unstratified:
        notes.append(
            _note(
                asked,
                "Each record has a known stratum.",
                "These records are in the curves but not in the comparison.",
                found.unstratified,
                total,
            )
        )
    if found.whole and not found.counts.events.any():
        notes.append(
            Problem(
                table=asked.study,
                rule=f"Some record ends with the event: {asked.event}.",
                do="Look at the condition; in ADaM, CNSR is 0 for an event.",
                found=f"0 of {counted(total, 'record')}",
                where=asked.table,
                severity="note",
            )
        )
    elif _counts_censorings(condition_from_text(asked.event)):
        notes.append(
            Problem(
                table=asked.study,
                rule="CNSR is 0 for an event, and 1 or higher for a censored time.",
                do=f"If the table keeps to ADaM, write --event CNSR==0: {asked.event} takes "
                f"censored times as events. Nothing was turned round.",
                where=asked.table,
                column="CNSR",
                severity="note",
            )
        )
    return tuple(notes)


def _note(asked: SurvivalRequest, rule: str, do: str, n: int, total: int) -> Problem:
    return Problem(
        table=asked.study,
        rule=rule,
        do=do,
        found=f"not so in {n} of {counted(total, 'record')}",
        where=asked.table,
        severity="note",
    )


def _counts_censorings(event: Condition) -> bool:
    """Return whether an event is a censored time by the rules of ADaM."""
    if condition_columns(event)[0].upper() != "CNSR":
        return False
    if isinstance(event, Not):
        return isinstance(event.part, OneOf) and _holds_zero(event.part)
    if isinstance(event, Bound):
        return event.operator in ("ge", "gt")
    return isinstance(event, OneOf) and not _holds_zero(event)


def _holds_zero(condition: OneOf) -> bool:
    return any(str(one) in ("0", "0.0") for one in condition.values)
