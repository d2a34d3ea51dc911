"""Time on treatment stands beside exposure and is no key result."""

from __future__ import annotations

from typing import Any

from counted import plan, row, shares

from hepatica.present.key_results import key_results
from hepatica.present.report import report_content
from hepatica.present.table import Table
from hepatica.protocol.presets import preset_mapping
from hepatica.results import Results


def endpoint(name: str) -> dict[str, Any]:
    return dict(preset_mapping("endpoints", name))


PLAN = plan(
    {"kind": "disposition"},
    endpoints=[endpoint("os"), endpoint("time-on-treatment")],
    analyses=[
        {"id": "exposure", "kind": "exposure", "set": "full"},
        {"id": "survival", "kind": "time_to_event", "set": "full", "endpoint": "os"},
        {
            "id": "treatment",
            "kind": "time_to_event",
            "set": "full",
            "endpoint": "time-on-treatment",
        },
        {"id": "prior", "kind": "therapies", "set": "full", "when": "prior"},
    ],
)
ROWS = Results(
    [
        *(
            row(statistic, value, level, analysis=name, parameter=name, format=shown)
            for name in ("survival", "treatment")
            for level in ("A", "B", "")
            for statistic, value, shown in (("n", 30, "integer"), ("median", 300.0, "months"))
        ),
        *(row("n", 30, level, analysis="exposure", format="integer") for level in ("A", "B", "")),
        *shares("Anlotinib", "", (30, 30), of=(30, 30), analysis="exposure"),
    ]
)


def test_its_table_stands_in_the_section_of_treatment() -> None:
    sections = {
        section.id: [block.id for block in section.blocks if isinstance(block, Table)]
        for section in report_content(PLAN, ROWS).sections
    }
    assert sections["treatment"] == ["exposure", "treatment", "prior"]
    assert sections["efficacy"] == ["survival"]


def test_it_is_no_key_result() -> None:
    cards = key_results(ROWS, PLAN).cards
    assert len(cards) == 1
    assert "Overall survival" in cards[0].title
