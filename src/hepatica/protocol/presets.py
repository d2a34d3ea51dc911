"""Presets: parts of a protocol that many studies share, taken with ``like`` and overridden by key.

A preset is a file ``presets/<section>/<name>.yaml``. An item of a section that says ``like: name``
becomes the preset, with the keys beside ``like`` laid over it: mappings are merged key by key,
everything else is replaced, and a condition (``where``) is always replaced whole.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from hepatica.errors import ProtocolProblem
from hepatica.protocol.nodes import (
    ListNode,
    MappingNode,
    Node,
    Path,
    ScalarNode,
    path_text,
    plain,
    read_nodes,
)

_REPLACED_WHOLE = ("where", "failure", "event", "censored")


@cache
def preset_names(section: str) -> tuple[str, ...]:
    """Return the names of the presets of a section of the protocol, in alphabetical order.

    Examples
    --------
    >>> preset_names("assessments")
    ('recist-1.1',)
    >>> preset_names("arms")
    ()
    """
    folder = files("hepatica.protocol") / "presets" / section
    if not folder.is_dir():
        return ()
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@cache
def _preset(section: str, name: str) -> Node:
    source = files("hepatica.protocol") / "presets" / section / f"{name}.yaml"
    node, _ = read_nodes(source.read_text(encoding="utf-8"))
    return node or MappingNode({}, {}, 1)


def resolve_presets(root: MappingNode) -> tuple[MappingNode, list[ProtocolProblem]]:
    """Return the tree with every ``like`` replaced by its preset, and what is wrong with them.

    Parameters
    ----------
    root : MappingNode
        The whole of ``study.yaml``.

    Returns
    -------
    root : MappingNode
        Values that come from a preset carry the line of the ``like``. An item whose preset does
        not exist keeps its other keys.
    problems : list of ProtocolProblem
        Unknown presets.
    """
    problems: list[ProtocolProblem] = []
    entries: dict[str, Node] = {}
    for section, node in root.entries.items():
        if isinstance(node, ListNode):
            items = tuple(
                _resolve(section, item, (section, position), problems)
                for position, item in enumerate(node.items)
            )
            entries[section] = ListNode(items, node.line)
        else:
            entries[section] = _resolve(section, node, (section,), problems)
    return MappingNode(entries, root.key_lines, root.line), problems


def _resolve(section: str, node: Node, path: Path, problems: list[ProtocolProblem]) -> Node:
    if not isinstance(node, MappingNode) or "like" not in node.entries:
        return node
    line = node.key_lines["like"]
    own = MappingNode(
        {key: entry for key, entry in node.entries.items() if key != "like"},
        {key: number for key, number in node.key_lines.items() if key != "like"},
        node.line,
    )
    like = node.entries["like"]
    name = like.source if isinstance(like, ScalarNode) else ""
    if name not in preset_names(section):
        message = _unknown_preset(section, name)
        problems.append(ProtocolProblem(path_text((*path, "like")), message, line))
        return own
    return _merged(_moved(_preset(section, name), line), own)


def _unknown_preset(section: str, name: str) -> str:
    names = preset_names(section)
    if not names:
        return f"There are no presets for {section}. Remove 'like' and write the keys out."
    near = get_close_matches(name, names, 1)
    guess = f"Did you mean '{near[0]}'? " if near else ""
    found = f"There is no preset '{name}'. " if name else "Write the name of one preset. "
    return f"{found}{guess}The presets for {section} are: {', '.join(names)}."


def _moved(node: Node, line: int) -> Node:
    match node:
        case ScalarNode():
            return ScalarNode(node.value, node.source, line)
        case ListNode():
            return ListNode(tuple(_moved(item, line) for item in node.items), line)
        case MappingNode():
            entries = {key: _moved(entry, line) for key, entry in node.entries.items()}
            return MappingNode(entries, dict.fromkeys(entries, line), line)


def _merged(base: Node, over: MappingNode) -> MappingNode:
    if not isinstance(base, MappingNode):
        return over
    entries = dict(base.entries)
    lines = dict(base.key_lines)
    for key, node in over.entries.items():
        below = base.entries.get(key)
        deep = isinstance(below, MappingNode) and key not in _REPLACED_WHOLE
        entries[key] = (
            _merged(below, node) if deep and below and isinstance(node, MappingNode) else node
        )
        lines[key] = over.key_lines[key]
    return MappingNode(entries, lines, over.line)


def preset_mapping(section: str, name: str) -> object:
    """Return what a preset says, as plain values.

    Examples
    --------
    >>> preset_mapping("assessments", "recist-1.1")["criteria"]
    'RECIST 1.1'
    """
    return plain(_preset(section, name))
