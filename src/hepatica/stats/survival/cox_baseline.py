"""The baseline hazard of a proportional hazards model.

Sources: Breslow, discussion of Cox, J R Stat Soc B 1972;34:216; Efron, J Am Stat Assoc 1977;72:557
(ties); Tsiatis, Ann Stat 1981;9:93 (variance); Therneau and Grambsch, Modeling Survival Data,
Springer 2000, section 10.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._cox_steps import HazardSteps, hazard_steps
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.cox import CoxFit

PLACES = ("zero", "means")


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Baseline hazard at the m event times of all strata; arrays are read-only.

    Attributes
    ----------
    at : str
        "zero" or "means".
    covariates : float array (p,)
        The covariates that this stands for.
    stratum : int array (m,)
        Position of the stratum; rows are ordered by stratum and time.
    time : float array (m,)
        Times with an event.
    at_risk : float array (m,)
        Weight of the rows at risk.
    events : float array (m,)
        Weight of the events.
    hazard : float array (m,)
        Jump of the cumulative hazard.
    cumulative_hazard, cumulative_std_error : float array (m,)
        Cumulative hazard and its standard error, which is also that of the logarithm of survival.
    survival, std_error : float array (m,)
        exp(-cumulative hazard), and its standard error.
    """

    at: str
    covariates: FloatArray
    stratum: IntArray
    time: FloatArray
    at_risk: FloatArray
    events: FloatArray
    hazard: FloatArray
    cumulative_hazard: FloatArray
    cumulative_std_error: FloatArray
    survival: FloatArray
    std_error: FloatArray


def baseline_hazard(fit: CoxFit, *, at: str = "means") -> Baseline:
    """Return the baseline hazard of each stratum, with ties as in the fit.

    Parameters
    ----------
    fit : CoxFit
        A model with p covariates.
    at : {"means", "zero"}
        Whose hazard: of a subject with the mean of each covariate over all rows (weighted by the
        case weights), or with each covariate 0. An offset counts as 0.

    Raises
    ------
    InputError
        If the fit has exact ties, or the hazard at 0 is beyond the range of numbers.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> baseline = baseline_hazard(cox([1, 2, 3], [1, 1, 1], [1, 0, 1]), at="zero")
    >>> baseline.cumulative_hazard.round(4).tolist()
    [0.4142, 1.0, 2.4142]
    """
    _checks.check_option("at", at, PLACES)
    steps = hazard_steps(fit)
    covariates = steps.centre if at == "means" else np.zeros_like(steps.centre)
    curve = HazardCurve(fit, steps)
    own = np.arange(len(steps.time))
    stratum = np.repeat(np.arange(len(steps.cells_before) - 1), np.diff(steps.cells_before))
    jump = steps.per_cell(steps.hazard)
    slot = own + stratum + 1
    cumulative, variance = curve.at(covariates[None, :] - steps.centre, np.zeros(1), slot)
    factor = _finite(np.exp((covariates - steps.centre) @ fit.coef - steps.log_scale))
    survival = np.exp(-cumulative[0])
    log_std_error = np.sqrt(variance[0])
    return Baseline(
        at=at,
        covariates=freeze(covariates.copy()),
        stratum=freeze(stratum),
        time=freeze(steps.time),
        at_risk=freeze(steps.at_risk),
        events=freeze(steps.dying),
        hazard=freeze(jump * factor),
        cumulative_hazard=freeze(cumulative[0]),
        cumulative_std_error=freeze(log_std_error),
        survival=freeze(survival),
        std_error=freeze(survival * log_std_error),
    )


class HazardCurve:
    """Cumulative hazards of covariate rows, and their variance.

    The variance has a part from the jumps and one from the coefficients, whose gradient is the
    cumulative sum of jump x (mean of the risk set - covariates of the row).
    """

    __slots__ = ("_coef", "_factor", "_hazard", "_log_scale", "_moved", "_steps", "_variance")

    def __init__(self, fit: CoxFit, steps: HazardSteps) -> None:
        self._steps = steps
        self._coef = fit.coef
        self._log_scale = steps.log_scale
        self._factor = np.linalg.cholesky(fit.vcov)
        jumps = steps.hazard
        self._hazard = steps.cumulate(steps.per_cell(jumps))
        self._variance = steps.cumulate(steps.per_cell(jumps / steps.total))
        self._moved = steps.cumulate(steps.per_cell(steps.mean * jumps[:, None])) @ self._factor

    def slots(self, stratum: int, time: FloatArray) -> IntArray:
        """Return the slots at which a stratum's curve is read at times."""
        before = self._steps.cells_before
        own = self._steps.time[before[stratum] : before[stratum + 1]]
        found = np.searchsorted(own, time * (1.0 + SAME_TIME), side="right")
        return np.asarray(found + (before[stratum] + stratum), dtype=np.int64)

    def at(
        self, centred: FloatArray, offset: FloatArray, slot: IntArray, first: IntArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return cumulative hazards and variances of k rows at slots.

        Parameters
        ----------
        centred : float array (k, p)
            Covariates less the centre.
        offset : float array (k,)
            Offset of each row.
        slot : int array (t,) or (k, t)
            Where to read; one set for all rows or one for each.
        first : int array of the shape of `slot`, optional
            Where each follow-up begins; without it, at the start.
        """
        hazard = self._read(self._hazard, slot, first)
        variance = self._read(self._variance, slot, first)
        turned = centred @ self._factor
        spread = np.zeros(np.broadcast_shapes((len(centred), 1), slot.shape))
        for axis in range(turned.shape[1]):
            moved = self._read(self._moved[:, axis], slot, first)
            spread += (moved - turned[:, axis, None] * hazard) ** 2
        with np.errstate(over="ignore"):
            risk = np.exp(centred @ self._coef + offset - self._log_scale)[:, None]
            square = risk**2
        _finite(square)
        return risk * hazard, square * (variance + spread)

    @staticmethod
    def _read(curve: FloatArray, slot: IntArray, first: IntArray | None) -> FloatArray:
        found: FloatArray = curve[slot] if first is None else curve[slot] - curve[first]
        return found


def _finite(values: FloatArray) -> FloatArray:
    if not np.isfinite(values).all():
        raise InputError(
            "The hazard is beyond the range of numbers: the covariates asked for are far from "
            "those of the fit. Centre the covariates, or ask at the means."
        )
    return values
