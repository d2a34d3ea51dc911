"""Checks of what estimators are given; every message says what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]


def freeze(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array, made read-only."""
    array.flags.writeable = False
    return array


#: Whole numbers above this have neighbours that a float cannot tell apart.
_LARGEST_WHOLE = 2.0**53


def number(name: str, value: Any) -> float:
    """Return one number as a float; text, nothing and lists are none."""
    if isinstance(value, Real) or (isinstance(value, np.ndarray) and value.ndim == 0):
        try:
            return float(value)
        except (OverflowError, TypeError, ValueError):
            pass
    raise InputError(f"{name} must be one number.")


def count(name: str, value: Any, least: int = 1) -> int:
    """Return one whole number, not below the least."""
    found = number(name, value)
    if not (found.is_integer() and found <= _LARGEST_WHOLE):
        raise InputError(f"{name} must be one whole number.")
    if found < least:
        raise InputError(f"{name} must be at least {least}; it is {int(found)}.")
    return int(found)


def check_generator(generator: Any) -> None:
    """Refuse what draws no random numbers."""
    if not isinstance(generator, np.random.Generator):
        raise InputError(
            "generator must be a NumPy generator, such as numpy.random.default_rng(1)."
        )


def check_option(name: str, value: Any, allowed: Iterable[str]) -> None:
    """Refuse an option that is not in the list."""
    listed = tuple(allowed)
    if not isinstance(value, str) or value not in listed:
        raise InputError(f"{name} must be one of {', '.join(listed)}; it is {value!r}.")


def check_conf_level(conf_level: float) -> float:
    """Return the confidence level; it lies strictly between 0 and 1."""
    if not 0.0 < number("conf_level", conf_level) < 1.0:
        raise InputError(f"conf_level must lie strictly between 0 and 1; it is {conf_level!r}.")
    return float(conf_level)


def check_probability(name: str, value: float) -> float:
    """Return a probability strictly between 0 and 1."""
    if not 0.0 < number(name, value) < 1.0:
        raise InputError(f"{name} must lie strictly between 0 and 1; it is {value!r}.")
    return float(value)


def check_positive(name: str, value: float) -> float:
    """Return a finite number above 0."""
    found = number(name, value)
    if not 0.0 < found < math.inf:
        raise InputError(f"{name} must be above 0; it is {found:g}.")
    return found


def check_sides(sides: Any) -> int:
    """Return the number of sides of a test, 1 or 2."""
    if not isinstance(sides, int | np.integer) or sides not in (1, 2):
        raise InputError(f"sides must be 1 or 2; it is {sides!r}.")
    return int(sides)


def as_array(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return values as an array; lists of unlike lengths and masked values are refused."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise InputError(f"{name} must not hold masked values; leave those rows out.")
    try:
        return np.asarray(values)
    except ValueError:
        raise InputError(f"{name} must hold numbers, in rows of one length.") from None


def numbers(name: str, values: npt.ArrayLike, ndim: int = 1) -> npt.NDArray[Any]:
    """Return a non-empty array of finite integers or floats with `ndim` axes."""
    array = as_array(name, values)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} must hold numbers.")
    if array.ndim != ndim:
        raise InputError(f"{name} must have {ndim} axis or axes; it has {array.ndim}.")
    if array.size == 0:
        raise InputError(f"{name} must not be empty.")
    # The extremes are finite only if all are, and they cost no array of flags.
    if array.dtype.kind == "f" and not (math.isfinite(array.min()) and math.isfinite(array.max())):
        bad = array.size - int(np.count_nonzero(np.isfinite(array)))
        raise InputError(f"{name} must be finite; {bad} of {array.size} values are not.")
    return array


def whole(array: npt.NDArray[Any], refusal: str) -> IntArray:
    """Return checked numbers as int64; refuse what is no whole number or too large for one."""
    kind = array.dtype.kind
    if kind == "f" and max(abs(float(array.min())), abs(float(array.max()))) > _LARGEST_WHOLE:
        raise InputError(refusal)
    if kind == "u" and array.dtype.itemsize == 8 and array.max() > _LARGEST_WHOLE:
        raise InputError(refusal)
    found: IntArray = array.astype(np.int64, copy=False)
    if kind == "f" and not np.array_equal(found, array):
        raise InputError(refusal)
    return found


def times(time: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return times as int64 or float64; they are finite and not negative."""
    array = numbers("time", time)
    if array.min() < 0:
        bad = int(np.count_nonzero(array < 0))
        raise InputError(f"time must not be negative; {bad} of {array.size} values are.")
    if array.dtype.kind == "f" or (array.dtype == np.uint64 and array.max() > _LARGEST_WHOLE):
        return array.astype(np.float64, copy=False)
    return array.astype(np.int64, copy=False)


def events(event: npt.ArrayLike, n: int) -> npt.NDArray[np.bool_]:
    """Return events as booleans; they are 0 (censored) or 1 (event)."""
    array = numbers("event", event)
    check_length("event", array, n)
    if array.dtype.kind == "b":
        return array
    flags: npt.NDArray[np.bool_] = array == 1
    # Whole numbers are all 0 or 1 when no other bit is set in any of them.
    if array.dtype.kind in "iu" and np.bitwise_or.reduce(array) in (0, 1):
        return flags
    bad = array.size - int(np.count_nonzero(flags)) - int(np.count_nonzero(array == 0))
    if bad:
        raise InputError(f"event must be 0 or 1; {bad} of {array.size} values are not.")
    return flags


def check_length(name: str, array: npt.NDArray[Any], n: int) -> None:
    """Refuse an array that does not have one value a subject."""
    if len(array) != n:
        raise InputError(f"{name} must have one value for each time: {n}; it has {len(array)}.")


def codes(name: str, values: npt.ArrayLike, n: int) -> tuple[IntArray, IntArray]:
    """Return the sorted codes that occur, and the position of each subject's code among them."""
    array = numbers(name, values)
    check_length(name, array, n)
    given = whole(array, f"{name} must hold whole numbers (codes).")
    low, high = int(given.min()), int(given.max())
    if high - low <= 1:
        # Both ends occur, so nothing is between them to be looked for.
        return np.arange(low, high + 1), given - low if low else given
    if high - low > max(1024, 2 * n):
        found, position = np.unique(given, return_inverse=True)
        return found, position.astype(np.int64, copy=False)
    shifted = given - low if low else given
    present = np.bincount(shifted, minlength=high - low + 1) > 0
    found = np.flatnonzero(present) + low
    if len(found) == high - low + 1:
        return found, shifted
    return found, (np.cumsum(present) - 1)[shifted]
