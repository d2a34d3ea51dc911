"""A finished report as an account of the trial: what it analysed, in how many patients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hepatica.errors import CommandError
from hepatica.protocol.analyses import AdverseEventsAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.registry.planned import planned_record
from hepatica.protocol.registry.record import RegistryRecord

_RUN = "run.json"
_RESULTS = "results.json"
#: Analyses that are no endpoint's, and have no place among outcomes.
_NOT_ESTIMATED = ("failed", "not_estimable")


def is_report(folder: Path) -> bool:
    """Tell whether a folder holds a finished run."""
    return (folder / _RUN).is_file() and (folder / _RESULTS).is_file()


def reported_record(folder: Path) -> RegistryRecord:
    """Return the account that a finished report gives.

    Parameters
    ----------
    folder : Path
        Folder with ``run.json`` and ``results.json``.

    Returns
    -------
    RegistryRecord
        As the protocol of the run, with those outcomes alone that have a result, and the number of
        patients enrolled.

    Raises
    ------
    CommandError
        If the files are not those of a run of this version.
    """
    run, results = _json(folder / _RUN), _json(folder / _RESULTS)
    try:
        protocol = Protocol.model_validate(run["protocol"])
        rows = results["rows"]
        known = {(one["analysis"], one["parameter"]) for one in rows if _is_result(one)}
    except (KeyError, TypeError, ValidationError):
        raise CommandError(
            f"{folder} is a run of another version. Run the study again, then compare."
        ) from None
    planned = planned_record(protocol)
    told = {one.label for one in protocol.endpoints if _is_reported(protocol, one.id, known)}
    safety = {
        "Adverse events"
        for one in protocol.analyses
        if isinstance(one, AdverseEventsAnalysis) and any(one.id == at for at, _ in known)
    }
    kept = tuple(one for one in planned.outcomes if one.measure in told | safety)
    own = {"outcomes": kept, "enrolment": _enrolled(rows), "enrolment_kind": "actual"}
    return planned.model_copy(update=own)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise CommandError(f"{path} cannot be read. Run the study again, then compare.") from None


def _is_result(row: dict[str, Any]) -> bool:
    return row["status"] not in _NOT_ESTIMATED and row["value"] is not None


def _is_reported(protocol: Protocol, endpoint: str, known: set[tuple[str, str]]) -> bool:
    """Return whether an analysis of the endpoint gave a result."""
    analysed = {at for at, _ in known}
    return any(
        one.id in analysed
        and endpoint in (getattr(one, "endpoint", None), *getattr(one, "endpoints", ()))
        for one in protocol.analyses
    )


def _enrolled(rows: list[dict[str, Any]]) -> int | None:
    """Return how many patients were enrolled: the N of all of them in the analysis of sets."""
    found = (
        one["value"]
        for one in rows
        if one["analysis"] == "sets"
        and one["statistic"] == "n"
        and not (one["population"] or one["level"] or one["variable"])
    )
    value = next(found, None)
    return None if value is None else round(value)
