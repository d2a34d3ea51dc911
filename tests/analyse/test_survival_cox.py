"""Hazard ratios by counts, patterns and the engine's sums: the same as from rows in memory."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from hepatica.analyse import pattern_cells
from hepatica.analyse.covariates import describe_covariates
from hepatica.analyse.cox_model import ModelTable
from hepatica.analyse.selection import Grouping
from hepatica.analyse.standing import SurvivalColumns
from hepatica.analyse.survival_counts import survival_counts
from hepatica.analyse.survival_cox import hazard_rows
from hepatica.analyse.survival_data import CountedData, survival_arrays
from hepatica.analyse.table_survival import TableAnalysis
from hepatica.dialect import trial_dialect
from hepatica.errors import AnalysisError
from hepatica.protocol.conditions import parse_condition
from hepatica.records.engine_numbers import with_numbers
from hepatica.results import ResultRow
from hepatica.stats.survival import cox

ASKED = TableAnalysis(
    parameter="AVAL", strata=("REGION",), at=(), tau=None, dialect=trial_dialect("hepatica"),
    conf_level=0.95, reference="A",
)  # fmt: skip
COLUMNS = SurvivalColumns(
    time="AVAL", event=parse_condition({"CNSR": 0}), group="ARM", strata=("REGION",)
)
GROUPING = Grouping("ARM", ("A", "B"), ResultRow(study="S", analysis="survival", statistic=""))


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray[Any, Any]]:
    draw = np.random.default_rng(11)
    n = 3_000
    arm, region, sex = (draw.integers(0, 2, n) for _ in range(3))
    age, marker = draw.integers(30, 80, n), draw.lognormal(3, 2, n)
    hazard = np.exp(-0.4 * arm + 0.02 * (age - 55) + 0.05 * np.log(marker) + 0.2 * sex)
    time = np.minimum(np.ceil(draw.exponential(200 / hazard)), 500).astype(int)
    entry = np.where(draw.random(n) < 0.3, draw.integers(0, 20, n), 0)
    return {
        "time": time, "event": (draw.random(n) < 0.7).astype(int), "arm": arm, "region": region,
        "sex": sex, "age": age, "marker": marker, "entry": np.minimum(entry, time - 1),
    }  # fmt: skip


def frame_of(arrays: dict[str, np.ndarray[Any, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "AVAL": arrays["time"],
            "CNSR": 1 - arrays["event"],
            "ARM": np.where(arrays["arm"] == 1, "B", "A"),
            "REGION": np.where(arrays["region"] == 1, "E", "W"),
            "SEX": np.where(arrays["sex"] == 1, "M", "F"),
            "AGE": arrays["age"],
            "MARKER": arrays["marker"],
            "ENTRY": arrays["entry"],
        }
    )


def fitted(
    native: Any,
    adjust: tuple[str, ...],
    columns: SurvivalColumns = COLUMNS,
    *,
    block_rows: int = 0,
) -> list[Any]:
    frame = with_numbers(nw.from_native(native).lazy(), adjust)
    counted = survival_counts(frame, columns)
    data: Any = CountedData(counted)
    if not counted.whole:
        data, _ = survival_arrays(frame, columns, counted)
    table = ModelTable(frame, columns, counted, data, block_rows)
    return hazard_rows(GROUPING, table, ASKED, adjust, lambda _text: None)


def numbers(rows: list[Any], statistic: str) -> np.ndarray[Any, Any]:
    return np.array([row.value for row in rows if row.statistic == statistic])


def close(rows: list[Any], expected: Any) -> None:
    np.testing.assert_allclose(numbers(rows, "coef"), expected.coef, rtol=1e-9)
    # The fit from rows ends where a step changes no digit of its largest column: the variance of
    # a skewed one is then known to eight digits. In long double the engine's sums have fifteen.
    np.testing.assert_allclose(numbers(rows, "std_error"), expected.std_error, rtol=5e-8)
    np.testing.assert_allclose(numbers(rows, "hazard_ratio_upper"), expected.upper, rtol=5e-8)


def test_from_counts_alone(arrays: dict[str, Any]) -> None:
    a = arrays
    expected = cox(a["time"], a["event"], a["arm"].astype(float), strata=a["region"])
    close(fitted(frame_of(a), ()), expected)


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_adjusted(
    arrays: dict[str, Any], few: bool, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not few:
        monkeypatch.setattr(pattern_cells, "MOST_CELLS", 0)
    a, frame = arrays, frame_of(arrays)
    native = frame if engine == "polars" else duckdb.from_arrow(frame.to_arrow())
    X = np.stack([a["arm"], a["age"], a["sex"]], axis=1).astype(float)
    close(fitted(native, ("AGE", "SEX")), cox(a["time"], a["event"], X, strata=a["region"]))


def test_a_skewed_marker_by_the_sums_of_the_engine(arrays: dict[str, Any]) -> None:
    a, frame = arrays, frame_of(arrays)
    X = np.stack([a["arm"], a["age"], a["marker"]], axis=1).astype(float)
    rows = fitted(frame.lazy(), ("AGE", "MARKER"))
    close(rows, cox(a["time"], a["event"], X, strata=a["region"]))
    again = fitted(duckdb.from_arrow(frame.sample(fraction=1, shuffle=True, seed=5).to_arrow()),
                   ("AGE", "MARKER"))  # fmt: skip
    # Whole numbers add up to the same in any order and on any engine: to the last digit.
    assert [row.value for row in again] == [row.value for row in rows]


@pytest.mark.parametrize("few", [True, False])
def test_blocks_of_rows_change_no_digit(
    arrays: dict[str, Any], few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not few:
        monkeypatch.setattr(pattern_cells, "MOST_CELLS", 0)
    frame = frame_of(arrays).lazy()
    whole, parts = fitted(frame, ("AGE",)), fitted(frame, ("AGE",), block_rows=700)
    assert [row.value for row in parts] == [row.value for row in whole]


@pytest.mark.parametrize("few", [True, False])
def test_delayed_entry(arrays: dict[str, Any], few: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not few:
        monkeypatch.setattr(pattern_cells, "MOST_CELLS", 0)
    a = arrays
    columns = SurvivalColumns(
        time="AVAL", event=COLUMNS.event, group="ARM", strata=("REGION",), entry="ENTRY"
    )
    X = np.stack([a["arm"], a["age"]], axis=1).astype(float)
    expected = cox(a["time"], a["event"], X, strata=a["region"], entry=a["entry"])
    close(fitted(frame_of(a), ("AGE",), columns), expected)


def test_times_that_are_no_whole_days(arrays: dict[str, Any]) -> None:
    a = dict(arrays)
    a["time"] = arrays["time"] / 30.4375
    X = np.stack([a["arm"], a["age"], a["sex"]], axis=1).astype(float)
    close(fitted(frame_of(a), ("AGE", "SEX")), cox(a["time"], a["event"], X, strata=a["region"]))


def test_records_without_a_covariate_are_counted(arrays: dict[str, Any]) -> None:
    a = arrays
    frame = frame_of(a).with_columns(AGE=pl.when(pl.int_range(pl.len()) >= 7).then("AGE"))
    rows = fitted(frame, ("AGE",))
    (missing,) = [row for row in rows if row.variable == "covariates"]
    assert missing.value == 7
    X = np.stack([a["arm"], a["age"]], axis=1).astype(float)[7:]
    close(rows, cox(a["time"][7:], a["event"][7:], X, strata=a["region"][7:]))


def test_what_cannot_be_estimated_is_a_row_that_names_the_column(arrays: dict[str, Any]) -> None:
    frame = frame_of(arrays).with_columns(DOUBLE=pl.col("AGE") * 2, SAME=pl.lit(4))
    for adjust, message in (
        (("AGE", "DOUBLE"), "Column DOUBLE follows from the columns before it."),
        (("SAME",), "Column SAME is the same for all subjects."),
    ):
        rows = fitted(frame, adjust)
        assert {row.status for row in rows} == {"not_estimable"}
        assert {row.message for row in rows} == {message}


def test_a_group_without_event_has_no_finite_hazard_ratio(arrays: dict[str, Any]) -> None:
    none = pl.when(pl.col("ARM") == "B").then(1).otherwise("CNSR")
    for adjust in ((), ("MARKER",)):
        rows = fitted(frame_of(arrays).with_columns(CNSR=none), adjust)
        assert {row.message for row in rows} == {
            "A hazard ratio has no finite estimate: there is no event in the group B."
        }


def test_no_record_with_every_covariate_is_a_row_that_says_so(arrays: dict[str, Any]) -> None:
    half = pl.int_range(pl.len()) < pl.len() // 2
    frame = frame_of(arrays).with_columns(
        AGE=pl.when(half).then("AGE"), MARKER=pl.when(~half).then("MARKER")
    )
    rows = fitted(frame, ("AGE", "MARKER"))
    assert {row.message for row in rows if row.status == "not_estimable"} == {
        "No record has a value of every covariate."
    }


def test_covariates_that_cannot_be_used_are_named() -> None:
    frame = nw.from_native(
        pl.LazyFrame(
            {"ID": [f"S{n}" for n in range(60)], "X": [float("nan")] * 60, "E": [None] * 60},
            schema={"ID": pl.String, "X": pl.Float64, "E": pl.Int64},
        )
    )
    for name, message in (
        ("ID", "ID has more than 50 categories"),
        ("X", "X is not a finite number in 60 records"),
        ("E", "E is empty in all records"),
    ):
        with pytest.raises(AnalysisError, match=message):
            describe_covariates(with_numbers(frame, [name]), [name])
