"""Sentences that checks of a protocol share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hepatica.protocol.faults import guess
from hepatica.protocol.names import Names
from hepatica.protocol.nodes import Path

#: A place of the protocol and a sentence about it.
Finding = tuple[Path, str]


def unknown_id(names: Names, kind: str, name: str, path: Path) -> Iterator[Finding]:
    """Find an id that stands for nothing; nothing is said while some id cannot be read.

    Examples
    --------
    >>> names = Names({"arm": [("a", ("arms", 0, "id"))]})
    >>> list(unknown_id(names, "arm", "b", ("historical",)))
    [(('historical',), "There is no arm 'b'. Arms are: a.")]
    >>> list(unknown_id(names, "arm", "a", ("historical",)))
    []
    """
    if kind not in names.open_kinds:
        yield from not_among(kind, name, names.of(kind), path)


def not_among(kind: str, name: str, allowed: Iterable[str], path: Path) -> Iterator[Finding]:
    """Find a name that is not among those allowed.

    Examples
    --------
    >>> list(not_among("group", "Male", ["M", "F"], ("reference",)))
    [(('reference',), "There is no group 'Male'. Groups are: M, F.")]
    """
    choices = tuple(allowed)
    if name in choices:
        return
    several = f"{kind[:-1]}ies" if kind.endswith("ory") else f"{kind}s"
    listed = f"{several.capitalize()} are: {', '.join(choices)}." if choices else "There are none."
    yield path, f"There is no {kind} '{name}'. {guess(name, choices)}{listed}"


def repeated(
    what: str, values: Iterable[tuple[str, Path]], do: str = "Give each its own."
) -> Iterator[Finding]:
    """Find values that stand twice where each may stand once.

    Examples
    --------
    >>> list(repeated("label", [("A", ("arms", 0)), ("A", ("arms", 1))]))
    [(('arms', 1), "The label 'A' stands here for the second time. Give each its own.")]
    """
    seen: set[str] = set()
    for value, path in values:
        if value in seen:
            yield path, f"The {what} '{value}' stands here for the second time. {do}"
        seen.add(value)
