"""Single-arm designs on survival times, as the command line asks for them."""

from __future__ import annotations

import math

from hepatica.present.design_answer import DesignAnswer, Value
from hepatica.single.design import ErrorRates, TimeOfTrial, label, power_figure, values
from hepatica.stats.design import (
    Weibull,
    exponential_from_rate,
    landmark_rate_design,
    landmark_rate_powers,
    one_sample_logrank_design,
    one_sample_logrank_powers,
)

_ERRORS = ("alpha", "power_target", "sides")
_TIMES = ("accrual", "follow_up", "dropout_hazard")
_ONE_TAIL = "With two sides alpha is halved, and only better survival counts as power."


def single_arm_logrank(
    rates: tuple[float, float],
    at: float,
    time: TimeOfTrial,
    errors: ErrorRates,
    *,
    shape: float = 1.0,
    variance: str = "expected",
    also: tuple[float, ...] = (),
) -> DesignAnswer:
    """Return a single-arm trial whose test compares the whole curve with a known one.

    Parameters
    ----------
    rates : tuple of float
        Survival at the time under the null and the alternative.
    at : float
        Time of the rates, in the unit of accrual and follow-up.
    time : TimeOfTrial
        Accrual, follow-up and loss.
    errors : ErrorRates
        Level, power and sides.
    shape : float
        Of the Weibull curves; 1 is exponential.
    variance : {"expected", "wu"}
        Of the test.
    also : tuple of float
        Further alternatives in the figure.
    """
    plan = time.plan()
    options = {**errors.options(), "variance": variance}
    null = exponential_from_rate(rates[0], at, shape=shape)
    curves = {label(one): exponential_from_rate(one, at, shape=shape) for one in (rates[1], *also)}
    designs = {
        name: one_sample_logrank_design(null, curve, plan, **options)
        for name, curve in curves.items()
    }
    kept = {name: value for name, value in options.items() if name != "power"}
    found = designs[label(rates[1])]
    return DesignAnswer(
        id="one-sample-logrank",
        title=f"One-sample log-rank test: {rates[0]:g} against {rates[1]:g} at {at:g}",
        asked={**_rates(rates, at), **options, **time.asked(), "shape": shape},
        found={**values(found, *_ERRORS, *_TIMES, "variance"), **_medians(null, curves)},
        notes=(*_one_tail(errors), _WHOLE_CURVE, *((_LEVEL,) if variance == "expected" else ())),
        sources=(
            "Wu, Pharm Stat 2015;14:26",
            "Finkelstein, Muzikansky and Schoenfeld, J Natl Cancer Inst 2003;95:1434",
        ),
        power=power_figure(
            f"Power of the one-sample log-rank test against {rates[0]:g} at {at:g}",
            {name: one.n for name, one in designs.items()},
            lambda name, n: one_sample_logrank_powers(n, null, curves[name], plan, **kept),
            errors.power,
            note=f"Curves: survival at {at:g} under the alternative.",
        ),
    )


_LEVEL = (
    "With few patients the test with the variance of expected events rejects a true null for "
    "better survival less often than its level says; the variance 'wu' keeps the level."
)
_WHOLE_CURVE = (
    "The size belongs to a test of the whole curve. A test of the rate at the time alone has less "
    "power: see the designs 'landmark' and 'one-proportion'."
)


def landmark(
    rates: tuple[float, float],
    at: float,
    time: TimeOfTrial,
    errors: ErrorRates,
    *,
    scale: str = "log-log",
    shape: float = 1.0,
    also: tuple[float, ...] = (),
) -> DesignAnswer:
    """Return a single-arm trial that tests the Kaplan-Meier rate at a time."""
    plan = time.plan()
    null = exponential_from_rate(rates[0], at, shape=shape)
    curves = {label(one): exponential_from_rate(one, at, shape=shape) for one in (rates[1], *also)}
    designs = {
        name: landmark_rate_design(null, curve, plan, time=at, scale=scale, **errors.options())
        for name, curve in curves.items()
    }
    found = designs[label(rates[1])]
    return DesignAnswer(
        id="landmark",
        title=f"Kaplan–Meier rate at {at:g}: {rates[0]:g} against {rates[1]:g}",
        asked={
            **_rates(rates, at),
            **errors.options(),
            **time.asked(),
            "shape": shape,
            "scale": scale,
        },
        found=values(found, *_ERRORS, "time", "null", "alternative", "scale"),
        notes=_one_tail(errors),
        sources=(
            "Brookmeyer and Crowley, Biometrics 1982;38:29",
            "Borgan and Liestøl, Scand J Stat 1990;17:35",
        ),
        power=power_figure(
            f"Power of a test of the rate at {at:g} against {rates[0]:g}",
            {name: one.n for name, one in designs.items()},
            lambda name, n: landmark_rate_powers(
                n, null, curves[name], plan, time=at, scale=scale,
                alpha=errors.alpha, sides=errors.sides,
            ),
            errors.power,
            note=f"Greenwood's variance on the scale {scale}.",
        ),
    )  # fmt: skip


def _rates(rates: tuple[float, float], at: float) -> dict[str, Value]:
    return {"null": rates[0], "alternative": rates[1], "at": at}


def _medians(null: Weibull, curves: dict[str, Weibull]) -> dict[str, Value]:
    planned = next(iter(curves.values()))
    half = math.log(2.0)
    return {
        "median_null": float(null.quantile(half)),
        "median_alternative": float(planned.quantile(half)),
    }


def _one_tail(errors: ErrorRates) -> tuple[str, ...]:
    return (_ONE_TAIL,) if errors.sides == 2 else ()
