"""Reading ``construction.yaml``, with all of its faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hepatica.errors import CommandError, ProtocolError, ProtocolProblem
from hepatica.protocol.faults import found, guess
from hepatica.protocol.nodes import (
    WHOLE_FILE,
    MappingNode,
    UnreadableError,
    line_of,
    node_at,
    path_text,
    plain,
    read_nodes,
)
from hepatica.simulate.rebuild.construction import Construction

CONSTRUCTION_FILE = "construction.yaml"

#: What the file is read as: collected domains, or one sheet.
_Kind = TypeVar("_Kind", bound=BaseModel)


def read_construction(path: Path) -> Construction:
    """Read what had to be chosen for constructed patients of collected domains.

    Raises
    ------
    CommandError, ProtocolError
        As `read_construction_as`.
    """
    return read_construction_as(Construction, path)


def read_construction_as(kind: type[_Kind], path: Path) -> _Kind:
    """Read what had to be chosen for constructed patients.

    Parameters
    ----------
    kind : type
        `Construction`, or `SheetConstruction` of a study from one sheet.
    path : Path
        ``construction.yaml``, in UTF-8.

    Raises
    ------
    CommandError
        If there is no such file, or it cannot be opened.
    ProtocolError
        If it breaks rules; it holds all of them.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        message = (
            f"There is no file {path}. Patients with printed margins need it: the file of the "
            "courses, site, enrolment and all else that the publication does not print."
        )
        raise CommandError(message) from None
    except (OSError, UnicodeDecodeError):
        message = f"The file {path} cannot be read. Check that you may read it and it is UTF-8."
        raise CommandError(message) from None
    return parse_construction_as(kind, text, path.name)


def parse_construction(text: str, file: str = CONSTRUCTION_FILE) -> Construction:
    """Read the text of ``construction.yaml`` of a study from collected domains.

    Raises
    ------
    ProtocolError
        If it breaks rules; it holds all of them.
    """
    return parse_construction_as(Construction, text, file)


def parse_construction_as(kind: type[_Kind], text: str, file: str = CONSTRUCTION_FILE) -> _Kind:
    """Read the text of ``construction.yaml`` as a kind of construction.

    Raises
    ------
    ProtocolError
        If it breaks rules; it holds all of them.
    """
    try:
        root, problems = read_nodes(text)
    except UnreadableError as error:
        raise ProtocolError(file, [error.problem]) from None
    if not isinstance(root, MappingNode):
        keys = ", ".join(list(kind.model_fields)[:3])
        message = f"The file has to be a mapping with the keys {keys} and so on."
        raise ProtocolError(file, [ProtocolProblem(WHOLE_FILE, message)])
    try:
        construction = kind.model_validate(plain(root))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        problems += [_problem(kind, root, fault) for fault in faults]
        raise ProtocolError(file, problems) from None
    if problems:
        raise ProtocolError(file, problems)
    return construction


def _problem(kind: type[BaseModel], root: MappingNode, fault: Mapping[str, Any]) -> ProtocolProblem:
    path = tuple(step for step in fault["loc"] if step != "[key]")
    return ProtocolProblem(path_text(path), _message(kind, root, path, fault), line_of(root, path))


def _message(
    kind: type[BaseModel],
    root: MappingNode,
    path: tuple[str | int, ...],
    fault: Mapping[str, Any],
) -> str:
    what, context = fault["type"], fault.get("ctx") or {}
    if what == "missing":
        return "Missing: this key is needed."
    if what == "extra_forbidden":
        keys = list(_keys(kind, path[:-1]))
        return f"Unknown key. {guess(str(path[-1]), keys)}The keys here are: {', '.join(keys)}."
    if what == "value_error":
        return str(context["error"])
    if what == "literal_error":
        return f"Expected one of: {context['expected']}; found {found(node_at(root, path))}."
    expected = str(fault["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
    expected = expected.replace("string", "text").replace("integer", "whole number")
    return f"Expected a {expected}, found {found(node_at(root, path))}."


def _keys(kind: type[BaseModel], path: tuple[str | int, ...]) -> Iterator[str]:
    """Give the keys that the model knows at a path."""
    model: Any = kind
    for step in path:
        if isinstance(step, int):
            continue
        field = model.model_fields[step].annotation
        inner = next((one for one in getattr(field, "__args__", ()) if one is not ...), field)
        model = inner
    if isinstance(model, type) and issubclass(model, BaseModel):
        yield from model.model_fields
