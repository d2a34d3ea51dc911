"""Exposure: how long and how much of each drug was given."""

from __future__ import annotations

from dataclasses import dataclass

from hepatica.present.lookup import Group, RowIndex, groups_of
from hepatica.present.spans import interval, join, number
from hepatica.present.table import Cell, Row, Table
from hepatica.present.tables.cells import NONE, columns, estimate, single
from hepatica.present.tables.frequency import share_cells
from hepatica.present.tables.notes import MONTHS, PERCENTAGES, add_notes
from hepatica.present.wording import lower_first, table_title
from hepatica.protocol.analyses import ExposureAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

_INTENSITIES = {">=90": "90% or more", "70-<90": "70% to below 90%", "<70": "Below 70%"}
_MISSING = "Missing"
_INTENSITY = (
    "Relative dose intensity is the total dose in per cent of what the schedule plans for the "
    "duration of treatment at the starting dose. Cycles are those of the schedule within the "
    "duration of treatment; where cycles were delayed, fewer were given."
)
_OF_THE_TREATED = "Percentages of a drug are shares of the patients who received it."


def table_exposure(results: Results, protocol: Protocol, analysis: ExposureAnalysis) -> Table:
    """Return the table of exposure.

    Parameters
    ----------
    results : Results
        Rows of all analyses.
    protocol : Protocol
        Groups and sets.
    analysis : ExposureAnalysis
        The planned analysis.

    Returns
    -------
    Table
        Duration, cycles, doses, intensity and reductions; where there are several drugs, or not
        everybody received the drug, each drug begins with the patients who received it.
    """
    index = RowIndex(results, analysis.id)
    title = table_title(protocol, analysis, "Exposure")
    if not index:
        return Table(analysis.id, title, "Exposure", message=index.failure or "No result.")
    groups = groups_of(index, protocol, analysis)
    drugs = _drugs(results, analysis)
    named = len(drugs) > 1 or not all(_all_received(index, groups, one) for one in drugs)
    parts = [_Part(results, index, groups, analysis.id, drug, named) for drug in drugs]
    rows = [row for part in parts for row in part.rows()]
    table = Table(
        analysis.id,
        title,
        "Exposure",
        columns=columns(groups),
        rows=tuple(rows),
        message="" if rows else "No dose was recorded for these patients.",
    )
    intensity = _INTENSITY if any("intensity" in row.label for row in rows) else ""
    share = _OF_THE_TREATED if named else PERCENTAGES
    return add_notes(
        table, protocol, (MONTHS, intensity, share), _methods(index, drugs), by=analysis.by
    )


def _drugs(results: Results, analysis: ExposureAnalysis) -> list[str]:
    rows = results.where(analysis=analysis.id, parameter="", statistic="n", level="")
    return list(dict.fromkeys(row.variable for row in rows if row.variable))


def _all_received(index: RowIndex, groups: tuple[Group, ...], drug: str) -> bool:
    return all(
        group.n is not None
        and (row := index.get("n", level=group.level, variable=drug, parameter="")) is not None
        and row.value == group.n.value
        for group in groups
    )


def _methods(index: RowIndex, drugs: list[str]) -> tuple[str, ...]:
    return tuple(one for one in index.methods(*drugs) if "received" not in one)


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one drug."""

    results: Results
    index: RowIndex
    groups: tuple[Group, ...]
    analysis: str
    drug: str
    named: bool

    def rows(self) -> list[Row]:
        """Return the rows of the drug, in order."""
        rows = []
        if self.named:
            cells = share_cells(self.index, self.groups, self.drug)
            rows.append(Row("plain", f"Received {lower_first(self.drug)}, n (%)", cells))
        rows += self._duration()
        rows += self._line("CYCLES", "Cycles of the schedule begun, median (range)", "min", "max")
        unit = self._unit("TDOSE")
        label = f"Total dose, median (range){', ' + unit if unit else ''}"
        rows += self._line("TDOSE", label, "min", "max")
        label = "Relative dose intensity, median (interquartile range), %"
        rows += self._line("RDI", label, "q1", "q3")
        rows += self._levels("RDI", "Relative dose intensity, n (%)")
        rows += self._reduced()
        rows += self._levels("LDOSE", "Lowest dose, n (%)")
        return rows

    def _label(self, label: str) -> str:
        return f"{self.drug}: {lower_first(label)}" if self.named else label

    def _row(self, parameter: str, statistic: str, group: Group) -> ResultRow | None:
        return self.index.get(statistic, level=group.level, variable=self.drug, parameter=parameter)

    def _has(self, parameter: str) -> bool:
        return any(self._row(parameter, "median", group) is not None for group in self.groups)

    def _unit(self, parameter: str) -> str:
        row = self._row(parameter, "median", self.groups[-1])
        return row.unit.replace("ug", "µg") if row is not None else ""

    def _spread(self, parameter: str, lower: str, upper: str) -> dict[str, Cell]:
        return {
            group.column: estimate(
                *(self._row(parameter, name, group) for name in ("median", lower, upper))
            )
            for group in self.groups
        }

    def _line(self, parameter: str, label: str, lower: str, upper: str) -> list[Row]:
        if not self._has(parameter):
            return []
        rows = [Row("plain", self._label(label), self._spread(parameter, lower, upper))]
        return rows + self._missing(parameter)

    def _missing(self, parameter: str) -> list[Row]:
        missing = {group.column: self._row(parameter, "missing", group) for group in self.groups}
        if not any(row is not None and row.value for row in missing.values()):
            return []
        cells = {column: single(row) for column, row in missing.items()}
        return [Row("level", _MISSING, cells, indent=1)]

    def _duration(self) -> list[Row]:
        if not self._has("DURD"):
            return []
        ranges, means = {}, {}
        for group in self.groups:
            low, high, mean, sd = (
                self._row("DURD", name, group) for name in ("min", "max", "mean", "sd")
            )
            ranges[group.column] = NONE
            if low is not None and high is not None:
                ranges[group.column] = Cell(interval(low, high), format="months")
            means[group.column] = single(mean)
            if mean is not None and sd is not None and mean.status == "ok":
                extra = join("(", number(sd), ")")
                means[group.column] = Cell((number(mean),), extra, mean.format)
        spread = self._spread("DURD", "q1", "q3")
        return [
            Row("head", self._label("Duration of treatment, months")),
            Row("level", "Median (interquartile range)", spread, indent=1),
            Row("level", "Range", ranges, indent=1),
            Row("level", "Mean (standard deviation)", means, indent=1),
            *self._missing("DURD"),
        ]

    def _levels(self, parameter: str, label: str) -> list[Row]:
        values = dict.fromkeys(
            row.variable_level
            for row in self.results.where(
                analysis=self.analysis, variable=self.drug, parameter=parameter, statistic="n"
            )
            if row.variable_level
        )
        rows = [Row("head", self._label(label))] if values else []
        for value in values:
            shown = _MISSING if value == "MISSING" else _INTENSITIES.get(value, value)
            cells = share_cells(self.index, self.groups, self.drug, value, parameter=parameter)
            rows.append(Row("level", shown.replace("ug", "µg"), cells, indent=1))
        return rows

    def _reduced(self) -> list[Row]:
        rows = []
        for value, kind, label in (
            (">=1", "plain", "Dose reduced at least once, n (%)"),
            ("MISSING", "level", _MISSING),
        ):
            row = self.index.get("n", variable=self.drug, variable_level=value, parameter="REDUCT")
            if row is None:
                continue
            cells = share_cells(self.index, self.groups, self.drug, value, parameter="REDUCT")
            if kind == "plain":
                rows.append(Row("plain", self._label(label), cells))
            else:
                rows.append(Row("level", label, cells, indent=1))
        return rows
