"""An endpoint counted from a landmark: the day on which later groups are known."""

from __future__ import annotations

from hepatica.protocol.base import TimePoint
from hepatica.protocol.endpoints import TimeOrigin, TimeToEvent


def from_landmark(endpoint: TimeToEvent, landmark: TimePoint | None) -> TimeToEvent:
    """Return the endpoint with the landmark as its origin; without one as it is.

    A historical rate is counted from the origin of the study, so that nothing is compared with it.

    Examples
    --------
    >>> from hepatica.protocol.endpoints import TimeRule
    >>> os = TimeToEvent(id="os", label="Overall survival", parameter="OS",
    ...                  origin=TimeOrigin(label="first dose", variable="TRTSDT"),
    ...                  events=(TimeRule(id="d", sentence="Death.", description="Death"),))
    >>> from_landmark(os, TimePoint(text="4 weeks", days=28.0)).origin.label
    '4 weeks after first dose'
    """
    if landmark is None:
        return endpoint
    origin = TimeOrigin(
        label=f"{landmark.text} after {endpoint.origin.label}", variable=endpoint.origin.variable
    )
    return endpoint.model_copy(update={"origin": origin, "historical": None})
