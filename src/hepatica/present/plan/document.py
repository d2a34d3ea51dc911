"""A document of numbered sections, which HTML and Word share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hepatica.present.content import Cover, Figure, Points
from hepatica.present.spans import Spans
from hepatica.present.table import Table

#: What stands in a section.
DocumentBlock = Spans | Points | Table | Figure


@dataclass(frozen=True, slots=True)
class DocumentSection:
    """A section; one without blocks is left out."""

    id: str
    title: str
    blocks: tuple[DocumentBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    Attributes
    ----------
    cover : Cover
        Title, status and facts.
    sections : tuple of DocumentSection
        Those with blocks; they and their tables are numbered in this order.
    """

    cover: Cover
    sections: tuple[DocumentSection, ...]

    def tables(self) -> Iterator[Table]:
        """Yield the tables in the order of their numbers."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Table))
