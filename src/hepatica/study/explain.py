"""Explain one patient of a study: the path from what was collected to the endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from hepatica.analyse.readings import of_reading
from hepatica.derive import Datasets, derive_datasets
from hepatica.errors import CommandError, counted
from hepatica.present.explain import PatientPath, patient_path
from hepatica.protocol.model import Protocol
from hepatica.records import require
from hepatica.study.check import check_study

_NAMED = 5


def derive_study(folder: Path) -> tuple[Protocol, Datasets]:
    """Read and check a study folder, and derive its analysis datasets.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``.

    Returns
    -------
    tuple of Protocol and mapping
        The protocol, and the name of each analysis dataset with its frame.

    Raises
    ------
    CommandError, ProtocolError, DataError
        As `check_study`, and when the tables break a rule that stops a run.
    """
    checked = check_study(folder)
    tables = require(checked.records).tables
    datasets = derive_datasets(
        checked.protocol, {name: table.frame for name, table in tables.items()}
    )
    return checked.protocol, datasets


def explain_subject(folder: Path, subject: str, reading: str | None = None) -> PatientPath:
    """Return the path of one patient.

    Parameters
    ----------
    folder : Path
        Folder with ``study.yaml``.
    subject : str
        USUBJID.
    reading : str, optional
        A further reading, whose lesions and responses are shown in place of the main ones.

    Raises
    ------
    CommandError
        If the study has no such subject, or no such reading; the message names those whose ids
        come close, or the readings there are.
    """
    protocol, datasets = derive_study(folder)
    known = datasets["ADSL"]["USUBJID"].cast(str).to_list()
    if subject not in known:
        raise CommandError(_no_such_subject(subject, known))
    plan = protocol.assessments
    readings = [one.id for one in plan.readings] if plan is not None else []
    if reading is not None and reading not in readings:
        named = f"Its readings are: {', '.join(readings)}." if readings else "It plans none."
        raise CommandError(f"The study has no further reading '{reading}'. {named}")
    return patient_path(protocol, of_reading(datasets, reading), subject)


def _no_such_subject(subject: str, known: Sequence[str]) -> str:
    """Say that a subject is unknown, and which ids end the same way or are written alike.

    Examples
    --------
    >>> _no_such_subject("1015", ["01-701-1015", "01-701-1023"])
    "There is no subject '1015' among 2 subjects. Did you mean 01-701-1015?"
    """
    ending = [one for one in known if subject and one.casefold().endswith(subject.casefold())]
    alike = get_close_matches(subject, known, n=_NAMED, cutoff=0.6)
    close = list(dict.fromkeys([*ending, *alike]))[:_NAMED]
    if close:
        last = f" or {close[-1]}" if len(close) > 1 else ""
        hint = f"Did you mean {', '.join(close[:-1] or close)}{last}?"
    else:
        hint = f"The first are {', '.join(known[:_NAMED])}."
    return f"There is no subject '{subject}' among {counted(len(known), 'subject')}. {hint}"
