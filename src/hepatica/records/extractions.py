"""Extracted results of publications: one row a study, arm and outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from hepatica.errors import Problem
from hepatica.protocol.review import EvidenceFile, Review
from hepatica.records.conditions import condition_expr
from hepatica.records.extraction_rules import check_extractions
from hepatica.records.findings import ROW, SUBJECT, Outcome, Place
from hepatica.records.folder import DataFolder
from hepatica.records.load import load_table
from hepatica.records.needs import Need, Needs

#: Columns that hold numbers.
NUMBERS = (
    *("patients", "events", "total", "time_at_risk", "estimate", "lower", "upper", "std_error"),
    *("mean", "sd", "p_value", "conf_level", "year"),
)
#: Columns that hold words.
WORDS = (
    *("study", "label", "registration", "centre", "recruited_from", "recruited_to", "design"),
    *("arm", "role", "comparator", "outcome", "criteria", "unit", "upper_limit", "use", "reason"),
    *("source", "note"),
)


@dataclass(frozen=True, slots=True)
class Extractions:
    """The extracted results of a review.

    Attributes
    ----------
    frame : polars.DataFrame
        All columns of `WORDS` and `NUMBERS`, the characteristics by which studies are grouped,
        and `ROW`; in the order of the files.
    problems : tuple of Problem
        Broken rules and notes.
    checks : int
        Rules that ran.
    digests : tuple of (str, str)
        Name of each file and its SHA-256.
    rows : tuple of int
        Rows of each file.
    """

    frame: pl.DataFrame
    problems: tuple[Problem, ...]
    checks: int
    digests: tuple[tuple[str, str], ...]
    rows: tuple[int, ...]

    def sources(self) -> dict[str, str]:
        """Return where the numbers of each study stand, by the label of the study."""
        found: dict[str, str] = {}
        for study, label, source in self.frame.select("study", "label", "source").iter_rows():
            if source:
                found.setdefault(label or study, source)
        return found


def read_extractions(review: Review, folder: Path) -> Extractions:
    """Read the extracted tables of a review and check them.

    Parameters
    ----------
    review : Review
        The plan.
    folder : pathlib.Path
        Folder of the plan; files are named from there.

    Returns
    -------
    Extractions
        Rows that break a rule are told and stay in the frame.
    """
    characteristics = [one.id for one in (*review.groupings, *review.appraisal)]
    frames: list[pl.DataFrame] = []
    outcomes: list[Outcome] = []
    digests: list[tuple[str, str]] = []
    rows: list[int] = []
    for position, source in enumerate(review.files):
        place = Place("extracted", source.file, settings=f"files[{position}]", plan="review.yaml")
        loaded = load_table(
            "EXTRACTED", source, DataFolder(folder, ""), _needs(characteristics), place=place
        )
        outcomes += loaded.outcomes
        digests.append((source.file, loaded.digest))
        rows.append(loaded.rows)
        if not loaded.has("study", "outcome"):
            continue
        frame = _some_rows(_whole(loaded.frame, characteristics), source)
        outcomes += check_extractions(frame, loaded.place, review)
        frames.append(frame)
    return Extractions(
        frame=pl.concat(frames) if frames else _whole(pl.DataFrame(), characteristics),
        problems=tuple(one for one in outcomes if one is not None),
        checks=len(outcomes),
        digests=tuple(digests),
        rows=tuple(rows),
    )


def _needs(characteristics: list[str]) -> Needs:
    words = {name: Need("text", name in ("study", "outcome")) for name in WORDS}
    numbers = {name: Need("number", required=False) for name in NUMBERS}
    return words | numbers | {name: Need("text", required=True) for name in characteristics}


def _whole(frame: pl.DataFrame, characteristics: list[str]) -> pl.DataFrame:
    """Return the frame with every column there is, empty where the file has none."""
    types: dict[str, type[pl.DataType]] = {
        **dict.fromkeys((*WORDS, *characteristics), pl.String),
        **dict.fromkeys(NUMBERS, pl.Float64),
        ROW: pl.Int64,
    }
    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in types.items()
    ]
    whole = frame.select(columns)
    words = [pl.col(one).fill_null("") for one in WORDS]
    return whole.with_columns(words).with_columns(pl.col("study").alias(SUBJECT))


def _some_rows(frame: pl.DataFrame, source: EvidenceFile) -> pl.DataFrame:
    if source.where is None:
        return frame
    lazy = nw.from_native(frame)
    kept: pl.DataFrame = lazy.filter(condition_expr(source.where, lazy.schema)).to_native()
    return kept
