"""Exposure by group and drug: duration, cycles, doses, intensity and reductions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import tally
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.shares import MISSING, of_members, share_rows, tally_anybody
from hepatica.analyse.summaries import Formats, summary_rows
from hepatica.derive import Datasets
from hepatica.dialect import TrialDialect, trial_dialect
from hepatica.errors import AnalysisError
from hepatica.protocol.analyses import ExposureAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

#: Levels of relative dose intensity in per cent, each with the value from which it counts.
INTENSITIES = ((">=90", 90.0), ("70-<90", 70.0), ("<70", 0.0))
#: Level of patients whose dose was reduced at least once.
REDUCED = ">=1"

_MEASURED = {
    "DURD": ("days", Formats(mean="months", median="months", extreme="months")),
    "CYCLES": ("cycles", Formats(mean="decimal1", median="decimal1", extreme="integer")),
    "TDOSE": ("", Formats(mean="integer", median="integer", extreme="integer")),
    "RDI": ("%", Formats(mean="decimal1", median="decimal1", extreme="decimal1")),
}


@dataclass(frozen=True, slots=True)
class _Drug:
    """One drug, with the records of its patients."""

    name: str
    records: nw.DataFrame[Any]
    sizes: dict[str, int]

    def of(self, parameter: str) -> nw.DataFrame[Any]:
        """Return the records of a parameter."""
        return self.records.filter(nw.col("PARAMCD") == parameter)


def analyse_exposure(
    protocol: Protocol, datasets: Datasets, analysis: ExposureAnalysis
) -> list[ResultRow]:
    """Summarise how long and how much of each drug was given.

    Parameters
    ----------
    protocol : Protocol
        Names the drugs and their doses.
    datasets : mapping
        ADSL gives the patients and ADEX their exposure. Without ADEX nobody was treated if the
        study brings the table EX.
    analysis : ExposureAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``exposure``: ``variable`` is the drug, ``parameter`` the
        PARAMCD of ADEX. Percentages are shares of the patients who received the drug.

    Raises
    ------
    AnalysisError
        If the study brings no doses.
    """
    selection = select(protocol, datasets, analysis)
    if "ADEX" not in datasets and "EX" not in protocol.data.tables:
        raise AnalysisError(
            "There are no doses to summarise. Name the file of dosing intervals under "
            "data.tables.EX in study.yaml."
        )
    rows = selection.sizes()
    if "ADEX" not in datasets:
        return rows
    records = of_members(selection, datasets["ADEX"])
    dialect = trial_dialect(protocol.dialect)
    for name in _drugs(protocol, records):
        rows += _exposed(selection, protocol, _drug(selection, records, name), dialect)
    return rows


def _drugs(protocol: Protocol, records: nw.DataFrame[Any]) -> tuple[str, ...]:
    """Return the drugs that were given, those of the protocol first."""
    given = sorted(set(records["EXTRT"].drop_nulls().to_list()))
    planned = [one.drug for one in protocol.treatments if one.drug in given]
    return tuple(dict.fromkeys((*planned, *given)))


def _drug(selection: Selection, records: nw.DataFrame[Any], name: str) -> _Drug:
    mine = records.filter(nw.col("EXTRT") == name)
    given = tally_anybody(mine)
    return _Drug(name, mine, {one: given.get((one, ""), 0) for one in (*selection.levels, "")})


def _exposed(
    selection: Selection, protocol: Protocol, drug: _Drug, dialect: TrialDialect
) -> list[ResultRow]:
    where: dict[str, Any] = {"dataset": "ADEX", "variable": drug.name}
    method = "patients who received the drug"
    given = {(level, ""): size for level, size in drug.sizes.items()}
    rows = share_rows(selection, given, [""], method=method, **where)
    planned = set(drug.records["PARAMCD"].to_list())
    for parameter in _MEASURED:
        if parameter in planned:
            rows += _measured(selection, drug, parameter, dialect)
    if "RDI" in planned:
        rows += _levels(selection, drug, "RDI", _intensity(), [one for one, _ in INTENSITIES])
    if "REDUCT" in planned:
        reduced = nw.when(nw.col("AVAL") >= 1).then(nw.lit(REDUCED)).otherwise(nw.lit("0"))
        rows += _levels(selection, drug, "REDUCT", reduced, [REDUCED])
    if "LDOSE" in planned:
        rows += _lowest(selection, protocol, drug)
    return rows


def _measured(
    selection: Selection, drug: _Drug, parameter: str, dialect: TrialDialect
) -> list[ResultRow]:
    unit, formats = _MEASURED[parameter]
    records = drug.of(parameter)
    if not unit:
        units = sorted(set(records["AVALU"].drop_nulls().to_list()))
        unit = units[0] if units else ""
    rows = []
    for level in (*selection.levels, ""):
        mine = records.filter((nw.col("__group__") == level).fill_null(value=False))
        known = (mine if level else records)["AVAL"].drop_nulls().cast(nw.Float64).to_numpy()
        where: dict[str, Any] = {
            "dataset": "ADEX",
            "variable": drug.name,
            "parameter": parameter,
        }
        where |= {"level": level} if level else {}
        missing = drug.sizes[level] - len(known)
        rows.append(selection.row("n", len(known), format="integer", **where))
        rows.append(selection.row("missing", missing, format="integer", **where))
        rows += summary_rows(selection, known, dialect, formats, where | {"unit": unit})
    return rows


def _intensity() -> nw.Expr:
    level = nw.lit(None, dtype=nw.String)
    for name, at_least in reversed(INTENSITIES):
        level = nw.when(nw.col("AVAL") >= at_least).then(nw.lit(name)).otherwise(level)
    return level


def _levels(
    selection: Selection, drug: _Drug, parameter: str, level: nw.Expr, shown: list[str]
) -> list[ResultRow]:
    """Return the patients in each level of a parameter; those without a value come last."""
    known = nw.when(nw.col("AVAL").is_null()).then(nw.lit(MISSING)).otherwise(level)
    counted = tally(drug.of(parameter).with_columns(known.alias("_LEVEL")), "_LEVEL")
    last = [MISSING] if counted.get(("", MISSING)) else []
    where: dict[str, Any] = {"dataset": "ADEX", "variable": drug.name, "parameter": parameter}
    return share_rows(selection, counted, (*shown, *last), sizes=drug.sizes, **where)


def _lowest(selection: Selection, protocol: Protocol, drug: _Drug) -> list[ResultRow]:
    """Return the patients by their lowest dose, the highest first; planned doses always stand."""
    records = drug.of("LDOSE")
    planned = [one for one in protocol.treatments if one.drug == drug.name]
    doses = [one.dose for one in planned if one.dose is not None]
    doses += [step.dose for one in planned for step in one.dose_by_weight]
    doses += [step.dose for one in planned for step in one.reductions]
    levels = {(one.amount, one.unit) for one in doses}
    levels |= {
        (amount, unit)
        for amount, unit in records.select("AVAL", "AVALU").iter_rows()
        if amount is not None and unit is not None
    }
    label = nw.lit(None, dtype=nw.String)
    for amount, unit in levels:
        same = (nw.col("AVAL") == amount) & (nw.col("AVALU") == unit)
        label = nw.when(same).then(nw.lit(f"{amount:g} {unit}")).otherwise(label)
    ordered = [f"{amount:g} {unit}" for amount, unit in sorted(levels, key=lambda one: -one[0])]
    return _levels(selection, drug, "LDOSE", label, ordered)
