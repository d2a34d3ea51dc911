"""Key results: sentences and cards say what the rows say, and claim nothing more."""

from __future__ import annotations

import re
from dataclasses import replace

from rows_report import MONTH, failed, protocol, results, row

from hepatica.present.key_results import KeyResults, key_results
from hepatica.present.spans import plain_text
from hepatica.protocol import Protocol
from hepatica.protocol.reading import Reading
from hepatica.results import ResultRow, Results

CLAIMS = re.compile(r"significan|promising|trend|encouraging|superior|benefit", re.IGNORECASE)


def said(key: KeyResults) -> list[str]:
    return [plain_text(one).replace("\N{NO-BREAK SPACE}", " ") for one in key.sentences]


def altered(**changes: float) -> Results:
    """Return the rows with other limits of the primary endpoint in Cohort 1."""

    def change(one: ResultRow) -> ResultRow:
        wanted = one.variable == "historical" and one.level == "Cohort 1"
        if wanted and one.statistic in changes:
            return replace(one, value=changes[one.statistic])
        return one

    return Results(change(one) for one in results())


def without_history() -> Protocol:
    plan = protocol()
    changed = [
        one.model_copy(update={"historical": None, "role": "secondary"}) for one in plan.endpoints
    ]
    return plan.model_copy(update={"endpoints": tuple(changed)})


def test_sentences_give_estimates_with_intervals_and_what_these_include() -> None:
    assert said(key_results(results(), protocol())) == [
        "Progression-free survival at 12 weeks was 80.8% (95% CI 59.8–91.5) in Cohort 1 and "
        "72.5% (95% CI 48.6–86.6) in Cohort 2.",
        "The interval of Cohort 1 includes the historical 65%, and that of Cohort 2 includes the "
        "historical 50%: neither excludes its historical rate.",
        "Median overall survival was 12.8 months (95% CI 7.9–NE) in Cohort 1 and 18.0 months "
        "(95% CI 9.1–23.0) in Cohort 2.",
    ]


def test_every_number_of_sentences_and_cards_leads_to_a_row() -> None:
    rows = results()
    known = {one.id for one in rows}
    key = key_results(rows, protocol())
    pieces = [span for sentence in key.sentences for span in sentence]
    pieces += [span for card in key.cards for one in card.rows for span in one.value + one.limits]
    assert {span.row_id for span in pieces if span.row_id} <= known
    words = [span.text for span in pieces if not span.row_id]
    # What is left without a row are names of the protocol and the level of the interval.
    left = re.sub(r"Cohort.\d|95% CI|at 12 weeks", "", " ".join(words))
    assert not re.search(r"\d", left), left


def test_an_interval_above_the_historical_rate_excludes_it() -> None:
    sentence = said(key_results(altered(estimate_lower=0.66), protocol()))[1]
    assert sentence == (
        "The interval of Cohort 1 excludes the historical 65%, and that of Cohort 2 includes the "
        "historical 50%."
    )


def test_the_limit_itself_is_included() -> None:
    sentence = said(key_results(altered(estimate_lower=0.65), protocol()))[1]
    assert "Cohort 1 includes the historical 65%" in sentence


def test_wording_claims_nothing() -> None:
    key = key_results(results(), protocol())
    texts = [*said(key), *(card.title + plain_text(card.note) for card in key.cards)]
    assert not [text for text in texts if CLAIMS.search(text)]


def test_the_primary_endpoint_comes_first_and_says_so() -> None:
    key = key_results(results(), protocol())
    assert [card.title for card in key.cards] == [
        "Progression-free survival at 12 weeks",
        "Time to progression, median",
        "Overall survival, median",
        "Objective response rate",
        "Disease control rate",
    ]
    assert [card.primary for card in key.cards] == [True, False, False, False, False]
    assert plain_text(key.cards[0].note) == (
        "Primary endpoint. Kaplan–Meier; scale 0 to 100%. Dashed: historical rate, 65% and 50%"
    )
    assert "scale 0 to 24 months" in plain_text(key.cards[1].note)
    assert plain_text(key.cards[3].note).startswith("Confirmed, RECIST 1.1; scale 0 to 100%")


def test_marks_of_a_card_stand_where_the_numbers_say() -> None:
    first = key_results(results(), protocol()).cards[0].rows[0]
    assert (first.at, first.low, first.high) == (0.8077, 0.5981, 0.9149)
    assert first.reference == 0.65
    overall = key_results(results(), protocol()).cards[2].rows[0]
    assert overall.at is not None
    assert abs(overall.at - 12.8 / 24) < 1e-12
    assert overall.high is None
    assert overall.open_end


def test_post_hoc_analyses_are_left_out() -> None:
    plan = protocol()
    late = [
        one.model_copy(update={"post_hoc": True}) if one.id == "overall-survival" else one
        for one in plan.analyses
    ]
    key = key_results(results(), plan.model_copy(update={"analyses": tuple(late)}))
    assert not any("Overall survival" in card.title for card in key.cards)
    assert not any("overall survival" in text for text in said(key))


def test_a_failed_analysis_is_left_out() -> None:
    key = key_results(failed("progression-free-survival", "Why."), protocol())
    assert key.cards[0].title == "Time to progression, median"


def test_a_median_that_is_not_reached_is_said_in_words() -> None:
    def change(one: ResultRow) -> ResultRow:
        if one.analysis == "overall-survival" and one.statistic.startswith("median"):
            return replace(one, value=None, status="not_estimable")
        return one

    key = key_results(Results(change(one) for one in results()), protocol())
    assert said(key)[-1] == (
        "Median overall survival was not reached in Cohort 1 and not reached in Cohort 2."
    )
    card = key.cards[2].rows[0]
    assert (card.at, card.low, card.high, card.limits) == (None, None, None, ())
    assert plain_text(card.value) == "NE"


def test_a_planned_comparison_is_a_sentence_with_its_interval() -> None:
    plan = without_history()
    first = plan.analyses[1]
    compared = type(first).model_validate(
        first.model_dump(exclude={"where"}) | {"compare": {"reference": "Cohort 2"}}
    )
    plan = plan.model_copy(update={"analyses": (plan.analyses[0], compared, *plan.analyses[2:])})
    place = {
        "level": "Cohort 1",
        "reference": "Cohort 2",
        "variable": "cox",
        "format": "ratio",
        "conf_level": 0.95,
    }
    values = {"hazard_ratio": 0.85, "hazard_ratio_lower": 0.4, "hazard_ratio_upper": 1.8}
    more = [row("progression-free-survival", name, one, **place) for name, one in values.items()]
    texts = said(key_results(results(*more), plan))
    assert texts[0].startswith("Median progression-free survival was 5.7 months (95% CI 4.6–6.8)")
    assert texts[-1] == (
        "Against Cohort 2, the hazard ratio of progression-free survival was 0.85 (95% CI "
        "0.40–1.80) for Cohort 1. The groups were not randomised."
    )


def test_long_times_move_the_scale_of_all_cards() -> None:
    def change(one: ResultRow) -> ResultRow:
        wanted = one.analysis == "overall-survival" and one.statistic == "median_upper"
        return replace(one, value=31 * MONTH, status="ok") if wanted else one

    key = key_results(Results(change(one) for one in results()), protocol())
    notes = [plain_text(card.note) for card in key.cards if "median" in card.title]
    assert all("scale 0 to 36 months" in note for note in notes)


def test_a_restricted_analysis_says_in_whom() -> None:
    plan = without_history()
    restricted = {"where": {"SEX": "F"}, "where_label": "Women"}
    changed = [
        type(one).model_validate(one.model_dump(exclude={"where", "where_label"}) | restricted)
        if one.id == "overall-survival"
        else one
        for one in plan.analyses
    ]
    key = key_results(results(), plan.model_copy(update={"analyses": tuple(changed)}))
    assert "Overall survival, median, women" in [card.title for card in key.cards]
    assert any(text.startswith("Median overall survival (women) was 12.8") for text in said(key))


def test_a_response_of_another_reading_names_its_criteria() -> None:
    plan = protocol()
    assert plan.assessments is not None
    reading = Reading(id="mrec", label="mRECIST", criteria="mRECIST")
    endpoints = [
        one.model_copy(update={"reading": "mrec", "confirmed": False}) if one.id == "dcr" else one
        for one in plan.endpoints
    ]
    assessments = plan.assessments.model_copy(update={"readings": (reading,)})
    key = key_results(
        results(),
        plan.model_copy(update={"endpoints": tuple(endpoints), "assessments": assessments}),
    )
    card = next(one for one in key.cards if one.title == "Disease control rate")
    assert plain_text(card.note).startswith("mRECIST; scale 0 to 100%")
