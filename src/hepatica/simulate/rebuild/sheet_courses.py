"""The courses of a constructed sheet: reading them, and refusing what cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from hepatica.errors import CommandError, DataError, Problem
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.faults import guess
from hepatica.protocol.model import Protocol
from hepatica.records.masks import matching
from hepatica.simulate.rebuild.sheet_construction import SheetConstruction

_TABLE = "COURSES"
_SUBJECT = "USUBJID"


def read_sheet_courses(path: Path, construction: SheetConstruction) -> pl.DataFrame:
    """Read the courses of a sheet; columns with numbers only are numbers.

    Parameters
    ----------
    path : Path
        A CSV file with a row for each enrolled patient.
    construction : SheetConstruction
        Names the column of the arm.

    Raises
    ------
    CommandError
        If there is no such file, or it lacks USUBJID or the arm.
    """
    try:
        text = pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise CommandError(
            f"There is no file {path}. construction.yaml names it under 'courses'; it holds one "
            "row for each enrolled patient."
        ) from None
    except (OSError, PolarsError):
        raise CommandError(
            f"The file {path} cannot be read. It has to be a CSV file in UTF-8."
        ) from None
    needed = (_SUBJECT, construction.arm_column)
    if absent := [name for name in needed if name not in text.columns]:
        raise CommandError(f"{path.name} lacks {', '.join(absent)}. Add the column.")
    return text.with_columns(
        pl.col(name).cast(pl.Int64)
        for name in text.columns
        if name != _SUBJECT and _whole(text.get_column(name))
    )


def check_sheet_courses(
    courses: pl.DataFrame, protocol: Protocol, construction: SheetConstruction
) -> None:
    """Refuse courses that nobody could have, and arms or columns that are not there.

    Raises
    ------
    CommandError
        If the construction names an arm or a column that is not there.
    DataError
        With a problem for each broken rule; none holds a value.
    """
    ids = tuple(arm.id for arm in protocol.arms)
    for arm, place in construction.arms_named().items():
        if arm not in ids:
            raise CommandError(
                f"construction.yaml names the arm '{arm}' under {place}; study.yaml has no such "
                f"arm. {guess(arm, ids)}Write one of: {', '.join(ids)}."
            )
    _check_columns(courses, construction)
    problems = [
        Problem(
            _TABLE, rule, f"Correct {column} in {construction.courses}.",
            f"{int(broken.sum())} of {courses.height} rows",
            tuple(courses.filter(broken).get_column(_SUBJECT).fill_null("").to_list()),
            construction.courses, column,
        )
        for rule, column, broken in _rules(courses, protocol, construction)
        if broken.any()
    ]  # fmt: skip
    if problems:
        raise DataError(problems)


def _whole(values: pl.Series) -> bool:
    known = values.drop_nulls()
    return known.len() > 0 and bool(known.str.contains(r"^(0|[1-9]\d*)$").all())


def _check_columns(courses: pl.DataFrame, construction: SheetConstruction) -> None:
    parts = (
        construction.measured, construction.shares, construction.dealt, construction.derived,
        construction.days,
    )  # fmt: skip
    made = [one.column for part in parts for one in part]
    if twice := sorted({name for name in made if name in courses.columns or made.count(name) > 1}):
        raise CommandError(
            f"construction.yaml makes {', '.join(twice)}, which is there already. Make a column "
            "once, or take it out of the courses."
        )
    known = (*courses.columns, *made)
    named = (*construction.columns, *construction.outcomes)
    told = (one.columns for one in construction.found)
    set_in = (one.values for one in construction.screened_out)
    named = (*named, *(name for part in (*told, *set_in) for name in part))
    if construction.exposure is not None:
        named = (*named, construction.exposure)
    if absent := sorted(set(named) - set(known)):
        raise CommandError(
            f"construction.yaml names {', '.join(absent)}; no such column is in the courses or "
            f"made. {guess(absent[0], known)}"
        )


def _rules(
    courses: pl.DataFrame, protocol: Protocol, construction: SheetConstruction
) -> Iterator[tuple[str, str, pl.Series]]:
    subject = courses.get_column(_SUBJECT)
    yield "A patient has one course.", _SUBJECT, subject.is_duplicated() | subject.is_null()
    arm = courses.get_column(construction.arm_column)
    recorded = [str(one.recorded) for one in protocol.arms]
    known = arm.is_in(recorded).fill_null(value=False)
    yield "The arm is one of the protocol.", construction.arm_column, ~known
    times = {
        one.parameter: one
        for one in protocol.endpoints
        if isinstance(one, TimeToEvent) and one.sheet is not None
    }
    if "OS" in times and "PFS" in times:
        yield from _survival(courses, times["OS"], times["PFS"])


def _survival(
    courses: pl.DataFrame, overall: TimeToEvent, without: TimeToEvent
) -> Iterator[tuple[str, str, pl.Series]]:
    longest, shorter = overall.sheet, without.sheet
    if longest is None or shorter is None or longest.unit != shorter.unit:
        return
    if not {longest.time, shorter.time} <= set(courses.columns):
        return
    last, first = courses.get_column(longest.time), courses.get_column(shorter.time)
    yield (
        "Overall survival is not shorter than survival without progression.", longest.time,
        (last < first).fill_null(value=True),
    )  # fmt: skip
    died = matching(courses, longest.any_event)
    dead = shorter.events.get("death")
    if died is None or dead is None:
        return
    at_once = matching(courses, dead)
    if at_once is not None:
        yield (
            "A death without progression is the death of overall survival.", shorter.time,
            at_once.fill_null(value=False) & ~(died & (last == first)),
        )  # fmt: skip
