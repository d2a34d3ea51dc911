"""The tables of a constructed study from one sheet: a row for each subject, and adverse events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from hepatica.errors import CommandError
from hepatica.simulate.rebuild.construction import Events
from hepatica.simulate.rebuild.event_dealing import PrintedEvent, deal_events
from hepatica.simulate.rebuild.sheet_construction import ScreenedOut
from hepatica.simulate.rebuild.sheet_dealing import SheetRebuild, deal_columns
from hepatica.simulate.rebuild.tables import Rebuilt

_SUBJECT = "USUBJID"


def rebuild_sheet(rebuild: SheetRebuild) -> Rebuilt:
    """Construct the sheet, and the adverse events beside it.

    Parameters
    ----------
    rebuild : SheetRebuild
        Protocol, what was chosen, and the courses.

    Returns
    -------
    Rebuilt
        ``PATIENTS``, with the enrolled patients first and those who were screened out after them;
        ``ADAE`` when the construction has adverse events. The same for the same files and seed.

    Raises
    ------
    CommandError, InputError
        If the construction does not fit the courses.
    """
    enrolled = deal_columns(rebuild)
    rows = [enrolled, *_screened_out(rebuild, enrolled)]
    sheet = pl.concat(rows).select(rebuild.construction.columns)
    tables = {"PATIENTS": sheet}
    if rebuild.construction.events:
        tables["ADAE"] = _events(rebuild, enrolled)
    return Rebuilt(tables, enrolled)


def _screened_out(rebuild: SheetRebuild, enrolled: pl.DataFrame) -> Iterator[pl.DataFrame]:
    arms = {arm.id: str(arm.recorded) for arm in rebuild.protocol.arms}
    column = rebuild.construction.arm_column
    number = enrolled.height
    for group in rebuild.construction.screened_out:
        rng = rebuild.rng(f"screened out: {group.reason}")
        for arm, subjects in group.arms.items():
            alike = enrolled.filter(pl.col(column) == arms[arm])
            drawn = alike[rng.choice(alike.height, size=subjects, replace=False).tolist()]
            subject = [_next(enrolled, number + 1 + place) for place in range(subjects)]
            number += subjects
            drawn = drawn.with_columns(pl.Series(_SUBJECT, subject, dtype=pl.String))
            empty = [*rebuild.construction.outcomes, *group.empty]
            drawn = drawn.with_columns(
                pl.lit(None, dtype=drawn.schema[name]).alias(name) for name in empty
            )
            drawn = drawn.with_columns(
                pl.lit(value).cast(drawn.schema[name]).alias(name)
                for name, value in group.values.items()
            )
            yield _some_empty(drawn, group, rng)


def _some_empty(drawn: pl.DataFrame, group: ScreenedOut, rng: np.random.Generator) -> pl.DataFrame:
    """Take one or two values of each subject out."""
    if not group.some_empty:
        return drawn
    lost = np.zeros((drawn.height, len(group.some_empty)), dtype=np.bool_)
    for row in lost:
        row[rng.permutation(len(row))[: 1 + int(rng.random() < 0.3)]] = True
    return drawn.with_columns(
        pl.when(pl.Series(lost[:, place])).then(None).otherwise(pl.col(name)).alias(name)
        for place, name in enumerate(group.some_empty)
    )


def _next(enrolled: pl.DataFrame, number: int) -> str:
    """Return the name of a further subject, written as those of the courses are.

    Examples
    --------
    >>> _next(pl.DataFrame({"USUBJID": ["LP-001", "LP-002"]}), 3)
    'LP-003'
    """
    last = enrolled.get_column(_SUBJECT).to_list()[-1]
    digits = len(last) - len(last.rstrip("0123456789"))
    return f"{last[: len(last) - digits]}{number:0{digits}d}"


def _events(rebuild: SheetRebuild, enrolled: pl.DataFrame) -> pl.DataFrame:
    chosen, parts = rebuild.construction, []
    for arm in rebuild.protocol.arms:
        rows = enrolled.filter(pl.col(chosen.arm_column) == str(arm.recorded))
        printed = [
            PrintedEvent(one.event, one.patients[arm.id], one.severe.get(arm.id, 0))
            for one in chosen.events
            if one.patients.get(arm.id, 0) > 0
        ]
        if more := [one.name for one in printed if one.patients > rows.height]:
            raise CommandError(
                f"construction.yaml gives {', '.join(more)} to more patients than {arm.id} has."
            )
        days = [1] * rows.height
        if chosen.exposure is not None:
            days = rows.get_column(chosen.exposure).cast(pl.Int64).to_list()
        dealt = deal_events(printed, (), (), Events(), days, rebuild.rng(f"events of {arm.id}"))
        subjects = rows.get_column(_SUBJECT).to_list()
        parts.append(
            pl.DataFrame(
                {
                    _SUBJECT: [subjects[one.patient] for one in dealt],
                    "AEDECOD": [one.name for one in dealt],
                    "ATOXGR": [one.grade for one in dealt],
                    "TRTEMFL": ["Y"] * len(dealt),
                },
                schema={
                    _SUBJECT: pl.String, "AEDECOD": pl.String, "ATOXGR": pl.Int64,
                    "TRTEMFL": pl.String,
                },
            )
        )  # fmt: skip
    return pl.concat(parts).sort(_SUBJECT, "AEDECOD")
