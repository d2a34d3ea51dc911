"""What a report shows, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hepatica.present.figures.canvas import Drawing
from hepatica.present.key_results import KeyResults
from hepatica.present.listings import Listing
from hepatica.present.spans import Spans
from hepatica.present.table import Table
from hepatica.results import Results


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read: dataset, file name, number of rows, and digest of its bytes."""

    name: str
    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the report was made from.

    Attributes
    ----------
    inputs : tuple of InputFile
        Files of data.
    checks, problems, notes : int
        Checks that passed, rules that were broken, and notes.
    hepatica_version, python_version : str
        Versions.
    protocol_sha256 : str
        Digest of ``study.yaml``.
    published_sha256 : str
        Digest of ``published.yaml``; empty without one.
    set_aside : tuple of str
        Sentences about records that were set aside.
    """

    inputs: tuple[InputFile, ...] = ()
    checks: int = 0
    problems: int = 0
    notes: int = 0
    hepatica_version: str = ""
    python_version: str = ""
    protocol_sha256: str = ""
    published_sha256: str = ""
    set_aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in its two widths: 180 mm for wide pages and print, 85 mm for phones."""

    wide: Drawing
    narrow: Drawing | None = None
    title: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences as a list, below a title."""

    title: str
    sentences: tuple[str, ...]


#: What stands in a section.
Block = Spans | Table | Figure | Points | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report; one without blocks is left out."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What stands at the head and foot of a report.

    Attributes
    ----------
    id, title, lead : str
        Short name, title, and the sentence below it.
    kind : str
        What the report is, for example ``Study report``.
    status, status_note : str
        Status of the data, and what it means; empty when confirmed.
    facts : tuple of (str, Spans)
        Names and values below the title.
    plan : str
        File of the plan, for example ``study.yaml``.
    planned : int
        Analyses of the plan.
    seed : int or None
        Seed of the plan; ``None`` where nothing is drawn at random.
    nothing : str
        What the key results say when there are none.
    foot : str
        Last sentence of the page.
    """

    id: str
    title: str
    lead: str = ""
    kind: str = "Study report"
    status: str = ""
    status_note: str = ""
    facts: tuple[tuple[str, Spans], ...] = ()
    plan: str = "study.yaml"
    planned: int = 0
    seed: int | None = None
    nothing: str = "The protocol plans no analysis of an endpoint."
    foot: str = (
        "Made with Hepatica from the study protocol; the same data and protocol give the same "
        "bytes."
    )


@dataclass(frozen=True, slots=True)
class ReportContent:
    """All that the report shows.

    Attributes
    ----------
    cover : Cover
        Title, status and facts.
    results : Results
        Rows behind every number.
    key : KeyResults
        Sentences and cards.
    sections : tuple of Section
        Patients, efficacy and safety, with tables and figures in order.
    methods : tuple of Spans
        Paragraphs.
    provenance : Provenance
        Inputs and versions.
    failures : tuple of (str, str)
        Analyses that failed, and why.
    """

    cover: Cover
    results: Results
    key: KeyResults
    sections: tuple[Section, ...]
    methods: tuple[Spans, ...]
    provenance: Provenance = field(default_factory=Provenance)
    failures: tuple[tuple[str, str], ...] = ()

    def tables(self) -> Iterator[Table]:
        """Yield the tables in the order of their numbers."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Table))

    def listings(self) -> Iterator[Listing]:
        """Yield the listings in the order of their numbers."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Listing))

    def figures(self) -> Iterator[Figure]:
        """Yield the figures in the order of their numbers."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Figure))
