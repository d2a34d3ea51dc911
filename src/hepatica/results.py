"""The result row: the one kind of row in which every analysis ends.

Tables, figures, sentences, audits and pooled analyses read these rows and nothing else. A row
holds one statistic; the limits of a statistic ``X`` are the rows ``X_lower`` and ``X_upper``.
The layout follows the idea of CDISC Analysis Results Data, with plain values only, so that rows
can be saved, compared and pooled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Literal

import polars as pl

from hepatica.errors import AnalysisError

#: ``mixed`` is pooled from collected and published numbers.
Origin = Literal["collected", "simulated", "reconstructed", "published", "mixed"]
Status = Literal["ok", "not_estimable", "failed"]

#: Columns that name a row, in the order in which they make its id.
KEY = (
    "study",
    "origin",
    "analysis",
    "dataset",
    "population",
    "parameter",
    "time_origin",
    "group",
    "level",
    "reference",
    "subgroup",
    "subgroup_level",
    "variable",
    "variable_level",
    "time",
    "statistic",
)
_KEYS_OF = attrgetter(*KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One statistic and all that is needed to read it.

    Text fields are empty when they do not apply. ``time`` is in days. ``value`` is ``None`` when
    the result is a text, or when ``status`` is not ``ok`` and ``message`` says why.

    Attributes
    ----------
    study, analysis, dataset, population, parameter : str
        Study, analysis of the plan, analysis dataset (``ADTTE``), population flag (``FASFL``)
        and parameter (``PFS``).
    origin : {"collected", "simulated", "reconstructed", "published", "mixed"}
        Where the patients or numbers come from.
    time_origin : str
        What time counts from, for example ``first dose``.
    group, level, reference : str
        What patients are grouped by, this row's group, and the group it is compared with;
        an empty ``level`` means all patients together.
    subgroup, subgroup_level : str
        The subset of patients the row is restricted to.
    variable, variable_level : str
        What is counted or measured, and which category of it.
    time : float or None
        Day of a landmark or of a step of a curve.
    statistic : str
        Plain snake case, for example ``hazard_ratio_lower``.
    value : float or None
        Full precision; rounding happens once, on display.
    text : str
        A result that is a word.
    unit : str
        Unit of ``value``.
    denominator : int or None
        Patients the value is a share of.
    conf_level : float or None
        Confidence level of the limits.
    method : str
        Name of the method, as it stands in footnotes.
    format : str
        Name of the display format.
    status : {"ok", "not_estimable", "failed"}
        Whether there is a value.
    message : str
        Why there is none, or a caution.

    Examples
    --------
    >>> row = ResultRow(study="S", analysis="pfs", level="A", statistic="median", value=180.0)
    >>> row.id
    'S/collected/pfs/A/median'
    """

    study: str
    analysis: str
    statistic: str
    origin: Origin = "collected"
    dataset: str = ""
    population: str = ""
    parameter: str = ""
    time_origin: str = ""
    group: str = ""
    level: str = ""
    reference: str = ""
    subgroup: str = ""
    subgroup_level: str = ""
    variable: str = ""
    variable_level: str = ""
    time: float | None = None
    value: float | None = None
    text: str = ""
    unit: str = ""
    denominator: int | None = None
    conf_level: float | None = None
    method: str = ""
    format: str = ""
    status: Status = "ok"
    message: str = ""

    @property
    def id(self) -> str:
        """The non-empty key columns joined by a slash; a slash inside one is written ``%2F``."""
        texts = [text for value in _KEYS_OF(self) if (text := _plain(value))]
        joined = "/".join(texts)
        if "%" not in joined and joined.count("/") == len(texts) - 1:
            return joined
        return "/".join(text.replace("%", "%25").replace("/", "%2F") for text in texts)


def _plain(value: str | float | None) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else format(value, ".10g")


_POLARS_TYPES: dict[str, type[pl.DataType]] = {
    "time": pl.Float64,
    "value": pl.Float64,
    "denominator": pl.Int64,
    "conf_level": pl.Float64,
}

#: Columns of ``results.parquet`` in order, with their types.
SCHEMA: dict[str, type[pl.DataType]] = {"id": pl.String} | {
    name: _POLARS_TYPES.get(name, pl.String)
    for name in (
        *KEY,
        "value",
        "text",
        "unit",
        "denominator",
        "conf_level",
        "method",
        "format",
        "status",
        "message",
    )
}


class Results:
    """Result rows in order, found by their columns.

    Parameters
    ----------
    rows : iterable of ResultRow
        Rows with different ids.

    Raises
    ------
    AnalysisError
        If two rows have the same id.

    Examples
    --------
    >>> rows = Results([
    ...     ResultRow(study="S", analysis="pfs", level="A", statistic="n", value=26.0),
    ...     ResultRow(study="S", analysis="pfs", level="B", statistic="n", value=24.0),
    ... ])
    >>> rows.one(analysis="pfs", level="B", statistic="n").value
    24.0
    >>> rows.get(analysis="pfs", level="C", statistic="n") is None
    True
    """

    __slots__ = ("_by_analysis", "_rows")

    def __init__(self, rows: Iterable[ResultRow]) -> None:
        self._rows = tuple(rows)
        repeated = [name for name, n in Counter(row.id for row in self._rows).items() if n > 1]
        if repeated:
            raise AnalysisError(
                f"Every result row has an id of its own; {len(repeated)} ids are repeated, "
                f"first {repeated[0]}. Give the analyses of the protocol different ids."
            )
        self._by_analysis: dict[str, list[ResultRow]] = {}
        for row in self._rows:
            self._by_analysis.setdefault(row.analysis, []).append(row)

    def __iter__(self) -> Iterator[ResultRow]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def where(self, *, analysis: str, **columns: str | float | None) -> list[ResultRow]:
        """Return the rows of an analysis whose columns have the given values, in order."""
        return [
            row
            for row in self._by_analysis.get(analysis, ())
            if all(getattr(row, name) == value for name, value in columns.items())
        ]

    def get(self, *, analysis: str, **columns: str | float | None) -> ResultRow | None:
        """Return the only row that `where` finds, or ``None`` when there is none.

        Raises
        ------
        AnalysisError
            If more than one row is found.
        """
        found = self.where(analysis=analysis, **columns)
        if len(found) > 1:
            raise AnalysisError(f"{len(found)} rows of {analysis} match {columns}; one is wanted.")
        return found[0] if found else None

    def one(self, *, analysis: str, **columns: str | float | None) -> ResultRow:
        """Return the only row that `where` finds.

        Raises
        ------
        AnalysisError
            If there is none, or more than one.
        """
        row = self.get(analysis=analysis, **columns)
        if row is None:
            raise AnalysisError(f"No row of {analysis} matches {columns}.")
        return row

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a frame with the columns of `SCHEMA`, in order."""
        names = [field.name for field in fields(ResultRow)]
        columns: dict[str, Sequence[object]] = {
            name: [getattr(row, name) for row in self._rows] for name in names
        }
        columns["id"] = [row.id for row in self._rows]
        return pl.DataFrame(columns, schema_overrides=SCHEMA).select(list(SCHEMA))
