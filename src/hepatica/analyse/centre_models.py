"""Hazard ratios where patients of a centre go together, and where a group has no event."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.column_names import without_advice
from hepatica.analyse.comparison_rows import hazard_ratio_rows
from hepatica.analyse.strata import stratum_codes
from hepatica.analyse.unequal_hazards import Compared
from hepatica.dialect import trial_dialect
from hepatica.errors import InputError
from hepatica.protocol.covariate_names import covariate_label
from hepatica.results import ResultRow
from hepatica.stats.survival import FrailtyFit, cox, cox_firth, cox_frailty


def indicators(compared: Compared) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the groups but the reference, and an indicator column of each (n, k)."""
    others = compared.others()
    codes = np.array(others, dtype=np.int64)
    found = (compared.times.group[:, None] == codes[None, :]).astype(np.float64)
    return tuple(compared.selection.levels[code] for code in others), found


def hazard_columns(compared: Compared, variable: str, method: str) -> dict[str, Any]:
    """Return the columns of rows with hazard ratios."""
    return compared.place | {
        "reference": compared.plan.reference,
        "variable": variable,
        "method": compared.named(method),
        "conf_level": compared.protocol.conf_level,
    }


def firth_rows(compared: Compared) -> list[ResultRow]:
    """Return Firth's penalised hazard ratios, which are finite where a group has no event."""
    ties = trial_dialect(compared.protocol.dialect).ties
    levels, x = indicators(compared)
    method = (
        f"proportional hazards model with Firth's penalty, {ties.title()} ties, profile interval"
    )
    times = compared.times
    return hazard_ratio_rows(
        compared.selection,
        levels,
        lambda: cox_firth(
            times.time,
            times.event,
            x,
            ties=ties,
            strata=compared.strata,
            entry=times.entry,
            conf_level=compared.protocol.conf_level,
        ),
        hazard_columns(compared, "cox_firth", method),
    )


def clustered_rows(compared: Compared) -> list[ResultRow]:
    """Return hazard ratios whose variance allows for patients of a cluster that go together."""
    name = compared.plan.cluster
    if name is None:
        return []
    own, cluster, rows = _by_centre(compared, name, "cox_cluster")
    ties = trial_dialect(compared.protocol.dialect).ties
    levels, x = indicators(own)
    clusters = len(np.unique(cluster))
    method = (
        f"proportional hazards model, {ties.title()} ties, robust Wald interval by "
        f"{_words(compared, name)} ({clusters} clusters)"
    )
    common = hazard_columns(own, "cox_cluster", method)
    times = own.times
    rows += hazard_ratio_rows(
        own.selection,
        levels,
        lambda: cox(
            times.time,
            times.event,
            x,
            ties=ties,
            strata=own.strata,
            entry=times.entry,
            cluster=cluster,
            conf_level=own.protocol.conf_level,
        ),
        common,
    )
    count = own.selection.row(
        "n_clusters", float(clusters), format="integer", variable="cox_cluster", **own.place
    )
    return [*rows, count]


def frailty_rows(compared: Compared) -> list[ResultRow]:
    """Return hazard ratios given a gamma frailty that a centre shares, and the frailties."""
    name = compared.plan.frailty
    if name is None:
        return []
    own, cluster, rows = _by_centre(compared, name, "cox_frailty")
    ties = trial_dialect(compared.protocol.dialect).ties
    levels, x = indicators(own)
    method = (
        f"proportional hazards model, {ties.title()} ties, gamma frailty shared within "
        f"{_words(compared, name)}, Wald interval"
    )
    common = hazard_columns(own, "cox_frailty", method)
    try:
        fit = cox_frailty(
            own.times.time,
            own.times.event,
            x,
            cluster,
            ties=ties,
            strata=own.strata,
            conf_level=own.protocol.conf_level,
        )
    except InputError as error:
        message = without_advice(error, levels)
        return rows + [
            own.selection.row(
                "hazard_ratio", level=level, status="not_estimable", message=message, **common
            )
            for level in levels
        ]
    rows += hazard_ratio_rows(own.selection, levels, lambda: fit, common)
    return rows + _frailties(own, name, fit)


def _frailties(compared: Compared, name: str, fit: FrailtyFit) -> list[ResultRow]:
    row = compared.selection.row
    test = "likelihood-ratio test of no frailty, 50:50 mixture of chi-square with 0 and 1 df"
    common = compared.place | {"variable": "cox_frailty"}
    none = (
        ""
        if fit.theta
        else "The model without frailties fits best: no variance between categories of "
        f"{_words(compared, name)}."
    )
    labels = _labels(compared, name)
    each: list[ResultRow] = []
    for label, frailty, events in zip(labels, fit.frailty, fit.n_events, strict=True):
        own = compared.place | {"variable": "frailty", "variable_level": label}
        each += [
            row("frailty", float(frailty), format="ratio", **own),
            row("events", float(events), format="integer", **own),
        ]
    return [
        row("n_clusters", float(len(fit.clusters)), format="integer", **common),
        row("theta", fit.theta, format="decimal3", message=none, **common),
        row("frailty_statistic", fit.frailty_test.statistic, format="statistic", **common),
        row("frailty_p_value", fit.frailty_test.p_value, format="p_value", method=test, **common),
        *each,
    ]


def _words(compared: Compared, name: str) -> str:
    """Return what readers call the variable."""
    label = covariate_label(compared.protocol, name) or name
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def _labels(compared: Compared, name: str) -> tuple[str, ...]:
    codes, labels = stratum_codes(compared.selection, compared.times.records, (name,))
    return tuple(labels[code] for code in np.unique(codes).tolist())


def _by_centre(
    compared: Compared, name: str, variable: str
) -> tuple[Compared, NDArray[np.int64], list[ResultRow]]:
    """Return the patients whose centre is known, without strata by the centre itself."""
    codes, _ = stratum_codes(compared.selection, compared.times.records, (name,))
    rows: list[ResultRow] = []
    unknown = int((codes < 0).sum())
    if unknown:
        rows.append(
            compared.selection.row(
                "n",
                float(unknown),
                variable=variable,
                variable_level="Missing",
                format="integer",
                message=f"Patients without a known {_words(compared, name)} are not in this model.",
                **compared.place,
            )
        )
    known = codes >= 0
    kept = tuple(one for one in compared.plan.strata if one != name)
    times = compared.times.where(known)
    strata = None
    if kept and compared.strata is not None:
        strata = stratum_codes(compared.selection, times.records, kept)[0]
    plan = compared.plan.model_copy(update={"strata": kept if strata is not None else ()})
    own = Compared(compared.protocol, compared.selection, plan, times, strata, compared.place)
    return own, codes[known], rows
