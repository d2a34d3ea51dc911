"""Reading ``study.yaml`` into a `Protocol`, with all of its faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hepatica.errors import ProtocolError, ProtocolProblem
from hepatica.protocol.checks import check_names, check_protocol
from hepatica.protocol.faults import Fault, faults_of, problem_of
from hepatica.protocol.model import Protocol
from hepatica.protocol.names import names_of
from hepatica.protocol.nodes import (
    WHOLE_FILE,
    MappingNode,
    Node,
    ScalarNode,
    UnreadableError,
    line_of,
    node_at,
    path_text,
    plain,
    read_nodes,
)
from hepatica.protocol.presets import resolve_presets
from hepatica.protocol.salvage import Salvage, salvage
from hepatica.protocol.yaml_file import yaml_text

_EMPTY = "The file is empty. 'hepatica new DIR' writes a study that runs, to start from."
_NOT_MAPPING = "The file has to be a mapping with the keys study, data, arms and so on."


def read_protocol(path: Path) -> Protocol:
    """Read a protocol from a file.

    Parameters
    ----------
    path : pathlib.Path
        ``study.yaml``, in UTF-8.

    Returns
    -------
    Protocol
        The protocol with its presets filled in.

    Raises
    ------
    CommandError
        If there is no such file.
    ProtocolError
        If the protocol breaks rules; it holds all of them.
    """
    otherwise = "'hepatica new DIR' writes a study that runs, to start from."
    text = yaml_text(path, otherwise=otherwise)
    return parse_protocol(text, path.name)


def parse_protocol(text: str, file: str = "study.yaml") -> Protocol:
    """Read a protocol from the text of ``study.yaml``.

    Parameters
    ----------
    text : str
        YAML 1.2.
    file : str
        Name of the file in messages.

    Returns
    -------
    Protocol
        The protocol with its presets filled in.

    Raises
    ------
    ProtocolError
        If the protocol breaks rules; it holds all of them, in the order of their lines.

    Examples
    --------
    >>> parse_protocol("study: {id: S-1}")
    Traceback (most recent call last):
    hepatica.errors.ProtocolError: study.yaml: 5 problems: study.title (line 1): Missing: ...
    """
    try:
        root, problems = read_nodes(text)
    except UnreadableError as error:
        raise ProtocolError(file, [error.problem]) from None
    if root is None or (isinstance(root, ScalarNode) and root.value is None):
        raise ProtocolError(file, [ProtocolProblem(WHOLE_FILE, _EMPTY)])
    if not isinstance(root, MappingNode):
        raise ProtocolError(file, [ProtocolProblem(WHOLE_FILE, _NOT_MAPPING, root.line)])
    root, unknown_presets = resolve_presets(root)
    problems += unknown_presets
    protocol, faults, data = _validated(root)
    without_preset = tuple(problem.path.removesuffix("like") for problem in unknown_presets)
    problems += [
        problem
        for problem in (problem_of(root, fault) for fault in faults)
        if not (problem.message.startswith("Missing") and problem.path.startswith(without_preset))
    ]
    problems += _cross_problems(root, protocol, data, faults)
    if problems or protocol is None:
        raise ProtocolError(file, sorted(problems, key=_by_line))
    return protocol


def _cross_problems(
    root: MappingNode, protocol: Protocol | None, data: dict[str, Any], faults: list[Fault]
) -> list[ProtocolProblem]:
    names = names_of(root)
    findings = list(check_names(names))
    rest = Salvage(protocol, {}) if protocol is not None else salvage(data, faults)
    if rest is not None:
        checked = check_protocol(rest.protocol, names)
        findings += [(rest.in_file(path), message) for path, message in checked]
    return [
        ProtocolProblem(path_text(path), message, line_of(root, path)) for path, message in findings
    ]


def _by_line(problem: ProtocolProblem) -> tuple[bool, int]:
    return problem.line is None, problem.line or 0


def _validated(root: Node) -> tuple[Protocol | None, list[Fault], dict[str, Any]]:
    """Read the model; a number where a text is due is taken as it was written."""
    data = plain(root)
    protocol, faults = _attempt(root, data)
    written = [fault for fault in faults if _is_written_number(root, fault)]
    for fault in written:
        node = node_at(root, fault.path)
        _put(data, fault.path, node.source if isinstance(node, ScalarNode) else "")
    if written:
        protocol, faults = _attempt(root, data)
    return protocol, faults, data


def _attempt(root: Node, data: Any) -> tuple[Protocol | None, list[Fault]]:
    try:
        return Protocol.model_validate(data), []
    except ValidationError as error:
        return None, faults_of(root, error.errors(include_url=False, include_input=False))


def _is_written_number(root: Node, fault: Fault) -> bool:
    node = node_at(root, fault.path)
    return (
        fault.kind in ("string_type", "model_type", "model_attributes_type")
        and isinstance(node, ScalarNode)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    )


def _put(data: Any, path: tuple[str | int, ...], value: str) -> None:
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value
