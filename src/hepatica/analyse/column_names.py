"""The names of columns in what estimators say, which know columns by their place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hepatica.errors import InputError


def named_columns(message: str, names: Sequence[str]) -> str:
    """Say the names of columns that estimators know by their index.

    Examples
    --------
    >>> named_columns("Column 1 of X is the same for all subjects.", ["Age", "Sex: Male"])
    'Column Sex: Male is the same for all subjects.'
    """
    return re.sub(
        r"([Cc])olumn (\d+)( of X)?",
        lambda match: (
            f"{match[1]}olumn {names[int(match[2])]}" if int(match[2]) < len(names) else match[0]
        ),
        message,
    )


def without_advice(error: InputError, names: Sequence[str]) -> str:
    """Return what an estimator says in the names of columns, without the advice to take Firth's.

    Where that advice is followed in the same breath, or cannot be, readers have no use for the
    name of a function.

    Examples
    --------
    >>> error = InputError("Column 0 has no finite estimate. Firth's method (cox_firth) gives one.")
    >>> without_advice(error, ["Drug A"])
    'Column Drug A has no finite estimate.'
    """
    message = str(error).split(" Firth's method")[0]
    return named_columns(message, names) if names else message
