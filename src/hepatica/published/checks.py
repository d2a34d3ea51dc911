"""Whether the rows that printed numbers name can exist in a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hepatica.protocol.analyses import (
    AdverseEventsAnalysis,
    Analysis,
    BaselineAnalysis,
    BiomarkerChangeAnalysis,
    ResponseAnalysis,
)
from hepatica.protocol.cut_points import CUT_POINTS, PLACE
from hepatica.protocol.faults import guess
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.model_analyses import ModelAnalysis
from hepatica.protocol.nodes import MappingNode
from hepatica.published.model import PrintedNumber, Published
from hepatica.published.settings import Faults

#: Analyses that are carried out without being planned.
_OF_EVERY_STUDY = ("sets", CUT_POINTS)
#: What rows of models are grouped by, besides the models that stand beside them.
_MODELS = ("univariable", "multivariable")


def check_numbers(
    published: Published, protocol: Protocol, root: MappingNode, faults: Faults
) -> None:
    """Add a fault for each name that the protocol does not have, once for each line."""
    if published.study and published.study != protocol.study.id:
        line = root.entries["study"].line if "study" in root.entries else root.line
        faults.add(
            ("study",), line, f"The study of study.yaml is {protocol.study.id}. Write the same id."
        )
    told: set[tuple[int, str]] = set()
    for number in published.numbers:
        for message in _messages(number, protocol):
            if (number.line, message) not in told:
                told.add((number.line, message))
                faults.add(("numbers",), number.line, message)


def _messages(number: PrintedNumber, protocol: Protocol) -> Iterator[str]:
    if number.made == "none":
        # Not in the data: no analysis of the plan has to know it.
        return
    by_id = {analysis.id: analysis for analysis in protocol.analyses}
    if number.analysis in _OF_EVERY_STUDY:
        yield from _unknown("level", number.level, ("", *group_labels(protocol, "arm")))
        return
    if number.analysis not in by_id:
        yield from _unknown("analysis", number.analysis, tuple(by_id))
        return
    analysis = by_id[number.analysis]
    labels, references = _groups(number, analysis, protocol)
    for name, allowed in (("level", labels), ("reference", references)):
        word = str(number.column(name))
        if not any(_fills(word, label) for label in allowed):
            yield from _unknown(name, word, ("", *allowed))
    yield from _variable(number, analysis, protocol)


def _groups(
    number: PrintedNumber, analysis: Analysis, protocol: Protocol
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the groups of an analysis, and what they can be compared with.

    A model is a group of its own; a category of its covariate is compared with another one.
    """
    if not isinstance(analysis, ModelAnalysis):
        labels = group_labels(protocol, analysis.by)
        return labels, labels
    beside = getattr(analysis, "alternatives", ())
    variable = str(number.column("variable"))
    categories = group_labels(protocol, variable) if variable in analysis.covariates else ()
    return (*_MODELS, *beside), categories


def _fills(word: str, label: str) -> bool:
    """Tell whether a word is a label that the data complete with a chosen threshold."""
    before, place, after = label.partition(PLACE)
    return bool(place) and word.startswith(before) and word.endswith(after)


def _variable(number: PrintedNumber, analysis: Analysis, protocol: Protocol) -> Iterator[str]:
    allowed = _variables(analysis)
    variable = str(number.column("variable"))
    if allowed is None:
        return
    unknown = tuple(_unknown("variable", variable, ("", *allowed)))
    yield from unknown
    level = str(number.column("variable_level"))
    if not unknown and level and isinstance(analysis, BaselineAnalysis):
        yield from _unknown("variable_level", level, (*group_labels(protocol, variable), "Missing"))


def _variables(analysis: Analysis) -> tuple[str, ...] | None:
    """Return the variables of an analysis, or ``None`` when the plan does not say them."""
    match analysis:
        case BaselineAnalysis():
            return analysis.variables
        case ResponseAnalysis():
            compared = ("comparison",) if analysis.compare is not None else ()
            return ("best_response", *analysis.endpoints, *compared)
        case ModelAnalysis():
            return analysis.covariates
        case AdverseEventsAnalysis():
            return ("any", "severe", "serious", "serious_related")
        case BiomarkerChangeAnalysis():
            return analysis.biomarkers
        case _:
            return None


_Named: dict[str, Callable[[str], str]] = {
    "analysis": lambda word: f"study.yaml has no analysis '{word}'.",
    "level": lambda word: f"The analysis has no group '{word}'.",
    "reference": lambda word: f"The analysis has no group '{word}'.",
    "variable": lambda word: f"The analysis has no variable '{word}'.",
    "variable_level": lambda word: f"The variable has no level '{word}'.",
}


def _unknown(name: str, word: str, allowed: tuple[str, ...]) -> Iterator[str]:
    if word not in allowed:
        words = tuple(one for one in allowed if one)
        yield (
            f"{_Named[name](word)} {guess(word, words)}"
            f"Write one of: {', '.join(words) or 'nothing'}."
        )
