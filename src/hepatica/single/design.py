"""What all design commands share: errors, time in the trial, power for figures, and files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.errors import CommandError
from hepatica.present.design_answer import (
    DesignAnswer,
    Value,
    answer_document,
    answer_figure,
)
from hepatica.present.figures.design_power import PowerCurve, PowerSpec
from hepatica.present.figures.furniture import Plate
from hepatica.present.plan import document_html
from hepatica.stats.design import FollowUp, follow_up
from hepatica.study.outputs import MARK, refuse_foreign, write_outputs
from hepatica.study.provenance import digest, json_bytes

DATA_FILE = "design.json"
PAGE_FILE = "design.html"
_PLANNED = ("alpha", "power_target", "sides")
#: A figure of power ends at this multiple of the largest size in it.
_BEYOND = 1.6
_MOST_POINTS = 400
_MOST_OTHERS = 5


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Significance level, power and sides of a test."""

    alpha: float = 0.05
    power: float = 0.8
    sides: int = 2

    def options(self) -> dict[str, Any]:
        """Return them as designs take them."""
        return {"alpha": self.alpha, "power": self.power, "sides": self.sides}


@dataclass(frozen=True, slots=True)
class TimeOfTrial:
    """Accrual, follow-up and loss, all in one unit.

    Attributes
    ----------
    accrual, follow_up : float
        Time of enrolment, and from the last patient to the analysis.
    dropout, dropout_at : float
        Share lost by a time.
    ramp : tuple of (float, float)
        Starts and relative speeds of accrual; empty when it is even.
    """

    accrual: float
    follow_up: float
    dropout: float = 0.0
    dropout_at: float = 12.0
    ramp: tuple[tuple[float, float], ...] = ()

    def plan(self) -> FollowUp:
        """Return accrual, follow-up and loss as designs take them."""
        starts, speeds = [one for one, _ in self.ramp], [one for _, one in self.ramp]
        lost = (self.dropout, self.dropout_at) if self.dropout else None
        return follow_up(
            self.accrual, self.follow_up, ramp=(starts, speeds) if self.ramp else None, dropout=lost
        )

    def asked(self) -> dict[str, Value]:
        """Return the times that were given."""
        found: dict[str, Value] = {"accrual": self.accrual, "follow_up": self.follow_up}
        if self.dropout:
            found |= {"dropout": self.dropout, "dropout_at": self.dropout_at}
        if self.ramp:
            found["ramp"] = ", ".join(f"{start:g}:{speed:g}" for start, speed in self.ramp)
        return found


def values(design: object, *without: str) -> dict[str, Value]:
    """Return the single numbers and words of a design, in its order, without some."""
    return {
        name: _told(value.item() if isinstance(value, np.generic) else value)
        for name, value in asdict(design).items()  # type: ignore[call-overload]
        if name not in without and isinstance(value, int | float | str | np.generic)
    }


def _told(value: float | str) -> Value:
    """Return a value; one that is not finite is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def label(value: float) -> str:
    """Return an alternative as the name of its curve.

    Examples
    --------
    >>> label(0.8), label(0.8000001)
    ('0.8', '0.8000001')
    """
    return f"{value:.10g}"


def power_figure(
    title: str,
    curves: Mapping[str, int],
    powers: Callable[[str, np.ndarray[Any, Any]], Iterable[float]],
    target: float,
    *,
    counted: str = "Patients",
    note: str = "",
) -> PowerSpec:
    """Return a figure of power for alternatives.

    Parameters
    ----------
    title : str
        Title of the figure.
    curves : mapping of str to int
        Size needed by the name of the alternative, the planned one first.
    powers : callable
        Returns power of an alternative, by its name, at sizes.
    target : float
        Power that is wanted.
    counted, note : str
        What sizes count, and how power was computed.
    """
    if len(curves) > 1 + _MOST_OTHERS:
        raise CommandError(f"--also takes at most {_MOST_OTHERS} further alternatives.")
    # A curve of a tiny effect would squeeze the others against the axis: the plan decides.
    planned = next(iter(curves.values()))
    last = max(10, int(_BEYOND * min(max(curves.values()), 4 * planned)))
    step = max(1, last // _MOST_POINTS)
    grid = np.arange(step, last + 1, step)
    drawn = []
    for name, needed in curves.items():
        sizes = np.union1d(grid, [needed]) if needed <= last else grid
        power = tuple(float(one) for one in powers(name, sizes))
        drawn.append(PowerCurve(name, tuple(float(n) for n in sizes), power, needed))
    plate = Plate(id="power", title=title, study="")
    return PowerSpec(plate=plate, curves=tuple(drawn), target=target, counted=counted, note=note)


def answer_record(answer: DesignAnswer) -> dict[str, object]:
    """Return what was asked and found as JSON holds it."""
    return {
        "design": answer.id,
        "title": answer.title,
        "asked": dict(answer.asked),
        "found": dict(answer.found),
        "rows": [dict(row) for row in answer.rows],
        "notes": list(answer.notes),
        "sources": list(answer.sources),
    }


def write_answer(answer: DesignAnswer, out: Path) -> None:
    """Write a design as numbers, as a page, and as a figure in two widths.

    Parameters
    ----------
    answer : DesignAnswer
        What was asked and found.
    out : Path
        Folder to write into.

    Raises
    ------
    OutputError
        If the folder holds other files.
    """
    refuse_foreign(out)
    figure = answer_figure(answer)
    files = {
        DATA_FILE: json_bytes(answer_record(answer)),
        PAGE_FILE: document_html(answer_document(answer, figure)).encode(),
    }
    if figure is not None:
        for drawing in (figure.wide, figure.narrow):
            if drawing is not None:
                name = f"figures/{drawing.id}-{drawing.width_mm:g}mm"
                files |= {f"{name}.svg": drawing.svg.encode(), f"{name}.png": drawing.png}
    outputs = {name: digest(content) for name, content in sorted(files.items())}
    write_outputs(out, {**files, MARK: json_bytes({"design": answer.id, "outputs": outputs})})
