"""The protocol as plain values, as a run writes it beside its results."""

from __future__ import annotations

from typing import Any

from hepatica.protocol.model import Protocol


def resolved(protocol: Protocol) -> dict[str, Any]:
    """Return a protocol as a mapping that JSON can hold, with presets and defaults filled in.

    Parameters
    ----------
    protocol : Protocol
        A protocol.

    Returns
    -------
    dict
        Keys as in ``study.yaml``; dates as ISO 8601, times as the protocol words them, conditions
        as mappings. The model reads it back to an equal protocol.

    Examples
    --------
    >>> protocol = Protocol.model_validate({
    ...     "study": {"id": "S-1", "title": "A study", "data_cut_off": "2019-12-18"},
    ...     "data": {"tables": {"ADSL": {"file": "adsl.csv"}}},
    ...     "arms": [{"id": "a", "label": "A"}],
    ...     "analysis_sets": [{"id": "full", "label": "Full analysis set", "flag": "FASFL"}],
    ...     "variables": [{"id": "age", "label": "Age", "column": "AGE", "kind": "measured"}],
    ...     "analyses": [{"id": "b", "kind": "baseline", "set": "full", "variables": ["age"]}],
    ... })
    >>> resolved(protocol)["study"]["data_cut_off"]
    '2019-12-18'
    >>> Protocol.model_validate(resolved(protocol)) == protocol
    True
    """
    return protocol.model_dump(mode="json")
