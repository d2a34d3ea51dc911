"""What can still be read of a faulty protocol, so that references are checked all the same."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import ValidationError

from hepatica.protocol.data import TableName
from hepatica.protocol.faults import Fault
from hepatica.protocol.model import Protocol
from hepatica.protocol.nodes import Path


@dataclass(frozen=True, slots=True)
class Salvage:
    """A protocol without its faulty parts.

    Attributes
    ----------
    protocol : Protocol
        The parts without a fault.
    kept : dict
        For each section that is a list, the positions in the file of the items that are left.
    """

    protocol: Protocol
    kept: dict[str, tuple[int, ...]]

    def in_file(self, path: Path) -> Path:
        """Return the path in the file of a path in the salvaged protocol."""
        if len(path) > 1 and isinstance(path[1], int) and path[0] in self.kept:
            return (path[0], self.kept[str(path[0])][path[1]], *path[2:])
        return path


def salvage(data: dict[str, Any], faults: list[Fault]) -> Salvage | None:
    """Return what is left of a protocol without its faulty items, or ``None`` if too little is."""
    rest = deepcopy(data)
    dropped: dict[str, set[int]] = {}
    for fault in sorted(faults, key=lambda one: one.kind != "extra_forbidden"):
        _leave_out(rest, fault, dropped)
    kept = {
        section: tuple(n for n in range(len(items)) if n not in dropped.get(section, ()))
        for section, items in rest.items()
        if isinstance(items, list)
    }
    for section, positions in kept.items():
        rest[section] = [rest[section][position] for position in positions]
    try:
        return Salvage(Protocol.model_validate(rest), kept)
    except ValidationError:
        return None


def _leave_out(rest: dict[str, Any], fault: Fault, dropped: dict[str, set[int]]) -> None:
    section = str(fault.path[0]) if fault.path else ""
    position = fault.path[1] if len(fault.path) > 1 else None
    if fault.kind == "extra_forbidden":
        _remove(rest, fault.path)
    elif isinstance(position, int):
        dropped.setdefault(section, set()).add(position)
    elif section == "study":
        rest["study"] = {"id": "S", "title": "S"}
    elif section == "data":
        rest["data"] = {"tables": {name: {"file": "f.csv"} for name in get_args(TableName)}}
        rest["data"]["tables"]["PATIENTS"]["columns"] = {"USUBJID": "USUBJID"}
    else:
        rest.pop(section, None)


def _remove(rest: Any, path: Path) -> None:
    for step in path[:-1]:
        rest = rest[step]
    rest.pop(path[-1])
