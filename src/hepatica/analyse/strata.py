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
    joined = subjects.select("USUBJID").join(
        selection.members.select("USUBJID", *columns), on="USUBJID", how="left"
    )
    found = list(joined.select(*columns).iter_rows())
    known = sorted({values for values in found if None not in values})
    code = {values: place for place, values in enumerate(known)}
    codes = np.array([code.get(values, -1) for values in found], dtype=np.int64)
    return codes, tuple(", ".join(str(value) for value in values) for values in known)
