"""Rules about times, their status and best responses in a sheet with a row for each patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.protocol.conditions import Condition, condition_columns
from hepatica.protocol.endpoints import Response, SheetTimes, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.protocol.response_reading import answers_of_sheet
from hepatica.protocol.time_traps import EarlyResponseAnalysis
from hepatica.records.findings import Outcome, Rule, broken_rows, listed
from hepatica.records.loaded import Loaded
from hepatica.records.masks import matching, nowhere, screening_failures
from hepatica.records.needs import sheet_endpoints
from hepatica.records.response_words import response_in
from hepatica.records.times import NOT_LONGER_THAN_SURVIVAL, survival_rules

_WITHOUT = r"(?i)\b(alive|living|censored|no|not|without|free)\b|free\b"
_EVENT = r"(?i)\b(dead|death|deceased|died|recurr\w+|relaps\w+|progress\w+|event)\b"
_DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}


def check_sheet(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    """Give the outcome of each rule about the times in a sheet.

    Parameters
    ----------
    protocol : Protocol
        The study.
    table : Loaded
        The sheet, under our names.
    """
    endpoints = sheet_endpoints(protocol)
    failed = screening_failures(protocol, table.frame)
    for endpoint in endpoints:
        sheet = endpoint.sheet
        if sheet is None or not table.has(sheet.time):
            continue
        yield _not_negative(table, endpoint, sheet)
        yield _below_a_hundred_years(table, endpoint, sheet)
        event = matching(table.frame, sheet.any_event)
        censored = matching(table.frame, sheet.any_censoring)
        if event is not None and censored is not None:
            yield from _status(table, endpoint, event, censored, failed)
            yield _direction(table, endpoint, event, censored)
        if len(sheet.events) > 1:
            yield _kinds(table, endpoint, sheet.events, "kind of event")
        if len(sheet.censoring) > 1:
            yield _kinds(table, endpoint, sheet.censoring, "reason for censoring")
    yield from _best_responses(protocol, table)
    for answer in answers_of_sheet(protocol):
        yield from _answer(table, answer, failed)
    survival = [one for one in endpoints if one.parameter == "OS"]
    for one in endpoints:
        if survival and one.parameter in NOT_LONGER_THAN_SURVIVAL:
            yield from _survival_longest(table, survival[0], one)


def _best_responses(protocol: Protocol, table: Loaded) -> Iterator[Outcome]:
    plan = protocol.assessments
    named = [] if plan is None else list(plan.best_responses.values())
    named += [
        one.judged
        for one in protocol.analyses
        if isinstance(one, EarlyResponseAnalysis) and one.judged is not None
    ]
    columns = dict.fromkeys(named)
    framed = nw.from_native(table.frame, eager_only=True)
    for column in columns:
        if not table.has(column):
            continue
        rule = Rule(
            f"{column} is a known response.",
            "Write CR, PR, SD, NON-CR/NON-PD, PD or NE, leave the cell empty, or name the word "
            "under data.tables.PATIENTS.missing in study.yaml.",
            column,
        )
        known = framed.select(known=~response_in(column).is_null()).get_column("known").to_native()
        told = table.frame.get_column(column).is_not_null()
        yield broken_rows(table.place, rule, table.frame, told & ~known)


def _answer(table: Loaded, endpoint: Response, failed: pl.Series) -> Iterator[Outcome]:
    sheet = endpoint.sheet
    if sheet is None:
        return
    yes, no = matching(table.frame, sheet.yes), matching(table.frame, sheet.no)
    if yes is None or no is None:
        return
    both = Rule(
        f"The answer of {endpoint.label} is yes or no, not both.",
        "Let only one of the two conditions under sheet in study.yaml match.",
    )
    yield broken_rows(table.place, both, table.frame, yes & no)
    known = Rule(
        f"Each patient has an answer of {endpoint.label}.",
        "Counted as without the endpoint.",
        severity="note",
    )
    yield broken_rows(table.place, known, table.frame, ~(yes | no) & ~failed)


def _kinds(
    table: Loaded, endpoint: TimeToEvent, conditions: Mapping[str, Condition], what: str
) -> Outcome:
    """Find patients with events of several kinds, or censored for several reasons, at once."""
    count = pl.Series([0]).new_from_index(0, table.frame.height)
    for condition in conditions.values():
        match = matching(table.frame, condition)
        if match is None:
            return None
        count = count + match.cast(pl.Int64)
    named = listed([f"'{one}'" for one in conditions], "and")
    rule = Rule(
        f"A time of {endpoint.label} has one {what}.",
        f"Let only one condition match, of {named}, under sheet of {endpoint.id} in study.yaml.",
    )
    return broken_rows(table.place, rule, table.frame, count > 1)


def _not_negative(table: Loaded, endpoint: TimeToEvent, sheet: SheetTimes) -> Outcome:
    rule = Rule(
        f"A time of {endpoint.label} is not negative.",
        f"Correct {sheet.time}, or the dates it comes from.",
        sheet.time,
    )
    return broken_rows(table.place, rule, table.frame, pl.col(sheet.time) < 0)


def _below_a_hundred_years(table: Loaded, endpoint: TimeToEvent, sheet: SheetTimes) -> Outcome:
    rule = Rule(
        f"A time of {endpoint.label} is shorter than a hundred years.",
        f"Correct {sheet.time}, or its unit under sheet in study.yaml.",
        sheet.time,
    )
    days = pl.col(sheet.time) * _DAYS[sheet.unit]
    return broken_rows(table.place, rule, table.frame, days >= 36525)


def _status(
    table: Loaded, endpoint: TimeToEvent, event: pl.Series, censored: pl.Series, failed: pl.Series
) -> Iterator[Outcome]:
    both = Rule(
        f"A time of {endpoint.label} ends with an event or is censored, not both.",
        "Let only one of the two conditions under sheet in study.yaml match.",
    )
    yield broken_rows(table.place, both, table.frame, event & censored)
    sheet = endpoint.sheet
    if sheet is None or sheet.time in table.spoiled:
        return
    timed = table.frame.get_column(sheet.time).is_not_null()
    usable = Rule(
        f"Each patient enrolled has a time and a status of {endpoint.label}."
        if failed.any()
        else f"Each patient has a time and a status of {endpoint.label}.",
        "Set aside and counted as missing.",
        sheet.time,
        severity="note",
    )
    yield broken_rows(table.place, usable, table.frame, ~(timed & (event | censored)) & ~failed)


def _direction(
    table: Loaded, endpoint: TimeToEvent, event: pl.Series, censored: pl.Series
) -> Outcome:
    """Find words of the status that say the opposite of what the protocol takes them for."""
    sheet = endpoint.sheet
    if sheet is None:
        return None
    frame = table.frame
    names = dict.fromkeys(
        (*condition_columns(sheet.any_event), *condition_columns(sheet.any_censoring))
    )
    texts = [one for one in names if frame.schema[one] == pl.String]
    wrong = nowhere(frame)
    for name in texts:
        text = frame.get_column(name)
        living = text.str.contains(_WITHOUT).fill_null(value=False)
        ended = text.str.contains(_EVENT).fill_null(value=False) & ~living
        wrong = wrong | (event & ~censored & living) | (censored & ~event & ended)
    rule = Rule(
        f"The words of the status of {endpoint.label} agree with event and censored.",
        f"The conditions event and censored of {endpoint.id} look exchanged. Correct them under "
        "sheet in study.yaml; they are not exchanged for you.",
        texts[0] if len(texts) == 1 else "",
    )
    return broken_rows(table.place, rule, frame, wrong)


def _survival_longest(
    table: Loaded, survival: TimeToEvent, other: TimeToEvent
) -> Iterator[Outcome]:
    longest, shorter = survival.sheet, other.sheet
    if longest is None or shorter is None or survival.origin.variable != other.origin.variable:
        return
    if not table.has(longest.time, shorter.time):
        return
    died = matching(table.frame, longest.any_event)
    if died is None:
        return
    # Times rounded to a tenth of a month differ by up to 1.5 days from one another.
    slack = 0.0 if longest.unit == shorter.unit else 1.6
    days = pl.col(longest.time) * _DAYS[longest.unit] + slack
    is_shorter = (pl.col(longest.time) >= 0) & (days < pl.col(shorter.time) * _DAYS[shorter.unit])
    impossible, early = survival_rules(other.parameter, longest.time)
    yield broken_rows(table.place, impossible, table.frame, is_shorter & died)
    yield broken_rows(table.place, early, table.frame, is_shorter & ~died)
