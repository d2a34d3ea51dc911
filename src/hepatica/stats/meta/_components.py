"""(Restricted) likelihood of several variance components, by Newton's method with fallback.

Marginal covariance V + sum of c_j G_j, design a column of ones. Slope -1/2 tr(P G_j) +
1/2 y'P G_j P y; curvature 1/2 tr(P G_i P G_j) - y'P G_i P G_j P y (ML: V^-1 for P in the
traces). Where the curvature is not negative definite, Fisher's information takes its place; steps
that do not raise the likelihood are halved. Source: Harville, J Am Stat Assoc 1977;72:320.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from hepatica.stats._checks import FloatArray

STEPS, HALVINGS = 200, 60
#: Starting shares of the spread of the estimates; the best of all combinations begins.
SHARES = (0.0, 0.1, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Components:
    """Estimates, their sampling covariance, and the shapes G_j of the random effects."""

    y: FloatArray
    v: FloatArray
    shapes: tuple[FloatArray, ...]

    def covariance(self, values: FloatArray) -> FloatArray:
        """Return the marginal covariance."""
        total: FloatArray = self.v.copy()
        for value, shape in zip(values, self.shapes, strict=True):
            total += value * shape
        return total


@dataclass(frozen=True, slots=True)
class Maximum:
    """Components with the highest likelihood."""

    values: FloatArray
    covariance: FloatArray
    loglik: float
    iterations: int
    status: str


@dataclass(frozen=True, slots=True)
class _Point:
    loglik: float
    slope: FloatArray
    curvature: FloatArray
    information: FloatArray


def maximise_components(data: Components, *, restricted: bool) -> Maximum:
    """Return the components >= 0 with the highest (restricted) likelihood."""
    if not data.shapes:
        none = np.zeros(0)
        return Maximum(none, data.v, _loglik(data, none, restricted=restricted), 0, "ok")
    values = _start(data, restricted=restricted)
    point = _at(data, values, restricted=restricted)
    status, steps = "not_converged", 0
    while steps < STEPS:
        steps += 1
        new = _newton(values, point)
        for _ in range(HALVINGS):
            if _loglik(data, new, restricted=restricted) >= point.loglik:
                break
            new = 0.5 * (new + values)
        else:
            new = values
        moved = float(np.abs(new - values).max())
        values, point = new, _at(data, new, restricted=restricted)
        if moved <= 1e-12 * (float(values.max()) + float(np.diag(data.v).min())):
            status = "ok"
            break
    if status == "ok" and (values == 0.0).any():
        status = "boundary"
    return Maximum(values, data.covariance(values), point.loglik, steps, status)


def _start(data: Components, *, restricted: bool) -> FloatArray:
    spread = float(np.var(data.y, ddof=1)) if len(data.y) > 1 else 0.0
    axes = np.meshgrid(*[SHARES] * len(data.shapes))
    grid = spread * np.array(axes, dtype=np.float64).reshape(len(data.shapes), -1).T
    best: FloatArray = max(grid, key=lambda values: _loglik(data, values, restricted=restricted))
    return best


def _newton(values: FloatArray, point: _Point) -> FloatArray:
    """Return the next components; one held at 0 by its slope leaves the system."""
    free = (values > 0.0) | (point.slope > 0.0)
    new = values.copy()
    while free.any():
        at = np.flatnonzero(free)
        own = np.ix_(at, at)
        matrix = -point.curvature[own]
        if float(np.linalg.eigvalsh(matrix).min()) <= 0.0:
            matrix = point.information[own]
        new = values.copy()
        new[at] += np.linalg.solve(matrix, point.slope[at])
        below = free & (new < 0.0) & (values == 0.0)
        if not below.any():
            break
        free &= ~below
    return np.maximum(new, 0.0)


def _loglik(data: Components, values: FloatArray, *, restricted: bool) -> float:
    factor = cho_factor(data.covariance(values), lower=True)
    ones = np.ones(len(data.y))
    solved = cho_solve(factor, np.column_stack([ones, data.y]))
    total = float(ones @ solved[:, 0])
    r = data.y - float(ones @ solved[:, 1]) / total
    k = len(data.y)
    out = -np.log(np.diag(factor[0])).sum() - 0.5 * float(r @ cho_solve(factor, r))
    if restricted:
        return float(out - 0.5 * np.log(total / k) - 0.5 * (k - 1) * np.log(2.0 * np.pi))
    return float(out - 0.5 * k * np.log(2.0 * np.pi))


def _at(data: Components, values: FloatArray, *, restricted: bool) -> _Point:
    inverse = np.linalg.inv(data.covariance(values))
    row = inverse.sum(axis=0)
    p = inverse - np.outer(row, row) / row.sum()
    base = p if restricted else inverse
    py = p @ data.y
    projected = [base @ shape for shape in data.shapes]
    moved = [shape @ py for shape in data.shapes]
    slope = np.array(
        [
            0.5 * float(py @ move) - 0.5 * float(np.trace(part))
            for move, part in zip(moved, projected, strict=True)
        ]
    )
    size = len(data.shapes)
    information, quadratic = np.zeros((size, size)), np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            information[i, j] = 0.5 * float((projected[i] * projected[j].T).sum())
            quadratic[i, j] = float(moved[i] @ p @ moved[j])
    loglik = _loglik(data, values, restricted=restricted)
    return _Point(loglik, slope, information - quadratic, information)
