"""One patient's path as text: lines for a terminal, and plain values for JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hepatica.errors import counted
from hepatica.present.explain import PatientPath, TimeTold, Verdict, Visit

_WIDTH = 80
_LABEL = 22


def path_json(path: PatientPath) -> dict[str, Any]:
    """Return the path as a mapping of plain values; dates as ISO 8601."""
    told = {name: _plain(value) for name, value in asdict(path).items()}
    visits = [visit | {"parts": dict(visit["parts"])} for visit in told["visits"]]
    return told | {"facts": dict(told["facts"]), "visits": visits}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def path_lines(path: PatientPath) -> tuple[str, ...]:
    """Return the path as lines of at most 80 characters, for a terminal."""
    return tuple(_lines(path))


def _lines(path: PatientPath) -> Iterator[str]:
    yield f"{path.subject}  {path.study}"
    if path.status:
        yield from textwrap.wrap(path.status, _WIDTH)
    yield ""
    for label, value in (("Arm", path.arm or "not recorded"), *path.facts):
        yield from _labelled(label, value)
    yield from _section("Assessments", [line for one in path.visits for line in _visit_lines(one)])
    yield from _section("Response", [line for one in path.verdicts for line in _verdict(one)])
    yield from _section("Times", [line for one in path.times for line in _time_lines(one)])


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from lines or ["  No records."]


def _labelled(label: str, text: str, indent: int = 2) -> Iterator[str]:
    start = " " * indent + f"{label:{_LABEL}}"
    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_on_hyphens=False,
    ) or [start.rstrip()]


def _visit_lines(visit: Visit) -> Iterator[str]:
    at = f"study day {visit.study_day}" if visit.study_day is not None else ""
    day = visit.day.isoformat() if visit.day is not None else "no date"
    yield f"  {visit.name:{_LABEL}}{day}  {at}".rstrip()
    if visit.lesions:
        sizes = ", ".join(
            f"{one.lesion} {'not measured' if one.mm is None else f'{one.mm:g}'}"
            for one in visit.lesions
        )
        yield from _labelled("lesions, mm", sizes, 4)
    if visit.sum_mm is not None:
        yield from _labelled("sum", _sum(visit), 4)
    if visit.parts:
        yield from _labelled(
            "parts", ", ".join(f"{label} {said}" for label, said in visit.parts), 4
        )
    if visit.response:
        why = f": {visit.rule}" if visit.rule else ""
        yield from _labelled("overall response", f"{visit.response}{why}", 4)


def _sum(visit: Visit) -> str:
    text = f"{visit.sum_mm:g} mm"
    if visit.change_percent is not None:
        text += f", {_percent(visit.change_percent)} from baseline {visit.base_mm:g} mm"
    if visit.nadir_mm is not None and visit.change_from_nadir_percent is not None:
        text += f", {_percent(visit.change_from_nadir_percent)} from nadir {visit.nadir_mm:g} mm"
    elif visit.nadir_mm is not None:
        text += f", nadir {visit.nadir_mm:g} mm"
    return text


def _percent(value: float) -> str:
    return f"{Decimal(repr(value)).quantize(Decimal('0.1'), ROUND_HALF_UP):+}%"


def _verdict(verdict: Verdict) -> Iterator[str]:
    day = f"  {verdict.day.isoformat()}" if verdict.day is not None else ""
    yield from textwrap.wrap(
        f"{verdict.label}: {verdict.value or 'not known'}{day}",
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
    )
    if verdict.rule:
        yield from _labelled("rule", verdict.rule, 4)


def _time_lines(time: TimeTold) -> Iterator[str]:
    if time.days is None or time.event is None:
        yield f"  {time.label}: not known"
        return
    ended = "event" if time.event else "censored"
    yield f"  {time.label}: {_days(time.days)}, {ended}"
    if time.start is not None:
        origin = f", {time.origin}" if time.origin else ""
        yield from _labelled("from", f"{time.start.isoformat()}{origin}", 4)
    if time.entered:
        entry = "not known" if time.entry is None else time.entry.isoformat()
        yield from _labelled("at risk", f"from {entry}, {time.entered}", 4)
    if time.end is not None:
        yield from _labelled("to", time.end.isoformat(), 4)
    for label, text in (("because", time.reason), ("rule", time.rule), ("source", time.source)):
        if text:
            yield from _labelled(label, text, 4)


def _days(days: float) -> str:
    whole = float(days).is_integer()
    return counted(int(days), "day") if whole else f"{days:.1f} days"
