"""Two-arm designs on survival times, as the command line asks for them."""

from __future__ import annotations

from collections.abc import Iterable

from hepatica.errors import CommandError
from hepatica.present.design_answer import DesignAnswer, Value
from hepatica.present.figures.design_power import PowerSpec
from hepatica.single.design import ErrorRates, TimeOfTrial, label, power_figure, values
from hepatica.stats.design import (
    LakatosDesign,
    Steps,
    TwoArmLogRankDesign,
    exponential_from_rate,
    lakatos_design,
    logrank_events,
    power_by_size,
    steps,
    two_arm_logrank_design,
)

#: Starts and monthly hazards.
Hazards = tuple[tuple[float, float], ...]
_TIMES = ("accrual", "follow_up", "dropout_hazard")
_ERRORS = ("alpha", "power_target", "sides")


def two_arms(
    hazard_ratio: float,
    median: float,
    time: TimeOfTrial,
    errors: ErrorRates,
    *,
    allocation: float = 1.0,
    margin: float = 1.0,
    method: str = "schoenfeld",
    also: tuple[float, ...] = (),
) -> DesignAnswer:
    """Return a two-arm trial with a log-rank test under proportional hazards.

    Parameters
    ----------
    hazard_ratio : float
        Treatment against control.
    median : float
        Median survival of the control arm, exponential.
    time : TimeOfTrial
        Accrual, follow-up and loss, in the unit of the median.
    errors : ErrorRates
        Level, power and sides.
    allocation, margin : float
        Treatment patients for each control patient; above 1 a margin of non-inferiority.
    method : {"schoenfeld", "freedman"}
        Formula of the events.
    also : tuple of float
        Further hazard ratios in the figure.
    """
    control, plan = exponential_from_rate(0.5, median), time.plan()

    def planned(ratio: float) -> TwoArmLogRankDesign:
        needed = logrank_events(
            ratio, allocation=allocation, margin=margin, method=method, **errors.options()
        )
        return two_arm_logrank_design(control, needed, plan)

    designs = {label(one): planned(one) for one in (hazard_ratio, *also)}
    found = designs[label(hazard_ratio)]
    asked: dict[str, Value] = {
        "hazard_ratio": hazard_ratio,
        "median_control": median,
        "margin": margin,
        **errors.options(),
        **time.asked(),
        "allocation": allocation,
        "method": method,
    }
    number = values(found, "alpha", "power", *_TIMES)
    return DesignAnswer(
        id="two-arm",
        title=f"Two-arm log-rank test: hazard ratio {hazard_ratio:g}",
        asked=asked,
        found={
            "events": found.events.events,
            "events_formula": found.events.events_formula,
            **number,
            "power": found.power,
            "events_expected": found.n * found.event_probability,
        },
        notes=(
            "Power is that of the events; patients are enrolled so that so many are expected by "
            "the analysis.",
        ),
        sources=(
            "Schoenfeld, Biometrics 1983;39:499",
            "Freedman, Stat Med 1982;1:121",
            "Lachin and Foulkes, Biometrics 1986;42:507",
        ),
        power=_by_size(
            f"Power of the log-rank test, control median {median:g}", designs, errors,
            f"Curves: hazard ratios; {method} formula.",
        ),
    )  # fmt: skip


def unequal_hazards(
    control: Hazards,
    treatment: Hazards,
    time: TimeOfTrial,
    errors: ErrorRates,
    *,
    allocation: float = 1.0,
    weights: tuple[float, float] = (0.0, 0.0),
) -> DesignAnswer:
    """Return a two-arm trial with a log-rank test under any two hazards in steps.

    Parameters
    ----------
    control, treatment : tuple of (float, float)
        Starts and hazards.
    time : TimeOfTrial
        Accrual, follow-up and loss, in the unit of the hazards.
    errors : ErrorRates
        Level, power and sides.
    allocation : float
        Treatment patients for each control patient.
    weights : tuple of float
        Rho and gamma of Fleming and Harrington.
    """
    found = lakatos_design(
        _curve(control),
        _curve(treatment),
        time.plan(),
        allocation=allocation,
        weights=weights,
        **errors.options(),
    )
    asked: dict[str, Value] = {
        "hazards_control": _steps_text(control),
        "hazards_treatment": _steps_text(treatment),
        **errors.options(),
        **time.asked(),
        "allocation": allocation,
        "rho": weights[0],
        "gamma": weights[1],
    }
    name = f"weights {weights[0]:g}, {weights[1]:g}"
    return DesignAnswer(
        id="unequal-hazards",
        title="Two-arm log-rank test with unequal hazards",
        asked=asked,
        found=values(found, *_ERRORS, "allocation", "rho", "gamma"),
        notes=(
            "The average hazard ratio belongs to this accrual and follow-up: with another length "
            "it is another.",
        ),
        sources=("Lakatos, Biometrics 1988;44:229",),
        power=_by_size(
            "Power of the log-rank test with unequal hazards", {name: found}, errors,
            "Expected statistic over small intervals (Lakatos).",
        ),
    )  # fmt: skip


def _curve(hazards: Hazards) -> Steps:
    return steps([one for one, _ in hazards], [one for _, one in hazards])


def _by_size(
    title: str,
    designs: dict[str, TwoArmLogRankDesign] | dict[str, LakatosDesign],
    errors: ErrorRates,
    note: str,
) -> PowerSpec:
    return power_figure(
        title,
        {name: one.n for name, one in designs.items()},
        lambda name, n: power_by_size(n, designs[name].n_formula, **errors.options()),
        errors.power,
        note=note,
    )


def _steps_text(pieces: Iterable[tuple[float, float]]) -> str:
    return ", ".join(f"{start:g}:{hazard:g}" for start, hazard in pieces)


def pieces(option: str, text: str) -> Hazards:
    """Return starts and values of an option such as ``0:0.1,3:0.05``.

    Parameters
    ----------
    option : str
        Name of the option, for the message.
    text : str
        What was given; one number alone holds from 0 on.

    Raises
    ------
    CommandError
        If it cannot be read.

    Examples
    --------
    >>> pieces("--control", "0:0.1,3:0.05"), pieces("--control", "0.1")
    (((0.0, 0.1), (3.0, 0.05)), ((0.0, 0.1),))
    """
    parts = [one.strip() for one in text.split(",") if one.strip()]
    if len(parts) == 1 and ":" not in parts[0]:
        parts = [f"0:{parts[0]}"]
    try:
        found = tuple(tuple(float(one) for one in part.split(":")) for part in parts)
        if not found or any(len(one) != 2 for one in found):
            raise ValueError
    except ValueError:
        message = (
            f"{option} takes a start and a value, parted by a colon, for each step, such as "
            f"{option} 0:0.1,3:0.05."
        )
        raise CommandError(message) from None
    starts = [one[0] for one in found]
    if starts[0] != 0.0 or sorted(set(starts)) != starts:
        message = f"The starts of {option} must begin with 0 and rise."
        raise CommandError(message)
    return tuple((start, value) for start, value in found)
