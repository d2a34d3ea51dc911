"""The courses of constructed patients: reading ``courses.csv``, and refusing what cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from hepatica.errors import CommandError, DataError, Problem
from hepatica.protocol.model import Protocol
from hepatica.simulate.rebuild.construction import Construction

TABLE = "COURSES"
#: Column to its type; see ``docs/construction.md``.
SCHEMA: dict[str, type[pl.DataType]] = {
    "USUBJID": pl.String,
    "ARM": pl.String,
    "first_dose": pl.Date,
    "pfs_days": pl.Int64,
    "pfs_end": pl.String,
    "os_days": pl.Int64,
    "os_end": pl.String,
    "best_response": pl.String,
    "treatment_days": pl.Int64,
    "on_treatment": pl.String,
    "cxcl1": pl.String,
    "later_targeted": pl.String,
    "later_checkpoint": pl.String,
    "later_day": pl.Int64,
    "first_line_days": pl.Int64,
}
_MAY_BE_EMPTY = ("cxcl1", "later_day", "first_line_days")
_WORDS = {
    "pfs_end": ("progression", "death", "censored"),
    "os_end": ("death", "censored"),
    "best_response": ("PR", "SD", "PD", "NE"),
    "on_treatment": ("Y", "N"),
    "cxcl1": ("high", "low"),
    "later_targeted": ("Y", "N"),
    "later_checkpoint": ("Y", "N"),
}
#: Without a length of its own, stable disease lasts six weeks less one of window.
_STABLE_DAYS = 35
#: Days from a scan with stable disease to one with progression, at least.
_BETWEEN = 7


@dataclass(frozen=True, slots=True)
class _Rule:
    """A sentence that is true of every course, and where it is broken."""

    rule: str
    column: str
    broken: pl.Expr


def read_courses(path: Path) -> pl.DataFrame:
    """Read the courses.

    Parameters
    ----------
    path : Path
        ``courses.csv``.

    Returns
    -------
    DataFrame
        One row for each patient, sorted by USUBJID, typed.

    Raises
    ------
    CommandError
        If there is no such file, or it lacks a column.
    DataError
        If a value is not of its kind.
    """
    try:
        text = pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise CommandError(
            f"There is no file {path}. construction.yaml names it under 'courses'; it holds one "
            "row for each patient, as docs/construction.md describes."
        ) from None
    except (OSError, PolarsError):
        raise CommandError(
            f"The file {path} cannot be read. It has to be a CSV file in UTF-8."
        ) from None
    if absent := [name for name in SCHEMA if name not in text.columns]:
        raise CommandError(
            f"{path.name} lacks {', '.join(absent)}. docs/construction.md describes its columns."
        )
    typed = text.select(_typed(name, kind) for name, kind in SCHEMA.items())
    problems = [
        _problem(rule, typed, path.name)
        for rule in _kinds(text)
        if typed.select(rule.broken.any()).item()
    ]
    if problems:
        raise DataError(problems)
    return typed.sort("USUBJID")


def check_courses(courses: pl.DataFrame, protocol: Protocol, construction: Construction) -> None:
    """Refuse courses that nobody could have.

    Parameters
    ----------
    courses : DataFrame
        From `read_courses`.
    protocol : Protocol
        Arms, data cut-off and assessments.
    construction : Construction
        Enrolment, and the file of the courses.

    Raises
    ------
    DataError
        With a problem for each broken rule; none holds a value.
    """
    problems = [
        _problem(rule, courses, construction.courses)
        for rule in _rules(protocol, construction)
        if courses.select(rule.broken.any()).item()
    ]
    if problems:
        raise DataError(problems)


def _typed(name: str, kind: type[pl.DataType]) -> pl.Expr:
    """Return a column as its type; what is not of it becomes null."""
    if kind == pl.Date:
        return pl.col(name).str.to_date("%Y-%m-%d", strict=False)
    return pl.col(name).cast(kind, strict=False)


def _problem(rule: _Rule, courses: pl.DataFrame, file: str) -> Problem:
    rows = courses.filter(rule.broken)
    return Problem(
        TABLE,
        rule.rule,
        f"Correct {rule.column} in {file}.",
        f"{len(rows)} of {len(courses)} rows",
        tuple(rows["USUBJID"].fill_null("").to_list()),
        file,
        rule.column,
    )


def _kinds(text: pl.DataFrame) -> Iterator[_Rule]:
    """Give the rules about single values; columns are typed, `text` holds what was written."""
    for name, kind in SCHEMA.items():
        column = pl.col(name)
        written = pl.lit(text[name].is_not_null()) if name in _MAY_BE_EMPTY else pl.lit(value=True)
        what = {pl.Int64: "a whole number", pl.Date: "a date"}.get(kind, "filled in")
        yield _Rule(f"{name} is {what}.", name, column.is_null() & written)
        if name in _WORDS:
            allowed = _WORDS[name]
            yield _Rule(
                f"{name} is one of {', '.join(allowed)}.", name, ~column.is_in(list(allowed))
            )
    yield _Rule("A patient has one course.", "USUBJID", pl.col("USUBJID").is_duplicated())


def _rules(protocol: Protocol, construction: Construction) -> Iterator[_Rule]:
    yield from _order(protocol, construction)
    yield from _responses(protocol)
    yield from _before_and_later()


def _order(protocol: Protocol, construction: Construction) -> Iterator[_Rule]:
    pfs, overall, first = pl.col("pfs_days"), pl.col("os_days"), pl.col("first_dose")
    died = pl.col("os_end") == "death"
    without = pl.col("pfs_end") == "death"
    window = construction.enrolment
    arms = [str(arm.recorded) for arm in protocol.arms]
    yield _Rule("ARM is an arm of the protocol.", "ARM", ~pl.col("ARM").is_in(arms))
    yield _Rule(
        "The first dose lies in the time of enrolment.",
        "first_dose",
        ~first.is_between(window.first, window.last),
    )
    yield _Rule("Times count from 1.", "pfs_days", (pfs < 1) | (pl.col("treatment_days") < 1))
    yield _Rule(
        "Progression is seen after the first dose.",
        "pfs_days",
        (pl.col("pfs_end") == "progression") & (pfs < 2),
    )
    yield _Rule("Overall survival is not shorter than survival without progression.", "os_days",
                overall < pfs)  # fmt: skip
    yield _Rule(
        "A death without progression is the death of overall survival.",
        "pfs_end",
        without & (~died | (overall != pfs)),
    )
    yield _Rule(
        "Progression is seen before the day of death.",
        "pfs_days",
        ~without & died & (pfs == overall),
    )
    yield _Rule("Nobody is treated after death or the last contact.", "treatment_days",
                (pl.col("treatment_days") > overall)
                | (died & (pl.col("treatment_days") == overall)))  # fmt: skip
    yield _Rule(
        "Between a last scan without progression and death lies a day for another therapy.",
        "os_days",
        (pl.col("pfs_end") == "censored") & died & (overall < pfs + 2),
    )
    yield _Rule(
        "Who is still on treatment is alive and without progression.",
        "on_treatment",
        (pl.col("on_treatment") == "Y") & (died | (pl.col("pfs_end") != "censored")),
    )
    cut_off = protocol.study.data_cut_off
    if cut_off is not None:
        last = first + pl.duration(days=overall - 1)
        yield _Rule("Nothing is known after the data cut-off.", "os_days", last > cut_off)


def _responses(protocol: Protocol) -> Iterator[_Rule]:
    pfs, best, end = pl.col("pfs_days"), pl.col("best_response"), pl.col("pfs_end")
    plan = protocol.assessments
    stable = (plan.stable_disease_days if plan else None) or _STABLE_DAYS
    confirmed = (plan.confirmation_days if plan else None) or 0
    yield _Rule(
        "A best response of PD ends in progression.", "best_response",
        (best == "PD") & (end != "progression"),
    )  # fmt: skip
    yield _Rule(
        f"Stable disease lasts more than {stable} days.", "best_response",
        (best == "SD") & (pfs <= stable),
    )  # fmt: skip
    yield _Rule(
        f"Stable disease is seen after {stable} days and some days before progression.",
        "best_response",
        (best == "SD") & (end == "progression") & (pfs <= stable + _BETWEEN),
    )
    yield _Rule(
        f"A response is confirmed at least {confirmed} days later.", "best_response",
        (best == "PR") & (pfs <= stable + confirmed),
    )  # fmt: skip
    yield _Rule(
        f"Without an evaluable response nothing was seen after {stable} days.", "best_response",
        (best == "NE") & ((end == "progression") | ((end == "censored") & (pfs > stable))),
    )  # fmt: skip


def _before_and_later() -> Iterator[_Rule]:
    day = pl.col("later_day")
    yield _Rule("First-line therapy starts before the first dose.", "first_line_days",
                pl.col("first_line_days") < 1)  # fmt: skip
    given = (pl.col("later_targeted") == "Y") | (pl.col("later_checkpoint") == "Y")
    yield _Rule("A later therapy has its first day, and nothing else has.", "later_day",
                given != day.is_not_null())  # fmt: skip
    yield _Rule(
        "A later therapy starts after progression and after the last dose, up to the last contact.",
        "later_day",
        day.is_not_null()
        & (
            (pl.col("pfs_end") != "progression")
            | (day <= pl.col("pfs_days"))
            | (day <= pl.col("treatment_days"))
            | (day > pl.col("os_days"))
        ),
    )
