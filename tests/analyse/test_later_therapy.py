"""Survival by later therapy: 26 constructed times that give what a publication printed.

ALTER-0802, Cohort 1: 20.1 months (12.8-NE) with and 7.9 (5.7-19.0) without later targeted therapy,
hazard ratio .26 (.08-.84), p .0160, which is the log-rank test.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.derive import derive_datasets
from hepatica.protocol.model import Protocol
from hepatica.results import Results

WITH = "618+ 611 390 320+ 581 1064 701+ 240+ 240+ 609"
WITHOUT = "694+ 95 174 366 238 241+ 344 51 243 658+ 239 177 395+ 174 178 577"
FIRST = date(2017, 1, 1)
MONTH = 30.4375


@pytest.fixture(scope="module")
def rows() -> Results:
    times = [*WITH.split(), *WITHOUT.split()]
    last = [FIRST + timedelta(int(one.removesuffix("+")) - 1) for one in times]
    names = [f"{n:02d}" for n in range(len(times))]
    adsl = pl.DataFrame(
        {
            "USUBJID": names,
            "TRTSDT": [FIRST] * len(names),
            "TRTEDT": [FIRST + timedelta(20)] * len(names),
            "DTHFL": [None if one.endswith("+") else "Y" for one in times],
            "DTHDT": [None if t.endswith("+") else d for t, d in zip(times, last, strict=True)],
            "LSTALVDT": last,
        }
    )
    treated = names[: len(WITH.split())]
    therapies = pl.DataFrame(
        {
            "USUBJID": [*treated, names[-1]],
            "CMTRT": ["SORAFENIB"] * len(treated) + ["NIVOLUMAB"],
            "CMCAT": ["SUBSEQUENT CANCER THERAPY"] * (len(treated) + 1),
            "CMSCAT": ["Targeted therapy"] * len(treated) + ["Checkpoint inhibitor"],
            "CMSTDT": [FIRST + timedelta(40)] * (len(treated) + 1),
            "CMSTDTP": ["D"] * (len(treated) + 1),
            "CMSEQ": [1] * (len(treated) + 1),
        }
    )
    plan = Protocol.model_validate(
        {
            "study": {"id": "S", "title": "T"},
            "data": {"tables": {"ADSL": {"file": "adsl.csv"}, "CM": {"file": "cm.csv"}}},
            "arms": [{"id": "a", "label": "A"}],
            "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
            "variables": [
                {
                    "id": "later",
                    "label": "Later therapy",
                    "column": "LATERFL",
                    "kind": "categorical",
                    "occurs": {
                        "dataset": "ADCM",
                        "where": {"all": [{"NEWTHFL": "Y"}, {"CMSCAT": "Targeted therapy"}]},
                        "date": "ASTDT",
                    },
                    "levels": [{"label": "With", "value": "Y"}, {"label": "Without", "value": "N"}],
                }
            ],
            "endpoints": [
                {
                    "kind": "time_to_event",
                    "id": "os",
                    "label": "Overall survival",
                    "parameter": "OS",
                    "origin": {"label": "first dose", "variable": "TRTSDT"},
                    "events": [
                        {
                            "id": "death",
                            "sentence": "Died.",
                            "description": "Death",
                            "dataset": "ADSL",
                            "date": "DTHDT",
                        }
                    ],
                    "censoring": [
                        {
                            "id": "alive",
                            "sentence": "Alive.",
                            "description": "Alive",
                            "dataset": "ADSL",
                            "date": "LSTALVDT",
                        }
                    ],
                }
            ],
            "analyses": [
                {
                    "id": "os",
                    "kind": "time_to_event",
                    "set": "full",
                    "endpoint": "os",
                    "by": "later",
                    "compare": {"reference": "Without"},
                }
            ],
            "dialect": "sas",
        }
    )
    return analyse(plan, derive_datasets(plan, {"ADSL": adsl, "CM": therapies}))


def value(rows: Results, statistic: str, **columns: str) -> float:
    found = rows.one(analysis="os", statistic=statistic, **columns).value
    assert found is not None
    return found


def test_medians_are_those_printed(rows: Results) -> None:
    found = {
        level: [
            round(value(rows, name, level=level, variable="") / MONTH, 1)
            for name in ("median", "median_lower")
        ]
        for level in ("With", "Without")
    }
    assert found == {"With": [20.1, 12.8], "Without": [7.9, 5.7]}
    upper = rows.one(analysis="os", statistic="median_upper", level="With")
    assert upper.status == "not_estimable"
    assert round(value(rows, "median_upper", level="Without") / MONTH, 1) == 19.0


def test_the_printed_p_value_is_that_of_the_log_rank_test(rows: Results) -> None:
    assert round(value(rows, "p_value", variable="logrank"), 4) == 0.0160
    limits = ("hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper")
    ratio = [round(value(rows, name, variable="cox"), 2) for name in limits]
    assert ratio == [0.26, 0.08, 0.84]
    assert round(value(rows, "p_value", variable="cox"), 3) == pytest.approx(0.024, abs=0.0011)
