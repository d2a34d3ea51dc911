"""The table of several sets of rules, with progression known to an interval beneath."""

from __future__ import annotations

from typing import Any

import pytest
from counted import lines, plan, row, sizes, traced

from hepatica.present.tables import table_sensitivity
from hepatica.protocol.analyses import SensitivityAnalysis
from hepatica.protocol.presets import preset_mapping
from hepatica.results import ResultRow, Results

PLAN = plan(
    {"kind": "sensitivity", "endpoints": ["pfs"], "interval_censored": True},
    endpoints=[dict(preset_mapping("endpoints", "pfs")) | {"time_points": ["12 weeks"]}],
)


def rates(level: str, variable: str, *values: float | None) -> list[ResultRow]:
    shown: dict[str, Any] = {"format": "fraction", "conf_level": 0.95, "time": 84.0}
    shown |= {"parameter": "PFS", "variable": variable}
    return [
        row(name, value, level, status="ok" if value is not None else "not_estimable", **shown)
        for name, value in zip(
            ("survival", "survival_lower", "survival_upper"), values, strict=True
        )
    ]


def rows(b: float | None = 0.4) -> Results:
    found = sizes()
    for level, rate in (("A", 0.5), ("B", b)):
        shown: dict[str, Any] = {"parameter": "PFS", "format": "integer"}
        found.append(row("events", 9, level, **shown))
        found += [
            row(f"median{end}", 90.0, level, parameter="PFS", format="months", conf_level=0.95)
            for end in ("", "_lower", "_upper")
        ]
        found += rates(level, "", 0.6, 0.5, 0.7)
        found.append(row("n", 7, level, variable="interval_censored", **shown))
        found += rates(level, "interval_censored", rate, 0.3, 0.7)
        found += [
            row(
                name,
                value,
                level,
                variable="interval_censored",
                time=84.0,
                parameter="PFS",
                format="fraction",
            )
            for name, value in (("least", rate or 0.35), ("most", rate or 0.45))
        ]
        found += rates(level, "midpoint", 0.55, 0.4, 0.7)
    return Results(found)


def made(found: Results) -> Any:
    analysis = PLAN.analyses[0]
    assert isinstance(analysis, SensitivityAnalysis)
    table = table_sensitivity(found, PLAN, analysis)
    traced(table, found)
    return table


def test_estimate_and_middle_stand_beneath_the_rules() -> None:
    assert lines(made(rows()))[-4:] == [
        ("Progression-free survival, interval-censored",),
        ("  Progressions within an interval, n", "7", "7"),
        ("  At 12 weeks, % (95% CI)", "50.0 (30.0–70.0)", "40.0 (30.0–70.0)"),
        (
            "  At 12 weeks, middle of the interval, % (95% CI)",
            "55.0 (40.0–70.0)",
            "55.0 (40.0–70.0)",
        ),
    ]
    assert "Bounds:" not in made(rows()).footnotes[0]


def test_bounds_are_shown_where_survival_is_not_identified() -> None:
    table = made(rows(b=None))
    assert lines(table)[-3:-1] == [
        ("  At 12 weeks, % (95% CI)", "50.0 (30.0–70.0)", "NE (30.0–70.0)"),
        ("  Bounds at 12 weeks, %", "50.0 to 50.0", "35.0 to 45.0"),
    ]
    assert "Bounds: the time lies within an interval" in table.footnotes[0]


@pytest.mark.parametrize("intervals", [True, False])
def test_other_rules_are_explained_where_there_are_some(intervals: bool) -> None:
    several = plan(
        {"kind": "sensitivity", "endpoints": ["pfs", "ttp"], "interval_censored": intervals},
        endpoints=[
            dict(preset_mapping("endpoints", name)) | {"time_points": ["12 weeks"]}
            for name in ("pfs", "ttp")
        ],
    )
    analysis = several.analyses[0]
    assert isinstance(analysis, SensitivityAnalysis)
    table = table_sensitivity(rows(), several, analysis)
    assert "Other than main:" in table.footnotes[0]
    heads = [one.label for one in table.rows if one.kind == "head"]
    assert ("Progression-free survival, interval-censored" in heads) == intervals
    assert "Other than main:" not in made(rows()).footnotes[0]
