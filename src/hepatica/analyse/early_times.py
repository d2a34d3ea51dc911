"""Times to events from the landmark by early response, and what they would be without it."""

from __future__ import annotations

from typing import Any

import numpy as np

from hepatica.analyse.comparison_rows import logrank_rows
from hepatica.analyse.curve_rows import at_risk_times, curve_rows, risk_table_rows
from hepatica.analyse.early_groups import NO_RESPONSE, RESPONSE
from hepatica.analyse.landmark import EVENT_BEFORE, FOLLOWED, NO_TIME, after, standing_at
from hepatica.analyse.predictor_rows import hazard_ratio_of
from hepatica.analyse.selection import Selection
from hepatica.analyse.survival_rows import median_rows, number_rows
from hepatica.analyse.times import Times, endpoint_columns
from hepatica.dialect import trial_dialect
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.protocol.landmark import from_landmark
from hepatica.protocol.model import Protocol
from hepatica.protocol.time_traps import EarlyResponseAnalysis
from hepatica.results import ResultRow
from hepatica.stats.survival import kaplan_meier, logrank

#: Why nothing is compared.
NOBODY = "No patient is followed past the landmark. Choose an earlier one."


def time_rows(
    protocol: Protocol,
    selection: Selection,
    times: Times,
    endpoint: TimeToEvent,
    analysis: EarlyResponseAnalysis,
) -> list[ResultRow]:
    """Return who is followed past the landmark, curves, medians, test and hazard ratio.

    Parameters
    ----------
    protocol : Protocol
        Dialect and confidence level.
    selection : Selection
        Patients with and without early response.
    times : Times
        Their usable times from the origin.
    endpoint : TimeToEvent
        What is analysed.
    analysis : EarlyResponseAnalysis
        Its landmark.
    """
    landmark = analysis.from_landmark
    endpoint = from_landmark(endpoint, landmark)
    place = endpoint_columns(endpoint)
    rows = _left_out(selection, times, landmark.days, place)
    left = after(times, landmark.days)
    dialect = trial_dialect(protocol.dialect)
    risk_times = at_risk_times(float(left.time.max())) if len(left.time) else np.zeros(1)
    for code, level in enumerate(selection.levels):
        chosen = left.group == code
        own = place | {"level": level}
        n, events = int(chosen.sum()), int(left.event[chosen].sum())
        rows.append(selection.row("n", float(n), format="integer", **own))
        rows += number_rows(selection, (n, n, events), own)
        if not n:
            message = "No patient of this group is followed past the landmark."
            rows.append(selection.row("median", status="not_estimable", message=message, **own))
            continue
        curve = kaplan_meier(
            left.time[chosen],
            left.event[chosen],
            entry=None if left.entry is None else left.entry[chosen],
            conf_type=dialect.conf_type,
            conf_level=protocol.conf_level,
            median_rule=dialect.median_rule,
        )
        rows += median_rows(selection, curve, dialect, own)
        if not selection.base.subgroup or selection.base.subgroup == "where":
            rows += curve_rows(selection, curve, dialect, own)
            rows += risk_table_rows(selection, curve, risk_times, own)
    return rows + _compared(protocol, selection, left, place)


def _left_out(
    selection: Selection, times: Times, day: float, place: dict[str, Any]
) -> list[ResultRow]:
    """Count who is followed past the landmark and who is not, of those whose group is known."""
    rows = []
    standing = standing_at(times, day)
    for code, level in enumerate(selection.levels):
        own = times.group == code
        counts = {name: int((chosen & own).sum()) for name, chosen in standing.items()}
        counts[NO_TIME] = selection.size(level) - int(own.sum())
        common = place | {"level": level, "variable": "landmark", "format": "integer"}
        rows += [
            selection.row("n", float(n), variable_level=name, **common)
            for name, n in counts.items()
        ]
    return rows


def _compared(
    protocol: Protocol, selection: Selection, left: Times, place: dict[str, Any]
) -> list[ResultRow]:
    test = place | {
        "group": selection.group,
        "variable": "logrank",
        "method": "log-rank test from the landmark, two-sided",
    }
    ratio = ratio_columns(selection, place) | {"variable": "cox"}
    if not len(left.time):
        nobody = test | {"status": "not_estimable", "message": NOBODY}
        none = [selection.row("p_value", **nobody)]
        return none + _hazard_ratio(protocol, selection, left, ratio, "")
    rows = logrank_rows(
        selection, lambda: logrank(left.time, left.event, left.group, entry=left.entry), test
    )
    return rows + _hazard_ratio(protocol, selection, left, ratio, " from the landmark")


def ratio_columns(selection: Selection, place: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a ratio of patients with early response to those without."""
    return place | {
        "level": selection.levels[RESPONSE],
        "reference": selection.levels[NO_RESPONSE],
    }


def _hazard_ratio(
    protocol: Protocol, selection: Selection, times: Times, place: dict[str, Any], said: str
) -> list[ResultRow]:
    response = (times.group == RESPONSE).astype(np.float64)
    if not len(response):
        told = place | {"status": "not_estimable", "message": NOBODY}
        return [selection.row("hazard_ratio", **told)]
    how = (said, trial_dialect(protocol.dialect).ties, protocol.conf_level)
    given = (times.time, times.event, times.entry)
    names = [selection.levels[RESPONSE]]
    return hazard_ratio_of(selection, given, response[:, None], place, how, names)


def naive_rows(
    protocol: Protocol, selection: Selection, times: Times, endpoint: TimeToEvent
) -> list[ResultRow]:
    """Return the hazard ratio that would be shown without the landmark, called biased."""
    place = ratio_columns(selection, endpoint_columns(endpoint)) | {
        "variable": "naive",
        "message": (
            "Biased, shown as a caution: patients had to live until the marker was measured "
            "again, and that time counts here (immortal time)."
        ),
    }
    return _hazard_ratio(protocol, selection, times, place, " from the origin, without landmark")


def kept_at(times: Times, day: float) -> dict[str, str]:
    """Return, by patient, why the time does not go on after a day; nothing where it does."""
    standing = standing_at(times, day)
    names = times.records["USUBJID"].to_list()
    why = np.where(standing[EVENT_BEFORE], EVENT_BEFORE, "censored_before")
    return {
        name: str(reason)
        for name, reason, on in zip(names, why, standing[FOLLOWED], strict=True)
        if not on
    }
