"""Groups compared in response: differences, ratios and odds ratios with limits, and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.analyse.stratified_response import Sides, contrast_rows, shown_as, stratified_rows
from hepatica.derive import Datasets
from hepatica.dialect import trial_dialect
from hepatica.errors import InputError
from hepatica.protocol.comparison import ResponseComparison
from hepatica.protocol.endpoints import Response
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow
from hepatica.stats.contingency import chi_square, fisher_exact
from hepatica.stats.odds_ratio import odds_ratio
from hepatica.stats.two_proportions import ProportionContrast, risk_difference, risk_ratio

DIFFERENCES = {
    "newcombe": "Newcombe hybrid score limits of the difference",
    "miettinen-nurminen": "Miettinen–Nurminen score limits of the difference",
    "wald": "Wald limits of the difference",
}
RATIOS = {
    "katz": "Katz logarithmic limits of the risk ratio",
    "score": "Koopman score limits of the risk ratio",
}
ODDS_RATIOS = {
    "woolf": "Woolf logarithmic limits of the odds ratio",
    "exact": "conditional odds ratio with exact limits",
}
PEARSON = "Pearson's chi-square test without continuity correction"
FISHER = "Fisher's exact test, two-sided"
#: Below this smallest expected count Fisher's test is the planned one.
EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Responders:
    """Who responded, a patient a row.

    Attributes
    ----------
    subjects : DataFrame
        ``USUBJID`` and ``__group__``.
    responded : bool array (n,)
        Whether the endpoint counts the patient.
    """

    subjects: nw.DataFrame[Any]
    responded: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Counts:
    """Responders and patients of a group and of its reference."""

    events: int
    n: int
    other_events: int
    other_n: int

    @property
    def table(self) -> list[list[int]]:
        """Responders and others, by group."""
        return [
            [self.events, self.n - self.events],
            [self.other_events, self.other_n - self.other_events],
        ]

    @property
    def four(self) -> tuple[int, int, int, int]:
        """As estimators take them."""
        return self.events, self.n, self.other_events, self.other_n


def compare_response(
    protocol: Protocol,
    selection: Selection,
    datasets: Datasets,
    plan: ResponseComparison,
    endpoint: Response,
) -> list[ResultRow]:
    """Compare each group with the reference in an endpoint, in all patients and by strata.

    Parameters
    ----------
    protocol : Protocol
        Gives dialect and confidence level.
    selection : Selection
        Patients and groups.
    datasets : mapping
        ADRS is read; patients without a record count as patients without a response.
    plan : ResponseComparison
        What is planned.
    endpoint : Response
        Which responses count.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for the comparison of response.
    """
    found = _responders(selection, datasets, endpoint)
    place: dict[str, Any] = {
        "dataset": "ADRS",
        "parameter": endpoint.parameter,
        "variable_level": endpoint.id,
    }
    labels = selection.group_codes(found.subjects)
    reference = selection.levels.index(plan.reference) if plan.reference in selection.levels else -1
    rows: list[ResultRow] = []
    for code, level in enumerate(selection.levels):
        if code == reference:
            continue
        own, other = labels == code, labels == reference
        counts = _Counts(*_of(found, own), *_of(found, other))
        common = place | {"level": level, "reference": plan.reference}
        rows += _all_patients(protocol, selection, plan, counts, common)
        if plan.strata:
            sides = Sides(found.subjects, found.responded, own, other)
            rows += stratified_rows(protocol, selection, plan.strata, sides, common)
    return rows


def _responders(selection: Selection, datasets: Datasets, endpoint: Response) -> Responders:
    records = nw.from_native(datasets["ADRS"], eager_only=True)
    best = records.filter(nw.col("PARAMCD") == endpoint.parameter).select("USUBJID", "AVALC")
    joined = selection.members.select("USUBJID", "__group__").join(best, on="USUBJID", how="left")
    responded = joined["AVALC"].is_in(list(endpoint.counted)).fill_null(value=False)
    return Responders(subjects=joined, responded=responded.to_numpy().astype(bool))


def _of(found: Responders, who: NDArray[np.bool_]) -> tuple[int, int]:
    return int(found.responded[who].sum()), int(who.sum())


def _all_patients(
    protocol: Protocol,
    selection: Selection,
    plan: ResponseComparison,
    counts: _Counts,
    common: dict[str, Any],
) -> list[ResultRow]:
    common = common | {"variable": "comparison"}
    level = protocol.conf_level
    difference = plan.difference or trial_dialect(protocol.dialect).difference_method
    if not counts.n or not counts.other_n:
        message = "One of the groups has no patient, so they cannot be compared."
        return [selection.row("risk_difference", status="not_estimable", message=message, **common)]
    rows, is_exact = _tests(selection, counts, common)
    odds = plan.odds_ratio or ("exact" if is_exact else "woolf")
    contrasts = (
        ("risk_difference", DIFFERENCES[difference], risk_difference, difference),
        ("risk_ratio", RATIOS[plan.ratio], risk_ratio, plan.ratio),
        ("odds_ratio", ODDS_RATIOS[odds], odds_ratio, odds),
    )
    estimates: list[ResultRow] = []
    for statistic, method, estimator, kind in contrasts:
        shown = shown_as(statistic) | common | {"method": method, "conf_level": level}
        estimates += contrast_rows(
            selection, statistic, _asked(estimator, counts, kind, level), shown
        )
    return estimates + rows


def _asked(
    estimator: Callable[..., ProportionContrast], counts: _Counts, kind: str, level: float
) -> Callable[[], ProportionContrast]:
    return lambda: estimator(*counts.four, method=kind, conf_level=level)


def _tests(
    selection: Selection, counts: _Counts, common: dict[str, Any]
) -> tuple[list[ResultRow], bool]:
    """Return both tests and the planned one, and whether that is the exact one."""
    try:
        pearson, fisher = chi_square(counts.table), fisher_exact(counts.table)
    except InputError:
        who = "Nobody" if not counts.events + counts.other_events else "Everybody"
        message = f"{who} in either group has the event, so there is nothing to test."
        return [selection.row("p_value", status="not_estimable", message=message, **common)], False
    smallest = pearson.smallest_expected
    is_exact = smallest < EXPECTED
    rule = (
        "chosen because the smallest expected count is below 5"
        if is_exact
        else "chosen because no expected count is below 5"
    )
    planned = fisher.p_value if is_exact else pearson.p_value
    named = f"{FISHER if is_exact else PEARSON}, {rule}"
    p: dict[str, Any] = {"format": "p_value"}
    both = common | {"variable": "comparison_tests"}
    rows = [
        selection.row("p_value", planned, method=named, **p, **common),
        selection.row("planned_test", text="fisher" if is_exact else "pearson", **common),
        selection.row("smallest_expected", smallest, format="decimal2", **common),
        selection.row("pearson_p_value", pearson.p_value, method=PEARSON, **p, **both),
        selection.row(
            "pearson_statistic", pearson.statistic, method=PEARSON, format="statistic", **both
        ),
        selection.row("fisher_p_value", fisher.p_value, method=FISHER, **p, **both),
    ]
    return rows, is_exact
