"""Time on treatment: the preset on four subjects, both ends counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from collected_tables import ENGINES, collected, on_engine

from hepatica.derive.adtte_rules import derive_adtte
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping

PLAN = Protocol.model_validate(
    {
        "study": {"id": "S", "title": "T", "data_cut_off": "2020-06-30"},
        "data": {"tables": {"DM": {"file": "dm.csv"}}},
        "arms": [{"id": "a", "label": "A"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "endpoints": [dict(preset_mapping("endpoints", "time-on-treatment"))],
        "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
    }
)
FIRST, CUT_OFF = date(2020, 1, 1), date(2020, 6, 30)
SUBJECTS = (
    # First dose, last dose, status; days, 1 for censored, reason.
    ("stopped", FIRST, date(2020, 1, 31), "DISCONTINUED", (31, 0, "End of treatment")),
    ("one dose", FIRST, FIRST, "COMPLETED", (1, 0, "End of treatment")),
    ("goes on", FIRST, CUT_OFF, "ONGOING", (182, 1, "On treatment at the data cut-off")),
    ("never treated", None, None, None, None),
)


@pytest.mark.parametrize("engine", ENGINES)
def test_treatment_lasts_from_the_first_dose_to_the_last(engine: str) -> None:
    adsl = pl.DataFrame(
        [subject[:4] for subject in SUBJECTS],
        schema={
            "USUBJID": pl.String,
            "TRTSDT": pl.Date,
            "TRTEDT": pl.Date,
            "EOTSTT": pl.String,
        },
        orient="row",
    )
    derived = derive_adtte(PLAN, on_engine({"ADSL": adsl}, engine))
    assert derived is not None
    found: dict[str, Any] = {
        row["USUBJID"]: (row["AVAL"], row["CNSR"], row["EVNTDESC"] or row["CNSDTDSC"])
        for row in collected(derived).iter_rows(named=True)
    }
    assert found == {name: expected for name, *_, expected in SUBJECTS if expected is not None}
