"""The CSV export of the site of ClinicalTrials.gov: one row for each study, lists with pipes."""

from __future__ import annotations

import csv
import io
from typing import Any, Literal

from hepatica.errors import CommandError
from hepatica.protocol.registry.outcome_cell import outcomes_of_cell
from hepatica.protocol.registry.record import (
    Intervention,
    RegisteredArm,
    RegisteredDate,
    RegistryRecord,
    clean_text,
    count_of,
)

_OUTCOMES: tuple[tuple[Literal["primary", "secondary", "other"], str], ...] = (
    ("primary", "Primary Outcome Measures"),
    ("secondary", "Secondary Outcome Measures"),
    ("other", "Other Outcome Measures"),
)
_READ = frozenset({
    "NCT Number", "Study Title", "Acronym", "Study Status", "Brief Summary", "Study Results",
    "Conditions", "Interventions", "Sponsor", "Collaborators", "Sex", "Age", "Phases",
    "Enrollment", "Study Type", "Study Design", "Other IDs", "Start Date",
    "Primary Completion Date", "Completion Date", "First Posted", "Last Update Posted",
    "Locations", *(name for _, name in _OUTCOMES),
})  # fmt: skip


_SEPARATORS = (",", ";", "\t")
#: Names by their small letters; the site's earlier export called some of them otherwise.
_NAMES = {name.lower(): name for name in _READ} | {
    "title": "Study Title",
    "status": "Study Status",
    "gender": "Sex",
    "study designs": "Study Design",
    "other id": "Other IDs",
}


def is_csv_export(text: str) -> bool:
    """Tell whether the first line is the head of the export."""
    head = text.split("\n", 1)[0].lower()
    return "nct number" in head and any(one in head for one in _SEPARATORS)


def records_from_csv(text: str, file: str) -> tuple[RegistryRecord, ...]:
    """Return the records of a CSV export.

    Parameters
    ----------
    text : str
        The file; columns may stand in any order, and columns that were not exported are empty.
    file : str
        Its name, for messages.

    Raises
    ------
    CommandError
        If it holds no study, or its rows do not fit its head.
    """
    rows = _rows(text, file)
    if not rows:
        raise CommandError(f"{file} has a head but no study below it.")
    return tuple(_record(row) for row in rows)


def _rows(text: str, file: str) -> list[dict[str, Any]]:
    """Return the rows that hold something, by the names of the export whatever their case."""
    head = text.split("\n", 1)[0]
    before = csv.field_size_limit(len(text) + 1)
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=head.count), strict=True
    )
    try:
        names = [_name(one) for one in next(rows)]
        found = []
        for cells in rows:
            if len(cells) > len(names) and any(cells[len(names) :]):
                raise CommandError(
                    f"{file}: line {rows.line_num} has more cells than the head. Export it again."
                )
            if any(one.strip() for one in cells):
                found.append(dict(zip(names, cells, strict=False)))
    except csv.Error:
        raise CommandError(
            f"{file} is no whole CSV table at line {rows.line_num}. Export it again."
        ) from None
    finally:
        csv.field_size_limit(before)
    return found


def _name(head: str) -> str:
    """Return the name of a column as the export writes it now."""
    plain = " ".join(head.strip().strip("\ufeff").lower().split())
    return _NAMES.get(plain, head.strip())


def _record(row: dict[str, Any]) -> RegistryRecord:
    cells = {name: clean_text(value) for name, value in row.items()}
    design = dict(
        part.split(": ", 1) for part in _parts(cells.get("Study Design", "")) if ": " in part
    )
    interventions = tuple(_intervention(one) for one in _parts(cells.get("Interventions", "")))
    count = cells.get("Enrollment", "")
    unread = [name for name, value in cells.items() if name not in _READ and value]
    unread += ["Enrollment"] if count and count_of(count) is None else []
    return RegistryRecord(
        registry="ClinicalTrials.gov",
        id=cells.get("NCT Number", ""),
        secondary_ids=_parts(cells.get("Other IDs", "")),
        public_title=cells.get("Study Title", ""),
        acronym=cells.get("Acronym", ""),
        sponsor=cells.get("Sponsor", ""),
        collaborators=_parts(cells.get("Collaborators", "")),
        summary=cells.get("Brief Summary", ""),
        conditions=_parts(cells.get("Conditions", "")),
        study_type=cells.get("Study Type", ""),
        phases=_parts(cells.get("Phases", "")),
        allocation=design.get("Allocation", ""),
        model=design.get("Intervention Model", design.get("Observational Model", "")),
        purpose=design.get("Primary Purpose", ""),
        masking=design.get("Masking", ""),
        status=cells.get("Study Status", ""),
        registered=cells.get("First Posted", ""),
        last_update=cells.get("Last Update Posted", ""),
        start=_date(cells.get("Start Date", "")),
        primary_completion=_date(cells.get("Primary Completion Date", "")),
        completion=_date(cells.get("Completion Date", "")),
        enrolment=count_of(count),
        interventions=interventions,
        outcomes=tuple(
            one for role, name in _OUTCOMES for one in outcomes_of_cell(cells.get(name, ""), role)
        ),
        sex=cells.get("Sex", ""),
        **_ages(cells.get("Age", "")),
        arms=_only_arm(design, interventions),
        countries=_countries(cells.get("Locations", "")),
        results_posted=cells.get("Study Results", "").upper() == "YES",
        unread=tuple(unread),
    )


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _intervention(part: str) -> Intervention:
    kind, _, name = part.partition(": ")
    return Intervention(name=name, kind=kind) if name else Intervention(name=part)


def _date(text: str) -> RegisteredDate | None:
    return RegisteredDate(date=text) if text else None


def _ages(text: str) -> dict[str, str]:
    """Return age groups as the export names them: ``ADULT, OLDER_ADULT`` starts at 18 years."""
    groups = {one.strip() for one in text.upper().split(",") if one.strip()}
    if not groups:
        return {}
    youngest = "" if "CHILD" in groups else "18 Years" if "ADULT" in groups else "65 Years"
    oldest = "" if "OLDER_ADULT" in groups else "64 Years" if "ADULT" in groups else "17 Years"
    return {"minimum_age": youngest, "maximum_age": oldest}


def _only_arm(
    design: dict[str, str], interventions: tuple[Intervention, ...]
) -> tuple[RegisteredArm, ...]:
    """Return the arm of a single-group study; the export does not tell the arms of others."""
    if design.get("Intervention Model", "") != "SINGLE_GROUP" or not interventions:
        return ()
    names = tuple(one.name for one in interventions)
    return (RegisteredArm(label=" and ".join(names), kind="EXPERIMENTAL", interventions=names),)


def _countries(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.rsplit(",", 1)[-1].strip() for part in _parts(cell)))
