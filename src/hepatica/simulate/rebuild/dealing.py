"""Dealing categories to patients so that every count is met and no impossible patient arises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hepatica.errors import InputError

#: Values of columns that no patient has together.
Combination = Mapping[str, str]
Columns = dict[str, list[str]]

_SWAPS = 20_000


def deal(counts: Mapping[str, int], n: int, rng: np.random.Generator) -> list[str]:
    """Deal categories to `n` patients in random order.

    Parameters
    ----------
    counts : mapping of str to int
        Category to its number of patients.
    n : int
        Patients; the counts sum to it.

    Raises
    ------
    InputError
        If the counts sum to another number.

    Examples
    --------
    >>> sorted(deal({"B": 1, "C": 2}, 3, np.random.default_rng(1)))
    ['B', 'C', 'C']
    """
    total = sum(counts.values())
    if total != n:
        raise InputError(
            f"The printed counts of {', '.join(counts)} sum to {total}; the group has {n} "
            "patients. Correct published.yaml or the courses."
        )
    dealt = [category for category, count in counts.items() for _ in range(count)]
    return [dealt[place] for place in rng.permutation(n)]


def without_impossible(
    columns: Columns, impossible: Sequence[Combination], rng: np.random.Generator
) -> Columns:
    """Swap values between patients of a group until no impossible combination is left.

    A swap stays within its column, so that counts are kept, and never makes more patients
    impossible.

    Parameters
    ----------
    columns : dict of str to list of str
        One value for each patient.
    impossible : sequence of mapping
        Combinations that no patient has.

    Raises
    ------
    InputError
        If some remain.

    Examples
    --------
    >>> found = without_impossible(
    ...     {"STAGE": ["B", "C"], "SPREAD": ["Y", "N"]}, [{"STAGE": "B", "SPREAD": "Y"}],
    ...     np.random.default_rng(1))
    >>> sorted(zip(found["STAGE"], found["SPREAD"]))
    [('B', 'N'), ('C', 'Y')]
    """
    dealt = {name: list(values) for name, values in columns.items()}
    watched = [one for one in impossible if set(one) <= set(dealt)]
    n = len(next(iter(dealt.values()), []))
    for _ in range(_SWAPS):
        wrong = [(i, one) for i in range(n) for one in watched if _is(dealt, i, one)]
        if not wrong:
            return dealt
        patient, broken = wrong[int(rng.integers(len(wrong)))]
        values = dealt[sorted(broken)[int(rng.integers(len(broken)))]]
        other = int(rng.integers(n))
        before = _faults(dealt, watched, patient, other)
        values[patient], values[other] = values[other], values[patient]
        if _faults(dealt, watched, patient, other) > before:
            values[patient], values[other] = values[other], values[patient]
    combined = "; ".join(
        ", ".join(f"{name} {value}" for name, value in one.items()) for one in watched
    )
    raise InputError(
        f"The printed counts cannot be dealt without an impossible patient ({combined}). Look at "
        "the counts in published.yaml and at 'impossible' in construction.yaml."
    )


def _is(columns: Columns, patient: int, combination: Combination) -> bool:
    return all(columns[name][patient] == value for name, value in combination.items())


def _faults(columns: Columns, watched: Sequence[Combination], *patients: int) -> int:
    return sum(_is(columns, patient, one) for patient in set(patients) for one in watched)
