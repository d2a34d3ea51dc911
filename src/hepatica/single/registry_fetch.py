"""One record of ClinicalTrials.gov, over the network, when the reader allows it."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from hepatica.errors import CommandError, OutputError
from hepatica.protocol.registry import read_record

_ADDRESS = "https://clinicaltrials.gov/api/v2/studies/"
_NUMBER = re.compile(r"NCT\d{8}")
_SECONDS = 30


def fetch_record(number: str, file: Path, *, address: str = _ADDRESS) -> None:
    """Save the record of a trial as JSON of the API's version 2.

    Parameters
    ----------
    number : str
        ``NCT`` and eight digits.
    file : Path
        File to write; it must not exist.
    address : str
        Of the API.

    Raises
    ------
    CommandError
        If the number is none, the file exists, or the record cannot be had.
    OutputError
        If the file cannot be written.
    """
    if not _NUMBER.fullmatch(number):
        raise CommandError(f"{number} is no number of ClinicalTrials.gov: NCT and eight digits.")
    if file.exists():
        raise CommandError(f"{file} exists already. Name another file with --out.")
    content = _content(f"{address}{number}", number)
    read_record(content, number)
    try:
        partial = file.with_name(f".{file.name}.part")
        partial.write_bytes(content)
        partial.rename(file)
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}.") from None


def _content(address: str, number: str) -> bytes:
    asked = Request(address, headers={"Accept": "application/json"})  # noqa: S310 - a fixed https address
    try:
        with urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310
            content: bytes = answer.read()
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            raise CommandError(f"ClinicalTrials.gov knows no record {number}.") from None
        raise CommandError(f"ClinicalTrials.gov answered with error {error.code}.") from None
    except (URLError, TimeoutError):
        raise CommandError("ClinicalTrials.gov cannot be reached from here.") from None
    return content
