"""How single studies move the pooled effects of many outcomes at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta._studies import read_studies
from hepatica.stats.meta.influence import Influence, flags
from hepatica.stats.meta.leave_one_out import leave_one_out
from hepatica.stats.meta.pool import pool_batch


def influence_batch(yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "REML") -> Influence:
    """Return how each study moves the pooled effect of each outcome.

    Parameters
    ----------
    yi, vi : float array (o, k)
        One row an outcome; NaN in both for a study without the outcome.
    method : str
        As in `influence`.

    Returns
    -------
    Influence
        As of `influence`, each array with a leading axis of outcomes. In outcomes of two studies
        only `hat`, `weight` and `baujat_x` are known: what one study leaves is no pooling.

    Raises
    ------
    InputError
        As in `pool_batch`.

    Examples
    --------
    >>> found = influence_batch([[0.0, 0.0, 0.0, 4.0]], [[1.0] * 4], method="common")
    >>> found.rstudent.round(3).tolist(), found.flagged.tolist()
    ([[-1.155, -1.155, -1.155, 3.464]], [[False, False, False, True]])
    """
    studies = read_studies(yi, vi, 2)
    present = studies.present.T
    known = present & (studies.k[:, None] > 2)
    y, v = np.where(present, studies.y.T, np.nan), np.where(present, studies.v.T, np.nan)
    whole = pool_batch(yi, vi, method=method)
    without = leave_one_out(yi, vi, method=method)

    def each(values: FloatArray) -> FloatArray:
        return np.where(known, values.reshape(y.shape), np.nan)

    centre, error, tau2 = (
        values[:, None] for values in (whole.estimate, whole.std_error, whole.tau2)
    )
    centre_i, error_i = each(without.estimate), each(without.std_error)
    tau2_i, q_i = each(without.tau2), each(without.q)
    w = 1.0 / (v + tau2)
    hat = w * error**2
    moved = centre - centre_i
    at_tau2_i = np.nansum(1.0 / (v[:, None, :] + tau2_i[:, :, None]), axis=2)
    cooks, dffits = (moved / error) ** 2, moved / np.sqrt(hat * (v + tau2_i))
    dfbetas = np.where(known, moved * np.sqrt(at_tau2_i), np.nan)[:, :, None]
    return Influence(
        rstudent=freeze((y - centre_i) / np.sqrt(v + error_i**2 + tau2_i)),
        dffits=freeze(dffits),
        cooks_distance=freeze(cooks),
        covariance_ratio=freeze((error_i / error) ** 2),
        tau2_without=freeze(tau2_i),
        q_without=freeze(q_i),
        hat=freeze(hat),
        weight=freeze(hat.copy()),
        dfbetas=freeze(dfbetas),
        baujat_x=freeze((y - centre) ** 2 * w),
        baujat_y=freeze((moved / error_i) ** 2),
        flagged=freeze(flags(dffits, cooks, hat, dfbetas, studies.k[:, None])),
        method=method,
    )
