"""The columns of a model from the covariates that a plan names: arms, categories, numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.covariates import Covariate
from hepatica.analyse.selection import Selection
from hepatica.derive.adsl import category_column
from hepatica.errors import AnalysisError
from hepatica.protocol.covariate_names import covariate_label, unit_label
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker, Variable
from hepatica.stats.collinearity import collinear_columns, constant_columns

#: Code of a patient whose category is not known.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """One column of a model.

    Attributes
    ----------
    variable : str
        Id of the covariate.
    level : str
        Category that the column is 1 for; empty for a number.
    reference : str
        Category it is compared with; empty for a number.
    label : str
        What readers call it, for example ``Sex: Male`` or ``Age, per year``.
    """

    variable: str
    level: str
    reference: str
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class ModelMatrix:
    """Columns of a model for some patients; arrays are read-only.

    Attributes
    ----------
    x : float array (n, p)
        Indicators and numbers in the order of the records; NaN where the covariate is not known.
    columns : tuple of ModelColumn
        What each column is.
    complete : bool array (n,)
        Whose covariates are all known.
    covariates : tuple of Covariate
        Ids and categories, the reference first; of the numbers the range.
    codes : tuple of int array (n,)
        For each covariate the place of the category, `UNKNOWN` for none, and for a number.
    labels : tuple of str
        What readers call each covariate.
    """

    x: NDArray[np.float64]
    columns: tuple[ModelColumn, ...]
    complete: NDArray[np.bool_]
    covariates: tuple[Covariate, ...]
    codes: tuple[NDArray[np.int16], ...]
    labels: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the covariates."""
        return tuple(one.name for one in self.covariates)

    @property
    def constant(self) -> tuple[ModelColumn, ...]:
        """Columns that hold one value in all complete patients; computed when asked for."""
        if not self.complete.any():
            return ()
        return tuple(self.columns[at] for at in constant_columns(self.x[self.complete]))

    @property
    def collinear(self) -> tuple[tuple[ModelColumn, ...], ...]:
        """Sets of columns that follow from each other among complete patients; computed on demand.

        The last of each set follows from the others. A reference that nobody has shows as the
        columns of its covariate.
        """
        if not self.complete.any():
            return ()
        found = collinear_columns(self.x[self.complete])
        return tuple(tuple(self.columns[at] for at in places) for places in found)

    def places(self, covariate: str) -> list[int]:
        """Return the places of the columns of a covariate."""
        return [at for at, one in enumerate(self.columns) if one.variable == covariate]

    def only(self, covariates: Sequence[str]) -> ModelMatrix:
        """Return the matrix of some covariates, in the order in which they are given."""
        chosen = [self.names.index(name) for name in covariates]
        places = [at for name in covariates for at in self.places(name)]
        x = self.x[:, places]
        return _made(
            x,
            tuple(self.columns[at] for at in places),
            tuple(self.covariates[at] for at in chosen),
            tuple(self.codes[at] for at in chosen),
            tuple(self.labels[at] for at in chosen),
        )

    def rows(self, rows: NDArray[Any]) -> ModelMatrix:
        """Return the matrix of some patients, by a mask or by their places."""
        return _made(
            self.x[rows],
            self.columns,
            self.covariates,
            tuple(one[rows] for one in self.codes),
            self.labels,
        )


def model_matrix(
    protocol: Protocol,
    selection: Selection,
    covariates: Sequence[str],
    references: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
) -> ModelMatrix:
    """Return the columns of a model, a row for each selected patient in the order of the members.

    Parameters
    ----------
    protocol : Protocol
        Defines variables, cut-points and biomarkers.
    selection : Selection
        The patients.
    covariates : sequence of str
        ``arm``, or ids of categorical variables, cut-points, measured variables or biomarkers.
    references : mapping of str to str, optional
        Label of the category that others are compared with, by covariate; the first category
        where nothing is said.
    per : mapping of str to float, optional
        So many units of a measured covariate count as one; 1 where nothing is said.

    Returns
    -------
    ModelMatrix
        Indicators of all categories but the reference, and numbers as they are. A result below
        the limit of detection is no number, so that the patient is not complete.

    Raises
    ------
    AnalysisError
        If a covariate is unknown, its column is not there, or its reference is none of its
        categories.
    """
    given = dict(references or {})
    members = selection.members
    parts: list[NDArray[np.float64]] = []
    columns: list[ModelColumn] = []
    described, codes, labels = [], [], []
    for name in dict.fromkeys(covariates):
        label = _label(protocol, name)
        labels.append(label)
        number = _number_of(protocol, name)
        if number is not None:
            unit = (per or {}).get(name, 1.0)
            values = _numbers(members, name, number.column) / unit
            described.append(_described(name, values))
            codes.append(np.full(len(members), UNKNOWN, dtype=np.int16))
            told = f"{label}, per {unit_label(protocol, name, unit)}"
            columns.append(ModelColumn(name, "", "", told))
            parts.append(values[:, None])
            continue
        levels = _ordered(name, group_labels(protocol, name), given.get(name))
        code = _codes(members, name, levels)
        described.append(Covariate(name, levels))
        codes.append(code)
        columns += [ModelColumn(name, one, levels[0], f"{label}: {one}") for one in levels[1:]]
        parts.append(_indicators(code, len(levels)))
    x = np.concatenate(parts, axis=1) if parts else np.empty((len(members), 0))
    return _made(x, tuple(columns), tuple(described), tuple(codes), tuple(labels))


def places_of(selection: Selection, records: nw.DataFrame[Any]) -> NDArray[np.int64]:
    """Return the place among the members of the patient of each record, in the records' order.

    `Times.records` stand in the order of times; ``matrix.rows(places_of(selection, records))`` is
    the matrix in that order.
    """
    numbered = selection.members.select("USUBJID").with_row_index("__place__")
    joined = (
        records.select("USUBJID")
        .with_row_index("__order__")
        .join(numbered, on="USUBJID", how="left")
        .sort("__order__")
    )
    places: NDArray[np.int64] = joined["__place__"].cast(nw.Int64).to_numpy()
    return places


def _made(
    x: NDArray[np.float64],
    columns: tuple[ModelColumn, ...],
    covariates: tuple[Covariate, ...],
    codes: tuple[NDArray[np.int16], ...],
    labels: tuple[str, ...],
) -> ModelMatrix:
    # A sum is NaN where one of its numbers is.
    complete = np.isfinite(x @ np.ones(x.shape[1])) if x.shape[1] else np.ones(len(x), dtype=bool)
    for array in (x, complete, *codes):
        array.flags.writeable = False
    return ModelMatrix(x, columns, complete, covariates, codes, labels)


def _number_of(protocol: Protocol, name: str) -> Variable | Biomarker | None:
    """Return the variable or biomarker that a covariate is the value of, if it is one."""
    measured = [one for one in protocol.variables if one.kind == "measured"]
    numbers: list[Variable | Biomarker] = [*measured, *protocol.biomarkers]
    return next((one for one in numbers if one.id == name), None)


def _label(protocol: Protocol, name: str) -> str:
    label = covariate_label(protocol, name)
    if label is None:
        raise AnalysisError(
            f"There is no variable, cut-point or biomarker '{name}' to be a covariate. Look at "
            "covariates in study.yaml."
        )
    return label


def _ordered(name: str, levels: tuple[str, ...], reference: str | None) -> tuple[str, ...]:
    if not levels:
        raise AnalysisError(
            f"The covariate {name} has no categories. Give it levels in study.yaml."
        )
    if reference is None:
        return levels
    if reference not in levels:
        raise AnalysisError(
            f"The reference {reference} is no category of {name}; its categories are "
            f"{', '.join(levels)}."
        )
    return (reference, *(one for one in levels if one != reference))


def _missing_column(name: str, column: str) -> AnalysisError:
    return AnalysisError(
        f"ADSL has no column {column} for the covariate {name}. Look at its column, levels and "
        "occurs in study.yaml."
    )


def _numbers(members: nw.DataFrame[Any], name: str, column: str) -> NDArray[np.float64]:
    if column not in members.columns:
        raise _missing_column(name, column)
    values = members[column].cast(nw.Float64).fill_null(math.nan).to_numpy().astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _described(name: str, values: NDArray[np.float64]) -> Covariate:
    known = values[np.isfinite(values)]
    if not len(known):
        return Covariate(name)
    whole = bool((known == np.floor(known)).all())
    return Covariate(name, (), float(known.min()), float(known.max()), whole)


def _codes(members: nw.DataFrame[Any], name: str, levels: tuple[str, ...]) -> NDArray[np.int16]:
    column = "__arm__" if name == "arm" else category_column(name)
    if column not in members.columns:
        raise _missing_column(name, column)
    code = np.full(len(members), UNKNOWN, dtype=np.int16)
    labels = members[column]
    for place, level in enumerate(levels):
        code[(labels == level).fill_null(value=False).to_numpy().astype(bool)] = place
    return code


def _indicators(code: NDArray[np.int16], n: int) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (code[:, None] == np.arange(1, n)).astype(np.float64)
    found[code == UNKNOWN] = np.nan
    return found
