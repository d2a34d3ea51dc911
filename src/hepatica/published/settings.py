"""What a block of ``published.yaml`` says of all numbers below it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hepatica.errors import ProtocolProblem
from hepatica.protocol.base import TimePoint
from hepatica.protocol.faults import found, guess
from hepatica.protocol.nodes import ListNode, MappingNode, Node, Path, ScalarNode, path_text
from hepatica.published.vocabulary import COLUMNS, MADE, SCALES, STATISTICS

#: What a block may hold besides columns of the key.
WORDS = (
    *("place", "also", "label", "statistics", "levels", "each", "scale", "made", "made_levels"),
    *("dash", "note"),
)
CONTENT = ("blocks", "rows", "cells")


@dataclass(slots=True)
class Faults:
    """Collects what is wrong, with path and line."""

    problems: list[ProtocolProblem] = field(default_factory=list)

    def add(self, path: Path, line: int, message: str) -> None:
        """Add a fault."""
        self.problems.append(ProtocolProblem(path_text(path), message, line))


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a block after those of the blocks around it; see ``docs/published.md``."""

    place: str = ""
    also: tuple[str, ...] = ()
    head: str = ""
    label: str = ""
    statistics: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    each: str = "variable_level"
    scale: str = ""
    made: tuple[str, ...] = ("emergent",)
    made_levels: tuple[str, ...] = ()
    dash: str = ""
    note: str = ""
    key: tuple[tuple[str, str | float], ...] = ()

    def with_column(self, name: str, value: str | float) -> Settings:
        """Return the settings with one column of the key set."""
        rest = tuple(one for one in self.key if one[0] != name)
        return replace(self, key=(*rest, (name, value)))


def inherited(settings: Settings) -> Settings:
    """Return what a block hands down: all but what belongs to one row."""
    return replace(settings, also=(), label="")


def settings_of(outer: Settings, node: MappingNode, path: Path, faults: Faults) -> Settings:
    """Return the settings of a block: its own, and those around it where it has none."""
    settings = inherited(outer)
    for name, value in node.entries.items():
        at, line = (*path, name), node.key_lines[name]
        if name in CONTENT:
            continue
        if name in COLUMNS:
            settings = _column(settings, name, value, at, faults)
        elif name in WORDS:
            settings = _word(settings, name, value, at, faults)
        else:
            known = (*WORDS, *CONTENT, *COLUMNS)
            hint = guess(name, known)
            faults.add(at, line, f"Unknown key. {hint}The keys here are: {', '.join(known)}.")
    return settings


def _column(settings: Settings, name: str, node: Node, path: Path, faults: Faults) -> Settings:
    value = column_value(name, node, path, faults)
    return settings if value is None else settings.with_column(name, value)


def column_value(name: str, node: Node, path: Path, faults: Faults) -> str | float | None:
    """Return the value of a column of the key; times are written with their unit."""
    word = text_of(node, path, faults)
    if word is None:
        return None
    if name == "statistic":
        return word if known_statistic(word, path, node.line, faults) else None
    return time_of(word, path, node.line, faults) if name == "time" else word


def time_of(word: str, path: Path, line: int, faults: Faults) -> float | None:
    """Return a time point in days."""
    try:
        parsed = TimePoint.parse(word)
    except ValueError as error:
        faults.add(path, line, str(error))
        return None
    return float(parsed["days"])


def _word(settings: Settings, name: str, node: Node, path: Path, faults: Faults) -> Settings:
    if name in ("also", "levels", "statistics"):
        return _list(settings, name, node, path, faults)
    match name:
        case "made":
            return replace(settings, made=made_of(node, path, faults) or settings.made)
        case "made_levels":
            return replace(settings, made_levels=made_of(node, path, faults))
        case "scale":
            word = one_of(node, SCALES, path, faults)
        case "dash":
            word = one_of(node, ("zero", "none"), path, faults)
        case "each":
            word = one_of(node, COLUMNS, path, faults) or settings.each
        case _:
            word = text_of(node, path, faults) or ""
    texts: dict[str, Any] = {name: word}
    return replace(settings, **texts)


def _list(settings: Settings, name: str, node: Node, path: Path, faults: Faults) -> Settings:
    words = texts_of(node, path, faults)
    if name == "statistics":
        # A word that is unknown keeps its place, so that no cell is called too long for it.
        for word in words:
            known_statistic(word, path, node.line, faults)
    texts: dict[str, Any] = {name: words}
    return replace(settings, **texts)


def known_statistic(word: str, path: Path, line: int, faults: Faults) -> bool:
    """Tell whether a statistic is one of ``docs/results.md``; a fault is added when not."""
    if word in STATISTICS:
        return True
    hint = guess(word, STATISTICS)
    faults.add(
        path, line, f"There is no statistic '{word}'. {hint}docs/results.md lists the statistics."
    )
    return False


def made_of(node: Node, path: Path, faults: Faults) -> tuple[str, ...]:
    """Return how the statistics of a cell were made: one word for all, or one for each."""
    nodes = node.items if isinstance(node, ListNode) else (node,)
    words = [one_of(one, MADE, path, faults) for one in nodes]
    return tuple(word for word in words if word)


def one_of(node: Node, allowed: tuple[str, ...], path: Path, faults: Faults) -> str:
    """Return a word that is among those allowed, or nothing after adding a fault."""
    word = node.source if isinstance(node, ScalarNode) else ""
    if word in allowed:
        return word
    message = f"Expected one of: {', '.join(allowed)}; found {found(node)}. {guess(word, allowed)}"
    faults.add(path, node.line, message.strip())
    return ""


def text_of(node: Node, path: Path, faults: Faults) -> str | None:
    """Return a text as it was written, or ``None`` after adding a fault."""
    if isinstance(node, ScalarNode) and (node.value is not None or node.value == ""):
        return node.value if isinstance(node.value, str) else node.source
    faults.add(path, node.line, f"Expected a text, found {found(node)}.")
    return None


def texts_of(node: Node, path: Path, faults: Faults) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(node, ListNode):
        faults.add(
            path, node.line, f"Expected a list, such as [first, second], found {found(node)}."
        )
        return ()
    words = [text_of(one, (*path, at), faults) for at, one in enumerate(node.items)]
    return tuple(word for word in words if word is not None)
