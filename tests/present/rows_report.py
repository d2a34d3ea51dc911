"""Rows of a study in two cohorts, written by hand from a publication's Tables 1, 2 and 4."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hepatica.protocol import Protocol, read_protocol
from hepatica.results import ResultRow, Results

MONTH = 30.4375
ONE, TWO, ALL = "Cohort 1", "Cohort 2", ""
SIZES = {ONE: 26, TWO: 24, ALL: 50}
STUDY = Path(__file__).resolve().parents[2] / "studies" / "alter-0802" / "study.yaml"

#: Counts of Cohort 1 and Cohort 2 by variable and level.
BASELINE = {
    "sex": {"Male": (25, 22), "Female": (1, 2)},
    "ecog": {"0": (14, 15), "1": (12, 9)},
    "child-pugh": {"5": (19, 15), "6": (7, 6), "7": (0, 3)},
    "bclc": {"B": (5, 4), "C": (21, 20)},
    "hbv": {"Positive": (20, 20), "Negative": (6, 4)},
    "hcv": {"Positive": (5, 5), "Negative": (21, 19)},
    "surgery": {"Yes": (15, 11), "No": (11, 13)},
    "vascular-invasion": {"Yes": (3, 3), "No": (23, 21)},
    "extrahepatic": {"Yes": (19, 20), "No": (7, 4)},
    "afp-400": {"Below 400 ng/mL": (14, 12), "400 ng/mL or more": (12, 12)},
}
MEASURED = {
    "age": {ONE: (53, 36, 66), TWO: (54, 27, 70), ALL: (53, 27, 70)},
    "afp": {ONE: (189.0, 1.8, 82630), TWO: (998.8, 2.4, 441231), ALL: (189.0, 1.8, 441231)},
}
#: Any grade and severe counts of Cohort 1 and Cohort 2.
EVENTS = {
    "Hypertension": ((19, 12), (3, 1)),
    "Hypothyroidism": ((16, 15), (0, 0)),
    "Fatigue": ((16, 12), (0, 0)),
    "Diarrhoea": ((16, 10), (4, 0)),
    "Blood bilirubin increased": ((15, 11), (1, 1)),
    "Toothache": ((4, 0), (0, 0)),
    "Nausea": ((3, 1), (0, 0)),
    "Hepatalgia": ((2, 0), (0, 0)),
    "Hiccups": ((1, 0), (0, 0)),
    "Anaemia": ((1, 2), (0, 1)),
    "Pneumonitis": ((0, 1), (0, 1)),
}
RESPONSES = {"CR": (0, 0), "PR": (1, 2), "SD": (21, 16), "PD": (4, 5), "NE": (0, 1)}
#: Percent with limits.
RATES = {
    "orr": {ONE: (1, 3.846, 0.097, 19.64), TWO: (2, 8.333, 1.026, 26.997)},
    "dcr": {ONE: (22, 84.615, 65.13, 95.64), TWO: (18, 75.0, 53.29, 90.23)},
}
#: Events and median with limits in months; None is not estimable.
TIMES: dict[str, dict[str, tuple[int, tuple[float | None, float | None, float | None]]]] = {
    "progression-free-survival": {ONE: (21, (5.7, 4.6, 6.8)), TWO: (19, (4.6, 2.7, 9.1))},
    "time-to-progression": {ONE: (19, (5.9, 4.8, 6.9)), TWO: (16, (4.6, 2.7, 10.0))},
    "overall-survival": {ONE: (16, (12.8, 7.9, None)), TWO: (16, (18.0, 9.1, 23.0))},
}
SURVIVAL = {
    84.0: {ONE: (0.8077, 0.5981, 0.9149), TWO: (0.7246, 0.4863, 0.8661)},
    168.0: {ONE: (0.5420, 0.3242, 0.7170), TWO: (0.4658, 0.2438, 0.6616)},
}
METHOD = "Kaplan–Meier, log-log interval"


def protocol() -> Protocol:
    """Return the protocol of the constructed study with the analyses that have rows here."""
    plan = read_protocol(STUDY)
    written = {row.analysis for row in results()}
    kept = tuple(one for one in plan.analyses if one.id in written)
    return plan.model_copy(update={"analyses": kept})


def results(*more: ResultRow) -> Results:
    """Return all rows of the study."""
    return Results([*_sets(), *_baseline(), *_times(), *_response(), *_adverse_events(), *more])


def failed(analysis: str, reason: str, rows: Results | None = None) -> Results:
    """Return the rows with one analysis replaced by its failure."""
    kept = [row for row in (rows or results()) if row.analysis != analysis]
    return Results([*kept, row(analysis, "analysis", None, status="failed", message=reason)])


def row(analysis: str, statistic: str, value: float | None, **columns: Any) -> ResultRow:
    if columns.get("level"):
        columns.setdefault("group", "arm")
    return ResultRow(
        study="ALTER-0802",
        origin="simulated",
        analysis=analysis,
        statistic=statistic,
        value=None if value is None else float(value),
        **columns,
    )


def _sizes(analysis: str, population: str = "FASFL") -> Iterator[ResultRow]:
    for level, n in SIZES.items():
        yield row(analysis, "n", n, level=level, population=population, format="integer")


def _sets() -> Iterator[ResultRow]:
    yield row("sets", "n", 50, dataset="ADSL", format="integer")
    for flag in ("FASFL", "SAFFL"):
        for level, n in SIZES.items():
            yield row(
                "sets", "n", n, dataset="ADSL", population=flag, level=level, format="integer"
            )


def _count(
    analysis: str, counts: tuple[int, int], with_all: bool = True, **columns: Any
) -> Iterator[ResultRow]:
    values = dict(zip((ONE, TWO, ALL), (*counts, sum(counts)), strict=True))
    for level, n in values.items():
        if level == ALL and not with_all:
            continue
        size = SIZES[level]
        common = {"level": level, "denominator": size, **columns}
        yield row(analysis, "n", n, format="integer", **common)
        yield row(analysis, "percent", 100 * n / size, format="percent", unit="%", **common)


def _baseline() -> Iterator[ResultRow]:
    yield from _sizes("baseline")
    for variable, levels in BASELINE.items():
        for label, counts in levels.items():
            yield from _count("baseline", counts, variable=variable, variable_level=label)
    for variable, groups in MEASURED.items():
        shown = "decimal0" if variable == "age" else "decimal1"
        for level, values in groups.items():
            common = {"level": level, "variable": variable}
            yield row("baseline", "missing", 0, format="integer", **common)
            for statistic, value in zip(("median", "min", "max"), values, strict=True):
                method = "quantiles by SAS definition 5 (R type 2)" if statistic == "median" else ""
                yield row("baseline", statistic, value, format=shown, method=method, **common)


def _triple(
    analysis: str,
    statistic: str,
    values: tuple[float | None, float | None, float | None],
    **columns: Any,
) -> Iterator[ResultRow]:
    for suffix, value in zip(("", "_lower", "_upper"), values, strict=True):
        status: dict[str, Any] = {} if value is not None else {"status": "not_estimable"}
        yield row(analysis, statistic + suffix, value, conf_level=0.95, **status, **columns)


def _times() -> Iterator[ResultRow]:
    for analysis, groups in TIMES.items():
        yield from _sizes(analysis)
        for level, (events, median) in groups.items():
            place = {"level": level, "dataset": "ADTTE"}
            counts = {"events": events, "censored": SIZES[level] - events, "missing": 0}
            for statistic, value in counts.items():
                yield row(analysis, statistic, value, format="integer", **place)
            days = tuple(None if one is None else one * MONTH for one in median)
            shown = {"format": "months", "unit": "days", "method": METHOD}
            yield from _triple(analysis, "median", days, **shown, **place)
    yield from _landmarks("progression-free-survival")


def _landmarks(analysis: str) -> Iterator[ResultRow]:
    for day, groups in SURVIVAL.items():
        for level, values in groups.items():
            common = {"level": level, "time": day, "format": "fraction", "method": METHOD}
            yield from _triple(analysis, "survival", values, **common)
    known = {ONE: (0.65, 0.80, 1.57, 0.1165), TWO: (0.50, 0.70, 1.86, 0.0623)}
    for level, (rate, target, z, p_value) in known.items():
        place = {"level": level, "time": 84.0, "variable": "historical"}
        yield from _triple(
            analysis, "estimate", SURVIVAL[84.0][level], format="fraction", method=METHOD, **place
        )
        yield row(analysis, "historical", rate, format="fraction", **place)
        yield row(analysis, "target", target, format="fraction", **place)
        yield row(analysis, "test_statistic", z, format="statistic", method="Wald test", **place)
        yield row(analysis, "p_value", p_value, format="p_value", method="Wald test", **place)
        yield row(analysis, "verdict", None, text="not_excluded", method="Wald test", **place)


def _response() -> Iterator[ResultRow]:
    yield from _sizes("response")
    for level, counts in RESPONSES.items():
        yield from _count(
            "response", counts, variable="best_response", variable_level=level, parameter="CBOR"
        )
    for endpoint, groups in RATES.items():
        for level, (n, *values) in groups.items():
            place = {"level": level, "variable": endpoint, "parameter": "CBOR"}
            yield row("response", "n", n, format="integer", **place)
            shown = {"format": "percent", "unit": "%", "method": "Clopper–Pearson"}
            estimate, lower, upper = values
            yield from _triple("response", "percent", (estimate, lower, upper), **shown, **place)


def _adverse_events() -> Iterator[ResultRow]:
    yield from _sizes("adverse-events", "SAFFL")
    for variable, at_least_one in (("any", (26, 24)), ("severe", (11, 7))):
        yield from _count("adverse-events", at_least_one, variable=variable)
    for event, (some, severe) in EVENTS.items():
        yield from _count("adverse-events", some, variable="any", variable_level=event)
        yield from _count("adverse-events", severe, variable="severe", variable_level=event)
