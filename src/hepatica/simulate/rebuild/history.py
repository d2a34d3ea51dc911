"""PR and MH: what patients had before the study, as the baseline columns say."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hepatica.simulate.rebuild.construction import Finding
from hepatica.simulate.rebuild.context import Rebuild
from hepatica.simulate.rebuild.margins import dealt_columns
from hepatica.simulate.rebuild.numbered_rows import Row, numbered_rows
from hepatica.simulate.rebuild.time_line import TimeLine, time_lines


def procedure_table(rebuild: Rebuild) -> pl.DataFrame:
    """Construct PR: procedures before the study.

    Parameters
    ----------
    rebuild : Rebuild
        ``history`` in ``construction.yaml`` says which baseline values give rise to a procedure.
    """
    rows: list[Row] = [
        {
            "USUBJID": patient.name,
            "PRTRT": name,
            "PRDECOD": name,
            "PRCAT": one.category,
            "PRSCAT": one.kind,
            "start": start,
            "end": start,
        }
        for one, patient, name, start in _findings(rebuild, "PR")
    ]
    columns = ("PRTRT", "PRDECOD", "PRCAT", "PRSCAT")
    return numbered_rows(rows, time_lines(rebuild), "PR", columns)


def history_table(rebuild: Rebuild) -> pl.DataFrame:
    """Construct MH: conditions before the study.

    Parameters
    ----------
    rebuild : Rebuild
        ``history`` in ``construction.yaml`` says which baseline values give rise to a record.
    """
    rows: list[Row] = [
        {
            "USUBJID": patient.name,
            "MHTERM": name,
            "MHDECOD": name,
            "MHCAT": one.category,
            "start": start,
        }
        for one, patient, name, start in _findings(rebuild, "MH")
    ]
    return numbered_rows(rows, time_lines(rebuild), "MH", ("MHTERM", "MHDECOD", "MHCAT"))


def _findings(rebuild: Rebuild, domain: str) -> Iterator[tuple[Finding, TimeLine, str, int]]:
    """Give each record with its patient, name and day, before the first line of therapy."""
    rng = rebuild.rng(f"{domain} history")
    baseline = dealt_columns(rebuild).to_dicts()
    earlier = rebuild.courses.get_column("first_line_days").to_list()
    every = time_lines(rebuild)
    for one in rebuild.construction.history:
        if one.domain != domain:
            continue
        for patient, values, days in zip(every, baseline, earlier, strict=True):
            name = one.names[int(rng.integers(len(one.names)))]
            before = max(int(rng.integers(one.days[0], one.days[1] + 1)), (days or 0) + 1)
            if values.get(one.column) == one.value:
                yield one, patient, name, patient.first - before
