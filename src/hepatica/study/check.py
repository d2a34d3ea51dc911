"""Check a study: read the protocol and the tables, and report every broken rule."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.published.model import Published
from hepatica.published.read import PUBLISHED_FILE, read_published
from hepatica.records import Records, read_records

PROTOCOL_FILE = "study.yaml"


@dataclass(frozen=True, slots=True)
class Checked:
    """A study whose tables were read.

    Attributes
    ----------
    protocol : Protocol
        The protocol.
    records : Records
        Tables and problems.
    published : Published or None
        Numbers that a publication printed; ``None`` without ``published.yaml``.
    """

    protocol: Protocol
    records: Records
    published: Published | None = None

    @property
    def has_problems(self) -> bool:
        """Whether any rule is broken that stops a run."""
        return any(one.severity == "problem" for one in self.records.problems)

    @property
    def checks(self) -> int:
        """Number of rules that ran."""
        return sum(table.checks for table in self.records.tables.values())

    @property
    def passed(self) -> int:
        """Number of rules that hold."""
        return max(self.checks - len(self.records.problems), 0)


def check_study(folder: Path) -> Checked:
    """Read the protocol and the collected tables of a study folder.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``.

    Returns
    -------
    Checked
        All tables and all problems; nothing is raised for what the tables hold.

    Raises
    ------
    CommandError
        If there is no protocol.
    ProtocolError
        If the protocol or ``published.yaml`` breaks rules.
    """
    protocol = read_protocol(folder / PROTOCOL_FILE)
    printed = folder / PUBLISHED_FILE
    published = read_published(printed, protocol) if printed.is_file() else None
    return Checked(protocol, read_records(protocol, folder), published)
