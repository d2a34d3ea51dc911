"""Designs with several looks, as the command line asks for them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hepatica.errors import CommandError
from hepatica.present.design_answer import DesignAnswer, Record, Value
from hepatica.present.figures.design_bounds import Bound, BoundsSpec
from hepatica.present.figures.furniture import Plate
from hepatica.present.format import format_p
from hepatica.single.design import ErrorRates, values
from hepatica.stats.design import (
    BayesianMonitoring,
    Bop2Design,
    Futility,
    GroupSequentialDesign,
    bop2,
    group_sequential,
    posterior_monitoring,
    predictive_monitoring,
)

FloatArray = npt.NDArray[np.float64]
_LOOK_SOURCES = (
    "Jennison and Turnbull, Group Sequential Methods, 2000",
    "Lan and DeMets, Biometrika 1983;70:659",
    "Pampallona, Tsiatis and Kim, Drug Inf J 2001;35:1113",
)
_SHAPES = {
    "obrien-fleming": "O'Brien–Fleming",
    "pocock": "Pocock",
    "wang-tsiatis": "Wang–Tsiatis",
    "power": "power of the share",
    "hwang-shih-decani": "Hwang–Shih–DeCani",
}
_SHARED = ("alpha", "null", "alternative")


def looks_of_trial(
    looks: int | tuple[float, ...],
    errors: ErrorRates,
    *,
    bounds: str = "spending",
    function: str = "obrien-fleming",
    parameter: float = 1.0,
    futility: Futility | None = None,
    fixed: float | None = None,
) -> DesignAnswer:
    """Return a group-sequential design.

    Parameters
    ----------
    looks : int or tuple of float
        Number of even looks, or shares of the information up to 1.
    errors : ErrorRates
        Level, power and sides.
    bounds, function, parameter : optional
        As `group_sequential` takes shape, function and parameter.
    futility : Futility, optional
        Stopping for futility.
    fixed : float, optional
        Patients or events of a trial with one analysis, to be multiplied.
    """
    if fixed is not None and not 0.0 < fixed < math.inf:
        raise CommandError(f"--fixed must be above 0; it is {fixed:g}.")
    found = group_sequential(
        looks, shape=bounds, function=function, parameter=parameter, futility=futility,
        **errors.options(),
    )  # fmt: skip
    asked: dict[str, Value] = {
        "looks": len(found.information),
        **errors.options(),
        "bounds": bounds,
        "function": function if bounds == "spending" else None,
        "parameter": parameter,
        "futility_spending": futility.function if futility is not None else None,
        "binding": ("yes" if futility.binding else "no") if futility is not None else None,
        "fixed": fixed,
    }
    return DesignAnswer(
        id="group-sequential",
        title=f"{len(found.information)} looks, bounds by {_words(bounds, function)}",
        asked={name: value for name, value in asked.items() if value is not None},
        found={**values(found, "alpha", "power", "sides"), **_sizes(found, fixed)},
        rows=_looks(found, fixed),
        rows_title="Looks",
        notes=_notes(found, futility),
        sources=_LOOK_SOURCES,
        bounds=_bounds_figure(found),
    )


def _words(bounds: str, function: str) -> str:
    shape = _SHAPES[function if bounds == "spending" else bounds]
    return f"spending, {shape}" if bounds == "spending" else shape


def _sizes(found: GroupSequentialDesign, fixed: float | None) -> dict[str, Value]:
    if fixed is None:
        return {}
    return {
        "largest_size": math.ceil(fixed * found.inflation - 1e-9),
        "expected_size_null": fixed * found.expected_null,
        "expected_size_alternative": fixed * found.expected_alternative,
    }


def _looks(found: GroupSequentialDesign, fixed: float | None) -> tuple[Record, ...]:
    names = (
        "information", "upper", "lower", "nominal", "alpha_spent", "beta_spent", "stop_null",
        "stop_alternative", "efficacy_alternative",
    )  # fmt: skip
    hidden = set()
    if not any(math.isfinite(one) for one in found.lower):
        hidden = {"lower", "beta_spent"}
    rows = []
    for look in range(len(found.information)):
        row: dict[str, Value] = {"look": look + 1}
        for name in names:
            value = float(getattr(found, name)[look])
            if name not in hidden:
                row[name] = value if math.isfinite(value) else None
        if fixed is not None:
            share = float(found.information[look]) * found.inflation
            row["size"] = math.ceil(fixed * share - 1e-9)
        rows.append(row)
    return tuple(rows)


def _notes(found: GroupSequentialDesign, futility: Futility | None) -> tuple[str, ...]:
    notes = ["Sizes are those of a trial with one analysis times the inflation, rounded up."]
    if found.sides == 2:
        notes.append("The bounds hold below 0 with the sign turned, too.")
    if futility is not None and not futility.binding:
        notes.append(
            "The bounds for futility need not be kept: the type I error is that of a trial that "
            "never stops for futility."
        )
    return tuple(notes)


def _bounds_figure(found: GroupSequentialDesign) -> BoundsSpec:
    upper, lower = _finite(found.upper), _finite(found.lower)
    bounds = [Bound("Stop for efficacy", upper, mirrored=found.sides == 2)]
    numbers = [
        ("Bound for efficacy", tuple(_two(one) for one in upper)),
        ("Nominal P", tuple(format_p(float(one)).removeprefix("P ").removeprefix("= ")
                            for one in found.nominal)),
    ]  # fmt: skip
    if any(math.isfinite(one) for one in lower):
        bounds.append(Bound("Stop for futility", lower))
        numbers.insert(1, ("Bound for futility", tuple(_two(one) for one in lower)))
    sides = "one-sided" if found.sides == 1 else "two-sided"
    return BoundsSpec(
        plate=Plate(id="bounds", title="Bounds of the looks", study=""),
        looks=tuple(100.0 * float(one) for one in found.information),
        looks_title="Share of the information (%)",
        title="Standardised statistic",
        bounds=tuple(bounds),
        numbers=tuple(numbers),
        note=f"P values are {sides}. Level {found.alpha:g}, power {found.power:g}.",
    )


def _finite(bounds: FloatArray) -> tuple[float, ...]:
    return tuple(float(one) for one in bounds)


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}") if math.isfinite(value) else "–"


def monitoring(
    rates: tuple[float, float],
    looks: tuple[int, ...],
    *,
    rule: str = "posterior",
    thresholds: tuple[float, float, float] = (0.05, 1.0, 0.95),
    prior: tuple[float, float] = (1.0, 1.0),
) -> DesignAnswer:
    """Return a design watched by posterior or predictive probabilities.

    Parameters
    ----------
    rates : tuple of float
        Null and alternative.
    looks : tuple of int
        Patients at each look.
    rule : {"posterior", "predictive"}
        Which probability stops the trial.
    thresholds : tuple of float
        For futility, for efficacy, and at the end.
    prior : tuple of float
        Events and others.
    """
    plan = posterior_monitoring if rule == "posterior" else predictive_monitoring
    futility, efficacy, final = thresholds
    found = plan(
        *rates, looks, futility_threshold=futility, efficacy_threshold=efficacy,
        final_threshold=final, prior=prior,
    )  # fmt: skip
    asked: dict[str, Value] = {
        "null": rates[0],
        "alternative": rates[1],
        "rule": rule,
        "futility_threshold": futility,
        "efficacy_threshold": efficacy,
        "final_threshold": final,
        "prior_events": prior[0],
        "prior_others": prior[1],
    }
    return DesignAnswer(
        id="monitoring",
        title=f"Monitoring by {rule} probability: {rates[0]:g} against {rates[1]:g}",
        asked=asked,
        found=values(found, *asked, *_SHARED, "method"),
        rows=_counts(found),
        rows_title="Looks",
        notes=("All errors are exact sums over all courses of the trial.",),
        sources=("Thall and Simon, Biometrics 1994;50:337", "Lee and Liu, Clin Trials 2008;5:93"),
        bounds=_counts_figure(found),
    )


def threshold_design(
    rates: tuple[float, float],
    looks: tuple[int, ...],
    *,
    alpha: float = 0.05,
    prior: tuple[float, float] | None = None,
) -> DesignAnswer:
    """Return the BOP2 design with the largest power at a level."""
    found = bop2(*rates, looks, alpha=alpha, prior=prior)
    return DesignAnswer(
        id="bop2",
        title=f"BOP2: {rates[0]:g} against {rates[1]:g}",
        asked={
            "null": rates[0],
            "alternative": rates[1],
            "alpha": alpha,
            "prior_events": found.prior_events,
            "prior_others": found.prior_others,
        },
        found=values(found, *_SHARED, "prior_events", "prior_others"),
        rows=_counts(found),
        rows_title="Looks",
        notes=("Errors are exact; scale and shape are searched on a grid.",),
        sources=("Zhou, Lee and Yuan, Stat Med 2017;36:3302",),
        bounds=_counts_figure(found),
    )


def _counts(found: BayesianMonitoring | Bop2Design) -> tuple[Record, ...]:
    rows = []
    for look, n in enumerate(found.looks):
        stops = int(found.futility[look])
        row: dict[str, Value] = {
            "look": look + 1, "n": int(n), "futility": stops if stops >= 0 else None,
        }  # fmt: skip
        if isinstance(found, BayesianMonitoring):
            wins = int(found.efficacy[look])
            row["efficacy"] = wins if wins <= n else None
        else:
            row["threshold"] = float(found.thresholds[look])
        rows.append(row)
    return tuple(rows)


def _counts_figure(found: BayesianMonitoring | Bop2Design) -> BoundsSpec | None:
    rows = _counts(found)
    bounds = []
    for name, label in (("efficacy", "Stop for efficacy"), ("futility", "Stop for futility")):
        counts = tuple(_count(row.get(name)) for row in rows)
        if any(math.isfinite(one) for one in counts):
            bounds.append((Bound(label, counts), name))
    if not bounds:
        return None
    words = {"efficacy": "Efficacy: so many events or more",
             "futility": "Futility: so many events or fewer"}  # fmt: skip
    return BoundsSpec(
        plate=Plate(id="bounds", title="Bounds of the looks", study=""),
        looks=tuple(float(one) for one in found.looks),
        looks_title="Patients",
        title="Events",
        bounds=tuple(one for one, _ in bounds),
        numbers=tuple(
            (
                words[name],
                tuple(f"{one:.0f}" if math.isfinite(one) else "–" for one in bound.values),
            )
            for bound, name in bounds
        ),
        note=f"Exact type I error {found.type_1_error:.3f}, power {found.power:.3f}.",
    )


def _whole(value: float) -> str:
    return f"{value:.0f}" if math.isfinite(value) else "–"


def _count(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
