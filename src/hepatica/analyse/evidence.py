"""Evidence of one outcome: what each study gives, from publications and from our own runs alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from hepatica.errors import AnalysisError
from hepatica.protocol.review import EvidenceStudy, OwnResult, PooledOutcome, Review
from hepatica.results import Origin, ResultRow, Results

#: Days in the units of printed times; months are 365.25 / 12 days.
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25, "": 1.0}
_COUNTED = ("risk_ratio", "odds_ratio", "risk_difference")
_COMPARED = (*_COUNTED, "mean_difference", "standardised_mean_difference")


@dataclass(frozen=True, slots=True)
class Counts:
    """Patients of one arm, and how many of them had the event; NaN where not told."""

    events: float
    total: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of one arm, and its patients."""

    mean: float
    sd: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one study gives for an outcome.

    Attributes
    ----------
    study, label, arm, comparator : str
        Study, its name in tables and plots, treated arm, and arm it is compared with.
    registration : str
        Number of the trial.
    origin : str
        ``published``, ``collected`` or ``simulated``.
    year : float
        Year of publication; NaN when not told.
    patients : float
        Patients of the study in this outcome; NaN when not told.
    arm_counts, control_counts : Counts or None
        Events of the treated arm (or the only group), and of the control.
    arm_mean, control_mean : Spread or None
        Means of both arms.
    events, time_at_risk : float
        Events and time at risk of a group, for rates; NaN when not told.
    estimate, lower, upper : float
        As told, percentages and times in the unit of the outcome; NaN when not told.
    upper_reached : bool
        False where the upper limit of a median was not reached.
    conf_level : float
        Level of the limits.
    p_value, std_error : float
        As told; NaN when not.
    characteristics : mapping
        Columns by which studies are grouped.
    reason : str
        Why the study is not pooled; empty when it is.
    reference : bool
        Drawn beside the pooled studies.
    source, note : str
        Where the number stands, and what a reader should know of it.
    """

    study: str
    label: str
    origin: Origin
    arm: str = ""
    comparator: str = ""
    registration: str = ""
    year: float = float("nan")
    patients: float = float("nan")
    arm_counts: Counts | None = None
    control_counts: Counts | None = None
    arm_mean: Spread | None = None
    control_mean: Spread | None = None
    events: float = float("nan")
    time_at_risk: float = float("nan")
    estimate: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")
    upper_reached: bool = True
    conf_level: float = 0.95
    p_value: float = float("nan")
    std_error: float = float("nan")
    characteristics: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    reference: bool = False
    source: str = ""
    note: str = ""


def published_evidence(
    frame: pl.DataFrame, outcome: PooledOutcome, review: Review
) -> list[Evidence]:
    """Return the evidence that extracted rows hold for an outcome, in their order.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows of extracted results; ``outcome.where`` has been applied.
    outcome : PooledOutcome
        The outcome.
    review : Review
        The plan.

    Returns
    -------
    list of Evidence
        One for each arm, or for each treated arm with its control where arms are compared.
    """
    rows = frame.filter(pl.col("outcome") == outcome.word).to_dicts()
    if outcome.measure not in _COMPARED:
        return [_of_row(row, outcome, review) for row in rows if row["role"] != "control"]
    controls = {row["study"]: row for row in rows if row["role"] == "control"}
    found = []
    for row in rows:
        if row["role"] == "control":
            continue
        one = _of_row(row, outcome, review)
        control = controls.get(row["study"])
        if control is not None and row["role"] != "comparison":
            one = replace(
                one,
                control_counts=_counts(control),
                control_mean=_spread(control),
                comparator=control["arm"],
                patients=_number(row["total"]) + _number(control["total"]),
            )
        found.append(one)
    return found


def own_evidence(
    study: EvidenceStudy, results: Results, outcome: PooledOutcome, *, simulated: bool
) -> Evidence:
    """Return the evidence that a run of our own holds for an outcome.

    Parameters
    ----------
    study : EvidenceStudy
        The study as the plan names it.
    results : Results
        Its result rows.
    outcome : PooledOutcome
        The outcome; one of ``study.outcomes``.
    simulated : bool
        Whether its patients are constructed.

    Raises
    ------
    AnalysisError
        If the run has no such result.
    """
    asked = study.outcomes[outcome.id]
    count = _row(results, asked, "n") if outcome.measure == "proportion" else None
    value = None if count is not None else _row(results, asked, _STATISTICS.get(outcome.measure))
    if count is None and value is None:
        raise AnalysisError(
            f"The run of {study.label} has no result for {outcome.id}: analysis {asked.analysis}, "
            f"variable {asked.variable or '(none)'}, level {asked.level or '(all patients)'}. "
            "Compare with the rows of its results.csv."
        )
    found = Evidence(
        study=study.label,
        label=study.label,
        origin="simulated" if simulated else "collected",
        registration=study.registration,
        year=_number(study.year),
        arm=asked.level,
        characteristics=dict(study.characteristics),
    )
    if count is not None:
        total = float(count.denominator or 0)
        return replace(found, patients=total, arm_counts=Counts(float(count.value or 0), total))
    return _with_limits(found, results, asked, outcome)


_STATISTICS = {"median": "median", "hazard_ratio": "hazard_ratio", "generic": "estimate"}


def _row(results: Results, asked: OwnResult, statistic: str | None) -> ResultRow | None:
    if statistic is None:
        return None
    named = {
        name: getattr(asked, name)
        for name in ("parameter", "variable", "variable_level", "level")
        if getattr(asked, name) or name in ("variable_level", "level")
    }
    rows = results.where(analysis=asked.analysis, statistic=statistic, **named)
    if statistic == "n" and asked.variable:
        rows = [one for one in rows if one.denominator is not None]
    return rows[0] if len(rows) == 1 else None


def _with_limits(
    found: Evidence, results: Results, asked: OwnResult, outcome: PooledOutcome
) -> Evidence:
    statistic = _STATISTICS[outcome.measure]
    rows = [_row(results, asked, f"{statistic}{end}") for end in ("", "_lower", "_upper")]
    per_unit = DAYS[outcome.unit] if outcome.measure == "median" else 1.0
    value, lower, upper = (_value(row) / per_unit for row in rows)
    level = rows[1].conf_level if rows[1] is not None else None
    patients = _row(results, OwnResult(analysis=asked.analysis, level=asked.level), "n")
    return replace(
        found,
        estimate=value,
        lower=lower,
        upper=upper,
        upper_reached=not math.isnan(upper),
        conf_level=level or 0.95,
        patients=_value(patients),
    )


def _value(row: ResultRow | None) -> float:
    return float("nan") if row is None or row.value is None else row.value


def _of_row(row: Mapping[str, Any], outcome: PooledOutcome, review: Review) -> Evidence:
    scale = _to_unit(row["unit"], outcome)
    total = _number(row["total"])
    patients = _number(row["patients"])
    return Evidence(
        study=row["study"],
        label=row["label"] or row["study"],
        origin="published",
        arm=row["arm"],
        comparator=row["comparator"],
        registration=row["registration"],
        year=_number(row["year"]),
        patients=patients if math.isnan(total) else total,
        arm_counts=_counts(row),
        arm_mean=_spread(row),
        events=_number(row["events"]),
        time_at_risk=_number(row["time_at_risk"]),
        estimate=_number(row["estimate"]) * scale,
        lower=_number(row["lower"]) * scale,
        upper=_number(row["upper"]) * scale,
        upper_reached=row["upper_limit"] != "not reached",
        conf_level=row["conf_level"] or 0.95,
        p_value=_number(row["p_value"]),
        std_error=_number(row["std_error"]) * scale,
        characteristics={
            one.id: row[one.id] or "Not reported" for one in (*review.groupings, *review.appraisal)
        },
        reason=row["reason"] if row["use"] == "no" else "",
        reference=row["use"] == "reference",
        source=row["source"],
        note=row["note"],
    )


def _to_unit(unit: str, outcome: PooledOutcome) -> float:
    """Return what a told number is multiplied with: shares become fractions, times their unit."""
    if outcome.measure == "proportion":
        return 0.01 if unit == "%" else 1.0
    if outcome.measure == "median":
        return DAYS[unit] / DAYS[outcome.unit] if unit else 1.0
    return 1.0


def _counts(row: Mapping[str, Any]) -> Counts | None:
    if row["events"] is None or row["total"] is None:
        return None
    return Counts(row["events"], row["total"])


def _spread(row: Mapping[str, Any]) -> Spread | None:
    told = (row["mean"], row["sd"], row["total"])
    return None if None in told else Spread(*told)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def entered_once(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Set aside a publication of a trial whose own results are pooled; a trial enters once.

    Examples
    --------
    >>> both = [
    ...     Evidence(study="P", label="P", origin="published", registration="NCT1"),
    ...     Evidence(study="S", label="S", origin="collected", registration="NCT1"),
    ... ]
    >>> [one.reason for one in entered_once(both)]
    ['The same trial enters with our own results.', '']
    """
    ours = {
        one.registration
        for one in evidence
        if one.origin != "published" and one.registration and not one.reason
    }
    return [
        replace(one, reason="The same trial enters with our own results.")
        if one.origin == "published" and one.registration in ours and not one.reference
        else one
        for one in evidence
    ]


def studies_in(evidence: Iterable[Evidence]) -> int:
    """Return how many studies the evidence comes from; several arms of one are one study."""
    return len({one.registration or one.study for one in evidence})
