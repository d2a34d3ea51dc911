"""A listing as one frozen value: records of single patients, read from analysis datasets."""

from __future__ import annotations

from dataclasses import dataclass

#: What stands where nothing was recorded, and where nothing could stand.
NOT_RECORDED, NONE = "Not recorded", "–"


@dataclass(frozen=True, slots=True)
class ListingColumn:
    """A column: its head, and whether it holds numbers, which end at one edge."""

    label: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Records of single patients; none of its cells is a result.

    Attributes
    ----------
    id : str
        Name of its file.
    title : str
        What is listed.
    columns : tuple of ListingColumn
        Heads.
    rows : tuple of tuple of str
        Texts as they are printed, not escaped, sorted by subject.
    notes : tuple of str
        How to read it.
    message : str
        Why nothing can be listed, or that there is nothing.

    Raises
    ------
    ValueError
        If a row has not as many texts as there are columns.
    """

    id: str
    title: str
    columns: tuple[ListingColumn, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    message: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"Listing {self.id} has a row of another width than its head.")
