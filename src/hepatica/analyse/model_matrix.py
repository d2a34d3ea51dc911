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
        held = self._held()
        if held is not None:
            return tuple(
                one for one, n in zip(self.columns, held[1:], strict=True) if n in (0, held.sum())
            )
        return tuple(self.columns[at] for at in constant_columns(self._known()))

    @property
    def collinear(self) -> tuple[tuple[ModelColumn, ...], ...]:
        """Sets of columns that follow from each other among complete patients; computed on demand.

        The last of each set follows from the others. A reference that nobody has shows as the
        columns of its covariate.
        """
        if not self.complete.any():
            return ()
        held = self._held()
        if held is not None:
            # Two or more categories of which nobody has the reference: the last follows.
            there = [one for one, n in zip(self.columns, held[1:], strict=True) if n]
            return (tuple(there),) if not held[0] and len(there) > 1 else ()
        found = collinear_columns(self._known())
        return tuple(tuple(self.columns[at] for at in places) for places in found)

    def _held(self) -> NDArray[np.int64] | None:
        """Count the categories of the only covariate, where there is one and it has some."""
        if len(self.covariates) != 1 or not self.covariates[0].categories:
            return None
        levels = len(self.covariates[0].categories)
        counts: NDArray[np.int64] = np.bincount(self.codes[0] - UNKNOWN, minlength=levels + 1)[1:]
        return counts

    def _known(self) -> NDArray[np.float64]:
        return self.x if self.complete.all() else self.x[self.complete]

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
    given, units = dict(references or {}), dict(per or {})
    names = tuple(dict.fromkeys(covariates))
    labels = tuple(_label(protocol, name) for name in names)
    numbers = {name: one for name in names if (one := _number_of(protocol, name)) is not None}
    levels = {
        name: _ordered(name, group_labels(protocol, name), given.get(name))
        for name in names
        if name not in numbers
    }
    read = _read(selection.members, {name: one.column for name, one in numbers.items()}, levels)
    described: list[Covariate] = []
    codes, columns = [], []
    for name, label in zip(names, labels, strict=True):
        if name in numbers:
            unit = units.get(name, 1.0)
            read[name] = np.where(np.isfinite(read[name]), read[name] / unit, np.nan)
            described.append(_described(name, read[name]))
            codes.append(np.full(len(selection.members), UNKNOWN, dtype=np.int16))
            told = f"{label}, per {unit_label(protocol, name, unit)}"
            columns.append(ModelColumn(name, "", "", told))
            continue
        first, *others = levels[name]
        described.append(Covariate(name, levels[name]))
        codes.append(read[name])
        columns += [ModelColumn(name, one, first, f"{label}: {one}") for one in others]
    x = np.empty((len(selection.members), len(columns)), order="F")
    for at, column in enumerate(columns):
        code = read[column.variable]
        x[:, at] = code if not column.level else code == levels[column.variable].index(column.level)
        if column.level:
            x[code == UNKNOWN, at] = np.nan
    return _made(x, tuple(columns), tuple(described), tuple(codes), labels)


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


def _read(
    members: nw.DataFrame[Any], numbers: Mapping[str, str], levels: Mapping[str, tuple[str, ...]]
) -> dict[str, NDArray[Any]]:
    """Return numbers, NaN where not known, and the places of categories, read in one pass."""
    found = []
    for name, column in numbers.items():
        if column not in members.columns:
            raise _missing_column(name, column)
        found.append(nw.col(column).cast(nw.Float64).fill_null(math.nan).alias(name))
    for name, own in levels.items():
        column = "__arm__" if name == "arm" else category_column(name)
        if column not in members.columns:
            raise _missing_column(name, column)
        # Beside each other, not within each other: hundreds of categories would be too deep.
        places = (
            nw.when(nw.col(column) == level).then(nw.lit(place)) for place, level in enumerate(own)
        )
        found.append(nw.coalesce(*places, nw.lit(UNKNOWN)).cast(nw.Int16).alias(name))
    if not found:
        return {}
    read = members.select(*found)
    return {name: read[name].to_numpy() for name in read.columns}


def _described(name: str, values: NDArray[np.float64]) -> Covariate:
    known = values[np.isfinite(values)]
    if not len(known):
        return Covariate(name)
    whole = bool((known == np.floor(known)).all())
    return Covariate(name, (), float(known.min()), float(known.max()), whole)
