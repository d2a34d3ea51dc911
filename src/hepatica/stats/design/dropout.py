"""Patients to enrol so that enough remain."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.design._binomial import ROUNDING

ROUNDINGS = ("up", "nearest")


@dataclass(frozen=True, slots=True)
class DropoutInflation:
    """Patients to enrol.

    Attributes
    ----------
    n : int
        Patients to enrol.
    n_evaluable : int
        Patients the design needs.
    n_formula : float
        n_evaluable / (1 - dropout).
    expected_evaluable : float
        n (1 - dropout): what is expected to remain.
    dropout : float
        Share expected to be lost.
    rounding : str
        As given.
    """

    n: int
    n_evaluable: int
    n_formula: float
    expected_evaluable: float
    dropout: float
    rounding: str


def inflate_for_dropout(n: int, dropout: float, *, rounding: str = "up") -> DropoutInflation:
    """Return n / (1 - dropout) patients.

    Parameters
    ----------
    n : int
        Patients the design needs.
    dropout : float
        Share expected to be lost, from 0 to below 1.
    rounding : {"up", "nearest"}
        Up keeps the size of the design in expectation. Nearest, halves up, is what some protocols
        print; it can fall short.

    Raises
    ------
    InputError
        If the share or the option cannot be used.

    Examples
    --------
    >>> inflate_for_dropout(22, 0.10).n, inflate_for_dropout(22, 0.10, rounding="nearest").n
    (25, 24)
    """
    size = _checks.count("n", n)
    share = _checks.number("dropout", dropout)
    _checks.check_option("rounding", rounding, ROUNDINGS)
    if not 0.0 <= share < 1.0:
        raise InputError(f"dropout must be 0 or more and less than 1; it is {share:g}.")
    wanted = size / (1.0 - share)
    # 27 / 0.9 is 30 and must not become 31 by rounding of the quotient.
    up = math.ceil(wanted * (1.0 - ROUNDING))
    found = up if rounding == "up" else math.floor(wanted * (1.0 + ROUNDING) + 0.5)
    return DropoutInflation(
        n=found,
        n_evaluable=size,
        n_formula=wanted,
        expected_evaluable=found * (1.0 - share),
        dropout=share,
        rounding=rounding,
    )
