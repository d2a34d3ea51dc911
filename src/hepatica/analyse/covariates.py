"""What the covariates of a table hold: numbers or categories, their range, who lacks one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.survival_counts import collected, in_order
from hepatica.errors import AnalysisError
from hepatica.records.engine_numbers import AS_WRITTEN

#: Most categories of a covariate; more are an identifier or a free text.
MOST_CATEGORIES = 50


@dataclass(frozen=True, slots=True)
class Covariate:
    """One covariate of a model.

    Attributes
    ----------
    name : str
        Column of the table.
    categories : tuple of str
        Labels in order, the first of which the others are compared with; empty for a number.
    low, high : float
        Smallest and largest value of a number.
    whole : bool
        Whether all its values are whole numbers.
    """

    name: str
    categories: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Labels of its columns in the model: the categories after the first, or one number."""
        return self.categories[1:] or ("",)

    @property
    def values(self) -> int:
        """How many different values it can have; 0 for a number that is not whole."""
        if self.categories:
            return len(self.categories)
        return int(self.high - self.low) + 1 if self.whole else 0

    def key(self, schema: dict[str, Any]) -> nw.Expr:
        """Return the expression of its value: a label, or a number."""
        if not self.categories:
            return nw.col(self.name).cast(nw.Float64)
        written = self.name + AS_WRITTEN
        return nw.col(written if written in schema else self.name).cast(nw.String)


def describe_covariates(frame: nw.LazyFrame[Any], names: Sequence[str]) -> tuple[Covariate, ...]:
    """Return what each covariate holds, read in one pass over the table.

    Parameters
    ----------
    frame : LazyFrame
        Rows whose covariates were read by `with_numbers`.
    names : sequence of str
        Columns.

    Raises
    ------
    AnalysisError
        If a column is neither a number nor a category, or holds NaN or infinity.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.LazyFrame({"AGE": [50, 64, None], "SEX": ["M", "F", "F"]}))
    >>> from hepatica.records.engine_numbers import with_numbers
    >>> for one in describe_covariates(with_numbers(frame, ["AGE", "SEX"]), ["AGE", "SEX"]):
    ...     print(one.name, one.categories, one.low, one.high)
    AGE () 50.0 64.0
    SEX ('F', 'M') 0.0 0.0
    """
    if not names:
        return ()
    schema = dict(frame.collect_schema())
    for name in names:
        _refuse_kind(name, schema[name])
    numeric = [one for one in names if schema[one].is_numeric()]
    asked = [expr for name in numeric for expr in _looked_at(name, schema)]
    found = dict(collected(frame.select(*asked)).row(0, named=True)) if asked else {}
    return tuple(_described(frame, schema, name, found) for name in names)


def _refuse_kind(name: str, kind: Any) -> None:
    text = kind in (nw.String, nw.Boolean) or isinstance(kind, nw.Categorical | nw.Enum)
    if not (kind.is_numeric() or text):
        raise AnalysisError(f"The covariate {name} is neither a number nor a category.")


def _looked_at(name: str, schema: dict[str, Any]) -> list[nw.Expr]:
    number = nw.col(name).cast(nw.Float64)
    odd = ~((number - number) == 0)
    asked = [
        number.min().alias(f"{name} low"),
        number.max().alias(f"{name} high"),
        _number_of(odd).alias(f"{name} odd"),
        _number_of(number % 1 != 0).alias(f"{name} part"),
    ]
    if name + AS_WRITTEN in schema:
        unread = nw.col(name).is_null() & ~nw.col(name + AS_WRITTEN).is_null()
        asked.append(_number_of(unread).alias(f"{name} text"))
    return asked


def _number_of(condition: nw.Expr) -> nw.Expr:
    return condition.fill_null(value=False).cast(nw.Int64).sum()


def _described(
    frame: nw.LazyFrame[Any], schema: dict[str, Any], name: str, found: dict[str, Any]
) -> Covariate:
    if f"{name} low" not in found or found.get(f"{name} text"):
        return Covariate(name, _categories(frame, schema, name))
    if found[f"{name} odd"]:
        raise AnalysisError(
            f"The covariate {name} is not a finite number in {found[f'{name} odd']} records. "
            "Leave missing values empty."
        )
    if found[f"{name} low"] is None:
        raise AnalysisError(f"The covariate {name} is empty in all records.")
    low, high = float(found[f"{name} low"]), float(found[f"{name} high"])
    return Covariate(name, (), low, high, whole=not found[f"{name} part"])


def _categories(frame: nw.LazyFrame[Any], schema: dict[str, Any], name: str) -> tuple[str, ...]:
    written = name + AS_WRITTEN if name + AS_WRITTEN in schema else name
    # A look at the first rows tells an identifier before the engine holds all its values.
    for rows in (frame.head(10_000), frame):
        label = rows.select(nw.col(written).cast(nw.String).alias("label"))
        found = collected(label.group_by("label").agg(nw.len().alias("n")))
        labels = [one for one in found["label"].to_list() if one is not None]
        if len(labels) > MOST_CATEGORIES:
            raise AnalysisError(
                f"The covariate {name} has more than {MOST_CATEGORIES} categories. Name one with "
                "fewer, or a number."
            )
    if not labels:
        raise AnalysisError(f"The covariate {name} is empty in all records.")
    return in_order(labels)
