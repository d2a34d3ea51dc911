"""What the schemas of all collected domains share.

A column says in its metadata what ``records`` does with it: its kind, whether the table must have
it, whether it is a coded word, and which words are known. So one class gives documentation, types,
validator and sampler.
"""

# ruff: noqa: N805 - dataframely passes the class to a rule

from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

import dataframely as dy
import polars as pl

from hepatica.records.findings import ROW

YES_NO = ("Y", "N")
_FIRST, _LAST = date(1900, 1, 1), date(2100, 12, 31)
#: Beyond this a number is a slip of the pen, whatever was measured.
_LARGEST = 1e9
#: Limits below this are told.
_TELLING = 1e4


def text(*, required: bool = False, filled: bool = False, coded: bool = False) -> dy.String:
    """Return a column of text.

    Parameters
    ----------
    required : bool
        Whether the table must have the column.
    filled : bool
        Whether each row must have a value.
    coded : bool
        Whether the value is a coded word, which is upper-cased.
    """
    metadata = {"kind": "text", "required": required, "coded": coded}
    return dy.String(nullable=not filled, metadata=metadata)


def word(*words: str, note: bool = False, required: bool = False) -> dy.String:
    """Return a column of coded words, or of nothing."""
    pattern = "|".join(one.replace("/", r"\/").replace("(", r"\(") for one in words)
    metadata = {"kind": "text", "required": required, "coded": True, "words": words, "note": note}
    return dy.String(nullable=True, regex=f"^(?:{pattern})$", metadata=metadata)


def number(*, minimum: float = -_LARGEST, maximum: float = _LARGEST) -> dy.Float64:
    """Return a column of numbers."""
    return dy.Float64(nullable=True, min=minimum, max=maximum, metadata={"kind": "number"})


def whole(minimum: int, maximum: int) -> dy.Int64:
    """Return a column of whole numbers."""
    return dy.Int64(nullable=True, min=minimum, max=maximum, metadata={"kind": "whole"})


def sequence() -> dy.Int64:
    """Return the column that numbers the records of a subject."""
    return dy.Int64(nullable=True, min=1, max=10_000_000, metadata={"kind": "sequence"})


def recorded_date(*, required: bool = False) -> dy.String:
    """Return a column ``--DTC``: a date, whole or in part, as it was written."""
    return dy.String(nullable=True, metadata={"kind": "dtc", "required": required})


def day() -> dy.Date:
    """Return a column ``--DT``: the earliest day that the text allows."""
    return dy.Date(nullable=True, min=_FIRST, max=_LAST, metadata={"kind": "derived"})


def exactness() -> dy.String:
    """Return a column ``--DTP``: day, month or year."""
    return dy.String(nullable=True, regex="^[DMY]$", metadata={"kind": "derived"})


class DomainSchema(dy.Schema):
    """One collected domain; KEY are the columns that tell its rows apart."""

    KEY: ClassVar[tuple[str, ...]] = ()
    row = dy.UInt32(alias=ROW, metadata={"kind": "derived"})
    USUBJID = dy.String(nullable=True, metadata={"kind": "text", "required": True})

    @dy.rule()
    def each_row_names_its_subject(cls) -> pl.Expr:
        """Every record belongs to somebody."""
        return pl.col("USUBJID").is_not_null()

    @classmethod
    def _sampling_overrides(cls) -> dict[str, pl.Expr]:
        sampled: dict[str, pl.Expr] = {"USUBJID": pl.format("S{}", pl.col(ROW))}
        for name, column in cls.columns().items():
            if column.metadata and column.metadata["kind"] == "dtc":
                known = pl.col(name[:-1])
                sampled[name] = known.dt.to_string("%Y-%m-%d")
                sampled[f"{name[:-1]}P"] = pl.when(known.is_not_null()).then(pl.lit("D"))
        return sampled


def unique_key(*columns: str) -> pl.Expr:
    """Return whether no other row has the same values in these columns."""
    return pl.col(columns[0]).is_null() | pl.struct(columns).is_unique()


def ends_not_before(start: str, end: str) -> pl.Expr:
    """Return whether a start lies, or may lie, on or before its end."""
    return pl.col(f"{start}DT") <= latest_day(end)


def latest_day(name: str) -> pl.Expr:
    """Return the latest day that a recorded date allows.

    Parameters
    ----------
    name : str
        The column without ``DTC``, for example ``AEST`` for AESTDTC.

    Examples
    --------
    >>> frame = pl.DataFrame({"XDT": [date(2019, 2, 1)] * 3, "XDTP": ["D", "M", "Y"]})
    >>> frame.select(latest_day("X")).to_series().to_list()
    [datetime.date(2019, 2, 1), datetime.date(2019, 2, 28), datetime.date(2019, 12, 31)]
    """
    first, exact = pl.col(f"{name}DT"), pl.col(f"{name}DTP")
    return (
        pl.when(exact == "M")
        .then(first.dt.month_end())
        .when(exact == "Y")
        .then(pl.date(first.dt.year(), 12, 31))
        .otherwise(first)
        .alias(f"{name}DT")
    )


def within(name: str, column: dy.Column) -> str:
    """Return the sentence that a number or date lies within its limits.

    Examples
    --------
    >>> within("AETOXGR", whole(1, 5)), within("EXDOSE", number(minimum=0))
    ('AETOXGR lies between 1 and 5.', 'EXDOSE is 0 or more, and possible.')
    """
    low, high = getattr(column, "min", None), getattr(column, "max", None)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return f"{name} lies within what is possible."
    if high < _TELLING:
        return f"{name} lies between {low:g} and {high:g}."
    return (
        f"{name} is {low:g} or more, and possible."
        if low > -_TELLING
        else (f"{name} is a possible number.")
    )


@dataclass(frozen=True, slots=True)
class Domain:
    """One collected domain, and how simple spreadsheets become it.

    Attributes
    ----------
    name : str
        Two letters.
    schema : type
        Documentation, types, validator and sampler.
    date : str
        The ``--DT`` column that says when a record was made; empty when there is none.
    any_of : tuple of tuple of str
        Of each group at least one column is required.
    stands_in : dict
        Column to the column that takes its place where it is missing.
    defaults : dict
        Column to its value where the column is missing altogether.
    copies_set_aside : bool
        Whether rows that say the same are set aside but for the first.
    """

    name: str
    schema: type[DomainSchema]
    date: str = ""
    any_of: tuple[tuple[str, ...], ...] = ()
    stands_in: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    copies_set_aside: bool = False

    @property
    def sequence(self) -> str:
        """Column that numbers the records of a subject, empty when there is none."""
        name = f"{self.name}SEQ"
        return name if name in self.schema.column_names() else ""

    def columns(self) -> dict[str, dict[str, Any]]:
        """Return the metadata of each column that a file can bring."""
        every = {name: one.metadata or {} for name, one in self.schema.columns().items()}
        return {name: one for name, one in every.items() if one.get("kind") != "derived"}
