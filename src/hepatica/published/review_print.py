"""The pooled results that a review printed, ``printed.yaml``, with all of its faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hepatica.protocol.base import Frozen, Id, Text
from hepatica.protocol.faults import guess
from hepatica.protocol.model_text import parse_model
from hepatica.protocol.nodes import Path as Steps
from hepatica.protocol.review import Review
from hepatica.protocol.yaml_file import yaml_text

PRINTED_FILE = "printed.yaml"

#: A number as printed, in quotes, so that its last zero stays.
Number = Annotated[str, StringConstraints(pattern=r"^(\d+(\.\d*)?|\.\d+)?$")]
Probability = Annotated[str, StringConstraints(pattern=r"^(<?\s*(0|1|0?\.\d+|1\.0+))?$")]


class PrintedPool(Frozen):
    """One pooled result as printed.

    Attributes
    ----------
    outcome : str
        Outcome of the plan with which it is compared.
    subgroup, level : str
        Grouping and group; empty for all studies.
    kind : {"pooled", "trim_and_fill"}
        What it is.
    estimate, lower, upper : str
        As printed, in quotes.
    unit : {"%", "months", ""}
        Unit of the estimate; empty where the print has none.
    i2, p : str
        I2 in percent and P of Q; empty where they are not printed.
    data_sets : int or None
        Data sets the print tells of.
    filled : int or None
        How many of them were filled in.
    again : tuple of str
        Outcomes of the plan that put printed parts of this result together again.
    place : str
        Where it is printed.
    """

    outcome: Id
    subgroup: str = ""
    level: str = ""
    kind: Literal["pooled", "trim_and_fill"] = "pooled"
    estimate: Number
    lower: Number
    upper: Number
    unit: Literal["%", "months", ""] = ""
    i2: Number = ""
    p: Probability = ""
    data_sets: int | None = Field(default=None, ge=1)
    filled: int | None = Field(default=None, ge=0)
    again: tuple[Id, ...] = ()
    place: str = ""

    @property
    def step(self) -> float:
        """Unit of the last printed digit of the estimate."""
        return step_of(self.estimate)

    @property
    def numbers(self) -> tuple[float, float, float]:
        """Estimate and limits."""
        return float(self.estimate), float(self.lower), float(self.upper)


class PrintedReview(Frozen):
    """What a review printed.

    Attributes
    ----------
    source : str
        The publication.
    results : tuple of PrintedPool
        Its pooled results, in the order of the print.
    """

    source: Text
    results: tuple[PrintedPool, ...]


def step_of(text: str) -> float:
    """Return the unit of the last digit of a printed number.

    Examples
    --------
    >>> step_of("46.7"), step_of(".000"), step_of("7")
    (0.1, 0.001, 1.0)
    """
    return float(Decimal(1).scaleb(int(Decimal(text).as_tuple().exponent)))


def read_printed_review(path: Path, review: Review) -> PrintedReview:
    """Read the printed results of a review.

    Parameters
    ----------
    path : pathlib.Path
        ``printed.yaml``, in UTF-8.
    review : Review
        The plan, whose outcomes and groupings it names.

    Raises
    ------
    CommandError
        If the file cannot be opened.
    ProtocolError
        If it breaks rules; it holds all of them.
    """
    return parse_printed_review(yaml_text(path), review, path.name)


def parse_printed_review(text: str, review: Review, file: str = PRINTED_FILE) -> PrintedReview:
    """Read printed results from the text of ``printed.yaml``; see `read_printed_review`.

    Examples
    --------
    >>> from hepatica.protocol.review_read import parse_review
    >>> plan = parse_review('''
    ... review: {id: R-1, title: A review}
    ... files: [{file: extracted.csv}]
    ... outcomes: [{id: orr, label: Objective response, measure: proportion}]
    ... ''')
    >>> printed = parse_printed_review('''
    ... source: A journal
    ... results:
    ...   - {outcome: orr, estimate: "33.8", lower: "26.8", upper: "40.7", unit: "%"}
    ... ''', plan)
    >>> printed.results[0].numbers
    (33.8, 26.8, 40.7)
    """
    return parse_model(
        text, file, PrintedReview, "source and results", lambda printed: _check(printed, review)
    )


def _check(printed: PrintedReview, review: Review) -> Iterator[tuple[Steps, str]]:
    outcomes = [one.id for one in review.outcomes]
    groupings = [one.id for one in review.groupings]
    for at, one in enumerate(printed.results):
        for name in (one.outcome, *one.again):
            if name not in outcomes:
                message = f"There is no outcome {name} in the plan. {guess(name, outcomes)}"
                yield ("results", at), message.rstrip()
        if one.subgroup and one.subgroup not in groupings:
            message = f"There is no grouping {one.subgroup}. {guess(one.subgroup, groupings)}"
            yield ("results", at, "subgroup"), message.rstrip()
        if bool(one.subgroup) != bool(one.level):
            yield ("results", at), "A group needs both: subgroup, its grouping, and level, itself."
        told = [one.estimate, one.lower, one.upper]
        if not all(told):
            yield ("results", at), "A printed result needs estimate, lower and upper."
        elif not one.numbers[1] <= one.numbers[0] <= one.numbers[2]:
            message = "The limits do not enclose the estimate. Check whether they are swapped."
            yield ("results", at, "lower"), message
        if one.i2 and float(one.i2) >= 100.0:
            yield ("results", at, "i2"), "I2 is a percentage below 100."
