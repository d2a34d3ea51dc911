"""Result rows of certainty: the reviewers' rating, absolute effects, and hints from the numbers.

A hint says what the numbers show; it is no judgement, and no rating follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hepatica.analyse.pooling_rows import OutcomeRows
from hepatica.protocol.certainty import Certainty, certainty_of
from hepatica.results import ResultRow
from hepatica.stats.meta.absolute_risk import risk_under_treatment

_WORDS = {
    "risk_ratio": "Risk ratio times the assumed risk under control.",
    "odds_ratio": "Odds ratio applied to the assumed risk under control.",
    "hazard_ratio": "One less the assumed share without the event, to the power of the hazard "
    "ratio (proportional hazards).",
    "risk_difference": "Risk difference added to the assumed risk under control.",
}
_LARGE_I2 = 0.5
_ENOUGH = 10
_SMALL_P = 0.10
_PER = 1000.0

_Rows = dict[str, ResultRow]


def certainty_rows(rows: OutcomeRows, found: Sequence[ResultRow]) -> Iterator[ResultRow]:
    """Yield the rows of certainty of an outcome whose certainty was rated.

    Parameters
    ----------
    rows : OutcomeRows
        The outcome.
    found : sequence of ResultRow
        Its other rows.
    """
    judged = rows.outcome.certainty
    pooled = _pooled(found)
    if judged is None or "estimate" not in pooled or pooled["estimate"].value is None:
        return
    place: dict[str, Any] = {"origin": pooled["estimate"].origin, "variable": "certainty"}
    yield rows.row("certainty", None, text=certainty_of(judged), **place)
    for way, domains in ((-1.0, judged.down.judgements), (1.0, judged.up.judgements)):
        for domain, one in domains.items():
            if one.steps:
                where = {**place, "variable_level": domain}
                yield rows.row("steps", way * one.steps, format="integer", **where)
                yield rows.row("reason", None, text=one.reason, **where)
    for domain, sentence in _hints(rows, pooled, found):
        hint = {**place, "variable": "hint", "variable_level": domain}
        yield rows.row(f"hint_{sentence[0]}", None, text=sentence[1], **hint)
    yield from _absolute(rows, judged, pooled)


def _pooled(found: Sequence[ResultRow]) -> _Rows:
    """Return the rows of the first model: the one that was asked for."""
    rows = [row for row in found if row.variable == "pooled" and not row.subgroup]
    first = rows[0].variable_level if rows else ""
    return {row.statistic: row for row in rows if row.variable_level == first}


def _absolute(rows: OutcomeRows, judged: Certainty, pooled: _Rows) -> Iterator[ResultRow]:
    measure, control = rows.outcome.measure, judged.baseline_risk
    if control is None or measure not in _WORDS:
        return
    place: dict[str, Any] = {
        "origin": pooled["estimate"].origin,
        "variable": "absolute",
        "unit": "per 1000",
        "format": "integer",
    }
    yield rows.row("control_risk", _PER * control, **{**place, "method": judged.baseline_source})
    place["method"] = _WORDS[measure]
    for statistic, less in (("risk", 0.0), ("risk_change", control)):
        for end in ("", "_lower", "_upper"):
            effect = pooled[f"estimate{end}"].value
            if effect is None:
                continue
            risk = min(max(risk_under_treatment(control, effect, measure=measure), 0.0), 1.0)
            yield rows.row(
                f"{statistic}{end}", _PER * (risk - less), conf_level=rows.conf_level, **place
            )


def _hints(
    rows: OutcomeRows, pooled: _Rows, found: Sequence[ResultRow]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield domain, name and sentence of what the numbers show."""
    i2 = pooled.get("i2")
    if i2 is not None and (i2.value or 0.0) >= _LARGE_I2:
        yield "inconsistency", ("i2", "I² is 50 % or more")
    if _includes(rows, pooled.get("prediction_lower"), pooled.get("prediction_upper")):
        yield "inconsistency", ("prediction", "the prediction interval includes no effect")
    if _includes(rows, pooled.get("estimate_lower"), pooled.get("estimate_upper")):
        yield "imprecision", ("interval", "the interval includes no effect")
    if (pooled["data_sets"].value or 0.0) < _ENOUGH:
        yield "publication_bias", ("few", "fewer than 10 data sets: asymmetry is hardly testable")
    small = any(
        row.variable in ("egger", "begg")
        and row.statistic == "p_value"
        and row.value is not None
        and row.value < _SMALL_P
        for row in found
    )
    if small:
        yield "publication_bias", ("asymmetry", "a test of asymmetry has P below 0.10")


def _includes(rows: OutcomeRows, lower: ResultRow | None, upper: ResultRow | None) -> bool:
    """Return whether an interval includes "no effect", where there is such a value."""
    if lower is None or upper is None or lower.value is None or upper.value is None:
        return False
    return lower.value <= rows.shown.null <= upper.value
