"""Rules about extracted results: what cannot be, what is there twice, and what needs a look."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.protocol.review import Review
from hepatica.records.findings import Outcome, Place, Rule, broken_rows

#: What ``role`` may be: a group of its own or the treated arm, the arm it is compared with, or a
#: comparison of two arms printed as one number.
ROLES = ("", "arm", "control", "comparison")
#: What ``use`` may be: pooled, shown with a reason but not pooled, or drawn beside as a reference.
USES = ("", "yes", "no", "reference")
UNITS = ("", "%", "days", "weeks", "months", "years")
_RATIOS = ("risk_ratio", "odds_ratio", "hazard_ratio")
#: Published ratios have two decimals: half a unit of the last is their rounding.
_HALF_UNIT = 0.005
#: Equal counts are no surprise in smaller arms.
_MANY = 30
_USED = pl.col("use").is_in(["", "yes"])


def check_extractions(frame: pl.DataFrame, place: Place, review: Review) -> Iterator[Outcome]:
    """Give the outcome of each rule about extracted results.

    Parameters
    ----------
    frame : polars.DataFrame
        The table with all columns of an extraction.
    place : Place
        Table and file.
    review : Review
        The plan, which says what is measured.
    """
    for rule, bad in (
        *_words(review),
        *_numbers(),
        *_ratios(review),
        *_proportions(review),
        *_repeats(),
        *_same_numbers(),
    ):
        yield broken_rows(place, rule, frame, bad)
    yield _overlap(frame, place)


def _words(review: Review) -> Iterator[tuple[Rule, pl.Expr]]:
    named = sorted({one.word for one in review.outcomes})
    yield (
        Rule(
            "The outcome is one of the plan's.",
            f"Not pooled. The plan names {', '.join(named)}; correct the word, or add the outcome "
            "to review.yaml.",
            "outcome",
            severity="note",
        ),
        ~pl.col("outcome").is_in(named),
    )
    for column, allowed, meaning in (
        ("role", ROLES, "a group of its own or the treated arm, the control, or a comparison"),
        ("use", USES, "pooled, not pooled, or a reference beside the plot"),
        ("unit", UNITS, "the unit of estimate and limits"),
        ("upper_limit", ("", "not reached"), "whether an upper limit was reached"),
    ):
        words = ", ".join(one for one in allowed if one)
        yield (
            Rule(
                f"The column {column} is empty or one of: {words}.",
                f"Correct the word; it says {meaning}.",
                column,
            ),
            ~pl.col(column).is_in(list(allowed)),
        )
    yield (
        Rule(
            "A result that is not pooled has its reason.",
            "Write in the column reason why it is not pooled; the report prints it.",
            "reason",
        ),
        (pl.col("use") == "no") & (pl.col("reason") == ""),
    )


def _numbers() -> Iterator[tuple[Rule, pl.Expr]]:
    events, total = pl.col("events"), pl.col("total")
    yield (
        Rule(
            "Events are a whole number from 0 to total.",
            "Correct events or total; a printed percentage belongs in estimate, with % in unit.",
            "events",
        ),
        (events < 0) | (events > total) | (events != events.round()),
    )
    yield (
        Rule("A total is a whole number above 0.", "Correct total.", "total"),
        (total <= 0) | (total != total.round()),
    )
    yield (
        Rule(
            "Events come with the number of patients they are counted in.",
            "Fill in total, the denominator of the printed rate.",
            "total",
        ),
        events.is_not_null() & total.is_null() & pl.col("time_at_risk").is_null(),
    )
    estimate, lower, upper = pl.col("estimate"), pl.col("lower"), pl.col("upper")
    yield (
        Rule(
            "Limits lie on both sides of their estimate.",
            "Correct them; lower and upper may be exchanged.",
            "lower",
        ),
        (lower > estimate) | (upper < estimate) | (lower > upper),
    )
    yield (
        Rule(
            "The limits of an estimate differ.",
            "Look them up again: without width there is no error; the estimate may have been typed "
            "three times.",
            "lower",
        ),
        lower == upper,
    )
    yield (
        Rule("A standard error is above 0.", "Correct std_error.", "std_error"),
        pl.col("std_error") <= 0,
    )
    yield (
        Rule("A p-value lies between 0 and 1.", "Correct p_value.", "p_value"),
        (pl.col("p_value") < 0) | (pl.col("p_value") > 1),
    )
    yield (
        Rule(
            "A confidence level is a share, such as 0.95.",
            "Write 0.95 for 95 %.",
            "conf_level",
        ),
        (pl.col("conf_level") <= 0.5) | (pl.col("conf_level") >= 1),
    )


def _of(review: Review, measures: tuple[str, ...]) -> pl.Expr:
    words = [one.word for one in review.outcomes if one.measure in measures]
    return pl.col("outcome").is_in(words)


def _ratios(review: Review) -> Iterator[tuple[Rule, pl.Expr]]:
    is_ratio = _of(review, _RATIOS) & pl.col("estimate").is_not_null()
    estimate, lower, upper = pl.col("estimate"), pl.col("lower"), pl.col("upper")
    yield (
        Rule(
            "A ratio and its limits are above 0.",
            "Write the ratio itself, not its logarithm.",
            "estimate",
        ),
        is_ratio & ((estimate <= 0) | (lower <= 0) | (upper <= 0)),
    )
    rounding = _HALF_UNIT * (1 / lower + 1 / upper + 2 / estimate)
    apart = (lower.log() + upper.log() - 2 * estimate.log()).abs()
    yield (
        Rule(
            "The limits of a ratio are centred on it in logarithms.",
            "Look it up again: a digit may be wrong, or the limits belong to another number. "
            "The standard error is taken from the limits.",
            "lower",
            severity="note",
        ),
        is_ratio & (lower > 0) & lower.le(estimate) & estimate.le(upper) & (apart > rounding),
    )


def _proportions(review: Review) -> Iterator[tuple[Rule, pl.Expr]]:
    is_share = _of(review, ("proportion",)) & pl.col("estimate").is_not_null()
    yield (
        Rule(
            "A proportion without a unit lies between 0 and 1.",
            "It looks like a percentage: write % in the column unit.",
            "estimate",
        ),
        is_share & (pl.col("unit") == "") & ((pl.col("estimate") > 1) | (pl.col("upper") > 2)),
    )
    yield (
        Rule(
            "A percentage is written as 33.8, not as .338.",
            "It looks like a share: leave unit empty, unless the event was as rare as that.",
            "estimate",
            severity="note",
        ),
        is_share
        & (pl.col("unit") == "%")
        & (pl.col("estimate") > 0)
        & (pl.max_horizontal("estimate", "upper") < 1),
    )
    yield (
        Rule("A percentage lies between 0 and 100.", "Correct the estimate.", "estimate"),
        is_share
        & (pl.col("unit") == "%")
        & ((pl.col("estimate") < 0) | (pl.col("estimate") > 100)),
    )


def _repeats() -> Iterator[tuple[Rule, pl.Expr]]:
    same = ["study", "arm", "role", "comparator", "outcome", "criteria"]
    yield (
        Rule(
            "A study gives one result for an arm, an outcome and its criteria.",
            "Keep one, and write no in the column use of the others with a reason.",
            "study",
        ),
        _USED & (pl.len().over([*same, "use"]) > 1),
    )
    trial = ["registration", "arm", "role", "outcome"]
    yield (
        Rule(
            "A registered trial enters once.",
            "Two publications of one trial are not two studies: keep the one with the longer "
            "follow-up, and write no in the column use of the other with a reason.",
            "registration",
        ),
        _USED
        & (pl.col("registration") != "")
        & (pl.col("study").n_unique().over([*trial, "use"]) > 1),
    )


def _same_numbers() -> Iterator[tuple[Rule, pl.Expr]]:
    """Find different studies with the very same numbers, where chance is an unlikely reason."""
    counts = ["outcome", "role", "events", "total"]
    told = ["outcome", "role", "estimate", "lower", "upper"]
    several = pl.col("study").n_unique()
    yield (
        Rule(
            "Different studies have different numbers.",
            "The same study may have entered under two names, or a row was copied. Write no in the "
            "column use of one, with a reason, or keep both.",
            "study",
            severity="note",
        ),
        _USED
        & (
            (
                pl.col("total").ge(_MANY)
                & pl.col("events").gt(0)
                & (several.over([*counts, "use"]) > 1)
            )
            | (pl.col("lower").is_not_null() & (several.over([*told, "use"]) > 1))
        ),
    )


def _overlap(frame: pl.DataFrame, place: Place) -> Outcome:
    """Find cohorts of one centre whose periods of recruitment overlap."""
    rule = Rule(
        "Studies of one centre recruited at different times.",
        "The same patients may be counted twice. Ask the authors, or pool without one of them.",
        "centre",
        severity="note",
    )
    dated = frame.filter(
        _USED & (pl.col("centre") != "") & (pl.col("recruited_from") != "")
    ).select("study", "centre", "recruited_from", "recruited_to")
    pairs = dated.unique().join(dated.unique(), on="centre", suffix="_other")
    # Dates are written from the year on, so that their order is that of the text.
    until = pl.when(pl.col("recruited_to") == "").then(pl.lit("9999")).otherwise("recruited_to")
    other = (
        pl.when(pl.col("recruited_to_other") == "")
        .then(pl.lit("9999"))
        .otherwise("recruited_to_other")
    )
    found = pairs.filter(
        (pl.col("study") != pl.col("study_other"))
        & (pl.col("recruited_from") <= other)
        & (pl.col("recruited_from_other") <= until)
    )
    return broken_rows(
        place, rule, frame, pl.col("study").is_in(found.get_column("study").implode())
    )
