"""From the text of a YAML file to a frozen model, with all faults at once and their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from hepatica.errors import ProtocolError, ProtocolProblem
from hepatica.protocol.faults import faults_of, problem_of
from hepatica.protocol.nodes import (
    WHOLE_FILE,
    MappingNode,
    UnreadableError,
    line_of,
    path_text,
    plain,
    read_nodes,
)
from hepatica.protocol.nodes import Path as Steps

Model = TypeVar("Model", bound=BaseModel)


def parse_model(
    text: str,
    file: str,
    model: type[Model],
    keys: str,
    check: Callable[[Model], Iterable[tuple[Steps, str]]],
) -> Model:
    """Read a model from the text of its file.

    Parameters
    ----------
    text : str
        YAML 1.2.
    file : str
        Name of the file in messages.
    model : type of BaseModel
        What the whole file is read as.
    keys : str
        Its keys in words, for a file that is no mapping.
    check : callable
        Gives place and sentence of each fault that only the whole model shows.

    Raises
    ------
    ProtocolError
        If the file breaks rules; it holds all of them, in the order of their lines.
    """
    try:
        root, problems = read_nodes(text)
    except UnreadableError as error:
        raise ProtocolError(file, [error.problem]) from None
    if not isinstance(root, MappingNode):
        message = f"The file has to be a mapping with the keys {keys}."
        raise ProtocolError(file, [ProtocolProblem(WHOLE_FILE, message)])
    root = replace(root, model=model)
    try:
        found = model.model_validate(plain(root))
    except ValidationError as error:
        faults = faults_of(root, error.errors(include_url=False, include_input=False))
        problems += [problem_of(root, fault) for fault in faults]
        raise ProtocolError(file, sorted(problems, key=_by_line)) from None
    problems += [
        ProtocolProblem(path_text(steps), message, line_of(root, steps))
        for steps, message in check(found)
    ]
    if problems:
        raise ProtocolError(file, sorted(problems, key=_by_line))
    return found


def _by_line(problem: ProtocolProblem) -> tuple[bool, int]:
    return problem.line is None, problem.line or 0
