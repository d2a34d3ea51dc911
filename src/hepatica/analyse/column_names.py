"""The names of columns in what estimators say, which know columns by their place."""

from __future__ import annotations

import re
from collections.abc import Sequence


def named_columns(message: str, names: Sequence[str]) -> str:
    """Say the names of columns that estimators know by their index.

    Examples
    --------
    >>> named_columns("Column 1 of X is the same for all subjects.", ["Age", "Sex: Male"])
    'Column Sex: Male is the same for all subjects.'
    """
    return re.sub(
        r"([Cc])olumn (\d+)( of X)?",
        lambda match: f"{match[1]}olumn {names[int(match[2])]}",
        message,
    )
