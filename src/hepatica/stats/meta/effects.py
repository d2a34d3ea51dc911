"""What every measure returns, and the way back from the scale of pooling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta._studies import positions

#: Scales whose values go back by one function; Freeman-Tukey proportions need a number of patients
#: as well (`hepatica.stats.meta.proportion_effects.freeman_tukey_inverse`).
SCALES = (
    "identity",
    "log",
    "logit",
    "arcsine",
    "square root",
    "freeman-tukey",
    "freeman-tukey rate",
)


@dataclass(frozen=True, slots=True)
class Effects:
    """Estimates of studies and their variances, ready for `pool`.

    Attributes
    ----------
    yi, vi : float array
        Estimates and variances on the scale of pooling, in the shape of the input; NaN in both
        for a study that is left out.
    measure : str
        Name of the measure, as it stands in footnotes.
    scale : str
        Scale of `yi`, one of `SCALES`; `back_transform` takes it.
    corrected : bool array
        Where a continuity correction was added.
    excluded : bool array
        Where a study gives no information (no event in either arm, ...) and is left out.
    off_centre : bool array
        Where printed limits do not centre on the printed estimate within its rounding.
    """

    yi: FloatArray
    vi: FloatArray
    measure: str
    scale: str
    corrected: npt.NDArray[np.bool_]
    excluded: npt.NDArray[np.bool_]
    off_centre: npt.NDArray[np.bool_]


def build(
    yi: FloatArray,
    vi: FloatArray,
    measure: str,
    scale: str,
    corrected: npt.NDArray[np.bool_] | None = None,
    excluded: npt.NDArray[np.bool_] | None = None,
    off_centre: npt.NDArray[np.bool_] | None = None,
) -> Effects:
    """Return frozen effects; excluded studies become NaN in both."""
    none = np.zeros(yi.shape, dtype=np.bool_)
    left_out = none if excluded is None else excluded
    return Effects(
        yi=freeze(np.where(left_out, np.nan, yi)),
        vi=freeze(np.where(left_out, np.nan, vi)),
        measure=measure,
        scale=scale,
        corrected=freeze(none if corrected is None else corrected),
        excluded=freeze(left_out),
        off_centre=freeze(none if off_centre is None else off_centre),
    )


def back_transform(values: npt.ArrayLike, scale: str) -> FloatArray:
    """Return values on the natural scale: proportion, ratio, rate, or the value itself.

    Parameters
    ----------
    values : float array
        Estimates or limits on `scale`.
    scale : {"identity", "log", "logit", "arcsine", "square root"}
        As in `Effects.scale`. Arcsine values outside 0 to pi/2 stand for 0 and 1, square roots
        below 0 for 0.

    Raises
    ------
    InputError
        If the scale needs more than the value (Freeman-Tukey) or is not known.

    Examples
    --------
    >>> back_transform([0.0, 1.0], "logit").round(4).tolist()
    [0.5, 0.7311]
    """
    x = np.asarray(values, dtype=np.float64)
    if scale.startswith("freeman-tukey"):
        raise InputError(
            "Freeman-Tukey values go back with a number of patients (or a time at risk): use "
            "freeman_tukey_inverse or freeman_tukey_rate_inverse."
        )
    _checks.check_option("scale", scale, SCALES[:5])
    if scale == "log":
        out: FloatArray = np.exp(x)
    elif scale == "logit":
        out = expit(x)
    elif scale == "arcsine":
        out = np.sin(np.clip(x, 0.0, np.pi / 2.0)) ** 2
    elif scale == "square root":
        out = np.maximum(x, 0.0) ** 2
    else:
        out = x.copy()
    return freeze(out)


def given(**arrays: npt.ArrayLike) -> list[FloatArray]:
    """Return arrays of one shape; NaN stands for a study without the outcome."""
    out = []
    for name, values in arrays.items():
        array = np.asarray(values)
        if array.dtype.kind not in "biuf":
            raise InputError(f"{name} must hold numbers.")
        array = np.atleast_1d(array.astype(np.float64))
        if np.isinf(array).any():
            raise InputError(f"{name} must be finite; study {positions(np.isinf(array))} is not.")
        if array.size == 0:
            raise InputError(f"{name} must not be empty.")
        out.append(array)
    if len({array.shape for array in out}) > 1:
        raise InputError(f"{', '.join(arrays)} must have one value each for every study.")
    missing = np.any([np.isnan(array) for array in out], axis=0)
    return [np.where(missing, np.nan, array) for array in out]


def refuse(flags: npt.NDArray[np.bool_], rule: str, cause: str) -> None:
    """Refuse studies where the flag is set; the message names the rule and the likely cause."""
    if flags.any():
        raise InputError(
            f"{rule}; study {positions(flags)} does not comply. Likely cause: {cause}."
        )


def counts(events: FloatArray, n: FloatArray, name: str = "events") -> None:
    """Refuse counts that are not whole, negative, or more than the patients."""
    broken = (events != np.floor(events)) & ~np.isnan(events)
    refuse(
        broken,
        f"{name} must be whole numbers of patients",
        "a percentage typed where a count is due",
    )
    refuse(n < 1.0, "The number of patients must be at least 1", "an empty arm")
    refuse(
        (events < 0.0) | (events > n),
        f"{name} must lie between 0 and the number of patients",
        "events and patients exchanged, or a percentage typed as a count",
    )


def z_of(conf_level: float) -> float:
    """Return the two-sided normal quantile of a confidence level."""
    return float(ndtri(0.5 + _checks.check_conf_level(conf_level) / 2.0))
