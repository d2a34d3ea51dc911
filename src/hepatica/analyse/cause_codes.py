"""Which cause each event of a time to event belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.analyse.times import Times
from hepatica.errors import AnalysisError
from hepatica.protocol.competing_risks_analysis import Cause
from hepatica.protocol.conditions import condition_columns
from hepatica.protocol.endpoints import TimeToEvent
from hepatica.records.conditions import is_match


def cause_codes(
    selection: Selection, times: Times, endpoint: TimeToEvent, causes: Sequence[Cause]
) -> NDArray[np.int64]:
    """Return the cause of each time: 0 for a censoring, else 1 for the first cause, and so on.

    Parameters
    ----------
    selection : Selection
        Patients, whose ADSL conditions of causes are about.
    times : Times
        Usable times with EVNTDESC.
    endpoint : TimeToEvent
        Names the events.
    causes : sequence of Cause
        The first that an event fits takes it.

    Raises
    ------
    AnalysisError
        If a cause names an event that there is not, or an event fits no cause; the message lists
        the descriptions that no cause has.
    """
    described = _descriptions(times)
    happened = times.event == 1
    _refuse_unknown(described[happened], endpoint, causes)
    code = np.zeros(len(times.time), dtype=np.int64)
    for number, cause in enumerate(causes, start=1):
        fits = happened & (code == 0)
        if cause.events:
            fits &= np.isin(described, cause.events)
        if cause.where is not None:
            fits &= _meets(selection, times, cause)
        code[fits] = number
    left = happened & (code == 0)
    if left.any():
        names = sorted({str(one) or "no description" for one in described[left]})
        raise AnalysisError(
            f"{int(left.sum())} events of {endpoint.parameter} belong to no cause; they are "
            f"described as: {'; '.join(names)}. List each description under one of the causes."
        )
    return code


def _descriptions(times: Times) -> NDArray[np.str_]:
    if "EVNTDESC" not in times.records.columns:
        return np.full(len(times.time), "", dtype=np.str_)
    told = times.records["EVNTDESC"].to_list()
    return np.array([one or "" for one in told], dtype=np.str_)


def _refuse_unknown(told: NDArray[np.str_], endpoint: TimeToEvent, causes: Sequence[Cause]) -> None:
    known = {rule.description for rule in endpoint.events} | {str(one) for one in told}
    unknown = [event for cause in causes for event in cause.events if event not in known]
    if not unknown:
        return
    named = {event for cause in causes for event in cause.events}
    free = sorted(one for one in known if one and one not in named)
    choice = f" Events that no cause has: {'; '.join(free)}." if free else ""
    raise AnalysisError(
        f"No event of {endpoint.parameter} is described as {'; '.join(unknown)}.{choice} Write "
        "them under causes as the description of the endpoint's events has them."
    )


def _meets(selection: Selection, times: Times, cause: Cause) -> NDArray[np.bool_]:
    if cause.where is None:
        return np.ones(len(times.time), dtype=np.bool_)
    members = selection.members
    missing = [name for name in condition_columns(cause.where) if name not in members.columns]
    if missing:
        raise AnalysisError(
            f"ADSL has no {', '.join(missing)}, by which the cause {cause.label} is told. Look at "
            "its where in study.yaml."
        )
    chosen = members.filter(is_match(cause.where, dict(members.schema)))["USUBJID"].to_list()
    found: NDArray[np.bool_] = times.records["USUBJID"].is_in(chosen).to_numpy().astype(np.bool_)
    return found
