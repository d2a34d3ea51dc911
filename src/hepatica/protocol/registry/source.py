"""Which kind of file a registry record is in, told from its content."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from hepatica.errors import CommandError
from hepatica.protocol.registry.clinicaltrials_gov import record_from_api
from hepatica.protocol.registry.csv_export import is_csv_export, records_from_csv
from hepatica.protocol.registry.extract import record_from_extract
from hepatica.protocol.registry.record import RegistryRecord


def read_record(content: bytes, file: str, identifier: str | None = None) -> RegistryRecord:
    """Return the one record of a file.

    Parameters
    ----------
    content : bytes
        JSON of ClinicalTrials.gov's API version 2, the site's CSV export, or an extract in lines.
    file : str
        Its name, for messages.
    identifier : str, optional
        Number of the record, needed where the file holds several.

    Raises
    ------
    CommandError
        If the file is of another kind or version, or the record is not in it.

    Examples
    --------
    >>> lines = ("A trial", "Why.", "Liver cancer", "DRUG: Anlotinib", "Overall survival, 2 years")
    >>> read_record(chr(10).join(lines).encode(), "trial.txt").outcomes[0].time_frame.up_to
    730.5
    """
    records = read_records_of(content, file)
    if identifier is not None:
        records = tuple(one for one in records if one.id == identifier)
        if not records:
            raise CommandError(f"{file} holds no record {identifier}.")
    if len(records) > 1:
        known = ", ".join(one.id for one in records)
        raise CommandError(f"{file} holds {len(records)} records: {known}. Choose one with --id.")
    return records[0]


def read_records_of(content: bytes, file: str) -> tuple[RegistryRecord, ...]:
    """Return all records of a file; see `read_record`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8 text. Save it again as UTF-8.") from None
    if not text.strip():
        raise CommandError(f"{file} is empty.")
    if text.lstrip()[0] == "<":
        raise CommandError(
            f"{file} is a page or XML. Save the record as JSON, as CSV, or as lines of text."
        )
    if "\0" in text:
        raise CommandError(f"{file} is no text. Save the record as JSON, CSV, or lines of text.")
    try:
        return _records(text.lstrip(), file)
    except RecursionError:
        raise CommandError(f"{file} is nested deeper than any record. Save it again.") from None
    except ValidationError as error:
        names = sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()})
        raise CommandError(
            f"{file} holds values that no record has: {', '.join(names)}. Save the record again."
        ) from None


def _records(text: str, file: str) -> tuple[RegistryRecord, ...]:
    if text[0] in "{[":
        return tuple(record_from_api(one, file) for one in _studies(text, file))
    if is_csv_export(text):
        return records_from_csv(text, file)
    return (record_from_extract(text, file),)


def _studies(text: str, file: str) -> list[dict[str, Any]]:
    try:
        content = json.loads(text)
    except ValueError as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise CommandError(f"{file} is no valid JSON{where}. Save the record again.") from None
    if isinstance(content, dict) and isinstance(content.get("studies"), list):
        content = content["studies"]
    studies = content if isinstance(content, list) else [content]
    if not studies or not all(isinstance(one, dict) for one in studies):
        raise CommandError(f"{file} holds no study. It should hold a study, or a list of them.")
    return studies
