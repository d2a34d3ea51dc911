"""ALTER-0802 as its folder says it, with the biomarkers of Table 3 in the plan, for tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl

from hepatica.protocol.analyses import BiomarkerChangeAnalysis
from hepatica.protocol.read import read_protocol
from hepatica.protocol.variables import Biomarker, Choice, CutPoint
from hepatica.published.read import read_published
from hepatica.simulate.rebuild.construction_file import read_construction
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.courses import read_courses
from hepatica.simulate.rebuild.margins import baseline_columns
from hepatica.simulate.rebuild.telling import tell_courses
from hepatica.simulate.story import Story

FOLDER = Path(__file__).resolve().parents[2] / "studies" / "alter-0802"
ARMS = ("Cohort 1", "Cohort 2")


def _marker(name: str) -> Biomarker:
    choice = Choice(by="median", set="full", arm="cohort-2")
    cut = CutPoint(
        id=f"{name}-median", choose=choice, below="Low", at_or_above="High", source="The data"
    )
    return Biomarker(
        id=name,
        label=name.upper(),
        column="X",
        unit="pg/mL",
        parameter=name.upper(),
        cut_points=(cut,),
    )


@cache
def study() -> Rebuild:
    """Return the study as its folder says it."""
    protocol = read_protocol(FOLDER / "study.yaml")
    construction = read_construction(FOLDER / "construction.yaml")
    markers = tuple(construction.analytes)
    added = tuple(_marker(one) for one in markers)
    change = BiomarkerChangeAnalysis(
        kind="biomarker_change", id="biomarker-change", set="full", biomarkers=markers
    )
    kept = tuple(one for one in protocol.biomarkers if one.id not in markers)
    plans = tuple(one for one in protocol.analyses if one.kind != "biomarker_change")
    update = {"biomarkers": (*kept, *added), "analyses": (*plans, change)}
    return Rebuild(
        protocol.model_copy(update=update),
        read_published(FOLDER / "published.yaml"),
        construction,
        read_courses(FOLDER / "courses.csv"),
    )


@cache
def baseline() -> pl.DataFrame:
    return baseline_columns(study())


@cache
def story() -> Story:
    return tell_courses(study())


def reseeded(rebuild: Rebuild, seed: int) -> Rebuild:
    return replace(rebuild, protocol=rebuild.protocol.model_copy(update={"seed": seed}))


def reprinted(value: float, **columns: str) -> Rebuild:
    """Return the study with another printed number."""
    wanted = list(study().published.where(**columns))
    assert wanted, columns
    numbers = tuple(
        replace(one, value=value) if one in wanted else one for one in study().published.numbers
    )
    return replace(study(), published=replace(study().published, numbers=numbers))


def with_arm(frame: pl.DataFrame) -> pl.DataFrame:
    arms = study().courses.select("USUBJID", "ARM", *_COURSE)
    return frame.join(arms, on="USUBJID", how="left")


_COURSE = ("first_dose", "treatment_days", "os_days", "os_end", "pfs_days", "pfs_end", "cxcl1")
