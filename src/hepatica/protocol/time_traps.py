"""Planned analyses of what is known only some time after the start.

Who is grouped by such a thing was alive until then, and a comparison from the start makes that time
an advantage of the group (immortal time). Each kind here counts time so that it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, create_model

from hepatica.protocol.base import Column, Frozen, Id, Span, Text, TimePoint
from hepatica.protocol.planned import PlannedAnalysis

_Percent = Annotated[float, Field(gt=0, le=100)]


class LaterValue(Frozen):
    """Where a sheet holds a later measurement: the columns of the value and of its study day."""

    column: Column
    day: Column | None = None


class StudyDay(Frozen):
    """Something that starts on a study day: what it is called, and the column of the day.

    Patients in whom it never happens have no day.
    """

    label: Text
    day: Column


class Adjusted(PlannedAnalysis):
    """An analysis with a model that may hold covariates.

    Attributes
    ----------
    covariates : tuple of str
        ``arm``, or ids of variables, biomarkers and cut-points that the model is adjusted for.
    references : dict
        The category that others are compared with, by id; the first where not given.
    """

    covariates: tuple[Id, ...] = ()
    references: dict[Id, Text] = Field(default_factory=dict)


class EarlyResponseAnalysis(Adjusted):
    """Early decline of a marker as predictor of what happens after a landmark.

    Attributes
    ----------
    marker : str
        Id of the biomarker; its column is the value at baseline.
    value : LaterValue, optional
        The later measurement in a sheet; without it the records of the marker in ADBM are read,
        and the one nearest to `at` counts.
    at, window : Span
        When the marker is measured again, and how much earlier or later is still accepted.
    landmark : Span, optional
        The day from which times are counted: the end of the window, the last day on which a value
        can decide the group. A later one can be given.
    decline_percent : float
        A decline by so much of the value at baseline, or by more, is a response.
    floors : tuple of float
        Sensitivity analyses in patients whose value at baseline is at least this.
    strata : str, optional
        Variable or cut-point in whose categories everything is repeated.
    response : str, optional
        Response endpoint whose values are counted, judged after the landmark only.
    judged : str, optional
        Column of the sheet with the best response after the landmark; without it the assessments
        in ADRS after the landmark are read.
    endpoints : tuple of str
        Times to events that are analysed from the landmark.
    """

    kind: Literal["early_response"]
    marker: Id
    value: LaterValue | None = None
    at: Span
    window: Span | None = None
    landmark: Span | None = None
    decline_percent: _Percent = 25.0
    floors: tuple[Annotated[float, Field(gt=0)], ...] = ()
    strata: Id | None = None
    response: Id | None = None
    judged: Column | None = None
    endpoints: tuple[Id, ...] = ()
    figure: bool = True

    @property
    def from_landmark(self) -> TimePoint:
        """The landmark: as given, else the end of the window."""
        if self.landmark is not None:
            return self.landmark
        if self.window is None:
            return self.at
        days = self.at.days + self.window.days
        units, unit = self.at.text.split()[0], self.at.text.split()[1].rstrip("s")
        if self.window.text.split()[1].rstrip("s") == unit:
            total = float(units) + float(self.window.text.split()[0])
            return TimePoint(text=f"{total:g} {unit}{'' if total == 1 else 's'}", days=days)
        return TimePoint(text=f"{days:g} days", days=days)


class TimeVaryingAnalysis(Adjusted):
    """An exposure that starts during follow-up, as a covariate that changes on that day.

    Attributes
    ----------
    endpoint : str
        Id of a time to an event, counted from the same day as study days.
    exposure : StudyDay
        The exposure; from its day on a patient counts as exposed.
    """

    kind: Literal["time_varying"]
    endpoint: Id
    exposure: StudyDay
    figure: bool = True


if TYPE_CHECKING:
    _FromAnEvent = Adjusted
else:
    # ``from`` is a word of Python, so a class statement cannot have a field of that name.
    _FromAnEvent = create_model(
        "_FromAnEvent", __base__=Adjusted, __module__=__name__, **{"from": (StudyDay, ...)}
    )


class CloneCensorWeightAnalysis(_FromAnEvent):
    """A treatment begun within a grace period after an event, against none within it.

    Attributes
    ----------
    endpoint : str
        Id of a time to an event, counted from the same day as study days.
    from : StudyDay
        The event from which time is counted, for example progression.
    treatment : StudyDay
        The treatment whose start within the grace period is one of the two strategies.
    grace : Span
        The grace period.
    at : tuple of Span
        Times after the event at which survival is compared; restricted means are taken to the last.
    bootstrap : int
        Resamples of patients for the limits.
    truncate_percent : float, optional
        A sensitivity analysis: weights above this percentile are set to it.
    """

    kind: Literal["clone_censor_weight"]
    endpoint: Id
    treatment: StudyDay
    grace: Span
    at: tuple[Span, ...] = Field(min_length=1)
    bootstrap: int = Field(default=300, ge=20, le=10_000)
    truncate_percent: _Percent | None = 99.0
    figure: bool = True

    @property
    def start(self) -> StudyDay:
        """The event from which time is counted."""
        found: Any = getattr(self, "from")
        if not isinstance(found, StudyDay):
            raise TypeError("from holds no study day.")
        return found
