"""The treatment effect in subgroups: hazard ratios within levels, and tests of interaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.comparison_rows import shown_columns
from hepatica.analyse.counted_cox import cox_by_pattern, in_whole_days
from hepatica.analyse.model_outcomes import gained
from hepatica.analyse.selection import Selection, select
from hepatica.analyse.strata import category_codes, with_categories
from hepatica.analyse.survival_rows import median_rows
from hepatica.analyse.times import Times, endpoint_columns, endpoint_named, required_times
from hepatica.derive import Datasets
from hepatica.dialect import TrialDialect, trial_dialect
from hepatica.errors import AnalysisError, InputError
from hepatica.protocol.groups import group_labels
from hepatica.protocol.model import Protocol
from hepatica.protocol.subgroups_analysis import SubgroupsAnalysis
from hepatica.results import ResultRow
from hepatica.stats.survival import (
    NoFiniteEstimateError,
    TestResult,
    kaplan_meier,
)

#: With fewer events in both groups together no hazard ratio is estimated.
FEWEST_EVENTS = 5
EFFECT = "subgroups"
MISSING = "Missing"


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """What all subgroups share."""

    protocol: Protocol
    selection: Selection
    dialect: TrialDialect
    reference: str
    place: dict[str, Any]

    @property
    def named(self) -> str:
        """Name of the model."""
        return (
            f"proportional hazards model within the subgroup, {self.dialect.ties.title()} ties, "
            "unadjusted, Wald interval"
        )


def analyse_subgroups(
    protocol: Protocol, datasets: Datasets, analysis: SubgroupsAnalysis
) -> list[ResultRow]:
    """Estimate the hazard ratio in all patients and in each level of each subgroup variable.

    Parameters
    ----------
    protocol : Protocol
        Defines endpoint and variables; its ``subgroups`` where the analysis lists none.
    datasets : mapping
        ADSL and ADTTE are read.
    analysis : SubgroupsAnalysis
        The planned analysis.

    Returns
    -------
    list of ResultRow
        As ``docs/results.md`` lists for ``subgroups``.

    Raises
    ------
    AnalysisError
        If there is no ADTTE, no patient with a time, or the reference is no group.
    """
    endpoint = endpoint_named(protocol, analysis.endpoint)
    selection = select(protocol, datasets, analysis)
    times = required_times(selection, datasets, endpoint)
    if analysis.reference not in selection.levels:
        raise AnalysisError(
            f"The reference {analysis.reference} is not a group; groups are "
            f"{', '.join(selection.levels)}."
        )
    place = endpoint_columns(endpoint) | {"variable": EFFECT}
    setting = _Setting(
        protocol, selection, trial_dialect(protocol.dialect), analysis.reference, place
    )
    names = analysis.subgroups or protocol.subgroups
    rows = [*selection.sizes(), *_effect(setting, times, {})]
    rows.append(selection.row("n_subgroups", float(len(names)), format="integer", **place))
    categories = with_categories(selection, times.records, names)
    # Subsets need no records: those of many patients are wide.
    times = replace(times, records=times.records.select("USUBJID"))
    for name in names:
        rows += _variable(setting, times, categories, name)
    return rows


def _variable(
    setting: _Setting, times: Times, categories: nw.DataFrame[Any], name: str
) -> list[ResultRow]:
    """Return the rows of one subgroup variable."""
    codes, found = category_codes(categories, (name,))
    levels = group_labels(setting.protocol, name)
    rows: list[ResultRow] = []
    for level in levels:
        own = codes == (found.index(level) if level in found else -2)
        rows += _effect(setting, times.where(own), {"subgroup": name, "subgroup_level": level})
    unknown = int((codes < 0).sum())
    if unknown:
        rows.append(
            setting.selection.row(
                "n",
                float(unknown),
                subgroup=name,
                subgroup_level=MISSING,
                format="integer",
                message="Patients without a known level are in no subgroup, and not in the test.",
                **setting.place,
            )
        )
    known = codes >= 0
    return rows + _interaction(setting, times.where(known), codes[known], name)


def _effect(setting: _Setting, times: Times, subset: dict[str, str]) -> list[ResultRow]:
    """Return patients, events and median of each group, and hazard ratios."""
    selection = setting.selection
    rows: list[ResultRow] = []
    for code, level in enumerate(selection.levels):
        own = times.group == code
        where = setting.place | subset | {"level": level}
        n, events = int(own.sum()), int(times.event[own].sum())
        rows += [
            selection.row("n", float(n), format="integer", **where),
            selection.row("events", float(events), format="integer", denominator=n, **where),
        ]
        if not n:
            message = "There is no patient of this group in the subgroup."
            rows.append(selection.row("median", status="not_estimable", message=message, **where))
            continue
        curve = kaplan_meier(
            in_whole_days(times.time[own]),
            times.event[own],
            conf_type=setting.dialect.conf_type,
            conf_level=setting.protocol.conf_level,
            median_rule=setting.dialect.median_rule,
        )
        rows += median_rows(selection, curve, setting.dialect, where)
    return rows + _hazard_ratios(setting, times, subset)


def _hazard_ratios(setting: _Setting, times: Times, subset: dict[str, str]) -> list[ResultRow]:
    selection = setting.selection
    reference = selection.levels.index(setting.reference)
    rows: list[ResultRow] = []
    for code, level in enumerate(selection.levels):
        if code == reference:
            continue
        pair = times.where(np.isin(times.group, [code, reference]))
        common = setting.place | subset
        common |= {
            "level": level,
            "reference": setting.reference,
            "method": setting.named,
            "conf_level": setting.protocol.conf_level,
        }
        why = _refusal(setting, pair, code, reference)
        if not why:
            try:
                fit = cox_by_pattern(
                    in_whole_days(pair.time),
                    pair.event,
                    (pair.group == code).astype(np.int64),
                    np.array([[0.0], [1.0]]),
                    ties=setting.dialect.ties,
                    conf_level=setting.protocol.conf_level,
                )
            except InputError as error:
                why = str(error)
            else:
                rows += [
                    selection.row(name, float(values[0]), format=shown, **common)
                    for name, values, shown in shown_columns(fit)
                ]
        if why:
            rows.append(
                selection.row("hazard_ratio", status="not_estimable", message=why, **common)
            )
    return rows


def _refusal(setting: _Setting, pair: Times, code: int, reference: int) -> str:
    """Return why there is no hazard ratio of two groups, or nothing."""
    levels = setting.selection.levels
    for one in (code, reference):
        own = pair.group == one
        if not own.any():
            return f"There is no patient of {levels[one]}. Join this level with another."
    events = int(pair.event.sum())
    if events < FEWEST_EVENTS:
        return (
            f"Too few events ({events} in both groups; {FEWEST_EVENTS} are needed). Join this "
            "level with another."
        )
    for one in (code, reference):
        if not pair.event[pair.group == one].any():
            return (
                f"There is no event in {levels[one]}, so the hazard ratio has no finite estimate. "
                "Join this level with another, or compare restricted means."
            )
    return ""


def _interaction(
    setting: _Setting, times: Times, codes: NDArray[np.int64], name: str
) -> list[ResultRow]:
    """Return the likelihood-ratio test that the hazard ratio is the same in all levels."""
    selection = setting.selection
    method = (
        "likelihood-ratio test of the interaction of treatment and subgroup in a proportional "
        f"hazards model with both, {setting.dialect.ties.title()} ties"
    )
    common = setting.place | {"subgroup": name, "subgroup_level": "", "method": method}
    try:
        test = _tested(times, codes, setting)
    except InputError as error:
        message = str(error)
        if isinstance(error, NoFiniteEstimateError):
            message = (
                "A group has no event in one of the levels, so the interaction has no finite "
                "estimate. Join levels."
            )
        return [
            selection.row("interaction_p_value", status="not_estimable", message=message, **common)
        ]
    return [
        selection.row("interaction_statistic", test.statistic, format="statistic", **common),
        selection.row("interaction_df", float(test.df), format="integer", **common),
        selection.row("interaction_p_value", test.p_value, format="p_value", **common),
    ]


def _tested(times: Times, codes: NDArray[np.int64], setting: _Setting) -> TestResult:
    reference = setting.selection.levels.index(setting.reference)
    groups = [int(code) for code in np.unique(times.group) if code != reference]
    present = np.flatnonzero(np.bincount(codes))
    if len(present) < 2 or not groups:
        raise InputError("Patients are in one level or one group only, so nothing interacts.")
    cells = np.bincount(codes * len(setting.selection.levels) + times.group)
    if np.count_nonzero(cells) < len(present) * (len(groups) + 1):
        raise InputError("A level has patients of one group only. Join levels.")
    # Each arm in each level is a pattern of indicators and their products.
    arm, level = np.divmod(
        np.arange(len(setting.selection.levels) * (codes.max() + 1)), codes.max() + 1
    )
    arms = [(arm == code).astype(np.float64) for code in groups]
    levels = [(level == code).astype(np.float64) for code in present[1:]]
    products = [one * other for one in arms for other in levels]
    time, pattern = in_whole_days(times.time), times.group * (codes.max() + 1) + codes
    smaller, larger = (
        cox_by_pattern(
            time, times.event, pattern, np.column_stack(columns), ties=setting.dialect.ties
        )
        for columns in ([*arms, *levels], [*arms, *levels, *products])
    )
    return gained(larger.loglik - smaller.loglik, len(products))
