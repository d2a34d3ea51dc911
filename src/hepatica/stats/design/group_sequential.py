"""Group-sequential designs: bounds for efficacy and futility at planned looks.

Sources: O'Brien and Fleming, Biometrics 1979;35:549; Pocock, Biometrika 1977;64:191; Wang and
Tsiatis, Biometrics 1987;43:193; Lan and DeMets, Biometrika 1983;70:659; Pampallona, Tsiatis and
Kim, Drug Inf J 2001;35:1113 (spending of the second error).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design._binomial import check_errors
from hepatica.stats.design._stage_densities import Stage, above, below, first_stage, next_stage
from hepatica.stats.design.spending import SPENDING, spent

SHAPES = ("obrien-fleming", "pocock", "wang-tsiatis", "spending")
_PRECISE = 1e-13
_WIDE = 12.0
_MOST_LOOKS = 50


@dataclass(frozen=True, slots=True)
class Futility:
    """Stopping for futility, by spending the second error.

    Attributes
    ----------
    function : str
        Spending function, as for efficacy.
    parameter : float
        Of the function.
    binding : bool
        Whether the trial has to stop; a bound that binds lowers the bounds for efficacy.
    """

    function: str = "obrien-fleming"
    parameter: float = 1.0
    binding: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class GroupSequentialDesign:
    """Bounds and properties of a group-sequential design.

    Attributes
    ----------
    information : ndarray, shape (looks,)
        Share of the information at each look.
    upper : ndarray, shape (looks,)
        Bounds of the statistic for efficacy; also below, with the sign turned, in two-sided tests.
    lower : ndarray, shape (looks,)
        Bounds for futility; minus infinity without any.
    nominal : ndarray, shape (looks,)
        P value at the upper bound, one-sided, or two-sided in two-sided tests.
    alpha_spent, beta_spent : ndarray, shape (looks,)
        Errors spent by each look, in all; beta without futility is 0 before the last.
    stop_null, stop_alternative : ndarray, shape (looks,)
        Probability to stop at each look, for any reason.
    efficacy_alternative : ndarray, shape (looks,)
        Probability to stop for efficacy at each look.
    drift : float
        Mean of the statistic at full information under the alternative.
    inflation : float
        Largest information over that of a fixed design of the same errors.
    expected_null, expected_alternative : float
        Expected information over that of a fixed design.
    alpha, power : float
        As asked.
    sides : int
        1 or 2.
    """

    information: FloatArray
    upper: FloatArray
    lower: FloatArray
    nominal: FloatArray
    alpha_spent: FloatArray
    beta_spent: FloatArray
    stop_null: FloatArray
    stop_alternative: FloatArray
    efficacy_alternative: FloatArray
    drift: float
    inflation: float
    expected_null: float
    expected_alternative: float
    alpha: float
    power: float
    sides: int


def group_sequential(
    looks: int | npt.ArrayLike,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    shape: str = "spending",
    function: str = "obrien-fleming",
    parameter: float = 1.0,
    futility: Futility | None = None,
) -> GroupSequentialDesign:
    """Return bounds at planned looks, with the size that the looks cost.

    Parameters
    ----------
    looks : int or array_like
        Number of evenly spaced looks, or the shares of information, rising to 1.
    alpha, power : float
        Level and power.
    sides : {2, 1}
        Two-sided tests stop in either direction; futility is for one-sided tests.
    shape : {"spending", "obrien-fleming", "pocock", "wang-tsiatis"}
        Bounds by spending of alpha, or in a shape: falling as 1 / sqrt(share), constant, or
        share^(parameter - 1/2).
    function, parameter : optional
        Spending function as `spent` takes it; the parameter also is Wang and Tsiatis' delta.
    futility : Futility, optional
        Stopping for futility.

    Raises
    ------
    InputError
        If the looks or options cannot be used.

    Examples
    --------
    >>> group_sequential(2, shape="pocock").upper.round(3).tolist()
    [2.178, 2.178]
    >>> group_sequential(5, shape="obrien-fleming").upper.round(3).tolist()
    [4.562, 3.226, 2.634, 2.281, 2.04]
    """
    level, wanted = check_errors(alpha, power)
    _checks.check_sides(sides)
    _checks.check_option("shape", shape, SHAPES)
    if futility is not None and sides == 2:
        raise InputError("Futility is for one-sided tests: set sides to 1, and halve alpha.")
    share = _information(looks)
    plan = _Plan(share, level / sides, sides, shape, function, parameter)
    if futility is None:
        upper = _upper(plan, None)
        lower = np.full(len(share), -math.inf)
        drift = _drift(share, upper, sides, wanted)
    else:
        upper, lower, drift = _with_futility(plan, futility, 1.0 - wanted)
    binding = futility is not None and futility.binding
    return _described(plan, (upper, lower), drift, wanted, binding=binding)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    information: FloatArray
    tail: float
    sides: int
    shape: str
    function: str
    parameter: float

    def floor(self, upper: float, lower: float) -> float:
        """Return the lower end of the region in which a trial goes on."""
        return -upper if self.sides == 2 else lower


def _information(looks: int | npt.ArrayLike) -> FloatArray:
    if isinstance(looks, int | np.integer):
        number = _checks.count("looks", looks)
        share = np.arange(1, min(number, _MOST_LOOKS + 1) + 1) / number
    else:
        share = _checks.numbers("looks", looks).astype(np.float64)
    if len(share) > _MOST_LOOKS:
        raise InputError(f"At most {_MOST_LOOKS} looks can be planned.")
    if share[0] <= 0.0 or (np.diff(share) <= 0.0).any() or abs(share[-1] - 1.0) > _PRECISE:
        raise InputError("Shares of information must be above 0, rise, and end with 1.")
    return share


def _upper(plan: _Plan, lower: FloatArray | None) -> FloatArray:
    """Return the bounds for efficacy; a lower bound that binds takes part."""
    floors = np.full(len(plan.information), -math.inf) if lower is None else lower
    if plan.shape == "spending":
        return _spent_bounds(plan, floors)
    power = {"obrien-fleming": -0.5, "pocock": 0.0}.get(plan.shape, plan.parameter - 0.5)
    form = plan.information**power

    def excess(constant: float) -> float:
        return float(_crossing(plan, constant * form, floors, 0.0).sum()) - plan.tail

    constant = brentq(excess, 0.0, _WIDE / form.min(), xtol=_PRECISE, rtol=_PRECISE)
    found: FloatArray = constant * form
    return found


def _spent_bounds(plan: _Plan, floors: FloatArray) -> FloatArray:
    """Return each bound so that the error spent until its look is that of the function."""
    _checks.check_option("function", plan.function, SPENDING)
    budget = np.diff(
        spent(plan.function, plan.tail, plan.information, parameter=plan.parameter), prepend=0.0
    )
    stage = first_stage()
    found = np.empty(len(plan.information))
    for look, (share, part) in enumerate(zip(plan.information, budget, strict=True)):
        found[look] = _bound_above(stage, float(share), float(part), 0.0)
        stage = next_stage(
            stage, plan.floor(found[look], floors[look]), found[look], float(share), 0.0
        )
    return found


def _bound_above(stage: Stage, share: float, part: float, drift: float) -> float:
    """Return the bound above which a trial is at the next look with a probability."""
    if part <= 0.0:
        return math.inf

    def excess(bound: float) -> float:
        return math.log(max(above(stage, bound, share, drift), 1e-300)) - math.log(part)

    if excess(_WIDE) > 0.0:
        return math.inf
    if excess(-_WIDE) < 0.0:
        return -_WIDE
    found: float = brentq(excess, -_WIDE, _WIDE, xtol=_PRECISE, rtol=_PRECISE)
    return found


def _crossing(plan: _Plan, upper: FloatArray, lower: FloatArray, drift: float) -> FloatArray:
    """Return the probability to cross the upper bound at each look, and no bound before."""
    stage = first_stage()
    found = np.empty(len(upper))
    for look, share in enumerate(plan.information):
        found[look] = above(stage, upper[look], float(share), drift)
        stage = next_stage(
            stage, plan.floor(upper[look], lower[look]), upper[look], float(share), drift
        )
    return found


def _falling(plan: _Plan, upper: FloatArray, lower: FloatArray, drift: float) -> FloatArray:
    """Return the probability to cross the lower bound at each look, and no bound before."""
    stage = first_stage()
    found = np.empty(len(upper))
    for look, share in enumerate(plan.information):
        floor = plan.floor(upper[look], lower[look])
        found[look] = below(stage, floor, float(share), drift) if floor > -math.inf else 0.0
        stage = next_stage(stage, floor, upper[look], float(share), drift)
    return found


def _drift(information: FloatArray, upper: FloatArray, sides: int, power: float) -> float:
    plan = _Plan(information, 0.0, sides, "", "", 0.0)
    lower = np.full(len(upper), -math.inf)

    def excess(drift: float) -> float:
        return float(_crossing(plan, upper, lower, drift).sum()) - power

    found: float = brentq(excess, 0.0, 3.0 * _WIDE, xtol=_PRECISE, rtol=_PRECISE)
    return found


def _with_futility(
    plan: _Plan, futility: Futility, beta: float
) -> tuple[FloatArray, FloatArray, float]:
    """Find the drift at which the lower bound meets the upper one at the last look."""
    _checks.check_option("function", futility.function, SPENDING)
    budget = np.diff(
        spent(futility.function, beta, plan.information, parameter=futility.parameter), prepend=0.0
    )
    if futility.binding and plan.shape != "spending":
        raise InputError("Futility that binds needs bounds for efficacy by spending.")
    fixed = None if futility.binding else _upper(plan, None)

    def bounds(drift: float) -> tuple[FloatArray, FloatArray, float]:
        return _both_bounds(plan, budget, drift, fixed)

    def excess(drift: float) -> float:
        return bounds(drift)[2]

    start = -float(ndtri(plan.tail)) - float(ndtri(beta))
    if start <= 0.0 or excess(0.5 * start) * excess(3.0 * start) > 0.0:
        raise InputError(
            "No bounds for futility meet those for efficacy at the last look with these errors. "
            "Ask for a smaller alpha or more power."
        )
    drift = brentq(excess, 0.5 * start, 3.0 * start, xtol=_PRECISE, rtol=_PRECISE)
    upper, lower, _ = bounds(drift)
    lower[-1] = upper[-1]
    return upper, lower, drift


def _both_bounds(
    plan: _Plan, budget: FloatArray, drift: float, fixed: FloatArray | None
) -> tuple[FloatArray, FloatArray, float]:
    """Return both bounds at a drift, and the second error at the last look less its budget."""
    looks = len(plan.information)
    errors = np.diff(
        spent(plan.function, plan.tail, plan.information, parameter=plan.parameter), prepend=0.0
    ) if fixed is None else np.zeros(looks)  # fmt: skip
    upper, lower = np.empty(looks), np.full(looks, -math.inf)
    null = other = first_stage()
    for look, share in enumerate(plan.information):
        at = float(share)
        upper[look] = (
            _bound_above(null, at, float(errors[look]), 0.0) if fixed is None else fixed[look]
        )
        if look == looks - 1:
            return upper, lower, float(budget[look]) - below(other, upper[look], at, drift)
        lower[look] = min(_bound_below(other, at, float(budget[look]), drift), upper[look])
        null = next_stage(null, lower[look], upper[look], at, 0.0)
        other = next_stage(other, lower[look], upper[look], at, drift)
    return upper, lower, 0.0


def _bound_below(stage: Stage, share: float, part: float, drift: float) -> float:
    if part <= 0.0:
        return -math.inf

    def excess(bound: float) -> float:
        return math.log(max(below(stage, bound, share, drift), 1e-300)) - math.log(part)

    if excess(-_WIDE) > 0.0:
        return -math.inf
    if excess(_WIDE) < 0.0:
        return math.inf
    found: float = brentq(excess, -_WIDE, _WIDE, xtol=_PRECISE, rtol=_PRECISE)
    return found


def _described(
    plan: _Plan, bounds: tuple[FloatArray, FloatArray], drift: float, power: float, *, binding: bool
) -> GroupSequentialDesign:
    upper, lower = bounds
    fixed = -float(ndtri(plan.tail)) + float(ndtri(power))
    inflation = (drift / fixed) ** 2
    # The first error of a bound that need not be kept is that of a trial that never stops for it.
    kept = lower if binding else np.full(len(upper), -math.inf)
    alpha = _crossing(plan, upper, kept, 0.0)
    ends = {}
    for name, at in (("null", 0.0), ("alternative", drift)):
        up, down = _crossing(plan, upper, lower, at), _falling(plan, upper, lower, at)
        stop = up + down
        stop[-1] = 1.0 - stop[:-1].sum()
        ends[name] = stop, up, down
    beta = ends["alternative"][2] if plan.sides == 1 else np.zeros(len(upper))
    spent_beta = np.cumsum(beta)
    spent_beta[-1] = 1.0 - float(ends["alternative"][1].sum())
    expected = {
        name: inflation * float((stop * plan.information).sum())
        for name, (stop, _, _) in ends.items()
    }
    return GroupSequentialDesign(
        information=freeze(plan.information.copy()),
        upper=freeze(upper),
        lower=freeze(lower),
        nominal=freeze(plan.sides * ndtr(-upper)),
        alpha_spent=freeze(plan.sides * np.cumsum(alpha)),
        beta_spent=freeze(spent_beta),
        stop_null=freeze(ends["null"][0]),
        stop_alternative=freeze(ends["alternative"][0]),
        efficacy_alternative=freeze(ends["alternative"][1]),
        drift=drift,
        inflation=inflation,
        expected_null=expected["null"],
        expected_alternative=expected["alternative"],
        alpha=plan.tail * plan.sides,
        power=power,
        sides=plan.sides,
    )
