"""The plan of a synthesis: what it refuses, all at once, with lines."""

from __future__ import annotations

import pytest

from hepatica.errors import ProtocolError
from hepatica.protocol.review_read import parse_review

GOOD = """
review: {id: R-1, title: A review}
files: [{file: extracted.csv}]
groupings: [{id: design, label: Design}]
outcomes:
  - {id: orr, label: Objective response, measure: proportion, scale: logit}
"""


def problems(text: str) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ProtocolError) as refused:
        parse_review(text)
    return [(one.path, one.line, one.message) for one in refused.value.problems]


def test_a_plan_is_read_with_its_defaults() -> None:
    review = parse_review(GOOD)
    assert (review.dialect, review.conf_level, review.model.effects) == ("hepatica", 0.95, None)
    assert review.outcomes[0].word == "orr"


def test_an_unknown_key_is_named_with_its_nearest() -> None:
    [(path, line, message)] = problems(GOOD + "groupngs: []\n")
    assert (path, line) == ("groupngs", 7)
    assert "Did you mean 'groupings'" in message


def test_all_faults_come_at_once() -> None:
    text = GOOD.replace("measure: proportion", "measure: share") + "conf_level: 95\n"
    assert [path for path, _, _ in problems(text)] == ["outcomes[0].measure", "conf_level"]


def test_a_scale_belongs_to_its_measure() -> None:
    [(path, _, message)] = problems(
        GOOD.replace("scale: logit", "scale: logit, unit: months").replace(
            "measure: proportion", "measure: median"
        )
    )
    assert path == "outcomes[0].scale"
    assert "raw, log" in message


def test_names_are_known_and_ids_unique() -> None:
    text = GOOD + (
        "  - {id: orr, label: Twice, measure: median, groupings: [desing]}\n"
        "studies: [{folder: s, label: S, outcomes: {ors: {analysis: response}}}]\n"
    )
    found = problems(text)
    assert [path for path, _, _ in found] == [
        "outcomes[1].id",
        "outcomes[1].groupings[0]",
        "studies[0].outcomes.ors",
    ]
    assert "Did you mean 'design'" in found[1][2]


def test_a_review_has_evidence() -> None:
    [(path, _, message)] = problems(GOOD.replace("files: [{file: extracted.csv}]", ""))
    assert path == "the file"
    assert "no evidence" in message


def test_a_layout_an_order_and_figures_are_chosen_by_name() -> None:
    review = parse_review(
        GOOD.replace("scale: logit", "scale: logit, figures: [funnel, gosh]")
        + "figure: {layout: revman, sort: year}\n"
    )
    assert (review.figure.layout, review.figure.sort) == ("revman", "year")
    assert review.outcomes[0].figures == ("funnel", "gosh")
    assert (parse_review(GOOD).figure.layout, parse_review(GOOD).figure.sort) == (
        "classic",
        "given",
    )
    [(path, line, message)] = problems(GOOD + "figure: {layout: revmann}\n")
    assert (path, line) == ("figure.layout", 7)
    assert "Did you mean 'revman'" in message


def test_a_judgement_of_certainty_has_a_reason_and_a_known_domain() -> None:
    judged = "scale: logit, certainty: {start: high, down: {imprecision: {steps: 1%s}}}"
    [(path, _, message)] = problems(GOOD.replace("scale: logit", judged % ""))
    assert path == "outcomes[0].certainty.down.imprecision"
    assert "reason" in message
    told = GOOD.replace("scale: logit", judged % ", reason: Few patients.")
    certainty = parse_review(told).outcomes[0].certainty
    assert certainty is not None
    assert certainty.down.imprecision.steps == 1
    [(path, _, message)] = problems(told.replace("imprecision", "imprecison"))
    assert path == "outcomes[0].certainty.down.imprecison"
    assert "Did you mean 'imprecision'" in message


def test_a_plot_of_two_arms_is_refused_for_one() -> None:
    [(path, _, message)] = problems(
        GOOD.replace("scale: logit", "scale: logit, figures: [funnel, labbe]")
    )
    assert path == "outcomes[0].figures[1]"
    assert "counts of two arms" in message
