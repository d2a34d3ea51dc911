"""Registry records in and out: read into a protocol, written from one, and compared."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hepatica.errors import CommandError, OutputError
from hepatica.protocol.model import Protocol
from hepatica.protocol.read import read_protocol
from hepatica.protocol.registry import RegistryRecord, read_record
from hepatica.protocol.registry.api_record import api_record
from hepatica.protocol.registry.compare import Difference, compare_records
from hepatica.protocol.registry.planned import planned_record
from hepatica.protocol.registry.skeleton import Skeleton, protocol_skeleton
from hepatica.protocol.registry.who_set import RegistrationItem, who_items
from hepatica.single.reported import is_report, reported_record
from hepatica.study.check import PROTOCOL_FILE
from hepatica.study.outputs import MARK, write_outputs
from hepatica.study.provenance import digest, json_bytes

#: What `write_registration` writes.
RECORD_FILE = "registry.json"
WHO_FILE = "who_items.csv"


def begin_study(file: Path, folder: Path, identifier: str | None = None) -> Skeleton:
    """Write a study folder that a registry record begins.

    Parameters
    ----------
    file : Path
        A registry record: JSON of the API's version 2, CSV export, or an extract in lines.
    folder : Path
        A folder that does not exist yet, or is empty.
    identifier : str, optional
        Number of the record, where the file holds several.

    Returns
    -------
    Skeleton
        The protocol, and what is to be confirmed or completed.

    Raises
    ------
    CommandError, OutputError
        Before anything is written.
    """
    skeleton = protocol_skeleton(read_record(_content(file), file.name, identifier))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CommandError(f"{folder} is not empty. Name a folder that does not exist yet.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PROTOCOL_FILE).write_text(skeleton.text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}.") from None
    return skeleton


def write_registration(study: Path, folder: Path) -> tuple[RegistrationItem, ...]:
    """Write what a registry asks for: the record as JSON, and the items of the WHO as a table.

    Parameters
    ----------
    study : Path
        Folder with ``study.yaml``.
    folder : Path
        Where ``registry.json`` and ``who_items.csv`` appear.

    Returns
    -------
    tuple of RegistrationItem
        The items; those without a value are still to be filled in.

    Raises
    ------
    CommandError, ProtocolError, OutputError
        Before anything is written.
    """
    record = planned_record(read_protocol(study / PROTOCOL_FILE))
    items = who_items(record)
    files = {RECORD_FILE: json_bytes(api_record(record)), WHO_FILE: _items_csv(items)}
    outputs = {name: digest(content) for name, content in sorted(files.items())}
    write_outputs(folder, {**files, MARK: json_bytes({"study": record.id, "outputs": outputs})})
    return items


def compare_accounts(
    before: Path, after: Path, identifier: str | None = None
) -> tuple[Difference, ...]:
    """Set two accounts of one trial side by side.

    Parameters
    ----------
    before, after : Path
        Each a registry record (file), a study (folder with ``study.yaml``) or a finished report
        (folder with ``run.json`` and ``results.json``).
    identifier : str, optional
        Number of the record, where a file holds several.

    Raises
    ------
    CommandError, ProtocolError
        If one of them cannot be read.
    """
    return compare_records(_account(before, identifier), _account(after, identifier))


def _account(path: Path, identifier: str | None) -> RegistryRecord:
    if path.is_dir() and is_report(path):
        return reported_record(path)
    if path.is_dir() or path.suffix in (".yaml", ".yml"):
        return planned_record(_protocol(path))
    return read_record(_content(path), path.name, identifier)


def _protocol(path: Path) -> Protocol:
    return read_protocol(path / PROTOCOL_FILE if path.is_dir() else path)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise CommandError(f"There is no file {file}.") from None
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None


def _items_csv(items: tuple[RegistrationItem, ...]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("item", "name", "value"))
    writer.writerows((one.number, one.name, one.value) for one in items)
    return stream.getvalue().encode()
