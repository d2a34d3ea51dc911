"""How much of an error may be spent by a share of the information.

Sources: Lan and DeMets, Biometrika 1983;70:659; Kim and DeMets, Biometrika 1987;74:149; Hwang,
Shih and DeCani, Stat Med 1990;9:1439.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray

SPENDING = ("obrien-fleming", "pocock", "power", "hwang-shih-decani")


def spent(
    function: str, error: float, information: npt.ArrayLike, *, parameter: float = 1.0
) -> FloatArray:
    """Return the error that may be spent by shares of the information.

    Parameters
    ----------
    function : {"obrien-fleming", "pocock", "power", "hwang-shih-decani"}
        Lan and DeMets' functions in the manner of O'Brien-Fleming and of Pocock, Kim and DeMets'
        power of the share, or the gamma family.
    error : float
        The whole error, one-sided.
    information : array_like
        Shares from above 0 to 1.
    parameter : float
        Power (above 0), or gamma of the gamma family (not 0: then it is the power 1).

    Raises
    ------
    InputError
        If the parameter cannot be used.

    Examples
    --------
    >>> spent("obrien-fleming", 0.025, [0.5, 1.0]).round(6).tolist()
    [0.001525, 0.025]
    """
    _checks.check_option("function", function, SPENDING)
    whole = _checks.check_probability("error", error)
    share = np.asarray(information, dtype=np.float64)
    match function:
        case "obrien-fleming":
            found = 2.0 * ndtr(ndtri(whole / 2.0) / np.sqrt(share))
        case "pocock":
            found = whole * np.log1p(np.expm1(1.0) * share)
        case "power":
            if parameter <= 0.0:
                raise InputError("The power of the spending function must be above 0.")
            found = whole * share**parameter
        case _:
            if parameter == 0.0:
                raise InputError("Gamma must not be 0; the power function with 1 is that case.")
            found = whole * np.expm1(-parameter * share) / np.expm1(-parameter)
    result: FloatArray = np.asarray(found, dtype=np.float64)
    return result
