"""What every table of constructed patients with printed margins is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from hepatica.protocol.model import Protocol
from hepatica.published.model import Published
from hepatica.simulate.rebuild.construction import Construction
from hepatica.stats.random_streams import stream


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A study to construct: its protocol, what is printed, what was chosen, and the courses.

    Attributes
    ----------
    protocol : Protocol
        Arms, treatments, assessments, cut-off and seed.
    published : Published
        What the publication prints, from `hepatica.published`.
    construction : Construction
        What the publication does not print and had to be chosen.
    courses : DataFrame
        One row for each enrolled patient, as ``docs/construction.md`` describes.
    kept : dict
        What several tables need and is made once; a changed copy starts without it.
    """

    protocol: Protocol
    published: Published
    construction: Construction
    courses: pl.DataFrame
    kept: dict[str, pl.DataFrame] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def rng(self, name: str) -> np.random.Generator:
        """Return the random stream of a table: adding a table changes no other.

        Parameters
        ----------
        name : str
            Name of the table or of a part of it.
        """
        return stream(self.protocol.seed, name)

    def arm_ids(self) -> list[str]:
        """Return the id of the arm of each patient, in the order of the courses."""
        ids = {str(arm.recorded): arm.id for arm in self.protocol.arms}
        return [ids[label] for label in self.courses["ARM"].to_list()]
