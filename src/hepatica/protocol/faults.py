"""Faults of the protocol in our own words: what is wrong, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_origin

from pydantic import BaseModel

from hepatica.errors import ProtocolProblem
from hepatica.protocol.conditions import ConditionError
from hepatica.protocol.nodes import (
    ListNode,
    MappingNode,
    Node,
    Path,
    ScalarNode,
    line_of,
    node_at,
    path_text,
)
from hepatica.protocol.presets import preset_names
from hepatica.protocol.purposes import purpose
from hepatica.protocol.schema import (
    allowed_values,
    annotation_at,
    kinds_of,
    locate,
    members,
    model_at,
)

_EXPECTED = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list, such as [first, second]",
    "dict": "a mapping of keys to values",
    "model": "a mapping of keys to values",
    "dataclass": "a mapping of keys to values",
}
_COMPARED = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "of at most"),
}
_SENTENCES = {
    "string_pattern_mismatch": (
        "A short name starts with a letter and holds only letters, digits, '-' and '_'; "
        "found {found}."
    ),
    "too_short": "The list is empty; at least one is needed.",
    "string_too_short": "The text is empty.",
    "finite_number": "Expected a number, found {found}.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the model: its kind, its place in the file, and what was compared."""

    kind: str
    path: Path
    alternative: str
    context: Mapping[str, Any]


def faults_of(root: Node, errors: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Return the faults that a failed reading of the model tells, one for each place."""
    first: dict[Path, Fault] = {}
    for error in errors:
        path, alternative = locate(root, error["loc"])
        fault = Fault(error["type"], path, alternative, error.get("ctx") or {})
        if _beside_the_point(root, fault):
            continue
        for part in _within_condition(fault):
            first.setdefault(part.path, part)
    return list(first.values())


def _within_condition(fault: Fault) -> list[Fault]:
    """Return a fault for each place of a condition, or the fault itself."""
    error = fault.context.get("error")
    if not isinstance(error, ConditionError):
        return [fault]
    return [
        Fault(fault.kind, (*fault.path, *steps), "", {"error": message})
        for steps, message in error.faults
    ]


def _beside_the_point(root: Node, fault: Fault) -> bool:
    """Tell whether a fault follows from others, or is of an alternative the file does not use."""
    node = node_at(root, fault.path)
    if fault.kind == "too_short":
        return isinstance(node, ListNode) and bool(node.items)
    if not fault.alternative:
        return False
    is_mapping = isinstance(node, MappingNode)
    models = [
        one for one in members(annotation_at(root, fault.path)) if hasattr(one, "model_fields")
    ]
    return bool(models) and is_mapping != any(one.__name__ == fault.alternative for one in models)


def problem_of(root: Node, fault: Fault) -> ProtocolProblem:
    """Return a fault as a path, a sentence and a line."""
    path = fault.path
    if fault.kind.startswith("union_tag"):
        path = (*path, "kind")
    return ProtocolProblem(path_text(path), _message(root, fault), line_of(root, path))


def _message(root: Node, fault: Fault) -> str:
    node = node_at(root, fault.path)
    annotation = annotation_at(root, fault.path)
    match fault.kind:
        case "missing":
            return f"Missing: {purpose(model_at(root, fault.path[:-1]), str(fault.path[-1]))}"
        case "extra_forbidden":
            return _unknown_key(root, fault.path)
        case "union_tag_not_found" | "union_tag_invalid":
            return _kind(node, kinds_of(members(annotation)))
        case "literal_error":
            return _not_among(node, fault.path, annotation, root)
        case _:
            return _value_message(fault, annotation, node)


def _value_message(fault: Fault, annotation: Any, node: Node | None) -> str:
    if fault.kind == "value_error":
        return str(fault.context["error"])
    if fault.kind in _COMPARED:
        name, words = _COMPARED[fault.kind]
        return f"Expected a number {words} {fault.context[name]:g}, found {found(node)}."
    if fault.kind in _SENTENCES:
        return _SENTENCES[fault.kind].format(found=found(node))
    return _wrong_type(fault.kind, annotation, node)


def found(node: Node | None) -> str:
    """Return what stands in the file, as a phrase."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list" if node.items else "an empty list"
    if node is None or (node.value is None and not node.source):
        return "nothing"
    if isinstance(node.value, str):
        return f"the text '{_short(node.source)}'"
    is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return f"the number {node.source}" if is_number else f"'{node.source}'"


def _short(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= 40 else f"{first[:37]}..."


def _wrong_type(kind: str, annotation: Any, node: Node | None) -> str:
    scalars = [one for one in members(annotation) if one in (str, int, float, bool)]
    if len(scalars) > 1:
        expected = "a word, a number, or null"
    else:
        expected = _EXPECTED.get(kind.split("_", maxsplit=1)[0], "something else")
    hint = ""
    if expected == "a text" and isinstance(node, ScalarNode) and isinstance(node.value, bool):
        hint = f' Quote it: "{node.source}".'
    if expected == "a whole number" and _leading_zero(node):
        hint = " Write it without leading zeros."
    if expected.startswith("a list") and isinstance(node, ScalarNode) and node.value is not None:
        hint = f" For one entry write [{_short(node.source)}]."
    return f"Expected {expected}, found {found(node)}.{hint}"


def _leading_zero(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.source.startswith("0") and node.source.isdigit()


def guess(word: str, allowed: Iterable[str]) -> str:
    """Return ``Did you mean 'x'? `` for the nearest allowed word, or nothing.

    Examples
    --------
    >>> guess("analysies", ["analyses", "arms"])
    "Did you mean 'analyses'? "
    """
    by_lower = {one.lower(): one for one in allowed}
    near = get_close_matches(word.lower(), by_lower, 1)
    return f"Did you mean '{by_lower[near[0]]}'? " if near else ""


def _unknown_key(root: Node, path: Path) -> str:
    key = str(path[-1])
    model = model_at(root, path[:-1])
    is_study = not isinstance(root, MappingNode) or root.model is None
    keys = _keys(model, path if is_study else ())
    return f"Unknown key. {guess(key, keys)}The keys here are: {', '.join(keys)}."


def _keys(model: type[BaseModel] | None, path: Path) -> list[str]:
    keys = list(model.model_fields) if model is not None else []
    is_item = len(path) == 2 or (len(path) == 3 and isinstance(path[1], int))
    return ["like", *keys] if is_item and preset_names(str(path[0])) else keys


def _kind(node: Node | None, kinds: tuple[str, ...]) -> str:
    given = node.entries.get("kind") if isinstance(node, MappingNode) else None
    choice = f"Write one of: {', '.join(kinds)}."
    if given is None:
        return f"Missing: what kind it is. {choice}"
    word = given.source if isinstance(given, ScalarNode) else ""
    return (
        f"There is no kind {found(given).removeprefix('the text ')}. {guess(word, kinds)}{choice}"
    )


def _not_among(node: Node | None, path: Path, annotation: Any, root: Node) -> str:
    allowed = allowed_values(annotation)
    what = found(node)
    word = node.source if isinstance(node, ScalarNode) else ""
    if not allowed:
        allowed = _allowed_keys(annotation_at(root, path[:-1]))
        word = str(path[-1])
        what = f"'{word}'"
    words = [str(value) for value in allowed]
    return f"Expected one of: {', '.join(words)}; found {what}. {guess(word, words)}".rstrip()


def _allowed_keys(annotation: Any) -> tuple[Any, ...]:
    for one in members(annotation):
        if get_origin(one) is dict:
            return allowed_values(one.__args__[0])
    return ()
