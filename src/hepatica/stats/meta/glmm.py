"""Binomial-normal models: events are binomial, logits of the studies normal.

No continuity correction is needed, and studies in which none or all have the event count as they
are. Sources: Stijnen, Hamza and Ozdemir, Stat Med 2010;29:3046; Jackson et al., Stat Med
2018;37:1059.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._adaptive_quadrature import loglik, saturated
from hepatica.stats.meta._binomial_normal import (
    NEWTON_STEPS,
    BinomialNormal,
    Model,
    derivatives,
    fit,
)
from hepatica.stats.meta._two_arm_quadrature import profile_loglik
from hepatica.stats.meta.effects import counts, given, refuse

__all__ = ["BinomialNormal", "odds_ratio_glmm", "proportion_glmm"]

MODELS = ("unconditional", "conditional")
MAX_NODES = 101


@dataclass(frozen=True, slots=True)
class _Counts:
    """Events of one arm a study."""

    x: FloatArray
    n: FloatArray
    offset: FloatArray
    nodes: int

    @property
    def k(self) -> int:
        return len(self.x)

    def height(self, at: FloatArray) -> FloatArray:
        return loglik(self.x, self.n, self.offset, at, self.nodes)

    def common(self) -> tuple[float, float]:
        """Return mean and error by Newton's steps on a concave likelihood."""
        mean = float(np.log(self.x.sum() / (self.n - self.x).sum()) - self.offset.mean())
        for _ in range(NEWTON_STEPS):
            p = expit(mean + self.offset)
            step = float((self.x - self.n * p).sum() / (self.n * p * (1.0 - p)).sum())
            mean += float(np.clip(step, -1.0, 1.0))
            if abs(step) < 1e-13 * (1.0 + abs(mean)):
                break
        p = expit(mean + self.offset)
        return mean, float((self.n * p * (1.0 - p)).sum() ** -0.5)

    def saturated(self) -> float:
        return saturated(self.x, self.n)


@dataclass(frozen=True, slots=True)
class _TwoArms:
    """Events of two arms a study, with a logit of its own for each study."""

    x1: FloatArray
    n1: FloatArray
    x2: FloatArray
    n2: FloatArray
    nodes: int

    @property
    def k(self) -> int:
        return len(self.x1)

    def height(self, at: FloatArray) -> FloatArray:
        return profile_loglik((self.x1, self.n1, self.x2, self.n2), at, self.nodes)

    def common(self) -> tuple[float, float]:
        """Return mean and error by Newton's steps on the profile likelihood."""
        mean, curvature = 0.0, -1.0
        for _ in range(NEWTON_STEPS):
            slope, matrix = derivatives(self, np.array([mean, 0.0]))
            curvature = float(matrix[0, 0])
            step = float(slope[0]) / -curvature
            mean += float(np.clip(step, -1.0, 1.0))
            if abs(step) < 1e-9:
                break
        return mean, (-curvature) ** -0.5

    def saturated(self) -> float:
        return saturated(self.x1, self.n1) + saturated(self.x2, self.n2)


def proportion_glmm(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    random_effects: bool = True,
    nodes: int = 25,
    conf_level: float = 0.95,
) -> BinomialNormal:
    """Pool proportions by a binomial-normal model, by maximum likelihood.

    Parameters
    ----------
    events, n : int array (k,)
        Patients with the event, and all.
    random_effects : bool
        False for one common proportion.
    nodes : int
        Nodes of the adaptive quadrature, 1 to 101; 1 is Laplace's approximation, metafor takes 7.
        With 25 estimate and tau2 are exact to about 1e-6.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If counts cannot be used, or none or all of the patients of all studies have the event.

    Examples
    --------
    >>> found = proportion_glmm([3, 12, 9], [20, 30, 12], nodes=15)
    >>> round(found.estimate, 3), round(found.tau2, 3), found.status
    (-0.383, 0.972, 'ok')
    """
    x, size = given(events=events, n=n)
    counts(x, size)
    data = _data(x, size, np.zeros_like(x), nodes)
    return fit(data, random_effects=random_effects, conf_level=conf_level)


def odds_ratio_glmm(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    model: str = "unconditional",
    random_effects: bool = True,
    nodes: int = 25,
    conf_level: float = 0.95,
) -> BinomialNormal:
    """Pool log odds ratios by a binomial-normal model.

    "unconditional" gives each study a fixed logit of its own and a random log odds ratio
    (metafor's "UM.FS"). "conditional" takes the events of the first arm, given those of both, as
    binomial with logit log odds ratio + log(n1/n2): right for rare events, and an approximation
    of the noncentral hypergeometric distribution elsewhere (metafor's "CM.AL").

    Parameters
    ----------
    events1, n1, events2, n2 : int array (k,)
        Patients with the event, and all, of each arm. Studies without an event (unconditional:
        or with events only) tell nothing and are left out.
    model : {"unconditional", "conditional"}
        As above.
    random_effects, nodes, conf_level
        As in `proportion_glmm`.

    Examples
    --------
    >>> found = odds_ratio_glmm([5, 12], [100, 90], [10, 18], [100, 95], model="conditional")
    >>> round(found.estimate, 3), found.status
    (-0.463, 'boundary')
    """
    a, size1, c, size2 = given(events1=events1, n1=n1, events2=events2, n2=n2)
    counts(a, size1, "events1")
    counts(c, size2, "events2")
    _checks.check_option("model", model, MODELS)
    informative = a + c > 0.0
    if model == "conditional":
        offset = np.log(size1 / size2)
        data: Model = _data(a[informative], (a + c)[informative], offset[informative], nodes)
        return fit(data, random_effects=random_effects, conf_level=conf_level)
    here = informative & (a + c < size1 + size2)
    _check_nodes(nodes)
    if not here.any():
        raise InputError("No study tells of the odds ratio: none has an event, or all have.")
    if not (0.0 < a[here].sum() < size1[here].sum() and 0.0 < c[here].sum() < size2[here].sum()):
        raise InputError(
            "The odds ratio has no finite estimate: in all studies none or all of an arm's "
            "patients have the event."
        )
    data = _TwoArms(a[here], size1[here], c[here], size2[here], int(nodes))
    return fit(data, random_effects=random_effects, conf_level=conf_level)


def _check_nodes(nodes: int) -> None:
    if not 1 <= nodes <= MAX_NODES:
        raise InputError(f"nodes must lie between 1 and {MAX_NODES}; it is {nodes}.")


def _data(x: FloatArray, n: FloatArray, offset: FloatArray, nodes: int) -> _Counts:
    _check_nodes(nodes)
    if x.ndim != 1:
        raise InputError("Counts must have one axis: the studies of one outcome.")
    here = ~np.isnan(x)
    x, n, offset = x[here], n[here], offset[here]
    refuse(n < 1.0, "Each study must have a patient", "an empty row")
    if x.size == 0:
        raise InputError("There is no study to pool.")
    if x.sum() == 0.0 or x.sum() == n.sum():
        raise InputError(
            "The model has no finite estimate: none or all of the patients of all studies have "
            "the event. Give exact limits of the pooled counts instead."
        )
    return _Counts(x, n, offset, int(nodes))
