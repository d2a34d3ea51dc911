"""Which patients an analysis counts, how they are grouped, and the row they all start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from typing import Protocol as Interface

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.derive import Datasets
from hepatica.derive.adsl import category_column
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import Analysis
from hepatica.protocol.conditions import Condition, condition_columns
from hepatica.protocol.groups import analysis_set, group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.treatment import AnalysisSet
from hepatica.records.conditions import is_match
from hepatica.results import Origin, ResultRow


class RowMaker(Interface):
    """What makes the rows of one analysis, by group."""

    @property
    def group(self) -> str:
        """What is grouped by."""

    @property
    def levels(self) -> tuple[str, ...]:
        """Labels of the groups."""

    def row(self, statistic: str, value: float | None = None, **columns: Any) -> ResultRow:
        """Return a row of this analysis; ``level`` puts it into a group."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups without their patients: rows are made from numbers that were counted elsewhere.

    Attributes
    ----------
    group : str
        What patients are grouped by; empty when all are together.
    levels : tuple of str
        Labels of the groups.
    base : ResultRow
        A row with the columns that every row of the analysis shares.
    """

    group: str
    levels: tuple[str, ...]
    base: ResultRow

    def row(self, statistic: str, value: float | None = None, **columns: Any) -> ResultRow:
        """Return a row of this analysis; ``level`` puts it into a group."""
        return _row(self.base, self.group, statistic, value, columns)


def _row(
    base: ResultRow, group: str, statistic: str, value: float | None, columns: dict[str, Any]
) -> ResultRow:
    if "level" in columns and "group" not in columns:
        columns["group"] = group
    number = None if value is None else float(value)
    return replace(base, statistic=statistic, value=number, **columns)


@dataclass(frozen=True, slots=True)
class Selection:
    """The patients of one analysis.

    Attributes
    ----------
    members : DataFrame
        Records of ADSL in the analysis set, with ``__group__`` (label of the group, null when the
        patient belongs to none).
    group : str
        ``arm``, or the id of the variable or cut-point patients are grouped by.
    levels : tuple of str
        Labels of the groups, in the order of the protocol.
    base : ResultRow
        A row with the columns that every row of the analysis shares.
    """

    members: nw.DataFrame[Any]
    group: str
    levels: tuple[str, ...]
    base: ResultRow

    def row(self, statistic: str, value: float | None = None, **columns: Any) -> ResultRow:
        """Return a row of this analysis; ``level`` puts it into a group."""
        return _row(self.base, self.group, statistic, value, columns)

    def size(self, level: str = "") -> int:
        """Return the number of patients of a group, or of all groups together."""
        if level:
            return int((self.members["__group__"] == level).sum() or 0)
        return len(self.members)

    def sizes(self) -> list[ResultRow]:
        """Return the N of each group and of all patients."""
        return [
            self.row("n", float(self.size(level)), level=level, format="integer")
            for level in self.levels
        ] + [self.row("n", float(self.size()), format="integer")]

    def ungrouped(self) -> list[ResultRow]:
        """Return the number of patients without a known group, if there are any."""
        without = self.size() - sum(self.size(level) for level in self.levels)
        if not without:
            return []
        return [
            self.row(
                "n",
                without,
                variable="group",
                variable_level="Missing",
                format="integer",
                message="Patients without a known group are not in the analysis.",
            )
        ]

    def codes(self, labels: list[str | None]) -> NDArray[np.int64]:
        """Return the position of each label among the levels, -1 for none."""
        position = {label: code for code, label in enumerate(self.levels)}
        return np.array(
            [position.get(label, -1) if label is not None else -1 for label in labels],
            dtype=np.int64,
        )

    def group_codes(self, frame: nw.DataFrame[Any]) -> NDArray[np.int64]:
        """Return the position of each row's ``__group__`` among the levels, -1 for none."""
        codes = np.full(len(frame), -1, dtype=np.int64)
        for code, level in enumerate(self.levels):
            codes[(frame["__group__"] == level).fill_null(value=False).to_numpy()] = code
        return codes


def origin_of(protocol: Protocol) -> Origin:
    """Return the origin of rows of a study: constructed patients are ``simulated``."""
    return "simulated" if protocol.study.data_status == "constructed" else "collected"


def set_members(
    protocol: Protocol, counted: AnalysisSet, adsl: nw.DataFrame[Any]
) -> nw.DataFrame[Any]:
    """Return the records of ADSL in a set, with ``__arm__``, the protocol's name of the arm."""
    members = adsl.filter(nw.col(counted.flag) == "Y")
    column = nw.col(counted.arm_variable)
    if len(protocol.arms) == 1 and counted.arm_variable not in members.columns:
        return members.with_columns(nw.lit(protocol.arms[0].label).alias("__arm__"))
    label = nw.lit(None, dtype=nw.String)
    for arm in protocol.arms:
        label = (
            nw.when(column.cast(nw.String) == nw.lit(str(arm.recorded)))
            .then(nw.lit(arm.label))
            .otherwise(label)
        )
    return members.with_columns(label.alias("__arm__"))


def _refuse_unknown(where: Condition, columns: list[str]) -> None:
    unknown = [name for name in condition_columns(where) if name not in columns]
    if unknown:
        raise AnalysisError(
            f"ADSL has no {', '.join(unknown)}, which chooses the patients of this analysis. Look "
            "at its where, and at the variable with that column, in study.yaml."
        )


def select(protocol: Protocol, datasets: Datasets, analysis: Analysis) -> Selection:
    """Return the patients of an analysis, grouped as it asks.

    Parameters
    ----------
    protocol : Protocol
        The study.
    datasets : mapping
        Analysis datasets; ADSL is read.
    analysis : Analysis
        Names the analysis set, the grouping and a further restriction.

    Returns
    -------
    Selection
        Members, groups and the row that all rows of the analysis start from.

    Raises
    ------
    AnalysisError
        If nobody is selected, or ADSL lacks a column that chooses or groups patients.
    """
    members_of = analysis_set(protocol, analysis.set)
    adsl = nw.from_native(datasets["ADSL"], eager_only=True)
    members = set_members(protocol, members_of, adsl)
    restricted = ""
    if analysis.where is not None:
        _refuse_unknown(analysis.where, members.columns)
        members = members.filter(is_match(analysis.where, dict(members.schema)))
        restricted = analysis.where_label or analysis.id
    if not len(members):
        raise AnalysisError(f"{members_of.label} holds no patient for this analysis.")
    column = "__arm__" if analysis.by == "arm" else category_column(analysis.by)
    if column not in members.columns:
        raise AnalysisError(
            f"The datasets lack a column from which the groups of {analysis.by} are made. Look at "
            "its column, levels and occurs in study.yaml."
        )
    return Selection(
        members=members.with_columns(nw.col(column).alias("__group__")),
        group=analysis.by,
        levels=group_labels(protocol, analysis.by),
        base=ResultRow(
            study=protocol.study.id,
            origin=origin_of(protocol),
            analysis=analysis.id,
            statistic="",
            population=members_of.flag,
            subgroup="where" if restricted else "",
            subgroup_level=restricted,
        ),
    )
