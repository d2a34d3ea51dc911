"""Reading ``review.yaml`` into a `Review`, with all of its faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hepatica.protocol.faults import guess
from hepatica.protocol.model_text import parse_model
from hepatica.protocol.nodes import Path as Steps
from hepatica.protocol.review import Review
from hepatica.protocol.yaml_file import yaml_text

REVIEW_FILE = "review.yaml"


def read_review(path: Path) -> Review:
    """Read the plan of a synthesis from a file.

    Parameters
    ----------
    path : pathlib.Path
        ``review.yaml``, in UTF-8.

    Raises
    ------
    CommandError
        If there is no such file.
    ProtocolError
        If the plan breaks rules; it holds all of them.
    """
    return parse_review(yaml_text(path), path.name)


def parse_review(text: str, file: str = REVIEW_FILE) -> Review:
    """Read the plan of a synthesis from the text of ``review.yaml``; see `read_review`.

    Examples
    --------
    >>> review = parse_review('''
    ... review: {id: R-1, title: A review}
    ... files: [{file: extracted.csv}]
    ... outcomes: [{id: orr, label: Objective response, measure: proportion}]
    ... ''')
    >>> review.outcomes[0].word
    'orr'
    """
    return parse_model(text, file, Review, "review, files, outcomes and so on", _check)


def _check(review: Review) -> Iterator[tuple[Steps, str]]:
    if not review.files and not review.studies:
        yield (), "The review has no evidence: name a table under files, or a study under studies."
    yield from _repeats("outcomes", [one.id for one in review.outcomes])
    yield from _repeats("groupings", [one.id for one in review.groupings])
    yield from _unknown_names(review)
    yield from _figures(review)
    for position, outcome in enumerate(review.outcomes):
        allowed = _SCALES.get(outcome.measure, ())
        if outcome.scale is not None and outcome.scale not in allowed:
            named = ", ".join(allowed) or "none"
            message = f"The measure {outcome.measure} has the scales: {named}."
            yield ("outcomes", position, "scale"), message


def _repeats(name: str, ids: list[str]) -> Iterator[tuple[Steps, str]]:
    for position, one in enumerate(ids):
        if one in ids[:position]:
            yield (name, position, "id"), f"The id {one} is used twice. Ids are unique."


def _figures(review: Review) -> Iterator[tuple[Steps, str]]:
    for position, outcome in enumerate(review.outcomes):
        if "labbe" in outcome.figures and outcome.measure not in _TWO_ARMS:
            named = ", ".join(_TWO_ARMS)
            message = f"A plot of L'Abbe shows counts of two arms. It is drawn for: {named}."
            yield ("outcomes", position, "figures", outcome.figures.index("labbe")), message


def _unknown_names(review: Review) -> Iterator[tuple[Steps, str]]:
    groupings = [one.id for one in review.groupings]
    outcomes = [one.id for one in review.outcomes]
    for position, outcome in enumerate(review.outcomes):
        for at, name in enumerate(outcome.groupings or ()):
            if name not in groupings:
                message = f"There is no grouping {name}. {guess(name, groupings)}".rstrip()
                yield ("outcomes", position, "groupings", at), message
    for position, study in enumerate(review.studies):
        for name in study.outcomes:
            if name not in outcomes:
                message = f"There is no outcome {name}. {guess(name, outcomes)}".rstrip()
                yield ("studies", position, "outcomes", name), message


_TWO_ARMS = ("risk_ratio", "odds_ratio", "risk_difference")
_SCALES: dict[str, tuple[str, ...]] = {
    "proportion": ("raw", "log", "logit", "arcsine", "freeman-tukey", "glmm"),
    "rate": ("raw", "log"),
    "median": ("raw", "log"),
}
