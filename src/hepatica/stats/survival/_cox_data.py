"""What a proportional hazards model was fitted to: diagnostics are functions of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CoxData:
    """The checked input of a fit, in the order of its rows; an empty array stands for "not given".

    Attributes
    ----------
    time : float array (n,)
        End of follow-up of each row.
    event : bool array (n,)
        Whether the row ends with an event.
    X : float array (n, p)
        Covariates as given.
    entry : float array (n,) or (0,)
        Start of follow-up of each row.
    weights : float array (n,) or (0,)
        Case weights.
    offset : float array (n,) or (0,)
        Known part of the linear predictor.
    stratum : int array (n,)
        Position of the row's stratum, from 0.
    cluster : int array (n,) or (0,)
        Position of the row's cluster, from 0.
    """

    time: FloatArray
    event: npt.NDArray[np.bool_]
    X: FloatArray
    entry: FloatArray
    weights: FloatArray
    offset: FloatArray
    stratum: IntArray
    cluster: IntArray
