"""The counts of a participant flow, and whether the parts of each split make its whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hepatica.errors import AnalysisError
from hepatica.present.figures.furniture import Plate
from hepatica.results import ResultRow


@dataclass(frozen=True, slots=True)
class FlowPart:
    """A part of a split: its name, its patients, and the reasons that it is split into."""

    label: str
    row: ResultRow
    reasons: tuple[FlowPart, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowArm:
    """An arm.

    Attributes
    ----------
    label, slot, description : str, int, str
        Name, colour slot, and what it is.
    n : ResultRow
        Its patients.
    sets : tuple of ResultRow
        Those in each analysis set.
    treated : FlowPart or None
        Those who received the treatment, where it was counted.
    treatment : tuple of FlowPart
        How treatment ended, with reasons; empty where it was not counted.
    """

    label: str
    slot: int
    description: str
    n: ResultRow
    sets: tuple[ResultRow, ...]
    treated: FlowPart | None = None
    treatment: tuple[FlowPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSpec:
    """What a participant flow shows.

    Attributes
    ----------
    plate : Plate
        Title, study and status.
    enrolled : ResultRow
        Patients enrolled.
    not_enrolled : ResultRow or None
        Patients screened and not enrolled, where they were collected.
    base : str
        Name of the set whose patients make the arms.
    total : ResultRow
        Its patients in all arms.
    sets : tuple of (str, ResultRow)
        Name and total of each analysis set.
    arms : tuple of FlowArm
        Arms in the order of the protocol, 1 to 4.
    screened : ResultRow or None
        Everybody screened, where they were counted.
    reasons : tuple of FlowPart
        Why patients were not enrolled, in the order of the box.
    """

    plate: Plate
    enrolled: ResultRow
    not_enrolled: ResultRow | None
    base: str
    total: ResultRow
    sets: tuple[tuple[str, ResultRow], ...]
    arms: tuple[FlowArm, ...]
    screened: ResultRow | None = None
    reasons: tuple[FlowPart, ...] = ()


def check_flow(spec: FlowSpec) -> None:
    """Check that the parts of each split make its whole.

    Raises
    ------
    AnalysisError
        If they do not, with the difference.
    """
    enrolled, total = count_of(spec.enrolled), count_of(spec.total)
    if spec.screened is not None:
        parts = enrolled + (count_of(spec.not_enrolled) if spec.not_enrolled is not None else 0)
        _check_split("Screened", count_of(spec.screened), parts, "enrolled or not enrolled")
    if spec.reasons and spec.not_enrolled is not None:
        whole = count_of(spec.not_enrolled)
        _check_split("Not enrolled", whole, _sum(spec.reasons), "with a reason")
    if total > enrolled:
        raise AnalysisError(
            f"{spec.base} holds {total} patients and {enrolled} were enrolled: "
            f"the difference is {total - enrolled}."
        )
    _check_sum(spec.base, [arm.n for arm in spec.arms], spec.total)
    for arm in spec.arms:
        _check_treatment(arm)
    for place, (name, whole_set) in enumerate(spec.sets):
        _check_sum(name, [arm.sets[place] for arm in spec.arms], whole_set)


def _check_sum(name: str, parts: Sequence[ResultRow], whole: ResultRow) -> None:
    found, wanted = sum(count_of(part) for part in parts), count_of(whole)
    _check_split(name, wanted, found, "in the arms")


def _check_treatment(arm: FlowArm) -> None:
    n = count_of(arm.n)
    if arm.treated is not None and count_of(arm.treated.row) > n:
        more = count_of(arm.treated.row)
        raise AnalysisError(
            f"{arm.label} holds {n} patients and {more} were treated: the difference is {more - n}."
        )
    if arm.treatment:
        _check_split(arm.label, n, _sum(arm.treatment), "by how treatment ended")
    for part in arm.treatment:
        if part.reasons:
            name = f"{arm.label}, {part.label[:1].lower()}{part.label[1:]}"
            _check_split(name, count_of(part.row), _sum(part.reasons), "with a reason")


def _check_split(name: str, wanted: int, found: int, parts: str) -> None:
    if found != wanted:
        raise AnalysisError(
            f"{name}: {wanted} patients in all and {found} {parts}; "
            f"the difference is {abs(wanted - found)}."
        )


def _sum(parts: Sequence[FlowPart]) -> int:
    return sum(count_of(part.row) for part in parts)


def count_of(row: ResultRow) -> int:
    """Return the patients of a row."""
    return int(row.value or 0)
