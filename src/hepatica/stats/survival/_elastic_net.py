"""The elastic-net penalty on a partial likelihood: Newton's method with a penalised quadratic.

Each step takes the likelihood as a quadratic, and finds its penalised maximum by coordinate
descent; as soon as descent keeps the same coefficients at 0 and the same signs, their equations
are linear and are solved as such, so that the answer is exact to rounding.

Sources: Simon, Friedman, Hastie and Tibshirani, J Stat Softw 2011;39(5):1; Lee, Sun and Saunders,
SIAM J Optim 2014;24:1420 (proximal Newton).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.stats._checks import FloatArray
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival._ties import Derivatives

_MAX_STEPS = 100
_MAX_SWEEPS = 2000
_SWEEPS_BEFORE_SOLVING = 3
_MAX_HALVINGS = 40
_PRECISE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Penalty:
    """``total * (ridge / 2 * sum b^2 + lasso * sum |b|)`` on standardised coefficients."""

    lasso: float
    ridge: float
    total: float

    def of(self, coef: FloatArray) -> float:
        """Return the penalty."""
        return self.total * float(
            self.ridge / 2.0 * (coef @ coef) + self.lasso * np.abs(coef).sum()
        )


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Coefficients at one penalty, the likelihood there, and whether they are exact."""

    coef: FloatArray
    found: Derivatives
    converged: bool


def solve_path_step(
    likelihood: PartialLikelihood, begin: FloatArray, now: Derivatives, penalty: Penalty
) -> Solution:
    """Maximise the likelihood less the penalty, from the coefficients of a near penalty.

    Parameters
    ----------
    likelihood : PartialLikelihood
        Of standardised covariates.
    begin : float array (p,)
        Where to begin.
    now : Derivatives
        The likelihood there.
    penalty : Penalty
        What is taken off.
    """
    coef = begin
    for _ in range(_MAX_STEPS):
        target = _quadratic(coef, now, penalty)
        step = target - coef
        if np.abs(step).max() <= _PRECISE * (1.0 + np.abs(coef).max()):
            return Solution(target, now, converged=True)
        moved = _halve(likelihood, coef, now, step, penalty)
        if moved is None:
            return Solution(coef, now, converged=bool(np.abs(step).max() <= 1e-8))
        coef, now = moved
    return Solution(coef, now, converged=False)


def _halve(
    likelihood: PartialLikelihood,
    coef: FloatArray,
    now: Derivatives,
    step: FloatArray,
    penalty: Penalty,
) -> tuple[FloatArray, Derivatives] | None:
    level = now.loglik - penalty.of(coef)
    slack = 1e-13 * (1.0 + abs(level))
    for _ in range(_MAX_HALVINGS):
        with np.errstate(all="ignore"):
            found = likelihood.at(coef + step)
        if np.isfinite(found.loglik) and found.loglik - penalty.of(coef + step) >= level - slack:
            return coef + step, found
        step = step / 2.0
    return None


def _quadratic(coef: FloatArray, now: Derivatives, penalty: Penalty) -> FloatArray:
    """Return the penalised maximum of the quadratic that agrees with the likelihood here."""
    curve = now.information / penalty.total
    linear = (now.score + now.information @ coef) / penalty.total
    if penalty.lasso == 0.0:
        return _solve(curve, linear, penalty.ridge)
    found = coef.copy()
    signs, kept = np.sign(found), 0
    # A near penalty mostly leaves the signs as they were: one solution tells.
    exact = _with_signs(signs, curve, linear, penalty)
    if exact is not None:
        return exact
    for _ in range(_MAX_SWEEPS):
        before = found.copy()
        _sweep(found, curve, linear, penalty)
        after = np.sign(found)
        kept = kept + 1 if np.array_equal(after, signs) else 0
        signs = after
        if kept >= _SWEEPS_BEFORE_SOLVING:
            exact = _with_signs(signs, curve, linear, penalty)
            if exact is not None:
                return exact
            kept = 0
        if np.abs(found - before).max() <= 1e-15 * (1.0 + np.abs(found).max()):
            return found
    return found


def _sweep(coef: FloatArray, curve: FloatArray, linear: FloatArray, penalty: Penalty) -> None:
    """Set each coefficient to its best with the others as they are, in place."""
    gradient = linear - curve @ coef
    for at in range(len(coef)):
        own = curve[at, at]
        inner = gradient[at] + own * coef[at]
        size = abs(inner) - penalty.lasso
        new = np.copysign(size, inner) / (own + penalty.ridge) if size > 0 else 0.0
        if new != coef[at]:
            gradient -= curve[:, at] * (new - coef[at])
            coef[at] = new


def _with_signs(
    signs: FloatArray, curve: FloatArray, linear: FloatArray, penalty: Penalty
) -> FloatArray | None:
    """Return the maximum with these signs; None if it is not the maximum of all."""
    active = np.flatnonzero(signs)
    found = np.zeros_like(signs)
    if active.size:
        held = linear[active] - penalty.lasso * signs[active]
        try:
            found[active] = _solve(curve[np.ix_(active, active)], held, penalty.ridge)
        except np.linalg.LinAlgError:
            return None
    if not np.array_equal(np.sign(found), signs):
        return None
    rest = linear - curve @ found
    allowed = penalty.lasso * (1.0 + 1e-9)
    return found if (np.abs(rest[signs == 0]) <= allowed).all() else None


def _solve(curve: FloatArray, linear: FloatArray, ridge: float) -> FloatArray:
    whole = curve + ridge * np.eye(len(linear))
    return np.asarray(np.linalg.solve(whole, linear), dtype=np.float64)
