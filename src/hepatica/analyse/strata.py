"""Which stratum, cluster or centre each patient belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.selection import Selection
from hepatica.derive.adsl import category_column
from hepatica.errors import AnalysisError


def stratum_codes(
    selection: Selection, subjects: nw.DataFrame[Any], names: Sequence[str]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the stratum of each subject.

    Parameters
    ----------
    selection : Selection
        Patients with their categories.
    subjects : DataFrame
        Its USUBJID says who, in which order.
    names : sequence of str
        Ids of categorical variables and cut-points; a stratum is a combination of their levels.

    Returns
    -------
    codes : int array (n,)
        Position of the stratum among the labels; -1 where a category is unknown.
    labels : tuple of str
        Name of each stratum that occurs, in alphabetical order of its levels.

    Raises
    ------
    AnalysisError
        If the datasets lack a column from which the categories are made.
    """
    return category_codes(with_categories(selection, subjects, names), names)


def with_categories(
    selection: Selection, subjects: nw.DataFrame[Any], names: Sequence[str]
) -> nw.DataFrame[Any]:
    """Return the subjects, in their order, with the categories of some variables.

    Parameters
    ----------
    selection : Selection
        Patients with their categories.
    subjects : DataFrame
        Its USUBJID says who, in which order.
    names : sequence of str
        Ids of categorical variables and cut-points.

    Raises
    ------
    AnalysisError
        If the datasets lack a column from which the categories are made.
    """
    columns = [category_column(name) for name in names]
    lacking = [
        name
        for name, column in zip(names, columns, strict=True)
        if column not in selection.members.columns
    ]
    if lacking:
        raise AnalysisError(
            f"The datasets lack a column from which {', '.join(lacking)} is made. Look at its "
            "column and levels in study.yaml."
        )
    return subjects.select("USUBJID").join(
        selection.members.select("USUBJID", *dict.fromkeys(columns)), on="USUBJID", how="left"
    )


def category_codes(
    joined: nw.DataFrame[Any], names: Sequence[str]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the stratum of each row of `with_categories`, as `stratum_codes` does.

    Parameters
    ----------
    joined : DataFrame
        Subjects with their categories.
    names : sequence of str
        Ids of categorical variables and cut-points; a stratum is a combination of their levels.
    """
    columns = [category_column(name) for name in names]
    code = np.zeros(len(joined), dtype=np.int64)
    known = np.ones(len(joined), dtype=bool)
    levels = []
    for column in columns:
        own, found = _codes(joined[column])
        levels.append(found)
        known &= own >= 0
        code = code * max(len(found), 1) + own
    codes = np.full(len(joined), -1, dtype=np.int64)
    if len(names) == 1:
        # Every category of one variable occurs: there is nothing to sort.
        codes[known], occurring = code[known], np.arange(len(levels[0]))
    else:
        occurring, codes[known] = np.unique(code[known], return_inverse=True)
    return codes, tuple(_label(int(one), levels) for one in occurring)


def _codes(column: nw.Series[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the place of each category among those that occur, -1 for none."""
    text = column.cast(nw.String)
    found = sorted(one for one in text.unique().to_list() if one is not None)
    codes = np.full(len(text), -1, dtype=np.int64)
    for at, label in enumerate(found):
        codes[(text == label).fill_null(value=False).to_numpy()] = at
    return codes, found


def _label(code: int, levels: Sequence[list[str]]) -> str:
    """Return the name of a stratum from its code: the last variable runs fastest."""
    parts = []
    for found in reversed(levels):
        code, at = divmod(code, max(len(found), 1))
        parts.append(found[at])
    return ", ".join(reversed(parts))
