"""The names that one part of a protocol gives and another refers to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hepatica.protocol.base import ID_PATTERN
from hepatica.protocol.nodes import ListNode, MappingNode, Node, Path, ScalarNode

_KINDS = {
    "arms": "arm",
    "treatments": "treatment",
    "analysis_sets": "analysis set",
    "eligibility": "criterion",
    "endpoints": "endpoint",
    "variables": "variable",
    "biomarkers": "variable",
    "analyses": "analysis",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Ids by kind, as the file gives them, with the place of each.

    Variables, biomarkers and cut-points share one kind, because analyses refer to all of them in
    the same way. Names are read from the tree and not from the model, so that a fault elsewhere
    in an item does not make its name unknown.

    Attributes
    ----------
    places : dict
        Ids of each kind, each with its place.
    open_kinds : set of str
        Kinds of which some item has no id that can be read; what it is called is not known.
    arms : int
        Number of arms in the file.
    """

    places: dict[str, list[tuple[str, Path]]] = field(default_factory=dict)
    open_kinds: set[str] = field(default_factory=set)
    arms: int = 0

    def of(self, kind: str) -> tuple[str, ...]:
        """Return the ids of a kind in the order of the file, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.places.get(kind, ())))

    def repeated(self) -> Iterator[tuple[str, str, Path, Path]]:
        """Return kind, id, place and first place of each id that stands for two things.

        Ids of variables name columns, in capitals and with underscores for hyphens; ids of
        analyses name files, and not every file system tells capitals apart.
        """
        for kind, places in self.places.items():
            first: dict[str, Path] = {}
            for name, path in places:
                key = _named(kind, name)
                if key in first:
                    yield kind, name, path, first[key]
                else:
                    first[key] = path


def _named(kind: str, name: str) -> str:
    """Return what stands for the id outside the protocol: a column or a file."""
    match kind:
        case "variable":
            return name.upper().replace("-", "_")
        case "analysis":
            return name.upper()
        case _:
            return name


def names_of(root: MappingNode) -> Names:
    """Return the names that a file gives, after presets are filled in."""
    arms = sum(1 for _ in _items(root, "arms"))
    names = Names({kind: [] for kind in _KINDS.values()}, arms=arms)
    for section, kind in _KINDS.items():
        for path, item in _items(root, section):
            _add(names, kind, item, path)
            if section == "biomarkers":
                for below, cut in _items(item, "cut_points"):
                    _add(names, kind, cut, (*path, *below))
    return names


def _items(node: Node, key: str) -> Iterator[tuple[Path, Node]]:
    listed = node.entries.get(key) if isinstance(node, MappingNode) else None
    if isinstance(listed, ListNode):
        yield from (((key, position), item) for position, item in enumerate(listed.items))


def _add(names: Names, kind: str, item: Node, path: Path) -> None:
    given = item.entries.get("id") if isinstance(item, MappingNode) else None
    if isinstance(given, ScalarNode) and ID_PATTERN.match(given.source):
        names.places[kind].append((given.source, (*path, "id")))
    else:
        names.open_kinds.add(kind)
