"""Groups compared in response within strata, and the rows of a contrast of proportions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.analyse.strata import stratum_codes
from hepatica.errors import InputError
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.meta import mantel_haenszel
from hepatica.stats.stratified_tables import cochran_mantel_haenszel
from hepatica.stats.two_proportions import ProportionContrast


@dataclass(frozen=True, slots=True)
class Sides:
    """Patients, who of them responded, and who belongs to the group and to its reference."""

    subjects: nw.DataFrame[Any]
    responded: NDArray[np.bool_]
    group: NDArray[np.bool_]
    reference: NDArray[np.bool_]


def shown_as(statistic: str) -> dict[str, Any]:
    """Return unit and format of a contrast: differences are percentage points."""
    if statistic == "risk_difference":
        return {"unit": "%", "format": "decimal1"}
    return {"format": "ratio"}


def contrast_rows(
    selection: Selection,
    statistic: str,
    asked: Callable[[], ProportionContrast],
    common: dict[str, Any],
) -> list[ResultRow]:
    """Return an estimate with its limits; one without bounds is a row that says so.

    Parameters
    ----------
    selection : Selection
        Makes the rows.
    statistic : str
        ``risk_difference``, ``risk_ratio`` or ``odds_ratio``.
    asked : callable
        Computes the contrast.
    common : dict
        Columns of all rows.
    """
    try:
        found = asked()
    except InputError as error:
        message = str(error)
        return [selection.row(statistic, status="not_estimable", message=message, **common)]
    scale = 100.0 if statistic == "risk_difference" else 1.0
    unbounded: dict[str, Any] = {
        "status": "not_estimable",
        "message": "It is not finite, because nobody in one of the groups has the event, or "
        "everybody. Read the other limit, and the difference.",
    }
    return [
        selection.row(statistic + suffix, scale * value, **common)
        if math.isfinite(value)
        else selection.row(statistic + suffix, **common, **unbounded)
        for suffix, value in (
            ("", found.estimate),
            ("_lower", found.lower),
            ("_upper", found.upper),
        )
    ]


def stratified_rows(
    protocol: Protocol,
    selection: Selection,
    strata: tuple[str, ...],
    sides: Sides,
    common: dict[str, Any],
) -> list[ResultRow]:
    """Return common difference and odds ratio, and the test of Cochran, Mantel and Haenszel.

    Parameters
    ----------
    protocol : Protocol
        Gives the confidence level.
    selection : Selection
        Patients with their categories.
    strata : tuple of str
        Variables that make the strata.
    sides : Sides
        Who is compared.
    common : dict
        Columns of all rows.
    """
    codes, labels = stratum_codes(selection, sides.subjects, strata)
    common = common | {"variable": "stratified_comparison"}
    by = f"stratified by {', '.join(strata)}"
    rows = []
    missing = int(((codes < 0) & (sides.group | sides.reference)).sum())
    if missing:
        message = "Patients without a known stratum are not in the stratified comparison."
        rows.append(
            selection.row("missing", float(missing), format="integer", message=message, **common)
        )
    cells = [
        np.bincount(codes[kept & (codes >= 0)], minlength=max(len(labels), 1))
        for who in (sides.group, sides.reference)
        for kept in (who & sides.responded, who)
    ]
    rows += _common_estimates(protocol, selection, cells, by, common)
    method = f"Cochran–Mantel–Haenszel test without continuity correction, {by}"
    try:
        test = cochran_mantel_haenszel(*cells)
    except InputError as error:
        common |= {"method": method, "message": str(error)}
        return [*rows, selection.row("p_value", status="not_estimable", **common)]
    shown: dict[str, Any] = {"method": method} | common
    return [
        *rows,
        selection.row("test_statistic", test.statistic, format="statistic", **shown),
        selection.row("p_value", test.p_value, format="p_value", **shown),
        selection.row("n_strata", float(test.n_strata), format="integer", **shown),
    ]


def _common_estimates(
    protocol: Protocol,
    selection: Selection,
    cells: Sequence[NDArray[np.int64]],
    by: str,
    common: dict[str, Any],
) -> list[ResultRow]:
    asked = (
        ("risk_difference", "RD", "Mantel–Haenszel common difference, Sato variance"),
        ("odds_ratio", "OR", "Mantel–Haenszel common odds ratio, Robins–Breslow–Greenland limits"),
    )
    both = (cells[1] > 0) & (cells[3] > 0)
    used = [one[both] for one in cells]
    rows: list[ResultRow] = []
    for statistic, measure, name in asked:
        shown = shown_as(statistic) | common
        shown |= {"method": f"{name}, {by}", "conf_level": protocol.conf_level}

        def contrast(measure: str = measure) -> ProportionContrast:
            if not both.any():
                raise InputError("No stratum has patients of both groups; use fewer strata.")
            pooled = mantel_haenszel(*used, measure=measure, conf_level=protocol.conf_level)
            scale = float if measure == "RD" else math.exp
            return ProportionContrast(
                estimate=scale(pooled.estimate),
                lower=scale(pooled.lower),
                upper=scale(pooled.upper),
                measure=measure,
                method="mantel-haenszel",
                conf_level=pooled.conf_level,
            )

        rows += contrast_rows(selection, statistic, contrast, shown)
    return rows
