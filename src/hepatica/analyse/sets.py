"""How many patients each analysis set holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from hepatica.analyse.counts import count_by
from hepatica.analyse.selection import origin_of, set_members
from hepatica.analyse.shares import filled
from hepatica.derive import Datasets
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow


def analyse_sets(protocol: Protocol, datasets: Datasets) -> list[ResultRow]:
    """Count the patients of each analysis set by arm, those enrolled, and screening failures.

    Parameters
    ----------
    protocol : Protocol
        Arms and analysis sets.
    datasets : mapping
        ADSL is read.

    Returns
    -------
    list of ResultRow
        Analysis ``sets``: statistic ``n`` with the flag as population; without population the
        patients enrolled; ``screened`` and ``screening_failures`` where the protocol defines them
        or there are some, and the reasons of failures.
    """
    adsl = nw.from_native(datasets["ADSL"], eager_only=True)

    def row(statistic: str, value: int, population: str = "", level: str = "") -> ResultRow:
        return ResultRow(
            study=protocol.study.id,
            origin=origin_of(protocol),
            analysis="sets",
            dataset="ADSL",
            population=population,
            group="arm" if level else "",
            level=level,
            statistic=statistic,
            value=float(value),
            format="integer",
        )

    enrolled = int((adsl["ENRLFL"] == "Y").sum())
    rows = [row("n", enrolled)]
    if protocol.screening is not None or enrolled < len(adsl):
        rows.append(row("screened", len(adsl)))
        rows.append(row("screening_failures", len(adsl) - enrolled))
        for reason, n in _reasons(adsl):
            failed = row("n", n)
            rows.append(replace(failed, variable="screening_failure", variable_level=reason))
    for analysis_set in protocol.analysis_sets:
        members = set_members(protocol, analysis_set, adsl)
        for arm in protocol.arms:
            size = int((members["__arm__"] == arm.label).sum())
            rows.append(row("n", size, analysis_set.flag, arm.label))
        rows.append(row("n", len(members), analysis_set.flag))
    return rows


def _reasons(adsl: nw.DataFrame[Any]) -> list[tuple[str, int]]:
    """Return why screening failed, by name, with the number of subjects."""
    failed = adsl.filter(nw.col("ENRLFL") != "Y")
    if "SCRFREAS" not in adsl.columns:
        failed = failed.with_columns(nw.lit(None, dtype=nw.String).alias("SCRFREAS"))
    counted = count_by(failed.with_columns(filled("SCRFREAS").alias("_REASON")), ["_REASON"])
    return [(reason, int(n)) for reason, n in counted.iter_rows()]
