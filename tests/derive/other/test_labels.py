"""Every column that these derivations add has a label."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from tables import on_both, protocol, subjects, table

from hepatica.derive.adae import derive_adae
from hepatica.derive.adbm import derive_adbm
from hepatica.derive.adcm import derive_adcm
from hepatica.derive.adex import derive_adex
from hepatica.derive.adlb import derive_adlb
from hepatica.derive.labels import variable_label

DATED = "USUBJID {0}STDTC {0}ENDTC {0}SEQ {1}"
DERIVATIONS: dict[str, tuple[Any, pl.DataFrame]] = {
    "ADAE": (derive_adae, table(DATED.format("AE", "AETERM"), [("1", "2020-01-01", None, 1, "a")])),
    "ADEX": (derive_adex, table(DATED.format("EX", "EXTRT"), [("1", "2020-01-01", None, 1, "a")])),
    "ADLB": (derive_adlb, table("USUBJID LBTESTCD LBDTC", [("1", "ALT", "2020-01-01")])),
    "ADBM": (derive_adbm, table("USUBJID BMTESTCD BMDTC", [("1", "AFP", "2020-01-01")])),
    "ADCM": (
        lambda plan, cm, adsl: derive_adcm(plan, cm, None, adsl),
        table(DATED.format("CM", "CMTRT"), [("1", "2020-01-01", None, 1, "a")]),
    ),
}


@pytest.mark.parametrize("dataset", DERIVATIONS)
def test_every_column_has_a_label(dataset: str) -> None:
    derive, collected = DERIVATIONS[dataset]
    frames = on_both([collected, subjects(("1", "2020-01-01", None))], "polars")
    result = derive(protocol(), *frames).collect().to_native()
    assert result.height > 0
    unlabelled = [name for name in result.columns if variable_label(dataset, name) == name]
    assert unlabelled == []
    assert not [name for name in result.columns if name.startswith("_")]
