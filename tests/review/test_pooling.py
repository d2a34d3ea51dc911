"""Pooling a review: rows by hand, from a table on disk to result rows."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hepatica.errors import CommandError, DataError
from hepatica.results import ResultRow, Results
from hepatica.single.pool import plan_of, pool_evidence

PLAN = """
review: {{id: R-1, title: A review}}
files: [{{file: extracted.csv}}]
{studies}
groupings: [{{id: design, label: Design}}]
dialect: {dialect}
{model}
outcomes:
  - {{id: x, label: An outcome, {outcome}}}
"""


def pooled(
    folder: Path,
    table: str,
    outcome: str,
    *,
    dialect: str = "stata",
    model: str = "",
    studies: str = "",
) -> Results:
    text = PLAN.format(outcome=outcome, dialect=dialect, model=model, studies=studies)
    (folder / "review.yaml").write_text(text, encoding="utf-8")
    (folder / "extracted.csv").write_text(table, encoding="utf-8")
    return pool_evidence(plan_of(folder)).results


def value(results: Results, statistic: str, variable: str = "pooled", **columns: str) -> float:
    columns = {"subgroup": "", **columns}
    row = results.one(analysis="x", statistic=statistic, variable=variable, **columns)
    assert row.value is not None, row.message
    return row.value


RATIOS = """study,design,outcome,estimate,lower,upper
A,P,x,0.5,0.25,1
B,P,x,2,1,4
C,R,x,1,0.5,2
"""


def test_hazard_ratios_are_pooled_as_logarithms(tmp_path: Path) -> None:
    # Three equal errors: log(4)/(2 * 1.959964); the mean of log 1/2, log 2 and 0 is 0.
    results = pooled(tmp_path, RATIOS, "measure: hazard_ratio", model="model: {effects: common}")
    error = math.log(4.0) / (2.0 * 1.959963984540054)
    assert value(results, "estimate", variable_level="common") == pytest.approx(1.0)
    half = 1.959963984540054 * error / math.sqrt(3.0)
    assert value(results, "estimate_upper", variable_level="common") == pytest.approx(
        math.exp(half)
    )
    q = 2.0 * (math.log(2.0) / error) ** 2
    assert value(results, "q", variable_level="common") == pytest.approx(q)
    assert value(results, "i2", variable_level="common") == pytest.approx((q - 2.0) / q)
    assert [value(results, "weight", "study", variable_level=one) for one in "ABC"] == (
        pytest.approx([100.0 / 3.0] * 3)
    )


def test_a_subgroup_is_pooled_by_itself(tmp_path: Path) -> None:
    results = pooled(tmp_path, RATIOS, "measure: hazard_ratio", model="model: {effects: common}")
    place = {"variable_level": "common", "subgroup": "design"}
    assert value(results, "data_sets", subgroup_level="P", **place) == 2.0
    assert value(results, "estimate", subgroup_level="P", **place) == pytest.approx(1.0)
    # One study is its own estimate, with its own limits.
    assert value(results, "estimate_upper", subgroup_level="R", **place) == pytest.approx(2.0)


def test_medians_keep_their_unit_and_are_rows_in_days(tmp_path: Path) -> None:
    table = (
        "study,design,outcome,estimate,lower,upper,unit\nA,P,x,6,4,8,months\nB,P,x,8,6,10,months\n"
    )
    results = pooled(
        tmp_path, table, "measure: median, unit: months", model="model: {effects: common}"
    )
    assert value(results, "estimate", variable_level="common") == pytest.approx(7.0 * 30.4375)
    row = results.one(
        analysis="x",
        variable="pooled",
        variable_level="common",
        statistic="estimate",
        subgroup="",
    )
    assert (row.unit, row.format) == ("days", "months")


def test_a_study_without_limits_is_counted_and_says_why(tmp_path: Path) -> None:
    table = (
        "study,design,outcome,estimate,lower,upper,unit\n"
        "A,P,x,6,4,8,months\nB,P,x,8,6,10,months\nC,P,x,9,,,months\n"
    )
    results = pooled(tmp_path, table, "measure: median, unit: months")
    [left_out] = results.where(analysis="x", variable="not_pooled")
    assert left_out.variable_level == "The median is told without limits."
    assert value(results, "data_sets", "reported") == 3.0


@pytest.mark.parametrize(("dialect", "expected"), [("stata", 0.5), ("metafor", None)])
def test_everybody_with_the_event_follows_the_dialect(
    tmp_path: Path, dialect: str, expected: float | None
) -> None:
    # Raw proportions leave out 10 of 10; logits add a half.
    table = "study,design,outcome,events,total\nA,P,x,5,10\nB,P,x,5,10\nC,P,x,10,10\n"
    results = pooled(
        tmp_path, table, "measure: proportion", dialect=dialect, model="model: {effects: common}"
    )
    found = value(results, "estimate", variable_level="common")
    if expected is not None:
        assert found == pytest.approx(expected)
        assert value(results, "data_sets", variable_level="common") == 2.0
    else:
        logits, weights = [0.0, 0.0, math.log(10.5 / 0.5)], [2.5, 2.5, 1 / (1 / 10.5 + 1 / 0.5)]
        mean = sum(w * y for w, y in zip(weights, logits, strict=True)) / sum(weights)
        assert found == pytest.approx(1.0 / (1.0 + math.exp(-mean)))


def test_two_arms_are_paired_within_a_study(tmp_path: Path) -> None:
    table = (
        "study,design,arm,role,outcome,events,total\n"
        "A,P,new,arm,x,20,100\nA,P,old,control,x,10,100\n"
        "B,P,new,arm,x,40,200\nB,P,old,control,x,20,200\n"
    )
    results = pooled(tmp_path, table, "measure: risk_ratio", model="model: {effects: common}")
    assert value(results, "estimate", variable_level="common") == pytest.approx(2.0)
    assert value(results, "n", variable_level="common") == 600.0
    assert value(results, "control_events", "study", variable_level="A") == 10.0


SHARED = (
    "study,design,arm,role,outcome,events,total\n"
    "A,P,new,arm,x,20,100\nA,P,newer,arm,x,20,100\nA,P,old,control,x,10,100\n"
    "B,P,new,arm,x,40,200\nB,P,old,control,x,20,200\n"
)


def test_arms_that_share_a_control_are_pooled_with_their_covariance(tmp_path: Path) -> None:
    # All effects are log 2. Variances .13, .13 with .09 between, and .065 apart: the best average
    # of the first two has the variance .11, so that the whole has 1/(1/.11 + 1/.065).
    results = pooled(
        tmp_path,
        SHARED,
        "measure: risk_ratio",
        model="model: {effects: common}",
        dialect="hepatica",
    )
    assert value(results, "estimate", variable_level="common") == pytest.approx(2.0)
    error = value(results, "effect_std_error", variable_level="common")
    assert error**2 == pytest.approx(1.0 / (1.0 / 0.11 + 1.0 / 0.065))
    assert value(results, "n", variable_level="common") == 700.0
    assert value(results, "studies", variable_level="common") == 2.0


def test_a_binomial_normal_model_has_no_weights(tmp_path: Path) -> None:
    table = "study,design,outcome,events,total\nA,P,x,5,10\nB,P,x,5,10\nC,P,x,10,10\n"
    results = pooled(tmp_path, table, "measure: proportion, scale: glmm")
    assert not results.where(analysis="x", statistic="weight")
    assert 0.5 < value(results, "estimate", variable_level="random") < 1.0


@pytest.mark.parametrize(("third", "model"), [("1,0.5,2", "common"), ("20,10,40", "random")])
def test_the_rule_of_i2_chooses_the_model(tmp_path: Path, third: str, model: str) -> None:
    table = (
        f"study,design,outcome,estimate,lower,upper\nA,P,x,1,0.5,2\nB,P,x,1,0.5,2\nC,P,x,{third}\n"
    )
    results = pooled(tmp_path, table, "measure: hazard_ratio", model="model: {effects: rule}")
    chosen = results.where(analysis="x", variable="pooled", statistic="estimate", subgroup="")
    assert chosen[0].variable_level == model
    assert "discouraged" in chosen[0].method


def test_a_study_drawn_beside_is_not_pooled(tmp_path: Path) -> None:
    uses = ["use", "", "reference", "yes"]
    table = "\n".join(f"{line},{use}" for line, use in zip(RATIOS.split(), uses, strict=True))
    results = pooled(tmp_path, table, "measure: hazard_ratio", model="model: {effects: common}")
    assert value(results, "data_sets", variable_level="common") == 2.0
    assert results.where(analysis="x", variable="reference", statistic="estimate")


def own_run(folder: Path, origin: str) -> None:
    rows = [
        ResultRow(
            study="S",
            origin=origin,  # type: ignore[arg-type]
            analysis="response",
            variable="ORR",
            statistic="n",
            value=5.0,
            denominator=10,
        )
    ]
    (folder / "own" / "output").mkdir(parents=True)
    Results(rows).to_polars().write_parquet(folder / "own" / "output" / "results.parquet")


OWN = (
    "studies: [{{folder: own, label: Ours, registration: N1, {extra}"
    " characteristics: {{design: P}}, outcomes: {{x: {{analysis: response, variable: ORR}}}}}}]"
)
RATES = "study,registration,design,outcome,events,total\nA,,P,x,5,10\nB,N1,P,x,9,10\n"


def test_our_own_run_takes_the_place_of_its_publication(tmp_path: Path) -> None:
    own_run(tmp_path, "collected")
    results = pooled(
        tmp_path,
        RATES,
        "measure: proportion",
        studies=OWN.format(extra=""),
        model="model: {effects: common}",
    )
    assert value(results, "estimate", variable_level="common") == pytest.approx(0.5)
    [row] = results.where(
        analysis="x",
        variable="pooled",
        variable_level="common",
        statistic="estimate",
        subgroup="",
    )
    assert row.origin == "mixed"
    [reason] = results.where(analysis="x", variable="not_pooled")
    assert "own results" in reason.variable_level


def test_constructed_patients_are_refused_unless_asked_for_and_then_marked(tmp_path: Path) -> None:
    own_run(tmp_path, "simulated")
    with pytest.raises(CommandError, match="constructed: true"):
        pooled(tmp_path, RATES, "measure: proportion", studies=OWN.format(extra=""))
    results = pooled(
        tmp_path, RATES, "measure: proportion", studies=OWN.format(extra="constructed: true,")
    )
    origins = {row.origin for row in results.where(analysis="x", variable="pooled")}
    assert origins == {"simulated"}


def test_an_own_result_that_is_not_there_is_named(tmp_path: Path) -> None:
    own_run(tmp_path, "collected")
    from hepatica.errors import AnalysisError

    with pytest.raises(AnalysisError, match="has no result for x"):
        pooled(
            tmp_path,
            RATES,
            "measure: proportion",
            studies=OWN.format(extra="").replace("ORR", "DCR"),
        )


def test_one_study_is_not_pooled_and_says_so(tmp_path: Path) -> None:
    results = pooled(
        tmp_path, "study,design,outcome,events,total\nA,P,x,5,10\n", "measure: proportion"
    )
    row = results.one(analysis="x", variable="pooled", statistic="estimate")
    assert row.status == "not_estimable"
    assert "at least 2 studies" in row.message


def test_broken_rows_stop_before_anything_is_written(tmp_path: Path) -> None:
    table = "study,design,outcome,events,total\nA,P,x,11,10\n"
    with pytest.raises(DataError):
        pooled(tmp_path, table, "measure: proportion")
    assert not (tmp_path / "output").exists()


def test_a_table_needs_its_measure(tmp_path: Path) -> None:
    table = tmp_path / "rates.csv"
    table.write_text("study,outcome,events,total\nA,orr,3,10\nB,orr,4,10\n", encoding="utf-8")
    with pytest.raises(CommandError, match="--measure"):
        plan_of(table)
    results = pool_evidence(plan_of(table, "proportion")).results
    assert (
        results.one(
            analysis="outcome-1", variable="pooled", variable_level="random", statistic="n"
        ).value
        == 20.0
    )


def test_each_study_has_its_effect_on_the_scale_of_pooling(tmp_path: Path) -> None:
    results = pooled(tmp_path, RATIOS, "measure: hazard_ratio", model="model: {effects: common}")
    error = math.log(4.0) / (2.0 * 1.959963984540054)
    assert value(results, "effect", "study", variable_level="A") == pytest.approx(math.log(0.5))
    for one in "ABC":
        found = value(results, "effect_std_error", "study", variable_level=one)
        assert found == pytest.approx(error)


def test_rates_are_pooled_as_logarithms_of_events_in_time(tmp_path: Path) -> None:
    # Equal weights 4 of two log rates: the pooled rate is the geometric mean of .04 and .01.
    table = "study,design,outcome,events,time_at_risk\nA,P,x,4,100\nB,P,x,4,400\nC,P,x,,\n"
    results = pooled(tmp_path, table, "measure: rate", model="model: {effects: common}")
    assert value(results, "estimate", variable_level="common") == pytest.approx(0.02)
    error = value(results, "effect_std_error", variable_level="common")
    assert error == pytest.approx(math.sqrt(1.0 / 8.0))
    [reason] = results.where(analysis="x", variable="not_pooled")
    assert reason.variable_level == "Events and time at risk are not both told."


MEANS = (
    "study,design,arm,role,outcome,mean,sd,total\n"
    "A,P,new,arm,x,5,2,10\nA,P,old,control,x,3,2,10\n"
    "B,P,new,arm,x,4,2,10\nB,P,old,control,x,1,2,10\n"
)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("mean_difference", 2.5), ("standardised_mean_difference", None)],
)
def test_means_of_two_arms_are_compared(
    tmp_path: Path, measure: str, expected: float | None
) -> None:
    results = pooled(tmp_path, MEANS, f"measure: {measure}", model="model: {effects: common}")
    effects = [value(results, "effect", "study", variable_level=one) for one in "AB"]
    errors = [value(results, "effect_std_error", "study", variable_level=one) for one in "AB"]
    if expected is None:
        # Hedges' factor of 18 degrees of freedom.
        factor = math.gamma(9.0) / (math.sqrt(9.0) * math.gamma(8.5))
        assert effects == pytest.approx([factor, 1.5 * factor])
        assert errors[0] ** 2 == pytest.approx(0.2 + factor**2 / 40.0)
    else:
        assert effects == pytest.approx([2.0, 3.0])
        assert errors == pytest.approx([math.sqrt(0.8)] * 2)
        assert value(results, "estimate", variable_level="common") == pytest.approx(expected)
    assert value(results, "n", variable_level="common") == 40.0
