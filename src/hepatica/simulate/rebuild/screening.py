"""Subjects who failed screening, and the criteria they did not meet: rows of DM, and IE."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from hepatica.simulate.draw import iso
from hepatica.simulate.rebuild.construction import ScreeningFailure
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.dealing import deal
from hepatica.simulate.rebuild.margins import baseline_columns
from hepatica.simulate.rebuild.time_line import day_number

#: Answer of a criterion that was not met, by its category.
_NOT_MET = {"INCLUSION": "N", "EXCLUSION": "Y"}


@dataclass(frozen=True, slots=True)
class _Failure:
    """A subject who failed screening, the day of consent, and why."""

    name: str
    consent: int
    why: ScreeningFailure


def screening_subjects(rebuild: Rebuild) -> pl.DataFrame:
    """Return the rows of DM of subjects who were screened and not enrolled.

    Parameters
    ----------
    rebuild : Rebuild
        ``construction.yaml`` says how many did not meet which criterion, and when the study
        enrolled.

    Returns
    -------
    DataFrame
        USUBJID, RFICDTC, AGE and SEX, in the order of consent; ages and sexes are drawn from
        those of the enrolled, where these are known.
    """
    failures = _failures(rebuild)
    rng = rebuild.rng("DM screening failures")
    names = [one.name for one in failures]
    days = pl.Series([one.consent for one in failures], dtype=pl.Int64)
    frame = pl.DataFrame(
        {"USUBJID": pl.Series(names, dtype=pl.String), "RFICDTC": iso(days.to_numpy())}
    )
    baseline = baseline_columns(rebuild)
    for name in ("AGE", "SEX"):
        if name in baseline.columns:
            drawn = rng.integers(0, baseline.height, size=len(failures))
            frame = frame.with_columns(baseline.get_column(name).gather(drawn).alias(name))
    return frame


def criteria_table(rebuild: Rebuild) -> pl.DataFrame:
    """Construct IE: the criterion that each screening failure did not meet."""
    failures = _failures(rebuild)
    columns = {
        "USUBJID": [one.name for one in failures],
        "IESEQ": [1] * len(failures),
        "IETESTCD": [one.why.id for one in failures],
        "IETEST": [one.why.criterion for one in failures],
        "IECAT": [one.why.category for one in failures],
        "IEORRES": [_NOT_MET[one.why.category] for one in failures],
    }
    kinds = {"IESEQ": pl.Int64}
    return pl.DataFrame(columns, schema={name: kinds.get(name, pl.String) for name in columns})


def _failures(rebuild: Rebuild) -> list[_Failure]:
    chosen = rebuild.construction.screening_failures
    n = sum(one.subjects for one in chosen)
    rng = rebuild.rng("IE")
    enrolment = rebuild.construction.enrolment
    first, last = day_number(enrolment.first), day_number(enrolment.last)
    days = sorted(rng.integers(first, last + 1, size=n).tolist())
    by_id = {one.id: one for one in chosen}
    dealt = deal({one.id: one.subjects for one in chosen}, n, rng)
    return [
        _Failure(f"S0-{place:02d}", day, by_id[why])
        for place, (day, why) in enumerate(zip(days, dealt, strict=True), start=1)
    ]
