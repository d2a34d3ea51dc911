"""``study.yaml`` as a tree in which every value knows its line.

The tree is built from the events of a YAML parser. Plain words are read by the core schema of
YAML 1.2 with two exceptions that keep what the reader sees: a date stays a text, and digits with
a leading zero stay a text. So ``NO`` is a word, ``12:30`` is a word and ``007`` is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from hepatica.errors import ProtocolProblem

#: A step of a path: a key, or a position counted from 0.
Step = str | int
Path = tuple[Step, ...]

#: What a problem names as its place when it has none within the protocol.
WHOLE_FILE = "the file"

_MOST_VALUES = 100_000
_DEEPEST = 40

_INTEGER = re.compile(r"^(?:0|[-+]?[1-9][0-9]*|[-+]0)$")
_DECIMAL = re.compile(r"^[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False} | {
    "FALSE": False
}
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value: what it was read as, and how it was written."""

    value: str | bool | int | float | None
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of values."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Values by key; ``key_lines`` are the lines of the keys.

    ``model`` is what a whole file is read with, for messages about its parts; ``None`` is the
    protocol of a study.
    """

    entries: dict[str, Node]
    key_lines: dict[str, int]
    line: int
    model: type | None = None


Node = ScalarNode | ListNode | MappingNode


class UnreadableError(Exception):
    """The text is not YAML that can be read; ``problem`` says where and what to do."""

    def __init__(self, problem: ProtocolProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def path_text(path: Path) -> str:
    """Return a path as it is shown.

    Examples
    --------
    >>> path_text(("arms", 1, "treatments", 0))
    'arms[1].treatments[0]'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or WHOLE_FILE


def plain(node: Node) -> Any:
    """Return the node as plain values, without its lines.

    Examples
    --------
    >>> plain(read_nodes("a: [1, NO, 2019-12-18]")[0])
    {'a': [1, 'NO', '2019-12-18']}
    """
    match node:
        case ScalarNode(value=value):
            return value
        case ListNode(items=items):
            return [plain(item) for item in items]
        case MappingNode(entries=entries):
            return {key: plain(entry) for key, entry in entries.items()}


def node_at(root: Node, path: Path) -> Node | None:
    """Return the node at a path, or ``None`` when there is none."""
    node: Node = root
    for step in path:
        if isinstance(node, MappingNode) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def line_of(root: Node, path: Path) -> int | None:
    """Return the line of the key at a path, or of the nearest part of the path that exists."""
    for length in range(len(path), 0, -1):
        parent = node_at(root, path[: length - 1])
        step = path[length - 1]
        if isinstance(parent, MappingNode) and step in parent.key_lines:
            return parent.key_lines[str(step)]
        node = node_at(root, path[:length])
        if node is not None:
            return node.line
    return None


def scalar_value(source: str) -> str | bool | int | float | None:
    """Return what an unquoted word stands for.

    Examples
    --------
    >>> [scalar_value(word) for word in ("NO", "12:30", "007", "0", "4.10", "true", "")]
    ['NO', '12:30', '007', 0, 4.1, True, None]
    """
    if source in _NULLS:
        return None
    if source in _BOOLEANS:
        return _BOOLEANS[source]
    if _INTEGER.match(source):
        return int(source) if len(source) <= 18 else source
    return float(source) if _DECIMAL.match(source) else source


def read_nodes(text: str) -> tuple[Node | None, list[ProtocolProblem]]:
    """Return the tree of a YAML text, and the faults that did not stop the reading.

    Parameters
    ----------
    text : str
        One YAML document.

    Returns
    -------
    node : Node or None
        ``None`` for a text without values.
    problems : list of ProtocolProblem
        Keys given twice, tags, and keys that are not words.

    Raises
    ------
    UnreadableError
        If the text is not one YAML document.
    """
    try:
        events = list(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        raise UnreadableError(_syntax_problem(error, text)) from None
    except YAMLError:
        raise UnreadableError(_character_problem(text)) from None
    starts = [event for event in events if isinstance(event, DocumentStartEvent)]
    if not starts:
        return None, []
    if len(starts) > 1:
        raise UnreadableError(
            ProtocolProblem(
                WHOLE_FILE,
                "The file holds more than one document. Remove the line '---'.",
                starts[1].start_mark.line + 1,
            )
        )
    builder = _Builder(iter(events[events.index(starts[0]) + 1 :]))
    return builder.next_node(()), builder.problems


@dataclass(slots=True)
class _Builder:
    """Builds nodes from events and collects faults on the way."""

    events: Iterator[Event]
    anchors: dict[str, Node] = field(default_factory=dict)
    problems: list[ProtocolProblem] = field(default_factory=list)
    size: int = 0

    def next_node(self, path: Path, line: int | None = None) -> Node:
        return self._node(next(self.events), path, line)

    def _node(self, event: Event, path: Path, line: int | None) -> Node:
        own_line = line or event.start_mark.line + 1
        self._refuse_size(1, path, own_line)
        if isinstance(event, AliasEvent):
            return self._alias(event, path, own_line)
        if not isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
            raise UnreadableError(
                ProtocolProblem(path_text(path), "A value is missing here.", own_line)
            )
        if event.tag is not None:
            self._report(path, own_line, f"Remove the tag {_short_tag(event.tag)}; no tag is used.")
        node = self._untagged(event, path, own_line)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _untagged(self, event: Event, path: Path, line: int) -> Node:
        if isinstance(event, SequenceStartEvent):
            return ListNode(tuple(self._items(path)), line)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, line)
        text = event.value if isinstance(event, ScalarEvent) else ""
        quoted = isinstance(event, ScalarEvent) and event.style is not None
        return ScalarNode(text if quoted else scalar_value(text), text.strip(), line)

    def _alias(self, event: AliasEvent, path: Path, line: int) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            self._report(
                path, line, f"*{event.anchor} stands for nothing: no &{event.anchor} before it."
            )
            return ScalarNode(None, "", line)
        self._refuse_size(_size(node), path, line)
        return node

    def _items(self, path: Path) -> Iterator[Node]:
        position = 0
        while not isinstance(event := next(self.events), SequenceEndEvent):
            yield self._node(event, (*path, position), None)
            position += 1

    def _mapping(self, path: Path, line: int) -> MappingNode:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key_line = event.start_mark.line + 1
            if not isinstance(event, ScalarEvent):
                self._report(path, key_line, "A key is one word, not a list or a mapping.")
                self._node(event, path, key_line)
                self.next_node(path)
                continue
            node = self.next_node((*path, event.value), key_line)
            if event.value in entries:
                first = lines[event.value]
                message = f"The key is given twice, first on line {first}. Keep one of the two."
                self._report((*path, event.value), key_line, message)
                continue
            entries[event.value] = node
            lines[event.value] = key_line
        return MappingNode(entries, lines, line)

    def _refuse_size(self, more: int, path: Path, line: int) -> None:
        self.size += more
        if self.size > _MOST_VALUES or len(path) > _DEEPEST:
            message = "There are more values here than a protocol can have. Write the parts out."
            raise UnreadableError(ProtocolProblem(path_text(path[:_DEEPEST]), message, line))

    def _report(self, path: Path, line: int, message: str) -> None:
        self.problems.append(ProtocolProblem(path_text(path), message, line))


def _size(node: Node) -> int:
    match node:
        case ListNode(items=items):
            return 1 + sum(map(_size, items))
        case MappingNode(entries=entries):
            return 1 + sum(map(_size, entries.values()))
        case _:
            return 1


def _short_tag(tag: str) -> str:
    return f"!!{tag.removeprefix('tag:yaml.org,2002:')}" if tag.startswith("tag:yaml.org") else tag


def _syntax_problem(error: MarkedYAMLError, text: str) -> ProtocolProblem:
    """Say in our words what stopped the parser, and on which line it began."""
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    lines = text.splitlines()
    at_fault = lines[line - 1] if line and line <= len(lines) else ""
    if "\t" in at_fault[: len(at_fault) - len(at_fault.lstrip())]:
        return ProtocolProblem(WHOLE_FILE, "A tab indents this line. Indent with spaces.", line)
    if error.context_mark is not None and "quoted scalar" in said:
        message = "The quotation mark opened on this line is not closed."
        return ProtocolProblem(WHOLE_FILE, message, error.context_mark.line + 1)
    if "parsing a flow" in said and error.context_mark is not None:
        message = "The bracket opened on this line is not closed, or a comma is missing."
        return ProtocolProblem(WHOLE_FILE, message, error.context_mark.line + 1)
    if "mapping values" in said:
        message = (
            "There is a colon where none can stand. Put a text that holds ': ' in quotes, "
            "and check the indentation."
        )
    elif "cannot start any token" in said:
        message = "A value starts with a sign that has a meaning of its own. Put it in quotes."
    else:
        message = (
            "This line cannot be read as YAML. Check indentation, colons, brackets and quotes."
        )
    return ProtocolProblem(WHOLE_FILE, message, line)


def _character_problem(text: str) -> ProtocolProblem:
    for number, content in enumerate(text.split("\n"), start=1):
        if any(not sign.isprintable() and sign not in "\t\r" for sign in content):
            message = "The line holds a control character. Remove it."
            return ProtocolProblem(WHOLE_FILE, message, number)
    return ProtocolProblem(
        WHOLE_FILE, "The file cannot be read as YAML. Write it anew as plain text."
    )
