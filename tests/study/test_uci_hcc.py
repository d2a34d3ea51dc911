"""HCC Survival: 165 real patients in a sheet without numbers, counted again by other means."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from hepatica.study.run import Finished, run_study

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    root = Path(__file__).resolve().parents[2]
    return run_study(root / "studies" / "uci-hcc", tmp_path_factory.mktemp("uci") / "out")


@pytest.fixture
def sheet(shared: Path) -> list[dict[str, str]]:
    path = shared / "data" / "hcc" / "uci_hcc" / "hcc-data.txt"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_alive_after_a_year_is_what_the_sheet_holds(
    finished: Finished, sheet: list[dict[str, str]]
) -> None:
    rows = finished.results.where(analysis="alive-by-ecog", variable="alive-1y", statistic="n")
    alive = Counter(one["Performance Status"] for one in sheet if one["survived"] == "1")
    alive["3 or 4"] = alive.pop("3") + alive.pop("4", 0)
    assert {row.level: row.value for row in rows if row.level} == dict(alive)
    (total,) = (row.value for row in rows if not row.level)
    assert (total, len(sheet)) == (102, 165)


def test_missing_values_are_those_with_a_question_mark(
    finished: Finished, sheet: list[dict[str, str]]
) -> None:
    baseline = finished.results.where(analysis="baseline", statistic="missing", level="")
    found = {row.variable: row.value for row in baseline}
    columns = {"ferritin": "Ferritin (ng/mL)", "size": "Major dimension of nodule (cm)"}
    for variable, column in columns.items():
        assert found[variable] == sum(one[column] == "?" for one in sheet)


def test_an_odds_ratio_of_one_covariate_is_the_cross_product(
    finished: Finished, sheet: list[dict[str, str]]
) -> None:
    """Portal vein thrombosis is one column, so the univariable model is its two by two table."""
    cells = Counter((one["Portal Vein Thrombosis"], one["survived"]) for one in sheet)
    ratio = cells["1", "1"] * cells["0", "0"] / (cells["1", "0"] * cells["0", "1"])
    rows = [
        row.value
        for row in finished.results
        if row.analysis == "alive-factors"
        and row.statistic == "odds_ratio"
        and "portal-vein-thrombosis" in row.id
    ]
    assert any(value is not None and abs(value / ratio - 1) < 1e-8 for value in rows)
