"""What a log-rank test is worth when the same patients chose the cut-point."""

from __future__ import annotations

from typing import Any

import numpy as np

from hepatica.analyse.marker_values import is_known, marker_values
from hepatica.analyse.maximal import Maximal, maximal_logrank
from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times
from hepatica.errors import InputError
from hepatica.protocol.analyses import TimeToEventAnalysis
from hepatica.protocol.cut_points import find_cut_point, may_choose
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow

#: Cut-points whose statistic has a row of its own; a figure shows no more.
MOST_SCANNED = 500


def compare_all_cut_points(
    protocol: Protocol,
    selection: Selection,
    analysis: TimeToEventAnalysis,
    times: Times,
    place: dict[str, Any],
) -> list[ResultRow]:
    """Return the corrected p-value where the patients of an analysis chose their cut-point.

    Parameters
    ----------
    protocol : Protocol
        Says how the cut-point was chosen.
    selection : Selection
        Patients and groups.
    analysis : TimeToEventAnalysis
        The planned analysis.
    times : Times
        Usable times.
    place : dict
        Columns that the rows share.

    Returns
    -------
    list of ResultRow
        ``maximally_selected`` and ``cut_point_scan`` as ``docs/results.md`` lists; empty where
        groups are no cut-point, or others chose it.
    """
    found = find_cut_point(protocol, analysis.by)
    if found is None or not may_choose(protocol, found[1], analysis):
        return []
    biomarker = found[0]
    values = marker_values(selection.members, biomarker)
    by_subject = dict(zip(selection.members["USUBJID"].to_list(), values.tolist(), strict=True))
    marker = np.array([by_subject[name] for name in times.records["USUBJID"].to_list()])
    kept = is_known(marker)
    common = place | {"group": selection.group, "variable": "maximally_selected"}
    try:
        best = maximal_logrank(
            times.time[kept],
            times.event[kept],
            marker[kept],
            seed=protocol.seed,
            name=f"{biomarker.id} {place['parameter']}",
        )
    except InputError as error:
        return [selection.row("p_value", status="not_estimable", message=str(error), **common)]
    shown = {"unit": biomarker.unit, "format": f"decimal{biomarker.decimals}"}
    common["method"] = best.method
    rows = [
        selection.row("p_value", best.p_value, format="p_value", **common),
        selection.row("test_statistic", best.statistic, format="statistic", **common),
        selection.row("cut_point", best.cut_point, **shown, **common),
        selection.row("n", float(kept.sum()), format="integer", **common),
    ]
    scanned = common | {"variable": "cut_point_scan"}
    return rows + [
        selection.row(
            "test_statistic",
            statistic,
            format="statistic",
            variable_level=f"{at:.10g}",
            **scanned,
        )
        for at, statistic in _scanned(best)
    ]


def _scanned(best: Maximal) -> list[tuple[float, float]]:
    """Return cut-points and statistics: of more than 500 some, with the largest."""
    count = len(best.candidates)
    kept = np.linspace(0, count - 1, min(count, MOST_SCANNED)).round().astype(np.int64)
    kept = np.union1d(kept, [int(np.searchsorted(best.candidates, best.cut_point))])
    return list(zip(best.candidates[kept].tolist(), best.statistics[kept].tolist(), strict=True))
