"""Designs on proportions, as the command line asks for them."""

from __future__ import annotations

from hepatica.errors import CommandError
from hepatica.present.design_answer import DesignAnswer, Record
from hepatica.present.figures.design_power import PowerSpec
from hepatica.single.design import ErrorRates, label, power_figure, values
from hepatica.stats.design import (
    SimonDesign,
    inflate_for_dropout,
    noninferiority_powers,
    noninferiority_proportions,
    one_proportion_exact,
    one_proportion_normal,
    one_proportion_power,
    precision_of_proportion,
    simon,
    two_proportions,
    two_proportions_powers,
)

_ASKED = ("alpha", "power_target", "sides", "null", "alternative")
_SIMON = ("alpha", "power_target", "null", "alternative")
_SAWTOOTH = (
    "Exact power is a sawtooth: a larger trial can have less of it, because its critical number of "
    "events is a whole number."
)
_ONE_TAIL = "With two sides alpha is halved, and only the upper tail counts as power."


def one_proportion(
    null: float,
    alternative: float,
    errors: ErrorRates,
    *,
    method: str = "exact",
    also: tuple[float, ...] = (),
) -> DesignAnswer:
    """Return a single-arm trial with one proportion.

    Parameters
    ----------
    null, alternative : float
        Rates.
    errors : ErrorRates
        Level, power and sides.
    method : {"exact", "normal", "continuity"}
        Exact binomial test (A'Hern), or the normal approximation.
    also : tuple of float
        Further alternatives in the figure.
    """
    title = f"One proportion: {null:g} against {alternative:g}"
    options = errors.options()
    if method == "exact":
        exact = one_proportion_exact(null, alternative, **options)
        lasting = one_proportion_exact(null, alternative, **options, lasting=True)
        found = {**values(exact, *_ASKED, "lasting"), "n_from_which_power_lasts": lasting.n}
        sources: tuple[str, ...] = ("A'Hern, Stat Med 2001;20:859",)
    else:
        normal = one_proportion_normal(null, alternative, **options, continuity=method != "normal")
        found = values(normal, *_ASKED, "continuity")
        sources = ("Fleming, Biometrics 1982;38:143",)
    return DesignAnswer(
        id="one-proportion",
        title=title,
        asked={"null": null, "alternative": alternative, **options, "method": method},
        found=found,
        notes=(_SAWTOOTH, *((_ONE_TAIL,) if errors.sides == 2 else ())),
        sources=sources,
        power=_sawtooth(null, (alternative, *also), errors),
    )


def _sawtooth(null: float, alternatives: tuple[float, ...], errors: ErrorRates) -> PowerSpec:
    rates = {label(one): one for one in alternatives}
    options = errors.options()
    return power_figure(
        f"Exact power of a test of the rate {null:g}",
        {name: one_proportion_exact(null, rate, **options).n for name, rate in rates.items()},
        lambda name, n: (
            one_proportion_power(n, null, rates[name], alpha=errors.alpha, sides=errors.sides).power
        ),
        errors.power,
        note=f"Exact binomial test against {null:g}; {_SAWTOOTH[0].lower()}{_SAWTOOTH[1:]}",
    )


def simon_designs(null: float, alternative: float, alpha: float, power: float) -> DesignAnswer:
    """Return Simon's minimax and optimal two-stage designs, and those between."""
    found = simon(null, alternative, alpha=alpha, power=power)

    def row(design: SimonDesign) -> Record:
        kinds = [
            name
            for name, one in (("minimax", found.minimax), ("optimal", found.optimal))
            if one == design
        ]
        return {"design": " and ".join(kinds) or "admissible", **values(design, *_SIMON)}

    return DesignAnswer(
        id="simon",
        title=f"Simon's two stages: {null:g} against {alternative:g}",
        asked={"null": null, "alternative": alternative, "alpha": alpha, "power": power},
        rows=tuple(row(one) for one in found.admissible),
        rows_title="Minimax, admissible and optimal designs",
        notes=(
            "Each design is best where the weight of the largest size, against that of the "
            "expected size under the null, lies between its two weights.",
        ),
        sources=(
            "Simon, Control Clin Trials 1989;10:1",
            "Jung, Lee, Kim and George, Stat Med 2004;23:561",
        ),
    )


def two_rates(
    control: float,
    treatment: float,
    errors: ErrorRates,
    *,
    allocation: float = 1.0,
    method: str = "pooled",
    also: tuple[float, ...] = (),
) -> DesignAnswer:
    """Return a two-arm trial that compares proportions."""
    options = {"allocation": allocation, "method": method}
    found = two_proportions(control, treatment, **errors.options(), **options)  # type: ignore[arg-type]
    others = {
        label(one): two_proportions(control, one, **errors.options(), **options)  # type: ignore[arg-type]
        for one in (treatment, *also)
    }
    figure = power_figure(
        f"Power to tell a rate from {control:g}",
        {name: one.n_control for name, one in others.items()},
        lambda name, n: two_proportions_powers(
            n, control, others[name].treatment, alpha=errors.alpha, sides=errors.sides, **options  # type: ignore[arg-type]
        ),
        errors.power,
        counted="Patients of the control arm",
        note=f"{allocation:g} treatment patients for each control patient; {method} variance.",
    )  # fmt: skip
    return DesignAnswer(
        id="two-proportions",
        title=f"Two proportions: {control:g} and {treatment:g}",
        asked={"control": control, "treatment": treatment, **errors.options(), **options},  # type: ignore[dict-item]
        found=values(
            found, "alpha", "power_target", "sides", "control", "treatment", "allocation", "method"
        ),
        sources=("Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 2003",),
        power=figure,
    )


def noninferior_rates(
    control: float,
    treatment: float,
    margin: float,
    errors: ErrorRates,
    *,
    allocation: float = 1.0,
    method: str = "farrington-manning",
    higher_is_better: bool = True,
) -> DesignAnswer:
    """Return a two-arm trial that shows that a rate is worse by less than a margin."""
    if errors.sides != 1:
        raise CommandError("Non-inferiority is tested on one side: give alpha of one side.")
    found = noninferiority_proportions(
        control, treatment, margin, alpha=errors.alpha, power=errors.power,
        allocation=allocation, method=method, higher_is_better=higher_is_better,
    )  # fmt: skip
    asked = ("alpha", "power_target", "control", "treatment", "margin", "allocation", "method")
    return DesignAnswer(
        id="noninferiority",
        title=f"Non-inferiority of a rate: {treatment:g} against {control:g}, margin {margin:g}",
        asked={
            "control": control,
            "treatment": treatment,
            "margin": margin,
            "alpha": errors.alpha,
            "power": errors.power,
            "allocation": allocation,
            "method": method,
            "better": "higher rates" if higher_is_better else "lower rates",
        },
        found=values(found, *asked, "higher_is_better"),
        notes=("The test is one-sided.",),
        sources=("Farrington and Manning, Stat Med 1990;9:1447",),
        power=power_figure(
            f"Power to show that a rate of {treatment:g} is not inferior to {control:g}",
            {f"margin {label(margin)}": found.n_control},
            lambda _name, n: noninferiority_powers(
                n,
                control,
                treatment,
                margin,
                alpha=errors.alpha,
                allocation=allocation,
                method=method,
                higher_is_better=higher_is_better,
            ),
            errors.power,
            counted="Patients of the control arm",
            note=f"One-sided level {errors.alpha:g}; {method} variance.",
        ),
    )


def precision(rate: float, half_width: float, conf_level: float, method: str) -> DesignAnswer:
    """Return the size whose limits of a proportion are narrow enough."""
    names = ("rate", "conf_level", "alpha", "method")
    found = precision_of_proportion(rate, half_width, conf_level=conf_level, method=method)
    return DesignAnswer(
        id="precision",
        title=f"A rate of {rate:g} to within {half_width:g}",
        asked={"rate": rate, "half_width": half_width, "conf_level": conf_level, "method": method},
        found={
            **values(found, "lower", "upper", "half_width_asked", *names),
            "lower_limit": found.lower,
            "upper_limit": found.upper,
        },
        notes=("Limits are those expected when the observed rate is the expected one.",),
        sources=("Newcombe, Stat Med 1998;17:857",),
    )


def dropout(n: int, share: float, rounding: str) -> DesignAnswer:
    """Return how many patients are enrolled so that enough are left."""
    found = inflate_for_dropout(n, share, rounding=rounding)
    short = found.expected_evaluable < n
    return DesignAnswer(
        id="dropout",
        title=f"{n} patients and {100 * share:g}% lost",
        asked={"n_evaluable": n, "dropout": share, "rounding": rounding},
        found=values(found, "n_evaluable", "dropout", "rounding"),
        notes=(
            f"Fewer than {n} are expected to be left: round up to keep the size.",
        ) if short else (),
    )  # fmt: skip
