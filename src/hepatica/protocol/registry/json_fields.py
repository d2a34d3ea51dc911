"""A JSON record read field by field, so that what nobody asked for can be listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hepatica.protocol.registry.record import clean_text


class JsonFields:
    """Values by dotted path; paths that were never asked for are `unread`.

    Parameters
    ----------
    content : mapping
        Parsed JSON.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._read: set[str] = set()

    def value(self, path: str) -> Any:
        """Return what stands at a path, ``None`` where there is nothing."""
        self._read.add(path)
        found: Any = self._content
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found

    def text(self, path: str) -> str:
        """Return a text; empty where there is none."""
        found = self.value(path)
        return clean_text(str(found)) if isinstance(found, str | int | float) else ""

    def texts(self, path: str) -> tuple[str, ...]:
        """Return a list of texts; empty where there is none."""
        found = self.value(path)
        if not isinstance(found, list):
            return ()
        return tuple(clean_text(str(one)) for one in found if isinstance(one, str | int | float))

    def objects(self, path: str) -> tuple[JsonFields, ...]:
        """Return a list of objects; empty where there is none."""
        found = self.value(path)
        if not isinstance(found, list):
            return ()
        return tuple(JsonFields(one) for one in found if isinstance(one, Mapping))

    def unread(self) -> tuple[str, ...]:
        """Return the paths of values that were not asked for, in the order of the file."""
        return tuple(dict.fromkeys(_leaves(self._content, "", self._read)))


def _leaves(content: Any, path: str, read: set[str]) -> Iterator[str]:
    if path in read:
        return
    if isinstance(content, Mapping) and content:
        for name, value in content.items():
            yield from _leaves(value, f"{path}.{name}" if path else str(name), read)
    elif content not in (None, "", [], {}):
        yield path
