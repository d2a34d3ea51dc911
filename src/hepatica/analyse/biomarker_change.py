"""Change of biomarkers from baseline to progression, by group, with paired tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection, select
from hepatica.analyse.summaries import Formats, summary_rows
from hepatica.derive import Datasets
from hepatica.dialect import TrialDialect, trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.analyses import BiomarkerChangeAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.variables import Biomarker
from hepatica.results import ResultRow
from hepatica.stats.hodges_lehmann import HodgesLehmann, hodges_lehmann
from hepatica.stats.multiplicity import adjust_p_values
from hepatica.stats.quantiles import quantile
from hepatica.stats.signed_rank import MAX_EXACT, SignedRank, signed_rank

_SHOWN = ("median", "q1", "q3")
_NO_PAIR = "No patient has a value at both times."
_DISTRIBUTIONS = {
    "exact": "exact",
    "t": "approximated by t, as for more than 20 changes in PROC UNIVARIATE",
    "normal": "approximated by the normal distribution",
}
_ADJUSTMENTS = {"holm": "Holm", "benjamini-hochberg": "Benjamini–Hochberg"}


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Samples of one marker: how many, and the values of patients with a value at both times."""

    biomarker: Biomarker
    n_baseline: int
    n_matched: int
    baseline: NDArray[np.float64]
    change: NDArray[np.float64]


def analyse_biomarker_change(
    protocol: Protocol, datasets: Datasets, analysis: BiomarkerChangeAnalysis
) -> list[ResultRow]:
    """Describe and test the change of each biomarker in each group.

    Parameters
    ----------
    protocol : Protocol
        Biomarkers with their parameters, dialect and confidence level.
    datasets : mapping
        ADSL and ADBM are read.
    analysis : BiomarkerChangeAnalysis
        Biomarkers in order, and the groups.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``biomarker_change``. P-values are adjusted over the
        biomarkers of a group.

    Raises
    ------
    AnalysisError
        If there is no ADBM, or a marker was measured in several units.
    """
    if "ADBM" not in datasets:
        raise AnalysisError("No biomarker was measured: data.tables names no BM, or it is empty.")
    known = {one.id: one for one in protocol.biomarkers}
    biomarkers = [known[name] for name in analysis.biomarkers]
    selection = select(protocol, datasets, analysis)
    records = _records(selection, datasets)
    rows = selection.sizes()
    scales = {}
    for biomarker in biomarkers:
        pairs = _pairs(records, biomarker)
        scales[biomarker.id] = _spread(pairs, trial_dialect(protocol.dialect))
        rows.append(_spread_row(selection, biomarker, scales[biomarker.id]))
    for level in selection.levels:
        found = [
            _pairs(records.filter(nw.col("__group__") == level), biomarker)
            for biomarker in biomarkers
        ]
        rows += _group(selection, protocol, level, found, scales)
    return rows


def _records(selection: Selection, datasets: Datasets) -> nw.DataFrame[Any]:
    records = nw.from_native(datasets["ADBM"], eager_only=True)
    members = selection.members.select("USUBJID", "__group__").filter(
        ~nw.col("__group__").is_null()
    )
    return records.join(members, on="USUBJID", how="inner").sort("USUBJID")


def _pairs(records: nw.DataFrame[Any], biomarker: Biomarker) -> _Pairs:
    own = records.filter(nw.col("PARAMCD") == biomarker.parameter)
    if own["AVALU"].drop_nulls().n_unique() > 1:
        raise AnalysisError(
            f"{biomarker.label} was measured in more than one unit. Convert BMSTRESN to "
            f"{biomarker.unit or 'one unit'} before it is read."
        )
    matched = own.filter(nw.col("PAIRFL") == "Y")
    both = matched.filter(~nw.col("CHG").is_null())
    return _Pairs(
        biomarker=biomarker,
        n_baseline=own.filter(nw.col("ABLFL") == "Y")["USUBJID"].n_unique(),
        n_matched=len(matched),
        baseline=both["BASE"].cast(nw.Float64).to_numpy(),
        change=both["CHG"].cast(nw.Float64).to_numpy(),
    )


def _spread(pairs: _Pairs, dialect: TrialDialect) -> float:
    """Return the interquartile range at baseline, in which changes of markers are compared."""
    if not len(pairs.baseline):
        return math.nan
    definition = dialect.quantile_definition
    low, high = (quantile(pairs.baseline, p, definition=definition) for p in (0.25, 0.75))
    return high - low


def _spread_row(selection: Selection, biomarker: Biomarker, spread: float) -> ResultRow:
    place: dict[str, Any] = {
        "dataset": "ADBM",
        "parameter": biomarker.parameter,
        "variable": biomarker.id,
        "variable_level": "baseline",
        "unit": biomarker.unit,
        "format": f"decimal{biomarker.decimals}",
    }
    if math.isnan(spread):
        return selection.row("iqr", status="not_estimable", message=_NO_PAIR, **place)
    return selection.row("iqr", spread, **place)


def _group(
    selection: Selection,
    protocol: Protocol,
    level: str,
    found: list[_Pairs],
    scales: dict[str, float],
) -> list[ResultRow]:
    dialect = trial_dialect(protocol.dialect)
    tests = [_test(pairs.change, dialect) for pairs in found]
    raw = [math.nan if test is None else test.p_value for test in tests]
    adjusted = {name: adjust_p_values(raw, name) for name in _ADJUSTMENTS}
    count = int(np.isfinite(raw).sum())
    rows = [selection.row("tests", float(count), level=level, format="integer", dataset="ADBM")]
    for position, (pairs, test) in enumerate(zip(found, tests, strict=True)):
        place: dict[str, Any] = {
            "dataset": "ADBM",
            "parameter": pairs.biomarker.parameter,
            "level": level,
            "variable": pairs.biomarker.id,
        }
        rows += _counts(selection, pairs, place)
        rows += _summaries(selection, pairs, dialect, place)
        rows += _estimate(selection, protocol, pairs, scales[pairs.biomarker.id], place)
        family = {name: float(values[position]) for name, values in adjusted.items()}
        rows += _tests(selection, test, family, count, place)
    return rows


def _counts(selection: Selection, pairs: _Pairs, place: dict[str, Any]) -> list[ResultRow]:
    counts = {
        "n_baseline": pairs.n_baseline,
        "n_matched": pairs.n_matched,
        "n": len(pairs.change),
    }
    return [
        selection.row(name, float(value), format="integer", **place)
        for name, value in counts.items()
    ]


def _summaries(
    selection: Selection, pairs: _Pairs, dialect: TrialDialect, place: dict[str, Any]
) -> list[ResultRow]:
    shown = f"decimal{pairs.biomarker.decimals}"
    formats = Formats(mean=shown, median=shown, extreme=shown)
    rows = []
    for name, values in (("baseline", pairs.baseline), ("change", pairs.change)):
        where = place | {"variable_level": name, "unit": pairs.biomarker.unit}
        found = summary_rows(selection, values, dialect, formats, where)
        rows += [row for row in found if row.statistic in _SHOWN]
    return rows


def _estimate(
    selection: Selection,
    protocol: Protocol,
    pairs: _Pairs,
    scale: float,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Estimate the change, in the unit of the marker and in interquartile ranges at baseline."""
    shown, unit = f"decimal{pairs.biomarker.decimals}", pairs.biomarker.unit
    level = protocol.conf_level
    common = place | {"conf_level": level, "method": "Hodges–Lehmann estimate"}
    changed = common | {"variable_level": "change", "unit": unit, "format": shown}
    scaled = common | {
        "variable_level": "scaled",
        "unit": "interquartile ranges at baseline",
        "format": "decimal2",
    }
    if not len(pairs.change):
        return [
            selection.row("hodges_lehmann", status="not_estimable", message=_NO_PAIR, **changed)
        ]
    found = _hodges_lehmann(pairs.change, level)
    kind = "exact signed-rank limits" if found.method == "exact" else "approximate limits"
    changed["method"] = scaled["method"] = f"Hodges–Lehmann estimate, {kind}"
    rows = _limits(selection, found, 1.0, changed)
    if math.isnan(scale) or scale == 0.0:
        message = "Half of the values at baseline are the same, so there is no scale."
        rows.append(
            selection.row("hodges_lehmann", status="not_estimable", message=message, **scaled)
        )
        return rows
    return rows + _limits(selection, found, scale, scaled)


def _hodges_lehmann(change: NDArray[np.float64], conf_level: float) -> HodgesLehmann:
    method = "exact" if len(change) <= MAX_EXACT else "normal"
    return hodges_lehmann(change, conf_level=conf_level, method=method)


def _limits(
    selection: Selection, found: HodgesLehmann, scale: float, place: dict[str, Any]
) -> list[ResultRow]:
    least = math.ceil(1.0 - math.log2(1.0 - found.conf_level) - 1e-9)
    why = f"Limits at this level need at least {least} pairs."
    rows = [selection.row("hodges_lehmann", found.estimate / scale, **place)]
    for name, limit in (("lower", found.lower), ("upper", found.upper)):
        statistic = f"hodges_lehmann_{name}"
        if math.isnan(limit):
            rows.append(selection.row(statistic, status="not_estimable", message=why, **place))
        else:
            rows.append(selection.row(statistic, limit / scale, **place))
    return rows


def _test(change: NDArray[np.float64], dialect: TrialDialect) -> SignedRank | None:
    if not len(change):
        return None
    method: str = dialect.signed_rank
    if method == "exact" and len(change) > MAX_EXACT:
        method = "normal"
    try:
        return signed_rank(change, zeros="drop", method=method)
    except InputError as error:
        raise AnalysisError(str(error)) from None


def _tests(
    selection: Selection,
    test: SignedRank | None,
    adjusted: dict[str, float],
    count: int,
    place: dict[str, Any],
) -> list[ResultRow]:
    place = place | {"variable_level": "change"}
    names = ["p_value", *(f"p_value_{name.replace('-', '_')}" for name in adjusted)]
    if test is None or math.isnan(test.p_value):
        why = _NO_PAIR if test is None else "No value changed: all differences are zero."
        return [
            selection.row(name, status="not_estimable", message=why, format="p_value", **place)
            for name in names
        ]
    method = (
        "Wilcoxon signed-rank test, two-sided, ties by mid-ranks, zero changes left out, "
        f"{_DISTRIBUTIONS[test.method]}"
    )
    rows = [
        selection.row("test_statistic", test.statistic, format="statistic", method=method, **place),
        selection.row("n_zero", float(test.n_zero), format="integer", **place),
        selection.row("p_value", test.p_value, format="p_value", method=method, **place),
    ]
    for (name, value), statistic in zip(adjusted.items(), names[1:], strict=True):
        tests = "1 test" if count == 1 else f"{count} tests"
        how = f"{_ADJUSTMENTS[name]} adjustment over the biomarkers of a group"
        rows.append(
            selection.row(
                statistic,
                value,
                format="p_value",
                method=how,
                message=f"Adjusted over {tests}.",
                **place,
            )
        )
    return rows
