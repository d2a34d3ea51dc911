"""Key results: a few sentences, and cards with each estimate beside its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from hepatica.present.format import DAYS_PER_MONTH, format_level
from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import Spans, interval, join, number
from hepatica.present.tables.comparison import departure_sentence
from hepatica.present.wording import (
    endpoint_of,
    grouping,
    is_about_treatment,
    is_post_hoc,
    lower_first,
    percent_text,
)
from hepatica.protocol.analyses import Analysis, ResponseAnalysis, TimeToEventAnalysis
from hepatica.protocol.endpoints import Endpoint, Response, TimeToEvent
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

MAX_CARDS = 6
MAX_GROUPS = 6
_SCALES = (12, 24, 36, 48, 60, 84, 120, 180, 240, 360)


@dataclass(frozen=True, slots=True)
class CardRow:
    """One group of a card.

    Attributes
    ----------
    label, slot
        Name and colour slot of the group.
    value, unit, limits
        Estimate, its unit, and the interval in figures.
    at, low, high, reference : float or None
        Places on the scale between 0 and 1: estimate, limits, historical rate.
    open_end : bool
        Whether the upper limit is not estimable, so that the strip goes on to the end.
    """

    label: str
    slot: int
    value: Spans
    unit: str
    limits: Spans
    at: float | None
    low: float | None
    high: float | None
    reference: float | None = None
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One endpoint: how it was measured, and the estimate of each group."""

    title: str
    note: Spans
    rows: tuple[CardRow, ...]
    primary: bool = False


@dataclass(frozen=True, slots=True)
class KeyResults:
    """Two or three sentences, then up to six cards."""

    sentences: tuple[Spans, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class _Estimate:
    """What one endpoint of an analysis is read by: its statistic and where it stands."""

    analysis: Analysis
    endpoint: Endpoint
    index: RowIndex
    groups: tuple[Group, ...]
    statistic: str
    variable: str = ""
    time: float | None = None

    def get(self, group: Group, suffix: str = "") -> ResultRow | None:
        return self.index.get(
            self.statistic + suffix, level=group.level, variable=self.variable, time=self.time
        )

    def historical(self, group: Group, statistic: str = "historical") -> ResultRow | None:
        return self.index.get(
            statistic,
            level=group.level,
            variable="historical",
            variable_level=self.variable,
            time=self.time,
        )


def key_results(results: Results, protocol: Protocol) -> KeyResults:
    """Return sentences and cards of the planned endpoints, the primary one first.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        The study.

    Returns
    -------
    KeyResults
        Every number is the value of a row. Post hoc analyses and times on treatment
        are left out.
    """
    estimates = _estimates(results, protocol)
    cards = tuple(_card(estimate, estimates, protocol) for estimate in estimates[:MAX_CARDS])
    return KeyResults(tuple(_sentences(estimates, protocol)), cards)


def _estimates(results: Results, protocol: Protocol) -> list[_Estimate]:
    found: dict[str, _Estimate] = {}
    widest_first = sorted(
        protocol.analyses, key=lambda one: (one.by != "arm", one.where is not None)
    )
    for analysis in widest_first:
        if not isinstance(analysis, TimeToEventAnalysis | ResponseAnalysis):
            continue
        if is_post_hoc(protocol, analysis) or is_about_treatment(protocol, analysis):
            continue
        index = RowIndex(results, analysis.id)
        groups = tuple(g for g in groups_of(index, protocol, analysis) if g.level)[:MAX_GROUPS]
        names = (
            (analysis.endpoint,)
            if isinstance(analysis, TimeToEventAnalysis)
            else analysis.endpoints
        )
        for name in names:
            endpoint = endpoint_of(protocol, name)
            statistic, variable, time = _measure(endpoint)
            one = _Estimate(analysis, endpoint, index, groups, statistic, variable, time)
            if name not in found and any(one.get(group) is not None for group in groups):
                found[name] = one
    order = [endpoint.id for endpoint in protocol.endpoints]
    rank = {"primary": 0, "secondary": 1, "exploratory": 2}
    return sorted(
        found.values(), key=lambda one: (rank[one.endpoint.role], order.index(one.endpoint.id))
    )


def _measure(endpoint: Endpoint) -> tuple[str, str, float | None]:
    if isinstance(endpoint, Response):
        return "percent", endpoint.id, None
    if endpoint.historical is not None and endpoint.historical.at is not None:
        return "survival", "", endpoint.historical.at.days
    return "median", "", None


def _is_share(one: _Estimate) -> bool:
    return one.statistic in ("percent", "survival")


# --- cards -----------------------------------------------------------------------------------


def _card(one: _Estimate, estimates: list[_Estimate], protocol: Protocol) -> Card:
    scale = 100.0 if _is_share(one) else _months_scale(estimates)
    rows = tuple(row for group in one.groups if (row := _card_row(one, group, scale)) is not None)
    return Card(
        _card_title(one, protocol), _card_note(one, protocol, scale), rows, _is_primary(one)
    )


def _is_primary(one: _Estimate) -> bool:
    return one.endpoint.role == "primary"


def _card_title(one: _Estimate, protocol: Protocol) -> str:
    by = grouping(protocol, one.analysis.by)
    suffix = f", by {by}" if by else ""
    if restricted := _restricted(one, protocol):
        suffix += f", {restricted}"
    if one.statistic == "median":
        return f"{one.endpoint.label}, median{suffix}"
    if one.time is not None and one.endpoint.historical and one.endpoint.historical.at:
        return f"{one.endpoint.label} at {one.endpoint.historical.at.text}{suffix}"
    return f"{one.endpoint.label}{suffix}"


def _card_note(one: _Estimate, protocol: Protocol, scale: float) -> Spans:
    parts: list[str | Spans] = []
    if _is_primary(one):
        parts.append("Primary endpoint. ")
    if isinstance(one.endpoint, Response):
        how = ["confirmed" if one.endpoint.confirmed else "", _criteria(one.endpoint, protocol)]
        if one.endpoint.sheet is not None:
            how = ["as recorded"]
        described = ", ".join(filter(None, how)) or "best overall response"
    else:
        described = "Kaplan–Meier"
    # A name such as mRECIST keeps its small letter.
    parts.append(described if described[1:2].isupper() else described[:1].upper() + described[1:])
    unit = "%" if _is_share(one) else " months"
    parts.append(f"; scale 0 to {scale:g}{unit}")
    known = [row for group in one.groups if (row := one.historical(group)) is not None]
    if known:
        values = [number(row, percent_text(row.value or 0.0)) for row in known]
        parts.append(". Dashed: historical rate, ")
        for position, value in enumerate(values):
            before = "" if position == 0 else " and " if position == len(values) - 1 else ", "
            parts.append(join(before, value))
    return join(*parts)


def _restricted(one: _Estimate, protocol: Protocol) -> str:
    """Return which patients an analysis is restricted to; empty for all of its set."""
    analysis = one.analysis
    label = analysis.where_label if analysis.where is not None else ""
    return label if label in {arm.label for arm in protocol.arms} else lower_first(label)


def _criteria(endpoint: Response, protocol: Protocol) -> str:
    """Return the criteria by which a response is judged, those of its reading first."""
    if protocol.assessments is None:
        return ""
    readings = (one for one in protocol.assessments.readings if one.id == endpoint.reading)
    own = next((one.criteria for one in readings), None)
    return own or protocol.assessments.criteria or ""


def _card_row(one: _Estimate, group: Group, scale: float) -> CardRow | None:
    value = one.get(group)
    if value is None:
        return None
    lower, upper = one.get(group, "_lower"), one.get(group, "_upper")
    reference = one.historical(group)
    has_limits = lower is not None and upper is not None
    known = value.status == "ok"
    limits: Spans = ()
    if lower is not None and upper is not None and "ok" in (value.status, lower.status):
        limits = join(f"{format_level(lower)}\N{NO-BREAK SPACE}", interval(lower, upper))
    return CardRow(
        label=group.label,
        slot=group.slot,
        value=join(value),
        unit=("%" if _is_share(one) else " mo") if known else "",
        limits=limits,
        at=_place(value, scale),
        low=_place(lower, scale),
        high=_place(upper, scale),
        reference=_place(reference, scale),
        open_end=has_limits and known and upper is not None and upper.status != "ok",
    )


def _place(row: ResultRow | None, scale: float) -> float | None:
    if row is None or row.status != "ok" or row.value is None:
        return None
    return min(1.0, max(0.0, _shown(row) / scale))


def _shown(row: ResultRow) -> float:
    """Return the value in the unit in which it is displayed."""
    value = row.value if row.value is not None else math.nan
    if row.format == "months":
        return value / float(DAYS_PER_MONTH)
    return value * 100 if row.format == "fraction" else value


def _months_scale(estimates: Iterable[_Estimate]) -> float:
    shown = [
        _shown(row)
        for one in estimates
        if one.statistic == "median"
        for group in one.groups
        for suffix in ("", "_lower", "_upper")
        if (row := one.get(group, suffix)) is not None and row.status == "ok"
    ]
    largest = max(shown, default=0.0)
    return float(next((scale for scale in _SCALES if scale >= largest), math.ceil(largest)))


# --- sentences -------------------------------------------------------------------------------


def _sentences(estimates: list[_Estimate], protocol: Protocol) -> Iterable[Spans]:
    if not estimates:
        return
    first = estimates[0]
    yield _estimate_sentence(first, protocol)
    tested = _historical_sentence(first)
    if tested:
        yield tested
    overall = next(
        (
            one
            for one in estimates[1:]
            if isinstance(one.endpoint, TimeToEvent) and one.endpoint.parameter == "OS"
        ),
        estimates[1] if len(estimates) > 1 else None,
    )
    if overall is not None:
        yield _estimate_sentence(overall, protocol)
    compared = _comparison_sentence(first, protocol)
    if compared and not tested:
        yield compared


def _estimate_sentence(one: _Estimate, protocol: Protocol) -> Spans:
    label = lower_first(one.endpoint.label)
    restricted = _restricted(one, protocol)
    whom = f" ({restricted})" if restricted else ""
    if one.statistic == "median":
        opening = f"Median {label}{whom} was "
    elif one.time is not None and one.endpoint.historical and one.endpoint.historical.at:
        opening = f"{one.endpoint.label} at {one.endpoint.historical.at.text}{whom} was "
    else:
        opening = f"{one.endpoint.label}{whom} was "
    parts = [_in_group(one, group) for group in one.groups]
    return join(opening, *_joined([part for part in parts if part]), ".")


def _in_group(one: _Estimate, group: Group) -> Spans:
    value, lower, upper = (one.get(group, suffix) for suffix in ("", "_lower", "_upper"))
    if value is None:
        return ()
    where = f" in {_kept(group.label)}" if len(one.groups) > 1 or one.analysis.by != "arm" else ""
    if value.status != "ok":
        return join("not reached" if one.statistic == "median" else "not estimable", where)
    unit = "%" if _is_share(one) else "\N{NO-BREAK SPACE}months"
    limits: Spans = ()
    if lower is not None and upper is not None:
        limits = join(f" ({format_level(lower)}\N{NO-BREAK SPACE}", interval(lower, upper), ")")
    return join(number(value), unit, limits, where)


def _kept(label: str) -> str:
    """Return a short label in one piece, so that a line does not end inside it."""
    return label.replace(" ", "\N{NO-BREAK SPACE}") if len(label) <= 16 else label


def _joined(parts: list[Spans]) -> list[Spans | str]:
    out: list[Spans | str] = []
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        if position:
            out.append(" and " if len(parts) == 2 else "; and " if last else "; ")
        out.append(part)
    return out


def _historical_sentence(one: _Estimate) -> Spans:
    """Say which historical rate each interval includes, from the limits of the rows."""
    parts: list[Spans] = []
    included: list[bool] = []
    for group in one.groups:
        known = one.historical(group)
        lower = one.historical(group, "estimate_lower")
        upper = one.historical(group, "estimate_upper")
        if known is None or lower is None or upper is None:
            continue
        if known.value is None or lower.value is None or upper.value is None:
            continue
        inside = lower.value <= known.value <= upper.value
        included.append(inside)
        verb = "includes" if inside else "excludes"
        rate = number(known, percent_text(known.value))
        parts.append(join(f"of {_kept(group.label)} {verb} the historical ", rate))
    if not parts:
        return ()
    begin: list[Spans | str] = ["The interval ", parts[0]]
    for position, part in enumerate(parts[1:], start=2):
        begin += [", and that " if position == len(parts) else ", that ", part]
    return join(*begin, _conclusion(included), ".")


def _conclusion(included: list[bool]) -> str:
    if len(included) == 1:
        return ""
    if all(included):
        return (
            ": neither excludes its historical rate"
            if len(included) == 2
            else (": none excludes its historical rate")
        )
    if not any(included):
        return (
            ": both exclude their historical rates"
            if len(included) == 2
            else (": all exclude their historical rates")
        )
    return ""


def _comparison_sentence(one: _Estimate, protocol: Protocol) -> Spans:
    compare = getattr(one.analysis, "compare", None)
    if compare is None or not compare.reference:
        return ()
    parts: list[Spans] = []
    for group in one.groups:
        value, lower, upper = (
            one.index.get(
                f"hazard_ratio{suffix}",
                level=group.level,
                variable="cox",
                reference=compare.reference,
            )
            for suffix in ("", "_lower", "_upper")
        )
        if value is None or lower is None or upper is None or value.status != "ok":
            continue
        limits = join(f" ({format_level(lower)}\N{NO-BREAK SPACE}", interval(lower, upper), ")")
        parts.append(join(number(value), limits, f" for {_kept(group.label)}"))
    if not parts:
        return ()
    restricted = _restricted(one, protocol)
    of = f"{lower_first(one.endpoint.label)}{f' ({restricted})' if restricted else ''}"
    opening = f"Against {compare.reference}, the hazard ratio of {of} was "
    cautions: list[str | Spans] = []
    if one.analysis.by == "arm" and not protocol.study.randomised:
        cautions.append(" The groups were not randomised.")
    departs = departure_sentence(one.index, compare.reference)
    cautions += [" ", departs] if departs else []
    return join(opening, *_joined(parts), ".", *cautions)
