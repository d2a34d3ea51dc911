"""Random streams, and columns of a table from whole arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Truth = NDArray[np.bool_]

#: A day that is never reached, as a day number.
NEVER = 1_000_000


def expand(counts: Whole) -> tuple[Whole, Whole]:
    """Return, for so many records of each patient, the patient and the number of the record.

    Examples
    --------
    >>> owner, number = expand(np.array([2, 0, 1]))
    >>> owner.tolist(), number.tolist()
    ([0, 0, 2], [0, 1, 0])
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - first[owner]


def numbered(owner: Whole) -> Whole:
    """Return the number of each record within its patient, from 1; owners are sorted.

    Examples
    --------
    >>> numbered(np.array([0, 0, 2])).tolist()
    [1, 2, 1]
    """
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    sizes = np.diff(np.append(starts, len(owner)))
    return np.arange(len(owner)) - np.repeat(starts, sizes) + 1


def words(vocabulary: Sequence[str], codes: NDArray[np.integer]) -> pl.Series:
    """Return the word of each code; a code of -1 is null.

    Examples
    --------
    >>> words(("N", "Y"), np.array([1, -1, 0])).to_list()
    ['Y', None, 'N']
    """
    table = pl.Series([*vocabulary, None], dtype=pl.String)
    return table.gather(np.where(codes < 0, len(vocabulary), codes).astype(np.uint32))


def iso(days: Whole) -> pl.Series:
    """Return day numbers as year-month-day; `NEVER` and later is null.

    Examples
    --------
    >>> iso(np.array([0, NEVER])).to_list()
    ['1970-01-01', None]
    """
    known = days < NEVER
    if not known.any():
        return pl.Series([None] * len(days), dtype=pl.String)
    low, high = int(days[known].min()), int(days[known].max())
    calendar = np.datetime_as_string(np.arange(low, high + 1).astype("datetime64[D]"))
    return words(calendar.tolist(), np.where(known, days - low, -1))


def partly(text: pl.Series, share: float, rng: np.random.Generator) -> pl.Series:
    """Return dates of which a share has lost its day, and a quarter of those its month too."""
    if share <= 0 or text.is_empty():
        return text
    drawn = pl.Series("drawn", rng.random(len(text)))
    frame = pl.DataFrame({"text": text, "drawn": drawn})
    shortened = (
        pl.when(pl.col("drawn") < share / 4)
        .then(pl.col("text").str.head(4))
        .when(pl.col("drawn") < share)
        .then(pl.col("text").str.head(7))
        .otherwise(pl.col("text"))
    )
    return frame.select(shortened.alias("text")).to_series()


def chance(probabilities: Sequence[float], n: int, rng: np.random.Generator) -> Whole:
    """Return `n` codes drawn with these probabilities, which are scaled to sum to 1.

    Examples
    --------
    >>> from hepatica.stats.random_streams import stream
    >>> chance((0.0, 1.0), 3, stream(1, "any")).tolist()
    [1, 1, 1]
    """
    bounds = np.cumsum(np.asarray(probabilities, dtype=float))
    return np.searchsorted(bounds / bounds[-1], rng.random(n), side="right").astype(np.int64)


def tally(codes: Whole, n: int) -> Whole:
    """Return how many records each of `n` patients has."""
    return np.bincount(codes, minlength=n).astype(np.int64)
