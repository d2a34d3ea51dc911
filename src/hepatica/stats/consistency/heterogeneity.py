"""How many data sets a printed I2 and P of Q can come from.

Q = (k - 1)/(1 - I2) by the definition of Higgins and Thompson (Stat Med 2002;21:1539), and P is the
upper tail of chi-square with k - 1 degrees of freedom: two printed numbers, one unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray, freeze


@dataclass(frozen=True, slots=True)
class DataSets:
    """Numbers of data sets that fit, and what each would have shown.

    Attributes
    ----------
    k : int array (m,)
        Every number from 2 to `most` that fits both printed numbers; empty when none does.
    q_lower, q_upper : float arrays (m,)
        Q that the printed I2 allows for each; from 0 where I2 is printed as 0.
    p_lower, p_upper : float arrays (m,)
        P that this Q gives.
    most : int
        Largest number that was tried.
    """

    k: IntArray
    q_lower: FloatArray
    q_upper: FloatArray
    p_lower: FloatArray
    p_upper: FloatArray
    most: int

    def fits(self, k: int) -> bool:
        """Return whether the printed numbers can come from k data sets."""
        return bool((self.k == k).any())


def data_sets(
    i2: float,
    p_value: float,
    *,
    i2_step: float = 0.001,
    p_step: float = 0.001,
    p_below: bool = False,
    most: int = 100,
) -> DataSets:
    """Return the numbers of data sets from which a printed I2 and P can come.

    Parameters
    ----------
    i2 : float
        I2 as printed, as a fraction.
    p_value : float
        P of Q as printed.
    i2_step, p_step : float
        Unit of the last printed digit of each (.001 for I2 of 46.7 %).
    p_below : bool
        Whether P is printed as "less than" `p_value`.
    most : int
        Largest number tried. With very many data sets any I2 above 0 has a small P.

    Raises
    ------
    InputError
        If I2 is not a fraction below 1, or P is not a probability.

    Examples
    --------
    >>> data_sets(0.467, 0.081).k.tolist(), data_sets(0.121, 0.0).k.tolist()
    ([7], [])
    """
    if not 0.0 <= i2 < 1.0:
        raise InputError(f"I2 is a fraction from 0 to below 1; it is {i2!r}. Divide percents.")
    if not 0.0 <= p_value <= 1.0:
        raise InputError(f"A P value lies between 0 and 1; it is {p_value!r}.")
    if most < 2 or not (i2_step > 0.0 and p_step > 0.0):
        raise InputError("The largest number of data sets is at least 2, and steps are positive.")
    k = np.arange(2, most + 1)
    # an I2 of 0 stands for every Q up to its degrees of freedom
    low = 0.0 if i2 < i2_step / 2.0 else 1.0 / (1.0 - (i2 - i2_step / 2.0))
    high = min(i2 + i2_step / 2.0, 1.0 - 1e-12)
    q_lower, q_upper = (k - 1) * low, (k - 1) / (1.0 - high)
    p_lower, p_upper = chdtrc(k - 1, q_upper), chdtrc(k - 1, q_lower)
    least, largest = (0.0, p_value) if p_below else (p_value - p_step / 2, p_value + p_step / 2)
    # a digit rounded half up or half to even: both ends of the rounding count
    fits = (p_lower <= largest) & (p_upper >= least)
    return DataSets(
        k=freeze(k[fits]),
        q_lower=freeze(q_lower[fits]),
        q_upper=freeze(q_upper[fits]),
        p_lower=freeze(p_lower[fits]),
        p_upper=freeze(p_upper[fits]),
        most=most,
    )
