"""The test of Cochran, Mantel and Haenszel: two groups in strata.

Sources: Cochran, Biometrics 1954;10:417; Mantel and Haenszel, J Natl Cancer Inst 1959;22:719.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from hepatica.errors import InputError
from hepatica.stats import _checks


@dataclass(frozen=True, slots=True)
class StratifiedTest:
    """A test that two groups have the same share in every stratum.

    Attributes
    ----------
    statistic : float
        Chi-square statistic with one degree of freedom, without continuity correction.
    p_value : float
        Its p-value, two-sided.
    n_strata : int
        Strata that say something: both groups, the event, and its absence occur in them.
    """

    statistic: float
    p_value: float
    n_strata: int


def cochran_mantel_haenszel(
    events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
) -> StratifiedTest:
    """Test the association of group and event, given the strata.

    Parameters
    ----------
    events1, n1, events2, n2 : int array (s,)
        Subjects with the event, and all, of each group in each stratum.

    Raises
    ------
    InputError
        If counts cannot be used, or no stratum holds both groups, the event and its absence.

    Examples
    --------
    >>> round(cochran_mantel_haenszel([8, 4], [10, 10], [4, 2], [10, 10]).statistic, 4)
    3.8
    """
    arrays = []
    for name, values in (("events1", events1), ("n1", n1), ("events2", events2), ("n2", n2)):
        array = _checks.numbers(name, values)
        whole = _checks.whole(array, f"{name} must hold whole numbers.")
        if whole.min() < 0:
            raise InputError(f"{name} must hold counts; none is negative.")
        arrays.append(whole.astype(np.float64))
    if len({len(array) for array in arrays}) != 1:
        raise InputError("events1, n1, events2 and n2 must have one entry for each stratum.")
    a, size1, c, size2 = arrays
    if (a > size1).any() or (c > size2).any():
        raise InputError("There must not be more events than subjects in a stratum.")
    total, events = size1 + size2, a + c
    used = (size1 > 0) & (size2 > 0) & (events > 0) & (events < total)
    if not used.any():
        raise InputError(
            "No stratum has both groups, patients with the event and patients without it; use "
            "fewer or larger strata."
        )
    a, size1, size2 = a[used], size1[used], size2[used]
    total, events = total[used], events[used]
    away = float((a - size1 * events / total).sum())
    spread = size1 * size2 * events * (total - events) / (total**2 * (total - 1.0))
    statistic = away**2 / float(spread.sum())
    return StratifiedTest(statistic, float(chdtrc(1, statistic)), int(used.sum()))
