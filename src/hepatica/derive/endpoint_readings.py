"""Endpoints by a further reading: their rules read its datasets in place of the main ones."""

from __future__ import annotations

from hepatica.protocol.endpoints import TimeRule, TimeToEvent
from hepatica.protocol.occurrence import Occurrence
from hepatica.protocol.reading import dataset_of_reading


def as_read(endpoint: TimeToEvent) -> TimeToEvent:
    """Return the endpoint with the datasets of its reading; the same where it has none.

    Parameters
    ----------
    endpoint : TimeToEvent
        ``reading`` names the reading.
    """
    reading = endpoint.reading
    if reading is None:
        return endpoint

    def occurrence(one: Occurrence | None) -> Occurrence | None:
        if one is None:
            return None
        return one.model_copy(update={"dataset": dataset_of_reading(one.dataset, reading)})

    def rule(one: TimeRule) -> TimeRule:
        dataset = None if one.dataset is None else dataset_of_reading(one.dataset, reading)
        return one.model_copy(update={"dataset": dataset, "before": occurrence(one.before)})

    origin = endpoint.origin.model_copy(update={"first": occurrence(endpoint.origin.first)})
    return endpoint.model_copy(
        update={
            "origin": origin,
            "events": tuple(rule(one) for one in endpoint.events),
            "censoring": tuple(rule(one) for one in endpoint.censoring),
        }
    )
