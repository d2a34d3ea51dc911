"""The option that says how a command prints its result."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


Shown = Annotated[Format, typer.Option("--format", help="How the result is printed.")]
