"""The columns that are imputed: numbers, logarithms of markers, and categories as codes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.derive.adsl import category_column, limit_column
from hepatica.errors import AnalysisError
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker, Variable


@dataclass(frozen=True, slots=True, eq=False)
class ImputedColumn:
    """A column that is imputed, or predicts.

    Attributes
    ----------
    id : str
        Id of the variable, biomarker or cut-point.
    column : str
        Its column of ADSL.
    decimals : int
        Decimals a number is recorded with.
    labels : tuple of str
        Categories; empty for a number.
    values : float array (n,)
        Codes of the categories, numbers, or logarithms; NaN where nothing is known.
    known : float array (k,)
        Known numbers as recorded, rising; empty for categories.
    scale : float array (k,)
        The same as they stand in `values`.
    """

    id: str
    column: str
    decimals: int
    labels: tuple[str, ...]
    values: NDArray[np.float64]
    known: NDArray[np.float64]
    scale: NDArray[np.float64]

    def numbers(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values as they are recorded: an imputed number is one that somebody has."""
        place = np.searchsorted(self.scale, np.where(np.isnan(values), self.scale[0], values))
        found: NDArray[np.float64] = np.where(np.isnan(values), np.nan, self.known[place])
        return found

    def recorded(self, values: NDArray[np.float64]) -> list[str | None] | list[float | None]:
        """Return values as the column of ADSL holds them; what is not known stays empty."""
        if self.labels:
            codes = np.where(np.isnan(values), -1, values).astype(np.int64)
            labels = np.array([*self.labels, None], dtype=object)
            named: list[str | None] = labels[codes].tolist()
            return named
        numbers = self.numbers(values)
        return [None if math.isnan(number) else number for number in numbers.tolist()]


def imputed_columns(
    protocol: Protocol, selection: Selection, variables: tuple[str, ...]
) -> tuple[ImputedColumn, ...]:
    """Return the columns of variables, in their order.

    Parameters
    ----------
    protocol : Protocol
        Defines variables, biomarkers and cut-points.
    selection : Selection
        The patients.
    variables : tuple of str
        Ids. A category that is told by the column of a number among them is left out: it follows.

    Raises
    ------
    AnalysisError
        If the datasets lack a column.
    """
    measured: list[Variable | Biomarker] = [
        one for one in protocol.variables if one.kind == "measured"
    ]
    numbers = {one.id: one for one in (*measured, *protocol.biomarkers) if one.id in variables}
    columns = {one.column for one in numbers.values()}
    follows = {
        one.id for one in protocol.variables if one.id not in numbers and _told_by(one) & columns
    }
    return tuple(
        _number(selection, numbers[name])
        if name in numbers
        else _category(protocol, selection, name)
        for name in variables
        if name not in follows
    )


def _told_by(variable: Variable) -> set[str]:
    conditions = [one.where for one in variable.levels if one.where is not None]
    return {name for one in conditions for name in condition_columns(one)}


def _refuse_absent(selection: Selection, name: str, column: str) -> None:
    if column not in selection.members.columns:
        raise AnalysisError(
            f"The datasets lack a column for the variable {name}, which is to be imputed. Look at "
            "its column, levels and occurs in study.yaml."
        )


def _category(protocol: Protocol, selection: Selection, name: str) -> ImputedColumn:
    column = category_column(name)
    _refuse_absent(selection, name, column)
    labels = group_labels(protocol, name)
    place = {label: float(code) for code, label in enumerate(labels)}
    values = np.array([place.get(label, np.nan) for label in selection.members[column].to_list()])
    return ImputedColumn(name, column, 0, labels, values, np.empty(0), np.empty(0))


def _number(selection: Selection, one: Variable | Biomarker) -> ImputedColumn:
    _refuse_absent(selection, one.id, one.column)
    raw = marker_numbers(selection, one.column)
    known = np.unique(raw[~np.isnan(raw)])
    logs = isinstance(one, Biomarker) and len(known) and known[0] > 0.0
    values = np.log(raw) if logs else raw
    scale = np.log(known) if logs else known
    # Neighbours whose logarithms are the same float stand for each other.
    scale, first = np.unique(scale, return_index=True)
    return ImputedColumn(one.id, one.column, one.decimals, (), values, known[first], scale)


def marker_numbers(selection: Selection, column: str) -> NDArray[np.float64]:
    """Return the numbers of a column; below a limit of detection half the limit, NaN for none."""
    members = selection.members
    raw: NDArray[np.float64] = members[column].cast(nw.Float64).fill_null(np.nan).to_numpy().copy()
    limit = limit_column(column)
    if limit in members.columns:
        half = members[limit].cast(nw.Float64).fill_null(np.nan).to_numpy() / 2.0
        raw = np.where(np.isnan(raw), half, raw)
    return raw
