"""Reading ``published.yaml`` into `Published`, with all of its faults at once."""

from __future__ import annotations

from pathlib import Path

from hepatica.errors import ProtocolError, ProtocolProblem
from hepatica.protocol.faults import guess
from hepatica.protocol.model import Protocol
from hepatica.protocol.nodes import (
    WHOLE_FILE,
    MappingNode,
    ScalarNode,
    UnreadableError,
    read_nodes,
)
from hepatica.protocol.yaml_file import yaml_text
from hepatica.published.blocks import numbers_of
from hepatica.published.checks import check_numbers
from hepatica.published.model import PrintedNumber, Published
from hepatica.published.settings import Faults, text_of, texts_of

PUBLISHED_FILE = "published.yaml"

_KEYS = ("study", "citation", "numbers", "findings")


def read_published(path: Path, protocol: Protocol | None = None) -> Published:
    """Read the printed numbers of a study.

    Parameters
    ----------
    path : pathlib.Path
        ``published.yaml``, in UTF-8.
    protocol : Protocol, optional
        The study; when given, analyses, groups and variables are checked against it.

    Returns
    -------
    Published
        The numbers with their places.

    Raises
    ------
    CommandError
        If there is no such file.
    ProtocolError
        If the file breaks rules; it holds all of them.
    """
    return parse_published(yaml_text(path), protocol, path.name)


def parse_published(
    text: str, protocol: Protocol | None = None, file: str = PUBLISHED_FILE
) -> Published:
    """Read printed numbers from the text of ``published.yaml``; see `read_published`.

    Examples
    --------
    >>> published = parse_published('''
    ... study: S-1
    ... citation: A journal
    ... numbers:
    ...   - place: Table 1
    ...     analysis: baseline
    ...     variable: sex
    ...     statistics: [n, percent]
    ...     levels: ["", Arm A]
    ...     rows: {Male: ["47 (94.0%)", "25 (96.2%)"]}
    ... ''')
    >>> published.count(variable="sex", variable_level="Male", level="Arm A", statistic="n")
    25
    """
    try:
        root, problems = read_nodes(text)
    except UnreadableError as error:
        raise ProtocolError(file, [error.problem]) from None
    if not isinstance(root, MappingNode):
        message = f"The file has to be a mapping with the keys {', '.join(_KEYS)}."
        raise ProtocolError(file, [ProtocolProblem(WHOLE_FILE, message, root.line if root else 1)])
    faults = Faults(problems)
    published = _published(root, faults)
    _refuse_repeats(published.numbers, faults)
    if protocol is not None:
        check_numbers(published, protocol, root, faults)
    if faults.problems:
        raise ProtocolError(file, sorted(faults.problems, key=_by_line))
    return published


def _by_line(problem: ProtocolProblem) -> int:
    return problem.line or 0


def _published(root: MappingNode, faults: Faults) -> Published:
    for name in root.entries:
        if name not in _KEYS:
            message = f"Unknown key. {guess(name, _KEYS)}The keys here are: {', '.join(_KEYS)}."
            faults.add((name,), root.key_lines[name], message)
    for name in ("study", "citation", "numbers"):
        if name not in root.entries:
            faults.add((name,), root.line, f"Missing: {name}.")
    numbers = root.entries.get("numbers")
    findings = root.entries.get("findings")
    return Published(
        _text(root, "study", faults),
        _text(root, "citation", faults),
        tuple(numbers_of(numbers, ("numbers",), faults)) if numbers is not None else (),
        texts_of(findings, ("findings",), faults) if findings is not None else (),
    )


def _text(root: MappingNode, name: str, faults: Faults) -> str:
    node = root.entries.get(name, ScalarNode("", "", root.line))
    return text_of(node, (name,), faults) or ""


def _refuse_repeats(numbers: tuple[PrintedNumber, ...], faults: Faults) -> None:
    """Refuse a number that the file gives twice for one place."""
    first: dict[object, int] = {}
    for number in numbers:
        name = (number.place, number.key)
        if name in first:
            faults.add(
                ("numbers",),
                number.line,
                f"{number.place} gives {number.printed} for the same row as line {first[name]}. "
                "Keep one, or name another place.",
            )
        first.setdefault(name, number.line)
