"""Which printed p-values of ALTER-0802 an exact signed-rank test can give."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "validation" / "r-biomarkers" / "alter_0802_table_3.py"


@pytest.fixture(scope="module")
def table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("alter_0802_table_3", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_twenty_of_twenty_six_need_neither_ties_nor_zeros(table: ModuleType) -> None:
    assert len(table.PRINTED) == 26
    off = [
        (cohort, analyte) for cohort, analyte, n, p in table.PRINTED if p not in table.attainable(n)
    ]
    assert off == [
        (1, "VEGF-D"),
        (1, "PD-L1"),
        (1, "PD-L2"),
        (1, "CD137"),
        (2, "VEGF-D"),
        (2, "PD-L1"),
    ]
    assert table.attainable(8)["0.0234"] == {6}


@pytest.mark.parametrize(
    ("p", "n", "ties", "ways"),
    [
        ("0.2958", 14, (), {4846}),
        ("0.4459", 15, (2,), {14610}),
        ("0.0023", 14, (), {38}),
        ("0.0269", 13, (2,), {220}),
        ("0.0269", 12, (), {110}),
        ("0.1882", 14, (2,), {3084}),
        ("0.6100", 15, (2,), {19988}),
    ],
)
def test_the_other_six_do(
    table: ModuleType, p: str, n: int, ties: tuple[int, ...], ways: set[int]
) -> None:
    assert table.attainable(n, ties)[p] == ways
