"""Compare Hepatica's designs with the pinned answers of R, number by number.

The test runs `comparisons`; ``python validation/design-proportions/agreement.py`` prints the table
of README.md: cases and the largest relative difference of each quantity.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hepatica.stats import design as hd
from hepatica.stats.design import dose_finding as hf
from hepatica.stats.design import fisher_exact

PINNED = Path(__file__).with_name("reference.json")
WHOLE = 0.0
CLOSED = 1e-10
NEWTON = 1e-8
#: R's own answer is no nearer: a limit printed with four decimals, or an integral with a tolerance.
PRINTED = 1.01e-4
INTEGRATE = 1e-4

#: What is compared, R's answer, ours, and the bound of the relative difference.
Comparison = tuple[str, np.ndarray, np.ndarray, float]


def pinned() -> dict[str, Any]:
    """Return R's answers and what they belong to."""
    return json.loads(PINNED.read_text(encoding="utf-8"))


def numbers(values: object) -> np.ndarray:
    """Return an array in which R's NA is NaN."""
    return np.array(values, dtype=np.float64)


def largest_difference(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Return the largest difference relative to R's value (to 0.001 for smaller values)."""
    if theirs.shape != ours.shape or (np.isnan(theirs) != np.isnan(ours)).any():
        return np.inf
    known = ~np.isnan(theirs)
    if not known.any():
        return 0.0
    gap = np.abs(ours[known] - theirs[known]) / np.maximum(np.abs(theirs[known]), 1e-3)
    return float(gap.max())


def comparisons(answers: dict[str, Any]) -> Iterator[Comparison]:
    """Yield everything that is compared."""
    for part in (_one, _simon, _two_stage, _two, _exact, _margin, _precision, _watched, _bop2,
                 _toxicity, _fleming, _boin, _crm):  # fmt: skip
        for name, theirs, ours, bound in part(answers):
            yield name, numbers(theirs), numbers(ours), bound


def _asked(case: dict[str, Any]) -> dict[str, float]:
    return {name: case[name] for name in ("null", "alternative", "alpha", "power")}


def _one(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["one_proportion"]:
        found = hd.one_proportion_exact(**_asked(case))
        yield "A'Hern: n and events", [case["n"], case["events"]], [found.n, found.events], WHOLE
        theirs = [case["type_1_error"], 1.0 - case["type_2_error"]]
        yield "A'Hern: errors", theirs, [found.type_1_error, found.power], CLOSED
        lasting = hd.one_proportion_exact(**_asked(case), lasting=True)
        yield "exact: n from which power lasts", case["lasting"], lasting.n, WHOLE
        normal = hd.one_proportion_normal(**_asked(case)).n_formula
        yield "one proportion, normal", case["normal"], normal, CLOSED


def _simon(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["simon"]:
        # One design that is both stands twice in clinfun's table.
        theirs = [row for at, row in enumerate(case["admissible"]) if row not in
                  case["admissible"][:at]]  # fmt: skip
        found = hd.simon(**_asked(case)).admissible
        ours = [(d.futility_first, d.n_first, d.futility, d.n, d.expected_n, d.early_stop,
                 d.weight_lower, d.weight_upper) for d in found]  # fmt: skip
        theirs_table, ours_table = numbers(theirs), numbers(ours)
        yield "Simon: r1/n1, r/n", theirs_table[:, :4], ours_table[:, :4], WHOLE
        yield "Simon: EN and PET", theirs_table[:, 4:6], ours_table[:, 4:6], CLOSED
        # clinfun rounds the weights to three decimals.
        yield "Simon: weights", theirs_table[:, 6:], ours_table[:, 6:].round(3), NEWTON


def _two_stage(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["two_stage"]:
        design = tuple(case["design"])
        found = [hd.two_stage_inference(x, design, null=case["null"]) for x in case["events"]]
        clinfun = numbers(case["clinfun"])
        yield "two stages: estimate", clinfun[:, 0], [one.estimate for one in found], CLOSED
        yield "two stages: p-value", clinfun[:, 1], [one.p_value for one in found], CLOSED
        yield (
            "two stages: p-value, sums in R",
            case["p_value"],
            [one.p_value for one in found],
            CLOSED,
        )
        yield "two stages: lower limit", case["lower"], [one.lower for one in found], NEWTON
        yield "two stages: upper limit", case["upper"], [one.upper for one in found], NEWTON
        yield (
            "two stages: median estimate",
            case["median"],
            [one.estimate_median for one in found],
            NEWTON,
        )
        met = hd.two_stage_properties(*design, case["rates"]).reject
        yield "two stages: power at eleven rates", case["reject"], met, CLOSED


def _two(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["two_proportions"]:
        asked = {name: case[name] for name in ("control", "treatment", "alpha", "power", "sides")}
        for share, theirs in zip(case["allocation"], case["pooled"], strict=True):
            ours = hd.two_proportions(**asked, allocation=share).n_control_formula
            yield "two proportions, pooled", theirs, ours, CLOSED
        found = hd.two_proportions(**asked).n_control_formula
        yield "two proportions, power.prop.test", case["pooled_base"], found, NEWTON
        arcsine = hd.two_proportions(**asked, method="arcsine").n_control_formula
        # pwr finds its size by uniroot with the default tolerance.
        yield "two proportions, arcsine", case["arcsine"], arcsine, INTEGRATE
    for case in answers["casagrande"]:
        asked = {name: case[name] for name in ("control", "treatment", "allocation")}
        ours = hd.two_proportions(**asked, method="continuity")
        yield "two proportions, continuity", case["cps"], [ours.n_control, ours.n_treatment], WHOLE


def _exact(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["fisher"]:
        found = hd.fisher_power(
            case["n_control"],
            case["n_treatment"],
            control=case["control"],
            treatment=case["treatment"],
            sides=2 if case["alternative"] == "two.sided" else 1,
        )
        theirs = [case["power"], case["type_1_error"]]
        yield "Fisher: power of fisher.test", theirs, [found.power, found.type_1_error], CLOSED

    for case in answers["casagrande"]:
        # clinfun's two-sided test rejects in either tail of alpha / 2, and counts the far one.
        rates = {"control": case["control"], "treatment": case["treatment"]}
        near = hd.fisher_power(*case["fisher"], **rates, alpha=0.025, sides=1).power
        arms = tuple(case["fisher"])
        lower = fisher_exact._rejects(arms, 0.025, 1, higher=False)
        far = fisher_exact._probability(lower, arms, tuple(rates.values()))
        yield "Fisher: power of clinfun", case["fisher_power"], near + far, CLOSED


def _margin(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["noninferiority"]:
        asked = {name: case[name] for name in ("control", "treatment", "margin", "allocation")}
        ours = hd.noninferiority_proportions(**asked).n_control_formula
        yield "non-inferiority, Farrington-Manning", case["n_control"], ours, CLOSED


def _precision(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["precision"]:
        found = hd.precision_of_proportion(
            case["rate"], case["half_width"], conf_level=case["level"], method=case["method"]
        )
        yield "precision: n", case["n"], found.n, WHOLE
        yield "precision: half-width", case["reached"], found.half_width, CLOSED


def _watched(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["posterior"]:
        found = hd.posterior_monitoring(
            case["null"],
            case["alternative"],
            case["looks"],
            futility_threshold=case["futility_threshold"],
            efficacy_threshold=case["efficacy_threshold"],
            final_threshold=case["final_threshold"],
            prior=tuple(case["prior"]),
        )
        theirs = [case["futility"], case["efficacy"]]
        yield "posterior: bounds", theirs, [found.futility, found.efficacy], WHOLE
        names = ("type_1_error", "power", "expected_n", "expected_n_alternative")
        ours = [getattr(found, name) for name in names]
        yield "posterior: properties", [case[name] for name in names], ours, CLOSED
    for case in answers["predictive"]:
        prior, n = tuple(case["prior"]), case["n"]
        found = hd.predictive_monitoring(
            case["null"],
            (1.0 + case["null"]) / 2.0,
            range(1, n + 1),
            futility_threshold=case["futility_threshold"],
            final_threshold=case["final_threshold"],
            prior=prior,
        )
        # ph2bayes lists the first look at which each count is a stop, from zero events on.
        rises = np.flatnonzero(np.diff(found.futility, prepend=-1))
        ours = np.column_stack([found.looks[rises], found.futility[rises]])[:-1]
        theirs = numbers([row for row in case["bound"] if row[1] is not None])
        yield "predictive: bounds", theirs[: len(ours)], ours, WHOLE
        for at, values in zip(case["at"], case["predictive"], strict=True):
            met = hd.monitoring_probabilities(
                at, n, null=case["null"], final_threshold=case["final_threshold"], prior=prior
            )
            yield "predictive: probability", values, met.predictive, CLOSED


def _bop2(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["bop2"]:
        found = hd.bop2(case["null"], case["alternative"], case["looks"], alpha=case["alpha"])
        yield "BOP2: bounds", case["futility"], found.futility, WHOLE
        names = ("type_1_error", "power", "expected_n", "expected_n_alternative")
        ours = [getattr(found, name) for name in names]
        yield "BOP2: properties", [case[name] for name in names], ours, CLOSED


def _toxicity(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["toxicity"]:
        asked = {name: case[name] for name in ("null", "alternative", "looks", "alpha")}
        found = hd.toxicity_boundary(**asked)
        yield "toxicity: bounds", case["boundary"], found.boundary, WHOLE
        crossing = numbers(case["crossing"])[:, 1]
        yield "toxicity: crossing", crossing, [found.type_1_error, found.power], CLOSED


def _fleming(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["fleming"]:
        found = hd.fleming(case["null"], case["alternative"], case["looks"], alpha=case["alpha"])
        bounds = [found.futility, found.efficacy]
        yield "Fleming: bounds", [case["futility"], case["efficacy"]], bounds, WHOLE
        names = ("type_1_error", "power", "expected_n", "expected_n_alternative")
        ours = [getattr(found, name) for name in names]
        yield "Fleming: properties", [case[name] for name in names], ours, CLOSED
    for case in answers["selection"]:
        asked = {name: case[name] for name in ("others", "best", "arms")}
        ours = hd.selection_power(case["n"], **asked).power_untied
        yield "selection: best without a tie", case["untied"], ours, CLOSED


def _boin(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["boin"]:
        n = len(case["escalate"])
        found = hf.boin_boundaries(case["target"], n)
        theirs = [case["escalate_rate"], case["de_escalate_rate"]]
        yield "BOIN: rates", theirs, [found.escalate_rate, found.de_escalate_rate], CLOSED
        yield "BOIN: escalate", case["escalate"], found.escalate, WHOLE
        known = numbers(case["de_escalate"])
        never = np.where(found.de_escalate > found.patients, np.nan, found.de_escalate)
        yield "BOIN: de-escalate", known, never, WHOLE
        out = np.where(found.eliminate > found.patients, np.nan, found.eliminate)
        yield "BOIN: eliminate", case["eliminate"], out, WHOLE
    for case in answers["boin_selection"]:
        dose = hf.boin_selection(case["patients"], case["toxicities"], case["target"]).dose
        # BOIN counts from 1 and says 99 for none.
        theirs = -1 if case["dose"] == 99 else case["dose"] - 1
        yield "BOIN: dose of a finished trial", theirs, dose, WHOLE


def _crm(answers: dict[str, Any]) -> Iterator[tuple[str, Any, Any, float]]:
    for case in answers["crm"]:
        found = hf.crm(case["skeleton"], case["patients"], case["toxicities"], case["target"])
        yield "CRM: estimate, integrate", case["mean"], found.estimate, CLOSED
        yield "CRM: deviation, integrate", case["sd"], found.std_error, NEWTON
        yield "CRM: estimate, dfcrm", case["dfcrm"], found.estimate, INTEGRATE
        yield "CRM: rates, dfcrm", case["dfcrm_rates"], found.rates, INTEGRATE
        yield "CRM: dose", case["dose"], found.dose + 1, WHOLE
    for case in answers["crm_prior"]:
        found = hf.crm_skeleton(case["target"], case["half_width"], case["prior_dose"], 5)
        yield "CRM: skeleton", case["skeleton"], found.skeleton, CLOSED


def main() -> None:
    """Print the table of README.md."""
    found: dict[str, tuple[int, float]] = {}
    for name, theirs, ours, bound in comparisons(pinned()):
        cases, largest = found.get(name, (0, 0.0))
        gap = largest_difference(theirs, ours)
        found[name] = (cases + 1, max(largest, gap))
        if gap > bound:
            print("BEYOND", name, theirs.tolist(), ours.tolist(), gap)
    print("| quantity | cases | largest difference |\n|---|---|---|")
    for name, (cases, largest) in found.items():
        print(f"| {name} | {cases} | {'none' if largest == 0.0 else f'{largest:.1e}'} |")


if __name__ == "__main__":
    main()
