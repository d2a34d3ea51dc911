"""PR: local therapy of patients whose scans ended without progression, and who died later.

A death counts for survival without progression unless another therapy came before it. The courses
say that these patients are censored at their last scan, so another therapy it was; the print names
targeted therapy and checkpoint inhibitors after progression only.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from hepatica.errors import CommandError
from hepatica.simulate.rebuild.context import Rebuild

_LATEST = 21
CATEGORY = "SUBSEQUENT ANTICANCER THERAPY"


def local_therapies(rebuild: Rebuild) -> pl.DataFrame:
    """Construct the rows of PR for local therapy after the last scan.

    Parameters
    ----------
    rebuild : Rebuild
        Courses, and the names of local therapies in ``construction.yaml``.

    Returns
    -------
    DataFrame
        USUBJID, PRTRT, PRDECOD, PRCAT, PRSCAT, PRSTDTC and PRENDTC.

    Raises
    ------
    CommandError
        If no local therapy is named, and a course needs one.
    """
    rng = rebuild.rng("PR local")
    names = [drug.name for drug in rebuild.construction.therapies.local]
    rows = []
    for row in rebuild.courses.filter(needs_therapy()).iter_rows(named=True):
        if not names:
            raise CommandError(
                "Some courses end without progression before death: another therapy explains it. "
                "Name therapies under therapies.local in construction.yaml."
            )
        latest = min(_LATEST, row["os_days"] - row["pfs_days"] - 1)
        after = int(rng.integers(1, latest + 1))
        name = str(rng.choice(names))
        day = row["first_dose"] + timedelta(row["pfs_days"] - 1 + after)
        rows.append(
            {
                "USUBJID": row["USUBJID"],
                "PRTRT": name,
                "PRDECOD": name,
                "PRCAT": CATEGORY,
                "PRSCAT": "LOCOREGIONAL",
                "PRSTDTC": day.isoformat(),
                "PRENDTC": day.isoformat(),
            }
        )
    columns = ("USUBJID", "PRTRT", "PRDECOD", "PRCAT", "PRSCAT", "PRSTDTC", "PRENDTC")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))


def needs_therapy() -> pl.Expr:
    """Return which courses are censored without progression and go on to death."""
    return (pl.col("pfs_end") == "censored") & (pl.col("os_end") == "death")
