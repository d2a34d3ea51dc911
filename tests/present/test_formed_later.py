"""Groups formed after the time origin, and late entry, are said wherever times are shown."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.present.methods import methods_paragraphs
from hepatica.present.spans import plain_text
from hepatica.present.study_figures import study_figures
from hepatica.present.table import Table
from hepatica.present.tables import table_endpoints
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.groups import is_formed_afterwards
from hepatica.protocol.model import Protocol
from hepatica.results import Results

IMMORTAL = "(immortal time)"
LATE = "Delayed entry: patients are at risk from second-line therapy on"
FIRST = date(2020, 1, 1)


def protocol(*, after_baseline: bool = True, entry: bool = False, **analysis: Any) -> Protocol:
    occurs = {"dataset": "ADCM", "date": "ASTDT", "after_baseline": after_baseline}
    endpoint: dict[str, Any] = {
        "kind": "time_to_event",
        "id": "os",
        "label": "Overall survival",
        "parameter": "OS",
        "origin": {"label": "first-line therapy", "variable": "FLDT"},
        "events": [
            {
                "id": "death",
                "sentence": "Died.",
                "description": "Death",
                "dataset": "ADSL",
                "date": "DTHDT",
            }
        ],
    }
    if entry:
        endpoint["entry"] = {"label": "second-line therapy", "variable": "TRTSDT"}
    plan = {"id": "os", "kind": "time_to_event", "set": "full", "endpoint": "os"} | analysis
    return Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T"},
            "data": {"tables": {"ADSL": {"file": "adsl.csv"}, "CM": {"file": "cm.csv"}}},
            "arms": [{"id": "a", "label": "Arm A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "variables": [
                {
                    "id": "later",
                    "label": "Later therapy",
                    "column": "LATERFL",
                    "kind": "categorical",
                    "occurs": occurs,
                    "levels": [{"label": "With", "value": "Y"}, {"label": "Without", "value": "N"}],
                }
            ],
            "endpoints": [endpoint],
            "analyses": [plan],
        }
    )


def rows_of(plan: Protocol) -> Results:
    days = range(4, 12)
    adsl = pl.DataFrame(
        {
            "USUBJID": [str(day) for day in days],
            "FLDT": [FIRST] * len(days),
            "TRTSDT": [FIRST + timedelta(day // 2) for day in days],
            "TRTEDT": [FIRST + timedelta(day - 1) for day in days],
            "DTHDT": [FIRST + timedelta(day) for day in days],
        }
    )
    therapies = pl.DataFrame(
        {"USUBJID": ["4", "8", "11"], "CMTRT": ["X"] * 3, "CMSTDT": [FIRST] * 3, "CMSEQ": [1] * 3}
    )
    return analyse(plan, derive_datasets(plan, {"ADSL": adsl, "CM": therapies}))


def shown(plan: Protocol) -> tuple[Table, str, str]:
    """Return the table, the text of the figure, and the methods."""
    rows = rows_of(plan)
    (analysis,) = plan.analyses
    assert isinstance(analysis, TimeToEventAnalysis)
    drawing = study_figures(rows, plan, digest="d", version="1")["os"].wide
    methods = " ".join(plain_text(one) for one in methods_paragraphs(rows, plan))
    return table_endpoints(rows, plan, (analysis,)), drawing.svg, methods


GROUPED = [
    {"by": "later", "compare": {"reference": "Without"}},
    {"where": {"LATERFL": "Y"}, "where_label": "With later therapy"},
]


@pytest.mark.parametrize("analysis", GROUPED)
def test_groups_formed_later_are_said_in_table_figure_and_methods(analysis: Any) -> None:
    table, figure, methods = shown(protocol(**analysis))
    assert IMMORTAL in " ".join(table.footnotes)
    assert "(immortal" in figure
    assert IMMORTAL in methods


def test_groups_formed_before_are_not() -> None:
    for plan in (protocol(), protocol(after_baseline=False, by="later")):
        table, figure, methods = shown(plan)
        assert IMMORTAL not in f"{' '.join(table.footnotes)} {methods}"
        assert "immortal" not in figure


def test_a_stratum_formed_later_counts() -> None:
    plan = protocol(compare={"strata": ["later"]})
    assert is_formed_afterwards(plan, plan.analyses[0])


def test_the_table_says_which_test_a_p_value_is_from() -> None:
    table, _, _ = shown(protocol(by="later", compare={"reference": "Without"}))
    labels = [row.label for row in table.rows]
    assert "Hazard ratio against Without (95% CI, Wald)" in labels
    assert "Log-rank P, two-sided, all groups" in labels


def test_late_entry_is_said_in_table_figure_and_methods() -> None:
    table, figure, methods = shown(protocol(entry=True))
    assert LATE in " ".join(table.footnotes)
    assert "Delayed entry" in figure
    assert "left truncation" in methods
    labels = [row.label for row in table.rows]
    assert "Followed from entry on" in labels
    assert not any("Set aside" in label for label in labels)


def test_the_figure_prints_numbers_at_risk_that_rise_and_all_who_were_followed() -> None:
    # They die on days 5 to 12 and enter after 2, 2, 3, 3, 4, 4, 5 and 5 days: on day 5 six are at
    # risk, on day 6 the last two have entered and one has died.
    rows = rows_of(protocol(entry=True))
    at_risk = [
        one.value for one in rows.where(analysis="os", variable="curve", statistic="at_risk")
    ]
    assert at_risk == [6, 7, 6, 5, 4, 3, 2, 1]
    start = rows.one(analysis="os", variable="risk_table", statistic="at_risk", time=0.0)
    assert start.value == 0
    _, figure, _ = shown(protocol(entry=True))
    assert ">8/8<" in figure
